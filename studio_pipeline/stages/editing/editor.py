"""The editor: proposes cuts of everything that was shot, predicts how each will rate, and recommends one. By rules:

- ``balanced``: the best pilot's whole story, soft joints inside scenes, through black between them
- ``quality``: only what is above the bar, each scene from the pilot that made it best; clearly shorter
- ``pace``: trimmed to the narration and a little air, straight cuts on the beat; shorter
- ``story``: all scenes, missing ones from another pilot, every shot with its handles, in one flow; the longest
- ``alternate``: the runner-up's balanced cut, when two pilots survived

Pure: footage in, timelines out. How a planned cut is made is ``cutting.py``'s, the same for a language model, which
may plan in the rules' place (``editor_mind.py``). Rendering is ``finishing``'s; measuring was the inspector's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from studio_pipeline.editorial.cut import CutSet
from studio_pipeline.film.brief import Brief
from studio_pipeline.orchestration.minds import Mind, thought
from studio_pipeline.stages.editing.cutting import (
    CHOSEN,
    TIGHT,
    WHOLE,
    CutPlan,
    CuttingRoom,
    Reel,
    Sketch,
    alike_pairs,
    alike_with,
    better,
    cutting_room,
)
from studio_pipeline.stages.editing.editor_mind import by_mind
from studio_pipeline.stages.editing.footage import PilotFootage
from studio_pipeline.stages.editing.pacing import strongest

_PREFERENCE = {
    "draft": {"pace": 3.0},
    "standard": {"balanced": 1.0},
    "high": {"quality": 3.0, "balanced": 1.0},
}
"""Points by which a quality mode leans towards a cut when one has to be recommended."""


def propose_cuts(
    brief: Brief, pilots: Mapping[str, PilotFootage], *, bar: float | None = None, mind: Mind | None = None
) -> CutSet:
    """Propose at least four cuts of the surviving pilots' footage, best first.

    Args:
        pilots: footage by tier. Cancelled pilots are passed over; missing takes, whole missing scenes and missing
            sounds are skipped and named in the cuts' ``missing``.
        bar: the rating that the brief hopes for; by default that of its quality mode (``ratings.QUALITY_BAR``).

    Raises:
        ProviderFailed: when there is nothing to cut: no pilot survived, or none of them has a single take; when a mind
            was to plan the cuts and no model answered usably.
    """
    room = cutting_room(brief, pilots, bar)
    sketches = _sketched(room)
    return thought(
        mind,
        lambda m: by_mind(m, room, sketches),
        lambda: _by_rules(room, sketches),
        lambda cuts, why: cuts.model_copy(update={"events": (*cuts.events, why)}),
    )


def _by_rules(room: CuttingRoom, sketches: tuple[Sketch, ...]) -> CutSet:
    cuts = [sketch.told(_RATIONALES[sketch.plan.name](sketch, room.brief)) for sketch in sketches]
    cuts.sort(key=lambda cut: (-cut.rating, cut.name))
    lean = _PREFERENCE[room.brief.quality_mode]
    recommended = max(cuts, key=lambda cut: cut.rating + lean.get(cut.name, 0.0))
    events = [
        f"{one} and {other} came out {share:.0%} the same: there is too little footage to cut it otherwise."
        for (one, other), share in alike_pairs(sketches).items()
    ]
    return CutSet(cuts=tuple(cuts), recommended=recommended.name, events=tuple(events))


def _sketched(room: CuttingRoom) -> tuple[Sketch, ...]:
    """Every cut that is asked for, each in the first manner in which it is another film than those before it."""
    done: list[Sketch] = []
    for reel in room.reels.values():
        first, *others = _plans(reel, room.bar)
        sketch = room.sketch(first)
        while others and alike_with(sketch, done):
            other = room.sketch(others.pop(0))
            sketch = sketch if alike_with(other, done) else other
        done.append(sketch)
    return tuple(done)


def _plans(reel: Reel, bar: float) -> Iterator[CutPlan]:
    """How the rules cut a reel, and how else where that gives nothing new."""
    strong = strongest(better(reel, reel.scenes, bar), bar=bar)
    if reel.name == CHOSEN:
        yield CutPlan(reel.name, strong, "flowing")
        yield CutPlan(reel.name, strong, "straight")
    elif reel.name == TIGHT:
        yield CutPlan(reel.name, reel.numbers, "straight")
        yield CutPlan(reel.name, strong, "straight")
    else:
        yield CutPlan(reel.name, reel.numbers, "flowing" if reel.name == WHOLE else "soft")


def _balanced_told(sketch: Sketch, brief: Brief) -> str:
    scenes = sketch.reel.scenes
    whose = "The runner-up's whole story" if sketch.plan.name == "alternate" else "The whole story"
    shots = sum(len(scene.pieces) for scene in scenes)
    joints = ", through black between scenes" if len(scenes) > 1 else ""
    return (
        f"{whose} in {sketch.reel.pilot.tier}: {_count(len(scenes), 'scene')} and {_count(shots, 'shot')} in "
        f"{sketch.timeline.duration_s:.1f} s of the {brief.duration_s:g} s asked for{joints}; "
        f"{sketch.prediction.words}."
    )


def _count(number: int, one: str) -> str:
    return f"{number} {one}{'s' * (number != 1)}"


def _quality_told(sketch: Sketch, _: Brief) -> str:
    scenes, shots = sketch.left_out, sketch.shots_left_out
    gone = " and ".join(_count(number, what) for number, what in ((scenes, "scene"), (shots, "shot")) if number)
    choice = (
        f"Only the better pictures: {gone} left out, of {_count(len(sketch.reel.scenes), 'scene')}"
        if gone
        else "Every scene and every shot counts here, so only the joints differ"
    )
    loan = f", {_count(len(sketch.reel.borrowed), 'scene')} taken from another pilot" if sketch.reel.borrowed else ""
    joints = "dissolves" if sketch.plan.joints == "flowing" else "straight cuts"
    return f"{choice}{loan}; {sketch.timeline.duration_s:.1f} s in {joints}; {sketch.prediction.words}."


def _story_told(sketch: Sketch, brief: Brief) -> str:
    loan = f", {_count(len(sketch.reel.borrowed), 'scene')} of them from another pilot" if sketch.reel.borrowed else ""
    longer_s = sketch.timeline.duration_s - sketch.untrimmed_s
    return (
        f"Everything that was shot, as long as it is: {_count(len(sketch.reel.scenes), 'scene')}{loan}, "
        f"{longer_s:.1f} s longer by their handles, {sketch.timeline.duration_s:.1f} s of the {brief.duration_s:g} s "
        f"asked for, in one flow; {sketch.prediction.words}."
    )


def _pace_told(sketch: Sketch, _: Brief) -> str:
    on_beat, cut_points = (sketch.beat.on_beat, sketch.beat.cut_points) if sketch.beat else (0, 0)
    return (
        f"Trimmed from {sketch.untrimmed_s:.1f} to {sketch.timeline.duration_s:.1f} s, to the narration and a little "
        f"air, with straight cuts, {on_beat} of {cut_points} on the beat; {sketch.prediction.words}."
    )


_RATIONALES: Mapping[str, Callable[[Sketch, Brief], str]] = {
    "balanced": _balanced_told,
    "quality": _quality_told,
    "pace": _pace_told,
    "story": _story_told,
    "alternate": _balanced_told,
}
