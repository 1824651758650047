"""People as a few elegant shapes: a standing figure one unit tall, crown at y 0, soles at y 1, around x 0.

Who a person is follows from ``person``; heads are in ``faces`` and ``creatures``; where figures stand and how large is
decided in ``composition``.
"""

from __future__ import annotations

from collections.abc import Callable

from studio_pipeline.providers.image.drawing.creatures import creature_head
from studio_pipeline.providers.image.drawing.faces import back_hair, head
from studio_pipeline.providers.image.drawing.person import Person
from studio_pipeline.providers.image.drawing.shapes import Point, Shape, ellipse, mirrored, smooth


def figure(person: Person, *, light: int, pose: int, face: bool) -> list[Shape]:
    """``person`` standing. ``light`` is the side it comes from (-1 left, 1 right); ``face`` draws the features."""
    swing = (0.0, 0.022, -0.018, 0.03)[pose % 4]
    shapes = [] if person.creature else back_hair(person)
    shapes += _legs(person, 0.012 if pose % 2 else 0.0)
    shapes += _body(person, light, swing, raised=pose % 4 == 3)
    grow = 1.4 if person.creature else 1.32 if person.child else 1.0

    def head_place(point: Point) -> Point:
        return point[0] * grow + swing * 0.25, 0.145 + (point[1] - 0.145) * grow + (grow - 1) * 0.142

    upper = creature_head(person.creature, light, face=face) if person.creature else head(person, light, face)
    neck = smooth(mirrored([(0.020, 0.105), (0.020, 0.142), (0.030, 0.160), (0.0, 0.182)]), steps=4)
    shapes.append(Shape(neck, "skin", -0.34, person.skin))
    return [*shapes, *(shape.moved(head_place, grow) for shape in upper)]


def _legs(person: Person, stride: float) -> list[Shape]:
    top = 0.50 if person.outfit == "jacket" else 0.70
    shapes = []
    for way in (-1, 1):
        leg = [(0.006, top), (0.074, top), (0.064, 0.80), (0.046, 0.955), (0.020, 0.955), (0.012, 0.80)]
        shift = way * stride
        shapes.append(
            Shape(tuple((way * x + shift * (y - 0.5) * 2, y) for x, y in leg), "ink", 0.16 if way > 0 else 0.08)
        )
        boot = smooth([(0.016, 0.945), (0.050, 0.945), (0.056, 0.978), (0.072, 0.998), (0.012, 0.998)], steps=4)
        shapes.append(Shape(tuple((way * x + shift, y) for x, y in boot), "ink", -0.1))
    return shapes


def _body(person: Person, light: int, swing: float, *, raised: bool) -> list[Shape]:
    hem: dict[str, list[Point]] = {
        "coat": [(0.082, 0.50), (0.112, 0.66), (0.132, 0.775), (0.060, 0.785)],
        "dress": [(0.082, 0.48), (0.128, 0.64), (0.172, 0.80), (0.080, 0.825)],
        "jacket": [(0.080, 0.48), (0.086, 0.545), (0.045, 0.555)],
    }
    right = [
        (0.022, 0.146),
        (0.052, 0.166),
        (0.090, 0.182),
        (0.101, 0.222),
        (0.089, 0.31),
        (0.074, 0.40),
        *hem[person.outfit],
    ]
    lean: Callable[[Point], Point] = lambda p: (p[0] + swing * max(0.0, p[1] - 0.4), p[1])  # noqa: E731
    torso = smooth(mirrored(right), steps=6)
    shapes = [Shape(torso, "cloth", 0.0, person.cloth)]
    dark = smooth(
        [
            (0.0, 0.165),
            *((x * 0.985, y) for x, y in right[1:]),
            (right[-1][0] * 0.1, right[-1][1]),
            (0.022, 0.46),
            (0.030, 0.30),
        ],
        steps=6,
    )
    shapes.append(Shape(tuple((-light * x, y) for x, y in dark), "cloth", -0.42, person.cloth))
    if person.outfit == "coat":
        shapes.append(Shape(((-0.0016, 0.21), (0.0016, 0.21), (0.006, 0.782), (-0.006, 0.782)), "ink", 0.05))
        lapel = ((0.0, 0.27), (0.034, 0.160), (0.050, 0.172), (0.040, 0.215))
        shapes += [
            Shape(tuple((way * x, y) for x, y in lapel), "cloth", 0.22 if way == light else -0.2, person.cloth)
            for way in (-1, 1)
        ]
    if person.outfit == "dress":
        shapes.append(
            Shape(
                smooth(
                    [(-0.078, 0.40), (0, 0.412), (0.078, 0.40), (0.080, 0.425), (0, 0.438), (-0.080, 0.425)], steps=4
                ),
                "ink",
                0.2,
            )
        )
    for way in (-1, 1):
        if raised and way == light:
            arm = [
                (0.078, 0.188),
                (0.106, 0.200),
                (0.150, 0.29),
                (0.205, 0.255),
                (0.216, 0.272),
                (0.160, 0.338),
                (0.122, 0.325),
                (0.088, 0.26),
            ]
            hand = (0.218, 0.255)
        else:
            arm = [
                (0.080, 0.190),
                (0.106, 0.205),
                (0.122, 0.33),
                (0.126, 0.46),
                (0.104, 0.466),
                (0.096, 0.34),
                (0.086, 0.25),
            ]
            hand = (0.116, 0.482)
        shapes.append(Shape(ellipse(way * hand[0], hand[1], 0.014, 0.019, 20), "skin", -0.05, person.skin))
        sleeve = smooth([(way * x, y) for x, y in arm], steps=5)
        shapes.append(Shape(sleeve, "cloth", 0.14 if way == light else -0.30, person.cloth))
    return [shape.moved(lean) for shape in shapes]
