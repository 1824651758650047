"""The plan of a smart render: which frames of the film are copied from their clips, and which are drawn anew.

Pure: where a clip can be cut without decoding comes in as ``Seams`` (``packets.py`` reads them), and no file is opened.
A frame is copied when the film shows it as it was shot and everything it is decoded from is copied with it. Whatever
lies between two copied stretches is drawn in one piece; only long ones are divided, so that a changed shot does not
draw its neighbours again and two processors have something to do.

A decoder may take two pictures that both begin anew (IDR) for one when they follow each other and were counted alike
(``idr_pic_id``, ITU-T H.264, 7.4.3). Stretches come from different encodings, so no stretch of ours ends with such a
picture: neither a stretch nor its last group of pictures is a single frame, in all but films of one frame.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from typing import TypeAlias

from studio_pipeline.editorial.pieces import Piece, Straight, pieces
from studio_pipeline.editorial.timeline import Timeline

LONGEST_DRAWN = 240
"""Frames of one drawn stretch, the longest group of pictures of the house format."""
_LEAST_COPIED = 6
"""Frames of a copied stretch between two drawn ones: starting an encoder and finding the place to decode from costs as
much as drawing so many (0.2 against 0.033 CPU-s a frame, 720p)."""
_ENOUGH_S = 4.0
"""A clip that is drawn for so long without a transition is a stretch of its own; shorter ones are drawn together until
they last so long. A small cut of 60 s that is drawn whole takes 6.5 CPU-s in stretches of 2 s, 5.0 in those of 4, 4.7
in those of 6; in longer ones a changed shot draws more of its neighbours again."""


@dataclass(frozen=True)
class Seams:
    """Where a clip can be cut without decoding, in its frames, ascending.

    A copy may begin at each of ``entries`` (a group of pictures begins there and needs nothing before it) and end
    before each of ``exits`` (nothing shown before it is decoded after it, and no frame kept waits for one cut off).
    """

    entries: tuple[int, ...]
    exits: tuple[int, ...]

    def between(self, first: int, end: int) -> tuple[int, int] | None:
        """The longest copy inside ``first`` up to, not including, ``end``."""
        at = bisect_left(self.entries, first)
        until = bisect_right(self.exits, end)
        if at == len(self.entries) or not until or self.exits[until - 1] <= self.entries[at]:
            return None
        return self.entries[at], self.exits[until - 1]


@dataclass(frozen=True)
class Copied:
    """``frames`` frames of clip number ``clip`` (from 0), from ``source_frame`` of its media on, packet by packet."""

    record_frame: int
    frames: int
    clip: int
    source_frame: int

    @property
    def end(self) -> int:
        return self.record_frame + self.frames


@dataclass(frozen=True)
class Drawn:
    """``frames`` frames that are drawn and encoded on their own."""

    record_frame: int
    frames: int

    @property
    def end(self) -> int:
        return self.record_frame + self.frames


Segment: TypeAlias = Copied | Drawn


def segments(
    timeline: Timeline, seams: Callable[[int], Seams | None], captioned: Collection[range] = ()
) -> tuple[Segment, ...]:
    """The film as segments, in order, without gaps.

    Args:
        seams: of a clip by its number; ``None`` for one that cannot be copied at all.
        captioned: record frames with captions drawn into them.

    Raises:
        BadInput: two transitions meet inside one clip.
    """
    film = pieces(timeline)
    copies = list(_worth_it(timeline, list(_copies(timeline, film, seams, captioned))))
    copies = list(_without_single_frames(timeline, copies, seams))
    made: list[Segment] = []
    at = 0
    for copy in copies:
        made += _drawn(timeline, film, at, copy.record_frame)
        made.append(copy)
        at = copy.end
    return (*made, *_drawn(timeline, film, at, timeline.frames))


def _copies(
    timeline: Timeline, film: tuple[Piece, ...], seams: Callable[[int], Seams | None], captioned: Collection[range]
) -> Iterator[Copied]:
    for piece in film:
        if not isinstance(piece, Straight) or not timeline.clips[piece.clip].plain:
            continue
        if (of_clip := seams(piece.clip)) is None:
            continue
        shift = timeline.clips[piece.clip].source_at(piece.first) - piece.record_frame
        untouched = range(piece.record_frame + piece.fade_in, piece.record_frame + piece.frames - piece.fade_out)
        for clear in _clear(untouched, captioned):
            if found := of_clip.between(clear.start + shift, clear.stop + shift):
                yield Copied(found[0] - shift, found[1] - found[0], piece.clip, found[0])


def _clear(frames: range, captioned: Collection[range]) -> Iterator[range]:
    """What ``captioned`` leaves of ``frames``."""
    at = frames.start
    for cue in sorted(captioned, key=lambda cue: cue.start):
        if cue.start > at:
            yield range(at, min(cue.start, frames.stop))
        at = max(at, cue.stop)
        if at >= frames.stop:
            return
    yield range(at, frames.stop)


def _worth_it(timeline: Timeline, copies: list[Copied]) -> Iterator[Copied]:
    end = 0
    for copy, after in zip_longest(copies, copies[1:]):
        alone = end < copy.record_frame and copy.end < (after.record_frame if after else timeline.frames)
        if copy.frames >= _LEAST_COPIED or not alone:
            yield copy
            end = copy.end


def _without_single_frames(
    timeline: Timeline, copies: list[Copied], seams: Callable[[int], Seams | None]
) -> Iterator[Copied]:
    """``copies``, some shorter, so that no gap between them is a single frame."""
    before: Copied | None = None
    end = 0
    for number, copy in enumerate(copies):
        if copy.record_frame - end == 1 and before is not None:
            before = _shorter(before, seams)
        if before is not None:
            yield before
            end = before.end
        before = _later(copy, seams) if number == 0 and copy.record_frame == 1 else copy
        end = before.end if before is not None else end
    if before is not None and timeline.frames - end == 1:
        before = _shorter(before, seams)
    if before is not None:
        yield before


def _shorter(copy: Copied, seams: Callable[[int], Seams | None]) -> Copied | None:
    """``copy`` up to the exit before its own; ``None`` when there is none."""
    return _inside(copy, copy.source_frame, copy.source_frame + copy.frames - 1, seams)


def _later(copy: Copied, seams: Callable[[int], Seams | None]) -> Copied | None:
    """``copy`` from the entry after its own on."""
    return _inside(copy, copy.source_frame + 1, copy.source_frame + copy.frames, seams)


def _inside(copy: Copied, first: int, end: int, seams: Callable[[int], Seams | None]) -> Copied | None:
    of_clip = seams(copy.clip)
    found = of_clip.between(first, end) if of_clip else None
    if found is None:
        return None
    return Copied(copy.record_frame + found[0] - copy.source_frame, found[1] - found[0], copy.clip, found[0])


def _drawn(timeline: Timeline, film: tuple[Piece, ...], start: int, end: int) -> Iterator[Drawn]:
    """The gap from ``start`` up to ``end`` as stretches to draw."""
    if start >= end:
        return
    enough = timeline.rate.frames(_ENOUGH_S)
    cuts = [start]
    for piece in film:
        first, last = max(start, piece.record_frame), min(end, piece.record_frame + piece.frames)
        if first >= last:
            continue
        alone = isinstance(piece, Straight) and last - first >= enough
        # What is left between two long clips may be a single frame, or nothing of a transition: it goes with the first.
        for cut in (first, last) if alone else (first,):
            if cut - cuts[-1] >= (2 if alone else enough) and end - cut > 1:
                cuts.append(cut)
    for a, b in pairwise((*cuts, end)):
        parts = -(-(b - a) // LONGEST_DRAWN)
        borders = [a + (b - a) * part // parts for part in range(parts + 1)]
        yield from (Drawn(first, last - first) for first, last in pairwise(borders))
