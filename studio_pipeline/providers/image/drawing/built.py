"""Places that people built, as shapes at several depths, far to near; open country is in ``nature``."""

from __future__ import annotations

import itertools
import math

import numpy as np

from studio_pipeline.providers.image.drawing.shapes import (
    Depth,
    Point,
    Shape,
    ellipse,
    mirrored,
    rect,
    ridge,
    smooth,
)
from studio_pipeline.providers.image.drawing.site import HORIZON, Site, house, land, round_tree


def city(site: Site) -> list[Depth]:
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


def room(site: Site) -> list[Depth]:
    m, floor = site.middle, 0.74
    window_x = m - site.between(0.18, 0.42)
    left, top, right, bottom = window_x - 0.17, 0.13, window_x + 0.17, 0.53
    wall: list[Shape] = [Shape(rect(site.span[0], -2, site.span[1], floor + 0.02), "built", 0.12)]
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
    wall.append(Shape(rect(left - 0.20, top - 0.075, right + 0.20, top - 0.062), "ink", 0.2))
    for way in (-1, 1):
        inner, outer = window_x + way * 0.135, window_x + way * 0.30
        hem = [(inner + (outer - inner) * k / 6 + way * 0.012, 0.645 + 0.008 * (k % 2)) for k in range(7)]
        wall.append(Shape(((inner, top - 0.06), *hem, (outer, top - 0.06)), "built", 0.42))
        for k in range(1, 4):
            x = inner + (outer - inner) * k / 4
            fold = (
                (x - 0.004, top - 0.06),
                (x + 0.004, top - 0.06),
                (x + way * 0.016 + 0.01, 0.648),
                (x + way * 0.016 - 0.012, 0.648),
            )
            wall.append(Shape(fold, "built", 0.12))
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


def road(site: Site) -> list[Depth]:
    m, horizon = site.middle, HORIZON
    bend = site.between(-0.12, 0.12)
    left = smooth(
        [(m + bend, horizon + 0.012), (m + bend * 0.2 - 0.03, 0.68), (m - 0.20, 0.82), (m - 0.75, 1.25)], closed=False
    )
    right = smooth(
        [(m + bend + 0.008, horizon + 0.012), (m + bend * 0.2 + 0.05, 0.68), (m + 0.16, 0.82), (m + 0.55, 1.25)],
        closed=False,
    )
    fields = [land(site, horizon + 0.035, 0.03, 1.1, 0.15)]
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
    grass = [land(site, 1.02, 0.06, 6.0, -0.2, 0.8)]
    return [
        Depth(0.08, (land(site, horizon + 0.02, 0.13, 1.7),)),
        Depth(0.26, (land(site, horizon + 0.03, 0.06, 2.4),)),
        Depth(0.5, tuple(fields)),
        Depth(0.66, (*poles, *wires)),
        Depth(0.95, tuple(grass), "front"),
    ]


def village(site: Site) -> list[Depth]:
    houses = [land(site, 0.66, 0.05, 1.5)]
    for x in (-0.95, -0.60, -0.34, 0.36, 0.62, 0.98):
        size = site.between(0.13, 0.21)
        houses += house(
            site.middle + x,
            0.655 + site.between(-0.015, 0.015),
            size,
            site.rng.random() < (0.9 if site.place.night else 0.45),
        )
    trees = [land(site, 0.76, 0.05, 1.2, -0.05)]
    for x in (-0.78, 0.86, 1.2):
        trees += round_tree(site, site.middle + x, 0.77, site.between(0.36, 0.48))
    fence: list[Shape] = [land(site, 1.03, 0.04, 3.0, -0.25)]
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
        Depth(0.08, (land(site, 0.60, 0.14, 1.6),)),
        Depth(0.26, (land(site, 0.63, 0.09, 2.0),)),
        Depth(0.46, tuple(houses)),
        Depth(0.64, tuple(trees)),
        Depth(0.96, tuple(fence), "front"),
    ]
