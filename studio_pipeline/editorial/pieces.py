"""What every frame of the film shows: the timeline cut into pieces that need no further thought.

A *piece* is a stretch of the film that is one clip alone (perhaps fading), or two clips mixed. Whoever draws the film
(the filter graph, the smart render) works piece by piece, and they add up to the film exactly. Which source frame a
clip shows is ``TimelineClip.source_at``, counted from the clip's first frame. Nothing here opens a file.

How light goes, so that every renderer and every export agrees:

- A dissolve of ``n`` frames shows the incoming clip at 1/(n+1), 2/(n+1) … n/(n+1): all of them are mixed.
- A wipe of ``n`` frames shows it on the same shares of the picture, from the side where the wipe begins; the edge
  lies on a whole pair of pixels.
- A fade or dip out of ``n`` frames shows the clip at (n-1)/n … 1/n, 0: its last frame is all colour.
- A fade or dip in of ``n`` frames shows the clip at 0, 1/n … (n-1)/n: its first frame is all colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from studio_pipeline.editorial.timeline import Timeline, Transition
from studio_pipeline.errors import BadInput

BLACK = "#000000"


@dataclass(frozen=True)
class Straight:
    """One clip alone. ``clip`` is its index in the timeline, ``first`` where in the clip the piece begins (frames
    after the clip's first); fades count frames inside the piece and go from and to a colour, ``#rrggbb``."""

    record_frame: int
    frames: int
    clip: int
    first: int
    fade_in: int = 0
    fade_out: int = 0
    in_colour: str = BLACK
    out_colour: str = BLACK


@dataclass(frozen=True)
class Mix:
    """Two clips at once, each ``frames`` frames from its own place on; ``outgoing_first`` and ``incoming_first``
    count from the clip's first frame and lie outside it where the transition borrows."""

    record_frame: int
    frames: int
    outgoing: int
    outgoing_first: int
    incoming: int
    incoming_first: int
    transition: Transition


Piece: TypeAlias = Straight | Mix


@dataclass(frozen=True)
class Edges:
    """How many frames of a clip's own range the transitions at its two ends take."""

    head: int
    tail: int
    fade_in: int
    fade_out: int
    in_colour: str = BLACK
    out_colour: str = BLACK


def edges(timeline: Timeline, clip: int) -> Edges:
    """The frames of clip number ``clip`` (from 0) that belong to the transitions around it."""
    return _edges(timeline.transition_at(clip), timeline.transition_at(clip + 1))


def _edges(before: Transition | None, after: Transition | None) -> Edges:
    head = tail = fade_in = fade_out = 0
    in_colour = out_colour = BLACK
    if before is not None:
        # The outgoing clip's borrowed tail lies over the first frames of this one.
        head = before.out_frames if before.mixes else before.in_frames
        if before.through is not None:
            fade_in, in_colour = before.in_frames, before.through
    if after is not None:
        tail = after.in_frames if after.mixes else after.out_frames
        if after.through is not None:
            fade_out, out_colour = after.out_frames, after.through
    return Edges(head=head, tail=tail, fade_in=fade_in, fade_out=fade_out, in_colour=in_colour, out_colour=out_colour)


def crowded(timeline: Timeline) -> tuple[int, ...]:
    """Clips (counted from 0) that are shorter than the transitions at their two ends together."""
    found, joints = [], _joints(timeline)
    for index, clip in enumerate(timeline.clips):
        edge = _edges(joints.get(index), joints.get(index + 1))
        if edge.head + edge.tail > clip.frames:
            found.append(index)
    return tuple(found)


def _joints(timeline: Timeline) -> dict[int, Transition]:
    """The transitions by their cut points: asking the timeline for each takes as long as it has transitions."""
    return {transition.at: transition for transition in timeline.transitions}


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
    joints = _joints(timeline)
    for index, (clip, start) in enumerate(zip(timeline.clips, timeline.record_frames(), strict=True)):
        before = joints.get(index)
        if before is not None and before.mixes and before.in_frames + before.out_frames > 0:
            made.append(
                Mix(
                    record_frame=start - before.in_frames,
                    frames=before.in_frames + before.out_frames,
                    outgoing=index - 1,
                    outgoing_first=timeline.clips[index - 1].frames - before.in_frames,
                    incoming=index,
                    incoming_first=-before.in_frames,
                    transition=before,
                )
            )
        edge = _edges(before, joints.get(index + 1))
        head, tail = edge.head - edge.fade_in, edge.tail - edge.fade_out  # what mixes took
        if clip.frames > head + tail:
            made.append(
                Straight(
                    record_frame=start + head,
                    frames=clip.frames - head - tail,
                    clip=index,
                    first=head,
                    fade_in=edge.fade_in,
                    fade_out=edge.fade_out,
                    in_colour=edge.in_colour,
                    out_colour=edge.out_colour,
                )
            )
    return tuple(made)
