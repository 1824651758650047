"""How the whole picture moves from one frame to the next: pan, tilt and zoom, to a hundredth of a pixel.

Phase correlation finds large shifts; one least-squares step on the luma gradients (Lucas & Kanade 1981, with a zoom
term) refines them below a pixel, where slow camera moves live. What is left after taking that motion out is what
moves *inside* the picture. Works on small luma arrays; knows no files.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_JUMP_CHANGE_LEVELS = 18.0
"""Least mean change of a picture that has nothing to do with the one before."""
_JUMP_CORRELATION = 0.35
"""… and its greatest correlation with it, after the best shift."""


@dataclass(frozen=True)
class CameraMotion:
    """Motion between two frames, in thousandths of the picture's long side (or whatever ``scale`` says)."""

    path: tuple[float, float, float]
    """Right, down, and the zoom's travel at the picture's corner."""
    liveliest_levels: float
    """Change left in the liveliest twentieth of the tiles."""
    median_levels: float
    """Change left in the median tile."""
    jump: bool

    @property
    def travel(self) -> float:
        return float(np.hypot(*self.path[:2]) + abs(self.path[2]))


class MotionTracker:
    """Measures motion between pictures of one size. ``scale`` is the unit of motion per pixel of the picture."""

    def __init__(self, size: tuple[int, int], *, scale: float) -> None:
        columns, rows = size
        self._scale = scale
        self._x = (np.arange(columns, dtype=np.float32) - (columns - 1) / 2)[None, :]
        self._y = (np.arange(rows, dtype=np.float32) - (rows - 1) / 2)[:, None]
        self._corner = float(np.hypot(columns / 2, rows / 2))
        self._window = np.outer(np.hanning(rows), np.hanning(columns)).astype(np.float32)[::2, ::2]

    def between(self, before: np.ndarray, after: np.ndarray) -> CameraMotion:
        """Motion that turns ``before`` into ``after``."""
        change = float(np.abs(after - before).mean())
        shift_x, shift_y = 0, 0
        if change > 2.0:
            shift_x, shift_y = self._coarse(before, after)
            shifted = np.roll(before, (shift_y, shift_x), (0, 1))
            if (shift_x or shift_y) and float(np.abs(after - shifted).mean()) < 0.8 * change:
                before = shifted
            else:
                shift_x, shift_y = 0, 0
        fine_x, fine_y, zoom, left = self._fine(before, after)
        jump = change > _JUMP_CHANGE_LEVELS and _correlation(before, after) < _JUMP_CORRELATION
        tiles = np.sort(tile_means(np.abs(left)).ravel())
        path = (shift_x + fine_x, shift_y + fine_y, zoom * self._corner)
        return CameraMotion(
            path=(path[0] * self._scale, path[1] * self._scale, path[2] * self._scale),
            liveliest_levels=float(tiles[-max(1, len(tiles) // 20) :].mean()),
            median_levels=float(tiles[len(tiles) // 2]),
            jump=jump,
        )

    def _coarse(self, before: np.ndarray, after: np.ndarray) -> tuple[int, int]:
        """Whole-pixel shift by phase correlation on half the resolution."""
        first = np.fft.rfft2((before[::2, ::2] - before.mean()) * self._window)
        second = np.fft.rfft2((after[::2, ::2] - after.mean()) * self._window)
        cross = second * np.conj(first)
        surface = np.fft.irfft2(cross / (np.abs(cross) + 1e-6), s=self._window.shape)
        row, column = np.unravel_index(int(np.argmax(surface)), surface.shape)
        rows, columns = surface.shape
        down = int(row) if row <= rows // 2 else int(row) - rows
        right = int(column) if column <= columns // 2 else int(column) - columns
        return right * 2, down * 2

    def _fine(self, before: np.ndarray, after: np.ndarray) -> tuple[float, float, float, np.ndarray]:
        """Subpixel shift, zoom per pixel from the centre, and the change that they do not explain."""
        middle = (before + after) / 2
        along_x, along_y = np.zeros_like(middle), np.zeros_like(middle)
        along_x[:, 1:-1] = (middle[:, 2:] - middle[:, :-2]) / 2
        along_y[1:-1, :] = (middle[2:, :] - middle[:-2, :]) / 2
        radial = along_x * self._x + along_y * self._y
        change = after - before
        basis = np.stack([along_x.ravel(), along_y.ravel(), radial.ravel()])
        flat = change.ravel()
        motion = _solve(basis, flat, None)
        # Once more with things that move on their own weighed down, so that a figure does not read as the camera.
        left = flat + motion @ basis
        spread = float(np.abs(left).mean()) + 1e-3
        motion = _solve(basis, flat, 1 / (1 + (left / (2 * spread)) ** 2))
        left = (flat + motion @ basis).reshape(change.shape)
        return float(motion[0]), float(motion[1]), float(motion[2]), left


def _solve(basis: np.ndarray, change: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
    weighed = basis if weights is None else basis * weights
    normal = (weighed @ basis.T).astype(np.float64)
    wanted = -(weighed @ change).astype(np.float64)
    # A flat picture has no gradients to go by; the small ridge then says "no motion" instead of anything.
    normal[np.diag_indices(3)] += 1.0
    return np.linalg.solve(normal, wanted).astype(np.float32)


def _correlation(before: np.ndarray, after: np.ndarray) -> float:
    first, second = before - before.mean(), after - after.mean()
    spread = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum()) / spread if spread > 1e-6 else 1.0


def tile_means(values: np.ndarray) -> np.ndarray:
    """Means over a grid of 9 rows by 16 columns (the remainder at the right and bottom edge is left out)."""
    rows, columns = min(9, values.shape[0]), min(16, values.shape[1])
    high, wide = values.shape[0] // rows, values.shape[1] // columns
    return values[: rows * high, : columns * wide].reshape(rows, high, columns, wide).mean(axis=(1, 3))
