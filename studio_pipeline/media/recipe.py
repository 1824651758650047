"""What a drawn stretch follows from, as a digest: two stretches of one digest are equal to the byte.

Everything that a frame is made of is written out frame by frame, counted from the stretch's first: so a stretch keeps
its digest when the film before it grows, or a clip is used in another film. Nothing is opened or drawn here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from studio_pipeline.editorial.pieces import Mix, Straight, pieces
from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.media.burnt_in import BurntIn
from studio_pipeline.media.encode import COLOUR_TAGS, Use, house_video_args

_VERSION = 1
"""Counts up when the filter graph draws something otherwise than before: what was kept is then of no use."""


def digest(timeline: Timeline, start: int, end: int, burnt: BurntIn, use: Use = "film") -> str:
    """Of the record frames from ``start`` up to ``end``, as 64 hexadecimal characters."""
    recipe = {
        "version": _VERSION,
        "ffmpeg": version("imageio-ffmpeg"),
        "encoder": [*house_video_args(timeline.rate, timeline.size, use), COLOUR_TAGS],
        "rate": timeline.rate.model_dump(),
        "size": timeline.size,
        "burnt in": burnt.within(start, end),
        "frames": _frames(timeline, start, end),
    }
    return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()


def _frames(timeline: Timeline, start: int, end: int) -> Sequence[Any]:
    made: list[Any] = []
    for piece in pieces(timeline):
        for at in range(max(start - piece.record_frame, 0), min(end - piece.record_frame, piece.frames)):
            if isinstance(piece, Mix):
                t = piece.transition
                how = [t.kind, t.direction if t.kind == "wipe" else "", at + 1, piece.frames + 1]
                sides = [(piece.outgoing, piece.outgoing_first), (piece.incoming, piece.incoming_first)]
                made.append([*how, *(_source(timeline, clip, first + at) for clip, first in sides)])
            else:
                made.append([*_light(piece, at), _source(timeline, piece.clip, piece.first + at)])
    return made


def _source(timeline: Timeline, clip: int, offset: int) -> list[Any]:
    shown = timeline.clips[clip]
    colour = shown.colour.model_dump() if shown.colour else None
    return [shown.media.sha256, shown.source_at(offset), colour]


def _light(piece: Straight, at: int) -> list[Any]:
    """How much of a colour lies over frame ``at`` of the piece."""
    if at < piece.fade_in:
        return ["from", piece.in_colour, at, piece.fade_in]
    if at >= piece.frames - piece.fade_out:
        return ["to", piece.out_colour, piece.frames - at - 1, piece.fade_out]
    return []
