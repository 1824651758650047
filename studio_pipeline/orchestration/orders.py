"""Orders: what people asked for. Briefs handed in, cuts chosen and cuts brought back, one small file each.

They are inputs of the graph, not artifacts of it: the ``brief`` asset reads the brief that was handed in, the
``edls`` asset the cuts that people made themselves, the ``final_cut`` asset the choice. Kept in the home so that any
process (command, daemon, UI) acts on the same ones.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import Field, ValidationError

from studio_pipeline.editorial.cut import RECUT
from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.errors import HomeDamaged
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.cells import Cell, check_production_name
from studio_pipeline.film.frozen import Frozen, digest_of
from studio_pipeline.whole_file import disk_errors_told, write_whole

T = TypeVar("T", bound=Frozen)


class Choice(Frozen):
    """The cut a person chose: a cut's name, or ``recommended`` for whatever the editor would take."""

    cut: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,30}$")


class RetakeOrder(Frozen):
    """A new take that a person asked for and whose film is not delivered yet."""

    take: int = Field(ge=1)
    note: str = Field(default="", max_length=2_000)


class Recut(Frozen):
    """A cut that a person made in an editor of their own and brought back."""

    timeline: Timeline
    """Named as the cut will be: ``recut``, ``recut-2``, …"""
    source: str = Field(max_length=300)
    """The file it came from, for people."""
    notes: tuple[str, ...] = ()
    """What of the file is not in the timeline, and why, in words."""


def recut_ref(recut: Recut) -> str:
    """How the order is named in the ``inputs`` of what follows from it."""
    return f"order#{recut.timeline.name}"


class Orders:
    """The orders in one studio home."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def productions(self) -> list[str]:
        """Names of all productions a brief was handed in for."""
        return sorted(path.parent.name for path in self._folder.glob("*/brief.json"))

    def changed_since(self, mtime_ns: int) -> dict[str, int]:
        """Productions with an order newer than ``mtime_ns`` (file time in nanoseconds), and how new it is."""
        newest: dict[str, int] = {}
        for path in self._folder.glob("*/*.json"):
            changed = path.stat().st_mtime_ns
            if changed > mtime_ns:
                newest[path.parent.name] = max(changed, newest.get(path.parent.name, 0))
        return newest

    def hand_in(self, brief: Brief) -> None:
        self._put(brief.production, "brief", brief)

    def brief(self, production: str) -> Brief | None:
        return self._get(production, "brief", Brief)

    def choose(self, production: str, cut: str) -> None:
        self._put(production, "choice", Choice(cut=cut))

    def choice(self, production: str) -> Choice | None:
        return self._get(production, "choice", Choice)

    def bring_back(self, production: str, recut: Recut) -> None:
        self._put(production, recut.timeline.name, recut)

    def recuts(self, production: str) -> tuple[Recut, ...]:
        """All cuts that people brought back, in the order of their numbers."""
        stems = [path.stem for path in (self._folder / check_production_name(production)).glob("recut*.json")]
        numbered = sorted((stem for stem in stems if RECUT.fullmatch(stem)), key=lambda stem: (len(stem), stem))
        found = [self._get(production, stem, Recut) for stem in numbered]
        return tuple(recut for recut in found if recut is not None)

    def order_retake(self, shot: Cell, order: RetakeOrder) -> None:
        """Write a retake down before it is made: the same command after a crash goes on with it."""
        self._put(shot.production, f"retake-{shot.place}", order)

    def retake(self, shot: Cell) -> RetakeOrder | None:
        return self._get(shot.production, f"retake-{shot.place}", RetakeOrder)

    def retake_done(self, shot: Cell) -> None:
        self._path(shot.production, f"retake-{shot.place}").unlink(missing_ok=True)

    def digests(self, production: str) -> dict[str, str]:
        """Digests of what was ordered, by ref: ``order#brief``, ``order#choice``, ``order#recut``, …"""
        found: dict[str, Frozen | None] = {
            "order#brief": self.brief(production),
            "order#choice": self.choice(production),
            **{recut_ref(recut): recut for recut in self.recuts(production)},
        }
        return {ref: digest_of(order) for ref, order in found.items() if order is not None}

    def _path(self, production: str, what: str) -> Path:
        return self._folder / check_production_name(production) / f"{what}.json"

    def _put(self, production: str, what: str, order: Frozen) -> None:
        path = self._path(production, what)
        with disk_errors_told(path, "The order"):
            write_whole(path, order.model_dump_json(indent=1))

    def _get(self, production: str, what: str, model: type[T]) -> T | None:
        path = self._path(production, what)
        try:
            return model.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError as error:
            raise HomeDamaged(
                "An order in the studio home is damaged",
                where=str(path),
                todo="Delete that file and hand the brief in again, or choose or import the cut again.",
            ) from error
