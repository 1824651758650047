"""The cinematographer: plans the shots of a scene, and directs each take of a shot.

``plan_shots`` turns a scene of the script into shots with boards and prompts; ``direct`` applies a person's note to
one take; ``still_request`` and ``video_request`` say it in the words of the ports. Pure: nothing is bought, drawn or
read here. The rules of film grammar are in ``grammar.py``, the rules for notes in ``notes.py``.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence
from itertools import pairwise

from studio_pipeline.errors import BadInput
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.pilot import Pilot
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.script import Character, Mood, Scene, Script
from studio_pipeline.film.shots import HANDLE_FRAMES, Board, Framing, Move, Shot, ShotPlan
from studio_pipeline.providers.capabilities import Model
from studio_pipeline.providers.image.port import StillRequest
from studio_pipeline.providers.video.port import VideoRequest
from studio_pipeline.stages.shooting import grammar, notes

PROMPT_LIMIT = 1000
"""Longest prompt in UTF-16 units: the tightest vendor's (Runway gen4.5), so that no prompt is cut off unseen."""

NEGATIVE_PROMPT = "text, captions, watermark, logo, extra limbs, deformed hands, flicker, jump cut, blurry"

_MOOD_WORDS: dict[Mood, str] = {
    "calm": "calm, soft even light",
    "wonder": "wonder, luminous light",
    "tension": "tension, hard low-key light",
    "joy": "joy, warm bright light",
    "sorrow": "sorrow, muted cool light",
    "resolve": "resolve, clear directional light",
}
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
) -> ShotPlan:
    """Break a scene into one to four shots that add up to it, frame for frame.

    A shot that none of ``models`` can make says so (``Shot.refusal``), and nothing is ever bought for it.

    Args:
        size: width and height of the picture in pixels.
        max_shots: the most shots a scene may have (settings).
        handle: extra frames made on each side of every shot, for dissolves.
        models: the clip models in use; none for those of this machine, which can make anything.

    Raises:
        BadInput: when the script has no such scene.
    """
    scene = script.scene(scene_number)
    if scene is None:
        raise BadInput(
            f"The script “{script.title}” has no scene {scene_number}",
            where=f"pilot {pilot.tier}",
            todo=f"Ask for a scene from 1 to {len(script.scenes)}.",
        )
    of_shape = [model for model in models if model.size_for(size) is not None]
    longest_s = max((max(model.durations_s, default=math.inf) for model in of_shape), default=math.inf)
    # A vendor's lengths are written to a few digits; a frame is never so short.
    longest_frames = None if longest_s == math.inf else int(longest_s * script.rate.fraction + 1e-6) - 2 * handle
    count = grammar.count_shots(scene, script.rate, max_shots, longest_frames=longest_frames)
    framings = grammar.choose_framings(scene, count)
    lengths = grammar.split_frames(scene, framings, script.rate, longest_frames=longest_frames)
    moves = grammar.choose_moves(scene, framings)
    actions = _actions(scene.direction, count)
    cast = _cast(script, scene)
    shots = []
    for at in range(count):
        board = Board(
            heading=scene.heading if at == 0 else "",
            action=actions[at],
            place=scene.place,
            framing=framings[at],
            characters=_in_frame(cast, framings[at], nth_close=framings[:at].count(framings[at])),
            mood=scene.mood,
            palette=script.palette,
            language=script.language,
            slate=f"S{scene.number:02d} · K{at + 1}",
        )
        shots.append(
            Shot(
                number=at + 1,
                frames=lengths[at],
                handle=handle,
                move=moves[at],
                board=board,
                prompt=_prompt(board, moves[at], pilot, script.look, scene.prompt_hints),
                negative_prompt=NEGATIVE_PROMPT,
                continuity=_continuity(scene, at),
                refusal=refusal(models, lengths[at] + 2 * handle, script.rate, size),
            )
        )
    return ShotPlan(scene=scene.number, rate=script.rate, size=size, shots=tuple(shots))


def refusal(models: Sequence[Model], frames: int, rate: Rate, size: tuple[int, int]) -> str:
    """Why none of ``models`` can make such a clip, in words; empty when one can, or when there are none to ask."""
    reasons = [model.why_not(frames=frames, rate=rate, size=size) for model in models]
    if not reasons or None in reasons:
        return ""
    return f"No model in use can make this shot: {'; '.join(reason for reason in reasons if reason)}."


def take_seed(brief_seed: int, shot: str, take: int) -> int:
    """The seed of a take: the same on every machine, another for every shot (``animated.s03.k2``) and every take."""
    words = f"{brief_seed}/{shot}/{take}".encode()
    return int.from_bytes(hashlib.sha256(words).digest()[:4], "big") >> 1


def direct(shot: Shot, *, note: str, take: int, seed: int) -> DirectedShot:
    """Apply ``note`` to one take of ``shot``; the plan itself stays as it is. ``seed`` is ``take_seed(…)``.

    What the rules understand (closer, wider, slower, faster, still, left, right, up, down, brighter, darker and
    their kin) changes framing, move, mood and palette. Anything else is appended to the prompt as direction.
    """
    reading = notes.read_note(note)
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
    prompt = _reworded(shot, board, move)
    if reading.rest:
        prompt = f"{prompt} Direction for this take: {reading.rest}"
    directed = shot.model_copy(update={"board": board, "move": move, "prompt": prompt})
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


def _cast(script: Script, scene: Scene) -> tuple[Character, ...]:
    bible = {character.name: character for character in script.characters}
    return tuple(bible[name] for name in scene.characters if name in bible)


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


def _prompt(board: Board, move: Move, pilot: Pilot, look: str, hints: tuple[str, ...]) -> str:
    """Framing, action, faces, place, move, light, style – most important first. The bible's words are verbatim.

    When it gets longer than the tightest vendor takes, whole parts go, the least important first; faces stay.
    """
    faces = [f"{character.name}: {character.look}." for character in board.characters]
    parts = [
        _framing_clause(board.framing),
        board.action,
        *faces,
        f"Place: {board.place}.",
        _move_clause(move),
        _light_clause(board.mood),
        f"Style: {pilot.look}" + (f" {look}" if look and look != pilot.look else ""),
        *hints,
        f"Palette: {', '.join(board.palette)}." if board.palette else "",
    ]
    parts = [part for part in parts if part.strip()]
    must_stay = 2 + len(faces)
    while len(parts) > must_stay and _utf16_units(" ".join(parts)) > PROMPT_LIMIT:
        parts.pop()
    return " ".join(parts)


def _framing_clause(framing: Framing) -> str:
    words = grammar.FRAMING_WORDS[framing]
    return f"{words[0].upper()}{words[1:]}."


def _move_clause(move: Move) -> str:
    return f"Camera: {grammar.MOVE_WORDS[move]}."


def _light_clause(mood: Mood) -> str:
    return f"Mood: {_MOOD_WORDS[mood]}."


def _utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _reworded(shot: Shot, board: Board, move: Move) -> str:
    """The planned prompt with the clauses a note changed; every other word stays, so the face stays too."""
    prompt = shot.prompt.replace(_framing_clause(shot.board.framing), _framing_clause(board.framing), 1)
    prompt = prompt.replace(_move_clause(shot.move), _move_clause(move), 1)
    prompt = prompt.replace(_light_clause(shot.board.mood), _light_clause(board.mood), 1)
    if shot.board.palette:
        prompt = prompt.replace(", ".join(shot.board.palette), ", ".join(board.palette), 1)
    return prompt


def _continuity(scene: Scene, at: int) -> str:
    side = "left to right" if grammar.pan_direction(scene.place) == "pan_right" else "right to left"
    joint = f"Same place, clothes and light as K{at}; movement reads {side}." if at else f"Movement reads {side}."
    return f"{scene.continuity} {joint}".strip()


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
