"""A picture as the three planes a clip is made of, so that moving it costs half of what moving RGB costs.

BT.709, limited range, chroma at half size and sited left as H.264 players expect. Which way a camera moves is in
``ken_burns``; what is drawn is not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from PIL import Image

Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the source, with fractions."""

_KR, _KB = 0.2126, 0.0722  # ITU-R BT.709-6, item 3.2


@dataclass(frozen=True)
class Planes:
    """Luma at full size, chroma at half size, all 8-bit."""

    y: Image.Image
    cb: Image.Image
    cr: Image.Image

    @classmethod
    def of(cls, image: Image.Image) -> Planes:
        """The planes of an RGB picture whose sides are even."""
        rgb = np.asarray(image.convert("RGB"), dtype=np.float32)
        luma = rgb @ np.array([_KR, 1 - _KR - _KB, _KB], dtype=np.float32)
        blue = _half((rgb[..., 2] - luma) * np.float32(112 / 255 / (1 - _KB)) + 128)
        red = _half((rgb[..., 0] - luma) * np.float32(112 / 255 / (1 - _KR)) + 128)
        return cls(_plane(luma * np.float32(219 / 255) + 16), _plane(blue), _plane(red))

    @property
    def size(self) -> tuple[int, int]:
        return self.y.size

    def view(self, box: Box, size: tuple[int, int], *, sharp: bool = True) -> Planes:
        """What a camera sees that looks at ``box``, in ``size`` pixels. Boxes may have fractions of a pixel."""
        half = (size[0] // 2, size[1] // 2)
        # Chroma lies on even luma columns (sited left): half a luma pixel, at either scale, to the left of centre.
        shift = ((box[2] - box[0]) / size[0] - 1) / 4
        width, height = self.cb.size
        left = min(max(box[0] / 2 - shift, 0), width)
        right = min(max(box[2] / 2 - shift, 0), width)
        chroma = (left, max(box[1] / 2, 0), right, min(box[3] / 2, height))
        return Planes(
            look(self.y, box, size, Image.Resampling.BICUBIC if sharp else Image.Resampling.BILINEAR),
            look(self.cb, chroma, half),
            look(self.cr, chroma, half),
        )

    def copy(self) -> Planes:
        return Planes(self.y.copy(), self.cb.copy(), self.cr.copy())

    def lay(self, overlay: Overlay) -> None:
        """Lay ``overlay`` on these planes, in place."""
        x, y = overlay.at
        self.y.paste(overlay.planes.y, (x, y), overlay.mask)
        self.cb.paste(overlay.planes.cb, (x // 2, y // 2), overlay.half_mask)
        self.cr.paste(overlay.planes.cr, (x // 2, y // 2), overlay.half_mask)

    def to_bytes(self) -> bytes:
        """One frame as the encoder wants it (``yuv420p``)."""
        return self.y.tobytes() + self.cb.tobytes() + self.cr.tobytes()


@dataclass(frozen=True)
class Way:
    """How a camera goes over a picture: the part ``first`` is brought to ``size`` once, for all frames; then each frame
    looks at one of ``boxes`` of that."""

    first: Box
    size: tuple[int, int]
    boxes: tuple[Box, ...]

    @classmethod
    def of(cls, boxes: Sequence[Box], source: tuple[int, int], size: tuple[int, int]) -> Way:
        """The way over a ``source`` sized picture into frames of ``size``.

        A pan leaves the rows as they are and a tilt the columns: done once, half of the work on each frame is saved.
        """
        (left, top, right, bottom), (width, height) = boxes[0], source
        if all((box[1], box[3]) == (top, bottom) for box in boxes):
            way = tuple((box[0], 0.0, box[2], float(size[1])) for box in boxes)
            return cls((0, top, width, bottom), (width, size[1]), way)
        if all((box[0], box[2]) == (left, right) for box in boxes):
            way = tuple((0.0, box[1], float(size[0]), box[3]) for box in boxes)
            return cls((left, 0, right, height), (size[0], height), way)
        return cls((0, 0, width, height), source, tuple(boxes))


@dataclass(frozen=True)
class Overlay:
    """Planes with a mask, laid at an even place ``at``. Sides are even."""

    planes: Planes
    mask: Image.Image
    at: tuple[int, int] = (0, 0)

    @classmethod
    def of(cls, image: Image.Image) -> Overlay | None:
        """The part of an RGBA picture that is not transparent; ``None`` when all of it is."""
        box = image.getchannel("A").getbbox()
        if box is None:
            return None
        left, top = box[0] & ~1, box[1] & ~1
        cut = image.crop((left, top, box[2] + (box[2] & 1), box[3] + (box[3] & 1)))
        return cls(Planes.of(cut), cut.getchannel("A"), (left, top))

    @cached_property
    def half_mask(self) -> Image.Image:
        return self.mask.reduce(2)


def look(
    plane: Image.Image, box: Box, size: tuple[int, int], how: Image.Resampling = Image.Resampling.BILINEAR
) -> Image.Image:
    """What ``box`` shows of a plane, in ``size`` pixels. Rows or columns that are taken as they are cost nothing:
    Pillow sees that only where the box begins at 0."""
    left, top, right, bottom = box
    if top % 1 == 0 and bottom - top == size[1]:
        plane = plane.crop((0, int(top), plane.width, int(bottom)))
        top, bottom = 0.0, float(size[1])
    if left % 1 == 0 and right - left == size[0]:
        plane = plane.crop((int(left), 0, int(right), plane.height))
        left, right = 0.0, float(size[0])
    return plane.resize(size, how, box=(left, top, right, bottom))


def _half(plane: np.ndarray) -> np.ndarray:
    """Half size, sited left: columns weighted 1-2-1 around the even ones, rows averaged in pairs."""
    padded = np.pad(plane, ((0, 0), (1, 0)), mode="edge")
    columns = (padded[:, 0:-1:2] + 2 * padded[:, 1::2] + np.pad(plane, ((0, 0), (0, 1)), mode="edge")[:, 1::2]) / 4
    return (columns[0::2] + columns[1::2]) / 2


def _plane(values: np.ndarray) -> Image.Image:
    return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))
