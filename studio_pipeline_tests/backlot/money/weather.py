"""What a seed means: who wishes for what, how much there is of each kind of money, which faults, and who dies when.

What lives here: numbers drawn from a seed, always the same. What does not: doing anything with them (``storm.py``).
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from studio_pipeline.budget.envelopes import (
    day_envelope,
    pilot_envelope,
    production_envelope,
    shot_envelope,
    slate_envelope,
)
from studio_pipeline.budget.purchase import Account
from studio_pipeline.fake_vendor.faults import FAULTS, Faults

PROCESSES = 8
KILLS_A_PROCESS = 2
"""How often each is killed at most; started anew after that, it lives until it is done."""

DAY = day_envelope(date(2026, 11, 21))
SLATE = slate_envelope("autumn")

Kind = Literal["video", "image"]

_PRODUCTIONS = ("boat", "kite")
_TIERS = ("animated", "static")
_TAKES = (1, 2)
_TIGHT = (0.45, 0.95)
_WISHES_A_LIFE = (4, 9)
_CENTI_CENT = Decimal("0.0001")


@dataclass(frozen=True)
class Town:
    """Who sells what."""

    name: str
    models: Mapping[Kind, str]
    shortest_s: int
    """The first take of a clip is this long, the next a second longer."""
    lacks: frozenset[str] = frozenset()
    """Faults whose price the vendor does not have."""

    def seconds(self, kind: Kind, take: int) -> int:
        """How long a take is; a still has no length."""
        return self.shortest_s + take - 1 if kind == "video" else 0

    @property
    def vendors(self) -> tuple[str, ...]:
        return tuple(sorted({model.partition("/")[0] for model in self.models.values()}))


TOWNS = (
    Town("runway", {"video": "runway/gen4.5", "image": "runway/gen4_image_720p"}, 2),
    Town("fal", {"video": "fal/wan-2.7", "image": "fal/flux-2-pro"}, 2),
    Town(
        "openai-videos",
        {"video": "openai-videos/wan2.2-ti2v-5b", "image": "stability/sd3.5-medium"},
        1,
        # A rented GPU costs the same whatever came of it; a blurred picture is charged.
        frozenset({"failed_unbilled", "moderated_late"}),
    ),
)


def prompt(production: str, place: str) -> str:
    """The words of a shot."""
    return f"A {production} at dawn, {place}."


@dataclass(frozen=True)
class Wish:
    """Something that several processes want, and that shall be bought once."""

    production: str
    tier: str
    take: int
    kind: Kind

    @property
    def place(self) -> str:
        return f"{self.tier}.s01.k1"

    @property
    def prompt(self) -> str:
        """The same for every take: only the seed differs, as in the studio."""
        return prompt(self.production, self.place)

    def account(self, caps: Mapping[str, Decimal]) -> Account:
        shot = shot_envelope(self.production, self.place)
        return Account(
            production=self.production,
            place=self.place,
            stage="shooting",
            envelopes=(production_envelope(self.production), pilot_envelope(self.production, self.tier)),
            caps={shot: caps[shot], DAY: caps[DAY]},
        )

    def envelopes(self) -> tuple[str, ...]:
        production = self.production
        shot = shot_envelope(production, self.place)
        return (production_envelope(production), pilot_envelope(production, self.tier), shot, DAY, SLATE)


WISHES = tuple(
    Wish(production, tier, take, kind)
    for production in _PRODUCTIONS
    for tier in _TIERS
    for take in _TAKES
    for kind in ("video", "image")
)


@dataclass(frozen=True)
class Fate:
    """How one life of a process ends: killed at the ``nth`` step called ``step`` (any step when it is empty), killed
    from outside after ``delay_s``, or not at all."""

    step: str = ""
    nth: int = 0
    delay_s: float | None = None


STEPS = (
    *(
        f"{when} {step}"
        for step in ("reserve", "submitting", "submit", "submitted", "poll", "fetch", "put_file", "settle", "release")
        for when in ("before", "after")
    ),
    *(f"{when} {step}" for step in ("lose", "ambiguous", "jobs_like", "found", "keep") for when in ("before", "after")),
    "waiting for a turn",
    "holding a turn",
    "committing",
)
"""Where a process can be made to die."""


@dataclass(frozen=True)
class Weather:
    """All that a seed says."""

    seed: int
    town: Town
    faults: Faults
    warm: bool
    """Whether the processes are forked from one that has talked to the vendors and the ledger already."""

    @classmethod
    def of(cls, seed: int) -> Weather:
        chance = random.Random(f"weather:{seed}")
        town = TOWNS[seed % len(TOWNS)]
        rates = {name: round(chance.uniform(0, 0.12), 3) for name in FAULTS if name not in town.lacks}
        faults = Faults(
            latency_s=round(chance.uniform(0, 0.03), 3),
            drift_pct=25.0 if seed % 10 == 9 else 0.0,
            retry_after_s=chance.choice((0, 1)),
            seed=seed,
        ).changed(rates)
        return cls(seed, town, faults, warm=seed % 2 == 1)

    def caps(self, prices: Mapping[Wish, Decimal]) -> dict[str, Decimal]:
        """A cap for every envelope; about half of them are too small for all that is wished for, one always is."""
        chance = random.Random(f"caps:{self.seed}")
        wanted: dict[str, Decimal] = {}
        for wish in WISHES:
            for name in wish.envelopes():
                wanted[name] = wanted.get(name, Decimal(0)) + prices[wish]
        tight = {chance.choice(sorted(wanted))} | {name for name in sorted(wanted) if chance.random() < 0.4}
        shares = {name: chance.uniform(*_TIGHT) if name in tight else 2.0 for name in sorted(wanted)}
        return {name: (wanted[name] * Decimal(share)).quantize(_CENTI_CENT) for name, share in shares.items()}

    def wishes(self, slot: int, life: int) -> list[Wish]:
        """What a process wants in one of its lives, in which order."""
        chance = random.Random(f"wishes:{self.seed}:{slot}:{life}")
        return chance.sample(WISHES, chance.randint(*_WISHES_A_LIFE))

    def fate(self, slot: int, life: int) -> Fate:
        chance = random.Random(f"fate:{self.seed}:{slot}:{life}")
        if life >= KILLS_A_PROCESS:
            return Fate()
        match chance.choice(("step", "step", "any", "delay", "none")):
            case "step":
                return Fate(step=chance.choice(STEPS), nth=chance.choice((1, 1, 2, 3)))
            case "any":
                return Fate(nth=chance.randint(1, 120))
            case "delay":
                return Fate(delay_s=chance.uniform(0.0, 0.6))
        return Fate()
