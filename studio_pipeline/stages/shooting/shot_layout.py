"""From sketches of shots to the plan of a scene: lengths, boards, prompts, continuity, and what nobody can make.

Both minds of the cinematographer end here, so frames add up and the bible's words are in every prompt whoever sketched
the shots. What is shown in them is decided before (``cinematographer.py``, ``cinematographer_mind.py``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from studio_pipeline.film.pilot import Pilot
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.script import Character, Scene, Script
from studio_pipeline.film.shots import HANDLE_FRAMES, Board, Framing, Move, Shot, ShotPlan
from studio_pipeline.providers.capabilities import Model
from studio_pipeline.stages.shooting import grammar
from studio_pipeline.stages.shooting.prompt_parts import composed, limit_of, style_clauses

NEGATIVE_PROMPT = "text, captions, watermark, logo, extra limbs, deformed hands, flicker, jump cut, blurry"


@dataclass(frozen=True)
class Format:
    """What the shots of a film have to fit.

    Args:
        size: width and height of the picture in pixels.
        max_shots: the most shots a scene may have (settings).
        handle: extra frames made on each side of every shot, for dissolves.
        models: the clip models in use; none for those of this machine, which can make anything.
        kid: whether the film is for children.
    """

    size: tuple[int, int]
    max_shots: int
    handle: int = HANDLE_FRAMES
    models: tuple[Model, ...] = ()
    kid: bool = False

    def longest_frames(self, rate: Rate) -> int | None:
        """The longest shot that a model in use can make, handles not counted; ``None`` where there is no limit."""
        of_shape = [model for model in self.models if model.size_for(self.size) is not None]
        longest_s = max((max(model.durations_s, default=math.inf) for model in of_shape), default=math.inf)
        # A vendor's lengths are written to a few digits; a frame is never so short.
        return None if longest_s == math.inf else int(longest_s * rate.fraction + 1e-6) - 2 * self.handle

    @property
    def prompt_limit(self) -> int:
        """Longest prompt in UTF-16 units."""
        return limit_of(self.models)


@dataclass(frozen=True)
class Sketch:
    """A shot before it has a length. ``weight`` is its length relative to the others; ``None`` as its framing asks."""

    framing: Framing
    move: Move
    action: str
    characters: tuple[Character, ...] = ()
    weight: float | None = None
    continuity: str = ""


def laid_out(script: Script, scene: Scene, pilot: Pilot, sketches: Sequence[Sketch], fmt: Format) -> ShotPlan:
    """The plan of a scene, whose shots add up to it, frame for frame. A shot that nobody can make says so."""
    framings: tuple[Framing, ...] = tuple(sketch.framing for sketch in sketches)
    given = [sketch.weight for sketch in sketches if sketch.weight is not None]
    lengths = grammar.split_frames(
        scene,
        framings,
        script.rate,
        longest_frames=fmt.longest_frames(script.rate),
        weights=given if len(given) == len(sketches) else None,
    )
    style = style_clauses(pilot.look, script.look)
    shots = []
    for at, (sketch, frames) in enumerate(zip(sketches, lengths, strict=True)):
        board = Board(
            heading=scene.heading if at == 0 else "",
            action=sketch.action,
            place=scene.place,
            framing=sketch.framing,
            characters=sketch.characters,
            mood=scene.mood,
            palette=script.palette,
            language=script.language,
            slate=f"S{scene.number:02d} · K{at + 1}",
        )
        shots.append(
            Shot(
                number=at + 1,
                frames=frames,
                handle=fmt.handle,
                move=sketch.move,
                board=board,
                prompt=composed(board, sketch.move, style, scene.prompt_hints, limit=fmt.prompt_limit),
                negative_prompt=NEGATIVE_PROMPT,
                continuity=" ".join(filter(None, (_continuity(scene, at), sketch.continuity))),
                refusal=refusal(fmt.models, frames + 2 * fmt.handle, script.rate, fmt.size),
            )
        )
    return ShotPlan(scene=scene.number, rate=script.rate, size=fmt.size, shots=tuple(shots))


def cast_of(script: Script, scene: Scene) -> tuple[Character, ...]:
    """Who is in a scene, as the bible has them."""
    bible = {character.name: character for character in script.characters}
    return tuple(bible[name] for name in scene.characters if name in bible)


def refusal(models: Sequence[Model], frames: int, rate: Rate, size: tuple[int, int]) -> str:
    """Why none of ``models`` can make such a clip, in words; empty when one can, or when there are none to ask."""
    reasons = [model.why_not(frames=frames, rate=rate, size=size) for model in models]
    if not reasons or None in reasons:
        return ""
    return f"No model in use can make this shot: {'; '.join(reason for reason in reasons if reason)}."


def _continuity(scene: Scene, at: int) -> str:
    side = "left to right" if grammar.pan_direction(scene.place) == "pan_right" else "right to left"
    joint = f"Same place, clothes and light as K{at}; movement reads {side}." if at else f"Movement reads {side}."
    return f"{scene.continuity} {joint}".strip()
