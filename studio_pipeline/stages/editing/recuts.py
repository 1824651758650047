"""Cuts that people brought back, among the editor's: the orders of `studio import` as candidates. Pure.

A person's cut is shown as it was made: nobody looks it over, mends it or puts it first. It is rated like the others
from its shots; what it leaves out of the script, and what of the file was not understood, stands with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from studio_pipeline.editorial.cut import Cut, CutSet
from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.orchestration.orders import Recut
from studio_pipeline.stages.editing.footage import PilotFootage
from studio_pipeline.stages.editing.prediction import UNRATED


def with_recuts(cuts: CutSet, recuts: Sequence[Recut], pilots: Mapping[str, PilotFootage]) -> CutSet:
    """``cuts`` with all of ``recuts`` after them, handed over as the others are."""
    like = cuts.cuts[0].timeline
    made: list[Cut] = []
    events: list[str] = []
    for recut in recuts:
        own = recut.timeline
        if (own.rate, own.size) != (like.rate, like.size):
            events.append(
                f"{own.name} was made for {own.size[0]}×{own.size[1]} at {own.rate.fps:g} frames a second and the film "
                f"is {like.size[0]}×{like.size[1]} at {like.rate.fps:g} now: export a cut again and import it anew."
            )
            continue
        timeline = own.model_copy(update={"title": like.title, "delivery": like.delivery})
        made.append(_cut(recut, timeline, pilots))
    return cuts.model_copy(update={"cuts": (*cuts.cuts, *made), "events": (*cuts.events, *events)})


def _cut(recut: Recut, timeline: Timeline, pilots: Mapping[str, PilotFootage]) -> Cut:
    frames = sum(clip.frames for clip in timeline.clips)
    rated = sum((UNRATED if clip.rating is None else clip.rating) * clip.frames for clip in timeline.clips) / frames
    there = [pilots[tier] for tier in _tiers(timeline) if tier in pilots]
    return Cut(
        name=timeline.name,
        timeline=timeline,
        rating=round(min(100.0, max(0.0, rated)), 1),
        rationale=_rationale(recut, timeline, there, rated),
        missing=_missing(timeline, there),
        notes=recut.notes,
    )


def _tiers(timeline: Timeline) -> list[str]:
    """The pilots it shows, the one it shows longest first."""
    shown: Counter[str] = Counter()
    for clip in timeline.clips:
        shown[clip.name.partition(".")[0]] += clip.frames
    return [tier for tier, _ in shown.most_common()]


def _rationale(recut: Recut, timeline: Timeline, pilots: Sequence[PilotFootage], rated: float) -> str:
    shot = {place for pilot in pilots for place in pilot.takes}
    used = {clip.name.partition("~")[0] for clip in timeline.clips} & shot
    of = f"{len(used)} of {len(shot)} shots" if shot else f"{len(timeline.clips)} clips"
    tiers = " and ".join(pilot.tier for pilot in pilots)
    where = f" of {tiers}" if tiers else ""
    return f"Your cut from {recut.source}: {of}{where}, {timeline.duration_s:.1f} s; shots average {rated:.1f}."


def _missing(timeline: Timeline, pilots: Sequence[PilotFootage]) -> tuple[str, ...]:
    shown = {clip.scene for clip in timeline.clips}
    scenes = {scene.number: scene for pilot in reversed(pilots) for scene in pilot.script.scenes}
    return tuple(f"scene {n} “{scenes[n].heading}” is not in it" for n in sorted(scenes) if n not in shown)
