"""Artifacts: one JSON file a partition, with what it was made from.

An artifact's ``digest`` is that of its content alone, so an input that is made again with the same outcome changes
nothing below it; ``sha256`` is that of all the rest of the file, and proves that it is read back as it was written.
``inputs`` names what it was made from, as *refs*: ``scenes/animated`` for a whole artifact of the same production,
``scenes/animated#s03`` for the part of it that the work really depends on. ``parts`` are the digests of such parts.
Files lie at ``<root>/<production>/<asset>/<place>.json``, production-wide ones at
``<root>/<production>/<asset>.json``; the root is any fsspec URL.

No Dagster here: the IO manager, the facts and the command line all read through this one store.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, Literal, Self, TypeVar

from pydantic import BaseModel, ValidationError, model_validator
from upath import UPath

from studio_pipeline.editorial.cut import CutSet
from studio_pipeline.errors import HomeDamaged
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.film import Film
from studio_pipeline.film.frozen import Frozen, canonical_json, digest_of, plain
from studio_pipeline.film.pilot import Strategies
from studio_pipeline.film.ratings import SceneRating, Verdict
from studio_pipeline.film.script import Script
from studio_pipeline.film.shots import ShotPlan
from studio_pipeline.film.story import Story
from studio_pipeline.film.takes import Music, Narration, ShotTakes
from studio_pipeline.whole_file import disk_errors_told, sweep, write_whole

MODELS: Mapping[str, type[BaseModel]] = {
    "brief": Brief,
    "story": Story,
    "pilot_strategies": Strategies,
    "scenes": Script,
    "music": Music,
    "shot_plans": ShotPlan,
    "narration": Narration,
    "pilot_clips": ShotTakes,
    "qa_scores": SceneRating,
    "critic_verdicts": Verdict,
    "edls": CutSet,
    "final_cut": Film,
}
"""What each asset holds. The order is that of the pipeline."""

_MOST_REMEMBERED = 4096
"""Documents a process keeps parsed: those of some twenty productions that are shot side by side. The daemon makes a
store for every tick of a sensor; without this, each tick would read everything again."""

T = TypeVar("T", bound=BaseModel)


class Absent(Frozen):
    """The marker of a cell that has nothing in it, and why. Readers drop it."""

    kind: Literal["phantom", "unaffordable", "flagged"]
    reason: str
    needed_usd: Decimal | None = None
    takes: ShotTakes | None = None
    """What a shot without money for its plan has of earlier plans: kept, so that none of it is bought again."""


@dataclass(frozen=True)
class Made(Generic[T]):
    """What an asset body hands to the IO manager for one cell."""

    content: T | Absent
    inputs: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Header:
    """An artifact without its content: enough to decide what is stale."""

    digest: str
    inputs: Mapping[str, str]
    parts: Mapping[str, str]
    absent: Absent | None
    code_version: str

    @property
    def is_phantom(self) -> bool:
        """Whether it marks a cell of the grid that the film does not have."""
        return self.absent is not None and self.absent.kind == "phantom"


@dataclass(frozen=True)
class Artifact(Generic[T]):
    """One stored artifact that is really there (not absent)."""

    asset: str
    cell: Cell
    content: T
    header: Header

    @property
    def ref(self) -> str:
        return ref_of(self.asset, self.cell.place)

    def as_input(self, part: str | None = None) -> dict[str, str]:
        """One entry for the ``inputs`` of what is made from this artifact, or from a part of it.

        An artifact made before the part had a digest of its own is followed as a whole.
        """
        if part is None or part not in self.header.parts:
            return {self.ref: self.header.digest}
        return {f"{self.ref}#{part}": self.header.parts[part]}


def ref_of(asset: str, place: str) -> str:
    """How an artifact of the same production is named in ``inputs``."""
    return f"{asset}/{place}" if place else asset


class _Document(Frozen):
    """What lies in an artifact's file: the artifact, or the marker of an absent one."""

    asset: str
    cell: str
    digest: str
    inputs: dict[str, str]
    parts: dict[str, str]
    code_version: str
    run_id: str
    content: dict[str, Any] | None = None
    absent: Absent | None = None

    @model_validator(mode="after")
    def _holds_one_thing(self) -> Self:
        if (self.content is None) == (self.absent is None):
            raise ValueError("an artifact is there or absent")
        return self

    @property
    def header(self) -> Header:
        return Header(self.digest, self.inputs, self.parts, self.absent, self.code_version)


class ArtifactStore:
    """Reads and writes artifacts under one root."""

    def __init__(self, url: str) -> None:
        self._root = UPath(url)

    def write(self, asset: str, cell: Cell, made: Made[Any], *, code_version: str, run_id: str) -> Header:
        """Store one artifact, replacing what was there in one step."""
        content = plain(made.content)
        absent = made.content if isinstance(made.content, Absent) else None
        header = Header(digest_of(content), dict(made.inputs), dict(made.parts), absent, code_version)
        document = {
            "asset": asset,
            "cell": cell.key,
            "digest": header.digest,
            "inputs": header.inputs,
            "parts": header.parts,
            "code_version": code_version,
            "run_id": run_id,
            "absent" if absent else "content": content,
        }
        path = self._path(asset, cell)
        with disk_errors_told(str(path), "An artifact"):
            _put(path, canonical_json(document | {"sha256": digest_of(document)}).encode())
        return header

    def read(self, asset: str, cell: Cell) -> Artifact[Any] | None:
        """The artifact of ``cell``, or ``None`` when it is absent or was never made.

        Raises:
            HomeDamaged: when the file is there and cannot be read back.
        """
        path = self._path(asset, cell)
        try:
            stamp = _stamp(path)
            document = _parsed(path, stamp)
            if document.absent is not None:
                return None
            return Artifact(asset, cell, _content(asset, path, stamp), document.header)
        except FileNotFoundError:
            return None

    def absent(self, asset: str, cell: Cell) -> Absent | None:
        """The marker of ``cell``, when that is what is stored for it."""
        document = self._document(self._path(asset, cell))
        return document.absent if document is not None else None

    def headers(self, production: str) -> dict[str, Header]:
        """Headers of every stored artifact of ``production``, by ref."""
        found: dict[str, Header] = {}
        for asset in MODELS:
            single = self._root / production / f"{asset}.json"
            for place, path in [("", single), *self._places(production, asset)]:
                document = self._document(path)
                if document is not None:
                    found[ref_of(asset, place)] = document.header
        return found

    def sweep(self, production: str) -> None:
        """Remove what killed writers left of artifacts of ``production``.

        Whoever writes next to it does the same; but nobody need ever write there again.
        """
        if _is_local(self._root):
            for folder in ("", *MODELS):
                sweep(Path(self._root.path) / production / folder)

    def _places(self, production: str, asset: str) -> Iterator[tuple[str, UPath]]:
        folder = self._root / production / asset
        if folder.is_dir():
            for path in sorted(folder.iterdir()):
                if path.name.endswith(".json"):
                    yield path.name.removesuffix(".json"), path

    def _path(self, asset: str, cell: Cell) -> UPath:
        folder = self._root / cell.production
        return folder / asset / f"{cell.place}.json" if cell.place else folder / f"{asset}.json"

    def _document(self, path: UPath) -> _Document | None:
        try:
            return _parsed(path, _stamp(path))
        except FileNotFoundError:
            return None


def _stamp(path: UPath) -> tuple[float, int]:
    """Time and size of a file: another content has another stamp."""
    stat = path.stat()
    return getattr(stat, "st_mtime_ns", stat.st_mtime), stat.st_size


def _put(path: UPath, data: bytes) -> None:
    if _is_local(path):
        write_whole(Path(path.path), data)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)  # object stores replace an object in one step


def _is_local(path: UPath) -> bool:
    return path.protocol in ("", "file", "local")


@lru_cache(maxsize=_MOST_REMEMBERED)
def _parsed(path: UPath, stamp: tuple[float, int]) -> _Document:
    """The document at ``path`` as it was at ``stamp``, checked against its digest once."""
    try:
        written = json.loads(path.read_bytes())
        if not isinstance(written, dict) or written.pop("sha256", None) != digest_of(written):
            raise _damaged(path)
        return _Document.model_validate(written)
    except ValueError as error:  # no JSON, or fields that are none of ours
        raise _damaged(path) from error


@lru_cache(maxsize=_MOST_REMEMBERED)
def _content(asset: str, path: UPath, stamp: tuple[float, int]) -> BaseModel:
    """What the document at ``path`` holds, validated once. Values are frozen, so readers may share it."""
    try:
        return MODELS[asset].model_validate(_parsed(path, stamp).content)
    except ValidationError as error:
        raise _damaged(path) from error


def _damaged(path: UPath) -> HomeDamaged:
    return HomeDamaged(
        "An artifact in the studio home is damaged",
        where=str(path),
        todo="Delete that one file and give the same command again: it is made anew, and what was already paid for "
        "is found again for $0. (A shot that was shot again starts from its first take.)",
    )
