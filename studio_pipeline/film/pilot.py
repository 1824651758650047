"""Pilots: the competing versions of one film, and the tiers they are shot in."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from studio_pipeline.film.frozen import Frozen


class Tier(Frozen):
    """A production tier, as ``assets/tiers.yaml`` declares it. Models are called ``vendor/model``."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,23}$")
    label: str
    description: str
    """What a person sees in it."""
    look: str
    """How a prompt says it."""
    image_models: tuple[str, ...] = Field(min_length=1)
    """Models that can make its stills, of whatever vendor; the first is taken, the next when that one is away."""
    video_models: tuple[str, ...] = Field(min_length=1)
    appeal: float = Field(ge=0, le=1)
    """How much finished quality the tier promises before anything is measured, 0 to 1; weighs the producer's split."""

    @property
    def image_model(self) -> str:
        return self.image_models[0]

    @property
    def video_model(self) -> str:
        return self.video_models[0]


class Pilot(Frozen):
    """One competitor: a tier, a look, a share of the money, and why it was chosen."""

    tier: str
    look: str
    image_model: str
    video_model: str
    budget_usd: Decimal
    expected_cost_usd: Decimal
    why: str
    pace: str = ""
    """How fast it is told, in words for the screenwriter and the cinematographer."""
    risk: str = ""
    """What may go wrong with it, in words for people."""


class Strategies(Frozen):
    """What the producer decided for a production. ``reserve_usd`` is held back from every pilot."""

    pilots: tuple[Pilot, ...] = Field(min_length=1, max_length=3)
    reserve_usd: Decimal
    passed_over: tuple[str, ...] = ()
    """One line a tier that was weighed and left out, with the reason."""
    events: tuple[str, ...] = ()
    """What did not go as planned, for people."""

    def pilot(self, tier: str) -> Pilot | None:
        return next((pilot for pilot in self.pilots if pilot.tier == tier), None)
