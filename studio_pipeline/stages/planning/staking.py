"""Staking pilots: what each tier needs for a brief, which tiers the budget carries together, how the money is split.

What lives here: arithmetic, the same for whoever chooses. What does not: the choice, which is the producer's, by rules
(``producer.py``) or by a mind (``producer_mind.py``). Prices come in as a function, so nothing here knows a rate card;
how a budget is divided by needs and pulls is ``budget/allocation.py``'s rule.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal
from typing import TypeAlias

from studio_pipeline.budget.allocation import RESERVE, spendable_usd, split
from studio_pipeline.errors import BadInput
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.pilot import Pilot, Strategies, Tier
from studio_pipeline.wording import dollars

Price: TypeAlias = Callable[[Tier, float, int], Decimal]
"""Expected cost in US dollars of so many seconds, with so many pictures, in a tier."""

HEADROOM = Decimal("1.2")
"""What a pilot needs is its expected cost times this: calls are reserved at their maximum price, not the expected."""

_SECONDS_A_PICTURE = 2.5
"""About one shot every two and a half seconds, the pace scenes are broken down at."""
_TEST_SHARE = 0.25
_LEAST_TEST_S = 7.0
_MOST_PILOTS = 3


@dataclass(frozen=True)
class Bid:
    """What a tier needs for this brief, and what it is expected to cost in the end."""

    tier: Tier
    test_usd: Decimal
    film_usd: Decimal
    expected_usd: Decimal

    @property
    def name(self) -> str:
        return self.tier.name

    @property
    def finish_usd(self) -> Decimal:
        return max(Decimal(0), self.film_usd - self.test_usd)


@dataclass(frozen=True)
class Contest:
    """The tiers that may compete for a brief."""

    brief: Brief
    bids: tuple[Bid, ...]
    out: tuple[str, ...]
    """A line for each tier that is out before money is counted."""
    wanted: int
    """How many pilots there are at most."""
    standing: Mapping[str, Pilot]
    """Pilots by tier that a mind chose for the same film with another budget: their look and pace stay, or money that
    a person adds would have everything shot again."""

    @property
    def spendable_usd(self) -> Decimal:
        return spendable_usd(self.brief.budget_usd)

    def all_finish(self, group: Sequence[Bid]) -> bool:
        """Whether each of the group gets the money for its whole film."""
        return sum((bid.film_usd for bid in group), Decimal(0)) <= self.spendable_usd

    def affordable(self, group: Sequence[Bid]) -> bool:
        """Whether the budget carries the group: all films, or at least every test and any one film.

        Two pilots that may not both finish are a better contest than one alone; three are no better than two, unless
        the brief names them.
        """
        if self.all_finish(group):
            return True
        return least_usd(group) <= self.spendable_usd and (len(group) <= 2 or self.brief.tiers is not None)

    @property
    def most(self) -> int:
        """The most pilots that the budget carries; at least one, or there is no contest (``contest_for``)."""
        return max(count for count in range(1, self.wanted + 1) if self.groups(count))

    @property
    def fewest(self) -> int:
        """The fewest that may compete: where the brief names tiers or a number, all of them."""
        return self.most if self.brief.tiers or self.brief.pilots else min(2, self.most)

    def groups(self, count: int) -> list[tuple[Bid, ...]]:
        """Every group of so many tiers that the budget carries."""
        return [group for group in itertools.combinations(self.bids, count) if self.affordable(group)]


@dataclass(frozen=True)
class Stake:
    """One pilot as somebody chose it. ``weight`` is how strongly it pulls at the money that no pilot needs to have."""

    bid: Bid
    look: str
    why: str
    weight: Decimal
    pace: str = ""
    risk: str = ""


def contest_for(brief: Brief, tiers: Sequence[Tier], price: Price, *, before: Strategies | None = None) -> Contest:
    """Who may compete, at which cost.

    Args:
        before: what was staked on the same film with another budget.

    Raises:
        BadInput: when the budget is too small for all of them, or for the tiers that the brief names, with the
            smallest that would do.
    """
    bids, out = _bids(brief, tiers, price)
    wanted = min(brief.pilots or (len(brief.tiers) if brief.tiers else _MOST_PILOTS), len(bids), _MOST_PILOTS)
    looks = {bid.name: bid.tier.look.strip().rstrip(".") for bid in bids}
    standing = {
        pilot.tier: pilot
        for pilot in (before.pilots if before else ())
        if pilot.pace and pilot.tier in looks and pilot.look.startswith(looks[pilot.tier])
    }
    contest = Contest(brief, tuple(bids), tuple(out), wanted, standing)
    _check_budget(contest)
    return contest


def strategies_of(contest: Contest, stakes: Sequence[Stake], passed_over: Sequence[str]) -> Strategies:
    """The pilots with their money: each its film where all can finish, else its test; the rest by cost and weight."""
    brief, group = contest.brief, [stake.bid for stake in stakes]
    all_finish = contest.all_finish(group)
    needs: Mapping[str, Decimal] = {bid.name: bid.film_usd if all_finish else bid.finish_usd for bid in group}
    money = split(
        brief.budget_usd,
        floors={bid.name: bid.film_usd if all_finish else bid.test_usd for bid in group},
        pulls={stake.bid.name: needs[stake.bid.name] * stake.weight for stake in stakes},
    )
    stakes = [_as_it_stands(stake, contest.standing.get(stake.bid.name)) for stake in stakes]
    return Strategies(
        pilots=tuple(
            Pilot(
                tier=stake.bid.name,
                look=stake.look,
                image_model=stake.bid.tier.image_model,
                video_model=stake.bid.tier.video_model,
                budget_usd=money.pilots[stake.bid.name],
                expected_cost_usd=stake.bid.expected_usd,
                why=f"{stake.why} {_money_told(stake.bid, money.pilots[stake.bid.name], brief)}",
                pace=stake.pace,
                risk=stake.risk,
            )
            for stake in stakes
        ),
        reserve_usd=money.reserve_usd,
        passed_over=(*contest.out, *passed_over),
    )


def _as_it_stands(stake: Stake, before: Pilot | None) -> Stake:
    return replace(stake, look=before.look, pace=before.pace, risk=before.risk) if before else stake


def look_of(tier: Tier, brief: Brief, *more: str) -> str:
    """The look of a pilot: the tier's own words first, which make the tier; the brief's wishes; and ``more``."""
    parts = [tier.look.strip().rstrip(".")]
    if brief.style.strip():
        parts.append(f"in the style the brief asks for: {brief.style.strip().rstrip('.')}")
    if brief.content_mode == "kid":
        parts.append("bright and gentle, for children")
    return "; ".join([*parts, *(words.strip().rstrip(".") for words in more)]) + "."


def too_dear(contest: Contest, bid: Bid, chosen: Sequence[Bid]) -> str:
    """Why there is no money for a tier beside those chosen; empty when there is."""
    money, needs = f"the {dollars(contest.spendable_usd)} that may be spent", dollars(bid.film_usd)
    if bid.film_usd > contest.spendable_usd:
        return f"it needs {needs} for the whole film, more than {money}"
    if not contest.affordable([*chosen, bid]):
        return f"it needs {needs}, which together with {names_of(chosen)} is more than {money}"
    return ""


def names_of(bids: Sequence[Bid]) -> str:
    names = [bid.name for bid in bids]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def least_usd(group: Sequence[Bid]) -> Decimal:
    """Every test, and the dearest finish: whoever wins can be finished with what the others leave."""
    return sum((bid.test_usd for bid in group), Decimal(0)) + max(bid.finish_usd for bid in group)


def _bids(brief: Brief, tiers: Sequence[Tier], price: Price) -> tuple[list[Bid], list[str]]:
    """Bids of the tiers in question, and a line for each that is out before money is counted."""
    bids: list[Bid] = []
    out: list[str] = []
    pictures = max(1, math.ceil(brief.duration_s / _SECONDS_A_PICTURE))
    test_s = min(brief.duration_s, max(_LEAST_TEST_S, brief.duration_s * _TEST_SHARE))
    test_pictures = max(1, math.ceil(test_s / _SECONDS_A_PICTURE))
    for tier in tiers:
        models = (tier.image_model, tier.video_model)
        same = next((bid.tier for bid in bids if (bid.tier.image_model, bid.tier.video_model) == models), None)
        if brief.tiers is not None and tier.name not in brief.tiers:
            out.append(f"{tier.label} ({tier.name}): the brief asks for {', '.join(brief.tiers)} only.")
        elif same is not None:
            out.append(f"{tier.label} ({tier.name}): the same models as {same.label}, so the two would not compete.")
        else:
            expected_usd = price(tier, brief.duration_s, pictures)
            test_usd = min(expected_usd, price(tier, test_s, test_pictures))
            bids.append(Bid(tier, test_usd * HEADROOM, expected_usd * HEADROOM, expected_usd))
    if not bids:
        raise BadInput(
            f"None of the tiers {', '.join(brief.tiers or ())} can be used",
            where="tiers",
            todo="Name tiers of assets/tiers.yaml.",
        )
    return bids, out


def _check_budget(contest: Contest) -> None:
    """Tiers that a brief names are all fielded or the brief is refused; else one at least has to be affordable."""
    brief, bids = contest.brief, contest.bids
    if brief.tiers and not contest.groups(contest.wanted):
        least = min(least_usd(group) for group in itertools.combinations(bids, contest.wanted))
        raise BadInput(
            f"{dollars(brief.budget_usd)} cannot pay for {names_of(bids)} at {brief.duration_s:g} s: "
            f"at least {dollars(_budget_for(least))} is needed",
            where="budget_usd",
            todo="Raise the budget, shorten the film, or name cheaper tiers.",
        )
    if not contest.groups(1):
        cheapest = min(bids, key=lambda bid: bid.film_usd)
        raise BadInput(
            f"{dollars(brief.budget_usd)} cannot pay for a film of {brief.duration_s:g} s: "
            f"the cheapest tier, {cheapest.name}, needs a budget of at least "
            f"{dollars(_budget_for(cheapest.film_usd))}",
            where="budget_usd",
            todo="Raise the budget or shorten the film.",
        )


def _budget_for(spend_usd: Decimal) -> Decimal:
    return (spend_usd / (1 - RESERVE)).quantize(Decimal("0.01"), rounding=ROUND_CEILING)


def _money_told(bid: Bid, budget_usd: Decimal, brief: Brief) -> str:
    a_second = bid.expected_usd / Decimal(str(brief.duration_s))
    cost = (
        f"The whole film of {brief.duration_s:g} s is expected to cost {dollars(bid.expected_usd)} "
        f"({dollars(a_second)} a second), its test {dollars(bid.test_usd / HEADROOM)}."
    )
    if bid.expected_usd == 0:
        return f"{cost} Nobody charges anything for it."
    times = budget_usd / bid.expected_usd
    if budget_usd < bid.film_usd:
        room = f"{dollars(budget_usd)} pays for the test; to finish, it needs money that a cancelled pilot leaves."
    elif times >= 2:
        room = f"{dollars(budget_usd)} would pay for every shot about {times:.0f} times over."
    else:
        room = f"{dollars(budget_usd)} pays for every shot, and leaves {(times - 1) * 100:.0f} % for retakes."
    return f"{cost} {room}"
