"""Bringing a person's cut back: a file of their editor becomes an order, which the asset ``edls`` makes a candidate of.

What lives here: which production a file is of, what footage it may mean, and which number the cut gets. Reading files
and matching footage is ``editorial/reading/``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from studio_pipeline.editorial.cut import RECOMMENDED, RECUT, Cut, CutSet
from studio_pipeline.editorial.reading.edit import Edit, Margin, Shot
from studio_pipeline.editorial.reading.files import read_edit
from studio_pipeline.editorial.reading.material import Material
from studio_pipeline.editorial.reading.recut import recut
from studio_pipeline.editorial.reading.sameness import same_film
from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.errors import BadInput
from studio_pipeline.film.cells import Cell, production_name
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.takes import Music, ShotTakes
from studio_pipeline.orchestration.orders import Recut
from studio_pipeline.orchestration.studio_home import StudioHome
from studio_pipeline.stages.editing.recut_sound import with_sound_of
from studio_pipeline.wording import clipped

_MOST_NOTES = 60
_LONGEST_SOURCE = 120
_ANY_RATE = Rate(num=60)
"""To look into a list of edits before its film is known: every timecode is one at 60 frames a second."""


@dataclass(frozen=True)
class BroughtBack:
    """A person's cut as it will be ordered."""

    recut: Recut
    new: bool
    """Whether there is no earlier one that shows and sounds the same."""


def production_of(path: Path, home: StudioHome) -> str:
    """The production that the file at ``path`` is a cut of: the one it is titled after, else the one whose footage is
    in it.

    Raises:
        BadInput: the file cannot be read, or may be of several productions or of none.
    """
    edit = read_edit(path, _ANY_RATE, Margin())
    there = home.orders.productions()
    title = edit.title.strip()
    if title and (named := production_name(title)) in there:
        return named
    found: dict[str, int] = {}
    for production in there:
        cuts = home.artifacts.read("edls", Cell(production=production))
        if cuts is not None:
            found[production] = _recognised(edit, Material(_timelines(cuts.content, "")))
    most = max(found.values(), default=0)
    best = [production for production, count in found.items() if count == most]
    if not most or len(best) > 1:
        may = f"It may be of {', '.join(best[:5])}." if most else f"There are: {', '.join(there[:8])}." if there else ""
        raise BadInput(
            "Nothing in the file says which production it is a cut of",
            where=clipped(str(path), 160),
            todo=f"Name it with --production. {may}".rstrip(),
        )
    return best[0]


def _recognised(edit: Edit, material: Material) -> int:
    return sum(isinstance(item, Shot) and material.picture(item.link) is not None for item in edit.items)


def brought_back(path: Path, production: str, home: StudioHome) -> BroughtBack:
    """Read the file at ``path`` as a cut of ``production``. Nothing is written.

    Raises:
        BadInput: the production has no cuts yet, or the file cannot be read or holds nothing of it.
    """
    cuts = home.artifacts.read("edls", Cell(production=production))
    if cuts is None:
        raise BadInput(f"{production} has no cuts yet", todo=f"Let it go on with `studio produce {production}` first.")
    choice = home.orders.choice(production)
    timelines = _timelines(cuts.content, choice.cut if choice else "")
    margin = Margin()
    edit = read_edit(path, timelines[0].rate, margin)
    earlier = home.orders.recuts(production)
    name = _free_name(production, [one.timeline.name for one in earlier])
    try:
        made = recut(edit, Material(timelines, dict(_takes(production, home))), name, margin)
    except BadInput as wrong:
        raise BadInput(wrong.what, where=wrong.where or clipped(str(path), 160), todo=wrong.todo) from wrong
    timeline, sound_notes = made.timeline, ()
    if made.silent:
        timeline, sound_notes = with_sound_of(timeline, made.base, list(_music(production, home)))
    for one in earlier:
        if same_film(one.timeline, timeline):
            return BroughtBack(one, new=False)
    notes = (*_same(timeline, cuts.content), *margin.lines, *sound_notes)[:_MOST_NOTES]
    source = clipped(path.name, _LONGEST_SOURCE)
    return BroughtBack(Recut(timeline=timeline, source=source, notes=notes), new=True)


def _timelines(cuts: CutSet, chosen: str) -> list[Timeline]:
    """All timelines, of the likeliest cut first: that one was exported as the film."""
    first = [cut for name in (chosen, RECOMMENDED) if name and (cut := cuts.cut(name)) is not None]
    ordered: list[Cut] = list({cut.name: cut for cut in (*first, *cuts.cuts)}.values())
    return [cut.timeline for cut in ordered] + [dub for cut in ordered for dub in cut.dubs]


def _takes(production: str, home: StudioHome) -> Iterator[tuple[str, ShotTakes]]:
    for asset, place in _places(production, home):
        if asset == "pilot_clips":
            takes = home.artifacts.read(asset, Cell.parse(f"{production}|{place}"))
            if takes is not None:
                yield place, takes.content


def _music(production: str, home: StudioHome) -> Iterator[Music]:
    for asset, place in _places(production, home):
        if asset == "music":
            music = home.artifacts.read(asset, Cell.parse(f"{production}|{place}"))
            if music is not None:
                yield music.content


def _places(production: str, home: StudioHome) -> Iterator[tuple[str, str]]:
    for ref, header in home.artifacts.headers(production).items():
        asset, _, place = ref.partition("/")
        if place and header.absent is None:
            yield asset, place


def _free_name(production: str, taken: list[str]) -> str:
    name = next((n for n in ("recut", *(f"recut-{n}" for n in range(2, 100))) if n not in taken), "")
    if not RECUT.fullmatch(name):
        raise BadInput(
            f"{production} has {len(taken)} cuts of yours, and there are no more names for another",
            todo="Delete the orders of some that you do not need from the studio home.",
        )
    return name


def _same(timeline: Timeline, cuts: CutSet) -> list[str]:
    """Whether it is a cut that there is already."""
    return [f"Nothing was changed: this is {cut.name}." for cut in cuts.cuts if same_film(cut.timeline, timeline)][:1]
