"""Names of productions, pilots, scenes and shots, and how they read as partition keys.

A *cell* is one partition of the graph. Its second dimension is ``animated`` (a pilot), ``animated.s03`` (a
scene) or ``animated.s03.k2`` (a shot); Dagster joins it to the production with a bar:
``lighthouse|animated.s03.k2``. Scenes and shots count from 1.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Self

from pydantic import Field

from studio_pipeline.errors import BadInput
from studio_pipeline.film.frozen import Frozen

_PRODUCTION = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
_LONGEST_NAME = 60
_PLACE = re.compile(r"([a-z][a-z0-9_]*)(?:\.s(\d{2})(?:\.k(\d))?)?")


def production_name(title: str) -> str:
    """The name a title gives its production: ASCII words joined by hyphens, at most 60 characters.

    What has no place in such a name must not make one film out of two: where letters or digits were lost (other
    scripts) or the name was cut, eight characters of the title's digest follow. A title without any word (emoji)
    becomes ``film-`` and the digest. Accents and punctuation alone tell no films apart.
    """
    spelled = unicodedata.normalize("NFKD", title)
    words = re.sub(r"[^a-z0-9]+", "-", spelled.encode("ascii", "ignore").decode().lower()).strip("-")
    lost = any(not char.isascii() and unicodedata.category(char)[0] in "LN" for char in spelled)
    if words and len(words) <= _LONGEST_NAME and not lost:
        return words
    digest = hashlib.sha256(title.encode()).hexdigest()[:8]
    return f"{words[: _LONGEST_NAME - 9].strip('-') or 'film'}-{digest}"


def check_production_name(name: str) -> str:
    """Return ``name`` when it can name a production.

    Raises:
        BadInput: for anything that is not lower-case letters, digits and hyphens (so no path can be made of it).
    """
    if not _PRODUCTION.fullmatch(name):
        raise BadInput(
            f"“{name[:80]}” cannot name a production",
            todo="Use lower-case letters, digits and hyphens, at most 60, as `studio status` lists them.",
        )
    return name


class Cell(Frozen):
    """One partition: a production, and within it a pilot, a scene or a shot."""

    production: str
    tier: str | None = None
    scene: int | None = Field(default=None, ge=1, le=99)
    shot: int | None = Field(default=None, ge=1, le=9)

    @classmethod
    def parse(cls, key: str) -> Self:
        """Read a partition key such as ``lighthouse|animated.s03.k2`` or ``lighthouse``.

        Raises:
            BadInput: when the key is not of that form.
        """
        production, bar, place = key.partition("|")
        check_production_name(production)
        if not bar:
            return cls(production=production)
        match = _PLACE.fullmatch(place)
        if match is None:
            raise BadInput(
                f"“{place[:80]}” names no pilot, scene or shot",
                todo="Write it like animated, animated.s03 or animated.s03.k2.",
            )
        tier, scene, shot = match.groups()
        return cls(
            production=production,
            tier=tier,
            scene=int(scene) if scene else None,
            shot=int(shot) if shot else None,
        )

    @property
    def place(self) -> str:
        """The second dimension: ``animated.s03.k2``; empty for a production."""
        scene = "" if self.scene is None else f".s{self.scene:02d}"
        shot = "" if self.shot is None else f".k{self.shot}"
        return f"{self.tier or ''}{scene}{shot}"

    @property
    def key(self) -> str:
        """The partition key Dagster knows the cell by."""
        return f"{self.production}|{self.place}" if self.tier else self.production

    def __str__(self) -> str:
        return self.key

    def of_production(self) -> Cell:
        return Cell(production=self.production)

    def of_pilot(self) -> Cell:
        return Cell(production=self.production, tier=self.tier)

    def of_scene(self) -> Cell:
        return Cell(production=self.production, tier=self.tier, scene=self.scene)

    def with_tier(self, tier: str) -> Cell:
        return Cell(production=self.production, tier=tier)

    def with_scene(self, scene: int) -> Cell:
        return Cell(production=self.production, tier=self.tier, scene=scene)

    def with_shot(self, shot: int) -> Cell:
        return Cell(production=self.production, tier=self.tier, scene=self.scene, shot=shot)
