"""Refinement: which flagged shots are made again, told what was wrong, and when that stops. Pure.

An evaluator and an optimiser take turns (Anthropic, *Building effective agents*, 2024): the inspector names what is
wrong with a shot, its prompt is written anew with that, another take is made and inspected. Only shots under the bar
are touched, each at most so many times, and a shot that stays hopeless is given up sooner: then the plan has to change,
or a person to look. The gates are data (``assets/quality.yaml``); the policy ``halving`` has its own rule
(``halving.next_takes``), which weighs money against gain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from pydantic import Field

from studio_pipeline.budget.halving import Decision, RatedShot
from studio_pipeline.film.brief import QualityMode
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.ratings import QUALITY_BAR
from studio_pipeline.wording import dollars


class Gates(Frozen):
    """When a shot is good, and when it is given up. Ratings are 0 to 100."""

    good: Mapping[QualityMode, float] = Field(default=QUALITY_BAR)
    """By the quality mode of the brief: from this rating on nothing is done."""
    most_refinements: int = Field(default=3, ge=0, le=20)
    hopeless_below: float = Field(default=50, ge=0, le=100)
    """A shot that is still under this after ``hopeless_after`` refinements is given up."""
    hopeless_after: int = Field(default=2, ge=0, le=20)


def to_refine(shots: Sequence[RatedShot], left_usd: Decimal, *, gates: Gates, good: float) -> tuple[Decision, ...]:
    """What is done about each shot of a pilot, the worst first, within ``left_usd``. Shots without a rated take, which
    nobody has judged, are left alone.

    Args:
        shots: with the ratings of all their takes. The first take is none of the refinements.
        good: the rating from which on a shot is left as it is.
    """
    left, found = left_usd, []
    rated = [shot for shot in shots if shot.ratings]
    for shot in sorted(rated, key=lambda shot: (max(shot.ratings.values()), shot.name)):
        best = max(shot.ratings.values())
        done = len(shot.ratings) + shot.lost - 1
        if best >= good:
            decision = Decision(shot.name, False, 0.0, f"Good: rated {best:g}, and {good:g} is asked for.")
        elif done >= gates.most_refinements:
            decision = Decision(shot.name, False, 0.0, f"Given up: rated {best:g} after {done} refinements, the most.")
        elif done >= gates.hopeless_after and best < gates.hopeless_below:
            why = f"Given up: still {best:g} after {done} refinements, under {gates.hopeless_below:g}."
            decision = Decision(shot.name, False, 0.0, why)
        elif shot.price_usd > left:
            why = f"No money: a take costs up to {dollars(shot.price_usd)}, {dollars(left)} are left."
            decision = Decision(shot.name, False, good - best, why)
        else:
            left -= shot.price_usd
            why = f"Rated {best:g}, {good:g} is asked for: refinement {done + 1} of at most {gates.most_refinements}."
            decision = Decision(shot.name, True, good - best, why)
        found.append(decision)
    return tuple(found)
