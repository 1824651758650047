"""How a character of the bible looks: all of it follows from name, look and colour, so a person stays recognised."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from studio_pipeline.film.script import Character
from studio_pipeline.providers.image.drawing.creatures import Creature, creature_of

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
