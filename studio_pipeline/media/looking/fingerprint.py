"""Fingerprints: by which two pictures are known to be the same one, however they were encoded, scaled or graded.

A difference hash: in which of 256 tiles a picture gets lighter to the right, and which are plain. Numbers only; what
counts as repeated is decided in ``stages/editing/repeats.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from studio_pipeline.media.looking.glances import Glance

_SIDE = 16
_PLAIN_LEVELS = 1.5
"""Two tiles that differ by less are equally light: what the encoder makes of a plain sky says nothing."""


@dataclass(frozen=True)
class Fingerprint:
    """Of one picture: where it gets lighter, and where darker."""

    lighter: int
    darker: int

    @property
    def told(self) -> int:
        """How many of 256 tiles say anything."""
        return (self.lighter | self.darker).bit_count()

    def distance(self, other: Fingerprint) -> float:
        """0 for the same picture, about 0.5 and more for two that have nothing to do with each other: the part of the
        tiles that say anything in one of them which say something else in the other."""
        told = (self.lighter | self.darker | other.lighter | other.darker).bit_count()
        differ = (self.lighter ^ other.lighter) | (self.darker ^ other.darker)
        return differ.bit_count() / told if told else 0.0


def fingerprint(glance: Glance) -> Fingerprint:
    """The fingerprint of a frame."""
    tiles = Image.fromarray(glance.planes[0]).convert("F").resize((_SIDE + 1, _SIDE), Image.Resampling.BOX)
    steps = np.diff(np.asarray(tiles), axis=1)
    return Fingerprint(lighter=_bits(steps > _PLAIN_LEVELS), darker=_bits(steps < -_PLAIN_LEVELS))


def _bits(flags: np.ndarray) -> int:
    return int.from_bytes(np.packbits(flags).tobytes(), "big")
