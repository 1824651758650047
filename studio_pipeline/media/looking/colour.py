"""Colours of clips: how light and of which tint they are, and the correction that brings one to another.

Numbers only; which clips are to match, and how far, is decided in ``stages/editing/continuity.py``. Everything in 8-bit
BT.709 limited range, as ``ColourMatch`` has it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from studio_pipeline.editorial.timeline import ColourMatch
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.media.looking.glances import Glance

_LUMA_TOP, _CHROMA_TOP, _BOTTOM = 235, 240, 16


class Colours(Frozen):
    """Means and spread over some frames of a clip, in 8-bit levels."""

    y: float
    y_spread: float
    """Standard deviation."""
    cb: float
    cr: float


def measure_colours(glances: Sequence[Glance]) -> Colours:
    """The colours of some frames of a clip, at least one."""
    y, cb, cr = (np.stack([glance.planes[plane] for glance in glances]).astype(np.float32) for plane in range(3))
    return Colours(y=_rounded(y.mean()), y_spread=_rounded(y.std()), cb=_rounded(cb.mean()), cr=_rounded(cr.mean()))


def corrected(
    planes: tuple[np.ndarray, np.ndarray, np.ndarray], colour: ColourMatch
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Y, Cb and Cr of a picture as ``ColourMatch`` defines its correction."""
    y, cb, cr = (plane.astype(np.float32) for plane in planes)
    return (
        _held((y - _BOTTOM) * colour.y_gain + _BOTTOM + colour.y_offset, _LUMA_TOP),
        _held(cb + colour.cb_offset, _CHROMA_TOP),
        _held(cr + colour.cr_offset, _CHROMA_TOP),
    )


def _held(levels: np.ndarray, top: int) -> np.ndarray:
    return np.clip(np.rint(levels), _BOTTOM, top).astype(np.uint8)


def _rounded(value: np.floating) -> float:
    return round(float(value), 2)
