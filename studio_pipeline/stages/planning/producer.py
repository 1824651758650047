"""The producer: which tiers compete for a brief, with how much money each, and why. Here by rules.

Tiers are weighed by what they promise (``appeal``) and what they cost. The arithmetic of the money is ``staking.py``'s
and the same for a language model, which may choose in the rules' place (``producer_mind.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from studio_pipeline.film.brief import Brief
from studio_pipeline.film.pilot import Strategies, Tier
from studio_pipeline.film.story import Story
from studio_pipeline.orchestration.minds import Mind, thought
from studio_pipeline.stages.planning.producer_mind import by_mind
from studio_pipeline.stages.planning.staking import (
    Bid,
    Contest,
    Price,
    Stake,
    contest_for,
    look_of,
    strategies_of,
    too_dear,
)

_APPEAL_POWER = {"draft": 1, "standard": 2, "high": 4}
"""How strongly promised quality pulls the money that is not needed for a first version."""


def strategize(
    brief: Brief,
    story: Story,
    tiers: Sequence[Tier],
    price: Price,
    *,
    mind: Mind | None = None,
    before: Strategies | None = None,
) -> Strategies:
    """Two or three pilots where the money allows it, each able to make its test, and to finish where possible.

    Tiers a brief names are all fielded or the brief is refused. Without them the producer takes as many as it can
    afford to finish, at most ``brief.pilots`` or three; when no two can be finished, two whose tests can be made and
    of which either could then be finished.

    Args:
        before: what was staked on the same film with another budget: the look and pace that a mind chose stay.

    Raises:
        BadInput: when the budget is too small, with the smallest that would do; nobody is asked then.
        AnswerUnusable, ProviderFailed: when a mind was to choose and no model answered usably.
    """
    contest = contest_for(brief, tiers, price, before=before)
    return thought(
        mind,
        lambda m: by_mind(m, story, contest),
        lambda: _by_rules(story, contest),
        lambda strategies, why: strategies.model_copy(update={"events": (*strategies.events, why)}),
    )


def _by_rules(story: Story, contest: Contest) -> Strategies:
    chosen = _chosen(contest)
    passed_over = [_why_not(bid, chosen, contest) for bid in contest.bids if bid not in chosen]
    power = _APPEAL_POWER[contest.brief.quality_mode]
    themes = (f"a story of {' and '.join(story.themes[:2])}",) if story.themes else ()
    stakes = [
        Stake(
            bid,
            look=look_of(bid.tier, contest.brief, *themes),
            why=_rank(bid, chosen),
            weight=Decimal(str(round(bid.tier.appeal**power + 0.01, 6))),
        )
        for bid in chosen
    ]
    return strategies_of(contest, stakes, passed_over)


def _chosen(contest: Contest) -> Sequence[Bid]:
    """As many as the budget carries; of those, where all can finish if that can be, what promises most."""
    groups = contest.groups(contest.most)
    full = [group for group in groups if contest.all_finish(group)]
    return max(full or groups, key=lambda group: sum(bid.tier.appeal for bid in group))


def _rank(bid: Bid, chosen: Sequence[Bid]) -> str:
    if len(chosen) == 1:
        return "It is the only pilot this budget can carry to the end."
    if bid.tier.appeal == max(other.tier.appeal for other in chosen):
        return "It promises the best picture of those chosen."
    if bid.film_usd == min(other.film_usd for other in chosen):
        return "It is the cheapest of those chosen and the measure the others must beat."
    return "It stands between the others in cost and in promise."


def _why_not(bid: Bid, chosen: Sequence[Bid], contest: Contest) -> str:
    if bid.film_usd <= contest.spendable_usd and len(chosen) >= contest.wanted:
        why = f"no more than {contest.wanted} were asked for, and those chosen promise more for the money"
    else:
        why = too_dear(contest, bid, chosen)
    return f"{bid.tier.label} ({bid.name}): {why}."
