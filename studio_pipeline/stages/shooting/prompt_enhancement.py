"""Prompt enhancement: what is seen in the shots of a scene, said better for the model that makes the clips.

A step of its own after planning. One question covers all shots of a scene, which is what keeps their light and details
the same, and costs a quarter of a question a shot. Several wordings are asked for (``best_of`` of the variant), and a
second mind says which is best; by rules, it is the one that keeps most of what was planned. Only what is seen is
reworded: framing, faces, camera, light and style are put around it by code, word for word (``prompt_parts.py``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeAlias

from pydantic import Field

from studio_pipeline.errors import OutOfBudget, ProviderFailed, UnknownPrice
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.pilot import Pilot
from studio_pipeline.film.script import Character, Script
from studio_pipeline.film.shots import Shot, ShotPlan
from studio_pipeline.orchestration.minds import Mind, thought
from studio_pipeline.prose.gentle import harsh_word
from studio_pipeline.prose.one_line import one_line
from studio_pipeline.prose.utf16 import utf16_units
from studio_pipeline.providers.language.reading import Objection
from studio_pipeline.stages.shooting.prompt_parts import PROMPT_LIMIT, room_for_seen, seen_in, with_seen

LEAST_ROOM = 80
"""A shot whose faces leave less than this, in UTF-16 units, keeps its planned words."""
_MOST_READ = 20_000
_WORD = re.compile(r"[^\W\d_]{4,}")
_LETTERING = re.compile(r"\b(?:subtitles?|captions?|watermarks?|logos?|text overlay|title card)\b", re.IGNORECASE)

Seen: TypeAlias = tuple[str, ...]
"""What is seen in each of the shots asked for, in their order."""


class EnhancedShot(Frozen):
    """One shot."""

    shot: int = Field(description="Its number, as in the table.")
    prompt: str = Field(description="English. What is seen in it, in one to three sentences, within its room.")


class EnhancedPrompts(Frozen):
    """All shots of the table, in order."""

    prompts: tuple[EnhancedShot, ...]


class PromptChoice(Frozen):
    """Which wording is best."""

    why: str = Field(description="In one sentence, before you choose: what one does better than the others.")
    best: int = Field(description="Its number, from 1.")


def enhanced(
    plan: ShotPlan,
    script: Script,
    pilot: Pilot,
    *,
    mind: Mind | None,
    judge: Mind | None = None,
    limit: int = PROMPT_LIMIT,
    kid: bool = False,
) -> ShotPlan:
    """The plan with better words for what is seen; as it is where there is no mind.

    Args:
        judge: says which of several wordings is best; the rules where there is none.
        limit: longest prompt in UTF-16 units (``prompt_parts.limit_of``).
        kid: whether the film is for children.
    """
    rooms = rooms_of(plan, pilot, limit)
    if mind is None or not rooms:
        return plan
    return thought(
        mind,
        lambda asked: _by_mind(asked, judge, plan, script, pilot, rooms, limit=limit, kid=kid),
        lambda: plan,
        lambda same, why: same.model_copy(update={"events": (*same.events, why)}),
    )


def _by_mind(
    mind: Mind,
    judge: Mind | None,
    plan: ShotPlan,
    script: Script,
    pilot: Pilot,
    rooms: dict[int, int],
    *,
    limit: int,
    kid: bool,
) -> ShotPlan:
    events: list[str] = []

    def make(draft: EnhancedPrompts) -> Seen:
        return seen_from(draft, plan, rooms, kid=kid)

    def rank(wordings: Sequence[Seen]) -> int:
        return best_of(wordings, plan, rooms, judge, events, kid=kid)

    answer = mind.ask(values(plan, script, pilot, rooms, kid=kid), EnhancedPrompts, make=make, rank=rank)
    reworded = dict(zip(rooms, answer.value, strict=True))
    shots = tuple(
        shot.model_copy(update={"prompt": with_seen(shot, reworded[shot.number], limit=limit)})
        if shot.number in reworded
        else shot
        for shot in plan.shots
    )
    return plan.model_copy(update={"shots": shots, "events": (*plan.events, *answer.events, *events)})


def rooms_of(plan: ShotPlan, pilot: Pilot, limit: int) -> dict[int, int]:
    """The shots that can be reworded, by number, and how long what is seen may be in each, in UTF-16 units. A shot that
    nobody can make is none of them."""
    able = [shot for shot in plan.shots if not shot.refusal]
    rooms = {shot.number: room_for_seen(shot.board, shot.move, pilot.look, limit) for shot in able}
    return {number: room for number, room in rooms.items() if room >= LEAST_ROOM}


# What is asked


def values(plan: ShotPlan, script: Script, pilot: Pilot, rooms: dict[int, int], *, kid: bool) -> dict[str, Any]:
    """What the prompt ``prompt_enhancer`` is filled with."""
    scene = script.scenes[plan.scene - 1]
    return {
        "content_mode": "kid" if kid else "general",
        "tier_look": pilot.look,
        "look": script.look.removeprefix(pilot.look).lstrip(" ;.,"),
        "bible": [{"name": member.name, "look": member.look} for member in script.characters],
        "place": scene.place,
        "mood": scene.mood,
        "hints": ", ".join(scene.prompt_hints),
        "shots": [_row(shot, plan, rooms[shot.number]) for shot in plan.shots if shot.number in rooms],
    }


def _row(shot: Shot, plan: ShotPlan, room: int) -> dict[str, object]:
    return {
        "shot": shot.number,
        "seconds": round(plan.rate.seconds(shot.frames), 1),
        "framing": shot.board.framing,
        "move": shot.move,
        "in_frame": ", ".join(member.name for member in shot.board.characters) or "nobody",
        "planned": seen_in(shot),
        "room": room,
    }


def choice_values(plan: ShotPlan, wordings: Sequence[Seen], rooms: dict[int, int], *, kid: bool) -> dict[str, Any]:
    """What the prompt ``quality_evaluator`` is filled with."""
    return {
        "content_mode": "kid" if kid else "general",
        "shots": [_row(shot, plan, rooms[shot.number]) for shot in plan.shots if shot.number in rooms],
        "wordings": [
            {"wording": order, "shot": number, "prompt": seen}
            for order, wording in enumerate(wordings, start=1)
            for number, seen in zip(rooms, wording, strict=True)
        ],
        "count": len(wordings),
    }


# What becomes of an answer


def seen_from(draft: EnhancedPrompts, plan: ShotPlan, rooms: dict[int, int], *, kid: bool) -> Seen:
    """What is seen in each shot of ``rooms``, in their order.

    Raises:
        Objection: with everything that is wrong with the draft.
    """
    numbers = [shot.shot for shot in draft.prompts]
    if sorted(numbers) != sorted(rooms):
        raise Objection(f"prompts: give one for each of these shots: {', '.join(map(str, rooms))}")
    said = {shot.shot: one_line(shot.prompt[:_MOST_READ]) for shot in draft.prompts}
    wrong = [
        word
        for shot in plan.shots
        if shot.number in rooms
        for word in wrong_with_seen(said[shot.number], shot, rooms[shot.number], f"shot {shot.number}", kid=kid)
    ]
    if wrong:
        raise Objection(*wrong)
    return tuple(said[number] for number in rooms)


def wrong_with_seen(seen: str, shot: Shot, room: int, where: str, *, kid: bool) -> list[str]:
    """What is wrong with one description of what is seen, in words for its writer."""
    wrong = []
    if not any(char.isalnum() for char in seen):
        wrong.append(f"{where}: prompt is empty")
    if (units := utf16_units(seen)) > room:
        wrong.append(f"{where}: prompt has {units} characters and there is room for {room}")
    if any(_repeats(seen, member) for member in shot.board.characters):
        wrong.append(f"{where}: it repeats a character's look, which is put in word for word anyway; leave it out")
    if found := _LETTERING.search(seen):
        wrong.append(f"{where}: no lettering in pictures: “{found[0]}”")
    if kid and (word := harsh_word(seen)):
        wrong.append(f"{where}: “{word}” is not for children: show it another way")
    return wrong


def _repeats(seen: str, member: Character) -> bool:
    return len(member.look) > 20 and member.look.casefold() in seen.casefold()


def best_of(
    wordings: Sequence[Seen],
    plan: ShotPlan,
    rooms: dict[int, int],
    judge: Mind | None,
    events: list[str],
    *,
    kid: bool,
) -> int:
    """Index of the best wording, as the judge says. By rules where there is none, no money for one, or no answer: all
    of them can be used, so nothing is lost but the choice, and an event says so."""
    if judge is None or len(set(wordings)) == 1:
        return by_rules(wordings, plan)

    def make(draft: PromptChoice) -> int:
        if not 1 <= draft.best <= len(wordings):
            raise Objection(f"best is {draft.best}; there are wordings 1 to {len(wordings)}")
        return draft.best - 1

    try:
        answer = judge.ask(choice_values(plan, wordings, rooms, kid=kid), PromptChoice, make=make)
    except UnknownPrice:
        raise
    except (OutOfBudget, ProviderFailed) as trouble:
        events.append(f"Of {len(wordings)} wordings the rules took one, as no model chose: {trouble.what}.")
        return by_rules(wordings, plan)
    events.extend(answer.events)
    return answer.value


def by_rules(wordings: Sequence[Seen], plan: ShotPlan) -> int:
    """Index of the wording that keeps most of the planned words; the shortest of those that keep as many."""
    planned = {word.casefold() for shot in plan.shots for word in _WORD.findall(seen_in(shot))}

    def worth(at: int) -> tuple[int, int, int]:
        said = " ".join(wordings[at])
        return len(planned & {word.casefold() for word in _WORD.findall(said)}), -len(said), -at

    return max(range(len(wordings)), key=worth)
