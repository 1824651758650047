"""From a plan to a cut: which scenes, how they are joined, how tight; and what comes of it in frames, rating and money.

What lives here: what each cut may be made of, and making it, the same for whoever has planned it. What does not: the
plan and its reasons, which are the editor's, by rules (``editor.py``) or by a mind (``editor_mind.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations, pairwise
from typing import Literal, TypeAlias

from studio_pipeline.editorial.cut import Cut
from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.errors import ProviderFailed
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.ratings import QUALITY_BAR
from studio_pipeline.stages.editing.assembly import assemble
from studio_pipeline.stages.editing.footage import PilotFootage, SceneCut, scene_cuts
from studio_pipeline.stages.editing.joining import Manner, lengthened
from studio_pipeline.stages.editing.likeness import ALIKE, likeness
from studio_pipeline.stages.editing.music import film_beats, place_music
from studio_pipeline.stages.editing.needs import needs_usd, take_price_usd
from studio_pipeline.stages.editing.pacing import (
    CLEARLY_SHORTER,
    OnBeat,
    Selection,
    best_of,
    filled,
    polished,
    snapped,
    tightened,
)
from studio_pipeline.stages.editing.prediction import Prediction, Traits, predict

Joints: TypeAlias = Literal["soft", "flowing", "straight"]

MANNERS: Mapping[Joints, Manner] = {
    "soft": Manner(inside="soft", between="fade_black", leap="fade_black", light=True),
    "flowing": Manner(inside="soft", between="dissolve", leap="dip", light=True),
    "straight": Manner(inside="cut", between="cut", leap="wipe", light=False),
}
TIGHT = "pace"
"""The cut that is trimmed to its narration and cut on the beat."""
CHOSEN = "quality"
"""The cut that shows only the better shots."""
WHOLE = "story"
"""The cut that shows every shot with as much of its handles as the joints leave."""
MAY_DROP = ("quality", "pace")
"""Cuts that may leave scenes out; the others tell the whole story."""


@dataclass(frozen=True)
class Reel:
    """What a cut may be made of. ``scenes`` have pictures; ``wanted`` are all scenes of the script."""

    name: str
    pilot: PilotFootage
    scenes: tuple[SceneCut, ...]
    wanted: tuple[SceneCut, ...]
    missing: tuple[str, ...]
    """What the script asks for and nobody shot, in words."""
    borrowed: tuple[int, ...] = ()
    """Numbers of scenes taken from another pilot."""

    @property
    def numbers(self) -> tuple[int, ...]:
        return tuple(scene.scene.number for scene in self.scenes)


@dataclass(frozen=True)
class CutPlan:
    """How a cut is to be made. ``keep`` are numbers of scenes, in the order of the story."""

    name: str
    keep: tuple[int, ...]
    joints: Joints


@dataclass(frozen=True)
class Sketch:
    """A cut without its reasons."""

    reel: Reel
    plan: CutPlan
    timeline: Timeline
    prediction: Prediction
    missing: tuple[str, ...]
    needs_usd: Decimal | None
    untrimmed_s: float
    """Length of its scenes before they were made tight, in seconds."""
    beat: OnBeat | None = None
    notes: tuple[str, ...] = ()

    @property
    def left_out(self) -> int:
        return len(self.reel.scenes) - len(self.plan.keep)

    @property
    def shots_left_out(self) -> int:
        """Of the scenes that stay."""
        there = sum(len(scene.pieces) for scene in self.reel.scenes if scene.scene.number in self.plan.keep)
        return there - len(self.timeline.clips)

    def told(self, rationale: str) -> Cut:
        return Cut(
            name=self.plan.name,
            timeline=self.timeline,
            rating=self.prediction.rating,
            rationale=rationale,
            missing=self.missing,
            needs_usd=self.needs_usd,
            notes=self.notes,
        )


@dataclass(frozen=True)
class CuttingRoom:
    """The footage of a film on the table: a reel for each cut that is asked for."""

    brief: Brief
    reels: Mapping[str, Reel]
    take_prices_usd: Mapping[str, Decimal | None]
    """What a take has cost on average, by pilot."""
    bar: float
    """The rating that the brief hopes for."""

    def sketch(self, plan: CutPlan) -> Sketch:
        """Make the cut that ``plan`` describes."""
        return _sketch(self.brief, self.reels[plan.name], plan, self.take_prices_usd, self.bar)


def cutting_room(brief: Brief, pilots: Mapping[str, PilotFootage], bar: float | None = None) -> CuttingRoom:
    """Lay out the surviving pilots' footage.

    Args:
        bar: the rating that the brief hopes for; by default that of its quality mode.

    Raises:
        ProviderFailed: when there is nothing to cut: no pilot survived, or none of them has a single take.
    """
    ranked = _ranked(brief, pilots)
    main, others = scene_cuts(ranked[0]), {p.tier: scene_cuts(p) for p in ranked[1:]}
    # In the order in which they are cut: one that would be the same film as another before it is cut otherwise.
    reels = [
        _reel("balanced", ranked[0], Selection(main)),
        _reel(WHOLE, ranked[0], filled(main, others)),
        _reel(CHOSEN, ranked[0], best_of(main, others)),
        _reel(TIGHT, ranked[0], Selection(main)),
    ]
    if len(ranked) > 1:
        reels.append(_reel("alternate", ranked[1], Selection(scene_cuts(ranked[1]))))
    return CuttingRoom(
        brief=brief,
        reels={reel.name: reel for reel in reels},
        take_prices_usd={p.tier: take_price_usd(p) for p in ranked},
        bar=QUALITY_BAR[brief.quality_mode] if bar is None else bar,
    )


def alike_pairs(sketches: Sequence[Sketch]) -> dict[tuple[str, str], float]:
    """Pairs of cuts that are no choice between two, with how much they share."""
    pairs = {
        (one.plan.name, other.plan.name): likeness(one.timeline, other.timeline)
        for one, other in combinations(sketches, 2)
    }
    return {names: share for names, share in pairs.items() if share > ALIKE}


def alike_with(sketch: Sketch, others: Sequence[Sketch]) -> bool:
    """Whether one of the others is the same film already."""
    return any(likeness(sketch.timeline, other.timeline) > ALIKE for other in others)


def better(reel: Reel, scenes: Sequence[SceneCut], bar: float, *, share: float = 1.0) -> tuple[SceneCut, ...]:
    """``scenes`` without their weak shots, as ``polished`` has it, down to ``share`` of all the frames there are."""
    frames = sum(scene.frames for scene in reel.scenes)
    return polished(scenes, reel.pilot.script.rate, bar=bar, most_frames=round(frames * share))


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

    def balanced(pilot: PilotFootage) -> float:
        reel = _reel("balanced", pilot, Selection(scene_cuts(pilot)))
        return _sketch(brief, reel, CutPlan("balanced", reel.numbers, "soft"), {}, 0).prediction.rating

    return sorted(shot, key=lambda pilot: (-balanced(pilot), pilot.tier))


def _reel(name: str, pilot: PilotFootage, selection: Selection) -> Reel:
    """What there is for a cut; and everything that the script asks for and nobody shot, in words."""
    missing: list[str] = []
    for scene in selection.scenes:
        missing += scene.missing
        if not scene.pieces and scene.narration is not None and scene.narration.sound is not None:
            missing.append(f"the narration of scene {scene.scene.number} is dropped: it has no pictures")
    pictured = tuple(scene for scene in selection.scenes if scene.pieces)
    return Reel(name, pilot, pictured, selection.scenes, tuple(missing), selection.borrowed)


def _sketch(brief: Brief, reel: Reel, plan: CutPlan, prices: Mapping[str, Decimal | None], bar: float) -> Sketch:
    rate, size = reel.pilot.script.rate, reel.pilot.plans[min(reel.pilot.plans)].size
    scenes: Sequence[SceneCut] = [scene for scene in reel.scenes if scene.scene.number in plan.keep]
    manner = MANNERS[plan.joints]
    untrimmed_s = rate.seconds(sum(scene.frames for scene in scenes))
    missing = [*reel.missing, *(_left_out(scene) for scene in reel.scenes if scene.scene.number not in plan.keep)]
    if plan.name == TIGHT:
        tight = [tightened(scene, rate) for scene in scenes]
        music = place_music(reel.pilot.music, [(scene.scene.number, scene.frames) for scene in tight], rate)
        on_beat = snapped(tight, film_beats(reel.pilot.music, music, rate), rate)
        missing += _shots_left_out(scenes, on_beat)
        scenes = on_beat
    elif plan.name == CHOSEN:
        shown = better(reel, scenes, bar, share=CLEARLY_SHORTER)
        missing += _shots_left_out(scenes, shown)
        scenes = shown
    elif plan.name == WHOLE:
        scenes = lengthened(scenes, manner, rate)
    assembled = assemble(
        plan.name,
        brief,
        scenes,
        manner=manner,
        music=reel.pilot.music,
        rate=rate,
        size=size,
        palette=reel.pilot.script.palette,
    )
    beat = None
    if plan.name == TIGHT:
        beat = OnBeat.of(assembled.timeline, film_beats(reel.pilot.music, assembled.timeline.music, rate))
    traits = Traits(
        shot_share=sum(scene.scene.frames * scene.shot_share for scene in reel.scenes) / reel.pilot.script.frames,
        asked_duration_s=brief.duration_s,
        duration_s=assembled.timeline.duration_s,
        unplaced_narrations=len(assembled.missing),
        changes_of_look=sum(a.tier != b.tier for a, b in pairwise(scenes)),
        on_beat_share=beat.on_beat / beat.cut_points if beat and beat.cut_points else 0.0,
    )
    wanted = [scene for scene in reel.wanted if not scene.pieces or scene.scene.number in plan.keep]
    return Sketch(
        reel=reel,
        plan=replace(plan, keep=tuple(number for number in reel.numbers if number in plan.keep)),
        timeline=assembled.timeline,
        prediction=predict(scenes, traits),
        missing=(*missing, *assembled.missing),
        needs_usd=needs_usd(wanted, scenes, bar, prices),
        untrimmed_s=untrimmed_s,
        beat=beat,
        notes=assembled.notes,
    )


def _left_out(scene: SceneCut) -> str:
    return f"scene {scene.scene.number} “{scene.scene.heading}” is left out ({_rated(scene.rating)})"


def _shots_left_out(before: Sequence[SceneCut], after: Sequence[SceneCut]) -> list[str]:
    kept = {piece.name for scene in after for piece in scene.pieces}
    return [
        f"{piece.name} is left out ({_rated(piece.rating)})"
        for scene in before
        for piece in scene.pieces
        if piece.name not in kept
    ]


def _rated(rating: float | None) -> str:
    return "not rated" if rating is None else f"rated {rating:.0f}"
