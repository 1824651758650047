"""A shot put together: its place as the lens sees it, the people in it, where the light stands.

Plain shapes only, the same for all three painters, so that the tiers of one film show the same film.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from studio_pipeline.film.shots import Board
from studio_pipeline.providers.image.drawing.figures import figure
from studio_pipeline.providers.image.drawing.framing import LENSES, Lens
from studio_pipeline.providers.image.drawing.palette import Scheme
from studio_pipeline.providers.image.drawing.person import Person
from studio_pipeline.providers.image.drawing.places import Place, place_of
from studio_pipeline.providers.image.drawing.props import prop, prop_of
from studio_pipeline.providers.image.drawing.scenery import scenery
from studio_pipeline.providers.image.drawing.shapes import Depth, Point, Shape, rect, smooth
from studio_pipeline.providers.image.drawing.site import HORIZON, Site


@dataclass(frozen=True)
class Badge:
    """Where a character's tag is pinned, in heights of the picture."""

    tag: str
    colour: str
    x: float
    y: float


@dataclass(frozen=True)
class Composition:
    depths: tuple[Depth, ...]
    badges: tuple[Badge, ...]
    scheme: Scheme
    place: Place
    lens: Lens
    light: int
    """The side light comes from: -1 left, 1 right."""
    sun: Point
    horizon: float
    rng: np.random.Generator


def random_for(*parts: object) -> np.random.Generator:
    """Random numbers that depend on ``parts`` only, on any machine."""
    digest = hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))


def compose(board: Board, aspect: float, seed: int, variation: int) -> Composition:
    """The composition of ``board`` for a picture ``aspect`` times as wide as high.

    Place and people stay who they are; ``seed`` and ``variation`` choose side, light, hour of the sun, and standpoint.
    """
    lens, place = LENSES[board.framing], place_of(board)
    rng = random_for("shot", seed, variation, board.framing)
    light = 1 if (variation + int(rng.integers(0, 2))) % 2 else -1
    standpoint = float(rng.uniform(-0.20, 0.20)) + 0.11 * ((variation - 1) % 3)
    turned = light < 0
    middle = aspect / 2

    def look(point: Point, near: float = 1.0) -> Point:
        x = middle + (point[0] - middle) * lens.zoom - standpoint * lens.zoom * near
        return (aspect - x if turned else x), (point[1] - HORIZON) * lens.zoom + lens.horizon

    site = Site(random_for("place", board.place or board.heading), middle, place)
    depths: list[Depth] = []
    for depth in scenery(site):
        if depth.kind == "front" and board.framing not in ("extreme_wide", "wide"):
            continue  # a foreground would stand between a near lens and the face
        near = 0.35 + 0.75 * depth.depth
        placed = tuple(shape.moved(_looking(look, near), lens.zoom) for shape in depth.shapes)
        depths.append(Depth(depth.depth, placed, depth.kind))
    cast, badges = _cast(board, lens, aspect, light, rng)
    if board.framing == "insert":
        cast = _insert(board, aspect, light, rng)
    at = next((i for i, depth in enumerate(depths) if depth.kind == "front"), len(depths))
    depths[at:at] = cast
    sun = (middle + light * aspect * float(rng.uniform(0.16, 0.36)), lens.horizon * float(rng.uniform(0.28, 0.58)))
    scheme = Scheme.of(board, random_for("hue", board.place, board.mood), night=place.night, inside=place.inside)
    return Composition(tuple(depths), tuple(badges), scheme, place, lens, light, sun, lens.horizon, rng)


def _looking(look: Callable[[Point, float], Point], near: float) -> Callable[[Point], Point]:
    return lambda point: look(point, near)


def _cast(
    board: Board, lens: Lens, aspect: float, light: int, rng: np.random.Generator
) -> tuple[list[Depth], list[Badge]]:
    """The people of a shot, the most important one nearest and off the middle, looking room on the lit side."""
    shown = board.characters[: lens.most]
    narrow = min(1.0, aspect / 1.1)
    tall = lens.figure * (narrow if board.framing in ("medium", "close", "extreme_close") else max(narrow, 0.8))
    step = tall * {"extreme_wide": 0.62, "close": 0.27}.get(board.framing, 0.40)
    first = aspect / 2 - light * aspect * float(rng.uniform(0.07, 0.15)) * (
        0.5 if board.framing == "extreme_close" else 1.0
    )
    shapes: list[Shape] = []
    badges: list[Badge] = []
    for order in range(len(shown) - 1, -1, -1):
        person = Person.of(shown[order])
        side = light * ((order + 1) // 2) * (1 if order % 2 else -1)
        x = first + side * step * 1.08 * float(rng.uniform(0.92, 1.08))
        size = tall * (1 - (0.12 if board.framing == "close" else 0.06) * order)
        standing = lens.figure >= 2  # near lenses frame a child's face as they frame a grown-up's
        grown = 1.0 if standing else person.height
        foot = lens.crown + tall + 0.012 * (order == 0) * min(1.0, tall)
        crown = foot - size * grown

        def stand(point: Point, x: float = x, crown: float = crown, size: float = size * grown) -> Point:
            return x + point[0] * size, crown + point[1] * size

        if board.framing in ("extreme_wide", "wide"):
            shapes.append(Shape(_shadow(x, foot, size, light), "ink", 0.2))
        drawn = figure(
            person, light=light, pose=int(rng.integers(0, 4)), face=board.framing not in ("extreme_wide", "wide")
        )
        shapes += [shape.moved(stand, size * grown) for shape in drawn]
        badges.append(Badge(shown[order].tag, shown[order].colour, x, crown))
    return ([Depth(0.74, tuple(shapes), "figure")] if shapes else []), badges


def _shadow(x: float, foot: float, size: float, light: int) -> tuple[Point, ...]:
    long = -light * size * 0.55
    thin = size * 0.030
    return smooth(
        [
            (x + size * 0.05, foot - thin),
            (x - size * 0.05, foot),
            (x + long, foot + thin * 2.4),
            (x + long * 1.1, foot + thin),
        ],
        steps=6,
    )


def _insert(board: Board, aspect: float, light: int, rng: np.random.Generator) -> list[Depth]:
    top = 0.66
    x, size = aspect / 2 - light * aspect * float(rng.uniform(0.02, 0.10)), min(0.56, aspect * 0.5)
    table = [
        Shape(rect(-1, top, aspect + 1, 3), "land", -0.55),
        Shape(rect(-1, top, aspect + 1, top + 0.008), "land", 0.35),
    ]
    shade = Shape(_shadow(x, top + 0.10, size * 0.9, light), "ink", -0.1)
    thing = [
        shape.moved(lambda p: (x + p[0] * size, top + 0.10 + (p[1] - 0.5) * size), size)
        for shape in prop(prop_of(board), light)
    ]
    return [Depth(0.70, tuple(table)), Depth(0.78, (shade, *thing), "figure")]
