"""The plain shapes a composition is made of, and the curves they are made with.

Lengths are in heights of the picture: y runs from 0 (top) to 1 (bottom), x from 0 to the picture's aspect. What a
shape looks like is the painters' matter; here it only has a role and a tone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

Point: TypeAlias = tuple[float, float]
Role: TypeAlias = Literal["land", "plant", "built", "water", "light", "cloth", "skin", "hair", "ink"]


@dataclass(frozen=True)
class Shape:
    """A filled outline, or a stroke where ``stroke`` (its width) is given.

    ``tone`` goes from -1 (darker than its depth) to 1 (lighter). ``colour`` is a character's own, ``#rrggbb``.
    """

    points: tuple[Point, ...]
    role: Role
    tone: float = 0.0
    colour: str | None = None
    stroke: float = 0.0

    def moved(self, place: Callable[[Point], Point], scale: float = 1.0) -> Shape:
        return replace(self, points=tuple(place(point) for point in self.points), stroke=self.stroke * scale)


@dataclass(frozen=True)
class Depth:
    """Shapes at one distance: 0 is the horizon, 1 the lens. ``kind`` tells painters what needs other light."""

    depth: float
    shapes: tuple[Shape, ...]
    kind: Literal["scenery", "figure", "front"] = "scenery"


def ellipse(x: float, y: float, rx: float, ry: float, corners: int = 48) -> tuple[Point, ...]:
    angles = (2 * math.pi * i / corners for i in range(corners))
    return tuple((x + rx * math.cos(angle), y + ry * math.sin(angle)) for angle in angles)


def rect(left: float, top: float, right: float, bottom: float) -> tuple[Point, ...]:
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def smooth(points: Sequence[Point], *, closed: bool = True, steps: int = 8) -> tuple[Point, ...]:
    """A Catmull-Rom curve through ``points``."""
    count = len(points)
    found: list[Point] = []
    for i in range(count if closed else count - 1):
        around = [points[(i + k) % count] if closed else points[min(max(i + k, 0), count - 1)] for k in (-1, 0, 1, 2)]
        for step in range(steps):
            t = step / steps
            weights = (
                (-t + 2 * t * t - t**3) / 2,
                (2 - 5 * t * t + 3 * t**3) / 2,
                (t + 4 * t * t - 3 * t**3) / 2,
                (t**3 - t * t) / 2,
            )
            found.append(
                (
                    sum(w * p[0] for w, p in zip(weights, around, strict=True)),
                    sum(w * p[1] for w, p in zip(weights, around, strict=True)),
                )
            )
    return tuple(found) if closed else (*found, points[-1])


def mirrored(points: Sequence[Point], x: float = 0.0) -> tuple[Point, ...]:
    """``points`` down the right side, then back up as their mirror image: a symmetric outline around ``x``."""
    right = [(x + px, py) for px, py in points]
    return (*right, *((x - px, py) for px, py in reversed(points)))


def ridge(
    rng: np.random.Generator, span: tuple[float, float], base: float, height: float, waves: float, rough: float = 0.5
) -> tuple[Point, ...]:
    """A skyline from ``span[0]`` to ``span[1]``: sums of waves, down to far below the frame."""
    xs = np.linspace(span[0], span[1], 220)
    line = np.zeros_like(xs)
    for octave in range(5):
        grow = 2.0**octave
        line += rough**octave * np.sin(xs * waves * grow + rng.uniform(0, 2 * math.pi))
    line *= height / 2 / max(float(np.abs(line).max()), 1e-6)
    top = [(float(x), base - height / 2 - float(y)) for x, y in zip(xs, line, strict=True)]
    return ((span[0], 4.0), *top, (span[1], 4.0))


def crags(
    rng: np.random.Generator, span: tuple[float, float], base: float, height: float, width: float
) -> tuple[tuple[Point, ...], list[tuple[Point, ...]]]:
    """A jagged skyline of peaks, and the lit flank of each peak."""
    top: list[Point] = []
    flanks: list[tuple[Point, ...]] = []
    x = span[0]
    while x < span[1]:
        step = width * rng.uniform(0.55, 1.2)
        peak = (x + step * rng.uniform(0.4, 0.6), base - height * rng.uniform(0.35, 1.0))
        valley = (x + step, base - height * rng.uniform(0.02, 0.18))
        shoulder = ((peak[0] + valley[0]) / 2, (peak[1] + valley[1]) / 2 + height * rng.uniform(-0.03, 0.07))
        top += [peak, shoulder, valley]
        foot = peak[1] + (base - peak[1]) * 0.85
        inner = peak[0] + step * rng.uniform(-0.04, 0.05)
        zigzag = [(inner + step * 0.06 * (-1) ** k, peak[1] + (foot - peak[1]) * k / 4) for k in range(1, 4)]
        flanks.append((peak, shoulder, (valley[0], foot), *reversed(zigzag)))
        x += step
    return ((span[0], 4.0), (span[0], base), *top, (x, 4.0)), flanks
