"""Frame rates and the conversion between frames and seconds. Frames are integers everywhere; seconds are for people."""

from __future__ import annotations

from fractions import Fraction
from typing import Self

from pydantic import Field

from studio_pipeline.film.frozen import Frozen

_NTSC = {23.976: Fraction(24000, 1001), 29.97: Fraction(30000, 1001), 59.94: Fraction(60000, 1001)}


class Rate(Frozen):
    """Frames per second as an exact fraction; 23.976 is 24000/1001."""

    num: int = Field(gt=0)
    den: int = Field(default=1, gt=0)

    @classmethod
    def of(cls, fps: float) -> Self:
        """The exact rate for the number people write (24, 23.976, 29.97 …)."""
        exact = _NTSC.get(round(float(fps), 3), Fraction(fps).limit_denominator(1001))
        return cls(num=exact.numerator, den=exact.denominator)

    @property
    def fraction(self) -> Fraction:
        return Fraction(self.num, self.den)

    @property
    def fps(self) -> float:
        return self.num / self.den

    def frames(self, seconds: float) -> int:
        """Nearest whole number of frames in ``seconds``."""
        return round(Fraction(seconds) * self.fraction)

    def seconds(self, frames: int) -> float:
        return frames * self.den / self.num
