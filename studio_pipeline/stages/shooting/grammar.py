"""Film grammar as plain rules: how many shots a scene has, how long, how each is framed, how the camera moves.

Pure functions over a scene. Words for prompts are here too, so that framing and wording can not drift apart.
No bible, no vendor, no prompt assembly (``cinematographer.py``).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

from studio_pipeline.film.rate import Rate
from studio_pipeline.film.script import Scene
from studio_pipeline.film.shots import Framing, Move

SHORTEST_SHOT_S = 2.0
"""A shot shorter than this can not be read beside a narration (and no video vendor sells less)."""

MOST_SHOTS = 4

_SHOT_S = {"hook": 2.4, "setup": 2.8, "rise": 2.6, "turn": 2.4, "climax": 2.2, "fall": 3.0, "end": 3.2}
"""The shot length each beat asks for: cutting gets quicker towards the climax and calms down after it."""

_ARCS: dict[str, dict[int, tuple[Framing, ...]]] = {
    "hook": {
        1: ("wide",),
        2: ("extreme_wide", "close"),
        3: ("extreme_wide", "medium", "close"),
        4: ("extreme_wide", "medium", "insert", "close"),
    },
    "setup": {
        1: ("wide",),
        2: ("wide", "medium"),
        3: ("wide", "medium", "close"),
        4: ("extreme_wide", "wide", "medium", "close"),
    },
    "rise": {
        1: ("medium",),
        2: ("wide", "close"),
        3: ("wide", "medium", "close"),
        4: ("wide", "medium", "insert", "close"),
    },
    "turn": {
        1: ("close",),
        2: ("medium", "extreme_close"),
        3: ("wide", "medium", "extreme_close"),
        4: ("wide", "medium", "close", "extreme_close"),
    },
    "climax": {
        1: ("close",),
        2: ("wide", "close"),
        3: ("wide", "close", "extreme_close"),
        4: ("wide", "medium", "close", "extreme_close"),
    },
    "fall": {
        1: ("medium",),
        2: ("wide", "medium"),
        3: ("wide", "close", "medium"),
        4: ("wide", "close", "insert", "medium"),
    },
    "end": {
        1: ("wide",),
        2: ("medium", "extreme_wide"),
        3: ("wide", "close", "extreme_wide"),
        4: ("wide", "medium", "close", "extreme_wide"),
    },
}
"""Framings by beat and number of shots: establish, come closer, stay close at the height, let go at the end."""

_WEIGHT: dict[Framing, float] = {
    "extreme_wide": 1.25,
    "wide": 1.15,
    "medium": 1.0,
    "close": 0.95,
    "extreme_close": 0.85,
    "insert": 0.8,
}
"""How long each framing holds the eye: a wide shot takes longer to read than a detail."""

_THING_WORDS = (
    "lamp lantern letter key ring book clock watch map coin knife sword cup bottle door window box photograph "
    "picture mirror bell candle flower seed stone feather ticket phone radio rope oar compass telescope machine wheel "
    "button switch screen camera violin piano guitar drum shoe hat coat boat bird egg apple bread"
)
_THINGS = frozenset(_THING_WORDS.split())
"""Things worth an insert when a direction names one."""

FRAMING_WORDS: dict[Framing, str] = {
    "extreme_wide": "extreme wide establishing shot",
    "wide": "wide shot",
    "medium": "medium shot, waist up",
    "close": "close-up",
    "extreme_close": "extreme close-up",
    "insert": "insert shot, detail of an object",
}
"""How a prompt says a framing."""

MOVE_WORDS: dict[Move, str] = {
    "hold": "the camera is locked off",
    "push_in": "slow push in",
    "pull_out": "slow pull out",
    "pan_left": "smooth pan to the left",
    "pan_right": "smooth pan to the right",
    "tilt_up": "slow tilt up",
    "tilt_down": "slow tilt down",
    "drift": "gentle handheld drift",
}
"""How a prompt says a move."""


def shot_range(scene: Scene, rate: Rate, most: int, *, longest_frames: int | None = None) -> range:
    """How many shots a cinematographer may choose to make of the scene. Arguments as for ``count_shots``."""
    room = max(1, min(int(scene.frames // rate.frames(SHORTEST_SHOT_S)), most, MOST_SHOTS))
    needed = 1 if longest_frames is None else math.ceil(scene.frames / max(longest_frames, 1))
    return range(min(needed, room), room + 1)


def count_shots(scene: Scene, rate: Rate, most: int, *, longest_frames: int | None = None) -> int:
    """How many shots the scene gets: its length over the beat's shot length, each at least ``SHORTEST_SHOT_S``.

    Args:
        longest_frames: the longest shot that a model in use can make; more shots are made where that is less.
    """
    length_s = rate.seconds(scene.frames)
    wanted = int(length_s / _SHOT_S[scene.beat] + 0.5)
    if longest_frames is not None:
        wanted = max(wanted, math.ceil(scene.frames / max(longest_frames, 1)))
    room = int(scene.frames // rate.frames(SHORTEST_SHOT_S))
    return max(1, min(wanted, room, most, MOST_SHOTS))


def choose_framings(scene: Scene, count: int) -> tuple[Framing, ...]:
    """Framings of ``count`` shots: the beat's arc, with an insert where a thing is named, or nobody is there."""
    framings: list[Framing] = list(_ARCS[scene.beat][count])
    if not scene.characters:
        # Without a face there is nothing to be close to; what the scene is about is a thing.
        for at, framing in enumerate(framings):
            if framing in ("close", "extreme_close"):
                framings[at] = "insert"
    elif count >= 3 and "insert" not in framings and _names_a_thing(scene):
        framings[count // 2] = "insert"
    for place in range(1, count):
        if framings[place] == framings[place - 1]:
            framings[place] = "medium" if framings[place] != "medium" else "wide"
    return tuple(framings)


def _names_a_thing(scene: Scene) -> bool:
    words = " ".join((scene.direction, *scene.prompt_hints)).lower().replace("-", " ").split()
    return any(word.strip(".,;:!?“”\"'()") in _THINGS for word in words)


def split_frames(
    scene: Scene,
    framings: tuple[Framing, ...],
    rate: Rate,
    *,
    longest_frames: int | None = None,
    weights: Sequence[float] | None = None,
) -> tuple[int, ...]:
    """Frames of each shot. They add up to the scene, and each lasts its minimum where the scene has room for it.

    None is longer than ``longest_frames`` where all of them together have room for the scene.

    Args:
        weights: how long each is beside the others, above 0; as its framing asks without it.
    """
    least = min(rate.frames(SHORTEST_SHOT_S), scene.frames // len(framings))
    spare = scene.frames - least * len(framings)
    weights = weights or [_WEIGHT[framing] for framing in framings]
    lengths, weight_so_far, given = [], 0.0, 0
    for weight in weights:
        weight_so_far += weight
        upto = round(spare * weight_so_far / sum(weights))
        lengths.append(least + upto - given)
        given = upto
    if longest_frames is None or longest_frames * len(lengths) < scene.frames:
        return tuple(lengths)
    return _at_most(longest_frames, lengths)


def _at_most(longest: int, lengths: list[int]) -> tuple[int, ...]:
    """The lengths, with what is beyond ``longest`` given to those that have room, in proportion to it."""
    kept = [min(length, longest) for length in lengths]
    rooms = [longest - length for length in kept]
    over, so_far, given = sum(lengths) - sum(kept), 0, 0
    for at, room in enumerate(rooms):
        so_far += room
        upto = over * so_far // max(sum(rooms), 1)
        kept[at] += upto - given
        given = upto
    return tuple(kept)


def choose_moves(scene: Scene, framings: tuple[Framing, ...]) -> tuple[Move, ...]:
    """A move for each shot, motivated by framing, beat and mood; never the same twice running.

    All pans of a scene go the same way, and so do all scenes at the same place (the 180° rule: the audience always
    stands on one side of the action).
    """
    pan = pan_direction(scene.place)
    moves: list[Move] = []
    for number, framing in enumerate(framings):
        candidates = _moves_for(scene, framing, pan, last=number == len(framings) - 1)
        before = moves[-1] if moves else None
        moves.append(next(move for move in candidates if move != before))
    return tuple(moves)


def pan_direction(place: str) -> Move:
    """The one direction that pans take at ``place``."""
    return "pan_right" if hashlib.sha256(place.encode()).digest()[0] % 2 == 0 else "pan_left"


def _moves_for(scene: Scene, framing: Framing, pan: Move, *, last: bool) -> tuple[Move, ...]:
    if scene.beat == "end" and last:
        return ("pull_out", "drift")
    if framing == "insert":
        return ("tilt_down", "push_in")
    if framing in ("close", "extreme_close"):
        if scene.mood in ("calm", "sorrow"):
            return ("drift", "push_in")
        return ("push_in", "drift")
    if framing in ("wide", "extreme_wide"):
        by_mood: dict[str, tuple[Move, ...]] = {
            "wonder": ("tilt_up", pan),
            "tension": ("push_in", pan),
            "sorrow": ("pull_out", pan),
            "calm": (pan, "pull_out"),
            "joy": (pan, "pull_out"),
            "resolve": ("push_in", pan),
        }
        return by_mood[scene.mood]
    if scene.mood in ("tension", "resolve"):
        return ("push_in", pan)
    return ("drift", pan)
