"""Open country as shapes at several depths, far to near; streets and rooms are in ``built``."""

from __future__ import annotations

import math

import numpy as np

from studio_pipeline.providers.image.drawing.shapes import (
    Depth,
    Shape,
    crags,
    ellipse,
    mirrored,
    rect,
    ridge,
    smooth,
)
from studio_pipeline.providers.image.drawing.site import HORIZON, Site, house, land, pine, round_tree, water


def coast(site: Site) -> list[Depth]:
    """A lighthouse on a cliff, seen from the shore."""
    tower_x, foot = site.middle + site.between(0.28, 0.42), 0.435
    brow = [(-0.66, 0.70), (-0.50, 0.655), (-0.42, 0.60), (-0.36, 0.52), (-0.27, 0.46), (-0.16, 0.425), (-0.05, foot)]
    top = [(0.14, foot + 0.004), (0.6, foot - 0.02), (1.2, foot - 0.05), (3.0, foot - 0.08)]
    cliff = smooth([(tower_x + x, y) for x, y in (*brow, *top)], closed=False)
    grass = [(tower_x + x, y) for x, y in (*brow[4:], *top)]
    turf = smooth([*grass, *((x, y + 0.035 + 0.012 * (k % 2)) for k, (x, y) in enumerate(reversed(grass)))], steps=6)
    head: list[Shape] = [
        Shape((*cliff, (tower_x + 3, 4), (tower_x - 0.9, 4)), "land", -0.22),
        Shape(turf, "plant", 0.30),
    ]
    for k in range(11):
        x, y = tower_x - 0.22 + 0.16 * k, 0.50 + 0.05 * (k % 3) - 0.02 * min(k, 4)
        crack = [(x, y), (x + 0.022, y + 0.05), (x + 0.006, y + 0.10), (x + 0.03, y + 0.17)]
        lit = [(px + 0.005 + 0.004 * (k % 2), py) for px, py in crack]
        head.append(Shape((*crack, *reversed(lit)), "land", -0.12 if k % 2 else -0.45))
    surf = smooth(
        [(tower_x - 0.80, 0.695), (tower_x - 0.50, 0.668), (tower_x - 0.20, 0.70), (tower_x - 0.52, 0.69)], steps=6
    )
    shore = land(site, 0.80, 0.07, 1.1, 0.12)
    pebbles = [
        Shape(
            ellipse(site.between(*site.span), site.between(0.84, 1.0), size, size * 0.45),
            "land",
            site.between(-0.3, 0.25),
        )
        for size in site.rng.uniform(0.008, 0.03, 40)
    ]
    return [
        Depth(0.10, (land(site, HORIZON + 0.005, 0.10, 1.5),)),
        Depth(0.32, tuple(water(site, HORIZON))),
        Depth(
            0.54,
            (
                *head,
                Shape(surf, "water", 0.85),
                *house(tower_x + 0.14, foot + 0.01, 0.13, True),
                *_lighthouse(tower_x, foot),
            ),
        ),
        Depth(0.68, (shore, *pebbles)),
        Depth(0.95, (land(site, 0.99, 0.09, 2.6, -0.2, 0.7),), "front"),
    ]


def _lighthouse(x: float, foot: float) -> list[Shape]:
    half, top = 0.048, foot - 0.275

    tower: list[Shape] = [Shape(mirrored([(half * 0.68, top), (half * 1.15, foot + 0.02)], x), "built", 0.85)]
    for k in (0, 2):
        a, b = 0.16 + 0.26 * k, 0.16 + 0.26 * (k + 1)
        wide = [half * (0.68 + 0.47 * part) for part in (a, b)]
        band = mirrored([(wide[0], top + a * (foot - top)), (wide[1], top + b * (foot - top))], x)
        tower.append(Shape(band, "built", -0.55))
    shade = (
        (x + half * 0.2, top),
        (x + half * 0.68, top),
        (x + half * 1.15, foot + 0.02),
        (x + half * 0.4, foot + 0.02),
    )
    tower.append(Shape(shade, "built", -0.12))
    tower += [
        Shape(rect(x - half * 1.05, top - 0.006, x + half * 1.05, top + 0.008), "ink", 0.1),
        Shape(rect(x - half * 0.55, top - 0.060, x + half * 0.55, top - 0.006), "light", 0.8),
        Shape(rect(x - 0.003, top - 0.060, x + 0.003, top - 0.006), "ink"),
        Shape(
            mirrored(
                [(0.003, top - 0.115), (0.004, top - 0.098), (half * 0.4, top - 0.085), (half * 0.75, top - 0.058)],
                x,
            ),
            "ink",
            0.05,
        ),
    ]
    return tower


def sea(site: Site) -> list[Depth]:
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
    deck: list[Shape] = [Shape(rect(site.span[0], 0.79, site.span[1], 4), "built", -0.15)]
    for k in range(-16, 17):
        near, far = site.middle + k * 0.30, site.middle + k * 0.15
        deck.append(
            Shape(((far - 0.001, 0.79), (far + 0.001, 0.79), (near + 0.005, 1.3), (near - 0.005, 1.3)), "ink", 0.1)
        )
    for k in range(-7, 8):
        deck.append(
            Shape(rect(site.middle + k * 0.34 - 0.009, 0.66, site.middle + k * 0.34 + 0.009, 0.80), "ink", 0.12)
        )
    deck += [Shape(rect(site.span[0], y, site.span[1], y + 0.014), "ink", 0.16) for y in (0.65, 0.715)]
    return [
        Depth(0.08, (land(site, HORIZON + 0.004, 0.07, 1.3),)),
        Depth(0.36, tuple(water(site, HORIZON))),
        Depth(0.6, tuple(boat)),
        Depth(0.70, tuple(deck)),
    ]


def forest(site: Site) -> list[Depth]:
    left, right = site.span
    depths: list[Depth] = []
    for depth, base, tall, count in ((0.08, 0.56, 0.26, 64), (0.28, 0.61, 0.36, 44), (0.52, 0.68, 0.52, 26)):
        trees: list[Shape] = [land(site, base + 0.03, 0.04, 2.0)]
        for x in np.sort(site.rng.uniform(left, right, count)):
            if depth < 0.5 or abs(x - site.middle) > 0.34:
                trees += pine(float(x), base + 0.02, tall * site.between(0.6, 1.1), site.between(-0.08, 0.12))
        depths.append(Depth(depth, tuple(trees)))
    glade = Shape(ellipse(site.middle, 0.80, 0.55, 0.075), "land", 0.22)
    depths.append(Depth(0.66, (land(site, 0.76, 0.05, 1.7, -0.05), glade)))
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


def mountain(site: Site) -> list[Depth]:
    depths = []
    for depth, base, tall, wide in ((0.06, 0.58, 0.34, 0.52), (0.24, 0.62, 0.40, 0.85)):
        line, flanks = crags(site.rng, site.span, base, tall, wide)
        lit = 0.62 if depth > 0.1 or site.place.snow else 0.35
        depths.append(Depth(depth, (Shape(line, "land"), *(Shape(flank, "land", lit) for flank in flanks))))
    pines = [land(site, 0.69, 0.05, 1.6, 0.35 if site.place.snow else 0.0)]
    for x in np.sort(site.rng.uniform(*site.span, 60)):
        if abs(x - site.middle) > 0.22:
            pines += pine(float(x), 0.69 + site.between(-0.02, 0.02), site.between(0.07, 0.16), -0.1)
    rocks = [land(site, 0.99, 0.09, 2.1, -0.15, 0.65)]
    return [
        *depths,
        Depth(0.46, tuple(pines)),
        Depth(0.62, (land(site, 0.78, 0.06, 1.2, 0.4 if site.place.snow else 0.05),)),
        Depth(0.95, tuple(rocks), "front"),
    ]


def desert(site: Site) -> list[Depth]:
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
    return [Depth(0.10, (land(site, 0.60, 0.07, 1.5),)), Depth(0.22, tuple(mesa)), *dunes]


def space(site: Site) -> list[Depth]:
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
        land(site, 0.70, 0.06, 1.8, 0.1, 0.6),
        Shape((*(p for p in ellipse(dome_x, 0.68, 0.17, 0.15) if p[1] <= 0.681),), "built", 0.55),
        Shape((*(p for p in ellipse(dome_x, 0.68, 0.10, 0.10) if p[1] <= 0.681),), "light", 0.1),
        Shape(rect(dome_x + 0.26, 0.44, dome_x + 0.268, 0.70), "built", -0.3),
        Shape(ellipse(dome_x + 0.264, 0.435, 0.012, 0.012), "light", 0.6),
    ]
    ground = [land(site, 0.80, 0.05, 1.6, 0.0, 0.6)]
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
        Depth(0.30, (land(site, 0.66, 0.16, 2.2, 0.0, 0.7),)),
        Depth(0.48, tuple(base)),
        Depth(0.66, tuple(ground)),
        Depth(0.95, (land(site, 1.02, 0.09, 2.8, -0.2, 0.7),), "front"),
    ]


def hills(site: Site) -> list[Depth]:
    tree_x = site.middle + site.between(0.35, 0.55)
    hills = [
        Depth(0.07 + 0.15 * k, (land(site, 0.58 + 0.045 * k, 0.17 - 0.02 * k, 1.3 + 0.35 * k, 0.05 * (-1) ** k, 0.35),))
        for k in range(4)
    ]
    tree = [land(site, 0.78, 0.07, 1.1, 0.05), *round_tree(site, tree_x, 0.75, 0.46)]
    grass = [land(site, 1.02, 0.07, 3.4, -0.2, 0.7)]
    return [*hills, Depth(0.64, tuple(tree)), Depth(0.95, tuple(grass), "front")]
