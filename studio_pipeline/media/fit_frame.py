"""One decoded frame of anybody's clip as a frame of the house format: upright, in size, BT.709 limited range.

The picture is scaled to cover the size and cropped at its centre. Colours are kept as they are meant to look: the
matrix and range that a clip says it has are turned into the house's. Which frame is shown when is in ``fit.py``.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, ColorTrc, Interpolation, VideoReformatter

from studio_pipeline.media.arrival import check_pixels, damaged

_FLAGS = Interpolation.LANCZOS | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.BITEXACT
_BT709, _BT601 = 1, 5
_MATRICES = {1: 1, 4: 4, 5: 5, 6: 5, 7: 7, 9: 9, 10: 9}
"""ISO/IEC 23091-2 matrix coefficients, as frames carry them, to those of the scaler."""
_HDR = (ColorTrc.SMPTE2084, ColorTrc.ARIB_STD_B67)
_MOST_OVERHANG = 16
"""How many times the delivered picture the scaled one may be: a strip of pixels is no picture of anything."""


class FrameFitter:
    """Fits the frames of one clip. ``pixel_aspect`` is the width of its pixels by their height."""

    def __init__(self, source: Path, size: tuple[int, int], pixel_aspect: Fraction) -> None:
        self._source = source
        self._size = size
        self._pixel_aspect = pixel_aspect
        self._scaler = VideoReformatter()

    def fit(self, frame: VideoFrame) -> bytes:
        """The planes Y, Cb, Cr of ``frame``."""
        turns = round(frame.rotation / 90) % 4
        size = (self._size[1], self._size[0]) if turns % 2 else self._size
        width, height = self._covering(frame, size)
        scaled = self._scaler.reformat(
            frame,
            width=width,
            height=height,
            format="yuv420p",
            src_colorspace=_matrix(frame),
            dst_colorspace=_BT709,
            src_color_range=_range(frame),
            dst_color_range=ColorRange.MPEG,
            interpolation=_FLAGS,
            threads=1,
        )
        left, top = (width - size[0]) // 2 & ~1, (height - size[1]) // 2 & ~1
        cropped = (
            _plane(scaled, 0)[top : top + size[1], left : left + size[0]],
            *(
                _plane(scaled, index)[top // 2 : (top + size[1]) // 2, left // 2 : (left + size[0]) // 2]
                for index in (1, 2)
            ),
        )
        return b"".join(np.rot90(plane, turns).tobytes() for plane in cropped)

    def _covering(self, frame: VideoFrame, size: tuple[int, int]) -> tuple[int, int]:
        """Even sides of the picture scaled so that it covers ``size``, its shape kept to a pixel."""
        check_pixels(self._source, frame.width, frame.height)
        wide, high = frame.width * self._pixel_aspect, Fraction(frame.height)
        scale = max(size[0] / wide, size[1] / high)
        width, height = (max(least, -(-int(side * scale + Fraction(1, 2)) // 2) * 2)
                         for least, side in zip(size, (wide, high), strict=True))  # fmt: skip
        if width * height > _MOST_OVERHANG * size[0] * size[1]:
            raise damaged(self._source, f"is a strip of {frame.width}×{frame.height} pixels")
        return width, height


def is_hdr(frame: VideoFrame) -> bool:
    """Whether a frame is meant for screens that are brighter than the film is made for."""
    return frame.color_trc in _HDR


def _plane(frame: VideoFrame, index: int) -> np.ndarray:
    plane = frame.planes[index]
    return np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]


def _matrix(frame: VideoFrame) -> int:
    """What a frame says, or what every player takes it for that says nothing: BT.709, and BT.601 for small ones."""
    told = _MATRICES.get(int(frame.colorspace))
    return told or (_BT709 if frame.width >= 1280 or frame.height > 576 else _BT601)


def _range(frame: VideoFrame) -> int:
    if int(frame.color_range) in (ColorRange.MPEG, ColorRange.JPEG):
        return int(frame.color_range)
    full = frame.format.name.startswith(("yuvj", "rgb", "bgr", "gbr", "argb", "abgr", "pal8", "gray"))
    return int(ColorRange.JPEG if full else ColorRange.MPEG)
