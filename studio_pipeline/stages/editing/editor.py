"""The editor: proposes cuts of everything that was shot, predicts how each will rate, and recommends one.

- ``balanced``: the best pilot's whole story, soft joints inside scenes, through black between them
- ``quality``: only scenes above the bar, each from the pilot that made it best; shorter
- ``pace``: trimmed to the narration and a little air, straight cuts on the beat; shorter
- ``alternate``: the runner-up's balanced cut, when two pilots survived

Pure: footage in, timelines out. Rendering is ``finishing``'s; measuring was the inspector's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from studio_pipeline.editorial.cut import Cut, CutSet
from studio_pipeline.errors import ProviderFailed
from studio_pipeline.film.brief import Brief
from studio_pipeline.stages.editing.assembly import Manner, assemble
from studio_pipeline.stages.editing.footage import PilotFootage, SceneCut, scene_cuts
from studio_pipeline.stages.editing.pacing import OnBeat, Selection, best_of, snapped, strongest, tightened
from studio_pipeline.stages.editing.prediction import Prediction, Traits, predict

_PREFERENCE = {
    "draft": {"pace": 3.0},
    "standard": {"balanced": 1.0},
    "high": {"quality": 3.0, "balanced": 1.0},
}
"""Points by which a quality mode leans towards a cut when one has to be recommended."""

_SOFT = Manner(inside="soft", between="fade_black")
_FLOWING = Manner(inside="soft", between="dissolve")
_STRAIGHT = Manner(inside="cut", between="cut")


def propose_cuts(brief: Brief, pilots: Mapping[str, PilotFootage]) -> CutSet:
    """Propose at least three cuts of the surviving pilots' footage, best first.

    Args:
        pilots: footage by tier. Cancelled pilots are passed over; missing takes, whole missing scenes and missing
            sounds are skipped and named in the cuts' ``missing``.

    Raises:
        ProviderFailed: when there is nothing to cut: no pilot survived, or none of them has a single take.
    """
    ranked = _ranked(brief, pilots)
    best = ranked[0]
    cuts = [_balanced("balanced", brief, best), _quality(brief, ranked), _pace(brief, best)]
    if len(ranked) > 1:
        cuts.append(_balanced("alternate", brief, ranked[1]))
    cuts.sort(key=lambda cut: (-cut.rating, cut.name))
    lean = _PREFERENCE[brief.quality_mode]
    recommended = max(cuts, key=lambda cut: cut.rating + lean.get(cut.name, 0.0))
    return CutSet(cuts=tuple(cuts), recommended=recommended.name)


def _ranked(brief: Brief, pilots: Mapping[str, PilotFootage]) -> list[PilotFootage]:
    """Surviving pilots that have pictures, the one with the best balanced cut first."""
    alive = [pilots[tier] for tier in sorted(pilots) if pilots[tier].survives]
    if not alive:
        raise ProviderFailed(
            "There is nothing to cut: no pilot survived its test scenes",
            where=brief.production,
            todo="Read the verdicts with `studio status`, then change the brief or make better takes.",
        )
    shot = [pilot for pilot in alive if any(scene.pieces for scene in scene_cuts(pilot))]
    if not shot:
        raise ProviderFailed(
            "There is nothing to cut: the surviving pilots have no takes",
            where=f"{brief.production}, {', '.join(pilot.tier for pilot in alive)}",
            todo="Raise the budget or choose a cheaper tier, then produce the brief again.",
        )
    return sorted(shot, key=lambda pilot: (-_balanced("balanced", brief, pilot).rating, pilot.tier))


def _balanced(name: str, brief: Brief, pilot: PilotFootage) -> Cut:
    scenes, missing = _with_pictures(scene_cuts(pilot))
    shots = sum(len(scene.pieces) for scene in scenes)

    def words(duration_s: float, prediction: Prediction) -> str:
        whose = "The runner-up's whole story" if name == "alternate" else "The whole story"
        return (
            f"{whose} in {pilot.tier}: {len(scenes)} scenes and {shots} shots in {duration_s:.1f} s of the "
            f"{brief.duration_s:g} s asked for, through black between scenes; {prediction.words}."
        )

    return _cut(name, brief, pilot, scenes, scenes, _SOFT, missing, words)


def _quality(brief: Brief, ranked: Sequence[PilotFootage]) -> Cut:
    pilot = ranked[0]
    by_tier = {other.tier: scene_cuts(other) for other in ranked[1:]}
    mixed = best_of(scene_cuts(pilot), by_tier)
    scenes, missing = _with_pictures(mixed.scenes)
    mean = _mean_rating(scenes)
    kept: Selection = strongest(scenes, bar=mean)

    def words(duration_s: float, prediction: Prediction) -> str:
        gone = len(kept.left_out)
        choice = (
            f"Only the stronger scenes: {gone} of {len(scenes)} below the mean of {mean:.1f} "
            f"{'is' if gone == 1 else 'are'} left out"
            if gone
            else f"Every scene counts here (mean {mean:.1f}), so only the joints differ"
        )
        loan = f", {len(mixed.borrowed)} taken from another pilot" if mixed.borrowed else ""
        return f"{choice}{loan}; {duration_s:.1f} s in dissolves; {prediction.words}."

    return _cut("quality", brief, pilot, kept.scenes, scenes, _FLOWING, (*missing, *kept.left_out), words)


def _pace(brief: Brief, pilot: PilotFootage) -> Cut:
    scenes, missing = _with_pictures(scene_cuts(pilot))
    rate = pilot.script.rate
    beats = pilot.music.beats_s if pilot.music else ()
    beat: OnBeat = snapped([tightened(scene, rate) for scene in scenes], beats, rate)
    before_s = rate.seconds(sum(scene.frames for scene in scenes))

    def words(duration_s: float, prediction: Prediction) -> str:
        return (
            f"Trimmed from {before_s:.1f} to {duration_s:.1f} s, to the narration and a little air, with straight "
            f"cuts, {beat.on_beat} of {beat.cut_points} on the beat; {prediction.words}."
        )

    left_out = _dropped(scenes, beat.scenes)
    return _cut("pace", brief, pilot, beat.scenes, scenes, _STRAIGHT, (*missing, *left_out), words, beat=beat)


def _cut(
    name: str,
    brief: Brief,
    pilot: PilotFootage,
    scenes: Sequence[SceneCut],
    shot: Sequence[SceneCut],
    manner: Manner,
    missing: Sequence[str],
    words: Callable[[float, Prediction], str],
    beat: OnBeat | None = None,
) -> Cut:
    """Assemble ``scenes``; ``shot`` are all scenes that could have been taken."""
    plan = pilot.plans[min(pilot.plans)]
    assembled = assemble(name, brief, scenes, manner=manner, music=pilot.music, rate=pilot.script.rate, size=plan.size)
    timeline = assembled.timeline
    traits = Traits(
        shot_share=sum(scene.scene.frames * scene.shot_share for scene in shot) / pilot.script.frames,
        asked_duration_s=brief.duration_s,
        duration_s=timeline.duration_s,
        unplaced_narrations=len(assembled.missing),
        changes_of_look=sum(a.tier != b.tier for a, b in pairwise(scenes)),
        on_beat_share=beat.on_beat / beat.cut_points if beat and beat.cut_points else 0.0,
    )
    prediction = predict(scenes, traits)
    return Cut(
        name=name,
        timeline=timeline,
        rating=prediction.rating,
        rationale=words(timeline.duration_s, prediction),
        missing=(*missing, *assembled.missing),
    )


def _with_pictures(scenes: Sequence[SceneCut]) -> tuple[tuple[SceneCut, ...], tuple[str, ...]]:
    """The scenes that have pieces; and everything that the script asks for and nobody shot, in words."""
    missing: list[str] = []
    for scene in scenes:
        missing += scene.missing
        if not scene.pieces and scene.narration is not None and scene.narration.sound is not None:
            missing.append(f"the narration of scene {scene.scene.number} is dropped: it has no pictures")
    return tuple(scene for scene in scenes if scene.pieces), tuple(missing)


def _dropped(before: Sequence[SceneCut], after: Sequence[SceneCut]) -> tuple[str, ...]:
    kept = {piece.name for scene in after for piece in scene.pieces}
    return tuple(
        f"{piece.name} is left out for pace" for scene in before for piece in scene.pieces if piece.name not in kept
    )


def _mean_rating(scenes: Sequence[SceneCut]) -> float:
    rated = [scene.rating for scene in scenes if scene.rating is not None]
    return sum(rated) / len(rated) if rated else 0.0
