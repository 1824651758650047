"""The critic as a language model: it says what is missing, what to change, and decides where the figures cannot.

What lives here: the draft that it fills in, what the prompt is told, and what is objected to. What does not: the
rating, which is never a model's (``case.py``), and the words of the prompt (``prompts/critic.md``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.ratings import Issue, Verdict
from studio_pipeline.orchestration.minds import Mind
from studio_pipeline.providers.language.drafts import Faults
from studio_pipeline.stages.reviewing.case import Case
from studio_pipeline.stages.reviewing.deciding import decided, fate

MOST_GAP_CHARS = 500
MOST_LINE_CHARS = 280
MOST_CHANGES = 8
MOST_STRENGTHS = 4
_MOST_ISSUES = 40
_SHOT_NUMBER = re.compile(r"\.k(\d)$")


class ChangeDraft(Frozen):
    """One thing to do otherwise."""

    scene: int = Field(description="number of the scene that it is about")
    shot: int | None = Field(description="number of the shot in that scene; null for the scene as a whole")
    note: str = Field(description="what to do, as an instruction that somebody can carry out")


class VerdictDraft(Frozen):
    """What the critic makes of one pilot."""

    gap: str = Field(description="what lies between the brief and the test scenes")
    strengths: tuple[str, ...] = Field(description="what works and has to be kept")
    changes: tuple[ChangeDraft, ...] = Field(description="what to change, the most important first")
    vote: Literal["continue", "cancel"]
    share_pct: int | None = Field(description="one of the shares to choose from; null when the figures have decided")
    reason: str = Field(description="why the vote is so, from what is in the scenes")


def by_mind(mind: Mind, case: Case, standing: Verdict | None) -> Verdict:
    """The verdict with a model's words, and in a tie by its vote. Raises what ``Mind.ask`` raises."""
    answer = mind.ask(values(case, standing), VerdictDraft, make=lambda draft: verdict_from(draft, case, standing))
    return answer.value.model_copy(update={"events": answer.events})


def values(case: Case, standing: Verdict | None = None) -> Mapping[str, Any]:
    """What the prompt is told."""
    brief, pilot, script = case.brief, case.pilot, case.script
    tested = {rating.scene for rating in case.ratings}
    shares = _shares(case, standing)
    film = {
        "title": brief.title,
        "concept": brief.concept or script.logline,
        "style": brief.style,
        "quality": brief.quality_mode,
        "duration_s": brief.duration_s,
    }
    return {
        "brief": {name: value for name, value in film.items() if value},
        "content_mode": brief.content_mode,
        "pilot": {"tier": pilot.tier, "look": pilot.look} | ({"pace": pilot.pace} if pilot.pace else {}),
        "scenes": [
            {
                "scene": scene.number,
                "tested": scene.number in tested,
                "heading": scene.heading,
                "direction": scene.direction,
                "narration": scene.narration,
            }
            for scene in script.scenes
        ],
        "shots": [
            {"scene": rating.scene, "shot": _number(shot.shot), "rating": round(shot.rating), "seen": shot.seen}
            for rating in case.ratings
            for shot in rating.shots
        ],
        "issues": _issues(case)[:_MOST_ISSUES],
        "rating": case.rating,
        "noise_points": round(case.noise_points, 1),
        "bar": f"{case.bar:g}",
        "figures": case.gap,
        "choices": [
            {"vote": "continue" if share else "cancel", "share_pct": share, "of_the_money_it_has_left": f"{share} %"}
            for share in shares
        ],
        "tie": len(shares) > 1,
        "most_gap_characters": MOST_GAP_CHARS,
        "most_line_characters": MOST_LINE_CHARS,
        "most_changes": MOST_CHANGES,
    }


def verdict_from(draft: VerdictDraft, case: Case, standing: Verdict | None = None) -> Verdict:
    """The draft as a verdict.

    Raises:
        Objection: with all that is wrong with it.
    """
    faults = Faults()
    gap = faults.line("gap", draft.gap, most=MOST_GAP_CHARS)
    reason = faults.line("reason", draft.reason, most=MOST_LINE_CHARS)
    if len(draft.strengths) > MOST_STRENGTHS:
        faults.add(f"there are {len(draft.strengths)} strengths; name at most {MOST_STRENGTHS}")
    strengths = [
        faults.line(f"strengths[{at}]", words, most=MOST_LINE_CHARS)
        for at, words in enumerate(draft.strengths[:MOST_STRENGTHS])
    ]
    if len(draft.changes) > MOST_CHANGES:
        faults.add(f"there are {len(draft.changes)} changes; name at most {MOST_CHANGES}, the most important ones")
    if not draft.changes and case.rating < case.bar:
        faults.add("changes is empty, yet the pilot is under what its brief hopes for; say what to change")
    notes = [_note(at, change, case, faults) for at, change in enumerate(draft.changes[:MOST_CHANGES])]
    share_pct = _share(draft, _shares(case, standing), faults)
    faults.object()
    return decided(
        case,
        share_pct,
        standing,
        tie_broken=f"The critic has looked and decides: it {fate(share_pct)}.",
        gap=gap,
        reasons=[_told(draft, share_pct, reason), *(f"What works: {words}" for words in strengths)],
        notes=notes,
    )


def _shares(case: Case, standing: Verdict | None) -> tuple[int, ...]:
    """What the pilot may be left with."""
    return (standing.share_pct,) if standing else case.readings


def _share(draft: VerdictDraft, shares: tuple[int, ...], faults: Faults) -> int:
    """What the vote leaves the pilot with: outside a tie what the figures say, whatever the vote is."""
    if len(shares) == 1:
        return shares[0]
    voted = [share for share in shares if (share > 0) == (draft.vote == "continue")]
    told = ", ".join(f"{'continue' if share else 'cancel'} with share_pct {share}" for share in shares)
    if draft.share_pct is None and len(voted) == 1:
        return voted[0]
    if draft.share_pct not in voted:
        faults.add(f"vote is {draft.vote} and share_pct is {draft.share_pct}; to choose from: {told}")
        return shares[0]
    return draft.share_pct


def _told(draft: VerdictDraft, share_pct: int, reason: str) -> str:
    if (draft.vote == "continue") == (share_pct > 0):
        return f"The critic: {reason}"
    return f"The critic would {draft.vote} it, but the figures decide: {reason}"


def _note(at: int, change: ChangeDraft, case: Case, faults: Faults) -> str:
    field = f"changes[{at}]"
    words = faults.line(f"{field}.note", change.note, most=MOST_LINE_CHARS)
    if case.script.scene(change.scene) is None:
        faults.add(f"{field}.scene is {change.scene}; the script has the scenes 1 to {len(case.script.scenes)}")
    elif change.shot is not None:
        rated = next((rating for rating in case.ratings if rating.scene == change.scene), None)
        shots = [_number(shot.shot) for shot in rated.shots] if rated else []
        if change.shot not in shots:
            there = f"has the shots {', '.join(map(str, shots))}" if shots else "is not shot yet; use null"
            faults.add(f"{field}.shot is {change.shot}; scene {change.scene} {there}")
    place = f"Scene {change.scene}" if change.shot is None else f"Scene {change.scene}, shot {change.shot}"
    return f"{place}: {words}"


def _number(shot: str) -> int:
    """The number of a shot in its scene, from its place (``animated.s03.k2``)."""
    found = _SHOT_NUMBER.search(f".{shot}")
    return int(found[1]) if found else 1


def _issues(case: Case) -> list[dict[str, Any]]:
    """All issues as flat rows, the costliest first."""
    found: list[tuple[float, dict[str, Any]]] = []
    for rating in case.ratings:
        found += [(issue.points, _row(rating.scene, None, issue)) for issue in rating.issues]
        for shot in rating.shots:
            found += [(issue.points, _row(rating.scene, _number(shot.shot), issue)) for issue in shot.issues]
    return [row for _, row in sorted(found, key=lambda pair: -pair[0])]


def _row(scene: int, shot: int | None, issue: Issue) -> dict[str, Any]:
    return {
        "scene": scene,
        "shot": shot,
        "issue": issue.code,
        "severity": issue.severity,
        "points": round(issue.points, 1),
        "first_frame": issue.first_frame,
        "last_frame": issue.last_frame,
        "message": issue.message,
    }
