"""What a drawn stretch follows from, as a digest: two stretches of one digest are equal to the byte.

Everything that a frame is made of is written out frame by frame, counted from the stretch's first: so a stretch keeps
its digest when the film before it grows, or a clip is used in another film. Nothing is opened or drawn here.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from studio_pipeline.editorial.pieces import Mix, Straight, pieces
from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.media.captions.ass import write_ass
from studio_pipeline.media.captions.cues import cues
from studio_pipeline.media.encode import COLOUR_TAGS, house_video_args
from studio_pipeline.media.type.fonts import font_versions

_VERSION = 1
"""Counts up when the filter graph draws something otherwise than before: what was kept is then of no use."""


@dataclass(frozen=True)
class BurntIn:
    """The captions that are drawn into a film: on which of its frames each stands, and the fonts and style of all."""

    frames: tuple[range, ...]
    """A frame more at both ends: clocks are rounded."""
    lines: tuple[str, ...]
    style: str

    @classmethod
    def of(cls, timeline: Timeline) -> BurntIn:
        """Captions of ``timeline``; none where they are not to be burnt in."""
        shown = cues(timeline) if timeline.delivery.burn_in else ()
        if not shown:
            return cls((), (), "")
        with tempfile.TemporaryDirectory(prefix="captions-") as folder:
            written = Path(folder, "captions.ass")
            write_ass(shown, written, size=timeline.size, language=timeline.language)
            text = written.read_text(encoding="utf-8")
        head = [line for line in text.splitlines() if not line.startswith("Dialogue:")]
        fps = timeline.rate.fps
        frames = tuple(
            range(max(0, int(cue.start_s * fps) - 1), min(timeline.frames, int(cue.end_s * fps) + 2)) for cue in shown
        )
        lines = tuple(f"{cue.start_s:.3f} {cue.end_s:.3f} {json.dumps(cue.lines)}" for cue in shown)
        return cls(frames, lines, "\n".join((*font_versions(), *head)))

    def within(self, start: int, end: int) -> list[str]:
        """Everything that the captions on the frames from ``start`` up to ``end`` follow from."""
        here = [
            line
            for frames, line in zip(self.frames, self.lines, strict=True)
            if frames.start < end and start < frames.stop
        ]
        # They are shown by the clock of the whole film, to the hundredth: which frames that makes depends on where.
        return [f"from frame {start}", self.style, *here] if here else []


def digest(timeline: Timeline, start: int, end: int, captions: BurntIn) -> str:
    """Of the record frames from ``start`` up to ``end``, as 64 hexadecimal characters."""
    recipe = {
        "version": _VERSION,
        "ffmpeg": version("imageio-ffmpeg"),
        "encoder": [*house_video_args(timeline.rate, timeline.size), COLOUR_TAGS],
        "rate": timeline.rate.model_dump(),
        "size": timeline.size,
        "captions": captions.within(start, end),
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
