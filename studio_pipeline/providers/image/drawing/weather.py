"""Rain and snow across a picture, the same for the painted board and the collage."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from studio_pipeline.providers.image.drawing.composition import Composition


def weather_mask(shot: Composition, size: tuple[int, int]) -> Image.Image | None:
    """How much of each pixel is rain or snow; ``None`` in fair weather and indoors."""
    if shot.place.inside or not (shot.place.storm or shot.place.snow):
        return None
    mask = Image.new("L", size, 0)
    ink = ImageDraw.Draw(mask)
    unit, rng = size[1], shot.rng
    if shot.place.snow:
        for x, y, big in zip(rng.uniform(0, size[0], 260), rng.uniform(0, unit, 260), rng.random(260), strict=True):
            radius = unit * (0.0014 + 0.0042 * float(big) ** 3)
            ink.ellipse((x - radius, y - radius, x + radius, y + radius), fill=round(110 + 110 * float(big)))
        return mask.filter(ImageFilter.GaussianBlur(unit * 0.0009))
    for x, y, long in zip(
        rng.uniform(-0.2 * size[0], size[0], 300), rng.uniform(-0.1 * unit, unit, 300), rng.random(300), strict=True
    ):
        reach = unit * (0.03 + 0.07 * float(long))
        ink.line(
            (x, y, x + reach * 0.28 * shot.light, y + reach),
            fill=round(26 + 50 * float(long)),
            width=max(1, round(unit * 0.0016)),
        )
    return mask.filter(ImageFilter.GaussianBlur(unit * 0.0008))


def star_mask(rng: np.random.Generator, size: tuple[int, int], horizon: float) -> Image.Image:
    """Stars above ``horizon``, few of them bright."""
    mask = Image.new("L", size, 0)
    ink = ImageDraw.Draw(mask)
    unit = size[1]
    for x, y, big in zip(
        rng.uniform(0, size[0], 220), rng.uniform(0, horizon * unit, 220), rng.random(220), strict=True
    ):
        radius = unit * (0.0007 + 0.0016 * float(big) ** 6)
        fade = 1 - (y / (horizon * unit)) ** 2
        ink.ellipse((x - radius, y - radius, x + radius, y + radius), fill=round(fade * (70 + 185 * float(big) ** 2)))
    return mask
