"""The producer: which tiers compete for a brief, with how much money each, and why. Arithmetic, no model.

Prices come in as a function, so nothing here knows a rate card. What each pilot needs, and how strongly it pulls at the
rest, is decided here; how a budget is divided by that is ``budget/allocation.py``'s rule.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import TypeAlias

from studio_pipeline.budget.allocation import RESERVE, Split, spendable_usd, split
from studio_pipeline.errors import BadInput
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.pilot import Pilot, Strategies, Tier
from studio_pipeline.film.story import Story
from studio_pipeline.wording import dollars

Price: TypeAlias = Callable[[Tier, float, int], Decimal]
"""Expected cost in US dollars of so many seconds, with so many pictures, in a tier."""

HEADROOM = Decimal("1.2")
"""What a pilot needs is its expected cost times this: calls are reserved at their maximum price, not the expected."""

_SECONDS_A_PICTURE = 2.5
"""About one shot every two and a half seconds, the pace scenes are broken down at."""
_TEST_SHARE = 0.25
_LEAST_TEST_S = 7.0
_APPEAL_POWER = {"draft": 1, "standard": 2, "high": 4}
"""How strongly promised quality pulls the money that is not needed for a first version."""
_MOST_PILOTS = 3


@dataclass(frozen=True)
class _Bid:
    """What a tier needs for this brief, and what it is expected to cost in the end."""

    tier: Tier
    test_usd: Decimal
    film_usd: Decimal
    expected_usd: Decimal

    @property
    def finish_usd(self) -> Decimal:
        return max(Decimal(0), self.film_usd - self.test_usd)


def strategize(brief: Brief, story: Story, tiers: Sequence[Tier], price: Price) -> Strategies:
    """Two or three pilots where the money allows it, each able to make its test, and to finish where possible.

    Tiers a brief names are all fielded or the brief is refused. Without them the producer takes as many as it can
    afford to finish, at most ``brief.pilots`` or three; when no two can be finished, two whose tests can be made and
    of which either could then be finished.

    Raises:
        BadInput: when the budget is too small, with the smallest that would do.
    """
    spendable = spendable_usd(brief.budget_usd)
    bids, passed_over = _bids(brief, tiers, price)
    wanted = min(brief.pilots or (len(brief.tiers) if brief.tiers else _MOST_PILOTS), len(bids), _MOST_PILOTS)
    chosen = _chosen(brief, bids, wanted, spendable)
    passed_over += [_why_not(bid, chosen, spendable, wanted) for bid in bids if bid not in chosen]
    money = _split(chosen, brief, spendable)
    pilots = tuple(
        Pilot(
            tier=bid.tier.name,
            look=_look(bid.tier, brief, story),
            image_model=bid.tier.image_model,
            video_model=bid.tier.video_model,
            budget_usd=money.pilots[bid.tier.name],
            expected_cost_usd=bid.expected_usd,
            why=_why(bid, money.pilots[bid.tier.name], chosen, brief),
        )
        for bid in chosen
    )
    return Strategies(
        pilots=pilots,
        reserve_usd=money.reserve_usd,
        passed_over=tuple(passed_over),
    )


def _bids(brief: Brief, tiers: Sequence[Tier], price: Price) -> tuple[list[_Bid], list[str]]:
    """Bids of the tiers in question, and a line for each that is out before money is counted."""
    bids: list[_Bid] = []
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
            bids.append(_Bid(tier, test_usd * HEADROOM, expected_usd * HEADROOM, expected_usd))
    if not bids:
        raise BadInput(
            f"None of the tiers {', '.join(brief.tiers or ())} can be used",
            where="tiers",
            todo="Name tiers of assets/tiers.yaml.",
        )
    return bids, out


def _chosen(brief: Brief, bids: list[_Bid], wanted: int, spendable: Decimal) -> list[_Bid]:
    for count in range(wanted, 0, -1):
        groups = [list(group) for group in itertools.combinations(bids, count)]
        full = [group for group in groups if sum(bid.film_usd for bid in group) <= spendable]
        lean = [group for group in groups if _least_usd(group) <= spendable]
        # Two pilots that may not both finish are a better contest than one alone; three are no better than two.
        if full or (lean and (count <= 2 or brief.tiers)):
            return max(full or lean, key=lambda group: sum(bid.tier.appeal for bid in group))
        if brief.tiers and count == wanted:
            least = min(_least_usd(group) for group in groups)
            raise BadInput(
                f"{dollars(brief.budget_usd)} cannot pay for {_names(bids)} at {brief.duration_s:g} s: "
                f"at least {dollars(_budget_for(least))} is needed",
                where="budget_usd",
                todo="Raise the budget, shorten the film, or name cheaper tiers.",
            )
    cheapest = min(bids, key=lambda bid: bid.film_usd)
    raise BadInput(
        f"{dollars(brief.budget_usd)} cannot pay for a film of {brief.duration_s:g} s: "
        f"the cheapest tier, {cheapest.tier.name}, needs a budget of at least "
        f"{dollars(_budget_for(cheapest.film_usd))}",
        where="budget_usd",
        todo="Raise the budget or shorten the film.",
    )


def _least_usd(group: Sequence[_Bid]) -> Decimal:
    """Every test, and the dearest finish: whoever wins can be finished with what the others leave."""
    return sum((bid.test_usd for bid in group), Decimal(0)) + max(bid.finish_usd for bid in group)


def _budget_for(spend_usd: Decimal) -> Decimal:
    return (spend_usd / (1 - RESERVE)).quantize(Decimal("0.01"), rounding=ROUND_CEILING)


def _split(chosen: list[_Bid], brief: Brief, spendable: Decimal) -> Split:
    """Each pilot its film where all can finish, else its test; the rest by cost and appeal."""
    all_finish = sum((bid.film_usd for bid in chosen), Decimal(0)) <= spendable
    power = _APPEAL_POWER[brief.quality_mode]
    return split(
        brief.budget_usd,
        floors={bid.tier.name: bid.film_usd if all_finish else bid.test_usd for bid in chosen},
        pulls={
            bid.tier.name: (bid.film_usd if all_finish else bid.finish_usd)
            * Decimal(str(round(bid.tier.appeal**power + 0.01, 6)))
            for bid in chosen
        },
    )


def _look(tier: Tier, brief: Brief, story: Story) -> str:
    parts = [tier.look.strip().rstrip(".")]
    if brief.style.strip():
        parts.append(f"in the style the brief asks for: {brief.style.strip().rstrip('.')}")
    if brief.content_mode == "kid":
        parts.append("bright and gentle, for children")
    if story.themes:
        parts.append(f"a story of {' and '.join(story.themes[:2])}")
    return "; ".join(parts) + "."


def _why(bid: _Bid, budget: Decimal, chosen: list[_Bid], brief: Brief) -> str:
    a_second = bid.expected_usd / Decimal(str(brief.duration_s))
    cost = (
        f"The whole film of {brief.duration_s:g} s is expected to cost {dollars(bid.expected_usd)} "
        f"({dollars(a_second)} a second), its test {dollars(bid.test_usd / HEADROOM)}."
    )
    if len(chosen) == 1:
        rank = "It is the only pilot this budget can carry to the end."
    elif bid.tier.appeal == max(other.tier.appeal for other in chosen):
        rank = "It promises the best picture of those chosen."
    elif bid.film_usd == min(other.film_usd for other in chosen):
        rank = "It is the cheapest of those chosen and the measure the others must beat."
    else:
        rank = "It stands between the others in cost and in promise."
    times = budget / bid.expected_usd if bid.expected_usd else Decimal(0)
    if budget < bid.film_usd:
        room = f"{dollars(budget)} pays for the test; to finish, it needs money that a cancelled pilot leaves."
    elif times >= 2:
        room = f"{dollars(budget)} would pay for every shot about {times:.0f} times over."
    else:
        room = f"{dollars(budget)} pays for every shot, and leaves {(times - 1) * 100:.0f} % for retakes."
    return f"{rank} {cost} {room}"


def _why_not(bid: _Bid, chosen: list[_Bid], spendable: Decimal, wanted: int) -> str:
    name, needs = f"{bid.tier.label} ({bid.tier.name})", f"{dollars(bid.film_usd)}"
    money = f"the {dollars(spendable)} that may be spent"
    if bid.film_usd > spendable:
        return f"{name}: it needs {needs} for the whole film, more than {money}."
    if len(chosen) >= wanted:
        return f"{name}: no more than {wanted} were asked for, and those chosen promise more for the money."
    return f"{name}: it needs {needs}, which together with {_names(chosen)} is more than {money}."


def _names(bids: Sequence[_Bid]) -> str:
    names = [bid.tier.name for bid in bids]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
