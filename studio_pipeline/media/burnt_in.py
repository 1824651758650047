"""What is written over the pictures of a film for good: the subtitle file that ffmpeg draws, and what follows from it.

Captions come from the timeline, timecode from ``burnt_timecode.py``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property

from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.media.captions.ass import ass_of
from studio_pipeline.media.captions.cues import cues
from studio_pipeline.media.type.fonts import font_versions


@dataclass(frozen=True)
class BurntIn:
    """Words that are drawn into a film."""

    text: str
    """An ``.ass`` file; empty where nothing is written over the film."""
    frames: tuple[range, ...]
    """On which frames each of them stands, or a few more."""
    lines: tuple[str, ...]
    """What each follows from, but for the style of all."""

    @classmethod
    def captions(cls, timeline: Timeline) -> BurntIn:
        """The captions of ``timeline``, where they are to be burnt in."""
        shown = cues(timeline) if timeline.delivery.burn_in else ()
        if not shown:
            return cls("", (), ())
        text, _ = ass_of(shown, size=timeline.size, language=timeline.language)
        fps = timeline.rate.fps
        frames = tuple(  # a frame more at both ends: clocks are rounded
            range(max(0, int(cue.start_s * fps) - 1), min(timeline.frames, int(cue.end_s * fps) + 2)) for cue in shown
        )
        lines = tuple(f"{cue.start_s:.3f} {cue.end_s:.3f} {json.dumps(cue.lines)}" for cue in shown)
        return cls(text, frames, lines)

    def within(self, start: int, end: int) -> list[str]:
        """Everything that the words on the frames from ``start`` up to ``end`` follow from."""
        here = [
            line
            for frames, line in zip(self.frames, self.lines, strict=True)
            if frames.start < end and start < frames.stop
        ]
        # They are shown by the clock of the whole film, to the hundredth: which frames that makes depends on where.
        return [f"from frame {start}", *self._style, *here] if here else []

    @cached_property
    def _style(self) -> tuple[str, ...]:
        """What all of the words follow from: their fonts, and the head of the file."""
        return *font_versions(), *(line for line in self.text.splitlines() if not line.startswith("Dialogue:"))
