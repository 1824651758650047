"""The checks of ``studio doctor``, each a finding: ok, a note, or a failure with what to do about it.

Reads only, and makes no home where there is none. Damage is named file by file.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from studio_pipeline.cli.looking import can_be_written, databases_of, is_made
from studio_pipeline.cli.words import count
from studio_pipeline.errors import StudioError
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.settings import Kind, Settings, environment

_LOW_SPACE_BYTES = 2_000_000_000
_MOST_NAMED = 5
_RENEW_WITHIN = timedelta(days=30)
_PYTHONS = ((3, 11), (3, 13))


@dataclass(frozen=True)
class Finding:
    """The outcome of one check."""

    check: str
    state: Literal["ok", "warn", "fail"]
    found: str
    todo: str = ""
    of_home: bool = False
    """Whether it is about the home, not the machine."""


def examine(settings: Settings) -> Iterator[Finding]:
    """Every check, machine first."""
    yield _python()
    yield _ffmpeg()
    yield _fonts()
    yield _voice()
    yield _credentials(settings)
    yield from _vendors(settings)
    yield from _home(settings)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if _PYTHONS[0] <= sys.version_info[:2] <= _PYTHONS[1]:
        return Finding("python", "ok", version)
    return Finding("python", "warn", f"{version} was never tried", "Use Python 3.11, 3.12 or 3.13.")


def _ffmpeg() -> Finding:
    from studio_pipeline.media.ffmpeg import ffmpeg_program, run_ffmpeg

    try:
        run_ffmpeg(["-version"])
        return Finding("ffmpeg", "ok", f"packaged: {Path(ffmpeg_program()).name}")
    except (StudioError, OSError) as error:
        return Finding("ffmpeg", "fail", str(error), "Install imageio-ffmpeg again.")


def _fonts() -> Finding:
    from studio_pipeline.media.type.fonts import FONTS, font

    try:
        for name in FONTS:
            font(name)
    except StudioError as error:
        return Finding("fonts", "fail", f"{error.what} ({error.where})", "Install the font packages of pyproject.toml.")
    return Finding("fonts", "ok", f"{count(len(FONTS), 'packaged font')}")


def _voice() -> Finding:
    from studio_pipeline.providers.voice import espeak

    if espeak.available():
        return Finding("voice", "ok", "espeak speaks the narration")
    return Finding(
        "voice",
        "warn",
        "no voice: films keep silence where narration would be",
        "Run `make setup`, or `pip install -e '.[debug-voice]'` in the checkout.",
    )


def _credentials(settings: Settings) -> Finding:
    """Who signs films. Makes no test certificate where there is none yet."""
    from studio_pipeline.media.credentials.content_credentials import EXTRA, can_sign
    from studio_pipeline.media.credentials.local_certificate import local_credentials
    from studio_pipeline.orchestration.signing import credentials_folder, own_credentials

    check, folder = "credentials", credentials_folder(settings.home)
    try:
        signer = own_credentials(settings)
        if signer is None and not can_sign():
            todo = f"Run `pip install -e '.[{EXTRA}]'` in the checkout."
            return Finding(check, "warn", "films are not signed (no content credentials)", todo)
        if signer is None and not folder.exists():
            return Finding(check, "ok", "films will be signed by a test certificate, made with the first of them")
        signer = signer or local_credentials(folder)
    except StudioError as error:
        return Finding(check, "fail", f"{error.what} ({error.where})", error.todo)
    except OSError as error:
        return Finding(check, "fail", f"{folder} cannot be looked at: {error.strerror}", "Let the studio read it.")
    left = signer.expires - datetime.now(UTC)
    return Finding(
        check,
        "warn" if left < _RENEW_WITHIN else "ok",
        f"films are signed by {signer.words}, until {signer.expires:%Y-%m-%d}",
        "Have the certificate renewed." if left < _RENEW_WITHIN else "",
    )


def _vendors(settings: Settings) -> Iterator[Finding]:
    """Each vendor in use; a service is asked whether it accepts the key, which costs nothing, and of one that works on
    this machine it is seen that it has all it needs."""
    from studio_pipeline.orchestration.studio_home import build_home
    from studio_pipeline.providers import factory
    from studio_pipeline.providers.capabilities import vendor_of

    here: dict[str, list[str]] = {}
    try:
        used: dict[Kind, tuple[str, ...]] = {
            kind: factory.listed(kind, names) for kind, names in settings.providers.items()
        }
    except StudioError as error:
        yield Finding("vendors", "fail", error.what, f"{error.where}: {error.todo}")
        return
    hosted: dict[str, Kind] = {}
    for kind in used:
        for name in used[kind]:
            vendor = vendor_of(name)
            if factory.vendors()[vendor].manifest.hosted:
                hosted.setdefault(vendor, kind)
            else:
                here.setdefault(vendor, []).append(kind)
    for vendor in tuple(here):
        if lack := factory.lacks(vendor, environment()):
            yield Finding(vendor, "fail", lack, "Set that right, or take another vendor.")
            del here[vendor]
    if here:
        listed = ", ".join(f"{vendor} ({', '.join(kinds)})" for vendor, kinds in here.items())
        yield Finding("vendors", "ok", f"{listed}; none of them needs a key")
    for vendor, kind in hosted.items():
        try:
            told = factory.vendor(kind, build_home(settings).setup(vendor)).validate_credentials()
            yield Finding(vendor, "ok", told)
        except StudioError as error:
            yield Finding(vendor, "fail", error.what, error.todo)


def _home(settings: Settings) -> Iterator[Finding]:
    home = settings.home
    if home.exists() and not home.is_dir():
        yield Finding("home", "fail", f"{home} is a file, not a folder", "Name another home.", of_home=True)
        return
    if not is_made(settings):
        yield Finding("home", "warn", f"{home} is not there yet", "The first production makes it.")
        return
    yield _place(settings)
    yield _lock(settings)
    with databases_of(settings) as copied:
        yield _ledger(copied)
        yield from _artifacts_and_media(settings)
        yield _dagster(settings, copied)


def _place(settings: Settings) -> Finding:
    home = settings.home
    if not can_be_written(settings):
        todo = "Make it writable, or set STUDIO_HOME to another folder; looking at it works as it is."
        return Finding("home", "fail", f"{home} cannot be written", todo, of_home=True)
    free = shutil.disk_usage(home).free
    low = free < _LOW_SPACE_BYTES
    todo = "Little space is left; free some." if low else ""
    return Finding("home", "warn" if low else "ok", f"{home}, {free / 1e9:.1f} GB free", todo, of_home=True)


def _lock(settings: Settings) -> Finding:
    from studio_pipeline.orchestration.home import DriveLock

    holder = DriveLock(settings.home).holder()
    return Finding("lock", "ok", f"{holder} is driving" if holder else "nobody drives the home", of_home=True)


def _ledger(settings: Settings) -> Finding:
    from studio_pipeline.budget.ledger import Ledger

    file = settings.ledger_file
    if file is not None and not file.exists():
        return Finding("ledger", "ok", "nothing was bought yet", of_home=True)
    backup = "Put ledger.sqlite3 back from a backup; do not delete it, it says what was paid."
    try:
        answer = "ok" if file is None else _integrity(file)
        waiting = Ledger(settings.ledger_url).open_entries()
    except (sqlite3.Error, StudioError) as error:
        todo = backup if file is not None else "See that the database's server runs and lets the studio in."
        return Finding("ledger", "fail", str(error), todo, of_home=True)
    if answer != "ok":
        return Finding("ledger", "fail", f"integrity: {answer}", "Put ledger.sqlite3 back from a backup.", of_home=True)
    unclear = [entry for entry in waiting if entry.state == "ambiguous"]
    if unclear:
        found = (
            f"whole; {count(len(unclear), 'purchase')} nobody has answered for: {', '.join(e.id for e in unclear[:9])}"
        )
        todo = (
            f"Look at the vendor, then say `studio ledger resolve {unclear[0].id}` with --job, --billed or --unbilled."
        )
        return Finding("ledger", "warn", found, todo, of_home=True)
    return Finding(
        "ledger", "ok", "whole" + (f"; {len(waiting)} purchases are under way" if waiting else ""), of_home=True
    )


def _integrity(file: Path) -> str:
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchone()[0]


def _artifacts_and_media(settings: Settings) -> Iterator[Finding]:
    from upath import UPath

    from studio_pipeline.orchestration.artifacts import MODELS, ArtifactStore
    from studio_pipeline.orchestration.orders import Orders

    store, orders = ArtifactStore(settings.artifacts_url), Orders(settings.orders_dir)
    damaged: list[str] = []
    wanted: dict[MediaRef, str] = {}
    whole = 0
    for production in orders.productions():
        try:
            orders.choice(production)
            brief = orders.brief(production)
            if brief is not None and brief.story is not None:
                wanted[brief.story] = f"the story of {production}"
        except StudioError as error:
            damaged.append(error.where)
        root = UPath(settings.artifacts_url) / production
        for asset in MODELS:
            places = sorted(p.name for p in (root / asset).iterdir()) if (root / asset).is_dir() else []
            for place in ["", *(name.removesuffix(".json") for name in places if name.endswith(".json"))]:
                try:
                    artifact = store.read(asset, Cell.parse(f"{production}|{place}" if place else production))
                except StudioError as error:
                    damaged.append(error.where)
                    continue
                if artifact is not None:
                    whole += 1
                    wanted |= dict.fromkeys(_media_of(artifact.content), f"{asset} of {artifact.cell}")
    if damaged:
        todo = "Delete these files and run `studio produce NAME`: made anew, and what was paid for is found again."
        yield Finding("artifacts", "fail", f"damaged: {_named(damaged)}", todo, of_home=True)
    else:
        yield Finding("artifacts", "ok", f"{count(whole, 'artifact')}, all whole", of_home=True)
    yield _media(settings, wanted)


def _media(settings: Settings, wanted: dict[MediaRef, str]) -> Finding:
    from studio_pipeline.media.store import MediaStore

    store = MediaStore(settings.media_dir)
    gone = [f"{store.path(ref)} ({what})" for ref, what in wanted.items() if not store.has(ref)]
    if gone:
        todo = "Put them back from a backup, or run `studio produce NAME`: what was paid for is found again for $0."
        return Finding("media", "fail", f"gone or cut short: {_named(gone)}", todo, of_home=True)
    size = sum(ref.size_bytes for ref in wanted)
    return Finding("media", "ok", f"{count(len(wanted), 'file')} of the right size, {size / 1e6:.0f} MB", of_home=True)


def _media_of(content: object) -> Iterator[MediaRef]:
    """Every media an artifact names, wherever in it."""
    if isinstance(content, MediaRef):
        yield content
    elif isinstance(content, (list, tuple)):
        for inner in content:
            yield from _media_of(inner)
    elif isinstance(content, Frozen):
        for name in type(content).model_fields:
            yield from _media_of(getattr(content, name))


def _named(files: list[str]) -> str:
    more = f", and {len(files) - _MOST_NAMED} more" if len(files) > _MOST_NAMED else ""
    return ", ".join(files[:_MOST_NAMED]) + more


def _dagster(settings: Settings, copied: Settings) -> Finding:
    from studio_pipeline.orchestration.home import DriveLock, dagster_instance
    from studio_pipeline.orchestration.past_runs import unfinished_runs

    try:
        with dagster_instance(copied) as instance:
            left = unfinished_runs(instance)
    except Exception as error:  # noqa: BLE001 - whatever Dagster or its database says is the finding
        todo = "Move the folder dagster/ aside: only the history of runs is lost, no artifact, media or money."
        return Finding("dagster", "fail", f"its storage does not open: {str(error)[:200]}", todo, of_home=True)
    if left and DriveLock(settings.home).holder() is None:
        found = f"storage opens; cut off with their process: {count(left, 'run')}"
        return Finding("dagster", "warn", found, "`studio produce NAME` closes them and goes on.", of_home=True)
    return Finding(
        "dagster", "ok", "storage opens" + (f"; {count(left, 'run')} under way" if left else ""), of_home=True
    )
