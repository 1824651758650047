"""Animals and machines of the bible: they stand and dress like people and have heads of their own.

Read from a character's name and the first words of its look, so that a girl *with* a fox stays a girl.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from studio_pipeline.film.script import Character
from studio_pipeline.providers.image.drawing.shapes import Shape, ellipse, mirrored, rect, smooth

Head: TypeAlias = Literal["pointed", "round", "long", "beak", "robot"]

_HEADS: tuple[tuple[Head, str, str], ...] = (
    ("pointed", "#c8743c", "fox लोमड़ी 狐 キツネ ثعلب fuchs renard zorro лиса"),
    ("pointed", "#6d7078", "cat kitten wolf बिल्ली भेड़िया 猫 狼 قطة ذئب katze chat loup gato lobo кот волк"),
    ("round", "#8a6242", "bear mouse monkey lion tiger otter badger panda भालू चूहा शेर 熊 鼠 دب فأر أسد bär ours"),
    ("long", "#b7a58f", "rabbit hare bunny donkey dog puppy hound horse खरगोश कुत्ता घोड़ा 兎 犬 馬 أرنب كلب hase hund"),
    ("beak", "#5f7486", "bird owl crow raven gull seagull penguin duck hen parrot पक्षी उल्लू 鳥 梟 طائر بومة vogel"),
    ("robot", "#9aa4ab", "robot android machine droid automaton रोबोट ロボット روبوت roboter"),
)
_PEOPLE = re.compile(r"\b(girl|boy|man|woman|child|keeper|mother|father)\b(?!['’]s)", re.I)


@dataclass(frozen=True)
class Creature:
    head: Head
    fur: str


def creature_of(character: Character) -> Creature | None:
    """What kind of animal or machine a character is; ``None`` for people."""
    told = f"{character.name} {' '.join(character.look.split()[:5])}".lower()
    if _PEOPLE.search(told):
        return None
    words = set(re.findall(r"[\w\u0900-\u097f]+", told))
    for head, fur, names in _HEADS:
        for name in names.split():
            if name in words or (ord(name[0]) > 0x3000 and name in told):
                return Creature(head, fur)
    return None


def creature_head(creature: Creature, light: int, *, face: bool) -> list[Shape]:
    """A head in the place of a person's: crown at y 0, chin near y 0.135."""
    if creature.head == "robot":
        return _robot(creature, light, face=face)
    fur = creature.fur
    side = [(0.0, 0.002), (0.036, 0.012), (0.058, 0.056), (0.054, 0.092), (0.030, 0.128), (0.0, 0.136)]
    shaded = tuple((-light * x, y) for x, y in smooth(side, closed=False))
    shapes = [*_ears(creature, light), Shape(smooth(mirrored(side)), "skin", 0.0, fur)]
    shapes.append(Shape(shaded, "skin", -0.34, fur))
    if creature.head == "beak":
        for way in (-1, 1):
            disc = ellipse(way * 0.024, 0.064, 0.027, 0.030, 30)
            shapes.append(Shape(disc, "skin", 0.55 if way == light else 0.25, fur))
        shapes += [
            Shape(mirrored([(0.0, 0.068), (0.015, 0.082), (0.0, 0.120)]), "light", -0.3),
            Shape(((0.0, 0.068), (-light * 0.015, 0.082), (0.0, 0.120)), "light", -0.75),
        ]
    else:
        muzzle = smooth(mirrored([(0.0, 0.078), (0.020, 0.082), (0.033, 0.104), (0.022, 0.128), (0.0, 0.134)]), steps=6)
        shapes.append(Shape(muzzle, "skin", 0.50, fur))
        nose = smooth([(-0.011, 0.084), (0.0, 0.081), (0.011, 0.084), (0.0, 0.095)], steps=5)
        shapes.append(Shape(nose, "ink", -0.2))
        if face:
            lips = [(-0.017, 0.108), (-0.008, 0.114), (0.0, 0.107), (0.008, 0.114), (0.017, 0.108)]
            shapes.append(Shape(smooth(lips, closed=False), "ink", 0.1, stroke=0.0022))
    for way in (-1, 1):
        eye = ellipse(way * 0.0245, 0.063, 0.0068, 0.0092, 26)
        shapes.append(Shape(eye, "ink", -0.3))
        if face:
            shapes.append(Shape(ellipse(way * 0.0245 + light * 0.0024, 0.0602, 0.0022, 0.0026, 14), "light", 1.0))
    return shapes


def _ears(creature: Creature, light: int) -> list[Shape]:
    shapes: list[Shape] = []
    for way in (-1, 1):
        tone = 0.08 if way == light else -0.25
        if creature.head == "pointed":
            outer = ((way * 0.056, 0.050), (way * 0.062, -0.050), (way * 0.012, 0.008))
            inner = ((way * 0.050, 0.036), (way * 0.056, -0.026), (way * 0.024, 0.010))
        elif creature.head == "round":
            outer, inner = ellipse(way * 0.044, 0.010, 0.023, 0.023, 30), ellipse(way * 0.044, 0.012, 0.013, 0.013, 24)
        elif creature.head == "long":
            far = [(0.010, 0.016), (0.014, -0.072), (0.034, -0.088), (0.046, -0.030), (0.040, 0.026)]
            near = [(0.018, 0.010), (0.022, -0.060), (0.031, -0.072), (0.037, -0.026), (0.033, 0.012)]
            outer, inner = (smooth([(way * x, y) for x, y in ear], steps=6) for ear in (far, near))
        else:
            continue
        shapes += [Shape(outer, "skin", tone, creature.fur), Shape(inner, "skin", tone + 0.40, creature.fur)]
    return shapes


def _robot(creature: Creature, light: int, *, face: bool) -> list[Shape]:
    metal = creature.fur
    case = [(0.0, 0.004), (0.048, 0.006), (0.060, 0.020), (0.060, 0.112), (0.048, 0.130), (0.0, 0.132)]
    dark = [(0.016, 0.005), (0.052, 0.007), (0.060, 0.022), (0.060, 0.112), (0.050, 0.129), (0.022, 0.131)]
    visor = [(0.0, 0.036), (0.044, 0.038), (0.048, 0.062), (0.044, 0.086), (0.0, 0.088)]
    shapes = [
        Shape(rect(-0.0025, -0.040, 0.0025, 0.012), "ink"),
        Shape(ellipse(0, -0.042, 0.008, 0.008, 20), "light", 0.6),
        Shape(smooth(mirrored(case), steps=4), "skin", 0.1, metal),
        Shape(tuple((-light * x, y) for x, y in dark), "skin", -0.30, metal),
        Shape(smooth(mirrored(visor), steps=4), "ink", -0.1),
    ]
    shapes += [Shape(ellipse(way * 0.022, 0.062, 0.011, 0.011, 24), "light", 0.5) for way in (-1, 1)]
    if face:
        shapes += [Shape(rect(-0.020 + 0.010 * k, 0.104, -0.014 + 0.010 * k, 0.114), "ink", 0.1) for k in range(5)]
    return shapes
