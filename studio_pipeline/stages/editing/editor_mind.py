"""The editor as a language model: it chooses scenes and joints for each cut, and says what each is for.

What lives here: the draft that it fills in, what the prompt is told, and what is objected to. What does not: frames,
lengths and predicted ratings, which are ours (``cutting.py``), and the words of the prompt (``prompts/editor.md``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from studio_pipeline.editorial.cut import Cut, CutSet
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.orchestration.minds import Mind
from studio_pipeline.providers.language.drafts import Faults
from studio_pipeline.stages.editing.cutting import (
    MAY_DROP,
    CutPlan,
    CuttingRoom,
    Joints,
    Reel,
    Sketch,
    alike_pairs,
)
from studio_pipeline.stages.editing.footage import SceneCut
from studio_pipeline.stages.editing.pacing import droppable, spare
from studio_pipeline.wording import clipped

MOST_RATIONALE_CHARS = 400
MOST_SELLS_CHARS = 100


class CutDraft(Frozen):
    """One cut."""

    name: str = Field(description="name of one of the cuts that are asked for")
    keep: tuple[int, ...] = Field(description="numbers of the scenes that stay, in the order of the story")
    joints: Joints = Field(
        description="soft: dissolves inside scenes, through black between them; flowing: dissolves throughout; "
        "straight: straight cuts throughout"
    )
    sells: str = Field(description="what this cut gives a viewer, in a few words")
    rationale: str = Field(description="why these scenes and these joints")


class CutsDraft(Frozen):
    """The cuts that a person chooses from."""

    cuts: tuple[CutDraft, ...]
    recommended: str = Field(description="name of the cut to take")
    why: str = Field(description="why that one, for this brief")


def by_mind(mind: Mind, room: CuttingRoom, by_rules: Sequence[Sketch]) -> CutSet:
    """The cuts that a model planned. Raises what ``Mind.ask`` raises.

    Args:
        by_rules: the cuts as the rules make them: what the model is shown, and how different cuts of this footage can
            be at all.
    """
    answer = mind.ask(values(room, by_rules), CutsDraft, make=lambda draft: cuts_from(draft, room, by_rules))
    return answer.value.model_copy(update={"events": (*answer.value.events, *answer.events)})


def values(room: CuttingRoom, by_rules: Sequence[Sketch]) -> Mapping[str, Any]:
    """What the prompt is told."""
    brief = room.brief
    film = {
        "title": brief.title,
        "concept": brief.concept or room.reels["balanced"].pilot.script.logline,
        "style": brief.style,
        "quality": brief.quality_mode,
        "asked_duration_s": brief.duration_s,
    }
    return {
        "brief": {name: value for name, value in film.items() if value},
        "content_mode": brief.content_mode,
        "bar": f"{room.bar:g}",
        "scenes": _scenes(room),
        "runner_up": _runner_up(room),
        "cuts": [_asked(reel) for reel in room.reels.values()],
        "by_rules": [
            {
                "name": sketch.plan.name,
                "left_out": _listed(number for number in sketch.reel.numbers if number not in sketch.plan.keep),
                "joints": sketch.plan.joints,
                "seconds": round(sketch.timeline.duration_s, 1),
                "predicted_rating": sketch.prediction.rating,
            }
            for sketch in by_rules
        ],
        "most_rationale_characters": MOST_RATIONALE_CHARS,
        "most_sells_characters": MOST_SELLS_CHARS,
    }


def cuts_from(draft: CutsDraft, room: CuttingRoom, by_rules: Sequence[Sketch]) -> CutSet:
    """The draft as cuts, assembled by our own code.

    Raises:
        Objection: with all that is wrong with it.
    """
    faults = Faults()
    names = [cut.name for cut in draft.cuts]
    asked = ", ".join(room.reels)
    if sorted(names) != sorted(room.reels):
        told = ", ".join(clipped(name, 30) for name in names[:6])
        faults.add(f"there are {len(names)} cuts ({told}); exactly these are asked for: {asked}")
    if draft.recommended not in room.reels:
        faults.add(f"recommended is “{clipped(draft.recommended, 30)}”; recommend one of {asked}")
    why = faults.line("why", draft.why, most=MOST_RATIONALE_CHARS)
    planned = [
        (sketch, cut)
        for at, cut in enumerate(draft.cuts[: 2 * len(room.reels)])
        if (sketch := _sketched(f"cuts[{at}]", cut, room, faults))
    ]
    told = [_told(f"cuts[{at}]", cut, faults) for at, cut in enumerate(draft.cuts[: 2 * len(room.reels)])]
    faults.object()
    _check_differ([sketch for sketch, _ in planned], by_rules, faults)
    faults.object()
    cuts: list[Cut] = []
    for (sketch, _), words in zip(planned, told, strict=True):
        reason = f"{why} " if sketch.plan.name == draft.recommended else ""
        cuts.append(sketch.told(f"{reason}{words} {_figures(sketch, room)}"))
    cuts.sort(key=lambda cut: (-cut.rating, cut.name))
    return CutSet(cuts=tuple(cuts), recommended=draft.recommended)


def _sketched(field: str, draft: CutDraft, room: CuttingRoom, faults: Faults) -> Sketch | None:
    """The cut in frames; ``None`` when it cannot be made as it is drafted."""
    reel = room.reels.get(draft.name)
    if reel is None or not _keeps_the_story(field, draft.keep, reel, faults):
        return None
    return room.sketch(CutPlan(draft.name, draft.keep, draft.joints))


def _keeps_the_story(field: str, keep: Sequence[int], reel: Reel, faults: Faults) -> bool:
    there = set(reel.numbers)
    if list(keep) != sorted(set(keep)) or not set(keep) <= there:
        unknown = sorted(set(keep) - there)[:6]
        faults.add(
            f"{field}.keep "
            + (f"names scenes without pictures: {_listed(unknown)}" if unknown else "is not in the order of the story")
            + f"; there are: {_listed(reel.numbers)}, each at most once"
        )
        return False
    dropped = [scene for scene in reel.scenes if scene.scene.number not in keep]
    most, may_go = _most_dropped(reel), [scene.scene.number for scene in _may_go(reel)]
    if [scene for scene in dropped if scene.scene.number not in may_go] or len(dropped) > most:
        allowed = f"at most {most} of {_listed(may_go)} may go" if most and may_go else "all its scenes stay"
        faults.add(f"{field} ({reel.name}) leaves out {_listed(s.scene.number for s in dropped[:20])}; here {allowed}")
        return False
    return True


def _check_differ(sketches: Sequence[Sketch], by_rules: Sequence[Sketch], faults: Faults) -> None:
    """A person who chooses has to have a choice, as far as the footage gives one."""
    unavoidable = {frozenset(pair) for pair in alike_pairs(by_rules)}
    for (one, other), share in alike_pairs(sketches).items():
        if frozenset((one, other)) not in unavoidable:
            faults.add(
                f"{one} and {other} share {share:.0%} of their frames and joints; leave out other scenes or join them "
                "in another way"
            )


def _told(field: str, draft: CutDraft, faults: Faults) -> str:
    sells = faults.line(f"{field}.sells", draft.sells, most=MOST_SELLS_CHARS)
    rationale = faults.line(f"{field}.rationale", draft.rationale, most=MOST_RATIONALE_CHARS)
    return f"{sells.rstrip('.')}. {rationale}"


def _figures(sketch: Sketch, room: CuttingRoom) -> str:
    on_beat = f", {sketch.beat.on_beat} of {sketch.beat.cut_points} cuts on the beat" if sketch.beat else ""
    return (
        f"{sketch.timeline.duration_s:.1f} s of the {room.brief.duration_s:g} s asked for{on_beat}; "
        f"{sketch.prediction.words}."
    )


def _asked(reel: Reel) -> dict[str, Any]:
    """What one of the cuts is, and what it may leave out."""
    most = _most_dropped(reel)
    return {
        "name": reel.name,
        "pilot": reel.pilot.tier,
        "scenes": _listed(reel.numbers),
        "from_another_pilot": _listed(reel.borrowed),
        "may_leave_out": _listed(scene.scene.number for scene in _may_go(reel)) if most else "",
        "at_most": most,
    }


def _may_go(reel: Reel) -> list[SceneCut]:
    return droppable(reel.scenes) if reel.name in MAY_DROP else []


def _most_dropped(reel: Reel) -> int:
    return min(spare(reel.scenes), len(_may_go(reel)))


def _scenes(room: CuttingRoom) -> list[dict[str, Any]]:
    """A row a scene of the best pilot; beside it, where ``quality`` borrows scenes, what those are rated."""
    main, quality, rate = room.reels["balanced"], room.reels["quality"], room.reels["balanced"].pilot.script.rate
    rows = []
    for at, scene in enumerate(main.wanted):
        narrated = scene.narration
        row: dict[str, Any] = {
            "scene": scene.scene.number,
            "beat": scene.scene.beat,
            "heading": scene.scene.heading,
            "direction": scene.scene.direction,
            "shots": len(scene.pieces),
            "seconds": round(rate.seconds(scene.frames), 1),
            "spoken_s": round(narrated.duration_s, 1) if narrated and narrated.sound else 0,
            "rating": _rounded(scene.rating),
            "weakness": _weakness(main, scene),
        }
        if quality.borrowed:
            row["in_quality"] = _rounded(quality.wanted[at].rating)
        rows.append(row)
    return rows


def _runner_up(room: CuttingRoom) -> list[dict[str, Any]]:
    """The scenes of ``alternate``, which may tell the story in another way."""
    reel = room.reels.get("alternate")
    if reel is None:
        return []
    return [
        {"scene": scene.scene.number, "heading": scene.scene.heading, "rating": _rounded(scene.rating)}
        for scene in reel.wanted
    ]


def _weakness(reel: Reel, scene: SceneCut) -> str:
    """The costliest thing that the inspector named in a scene."""
    rated = reel.pilot.ratings.get(scene.scene.number)
    issues = [issue for issue in rated.all_issues() if issue.points >= 1] if rated else []
    worst = max(issues, key=lambda issue: issue.points, default=None)
    return clipped(worst.message, 120) if worst else ""


def _rounded(rating: float | None) -> int | None:
    return None if rating is None else round(rating)


def _listed(numbers: Any) -> str:
    return ", ".join(str(number) for number in numbers)
