"""Heads of people: the face in two tones of light, features for near shots, hair and hats.

Crown at y 0, chin near y 0.135, as ``creatures`` has them too.
"""

from __future__ import annotations

from studio_pipeline.providers.image.drawing.person import Person
from studio_pipeline.providers.image.drawing.shapes import Shape, ellipse, mirrored, smooth


def head(person: Person, light: int, face: bool) -> list[Shape]:
    shapes: list[Shape] = []
    outline = smooth(
        mirrored(
            [
                (0.0, 0.004),
                (0.033, 0.014),
                (0.0465, 0.050),
                (0.044, 0.084),
                (0.032, 0.116),
                (0.013, 0.1335),
                (0.0, 0.1345),
            ]
        )
    )
    shapes.append(Shape(outline, "skin", 0.0, person.skin))
    if person.scarf:
        scarf = smooth(
            [(-0.052, 0.150), (0.0, 0.136), (0.052, 0.150), (0.056, 0.172), (0.0, 0.186), (-0.056, 0.172)], steps=5
        )
        shapes.insert(0, Shape(scarf, "light", -0.25))
    away = -light
    # The dark half of the face: its edge runs down brow, nose and lips, which draws them.
    edge = [
        (0.004, 0.004),
        (-0.001, 0.050),
        (0.004, 0.066),
        (-0.011, 0.0905),
        (0.003, 0.096),
        (-0.002, 0.106),
        (0.004, 0.112),
        (0.001, 0.1345),
    ]
    rim = [(0.013, 0.1335), (0.032, 0.116), (0.044, 0.084), (0.0465, 0.050), (0.033, 0.014)]
    half = (*smooth(edge, closed=False, steps=5), *smooth(rim, closed=False, steps=6))
    shapes.append(Shape(tuple((away * x, y) for x, y in half), "skin", -0.36, person.skin))
    for way in (-1, 1):
        ear = ellipse(way * 0.0462, 0.077, 0.0065, 0.013, 16)
        shapes.insert(0, Shape(ear, "skin", -0.1 if way == light else -0.4, person.skin))
    if face:
        shapes += _features(person, light)
    if person.beard:
        beard = smooth(
            mirrored([(0.0, 0.099), (0.020, 0.098), (0.043, 0.074), (0.044, 0.104), (0.030, 0.140), (0.0, 0.162)]),
            steps=6,
        )
        mouth = smooth([(-0.010, 0.112), (0, 0.110), (0.010, 0.112), (0, 0.1155)], steps=3)
        shapes += [Shape(beard, "hair", 0.06, person.hair), Shape(mouth, "ink", 0.1)]
    return [*shapes, *_hair(person, light)]


def _features(person: Person, light: int) -> list[Shape]:
    shapes = []
    for way in (-1, 1):
        x, lit = way * 0.0205, way == light
        eye = smooth([(x - 0.0098, 0.0752), (x, 0.0700), (x + 0.0098, 0.0752), (x, 0.0792)], steps=6)
        lid = smooth(
            [
                (x - 0.0112, 0.0757),
                (x - 0.005, 0.0702),
                (x + 0.004, 0.0694),
                (x + 0.0112, 0.0752),
                (x + 0.004, 0.0712),
                (x - 0.005, 0.0718),
            ],
            steps=5,
        )
        brow = smooth(
            [
                (x - way * 0.011, 0.0612),
                (x + way * 0.002, 0.0572),
                (x + way * 0.0125, 0.0612),
                (x + way * 0.002, 0.0596),
            ],
            steps=5,
        )
        shapes += [
            Shape(
                smooth([(x - 0.014, 0.071), (x, 0.064), (x + 0.014, 0.071), (x, 0.076)], steps=5),
                "skin",
                -0.28 if lit else -0.5,
                person.skin,
            ),
            Shape(eye, "skin", 0.0 if lit else -0.25, "#f1ebe2"),
            Shape(ellipse(x, 0.0744, 0.0047, 0.0047, 24), "hair", 0.10, "#3b4a4a"),
            Shape(ellipse(x, 0.0744, 0.0024, 0.0026, 18), "ink", -0.4),
            Shape(ellipse(x + light * 0.0018, 0.0726, 0.0011, 0.0012, 12), "light", 1.0),
            Shape(lid, "ink", -0.1),
            Shape(brow, "hair", -0.1, person.hair),
        ]
    lip = smooth(
        [(-0.0125, 0.1080), (-0.004, 0.1057), (0.0, 0.1066), (0.004, 0.1057), (0.0125, 0.1080), (0.0, 0.1132)], steps=5
    )
    line = smooth([(-0.0125, 0.1080), (0.0, 0.1088), (0.0125, 0.1080), (0.0, 0.1098)], steps=4)
    nostril = smooth([(-0.007, 0.0945), (0.0, 0.0965), (0.007, 0.0945), (0.0, 0.0985)], steps=4)
    return [
        *shapes,
        Shape(nostril, "skin", -0.6, person.skin),
        Shape(lip, "cloth", -0.25, "#a4544c"),
        Shape(line, "ink", 0.1),
    ]


def back_hair(person: Person) -> list[Shape]:
    if person.cut == "long":
        outline = smooth(
            mirrored([(0.0, -0.004), (0.050, 0.028), (0.063, 0.10), (0.072, 0.20), (0.050, 0.245), (0.0, 0.235)])
        )
        return [Shape(outline, "hair", -0.12, person.hair)]
    if person.cut == "hood":
        outline = smooth(mirrored([(0.0, -0.030), (0.052, 0.004), (0.068, 0.08), (0.082, 0.165), (0.0, 0.215)]))
        return [Shape(outline, "cloth", -0.35, person.cloth)]
    return []


def _hair(person: Person, light: int) -> list[Shape]:
    cut, hair = person.cut, person.hair
    cap = [(0.0, -0.010), (0.036, -0.002), (0.0535, 0.034), (0.0520, 0.064)]
    fringe = [(0.0440, 0.052), (0.034, 0.030), (0.010, 0.024)]
    top = smooth(mirrored([*cap, *fringe]), steps=6)
    shine = smooth(
        [(light * 0.008, 0.000), (light * 0.034, 0.008), (light * 0.046, 0.034), (light * 0.030, 0.018)], steps=5
    )
    shapes = [Shape(top, "hair", 0.0, hair), Shape(shine, "hair", 0.30, hair)]
    if cut == "bob":
        for way in (-1, 1):
            lock = smooth(
                [
                    (way * 0.036, 0.012),
                    (way * 0.058, 0.050),
                    (way * 0.062, 0.112),
                    (way * 0.044, 0.126),
                    (way * 0.0415, 0.070),
                ],
                steps=6,
            )
            shapes.append(Shape(lock, "hair", 0.10 if way == light else -0.15, hair))
    elif cut == "long":
        for way in (-1, 1):
            lock = smooth(
                [
                    (way * 0.030, 0.008),
                    (way * 0.056, 0.046),
                    (way * 0.061, 0.14),
                    (way * 0.066, 0.225),
                    (way * 0.046, 0.205),
                    (way * 0.0430, 0.080),
                ],
                steps=6,
            )
            shapes.append(Shape(lock, "hair", 0.12 if way == light else -0.15, hair))
    elif cut == "bun":
        shapes.insert(0, Shape(ellipse(-light * 0.006, -0.018, 0.025, 0.023, 28), "hair", -0.12, hair))
    elif cut == "curls":
        spots = [
            (-0.046, 0.040),
            (-0.040, 0.012),
            (-0.020, -0.006),
            (0.004, -0.010),
            (0.026, -0.004),
            (0.042, 0.014),
            (0.048, 0.042),
            (-0.052, 0.066),
            (0.052, 0.066),
        ]
        shapes += [
            Shape(ellipse(x, y, 0.0185, 0.0185, 22), "hair", 0.16 if x * light > 0.02 else -0.05, hair)
            for x, y in spots
        ]
    elif cut == "swept":
        shapes.append(
            Shape(
                smooth(
                    [
                        (-light * 0.046, 0.050),
                        (-light * 0.044, 0.002),
                        (light * 0.010, -0.024),
                        (light * 0.052, -0.004),
                        (light * 0.050, 0.032),
                        (light * 0.020, 0.022),
                    ],
                    steps=6,
                ),
                "hair",
                0.12,
                hair,
            )
        )
    elif cut in ("hat", "cap"):
        crown = smooth(
            mirrored([(0.0, -0.044), (0.034, -0.040), (0.046, -0.010), (0.048, 0.022), (0.0, 0.028)]), steps=6
        )
        brim = (
            [(-0.080, 0.020), (0.0, 0.008), (0.080, 0.020), (0.0, 0.038)]
            if cut == "hat"
            else [(light * -0.046, 0.014), (light * 0.03, 0.010), (light * 0.088, 0.028), (light * 0.03, 0.034)]
        )
        shapes += [
            Shape(crown, "cloth", -0.15, person.cloth),
            Shape(smooth(brim, steps=6), "cloth", -0.38, person.cloth),
        ]
    elif cut == "hood":
        outer = [(0.0, -0.030), (0.050, 0.000), (0.066, 0.075), (0.060, 0.150)]
        inner = [(0.042, 0.128), (0.047, 0.070), (0.038, 0.022), (0.0, 0.006)]
        for way in (-1, 1):
            side = smooth([(way * x, y) for x, y in (*outer, *inner)], closed=False, steps=6)
            shapes.append(Shape(side, "cloth", 0.05 if way == light else -0.3, person.cloth))
    return shapes
