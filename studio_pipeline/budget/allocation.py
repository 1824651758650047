"""Who gets how much money: the producer's split, and what moves between pilots after the critic's ratings. Pure.

What lives here: the rules. What does not: the envelopes themselves (``ledger.py``) and the ratings
(``stages/reviewing``).

A budget is split before anything is shot: each pilot its floor, the rest in proportion to a pull, a tenth to nobody.
What the floors and the pulls are is the producer's to say (``stages/planning/producer.py``).

What moves afterwards follows the rule ``threshold``, the seed of the studio: a pilot rated 80 or better continues with
all of its remaining money, one rated 60 to 80 with half of it, one below 60 is cancelled. What is taken away goes to
the best pilot that continues. So 85 keeps 100 %, 72 keeps 50 %, 58 keeps nothing. The other policy, ``halving``, finds
other shares (``halving.py``); ``reallocate`` carries them out just the same.

Three consequences, on purpose:

- What is spent stays spent, and what is set aside for a running purchase stays set aside: only what is left moves.
- The best pilot gives nothing away, as nobody better could have it: rated 72 and best, its other half stays with it.
- A film must come out: when every pilot would be cancelled, the best one continues all the same, at 50 %.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from pydantic import Field

from studio_pipeline.budget.amounts import MICRO
from studio_pipeline.budget.purchase import Balance
from studio_pipeline.errors import BadInput
from studio_pipeline.film.frozen import Frozen

FULL_FROM_RATING = 80
HALF_FROM_RATING = 60
RESERVE = Decimal("0.10")
"""Share of the budget no pilot gets. It stays in the production's envelope for a pilot that joins later, as when a
brief names another tier; no purchase of the others can reach it."""
CENT = Decimal("0.01")

_SMALL_BUDGET_USD = 20
_SMALL_STEP = Decimal("0.0001")


class Split(Frozen):
    """A budget divided: one amount a pilot, and what is held back. Together they are exactly the budget."""

    pilots: dict[str, Decimal]
    reserve_usd: Decimal


class Move(Frozen):
    """Money that goes from one pilot to another."""

    origin: str
    to: str
    usd: Decimal
    why: str


class Reallocation(Frozen):
    """What the ratings do to the pilots' caps. The sum of the caps is what it was."""

    caps: dict[str, Decimal]
    shares: dict[str, int]
    """The shares as they are carried out: at least one is above 0."""
    best: str | None
    moves: tuple[Move, ...] = ()
    notes: tuple[str, ...] = Field(default=())
    """Why a pilot was treated in another way than its own rating asks for."""


def share_for(rating: float) -> int:
    """Per cent of its remaining money that a pilot of this rating keeps: 100, 50 or 0."""
    if rating >= FULL_FROM_RATING:
        return 100
    return 50 if rating >= HALF_FROM_RATING else 0


def spendable_usd(budget_usd: Decimal) -> Decimal:
    """What of a budget pilots may get: all but the reserve."""
    return budget_usd * (1 - RESERVE)


def split(budget_usd: Decimal, floors: Mapping[str, Decimal], pulls: Mapping[str, Decimal]) -> Split:
    """Divide a budget: each pilot its floor, the rest in proportion to the pulls. Mappings by tier, with equal keys.

    Amounts are rounded down to cents (hundredths of a cent for a small budget), but never below a floor, which the
    reserve pays for; what rounding leaves goes to the reserve.

    Raises:
        BadInput: when the floors together are more than may be spent.
    """
    rest = spendable_usd(budget_usd) - sum(floors.values(), Decimal(0))
    if rest < 0 or not floors:
        raise BadInput(
            f"A budget of ${budget_usd} cannot be divided between {len(floors)} pilots",
            where="budget_usd",
            todo="Raise the budget or field fewer pilots.",
        )
    step = CENT if budget_usd >= _SMALL_BUDGET_USD else _SMALL_STEP
    pull = sum(pulls.values(), Decimal(0))
    pilots = {}
    for tier, floor in floors.items():
        extra = rest * pulls[tier] / pull if pull else rest / len(floors)
        rounded = (floor + extra).quantize(step, ROUND_FLOOR)
        pilots[tier] = rounded if rounded >= floor else floor.quantize(step, ROUND_CEILING)
    return Split(pilots=pilots, reserve_usd=budget_usd - sum(pilots.values(), Decimal(0)))


def final_shares(shares: Mapping[str, int], ratings: Mapping[str, float]) -> dict[str, int]:
    """The shares of pilots judged one by one, seen together: when all are 0, the best one gets 50."""
    if not shares or any(shares.values()):
        return dict(shares)
    return {**shares, _best(shares, ratings): 50}


def reallocate(
    balances: Mapping[str, Balance], shares: Mapping[str, int], ratings: Mapping[str, float]
) -> Reallocation:
    """Move the pilots' money as their shares say. Mappings by tier; all three have the same keys."""
    if not balances:
        return Reallocation(caps={}, shares={}, best=None)
    carried_out = final_shares({tier: shares[tier] for tier in balances}, ratings)
    best = _best({tier: share for tier, share in carried_out.items() if share > 0}, ratings)
    caps = {tier: balance.cap_usd for tier, balance in balances.items()}
    moves = []
    for tier in sorted(balances):
        left = max(balances[tier].available_usd, Decimal(0))
        taken = left - (left * carried_out[tier] / 100).quantize(MICRO, ROUND_FLOOR)
        if tier == best or taken == 0:
            continue
        caps[tier] -= taken
        caps[best] += taken
        moves.append(Move(origin=tier, to=best, usd=taken, why=_why(tier, best, carried_out, ratings)))
    return Reallocation(
        caps=caps,
        shares=carried_out,
        best=best,
        moves=tuple(moves),
        notes=_notes(best, shares[best], carried_out[best], ratings[best]),
    )


def _best(tiers: Mapping[str, object], ratings: Mapping[str, float]) -> str:
    return min(tiers, key=lambda tier: (-ratings[tier], tier))


def _why(tier: str, best: str, shares: Mapping[str, int], ratings: Mapping[str, float]) -> str:
    fate = "is cancelled" if shares[tier] == 0 else f"continues with {shares[tier]} % of what it has left"
    return f"{tier} is rated {ratings[tier]:g} and {fate}; the rest goes to {best}, the best at {ratings[best]:g}."


def _notes(best: str, own_share: int, share: int, rating: float) -> tuple[str, ...]:
    if own_share == 0:
        return (
            f"Every pilot would be cancelled; {best}, the best at {rating:g}, continues all the same, "
            "because a film must come out.",
        )
    if share < 100:
        return (f"{best} is rated {rating:g}; as the best that continues it keeps its other half too.",)
    return ()
