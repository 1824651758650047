"""The finisher: a chosen cut becomes the film's folder. No Dagster, no vendor, no money.

Conform, a version for each language (``version.py``), contact sheet, report; all of it in a folder beside the film's,
then moved over file by file. Until then the film that was there stays; a full disk or a killed process leaves it
whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from studio_pipeline.editorial.cut import Cut
from studio_pipeline.editorial.interchange import kinds, write_all
from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.errors import MediaDamaged
from studio_pipeline.film.film import Film, Version
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.media.conformed import Conformed, conformed, damaged_inside
from studio_pipeline.media.credentials.certificates import Credentials
from studio_pipeline.media.credentials.content_credentials import EXTRA
from studio_pipeline.media.cut_pictures import cut_pictures
from studio_pipeline.media.render_cache import RenderCache
from studio_pipeline.stages.finishing.provenance import document
from studio_pipeline.stages.finishing.report import report
from studio_pipeline.stages.finishing.version import Made, Progress, make_version
from studio_pipeline.whole_file import disk_errors_told, sync, unfinished_folder

Resolve = Callable[[MediaRef], Path]

STEM = "film"
CONTACT_SHEET, WAVEFORM = "contact_sheet.jpg", "waveform.png"
REPORT, PROVENANCE = "report.json", "provenance.json"
NOT_SIGNED = f"The film is not signed: with the extra “{EXTRA}” installed it carries content credentials (C2PA)"

_VERSIONS_SHARE = 0.95
"""Of the time a film takes, how much goes into its versions."""


def finish(
    cut: Cut,
    resolve: Resolve,
    into: Path,
    *,
    credentials: Credentials | None = None,
    cache: RenderCache | None = None,
    progress: Progress | None = None,
) -> Film:
    """Make the film of ``cut`` and put it into the folder ``into``, replacing the film that was there.

    Media that cannot be shown cost their own frames only; the film says which (``Film.flagged``).

    Args:
        resolve: where a media lies.
        credentials: who signs it; a film that nobody signs says so in its notes.
        cache: what was rendered before; the film is the same without it.
        progress: hears shares from 0 to 1.

    Raises:
        HomeFull: no space left; the film that was there is untouched.
    """
    tell = progress or (lambda share: None)
    with _cache(cache) as kept, _work_beside(into) as work:
        timelines = (cut.timeline, *cut.dubs)
        stems = (STEM, *(f"{STEM}.{dub.language}" for dub in cut.dubs))
        versions: list[Version] = []
        facts: list[Mapping[str, Any]] = []
        rooms: list[Conformed] = []
        notes: list[str] = [] if credentials else [NOT_SIGNED]
        for number, (timeline, stem) in enumerate(zip(timelines, stems, strict=True)):

            def heard(share: float, number: int = number) -> None:
                tell((number + share) / len(timelines) * _VERSIONS_SHARE)

            room, made = _versioned(timeline, stem, resolve, work, credentials, kept, heard)
            facts.append(made.facts)
            # ``work`` lies beside the film's folder: relative links to media mean the same from both.
            written = write_all(timeline, work, stem, resolve)
            versions.append(made.version.model_copy(update={"files": made.version.files | kinds(written, stem)}))
            rooms.append(room)
            notes += (*room.notes, *written.left_out)
            if number == 0:
                cut_pictures(room, made.mixed, sheet=work / CONTACT_SHEET, sound=work / WAVEFORM)
        film = _film(cut, versions, rooms, notes, signed_by=credentials.words if credentials else "")
        _tell(work / PROVENANCE, document(facts))
        _tell(work / REPORT, report(cut, film))
        _publish(work, into, film)
    tell(1.0)
    return film


def _versioned(
    timeline: Timeline,
    stem: str,
    resolve: Resolve,
    work: Path,
    credentials: Credentials | None,
    cache: RenderCache,
    progress: Progress,
) -> tuple[Conformed, Made]:
    """A version of what conforms. A clip that turns out to be damaged inside is found, and made without."""
    room = conformed(timeline, resolve, cache)
    try:
        return room, make_version(timeline, room, stem, work, credentials=credentials, cache=cache, progress=progress)
    except MediaDamaged:
        lost = damaged_inside(room.timeline, room.resolve)
        if not lost:
            raise
    room = conformed(timeline, resolve, cache, lost=lost)
    return room, make_version(timeline, room, stem, work, credentials=credentials, cache=cache, progress=progress)


def _tell(place: Path, what: Mapping[str, Any]) -> None:
    place.write_text(json.dumps(what, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _film(
    cut: Cut, versions: Sequence[Version], rooms: Sequence[Conformed], notes: Sequence[str], *, signed_by: str
) -> Film:
    main, *dubs = versions
    damaged = frozenset[MediaRef]().union(*(room.not_whole for room in rooms))
    return Film(
        cut=cut.name,
        film=main.film,
        files=main.files
        | {"contact_sheet": CONTACT_SHEET, "waveform": WAVEFORM, "provenance": PROVENANCE, "report": REPORT},
        frames=main.frames,
        duration_s=main.duration_s,
        size=cut.timeline.size,
        integrated_lufs=main.integrated_lufs,
        true_peak_dbtp=main.true_peak_dbtp,
        digest=main.digest,
        content_digest=main.content_digest,
        rendering=main.rendering,
        missing=cut.missing,
        flagged=tuple(dict.fromkeys(str(problem) for room in rooms for problem in room.flagged)),
        damaged=tuple(sorted(damaged, key=lambda media: media.sha256)),
        notes=tuple(dict.fromkeys(notes)),
        signed_by=signed_by,
        dubs=tuple(dubs),
    )


@contextmanager
def _cache(cache: RenderCache | None) -> Iterator[RenderCache]:
    if cache is not None:
        yield cache
        cache.trim()
    else:
        with TemporaryDirectory(prefix="rendered-") as scratch:
            yield RenderCache(Path(scratch))


@contextmanager
def _work_beside(folder: Path) -> Iterator[Path]:
    with disk_errors_told(folder, "The film's folder"), unfinished_folder(folder) as work:
        yield work


def _publish(work: Path, into: Path, film: Film) -> None:
    """Move the files of ``film`` from ``work`` over those in ``into``, each whole or not at all; the films go last.

    A file of the film before that this one does not have is removed: captions of another cut are worse than none.
    """
    films = {film.film, *(dub.film for dub in film.dubs)}
    names = sorted(film.names, key=lambda name: (name in films, name))
    for name in names:
        sync(work / name)
    into.mkdir(parents=True, exist_ok=True)
    for name in names:
        (work / name).replace(into / name)
    for left in into.iterdir():
        if left.is_file() and left.name not in names and left.name.startswith(f"{STEM}."):
            left.unlink()
    sync(into)
