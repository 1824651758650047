"""Places as shapes at several depths, far to near. Each place is one small function; the sky is the painters'.

The place of a scene stays the same place from shot to shot: its shapes come from its name, and only the camera moves
with the shot's seed. To add a place, name its words in ``places`` and write its function here.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from studio_pipeline.providers.image.drawing.places import Kind, Place
from studio_pipeline.providers.image.drawing.shapes import (
    Depth,
    Point,
    Shape,
    crags,
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


def scenery(site: Site) -> list[Depth]:
    """The depths of ``site``, far first."""
    return _PLACES[site.place.kind](site)


def _land(site: Site, base: float, height: float, waves: float, tone: float = 0.0, rough: float = 0.45) -> Shape:
    return Shape(ridge(site.rng, site.span, base, height, waves, rough), "land", tone)


def _water(site: Site, top: float) -> list[Shape]:
    shapes = [Shape(rect(site.span[0], top, site.span[1], 4.0), "water")]
    for k in range(64):
        deep = (k / 63) ** 1.7
        y, wide = top + 0.012 + deep * 0.55, 0.03 + deep * 0.34
        x = site.between(*site.span)
        swell = smooth([(x - wide, y), (x, y - 0.002 - 0.006 * deep), (x + wide, y), (x, y + 0.001 + 0.003 * deep)])
        shapes.append(Shape(swell, "water", site.between(0.12, 0.5) if k % 3 else -0.3))
    return shapes


def _pine(x: float, y: float, height: float, tone: float = 0.0) -> list[Shape]:
    tiers = [(0.0, -1.0)]
    for k in range(1, 6):
        tiers += [(0.075 * k * 0.72 + 0.02, -1 + 0.175 * k), (0.075 * k * 0.40, -1 + 0.175 * k - 0.02)]
    crown = mirrored([(px * height, y + py * height) for px, py in (*tiers, (0.03, -0.1), (0.03, 0.02))], x)
    return [Shape(crown, "plant", tone)]


def _round_tree(site: Site, x: float, y: float, height: float, tone: float = 0.0) -> list[Shape]:
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


def _house(x: float, y: float, size: float, lit: bool) -> list[Shape]:
    wall = Shape(rect(x, y - 0.5 * size, x + size, y + 0.2), "built", 0.25)
    roof = Shape(
        ((x - 0.1 * size, y - 0.48 * size), (x + size / 2, y - size), (x + 1.1 * size, y - 0.48 * size)), "built", -0.45
    )
    chimney = Shape(rect(x + 0.7 * size, y - 1.0 * size, x + 0.82 * size, y - 0.7 * size), "built", -0.5)
    pane = Shape(rect(x + 0.2 * size, y - 0.34 * size, x + 0.4 * size, y - 0.12 * size), "light" if lit else "ink", 0.1)
    door = Shape(rect(x + 0.58 * size, y - 0.36 * size, x + 0.8 * size, y + 0.02), "ink", 0.15)
    return [chimney, wall, roof, pane, door]


def _coast(site: Site) -> list[Depth]:
    tower_x, foot = site.middle + site.between(0.28, 0.42), 0.40
    half, top = 0.050, foot - 0.31
    cliff = smooth(
        [
            (tower_x - 0.40, HORIZON + 0.035),
            (tower_x - 0.30, HORIZON - 0.04),
            (tower_x - 0.17, foot + 0.035),
            (tower_x - 0.06, foot),
            (tower_x + 0.12, foot + 0.004),
            (tower_x + 0.6, foot - 0.03),
            (tower_x + 3, foot - 0.10),
        ],
        closed=False,
    )
    steps: list[Shape] = [
        Shape((*cliff, (tower_x + 3, 4), (tower_x - 0.9, 4), (tower_x - 0.62, HORIZON + 0.1)), "land", -0.1)
    ]
    for k in range(5):
        x, y = tower_x - 0.27 + 0.13 * k, foot + 0.10 + 0.02 * (k % 2)
        steps.append(Shape(((x, y), (x + 0.08, y - 0.05), (x + 0.11, y + 0.10), (x + 0.02, y + 0.16)), "land", 0.28))
    tower: list[Shape] = [Shape(mirrored([(half * 0.68, top), (half * 1.15, foot + 0.02)], tower_x), "built", 0.85)]
    for k in (0, 2):
        a, b = 0.16 + 0.26 * k, 0.16 + 0.26 * (k + 1)
        wide = [half * (0.68 + 0.47 * part) for part in (a, b)]
        band = mirrored([(wide[0], top + a * (foot - top)), (wide[1], top + b * (foot - top))], tower_x)
        tower.append(Shape(band, "built", -0.55))
    shade = (
        (tower_x + half * 0.2, top),
        (tower_x + half * 0.68, top),
        (tower_x + half * 1.15, foot + 0.02),
        (tower_x + half * 0.4, foot + 0.02),
    )
    tower.append(Shape(shade, "built", -0.12))
    tower += [
        Shape(rect(tower_x - half * 1.05, top - 0.006, tower_x + half * 1.05, top + 0.008), "ink", 0.1),
        Shape(rect(tower_x - half * 0.55, top - 0.060, tower_x + half * 0.55, top - 0.006), "light", 0.8),
        Shape(rect(tower_x - 0.003, top - 0.060, tower_x + 0.003, top - 0.006), "ink"),
        Shape(
            mirrored(
                [(0.003, top - 0.115), (0.004, top - 0.098), (half * 0.4, top - 0.085), (half * 0.75, top - 0.058)],
                tower_x,
            ),
            "ink",
            0.05,
        ),
    ]
    hut = _house(tower_x + 0.14, foot + 0.01, 0.13, True)
    rocks = [_land(site, 0.98, 0.10, 2.6, -0.1, 0.7)]
    return [
        Depth(0.10, (_land(site, HORIZON + 0.005, 0.10, 1.5),)),
        Depth(0.34, tuple(_water(site, HORIZON))),
        Depth(0.58, (*steps, *hut, *tower)),
        Depth(0.95, tuple(rocks), "front"),
    ]


def _sea(site: Site) -> list[Depth]:
    x, y, size = site.middle + site.between(0.1, 0.4), HORIZON + 0.075, 0.15
    hull = smooth(
        [
            (x - size, y - 0.025),
            (x, y - 0.015),
            (x + size * 1.1, y - 0.04),
            (x + size * 0.7, y + 0.02),
            (x - size * 0.7, y + 0.022),
        ]
    )
    boat = [
        Shape(hull, "ink", 0.1),
        Shape(((x - 0.004, y - 0.02), (x - 0.004, y - 0.34), (x + 0.004, y - 0.34), (x + 0.004, y - 0.02)), "ink"),
        Shape(
            smooth([(x + 0.012, y - 0.32), (x + 0.105, y - 0.16), (x + 0.14, y - 0.05), (x + 0.012, y - 0.05)]),
            "built",
            0.9,
        ),
        Shape(
            smooth([(x - 0.012, y - 0.28), (x - 0.085, y - 0.12), (x - 0.10, y - 0.05), (x - 0.012, y - 0.05)]),
            "built",
            0.6,
        ),
    ]
    waves = [
        Shape(ridge(site.rng, site.span, 0.93, 0.07, 3.0, 0.35), "water", -0.3),
        Shape(ridge(site.rng, site.span, 0.99, 0.06, 2.2, 0.3), "water", -0.55),
    ]
    return [
        Depth(0.08, (_land(site, HORIZON + 0.004, 0.07, 1.3),)),
        Depth(0.36, tuple(_water(site, HORIZON))),
        Depth(0.6, tuple(boat)),
        Depth(0.92, tuple(waves), "front"),
    ]


def _forest(site: Site) -> list[Depth]:
    left, right = site.span
    depths: list[Depth] = []
    for depth, base, tall, count in ((0.08, 0.56, 0.26, 64), (0.28, 0.61, 0.36, 44), (0.52, 0.68, 0.52, 26)):
        trees: list[Shape] = [_land(site, base + 0.03, 0.04, 2.0)]
        for x in np.sort(site.rng.uniform(left, right, count)):
            if depth < 0.5 or abs(x - site.middle) > 0.34:
                trees += _pine(float(x), base + 0.02, tall * site.between(0.6, 1.1), site.between(-0.08, 0.12))
        depths.append(Depth(depth, tuple(trees)))
    glade = Shape(ellipse(site.middle, 0.80, 0.55, 0.075), "land", 0.22)
    depths.append(Depth(0.66, (_land(site, 0.76, 0.05, 1.7, -0.05), glade)))
    trunks: list[Shape] = []
    for x in (site.middle - 0.86, site.middle - 0.66, site.middle + 0.80, site.middle + 1.0):
        wide = site.between(0.045, 0.075)
        trunks.append(
            Shape(
                smooth(
                    [
                        (x - wide, -0.6),
                        (x - wide * 0.8, 0.4),
                        (x - wide * 1.9, 1.3),
                        (x + wide * 1.8, 1.3),
                        (x + wide * 0.8, 0.4),
                        (x + wide, -0.6),
                    ]
                ),
                "ink",
                0.06,
            )
        )
        way = 1 if x < site.middle else -1
        trunks.append(Shape(((x, 0.20), (x + way * 0.30, 0.06), (x + way * 0.31, 0.068), (x, 0.25)), "ink", 0.06))
        trunks += [Shape(ellipse(x + way * 0.08 * k, 0.0 + 0.02 * k, 0.15, 0.075), "plant", -0.5) for k in range(4)]
    return [*depths, Depth(0.96, tuple(trunks), "front")]


def _city(site: Site) -> list[Depth]:
    depths: list[Depth] = []
    for depth, base, low, high, wide in (
        (0.08, 0.60, 0.10, 0.36, 0.11),
        (0.30, 0.66, 0.16, 0.46, 0.15),
        (0.55, 0.80, 0.30, 0.74, 0.24),
    ):
        blocks: list[Shape] = []
        x = site.span[0]
        while x < site.span[1]:
            w, h = wide * site.between(0.7, 1.3), site.between(low, high)
            street = depth > 0.5 and abs(x + w / 2 - site.middle) < 0.42
            if not street:
                blocks.append(Shape(rect(x, base - h, x + w * 1.02, 4), "built", site.between(-0.16, 0.12)))
                if depth > 0.2:
                    roof = base - h
                    blocks.append(Shape(rect(x + w * 0.3, roof - 0.03, x + w * 0.5, roof + 0.01), "built", -0.2))
                    step = wide / 5.2
                    for row in range(int((h + 0.1) / (step * 1.35))):
                        for column in range(int(w / step) - 1):
                            if site.rng.random() < (0.5 if site.place.night else 0.3):
                                wx, wy = x + step * (column + 0.7), roof + step * (0.7 + 1.35 * row)
                                lit = site.rng.random() < 0.45
                                blocks.append(
                                    Shape(
                                        rect(wx, wy, wx + step * 0.5, wy + step * 0.75),
                                        "light" if lit else "built",
                                        0.0 if lit else -0.4,
                                    )
                                )
            x += w * (1.0 if depth < 0.5 else 1.06)
        depths.append(Depth(depth, tuple(blocks)))
    m = site.middle
    street = [Shape(rect(site.span[0], 0.74, site.span[1], 4), "land", -0.15)]
    street.append(Shape(((m - 0.05, 0.70), (m + 0.05, 0.70), (m + 1.1, 1.3), (m - 1.1, 1.3)), "land", 0.18))
    street += [
        Shape(
            (
                (m - 0.004 - 0.03 * k * k / 9, y := 0.735 + 0.028 * k * k / 2.2),
                (m + 0.004 + 0.03 * k * k / 9, y),
                (m + 0.006 + 0.03 * k * k / 7, y + 0.018 * k / 2 + 0.008),
                (m - 0.006 - 0.03 * k * k / 7, y + 0.018 * k / 2 + 0.008),
            ),
            "light",
            0.0,
        )
        for k in range(1, 5)
    ]
    lamp_x = m - site.between(0.62, 0.7)
    lamp = [
        Shape(mirrored([(0.006, 0.16), (0.009, 0.9), (0.02, 1.3)], lamp_x), "ink"),
        Shape(((lamp_x, 0.155), (lamp_x + 0.12, 0.13), (lamp_x + 0.12, 0.142), (lamp_x, 0.17)), "ink"),
        Shape(smooth([(lamp_x + 0.08, 0.14), (lamp_x + 0.12, 0.12), (lamp_x + 0.16, 0.14)]), "ink"),
        Shape(ellipse(lamp_x + 0.12, 0.15, 0.026, 0.014), "light", 0.9),
    ]
    return [*depths, Depth(0.62, tuple(street)), Depth(0.94, tuple(lamp), "front")]


def _room(site: Site) -> list[Depth]:
    m, floor = site.middle, 0.74
    window_x = m - site.between(0.18, 0.42)
    left, top, right, bottom = window_x - 0.17, 0.13, window_x + 0.17, 0.53
    wall: list[Shape] = [Shape(rect(site.span[0], -2, site.span[1], floor), "built", 0.12)]
    wall += [Shape(rect(x, -2, x + 0.07, floor), "built", 0.19) for x in np.arange(site.span[0], site.span[1], 0.21)]
    wall += [
        Shape(rect(site.span[0], floor - 0.20, site.span[1], floor), "built", -0.18),
        Shape(rect(site.span[0], floor - 0.205, site.span[1], floor - 0.19), "built", 0.3),
        Shape(rect(left - 0.025, top - 0.025, right + 0.025, bottom + 0.025), "built", -0.45),
        Shape(rect(left, top, right, bottom), "light", 0.35),
        Shape(
            (*ridge(site.rng, (left, right), bottom - 0.06, 0.07, 9)[1:-1], (right, bottom), (left, bottom)),
            "land",
            0.25,
        ),
        Shape(rect(window_x - 0.006, top, window_x + 0.006, bottom), "built", -0.45),
        Shape(rect(left, 0.30, right, 0.312), "built", -0.45),
        Shape(rect(left - 0.06, bottom + 0.02, right + 0.06, bottom + 0.04), "built", -0.35),
    ]
    for way in (-1, 1):
        x = window_x + way * 0.20
        wall.append(
            Shape(
                smooth(
                    [
                        (x - way * 0.06, top - 0.06),
                        (x + way * 0.07, top - 0.06),
                        (x + way * 0.09, 0.62),
                        (x - way * 0.01, 0.62),
                        (x + way * 0.012, 0.34),
                    ]
                ),
                "cloth",
                0.1,
            )
        )
    shelf_x = m + site.between(0.30, 0.40)
    for row in range(3):
        y = 0.20 + 0.13 * row
        wall.append(Shape(rect(shelf_x, y, shelf_x + 0.44, y + 0.014), "ink", 0.15))
        x = shelf_x + 0.015
        while x < shelf_x + 0.38:
            wide, tall = site.between(0.012, 0.03), site.between(0.05, 0.095)
            wall.append(Shape(rect(x, y - tall, x + wide, y), "built", site.between(-0.7, 0.6)))
            x += wide + (0.004 if site.rng.random() < 0.8 else 0.05)
    boards: list[Shape] = [
        Shape(rect(site.span[0], floor, site.span[1], 4), "land", -0.08),
        Shape(rect(site.span[0], floor, site.span[1], floor + 0.012), "ink", 0.2),
    ]
    for k in range(-14, 15):
        x = m + k * 0.17
        boards.append(
            Shape(
                ((x - 0.001, floor), (x + 0.001, floor), (m + k * 0.42 + 0.006, 1.3), (m + k * 0.42 - 0.006, 1.3)),
                "ink",
                0.22,
            )
        )
    boards.append(
        Shape(((left, floor + 0.05), (right, floor + 0.05), (right + 0.42, 0.97), (left + 0.22, 0.97)), "light", -0.35)
    )
    table_x = m + 0.26
    table = [
        Shape(rect(table_x, 0.665, table_x + 0.56, 0.69), "ink", 0.2),
        Shape(rect(table_x + 0.04, 0.69, table_x + 0.062, 0.92), "ink", 0.12),
        Shape(rect(table_x + 0.50, 0.69, table_x + 0.522, 0.92), "ink", 0.12),
        Shape(mirrored([(0.008, 0.54), (0.008, 0.65), (0.04, 0.665)], table_x + 0.38), "ink", 0.1),
        Shape(mirrored([(0.035, 0.47), (0.075, 0.55)], table_x + 0.38), "light", 0.5),
        Shape(rect(table_x + 0.10, 0.645, table_x + 0.22, 0.665), "built", 0.5),
        Shape(rect(table_x + 0.11, 0.63, table_x + 0.21, 0.645), "built", -0.5),
    ]
    pot = m - 0.80
    plant: list[Shape] = []
    for k in range(9):
        angle = -math.pi / 2 + (k - 4) * 0.27
        tip = (pot + 0.42 * math.cos(angle), 0.86 + 0.50 * math.sin(angle))
        side = (-math.sin(angle) * 0.035, math.cos(angle) * 0.035)
        mid = ((pot + tip[0]) / 2, (0.86 + tip[1]) / 2)
        plant.append(
            Shape(
                smooth([(pot, 0.88), (mid[0] + side[0], mid[1] + side[1]), tip, (mid[0] - side[0], mid[1] - side[1])]),
                "plant",
                -0.45 + 0.05 * (k % 3),
            )
        )
    plant.append(Shape(mirrored([(0.10, 0.86), (0.075, 1.2)], pot), "ink", 0.1))
    return [
        Depth(0.34, tuple(wall)),
        Depth(0.5, tuple(boards)),
        Depth(0.64, tuple(table)),
        Depth(0.96, tuple(plant), "front"),
    ]


def _mountain(site: Site) -> list[Depth]:
    depths = []
    for depth, base, tall, wide in ((0.06, 0.58, 0.34, 0.52), (0.24, 0.62, 0.40, 0.85)):
        line, flanks = crags(site.rng, site.span, base, tall, wide)
        lit = 0.62 if depth > 0.1 or site.place.snow else 0.35
        depths.append(Depth(depth, (Shape(line, "land"), *(Shape(flank, "land", lit) for flank in flanks))))
    pines = [_land(site, 0.69, 0.05, 1.6, 0.35 if site.place.snow else 0.0)]
    for x in np.sort(site.rng.uniform(*site.span, 60)):
        if abs(x - site.middle) > 0.22:
            pines += _pine(float(x), 0.69 + site.between(-0.02, 0.02), site.between(0.07, 0.16), -0.1)
    rocks = [_land(site, 0.99, 0.09, 2.1, -0.15, 0.65)]
    return [
        *depths,
        Depth(0.46, tuple(pines)),
        Depth(0.62, (_land(site, 0.78, 0.06, 1.2, 0.4 if site.place.snow else 0.05),)),
        Depth(0.95, tuple(rocks), "front"),
    ]


def _road(site: Site) -> list[Depth]:
    m, horizon = site.middle, HORIZON
    bend = site.between(-0.12, 0.12)
    left = smooth(
        [(m + bend, horizon + 0.012), (m + bend * 0.2 - 0.03, 0.68), (m - 0.20, 0.82), (m - 0.75, 1.25)], closed=False
    )
    right = smooth(
        [(m + bend + 0.008, horizon + 0.012), (m + bend * 0.2 + 0.05, 0.68), (m + 0.16, 0.82), (m + 0.55, 1.25)],
        closed=False,
    )
    fields = [_land(site, horizon + 0.035, 0.03, 1.1, 0.15)]
    for k in range(7):
        y = 0.63 + 0.05 * k
        fields.append(
            Shape(
                smooth(
                    [
                        (site.span[0], y),
                        (m, y + 0.02),
                        (site.span[1], y - 0.01),
                        (site.span[1], y + 0.022 + 0.004 * k),
                        (m, y + 0.032),
                        (site.span[0], y + 0.02),
                    ]
                ),
                "plant",
                0.2 - 0.09 * k,
            )
        )
    fields.append(Shape((*left, *reversed(right)), "land", 0.55))
    poles: list[Shape] = []
    tops: list[Point] = []
    for k in range(6):
        scale = 0.62**k
        x, foot = m + bend + (0.72 - bend) * scale + 0.03, horizon + 0.36 * scale
        tall = 0.62 * scale
        poles += [
            Shape(rect(x - 0.008 * scale, foot - tall, x + 0.008 * scale, foot), "ink", 0.1),
            Shape(rect(x - 0.07 * scale, foot - tall * 0.93, x + 0.07 * scale, foot - tall * 0.91), "ink", 0.1),
        ]
        tops.append((x - 0.06 * scale, foot - tall * 0.93))
    wires = [
        Shape(smooth([a, ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2 + 0.02), b], closed=False), "ink", 0.1, stroke=0.0022)
        for a, b in itertools.pairwise(tops)
    ]
    grass = [_land(site, 1.02, 0.06, 6.0, -0.2, 0.8)]
    return [
        Depth(0.08, (_land(site, horizon + 0.02, 0.13, 1.7),)),
        Depth(0.26, (_land(site, horizon + 0.03, 0.06, 2.4),)),
        Depth(0.5, tuple(fields)),
        Depth(0.66, (*poles, *wires)),
        Depth(0.95, tuple(grass), "front"),
    ]


def _desert(site: Site) -> list[Depth]:
    x = site.middle + site.between(0.25, 0.45)
    mesa = [
        Shape(mirrored([(0.13, 0.36), (0.15, 0.37), (0.16, 0.46), (0.20, 0.50), (0.30, 0.62)], x), "land", -0.05),
        Shape(mirrored([(0.06, 0.41), (0.08, 0.50), (0.16, 0.62)], x - 0.52), "land", 0.05),
    ]
    dunes = []
    for depth, base, tall, tone in ((0.40, 0.66, 0.09, 0.2), (0.58, 0.78, 0.14, 0.05), (0.94, 1.04, 0.16, -0.2)):
        crest = ridge(site.rng, site.span, base, tall, 1.4 + depth, 0.28)
        shade = tuple((px + 0.10, py + 0.035 + 0.02 * math.sin(px * 5)) for px, py in crest)
        dunes.append(
            Depth(
                depth,
                (Shape(crest, "land", tone + 0.25), Shape(shade, "land", tone)),
                "front" if depth > 0.9 else "scenery",
            )
        )
    return [Depth(0.10, (_land(site, 0.60, 0.07, 1.5),)), Depth(0.22, tuple(mesa)), *dunes]


def _space(site: Site) -> list[Depth]:
    x, y = site.middle + site.between(0.25, 0.5), 0.25
    planet = [
        Shape(ellipse(x, y, 0.21, 0.21, 90), "built", 0.30),
        Shape(smooth([(x + 0.06, y - 0.2), (x + 0.21, y), (x + 0.06, y + 0.2), (x + 0.13, y)]), "built", -0.4),
        *(
            Shape(
                ellipse(x - 0.08 + 0.07 * k, y - 0.08 + 0.09 * (k % 2), 0.03 - 0.005 * k, 0.026 - 0.004 * k),
                "built",
                0.05,
            )
            for k in range(3)
        ),
        Shape(smooth([(x - 0.36, y + 0.07), (x, y + 0.055), (x + 0.36, y - 0.09), (x, y + 0.085)]), "light", 0.2),
    ]
    dome_x = site.middle - 0.36
    base = [
        _land(site, 0.70, 0.06, 1.8, 0.1, 0.6),
        Shape((*(p for p in ellipse(dome_x, 0.68, 0.17, 0.15) if p[1] <= 0.681),), "built", 0.55),
        Shape((*(p for p in ellipse(dome_x, 0.68, 0.10, 0.10) if p[1] <= 0.681),), "light", 0.1),
        Shape(rect(dome_x + 0.26, 0.44, dome_x + 0.268, 0.70), "built", -0.3),
        Shape(ellipse(dome_x + 0.264, 0.435, 0.012, 0.012), "light", 0.6),
    ]
    ground = [_land(site, 0.80, 0.05, 1.6, 0.0, 0.6)]
    ground += [
        Shape(
            ellipse(
                site.between(*site.span), site.between(0.82, 1.0), site.between(0.05, 0.16), site.between(0.008, 0.02)
            ),
            "land",
            -0.35,
        )
        for _ in range(16)
    ]
    return [
        Depth(0.05, tuple(planet)),
        Depth(0.30, (_land(site, 0.66, 0.16, 2.2, 0.0, 0.7),)),
        Depth(0.48, tuple(base)),
        Depth(0.66, tuple(ground)),
        Depth(0.95, (_land(site, 1.02, 0.09, 2.8, -0.2, 0.7),), "front"),
    ]


def _village(site: Site) -> list[Depth]:
    houses = [_land(site, 0.66, 0.05, 1.5)]
    for x in (-0.95, -0.60, -0.34, 0.36, 0.62, 0.98):
        size = site.between(0.13, 0.21)
        houses += _house(
            site.middle + x,
            0.655 + site.between(-0.015, 0.015),
            size,
            site.rng.random() < (0.9 if site.place.night else 0.45),
        )
    trees = [_land(site, 0.76, 0.05, 1.2, -0.05)]
    for x in (-0.78, 0.86, 1.2):
        trees += _round_tree(site, site.middle + x, 0.77, site.between(0.36, 0.48))
    fence: list[Shape] = [_land(site, 1.03, 0.04, 3.0, -0.25)]
    for k in range(-9, 10):
        fence.append(
            Shape(
                (
                    (site.middle + k * 0.19, 1.3),
                    (site.middle + k * 0.19, 0.905),
                    (site.middle + k * 0.19 + 0.016, 0.89),
                    (site.middle + k * 0.19 + 0.032, 0.905),
                    (site.middle + k * 0.19 + 0.032, 1.3),
                ),
                "ink",
                0.15,
            )
        )
    fence.append(Shape(rect(site.span[0], 0.935, site.span[1], 0.953), "ink", 0.15))
    return [
        Depth(0.08, (_land(site, 0.60, 0.14, 1.6),)),
        Depth(0.26, (_land(site, 0.63, 0.09, 2.0),)),
        Depth(0.46, tuple(houses)),
        Depth(0.64, tuple(trees)),
        Depth(0.96, tuple(fence), "front"),
    ]


def _hills(site: Site) -> list[Depth]:
    tree_x = site.middle + site.between(0.35, 0.55)
    hills = [
        Depth(
            0.07 + 0.15 * k, (_land(site, 0.58 + 0.045 * k, 0.17 - 0.02 * k, 1.3 + 0.35 * k, 0.05 * (-1) ** k, 0.35),)
        )
        for k in range(4)
    ]
    tree = [_land(site, 0.78, 0.07, 1.1, 0.05), *_round_tree(site, tree_x, 0.75, 0.46)]
    grass = [_land(site, 1.02, 0.07, 3.4, -0.2, 0.7)]
    return [*hills, Depth(0.64, tuple(tree)), Depth(0.95, tuple(grass), "front")]


_PLACES: dict[Kind, Callable[[Site], list[Depth]]] = {
    "coast": _coast,
    "sea": _sea,
    "forest": _forest,
    "city": _city,
    "room": _room,
    "mountain": _mountain,
    "road": _road,
    "desert": _desert,
    "space": _space,
    "village": _village,
    "hills": _hills,
}
