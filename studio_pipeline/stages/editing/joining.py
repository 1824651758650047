"""How pieces are joined: by the manner of a cut, and by what happens in the story between two scenes.

Most joints are cuts, dissolves and fades through black. Three are rarer, and each says one thing:

- a *leap* is where a scene opens a later act of the story (opening: hook, setup · middle: rise, turn, climax · close:
  fall, end) in another place; two in a film at most, one for each four scenes. A flowing cut, whose dissolves say “and
  then”, dips there through the darkest colour of the film; a cut in straight cuts wipes, as serials do.
- *light* is where a scene of wonder follows one of tension or sorrow, as the story turns or comes to its climax:
  through white, once in a film, the climax before a turn. Straight cuts stay straight.
- Everything else is joined in the manner of the cut; within a scene, a leap of framing and an insert are cut straight.

What mixes uses the handles that the pieces still have, and becomes a straight cut where there are too few. Whether two
pictures go together is not looked at here but in ``continuity.py``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from studio_pipeline.editorial.timeline import MIXES, TimelineClip, Transition, TransitionKind
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.script import Scene
from studio_pipeline.stages.editing.footage import Piece, SceneCut

FADE_S = 0.35
"""Each half of a fade or dip between scenes; the film's own ends take twice as long."""
LONGEST_MIX_HALF_S = 0.25
SHORT_MIX_HALF_S = 1 / 6
"""What is kept for a dissolve where a shot is shown with as much of its handles as possible."""
LEAST_MIX_HALF = 3
"""Frames; a shorter dissolve or wipe reads as a mistake."""
SCENES_A_LEAP = 4
"""A film has a leap for each so many of its scenes; more would be a manner."""
DARK_LUMA = 64
"""A colour to dip through is darker than this, of 255; otherwise it is black."""

_NEARNESS = {"extreme_wide": 0, "wide": 1, "medium": 2, "close": 3, "extreme_close": 4}
_ACTS = {"hook": 0, "setup": 0, "rise": 1, "turn": 1, "climax": 1, "fall": 2, "end": 2}


@dataclass(frozen=True)
class Manner:
    """How a cut joins its pieces."""

    inside: Literal["soft", "cut"]
    """Within a scene: dissolve where the framing changes softly, or always cut."""
    between: Literal["fade_black", "dissolve", "cut"]
    """From scene to scene."""
    leap: Literal["fade_black", "dip", "wipe"]
    """From act to act, where the place changes too."""
    light: bool
    """Whether light may break in through white."""


@dataclass(frozen=True)
class _Joint:
    """Two pieces that meet at cut point ``at``, and what is between them; ``None`` is a straight cut."""

    at: int
    before: Piece
    after: Piece
    kind: TransitionKind | None


def transitions(
    scenes: Sequence[SceneCut], manner: Manner, rate: Rate, palette: Sequence[str] = ()
) -> tuple[Transition, ...]:
    """The transitions of a film of ``scenes``, its own ends included.

    Args:
        palette: colours of the film, ``#rrggbb``; what it dips through is the first dark one.
    """
    pieces = [piece for scene in scenes for piece in scene.pieces]
    made = [_opening(pieces[0], rate)]
    made += [_transition(joint, rate, palette) for joint in _joints(scenes, manner)]
    made.append(_closing(len(pieces), pieces[-1], rate))
    return tuple(joint for joint in made if joint is not None)


def lengthened(scenes: Sequence[SceneCut], manner: Manner, rate: Rate) -> tuple[SceneCut, ...]:
    """Every piece with its handles, less the few frames that the joints of ``manner`` need of them."""
    pieces = {piece.name: piece for scene in scenes for piece in scene.pieces}
    kept = max(LEAST_MIX_HALF, rate.frames(SHORT_MIX_HALF_S))
    heads, tails = (dict.fromkeys(pieces, 0) for _ in range(2))
    for joint in _joints(scenes, manner):
        if joint.kind in MIXES:
            tails[joint.before.name] = heads[joint.after.name] = kept

    def longer(piece: Piece) -> Piece:
        before, after = piece.head - heads[piece.name], piece.tail - tails[piece.name]
        return piece.extended(before=max(0, before), after=max(0, after))

    return tuple(replace(scene, pieces=tuple(longer(piece) for piece in scene.pieces)) for scene in scenes)


def mix_frames(before: Piece | TimelineClip, after: Piece | TimelineClip, rate: Rate) -> tuple[int, int] | None:
    """How many frames a dissolve may borrow of ``before``'s tail and ``after``'s head; ``None`` where there are too
    few for one."""
    # A third of each piece at most, so that two dissolves never meet in the middle of a short one.
    longest = min(rate.frames(LONGEST_MIX_HALF_S), before.frames // 3, after.frames // 3)
    out_frames, in_frames = min(longest, before.tail), min(longest, after.head)
    return None if min(out_frames, in_frames) < LEAST_MIX_HALF else (out_frames, in_frames)


def _joints(scenes: Sequence[SceneCut], manner: Manner) -> list[_Joint]:
    leaps, light = _leaps(scenes), _light(scenes) if manner.light else None
    joints: list[_Joint] = []
    at = 0
    for index, scene in enumerate(scenes):
        if index > 0:
            kind: TransitionKind | None = None if manner.between == "cut" else manner.between
            if index in leaps:
                kind = manner.leap
            if index == light:
                kind = "fade_white"
            joints.append(_Joint(at, scenes[index - 1].pieces[-1], scene.pieces[0], kind))
        for before, after in pairwise(scene.pieces):
            at += 1
            joints.append(
                _Joint(at, before, after, "dissolve" if manner.inside == "soft" and _soft(before, after) else None)
            )
        at += 1
    return joints


def _leaps(scenes: Sequence[SceneCut]) -> set[int]:
    """Which scenes, counted from 0 in the cut, open a later act than any before them, in another place."""
    found: list[int] = []
    act = _ACTS[scenes[0].scene.beat]
    for index, (before, after) in enumerate(pairwise(scenes), start=1):
        if _ACTS[after.scene.beat] > act:
            act = _ACTS[after.scene.beat]
            if _words(before.scene.place) != _words(after.scene.place):
                found.append(index)
    return set(found[: len(scenes) // SCENES_A_LEAP])


def _light(scenes: Sequence[SceneCut]) -> int | None:
    """The one scene, counted from 0 in the cut, into which light breaks; ``None`` in most films."""
    lit = [
        index
        for index, (before, after) in enumerate(pairwise(scenes), start=1)
        if _lights_up(before.scene, after.scene)
    ]
    return min(lit, key=lambda index: (scenes[index].scene.beat != "climax", index), default=None)


def _lights_up(before: Scene, after: Scene) -> bool:
    return after.mood == "wonder" and after.beat in ("turn", "climax") and before.mood in ("tension", "sorrow")


def _words(place: str) -> str:
    return " ".join(place.casefold().split())


def _soft(before: Piece, after: Piece) -> bool:
    """One step nearer or farther. A bigger step is a statement and wants a cut; so does an insert."""
    if before.framing == "insert" or after.framing == "insert":
        return False
    return abs(_NEARNESS[before.framing] - _NEARNESS[after.framing]) <= 1


def _transition(joint: _Joint, rate: Rate, palette: Sequence[str]) -> Transition | None:
    at, before, after, kind = joint.at, joint.before, joint.after, joint.kind
    if kind is None:
        return None
    if kind in MIXES:
        frames = mix_frames(before, after, rate)
        return Transition(at=at, kind=kind, out_frames=frames[0], in_frames=frames[1]) if frames else None
    half = min(rate.frames(FADE_S), before.frames // 3, after.frames // 3)
    colour = _darkest(palette) if kind == "dip" else ""
    return Transition(at=at, kind=kind, out_frames=half, in_frames=half, colour=colour) if half else None


def _darkest(palette: Sequence[str]) -> str:
    """The darkest colour to dip through; a film without a dark one dips through black."""
    known = [colour.lower() for colour in palette if re.fullmatch(r"#[0-9a-fA-F]{6}", colour)]
    darkest = min(known, key=_luma, default="")
    return darkest if darkest and _luma(darkest) < DARK_LUMA else "#000000"


def _luma(colour: str) -> float:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _opening(first: Piece, rate: Rate) -> Transition | None:
    frames = min(rate.frames(2 * FADE_S), first.frames // 3)
    return Transition(at=0, kind="fade_black", out_frames=0, in_frames=frames) if frames else None


def _closing(at: int, last: Piece, rate: Rate) -> Transition | None:
    frames = min(rate.frames(2 * FADE_S), last.frames // 3)
    return Transition(at=at, kind="fade_black", out_frames=frames, in_frames=0) if frames else None
