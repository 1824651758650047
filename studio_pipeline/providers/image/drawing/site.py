"""What places are built from: a site with its own random numbers, and land, water, trees and houses on it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from studio_pipeline.providers.image.drawing.places import Place
from studio_pipeline.providers.image.drawing.shapes import (
    Shape,
    ellipse,
    mirrored,
    rect,
    ridge,
    smooth,
)

HORIZON = 0.58
"""Where the horizon lies in the coordinates places are designed in, before a lens looks at them."""


@dataclass(frozen=True)
class Site:
    """What a place is built with: its own random numbers, the width there is, and the weather."""

    rng: np.random.Generator
    middle: float
    place: Place

    @property
    def span(self) -> tuple[float, float]:
        return self.middle - 2.4, self.middle + 2.4

    def between(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))


def land(site: Site, base: float, height: float, waves: float, tone: float = 0.0, rough: float = 0.45) -> Shape:
    return Shape(ridge(site.rng, site.span, base, height, waves, rough), "land", tone)


def water(site: Site, top: float) -> list[Shape]:
    shapes = [Shape(rect(site.span[0], top, site.span[1], 4.0), "water")]
    for k in range(64):
        deep = (k / 63) ** 1.7
        y, wide = top + 0.012 + deep * 0.55, 0.03 + deep * 0.34
        x = site.between(*site.span)
        swell = smooth([(x - wide, y), (x, y - 0.002 - 0.006 * deep), (x + wide, y), (x, y + 0.001 + 0.003 * deep)])
        shapes.append(Shape(swell, "water", site.between(0.12, 0.5) if k % 3 else -0.3))
    return shapes


def pine(x: float, y: float, height: float, tone: float = 0.0) -> list[Shape]:
    tiers = [(0.0, -1.0)]
    for k in range(1, 6):
        tiers += [(0.075 * k * 0.72 + 0.02, -1 + 0.175 * k), (0.075 * k * 0.40, -1 + 0.175 * k - 0.02)]
    crown = mirrored([(px * height, y + py * height) for px, py in (*tiers, (0.03, -0.1), (0.03, 0.02))], x)
    return [Shape(crown, "plant", tone)]


def round_tree(site: Site, x: float, y: float, height: float, tone: float = 0.0) -> list[Shape]:
    trunk = mirrored([(0.025 * height, y - 0.55 * height), (0.03 * height, y - 0.2 * height), (0.06 * height, y)], x)
    shapes = [Shape(trunk, "ink", 0.1)]
    for k in range(7):
        angle = k * 2.4
        cx, cy = x + 0.17 * height * math.cos(angle), y - 0.68 * height + 0.15 * height * math.sin(angle)
        size = height * site.between(0.14, 0.22)
        shapes.append(
            Shape(ellipse(cx, cy, size, size * 0.9), "plant", tone + (0.16 if cy < y - 0.7 * height else -0.1))
        )
    return shapes


def house(x: float, y: float, size: float, lit: bool) -> list[Shape]:
    wall = Shape(rect(x, y - 0.5 * size, x + size, y + 0.012), "built", 0.25)
    roof = Shape(
        ((x - 0.1 * size, y - 0.48 * size), (x + size / 2, y - size), (x + 1.1 * size, y - 0.48 * size)), "built", -0.45
    )
    chimney = Shape(rect(x + 0.7 * size, y - 1.0 * size, x + 0.82 * size, y - 0.7 * size), "built", -0.5)
    pane = Shape(rect(x + 0.2 * size, y - 0.34 * size, x + 0.4 * size, y - 0.12 * size), "light" if lit else "ink", 0.1)
    door = Shape(rect(x + 0.58 * size, y - 0.36 * size, x + 0.8 * size, y + 0.02), "ink", 0.15)
    return [chimney, wall, roof, pane, door]
