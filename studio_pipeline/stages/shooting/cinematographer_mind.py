"""The cinematographer's mind: what a model is asked for the shots of a scene, and what its draft must be to become one.

A model chooses framings, moves and moments; frames, prompts and what a vendor can make are computed. All scenes of a
pilot share a part of the question (its look and bible), which a vendor may keep between calls.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from pydantic import Field

from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.pilot import Pilot
from studio_pipeline.film.script import Character, Scene, Script
from studio_pipeline.film.shots import Board, Framing, Move, ShotPlan
from studio_pipeline.orchestration.minds import Mind
from studio_pipeline.prose.gentle import harsh_word
from studio_pipeline.prose.one_line import one_line
from studio_pipeline.prose.utf16 import utf16_units
from studio_pipeline.providers.language.reading import Objection
from studio_pipeline.stages.shooting import grammar
from studio_pipeline.stages.shooting.prompt_parts import room_for_seen
from studio_pipeline.stages.shooting.shot_layout import Format, Sketch, cast_of, laid_out
from studio_pipeline.wording import clipped

_MOST_ACTION_UNITS = 300
_MOST_CONTINUITY_CHARS = 200
_MOST_READ = 20_000
_HEAVIEST = 10.0
"""More than ten times as long as a shot of weight 1 nobody means."""


class ShotDraft(Frozen):
    """One shot."""

    framing: Framing = Field(description="How much of the scene the picture shows.")
    move: Move = Field(description="What the camera does.")
    action: str = Field(
        description="English. One sentence, present tense: what is seen from the first frame to the last."
    )
    characters: tuple[str, ...] = Field(
        description="Names from the bible of those whose faces or figures are in frame."
    )
    weight: float = Field(description="How long it is beside the others; 1 for a usual one, 2 for one twice as long.")
    continuity: str = Field(
        description="English. What must match the shots around it: screen side, prop in hand, gaze."
    )


class ShotPlanDraft(Frozen):
    """The shots of a scene, in order."""

    shots: tuple[ShotDraft, ...]


def plan(mind: Mind, script: Script, scene: Scene, pilot: Pilot, fmt: Format) -> ShotPlan:
    """The plan that ``mind`` made; what went otherwise than planned is in its events."""
    answer = mind.ask(
        values(script, scene, pilot, fmt),
        ShotPlanDraft,
        make=lambda draft: plan_from(draft, script, scene, pilot, fmt),
    )
    return answer.value.model_copy(update={"events": (*answer.value.events, *answer.events)})


def values(script: Script, scene: Scene, pilot: Pilot, fmt: Format) -> dict[str, Any]:
    """What the prompt ``cinematographer`` is filled with."""
    count = _count(script, scene, fmt)
    longest = fmt.longest_frames(script.rate)
    width, height = fmt.size
    return {
        "content_mode": "kid" if fmt.kid else "general",
        "tier_look": pilot.look,
        "look": script.look.removeprefix(pilot.look).lstrip(" ;.,"),
        "pace": pilot.pace,
        "bible": [{"name": member.name, "look": member.look} for member in script.characters],
        "shape": "upright" if height > width else "square" if height == width else "wide",
        "number": scene.number,
        "heading": scene.heading,
        "beat": scene.beat,
        "mood": scene.mood,
        "place": scene.place,
        "narration": scene.narration,
        "direction": scene.direction,
        "hints": ", ".join(scene.prompt_hints),
        "cast": ", ".join(member.name for member in cast_of(script, scene)),
        "continuity": scene.continuity,
        "seconds": f"{script.rate.seconds(scene.frames):.1f}",
        "fewest": count.start,
        "most": count.stop - 1,
        "longest_s": "" if longest is None else f"{script.rate.seconds(longest):.1f}",
        "pan": grammar.pan_direction(scene.place),
    }


def _count(script: Script, scene: Scene, fmt: Format) -> range:
    return grammar.shot_range(scene, script.rate, fmt.max_shots, longest_frames=fmt.longest_frames(script.rate))


def plan_from(draft: ShotPlanDraft, script: Script, scene: Scene, pilot: Pilot, fmt: Format) -> ShotPlan:
    """The plan of a draft.

    Raises:
        Objection: with everything that is wrong with the draft.
    """
    count = _count(script, scene, fmt)
    if len(draft.shots) not in count:
        wanted = f"{count.start}" if len(count) == 1 else f"{count.start} to {count.stop - 1}"
        raise Objection(f"shots: there are {len(draft.shots)}, and this scene of {_length(script, scene)} has {wanted}")
    cast = cast_of(script, scene)
    actions = [one_line(shot.action[:_MOST_READ]) for shot in draft.shots]
    present = [_present(shot, cast) for shot in draft.shots]
    wrong = [
        *_wrong_with_shots(draft.shots, actions, cast, kid=fmt.kid),
        *_wrong_with_cuts(draft.shots, present),
        *_wrong_with_room(draft.shots, actions, present, scene, pilot, fmt),
    ]
    if wrong:
        raise Objection(*wrong)
    sketches = [
        Sketch(
            framing=shot.framing,
            move=_on_this_side(shot.move, scene.place),
            action=action,
            characters=there,
            weight=shot.weight,
            continuity=one_line(shot.continuity[:_MOST_READ]),
        )
        for shot, action, there in zip(draft.shots, actions, present, strict=True)
    ]
    return laid_out(script, scene, pilot, sketches, fmt)


def _length(script: Script, scene: Scene) -> str:
    return f"{script.rate.seconds(scene.frames):.1f} s"


def _present(shot: ShotDraft, cast: Sequence[Character]) -> tuple[Character, ...]:
    """Who of the scene is in frame, as the shot names them, each once."""
    by_name = {member.name: member for member in cast}
    named = dict.fromkeys(one_line(name[:_MOST_READ]) for name in shot.characters)
    return tuple(by_name[name] for name in named if name in by_name)


def _on_this_side(move: Move, place: str) -> Move:
    """A pan the way that all pans at ``place`` go, so that the camera never crosses the line."""
    return grammar.pan_direction(place) if move in ("pan_left", "pan_right") else move


def _wrong_with_shots(
    shots: Sequence[ShotDraft], actions: Sequence[str], cast: Sequence[Character], *, kid: bool
) -> Iterator[str]:
    names = {member.name for member in cast}
    there = ", ".join(member.name for member in cast) or "nobody"
    for number, (shot, action) in enumerate(zip(shots, actions, strict=True), start=1):
        if not any(char.isalnum() for char in action):
            yield f"shot {number}: action is empty; say in one sentence what is seen"
        elif (units := utf16_units(action)) > _MOST_ACTION_UNITS:
            yield f"shot {number}: action has {units} characters; at most {_MOST_ACTION_UNITS}"
        for name in dict.fromkeys(one_line(name[:_MOST_READ]) for name in shot.characters):
            if name not in names:
                yield f"shot {number}: “{clipped(name, 40)}” is not in this scene; there are: {there}"
        if not math.isfinite(shot.weight) or not 0 < shot.weight <= _HEAVIEST:
            yield f"shot {number}: weight is {clipped(str(shot.weight), 20)}; give more than 0, at most {_HEAVIEST:g}"
        if len(shot.continuity) > _MOST_CONTINUITY_CHARS:
            yield f"shot {number}: continuity has {len(shot.continuity)} characters; at most {_MOST_CONTINUITY_CHARS}"
        if kid and (word := harsh_word(f"{action} {shot.continuity[:_MOST_READ]}")):
            yield f"shot {number}: “{word}” is not for children: show it another way"


def _wrong_with_cuts(shots: Sequence[ShotDraft], present: Sequence[tuple[Character, ...]]) -> Iterator[str]:
    """A cut between two like pictures looks like a mistake."""
    for number, ((one, there), (other, then)) in enumerate(pairwise(zip(shots, present, strict=True)), start=1):
        if one.framing == other.framing and there == then:
            yield (
                f"shots {number} and {number + 1}: both are {one.framing} of the same, so the cut between them jumps; "
                "change one framing, or who is in frame"
            )


def _wrong_with_room(
    shots: Sequence[ShotDraft],
    actions: Sequence[str],
    present: Sequence[tuple[Character, ...]],
    scene: Scene,
    pilot: Pilot,
    fmt: Format,
) -> Iterator[str]:
    """Whether one prompt holds the action beside the looks of all who are in frame."""
    for number, (shot, action, there) in enumerate(zip(shots, actions, present, strict=True), start=1):
        board = Board(
            heading="", action="", place=scene.place, framing=shot.framing, characters=there, mood=scene.mood
        )  # fmt: skip
        room = room_for_seen(board, shot.move, pilot.look, fmt.prompt_limit)
        units = utf16_units(action)
        if units > room and there:
            yield (
                f"shot {number}: its prompt has room for {max(room, 0)} characters of action beside the looks of "
                f"{len(there)} characters, and the action has {units}: show fewer of them, or say it shorter"
            )
