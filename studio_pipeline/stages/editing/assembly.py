"""Joining pieces: transitions by a cut's manner, and the timeline that comes out.

A dissolve uses the handles that the pieces still have, and becomes a straight cut where there are too few.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from studio_pipeline.editorial.timeline import Delivery, Timeline, Transition
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.takes import Music
from studio_pipeline.stages.editing.footage import Piece, SceneCut
from studio_pipeline.stages.editing.sound import place_music, place_narration, stretched

FADE_S = 0.35
"""Each half of a fade through black between scenes; the film's own ends take twice as long."""
LONGEST_DISSOLVE_HALF_S = 0.25
LEAST_DISSOLVE_HALF = 3
"""Frames; a shorter dissolve reads as a mistake."""

_NEARNESS = {"extreme_wide": 0, "wide": 1, "medium": 2, "close": 3, "extreme_close": 4}


@dataclass(frozen=True)
class Manner:
    """How a cut joins its pieces."""

    inside: Literal["soft", "cut"]
    """Within a scene: dissolve where the framing changes softly, or always cut."""
    between: Literal["fade_black", "dissolve", "cut"]
    """From scene to scene."""


@dataclass(frozen=True)
class Assembled:
    """A timeline, and in words what did not find a place in it."""

    timeline: Timeline
    missing: tuple[str, ...]


def assemble(
    name: str,
    brief: Brief,
    scenes: Sequence[SceneCut],
    *,
    manner: Manner,
    music: Music | None,
    rate: Rate,
    size: tuple[int, int],
) -> Assembled:
    """Build the timeline of ``scenes`` in order; scenes without pieces are not among them."""
    scenes = stretched(scenes, rate)
    pieces = [piece for scene in scenes for piece in scene.pieces]
    placed = place_narration(scenes, rate)
    timeline = Timeline(
        name=name,
        title=brief.title,
        language=brief.language,
        rate=rate,
        size=size,
        clips=tuple(piece.clip for piece in pieces),
        transitions=_transitions(pieces, manner, rate),
        narration=placed.speeches,
        music=place_music(music, sum(piece.frames for piece in pieces), rate),
        delivery=Delivery(loudness_lufs=brief.loudness_lufs, burn_in=brief.captions == "burned_in"),
    )
    return Assembled(timeline, placed.missing)


def _transitions(pieces: Sequence[Piece], manner: Manner, rate: Rate) -> tuple[Transition, ...]:
    made = [_opening(pieces[0], rate)]
    for at in range(1, len(pieces)):
        before, after = pieces[at - 1], pieces[at]
        joint: Transition | None = None
        if before.scene == after.scene:
            if manner.inside == "soft" and _soft(before, after):
                joint = _dissolve(at, before, after, rate)
        elif manner.between == "fade_black":
            half = min(rate.frames(FADE_S), before.frames // 3, after.frames // 3)
            joint = Transition(at=at, kind="fade_black", out_frames=half, in_frames=half) if half else None
        elif manner.between == "dissolve":
            joint = _dissolve(at, before, after, rate)
        made.append(joint)
    made.append(_closing(len(pieces), pieces[-1], rate))
    return tuple(joint for joint in made if joint is not None)


def _soft(before: Piece, after: Piece) -> bool:
    """One step nearer or farther. A bigger step is a statement and wants a cut; so does an insert."""
    if before.framing == "insert" or after.framing == "insert":
        return False
    return abs(_NEARNESS[before.framing] - _NEARNESS[after.framing]) <= 1


def _dissolve(at: int, before: Piece, after: Piece, rate: Rate) -> Transition | None:
    # A third of each piece at most, so that two dissolves never meet in the middle of a short one.
    longest = min(rate.frames(LONGEST_DISSOLVE_HALF_S), before.frames // 3, after.frames // 3)
    out_frames, in_frames = min(longest, before.tail), min(longest, after.head)
    if min(out_frames, in_frames) < LEAST_DISSOLVE_HALF:
        return None
    return Transition(at=at, kind="dissolve", out_frames=out_frames, in_frames=in_frames)


def _opening(first: Piece, rate: Rate) -> Transition | None:
    frames = min(rate.frames(2 * FADE_S), first.frames // 3)
    return Transition(at=0, kind="fade_black", out_frames=0, in_frames=frames) if frames else None


def _closing(at: int, last: Piece, rate: Rate) -> Transition | None:
    frames = min(rate.frames(2 * FADE_S), last.frames // 3)
    return Transition(at=at, kind="fade_black", out_frames=frames, in_frames=0) if frames else None
