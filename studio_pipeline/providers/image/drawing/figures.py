"""People as a few elegant shapes: a standing figure one unit tall, crown at y 0, soles at y 1, around x 0.

How a person looks comes from the bible (name, look, colour), so the same person is recognised in every shot. Where
figures stand and how large is decided in ``composition``; animals and machines are in ``creatures``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from studio_pipeline.film.script import Character
from studio_pipeline.providers.image.drawing.creatures import Creature, creature_head, creature_of
from studio_pipeline.providers.image.drawing.shapes import Point, Shape, ellipse, mirrored, smooth

_SKINS = ("#f0cdb4", "#e3b08f", "#c98f6b", "#a86e4c", "#7d4e36", "#5b3a2b")
_HAIRS = ("#1f1a1d", "#3a2620", "#5d3a24", "#8a5a2e", "#2b2f38", "#74321f")
_CHILD = re.compile(
    r"\b(child|kid|boy|girl|son|daughter|toddler|little|young)\b|बच्चा|लड़की|लड़का|子|少女|少年|طفل|فتاة|ولد", re.I
)
_OLD = re.compile(r"\b(old|elderly|grand\w+|grey|gray|aged|white[- ]hair\w*)\b|बूढ़|老|عجوز", re.I)
_WOMAN = re.compile(
    r"\b(she|her|woman|girl|daughter|mother|queen|lady|wife|sister|aunt|grandmother|princess|dress|gown)\b|लड़की|औरत|女|فتاة|امرأة",
    re.I,
)
_BEARD = re.compile(r"\b(beard\w*|whisker\w*)\b|दाढ़ी|髭|لحية", re.I)
_HAT = re.compile(r"\b(hat|cap|captain|helmet|turban)\b|टोपी|帽|قبعة", re.I)
_HOOD = re.compile(r"\b(hood\w*|cloak\w*|monk|wizard|witch)\b", re.I)


@dataclass(frozen=True)
class Person:
    """What is drawn of a character; all of it follows from the bible."""

    cloth: str
    skin: str
    hair: str
    cut: str
    outfit: str
    child: bool
    beard: bool
    scarf: bool
    creature: Creature | None = None

    @property
    def height(self) -> float:
        """Against a grown-up's."""
        return 0.74 if self.child or self.creature else 1.0

    @classmethod
    def of(cls, character: Character) -> Person:
        draw = hashlib.sha256(f"{character.name}|{character.look}".encode()).digest()
        told = f"{character.name} {character.look}"
        woman, old = bool(_WOMAN.search(told)) or draw[0] % 2 == 0, bool(_OLD.search(told))
        creature = creature_of(character)
        if _HOOD.search(told):
            cut = "hood"
        elif _HAT.search(told):
            cut = "hat"
        else:
            cut = (
                ("bob", "long", "bun", "curls")[draw[1] % 4]
                if woman
                else ("short", "swept", "curls", "cap")[draw[1] % 4]
            )
        return cls(
            cloth=character.colour,
            skin=creature.fur if creature else _SKINS[draw[2] % len(_SKINS)],
            hair="#c9c6c2" if old else _HAIRS[draw[3] % len(_HAIRS)],
            cut=cut,
            outfit=("coat", "dress", "jacket")[draw[4] % 3] if woman else ("coat", "jacket")[draw[4] % 2],
            child=bool(_CHILD.search(told)) and not old,
            beard=bool(_BEARD.search(told)),
            scarf=draw[5] % 3 == 0,
            creature=creature,
        )


def figure(person: Person, *, light: int, pose: int, face: bool) -> list[Shape]:
    """``person`` standing. ``light`` is the side it comes from (-1 left, 1 right); ``face`` draws the features."""
    swing = (0.0, 0.022, -0.018, 0.03)[pose % 4]
    shapes = [] if person.creature else _back_hair(person)
    shapes += _legs(person, 0.012 if pose % 2 else 0.0)
    shapes += _body(person, light, swing, raised=pose % 4 == 3)
    grow = 1.4 if person.creature else 1.32 if person.child else 1.0

    def head_place(point: Point) -> Point:
        return point[0] * grow + swing * 0.25, 0.145 + (point[1] - 0.145) * grow + (grow - 1) * 0.142

    head = creature_head(person.creature, light, face=face) if person.creature else _head(person, light, face)
    neck = smooth(mirrored([(0.020, 0.105), (0.020, 0.142), (0.030, 0.160), (0.0, 0.182)]), steps=4)
    shapes.append(Shape(neck, "skin", -0.34, person.skin))
    return [*shapes, *(shape.moved(head_place, grow) for shape in head)]


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


def _back_hair(person: Person) -> list[Shape]:
    if person.cut == "long":
        outline = smooth(
            mirrored([(0.0, -0.004), (0.050, 0.028), (0.063, 0.10), (0.072, 0.20), (0.050, 0.245), (0.0, 0.235)])
        )
        return [Shape(outline, "hair", -0.12, person.hair)]
    if person.cut == "hood":
        outline = smooth(mirrored([(0.0, -0.030), (0.052, 0.004), (0.068, 0.08), (0.082, 0.165), (0.0, 0.215)]))
        return [Shape(outline, "cloth", -0.35, person.cloth)]
    return []


def _head(person: Person, light: int, face: bool) -> list[Shape]:
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
