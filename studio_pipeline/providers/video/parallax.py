"""A camera that moves between the layers of a drawing: near things pass faster than far ones.

Layers come from the collage painter; here they are only moved, joined and given lens and film. Works on planes, and
only on the part of each layer that is in the picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageChops

from studio_pipeline.media.ken_burns import View, box_of
from studio_pipeline.media.planes import Box, Overlay, Planes, Way, look
from studio_pipeline.providers.image.drawing.collage import TRAVEL, film_grain, lens_mask
from studio_pipeline.providers.image.drawing.painting import Layer, seen_rows

_FAR, _NEAR = 0.30, 1.75
"""How much of a camera's way the sky and the nearest layer take, against a flat picture's 1."""
_CLOSE = 0.25
_TILES = 6
_ON_TWOS = 2
"""Grain changes on every second frame: alive, and half the cost to encode."""
_LIFT = 48


@dataclass(frozen=True)
class _Sheet:
    """One layer ready to be moved: planes, masks at both sizes, and the part of it that is not clear."""

    planes: Planes
    mask: Image.Image | None
    half_mask: Image.Image | None
    extent: tuple[int, int, int, int]
    reach: float
    sharp: bool
    boxes: tuple[Box, ...] = ()
    """What each frame shows of it."""

    @classmethod
    def of(cls, layer: Layer, floor: int) -> _Sheet | None:
        """``layer`` down to row ``floor``; ``None`` when nothing of it can be seen."""
        found = layer.mask.getbbox() if layer.mask else (0, 0, *layer.image.size)
        if found is None or found[1] >= floor:
            return None
        extent = (found[0], found[1], found[2], min(found[3], floor))
        half = layer.mask.reduce(2) if layer.mask else None
        reach = _FAR + (_NEAR - _FAR) * layer.depth
        return cls(Planes.of(layer.image), layer.mask, half, extent, reach, layer.kind == "figure")

    def on(self, path: Sequence[View], size: tuple[int, int]) -> _Sheet:
        """The layer on its way past a camera on ``path``, with all done that is alike for each frame of ``size``."""
        way = Way.of([self._box(view, size) for view in path], self.planes.size, size)
        mask, half = self.masks(way.first, way.size)
        left, top, right, bottom = way.first
        steps = (right - left) / way.size[0], (bottom - top) / way.size[1]
        extent = (
            max(0, math.floor((self.extent[0] - left) / steps[0])),
            max(0, math.floor((self.extent[1] - top) / steps[1])),
            min(way.size[0], math.ceil((self.extent[2] - left) / steps[0])),
            min(way.size[1], math.ceil((self.extent[3] - top) / steps[1])),
        )
        planes = self.planes.view(way.first, way.size, sharp=self.sharp)
        return replace(self, planes=planes, mask=mask, half_mask=half, extent=extent, boxes=way.boxes)

    def masks(self, box: Box, size: tuple[int, int]) -> tuple[Image.Image | None, Image.Image | None]:
        """What ``box`` shows of both masks, in ``size`` pixels and in half as many."""
        if self.mask is None or self.half_mask is None:
            return None, None
        wide, high = self.half_mask.size
        half_box = (box[0] / 2, box[1] / 2, min(box[2] / 2, wide), min(box[3] / 2, high))
        return look(self.mask, box, size), look(self.half_mask, half_box, (size[0] // 2, size[1] // 2))

    def _box(self, view: View, size: tuple[int, int]) -> Box:
        """What ``view`` shows of the layer: the same way in fractions of the room that its own zoom leaves."""
        zoom = 1 + (view.zoom - 1) * self.reach
        room = 0.5 - 0.5 / view.zoom
        own = 0.5 - 0.5 / zoom
        scale = own / room if room > 1e-9 else 0.0
        return box_of(View(0.5 + (view.x - 0.5) * scale, 0.5 + (view.y - 0.5) * scale, zoom), self.planes.size, size)


def parallax_frames(
    layers: Sequence[Layer], path: list[View], size: tuple[int, int], overlay: Overlay | None = None
) -> Iterator[bytes]:
    """One ``yuv420p`` frame a view. ``layers`` are larger than ``size``, so that near ones stay sharp."""
    sheets = [sheet.on(path, size) for sheet in _sheets(layers)]
    film = _Film.of(size)
    half = (size[0] // 2, size[1] // 2)
    for number in range(len(path)):
        canvas = Planes(Image.new("L", size, 16), Image.new("L", half, 128), Image.new("L", half, 128))
        for sheet in sheets:
            _lay(sheet, number, canvas)
        seen = film.exposed(canvas, number)
        if overlay is not None:
            seen.lay(overlay)
        yield seen.to_bytes()


def _sheets(layers: Sequence[Layer]) -> list[_Sheet]:
    """The layers that are seen, far first, without the rows that nearer layers cover whatever the camera does."""
    joined = _joined(layers)
    seen = seen_rows(joined, round(TRAVEL * layers[0].image.height))
    sheets = (_Sheet.of(layer, floor) for layer, (_, floor) in zip(joined, seen, strict=True))
    return [sheet for sheet in sheets if sheet is not None]


def _joined(layers: Sequence[Layer]) -> list[Layer]:
    """Layers of the place that lie close behind one another as one: their way against each other is not seen."""
    found: list[Layer] = []
    first_depth = 0.0
    for layer in layers:
        behind = found[-1] if found else None
        if behind is None or {behind.kind, layer.kind} - {"sky", "scenery"} or layer.depth - first_depth > _CLOSE:
            found.append(layer)
            first_depth = layer.depth
            continue
        image = behind.image.copy()
        image.paste(layer.image, (0, 0), layer.mask)
        mask = ImageChops.screen(behind.mask, layer.mask) if behind.mask and layer.mask else None
        found[-1] = replace(behind, image=image, mask=mask, depth=(first_depth + layer.depth) / 2)
    return found


def _lay(sheet: _Sheet, number: int, canvas: Planes) -> None:
    """Lay what frame ``number`` shows of a layer on the canvas."""
    size, box = canvas.size, sheet.boxes[number]
    step_x, step_y = (box[2] - box[0]) / size[0], (box[3] - box[1]) / size[1]
    left, top = (max(0, int((sheet.extent[i] - box[i]) / step) - 2) & ~1 for i, step in ((0, step_x), (1, step_y)))
    right, bottom = (
        min(size[i], (int((sheet.extent[i + 2] - box[i]) / step) + 4) & ~1) for i, step in ((0, step_x), (1, step_y))
    )
    if right <= left or bottom <= top:
        return
    part = (
        box[0] + left * step_x,
        box[1] + top * step_y,
        min(box[0] + right * step_x, sheet.planes.size[0]),
        min(box[1] + bottom * step_y, sheet.planes.size[1]),
    )
    window = (right - left, bottom - top)
    seen = sheet.planes.view(part, window, sharp=sheet.sharp)
    mask, half = sheet.masks(part, window)
    canvas.y.paste(seen.y, (left, top), mask)
    canvas.cb.paste(seen.cb, (left // 2, top // 2), half)
    canvas.cr.paste(seen.cr, (left // 2, top // 2), half)


@dataclass(frozen=True)
class _Film:
    """Vignette, quiet lower part and grain as one multiplication and one addition a plane."""

    lens: Image.Image
    half_lens: Image.Image
    tiles: tuple[Image.Image, ...]
    half_tile: Image.Image

    @classmethod
    def of(cls, size: tuple[int, int]) -> _Film:
        factors = lens_mask(size)
        lens = Image.fromarray(np.rint(factors * 255).astype(np.uint8))
        half = np.asarray(lens.reduce(2), np.float32) / 255
        black = 16 * (1 - factors) + _LIFT
        speckles = (film_grain(size, number) * 219 for number in range(_TILES))
        tiles = tuple(Image.fromarray(np.clip(np.rint(black + each), 0, 255).astype(np.uint8)) for each in speckles)
        grey = Image.fromarray(np.rint(128 * (1 - half)).astype(np.uint8))
        return cls(lens, lens.reduce(2), tiles, grey)

    def exposed(self, canvas: Planes, number: int) -> Planes:
        tile = self.tiles[number // _ON_TWOS % _TILES]
        return Planes(
            ImageChops.add(ImageChops.multiply(canvas.y, self.lens), tile, 1, -_LIFT),
            ImageChops.add(ImageChops.multiply(canvas.cb, self.half_lens), self.half_tile),
            ImageChops.add(ImageChops.multiply(canvas.cr, self.half_lens), self.half_tile),
        )
