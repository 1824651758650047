"""Joints: how the last picture of one clip and the first of the next go together, measured on the files.

Numbers only; which joint is a jump, and what mends it, is decided in ``stages/editing/continuity.py``.
"""

from __future__ import annotations

import numpy as np

from studio_pipeline.film.frozen import Frozen
from studio_pipeline.media.looking.glances import Glance

_WINDOW_PX = 7
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
_HUES, _SATURATIONS = 16, 8


class JointFacts(Frozen):
    """Two pictures side by side."""

    ssim: float
    """Structural similarity of luma (Wang et al. 2004) at 160 pixels: 1 the same picture, 0 nothing alike."""
    blurred_ssim: float
    """The same at 20 pixels, where a small move of the camera or of a figure hardly counts."""
    hsv_correlation: float
    """How alike the colours are, wherever they lie: correlation of histograms of hue and saturation, −1 to 1."""
    luma_step: float
    """How much brighter the incoming picture is, in 8-bit levels."""


def compare(before: Glance, after: Glance) -> JointFacts:
    """Measure two pictures of one size."""
    return JointFacts(
        ssim=_rounded(_ssim(before.luma, after.luma)),
        blurred_ssim=_rounded(_ssim(_blurred(before.luma), _blurred(after.luma))),
        hsv_correlation=_rounded(_correlation(_colours(before), _colours(after))),
        luma_step=_rounded(after.luma.mean() - before.luma.mean()),
    )


def _ssim(one: np.ndarray, other: np.ndarray) -> float:
    mean_one, mean_other = _means(one), _means(other)
    spread = _means(one * one) - mean_one**2 + _means(other * other) - mean_other**2
    shared = _means(one * other) - mean_one * mean_other
    alike = (2 * mean_one * mean_other + _C1) * (2 * shared + _C2)
    return float((alike / ((mean_one**2 + mean_other**2 + _C1) * (spread + _C2))).mean())


def _means(plane: np.ndarray) -> np.ndarray:
    """Means of all windows that lie in the plane."""
    sums = np.pad(plane.astype(np.float64), ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    side = min(_WINDOW_PX, *plane.shape)
    windows = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return windows / side**2


def _blurred(luma: np.ndarray) -> np.ndarray:
    """Means of tiles of 8 × 8 pixels."""
    rows, columns = (side // 8 for side in luma.shape)
    return luma[: rows * 8, : columns * 8].reshape(rows, 8, columns, 8).mean(axis=(1, 3))


def _colours(glance: Glance) -> np.ndarray:
    """How much of the picture has which hue and saturation. Grey has no hue: it counts as one colour."""
    rgb = glance.rgb
    high, low = rgb.max(axis=-1), rgb.min(axis=-1)
    chroma = high - low
    some = np.where(chroma > 0, chroma, 1)
    red, green, blue = np.moveaxis(rgb, -1, 0)
    sixth = np.select(
        [high == red, high == green], [(green - blue) / some % 6, (blue - red) / some + 2], (red - green) / some + 4
    )
    saturation = chroma / np.where(high > 0, high, 1)
    hue = np.where(saturation < 1 / _SATURATIONS, 0, sixth / 6)
    shares, _, _ = np.histogram2d(hue.ravel(), saturation.ravel(), (_HUES, _SATURATIONS), ((0, 1), (0, 1)))
    return shares.ravel() / hue.size


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    one, other = one - one.mean(), other - other.mean()
    size = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum() / size) if size else 1.0


def _rounded(value: float | np.floating) -> float:
    return round(float(value), 3)
