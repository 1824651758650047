"""Whether two cuts are one film: the same picture on every frame, the same sounds. Pure.

Cuts may differ in what nobody can see: where within a dissolve the one clip ends, what lies under a frame that is all
colour, how a clip is called.
"""

from __future__ import annotations

from collections.abc import Iterator

from studio_pipeline.editorial.pieces import Mix, pieces
from studio_pipeline.editorial.timeline import Timeline


def same_picture(one: Timeline, other: Timeline) -> bool:
    """Whether both show the same on every frame."""
    if (one.frames, one.rate, one.size) != (other.frames, other.rate, other.size):
        return False
    return all(mine == theirs for mine, theirs in zip(_shown(one), _shown(other), strict=True))


def same_film(one: Timeline, other: Timeline) -> bool:
    """Whether both show and say and play the same."""
    return (one.narration, one.music) == (other.narration, other.music) and same_picture(one, other)


def _shown(timeline: Timeline) -> Iterator[tuple[object, ...]]:
    """For each frame what is seen of it."""

    def frame(index: int, offset: int) -> tuple[object, ...]:
        clip = timeline.clips[index]
        return clip.media.sha256, clip.source_at(offset), clip.colour

    for piece in pieces(timeline):
        for k in range(piece.frames):
            if isinstance(piece, Mix):
                way = piece.transition.direction if piece.transition.kind == "wipe" else ""
                goes = frame(piece.outgoing, piece.outgoing_first + k)
                yield piece.transition.kind, way, k, piece.frames, goes, frame(piece.incoming, piece.incoming_first + k)
                continue
            left = piece.frames - k
            if k < piece.fade_in:
                light, of, colour = k, piece.fade_in, piece.in_colour
            elif left <= piece.fade_out:
                light, of, colour = left - 1, piece.fade_out, piece.out_colour
            else:
                light, of, colour = 1, 1, ""
            yield (colour,) if not light else (light / of, colour, frame(piece.clip, piece.first + k))
