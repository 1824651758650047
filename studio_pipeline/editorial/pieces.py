"""What every frame of the film shows: the timeline cut into pieces that need no further thought.

A *piece* is a stretch of the film that is one clip alone (perhaps fading), or two clips dissolving. Whoever draws
the film (the filter graph, a smart render) works piece by piece, and they add up to the film exactly. Nothing here
opens a file.

How light goes, so that every renderer and every export agrees:

- A dissolve of ``n`` frames shows the incoming clip at 1/(n+1), 2/(n+1) … n/(n+1): all of them are mixed.
- A fade out of ``n`` frames shows the clip at (n-1)/n … 1/n, 0: its last frame is black.
- A fade in of ``n`` frames shows the clip at 0, 1/n … (n-1)/n: its first frame is black.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.errors import BadInput


@dataclass(frozen=True)
class Straight:
    """One clip alone. ``clip`` is its index in the timeline; fades count frames inside the piece."""

    record_frame: int
    frames: int
    clip: int
    source_frame: int
    fade_in: int = 0
    fade_out: int = 0


@dataclass(frozen=True)
class Dissolve:
    """Two clips mixed. Both show ``frames`` frames from their own source frame on."""

    record_frame: int
    frames: int
    outgoing: int
    outgoing_frame: int
    incoming: int
    incoming_frame: int


Piece: TypeAlias = Straight | Dissolve


@dataclass(frozen=True)
class Edges:
    """How many frames of a clip's own range the transitions at its two ends take."""

    head: int
    tail: int
    fade_in: int
    fade_out: int


def edges(timeline: Timeline, clip: int) -> Edges:
    """The frames of clip number ``clip`` (from 0) that belong to the transitions around it."""
    before, after = timeline.transition_at(clip), timeline.transition_at(clip + 1)
    head = tail = fade_in = fade_out = 0
    if before is not None:
        # The outgoing clip's borrowed tail lies over the first frames of this one.
        head = before.out_frames if before.kind == "dissolve" else before.in_frames
        fade_in = before.in_frames if before.kind == "fade_black" else 0
    if after is not None:
        tail = after.in_frames if after.kind == "dissolve" else after.out_frames
        fade_out = after.out_frames if after.kind == "fade_black" else 0
    return Edges(head=head, tail=tail, fade_in=fade_in, fade_out=fade_out)


def crowded(timeline: Timeline) -> tuple[int, ...]:
    """Clips (counted from 0) that are shorter than the transitions at their two ends together."""
    found = []
    for index, clip in enumerate(timeline.clips):
        edge = edges(timeline, index)
        if edge.head + edge.tail > clip.frames:
            found.append(index)
    return tuple(found)


def pieces(timeline: Timeline) -> tuple[Piece, ...]:
    """The film as pieces, in order, without gaps.

    Raises:
        BadInput: two transitions meet inside one clip, so some frame would show three clips.
    """
    if too_short := crowded(timeline):
        raise BadInput(
            f"{timeline.clips[too_short[0]].name} is shorter than the transitions at its ends",
            where=f"cut {timeline.name}",
            todo="Shorten a transition or lengthen the shot.",
        )
    made: list[Piece] = []
    for index, (clip, start) in enumerate(zip(timeline.clips, timeline.record_frames(), strict=True)):
        before = timeline.transition_at(index)
        if before is not None and before.kind == "dissolve" and before.in_frames + before.out_frames > 0:
            outgoing = timeline.clips[index - 1]
            made.append(
                Dissolve(
                    record_frame=start - before.in_frames,
                    frames=before.in_frames + before.out_frames,
                    outgoing=index - 1,
                    outgoing_frame=outgoing.source_frame + outgoing.frames - before.in_frames,
                    incoming=index,
                    incoming_frame=clip.source_frame - before.in_frames,
                )
            )
        edge = edges(timeline, index)
        head, tail = edge.head - edge.fade_in, edge.tail - edge.fade_out  # what dissolves took
        if clip.frames > head + tail:
            made.append(
                Straight(
                    record_frame=start + head,
                    frames=clip.frames - head - tail,
                    clip=index,
                    source_frame=clip.source_frame + head,
                    fade_in=edge.fade_in,
                    fade_out=edge.fade_out,
                )
            )
    return tuple(made)
