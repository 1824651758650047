"""From shapes to pixels: smooth-edged layers, noise, light at the edges, grain, and words laid over a picture.

What every painter needs and no painter's taste. Layers hold colour everywhere, not only inside their mask, so that
they can be moved and scaled without a fringe.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from studio_pipeline.providers.image.drawing.palette import Colour, bytes_of
from studio_pipeline.providers.image.drawing.shapes import Depth, Shape

_FINE = 2  # shapes are drawn this much larger and reduced: Pillow draws polygons without smooth edges


@dataclass(frozen=True)
class Layer:
    """A picture with a mask at a depth from 0 (sky) to 1 (lens). Without a mask it fills the frame."""

    image: Image.Image
    mask: Image.Image | None
    depth: float
    kind: Literal["sky", "scenery", "figure", "front"] = "scenery"

    def over(self, below: Image.Image) -> None:
        """Paint this layer on ``below``, in place."""
        below.paste(self.image, (0, 0), self.mask)


def painted(depth: Depth, size: tuple[int, int], paint: Callable[[Shape, float], Colour], base: Colour) -> Layer:
    """The shapes of ``depth`` in flat colours."""
    unit = size[1] * _FINE
    outlines = [(shape, [(x * unit, y * unit) for x, y in shape.points]) for shape in depth.shapes]
    outlines = [(shape, line) for shape, line in outlines if not _outside(line, (size[0] * _FINE, unit))]
    highest = min((y for _, line in outlines for _, y in line), default=0.0)
    top = min(max(0, int(highest) // _FINE - 8), size[1] - 1)  # nothing is drawn above the highest shape
    fine = (size[0] * _FINE, (size[1] - top) * _FINE)
    image, mask = Image.new("RGB", fine, bytes_of(base)), Image.new("L", fine, 0)
    ink, stencil = ImageDraw.Draw(image), ImageDraw.Draw(mask)
    for shape, line in outlines:
        points = [(x, y - top * _FINE) for x, y in line]
        colour = bytes_of(paint(shape, depth.depth))
        if shape.stroke:
            width = max(2, round(shape.stroke * unit))
            ink.line(points, fill=colour, width=width, joint="curve")
            stencil.line(points, fill=255, width=width, joint="curve")
        else:
            ink.polygon(points, fill=colour)
            stencil.polygon(points, fill=255)
    whole, cover = Image.new("RGB", size, bytes_of(base)), Image.new("L", size, 0)
    whole.paste(image.reduce(_FINE), (0, top))
    cover.paste(mask.reduce(_FINE), (0, top))
    return Layer(whole, cover, depth.depth, depth.kind)


def covered_from(layer: Layer) -> int:
    """The row from which on ``layer`` hides everything behind it, down to the last row."""
    if layer.mask is None:
        return 0
    clear = np.flatnonzero(np.asarray(layer.mask).min(axis=1) < 254)
    return int(clear[-1]) + 1 if clear.size else 0


def seen_rows(layers: Sequence[Layer], travel: int) -> list[tuple[int, int]]:
    """For each layer, far first, the rows in which it can be seen when layers move by up to ``travel`` rows."""
    found: list[tuple[int, int]] = []
    height = layers[0].image.height
    floor = height
    for layer in reversed(layers):
        box = layer.mask.getbbox() if layer.mask else (0, 0, layer.image.width, height)
        found.append((box[1], max(box[1], min(box[3], floor))) if box else (0, 0))
        floor = min(floor, covered_from(layer) + travel)
    return found[::-1]


def light_mask(depth: Depth, size: tuple[int, int]) -> Image.Image | None:
    """Where the lit things of ``depth`` are (windows, lamps), at a quarter of ``size``: what glows is blurred."""
    lit = [shape for shape in depth.shapes if shape.role == "light" and shape.tone > -0.12]
    if not lit:
        return None
    small = (max(1, size[0] // 4), max(1, size[1] // 4))
    mask = Image.new("L", small, 0)
    ink = ImageDraw.Draw(mask)
    for shape in depth.shapes:
        points = [(x * small[1], y * small[1]) for x, y in shape.points]
        if _outside(points, small) or len(points) < 3:
            continue
        level = min(255, round(150 + 100 * shape.tone)) if shape.role == "light" and shape.tone > -0.12 else 0
        ink.polygon(points, fill=level)
    return mask if mask.getbbox() else None


def _outside(points: list[tuple[float, float]], size: tuple[int, int]) -> bool:
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return max(xs) < 0 or min(xs) > size[0] or max(ys) < 0 or min(ys) > size[1]


def noise(
    rng: np.random.Generator,
    size: tuple[int, int],
    cell: tuple[float, float],
    octaves: int = 4,
    rows: tuple[int, int] | None = None,
) -> np.ndarray:
    """Clouds: smooth noise from 0 to 1, the largest lumps ``cell`` wide and high, in heights of the picture.

    The same at every ``size``; ``rows`` makes only those from the first up to the second.
    """
    top, bottom = rows or (0, size[1])
    aspect = round(size[0] / size[1], 2)
    total, weight = np.zeros((bottom - top, size[0]), np.float32), 0.0
    for octave in range(octaves):
        share, grow = 0.55**octave, 2**octave
        cells = (math.ceil(aspect / cell[0] * grow) + 1, math.ceil(grow / cell[1]) + 1)
        lumps = Image.fromarray(rng.random((cells[1], cells[0]), dtype=np.float32))
        part = (0, top / size[1] * cells[1], cells[0], bottom / size[1] * cells[1])
        total += share * np.asarray(lumps.resize((size[0], bottom - top), Image.Resampling.BICUBIC, box=part))
        weight += share
    total /= weight
    return np.clip((total - 0.5) * 1.9 + 0.5, 0, 1)


def gradient(size: tuple[int, int], stops: list[tuple[float, Colour]]) -> np.ndarray:
    """A vertical gradient through ``stops`` (height 0 to 1, colour), as floats 0 to 1."""
    heights = (np.arange(size[1]) + 0.5) / size[1]
    column = np.stack(
        [np.interp(heights, [at for at, _ in stops], [c[part] for _, c in stops]) for part in range(3)], 1
    )
    return np.repeat(column[:, None, :], size[0], axis=1).astype(np.float32)


def disc(size: tuple[int, int], x: float, y: float, radius: float, soft: float) -> np.ndarray:
    """1 inside a disc (in heights of the picture), falling to 0 over ``soft`` outside of it."""
    height = size[1]
    ys, xs = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    away = np.hypot((xs + 0.5) / height - x, (ys + 0.5) / height - y)
    return np.clip((radius + soft - away) / max(soft, 1e-6), 0, 1)


def blend(below: np.ndarray, colour: Colour, share: np.ndarray | float) -> np.ndarray:
    """``below`` with ``colour`` mixed in by ``share``."""
    part = share[..., None] if isinstance(share, np.ndarray) else share
    return below + (np.array(colour, np.float32) - below) * part


def picture(values: np.ndarray) -> Image.Image:
    return Image.fromarray((np.clip(values, 0, 1) * 255 + 0.5).astype(np.uint8))


def floats(image: Image.Image) -> np.ndarray:
    return np.asarray(image, np.float32) / 255


def lit_edge(mask: Image.Image, light: int, width: float) -> Image.Image:
    """The edge of ``mask`` that looks up and toward the light, ``width`` pixels wide."""
    moved = Image.new("L", mask.size, 0)
    moved.paste(mask, (round(-light * width), round(width * 0.55)))
    if light > 0:  # what leaves the picture at the side is not an edge
        moved.paste(
            mask.crop((mask.width - 1, 0, mask.width, mask.height)).resize((max(1, round(width)), mask.height)),
            (mask.width - max(1, round(width)), 0),
        )
    else:
        moved.paste(mask.crop((0, 0, 1, mask.height)).resize((max(1, round(width)), mask.height)), (0, 0))
    edge = ImageChops.subtract(mask, moved)
    return ImageChops.multiply(edge.filter(ImageFilter.GaussianBlur(max(0.6, width * 0.22))), mask)


def with_edge(layer: Layer, light: int, width: float, colour: Colour, strength: float) -> Layer:
    """``layer`` with its lit edge painted in ``colour``."""
    if layer.mask is None:
        return layer
    edge = lit_edge(layer.mask, light, width).point([round(value * strength) for value in range(256)])
    image = layer.image.copy()
    image.paste(bytes_of(colour), (0, 0, *image.size), edge)
    return replace(layer, image=image)


def shifted(values: np.ndarray, down: int, right: int) -> np.ndarray:
    """``values`` moved by whole pixels; what comes in repeats the edge."""
    height, width = values.shape
    rows = np.clip(np.arange(height) - down, 0, height - 1)
    columns = np.clip(np.arange(width) - right, 0, width - 1)
    return values[rows[:, None], columns[None, :]] if right else values[rows]


def softened(image: Image.Image, radius: float) -> Image.Image:
    """Blurred by ``radius`` pixels; wide blurs are made at a smaller size, where they look the same."""
    factor = 4 if radius > 12 else 2 if radius > 3 else 1
    if factor == 1:
        return image.filter(ImageFilter.GaussianBlur(radius))
    small = image.reduce(factor).filter(ImageFilter.GaussianBlur(radius / factor))
    return small.resize(image.size, Image.Resampling.BICUBIC)


def grain(rng: np.random.Generator, size: tuple[int, int], sigma: float) -> np.ndarray:
    """Film or paper grain around 0, slightly soft, ``sigma`` strong."""
    speckle = rng.standard_normal((size[1], size[0]), dtype=np.float32)
    soft = speckle + 0.5 * (np.roll(speckle, 1, 0) + np.roll(speckle, 1, 1) + np.roll(speckle, (1, 1), (0, 1)))
    return soft * np.float32(sigma / float(soft.std()))


def vignette(size: tuple[int, int], strength: float) -> np.ndarray:
    """Factors from 1 in the middle down to ``1 - strength`` in the corners."""
    ys, xs = np.mgrid[-1 : 1 : size[1] * 1j, -1 : 1 : size[0] * 1j].astype(np.float32)
    return 1 - strength * np.clip((xs * xs + ys * ys * 0.9 - 0.35) / 1.55, 0, 1) ** 1.4
