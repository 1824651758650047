"""Timecode: how a frame of a film is written for people and machines, ``hh:mm:ss:ff``.

Counting starts at 00:00:00:00, the film's and every media's first frame. At 29.97 and 59.94 frames a second, timecode
that counts every frame falls behind the clock by 3.6 s an hour. *Drop-frame* timecode leaves out numbers, never
frames: the first two (four at 59.94) of every minute but each tenth, and is written with a semicolon (SMPTE ST 12-1;
the arithmetic in words at andrewduncan.ws/Timecodes/Timecodes.html). 23.976 has no such counting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

from studio_pipeline.errors import BadInput
from studio_pipeline.film.rate import Rate
from studio_pipeline.wording import clipped

_WRITTEN = re.compile(r"(\d{2}):(\d{2}):(\d{2})([:;])(\d{2})")
_DROPPED = {Fraction(30000, 1001): 2, Fraction(60000, 1001): 4}
"""Numbers left out a minute, by rate."""


@dataclass(frozen=True)
class Timecode:
    """One way to count: ``base`` whole frames a second, ``dropped`` numbers left out a minute."""

    base: int
    dropped: int = 0

    @classmethod
    def of(cls, rate: Rate, *, drop_frame: bool = True) -> Self:
        """The counting of ``rate``; drop-frame wherever there is such a thing, unless ``drop_frame`` says no."""
        return cls(base=round(rate.fps), dropped=_DROPPED.get(rate.fraction, 0) if drop_frame else 0)

    @property
    def drop_frame(self) -> bool:
        return self.dropped > 0

    def at(self, frame: int) -> str:
        """The timecode of frame number ``frame``, from 0; past 23:59:59 the hours go on."""
        minute, ten_minutes = self._frames_a_minute, self._frames_ten_minutes
        tens, rest = divmod(frame, ten_minutes)
        # Of ten minutes the first leaves nothing out, so it has `dropped` frames more than the others.
        minutes_begun = max(0, (rest - self.dropped) // minute)
        number = frame + self.dropped * (9 * tens + minutes_begun)
        seconds, frames = divmod(number, self.base)
        mark = ";" if self.drop_frame else ":"
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{mark}{frames:02d}"

    def frame(self, text: str) -> int:
        """The frame whose timecode is ``text``.

        Raises:
            BadInput: it is no timecode, or names a number that this counting leaves out.
        """
        written = _WRITTEN.fullmatch(text)
        if written is None:
            raise BadInput(f"“{clipped(text, 20)}” is no timecode", todo="It must read hh:mm:ss:ff.")
        hours, minutes, seconds, frames = (int(written[n]) for n in (1, 2, 3, 5))
        if minutes > 59 or seconds > 59 or frames >= self.base:
            raise BadInput(f"There is no timecode {text} at {self.base} frames a second")
        if frames < self.dropped and seconds == 0 and minutes % 10:
            raise BadInput(f"Drop-frame timecode leaves out {text}")
        minutes += 60 * hours
        return (minutes * 60 + seconds) * self.base + frames - self.dropped * (minutes - minutes // 10)

    @property
    def _frames_a_minute(self) -> int:
        return 60 * self.base - self.dropped

    @property
    def _frames_ten_minutes(self) -> int:
        return 600 * self.base - 9 * self.dropped
