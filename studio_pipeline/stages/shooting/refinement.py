"""Refinement: the prompt of a shot's next take, once somebody has said what is wrong with the last one.

The planned prompt stays, word for word, but for what is seen in it, which a mind says anew with the issues before it;
by rules, a direction for the take is put at its end. The whole prompt comes back, for ``cinematographer.direct(…,
prompt=…)``: these words are no note of a person, and nothing in them is understood as one.

Which shots are made again, how often, and when that stops, is decided in ``budget/refinement.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.ratings import Issue
from studio_pipeline.film.shots import Shot
from studio_pipeline.orchestration.minds import Mind, thought
from studio_pipeline.prose.one_line import one_line
from studio_pipeline.prose.utf16 import utf16_units
from studio_pipeline.providers.language.reading import Objection
from studio_pipeline.stages.shooting.prompt_enhancement import wrong_with_seen
from studio_pipeline.stages.shooting.prompt_parts import (
    MOST_SEEN,
    PROMPT_LIMIT,
    seen_in,
    shortened,
    with_direction,
    with_seen,
)
from studio_pipeline.wording import clipped

MOST_DIRECTION_UNITS = 400
"""Longest direction that the rules make of issues, in UTF-16 units."""
_MOST_ISSUES = 8
_MOST_MESSAGE_CHARS = 200
_MOST_READ = 20_000

_REMEDIES = {
    "freeze": "everything in the picture keeps moving gently to the last frame",
    "little_life": "things in the picture move by themselves, not the camera alone",
    "black": "a lit picture from the first frame to the last",
    "jump": "one continuous take without a cut",
    "flicker": "steady, even light",
    "jumpy_motion": "smooth, even camera movement",
    "soft": "crisp focus on the subject",
    "grain": "a clean picture without noise",
    "too_dark": "brighter light on the subject",
    "too_bright": "softer light, nothing burnt out",
    "low_contrast": "clear contrast between subject and background",
    "colourless": "rich colours of the palette",
}
"""What to ask for instead, by the code of an issue. What is not here is said in the inspector's words."""
_NOT_THE_PICTURES = frozenset(("vendor_event", "caption_ground", "missing_shot", "narration_overrun", "undecodable"))
"""Issues that no words of a prompt can mend."""


class EnhancedPrompt(Frozen):
    """What is seen in the next take."""

    prompt: str = Field(description="English. What is seen, in one to three sentences, within the room given.")


def refine(
    shot: Shot, issues: Sequence[Issue], mind: Mind | None, *, limit: int = PROMPT_LIMIT, kid: bool = False
) -> tuple[str, tuple[str, ...]]:
    """The whole prompt for the next take of ``shot``, and what did not go as planned.

    The bible's words, framing, camera and light are in it as planned.

    Args:
        issues: what is wrong with the last take; those that no prompt can mend are left out.
        limit: longest prompt in UTF-16 units.
        kid: whether the film is for children.

    Raises:
        AnswerUnusable, ProviderFailed: when no model answered usably and the rules are no last resort.
    """
    mendable = sorted(
        (issue for issue in issues if issue.code not in _NOT_THE_PICTURES),
        key=lambda issue: (-issue.points, issue.code, issue.first_frame or 0),
    )[:_MOST_ISSUES]
    room = room_in(shot, limit)
    if not mendable:
        return shot.prompt, ()
    if room <= 0:
        mind = None
    return thought(
        mind,
        lambda asked: _by_mind(asked, shot, mendable, room, limit=limit, kid=kid),
        lambda: (_by_rules(shot, mendable, limit), ()),
        lambda made, why: (made[0], (*made[1], why)),
    )


def _by_mind(
    mind: Mind, shot: Shot, issues: Sequence[Issue], room: int, *, limit: int, kid: bool
) -> tuple[str, tuple[str, ...]]:
    def make(draft: EnhancedPrompt) -> str:
        seen = one_line(draft.prompt[:_MOST_READ])
        wrong = wrong_with_seen(seen, shot, room, "prompt", kid=kid)
        if not wrong and seen.casefold() == seen_in(shot).casefold():
            wrong = ["prompt: it says what was planned, which was made already; say it another way"]
        if wrong:
            raise Objection(*wrong)
        return with_seen(shot, seen, limit=limit)

    answer = mind.ask(values(shot, issues, room, kid=kid), EnhancedPrompt, make=make)
    return answer.value, answer.events


def values(shot: Shot, issues: Sequence[Issue], room: int, *, kid: bool) -> dict[str, Any]:
    """What the prompt ``prompt_refiner`` is filled with."""
    return {
        "content_mode": "kid" if kid else "general",
        "bible": [{"name": member.name, "look": member.look} for member in shot.board.characters],
        "framing": shot.board.framing,
        "move": shot.move,
        "mood": shot.board.mood,
        "place": shot.board.place,
        "action": shot.board.action,
        "planned": seen_in(shot),
        "frames": shot.clip_frames,
        "issues": [_row(issue) for issue in issues],
        "room": room,
    }


def _row(issue: Issue) -> dict[str, object]:
    return {
        "issue": issue.code,
        "severity": issue.severity,
        "points": issue.points,
        "first_frame": "" if issue.first_frame is None else issue.first_frame,
        "last_frame": "" if issue.last_frame is None else issue.last_frame,
        "message": clipped(issue.message, _MOST_MESSAGE_CHARS),
    }


def room_in(shot: Shot, limit: int) -> int:
    """How long another description of what is seen may be in the prompt, in UTF-16 units: as the planned one, and
    longer by what the end of the prompt can give way."""
    bare = utf16_units(shortened(shot, with_seen(shot, "", limit=limit), limit=limit // 2))
    return min(MOST_SEEN, max(limit - bare - 2, utf16_units(seen_in(shot))))


def _by_rules(shot: Shot, issues: Sequence[Issue], limit: int) -> str:
    """The planned prompt with a direction: what to ask for instead of each issue, as far as there is room."""
    wishes = dict.fromkeys(
        _REMEDIES.get(issue.code) or f"mend this: {one_line(issue.message, most=_MOST_MESSAGE_CHARS)}"
        for issue in issues
    )
    words = ""
    for wish in wishes:
        longer = f"{words}; {wish}" if words else wish
        if utf16_units(longer) > MOST_DIRECTION_UNITS or utf16_units(with_direction(shot, longer, limit=limit)) > limit:
            break
        words = longer
    return with_direction(shot, f"{words}.", limit=limit) if words else shot.prompt
