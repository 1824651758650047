"""A clip as the pieces an editor's track shows: what moves, and what stands still after it.

Formats without a word for "hold the last picture" say it with two pieces that follow each other; those without one
for "through a colour" lay the colour below the picture, which fades out and in again.
"""

from __future__ import annotations

from dataclasses import dataclass

from studio_pipeline.editorial.pieces import edges
from studio_pipeline.editorial.timeline import Timeline


@dataclass(frozen=True)
class Part:
    """``frames`` frames of a clip from ``first`` on, counted from its own first frame. ``still`` is the source frame
    it stands on; ``None`` where it moves."""

    first: int
    frames: int
    still: int | None = None


def parts(timeline: Timeline, index: int) -> tuple[Part, ...]:
    """Clip number ``index`` as one moving part, or as a moving and a standing one.

    A held clip stays one part where a transition reaches across the frame on which it stops: a transition joins two
    pieces, never three.
    """
    clip, edge = timeline.clips[index], edges(timeline, index)
    moves = clip.frames - clip.hold
    if not clip.hold or edge.head > moves or edge.tail > clip.hold:
        return (Part(0, clip.frames),)
    return Part(0, moves), Part(moves, clip.hold, still=clip.source_at(clip.frames - 1))


def borrowed(timeline: Timeline, index: int) -> tuple[int, int]:
    """How many frames before its first and after its last the transitions around clip number ``index`` show."""
    before, after = timeline.transition_at(index), timeline.transition_at(index + 1)
    return (
        before.in_frames if before is not None and before.mixes else 0,
        after.out_frames if after is not None and after.mixes else 0,
    )


def colours_below(timeline: Timeline) -> tuple[tuple[int, int, str], ...]:
    """(record frame, frames, ``#rrggbb``) of what fades go through, in order, where that is not black."""
    cuts = (*timeline.record_frames(), timeline.frames)
    found = []
    for transition in sorted(timeline.transitions, key=lambda transition: transition.at):
        if transition.through in (None, "#000000"):
            continue
        before = transition.out_frames if transition.at > 0 else 0
        after = transition.in_frames if transition.at < len(timeline.clips) else 0
        if before + after:
            found.append((cuts[transition.at] - before, before + after, str(transition.through)))
    return tuple(found)
