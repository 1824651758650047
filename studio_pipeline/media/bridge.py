"""Bridges: a few frames between two pictures of one view, moved along the optical flow from the one to the other.

The flow is OpenCV's DIS (Kroeger et al. 2016), both ways; where there is no OpenCV there are no bridges. Pictures in
between follow Jiang et al. 2018 (“Super SloMo”, equation 4, without its network). How far the flow may be believed is
measured, and judged in ``stages/editing/continuity.py``. All in the planes of the clips: no colour is converted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from studio_pipeline.editorial.timeline import ColourMatch
from studio_pipeline.errors import MediaDamaged
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.encode import encode_clip
from studio_pipeline.media.looking.colour import corrected
from studio_pipeline.media.looking.glances import frames_of

_FLOW_LONG_SIDE_PX = 640
_NEAR_PX = 1.0
"""Going there and back along the flow, a pixel that is found again ends this near to where it began (at 640 pixels)."""
_NEAR_LEVELS = 16.0
"""And looks the same there, within this many levels."""
_STILL_LEVELS, _CONTRAST_LEVELS = 6, 40
"""What differs by less between the pictures, and stands out by more from what is around it, stands still on the screen
whatever moves behind it: a title, a logo."""


class Flow(Frozen):
    """How one picture moves into another."""

    certain: float
    """The part of the picture, 0 to 1, that is found again: there and back along the flow, and looking the same."""
    move_permille: float
    """How far its fastest twentieth moves, in thousandths of the long side."""


@dataclass(frozen=True)
class Picture:
    """One frame: Y and, at half size, Cb and Cr; 8-bit BT.709 limited range."""

    y: np.ndarray
    cb: np.ndarray
    cr: np.ndarray

    @property
    def planes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return self.y, self.cb, self.cr


def can_bridge() -> bool:
    """Whether OpenCV is installed (extra ``continuity``)."""
    return find_spec("cv2") is not None


def picture(path: Path, frame: int, colour: ColourMatch | None = None) -> Picture:
    """Frame ``frame`` of a clip, its colours corrected.

    Raises:
        MediaDamaged: it cannot be read or has no such frame.
    """
    for _, found in frames_of(path, (frame,)):
        packed = found.to_ndarray(format="yuv420p").ravel()
        size, half = found.width * found.height, (found.height // 2, found.width // 2)
        chroma = packed[size:].reshape(2, *half)
        planes = packed[:size].reshape(found.height, found.width), chroma[0], chroma[1]
        return Picture(*(corrected(planes, colour) if colour else planes))
    raise MediaDamaged(f"{path.name} has no frame {frame}", where=str(path))


class Between:
    """Two pictures of one size, and the way from the one to the other. Needs OpenCV."""

    def __init__(self, before: Picture, after: Picture) -> None:
        self._before, self._after = before, after
        moving = 1 - _standing(before.y, after.y)
        self._there, self._back = _flow(before.y, after.y) * moving, _flow(after.y, before.y) * moving

    def facts(self) -> Flow:
        """Measured at 640 pixels."""
        there, back = self._there, self._back
        again = there + _moved(back, there)
        seen = np.abs(_moved(_small(self._after.y), there).astype(np.float32) - _small(self._before.y))
        found = (np.hypot(again[..., 0], again[..., 1]) < _NEAR_PX) & (seen < _NEAR_LEVELS)
        fastest = np.percentile(np.hypot(there[..., 0], there[..., 1]), 95)
        long_side = max(there.shape[:2])
        return Flow(certain=round(float(found.mean()), 3), move_permille=round(1000 * float(fastest) / long_side, 1))

    def pictures(self, frames: int) -> Iterator[bytes]:
        """So many frames between the two, evenly spaced, as the encoder wants them (``yuv420p``)."""
        for number in range(1, frames + 1):
            yield b"".join(plane.tobytes() for plane in self._at(number / (frames + 1)))

    def _at(self, t: float) -> Iterator[np.ndarray]:
        to_before = t * t * self._back - (1 - t) * t * self._there
        to_after = (1 - t) ** 2 * self._there - t * (1 - t) * self._back
        for one, other in zip(self._before.planes, self._after.planes, strict=True):
            mixed = (1 - t) * _moved(one, _fit(to_before, one)) + t * _moved(other, _fit(to_after, other))
            yield np.rint(mixed).astype(np.uint8)


def write_bridge(between: Between, frames: int, size: tuple[int, int], rate: Rate, into: Path) -> None:
    """Write ``frames`` frames between two pictures as a clip in the house format."""
    encode_clip(between.pictures(frames), size, rate, into, pixels="yuv420p", count=frames)


@lru_cache(maxsize=1)
def _cv() -> Any:
    import cv2  # heavy, and an extra

    return cv2


def _small(luma: np.ndarray) -> np.ndarray:
    height, width = luma.shape
    scale = min(1.0, _FLOW_LONG_SIDE_PX / max(width, height))
    return _cv().resize(luma, (round(width * scale), round(height * scale)), interpolation=_cv().INTER_AREA)


def _flow(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Where each pixel of ``one`` is in ``other``, in pixels at 640 on the long side."""
    dis = _cv().DISOpticalFlow_create(_cv().DISOPTICAL_FLOW_PRESET_MEDIUM)
    return dis.calc(_small(one), _small(other), None)


def _standing(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Where something stands still on the screen: 1, and softly down to 0 around it."""
    first, second = _small(one), _small(other)
    steps = (_cv().morphologyEx(each, _cv().MORPH_GRADIENT, np.ones((3, 3), np.uint8)) for each in (first, second))
    stands_out = np.minimum(*steps) > _CONTRAST_LEVELS
    still = stands_out & (_cv().absdiff(first, second) < _STILL_LEVELS)
    # What is alike by chance is a pixel here and there; a title is many.
    share = _cv().boxFilter(still.astype(np.float32), -1, (9, 9))
    return np.clip(share * 4 - 1, 0, 1)[..., None]


def _fit(flow: np.ndarray, plane: np.ndarray) -> np.ndarray:
    """``flow`` at the size of ``plane``, in its pixels."""
    height, width = plane.shape
    scale = np.array((width / flow.shape[1], height / flow.shape[0]), np.float32)
    return _cv().resize(flow.astype(np.float32), (width, height), interpolation=_cv().INTER_LINEAR) * scale


def _moved(plane: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """What each pixel finds in ``plane`` where ``flow`` leads it."""
    rows, columns = np.indices(flow.shape[:2], dtype=np.float32)
    at_column, at_row = columns + flow[..., 0].astype(np.float32), rows + flow[..., 1].astype(np.float32)
    return _cv().remap(
        plane.astype(np.float32), at_column, at_row, _cv().INTER_LINEAR, borderMode=_cv().BORDER_REPLICATE
    )
