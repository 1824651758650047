"""The cinematographer: plans the shots of a scene, and directs each take of a shot.

``plan_shots`` turns a scene of the script into shots with boards and prompts; ``direct`` applies a person's note to
one take; ``still_request`` and ``video_request`` say it in the words of the ports. How a mind plans is in
``cinematographer_mind.py``; the rules of film grammar are in ``grammar.py``, those for notes in ``notes.py``, and how
prompts are put together in ``prompt_parts.py``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from itertools import pairwise

from studio_pipeline.errors import BadInput
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.pilot import Pilot
from studio_pipeline.film.script import Character, Mood, Scene, Script
from studio_pipeline.film.shots import HANDLE_FRAMES, Framing, Shot, ShotPlan
from studio_pipeline.orchestration.minds import Mind, thought
from studio_pipeline.providers.capabilities import Model
from studio_pipeline.providers.image.port import StillRequest
from studio_pipeline.providers.video.port import VideoRequest
from studio_pipeline.stages.shooting import cinematographer_mind, grammar, notes
from studio_pipeline.stages.shooting.prompt_parts import PROMPT_LIMIT, reworded, with_direction
from studio_pipeline.stages.shooting.shot_layout import Format, Sketch, cast_of, laid_out

_SENTENCE_END = re.compile(r"(?<=[.!?…])(?<!\bMr\.)(?<!\bDr\.)(?<!\bSt\.)(?<!\bMrs\.)\s+|(?<=[。！？।])\s*|\s*[;；]\s*")
_BRIGHTER: tuple[Mood, ...] = ("tension", "sorrow", "resolve", "calm", "wonder", "joy")


class DirectedShot(Frozen):
    """A shot as one take is to be made: the planned shot with the note applied, the take's number and seed."""

    shot: Shot
    take: int
    note: str
    seed: int
    changes: tuple[str, ...] = ()
    """What the note changed, in words for the person who wrote it."""


def plan_shots(
    script: Script,
    scene_number: int,
    pilot: Pilot,
    *,
    size: tuple[int, int],
    max_shots: int,
    handle: int = HANDLE_FRAMES,
    models: Sequence[Model] = (),
    kid: bool = False,
    mind: Mind | None = None,
) -> ShotPlan:
    """Break a scene into one to four shots that add up to it, frame for frame.

    A shot that none of ``models`` can make says so (``Shot.refusal``), and nothing is ever bought for it.

    Args:
        size: width and height of the picture in pixels.
        max_shots: the most shots a scene may have (settings).
        handle: extra frames made on each side of every shot, for dissolves.
        models: the clip models in use; none for those of this machine, which can make anything.
        kid: whether the film is for children.
        mind: who sketches the shots; the rules of film grammar where there is none.

    Raises:
        BadInput: when the script has no such scene.
        AnswerUnusable, ProviderFailed: when no model sketched shots that can be used.
    """
    scene = script.scene(scene_number)
    if scene is None:
        raise BadInput(
            f"The script “{script.title}” has no scene {scene_number}",
            where=f"pilot {pilot.tier}",
            todo=f"Ask for a scene from 1 to {len(script.scenes)}.",
        )
    fmt = Format(size=size, max_shots=max_shots, handle=handle, models=tuple(models), kid=kid)
    return thought(
        mind,
        lambda asked: cinematographer_mind.plan(asked, script, scene, pilot, fmt),
        lambda: _by_rules(script, scene, pilot, fmt),
        lambda plan, why: plan.model_copy(update={"events": (*plan.events, why)}),
    )


def _by_rules(script: Script, scene: Scene, pilot: Pilot, fmt: Format) -> ShotPlan:
    longest = fmt.longest_frames(script.rate)
    count = grammar.count_shots(scene, script.rate, fmt.max_shots, longest_frames=longest)
    framings = grammar.choose_framings(scene, count)
    moves = grammar.choose_moves(scene, framings)
    actions = _actions(scene.direction, count)
    cast = cast_of(script, scene)
    sketches = [
        Sketch(
            framing=framings[at],
            move=moves[at],
            action=actions[at],
            characters=_in_frame(cast, framings[at], nth_close=framings[:at].count(framings[at])),
        )
        for at in range(count)
    ]
    return laid_out(script, scene, pilot, sketches, fmt)


def take_seed(brief_seed: int, shot: str, take: int) -> int:
    """The seed of a take: the same on every machine, another for every shot (``animated.s03.k2``) and every take."""
    words = f"{brief_seed}/{shot}/{take}".encode()
    return int.from_bytes(hashlib.sha256(words).digest()[:4], "big") >> 1


def direct(shot: Shot, *, note: str, take: int, seed: int, prompt: str = "") -> DirectedShot:
    """Apply ``note`` to one take of ``shot``; the plan itself stays as it is. ``seed`` is ``take_seed(…)``.

    Args:
        prompt: stands in for the planned prompt, word for word, as a refinement has it (``refinement.py``). Its words
            are no note: nothing in them is understood as one. Empty for the planned one.

    What the rules understand (closer, wider, slower, faster, still, left, right, up, down, brighter, darker and
    their kin) changes framing, move, mood and palette. Anything else is appended to the prompt as direction.
    """
    reading = notes.read_note(note)
    said = shot.model_copy(update={"prompt": prompt}) if prompt else shot
    board, move = shot.board, shot.move
    for wish in reading.wishes:
        move = notes.moved(move, wish)
        board = board.model_copy(
            update={
                "framing": notes.reframed(board.framing, wish),
                "mood": _relit_mood(board.mood, wish),
                "palette": tuple(notes.relit(colour, wish) for colour in board.palette),
            }
        )
    directed = shot.model_copy(update={"board": board, "move": move, "prompt": reworded(said, board, move)})
    if reading.rest:
        words = with_direction(directed, reading.rest, limit=PROMPT_LIMIT)
        directed = directed.model_copy(update={"prompt": words})
    return DirectedShot(
        shot=directed, take=take, note=note, seed=seed, changes=_changes(shot, directed, reading, take=take)
    )


def still_request(directed: DirectedShot, pilot: Pilot, *, size: tuple[int, int]) -> StillRequest:
    """The key frame of a take."""
    shot = directed.shot
    return StillRequest(
        model=pilot.image_model,
        prompt=shot.prompt,
        negative_prompt=shot.negative_prompt,
        size=size,
        seed=directed.seed,
        board=shot.board,
        variation=directed.take,
    )


def video_request(directed: DirectedShot, pilot: Pilot, plan: ShotPlan, first_frame: MediaRef | None) -> VideoRequest:
    """The clip of a take, handles included, from its key frame."""
    shot = directed.shot
    return VideoRequest(
        model=pilot.video_model,
        prompt=shot.prompt,
        negative_prompt=shot.negative_prompt,
        frames=shot.clip_frames,
        rate=plan.rate,
        size=plan.size,
        seed=directed.seed,
        move=shot.move,
        board=shot.board,
        first_frame=first_frame,
        variation=directed.take,
    )


def _in_frame(cast: tuple[Character, ...], framing: Framing, nth_close: int) -> tuple[Character, ...]:
    """Everyone in wide shots, two in a medium shot, one face in a close-up (the next one the next time), no one in
    an insert."""
    if framing == "insert" or not cast:
        return ()
    if framing in ("extreme_wide", "wide"):
        return cast
    if framing == "medium":
        return cast[:2]
    return (cast[nth_close % len(cast)],)


def _actions(direction: str, count: int) -> tuple[str, ...]:
    """One sentence of the direction for each shot. Shots beyond the last sentence stay with it."""
    sentences = [part.strip() for part in _SENTENCE_END.split(direction)]
    sentences = [part for part in sentences if part] or [direction]
    if len(sentences) <= count:
        return tuple(sentences + [sentences[-1]] * (count - len(sentences)))
    # More sentences than shots: neighbours share a shot, nothing that was written is dropped.
    edges = [round(at * len(sentences) / count) for at in range(count + 1)]
    return tuple(" ".join(sentences[start:end]) for start, end in pairwise(edges))


def _relit_mood(mood: Mood, wish: notes.Wish) -> Mood:
    if wish not in ("brighter", "darker"):
        return mood
    step = _BRIGHTER.index(mood) + (2 if wish == "brighter" else -2)
    return _BRIGHTER[max(0, min(step, len(_BRIGHTER) - 1))]


def _changes(before: Shot, after: Shot, reading: notes.Reading, *, take: int) -> tuple[str, ...]:
    said = []
    if before.board.framing != after.board.framing:
        said.append(f"framing {before.board.framing} → {after.board.framing}")
    if before.move != after.move:
        said.append(f"move {before.move} → {after.move}")
    if before.board.mood != after.board.mood:
        said.append(f"mood {before.board.mood} → {after.board.mood}")
    if before.board.palette != after.board.palette:
        said.append("palette relit")
    if reading.wishes and not said:
        said.append(f"take {take} already is as the note asks: {', '.join(reading.wishes)}")
    if reading.rest:
        said.append("the note goes into the prompt as direction")
    return tuple(said)
