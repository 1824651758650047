"""The producer as a language model: it chooses tiers, looks and paces, and says why; the arithmetic stays ours.

What lives here: the draft that it fills in, what the prompt is told, and what is objected to. What does not: who can
be afforded and how the money is split (``staking.py``), and the words of the prompt (``prompts/producer.md``).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from pydantic import Field

from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.pilot import Strategies
from studio_pipeline.film.story import Story
from studio_pipeline.orchestration.minds import Mind
from studio_pipeline.providers.language.drafts import Faults
from studio_pipeline.stages.planning.staking import (
    Bid,
    Contest,
    Stake,
    look_of,
    names_of,
    strategies_of,
    too_dear,
)
from studio_pipeline.wording import clipped, did_you_mean

MOST_LOOK_CHARS = 240
"""The look goes into every prompt of the pilot, beside the scene; vendors' prompts end at 1,000 characters."""
MOST_LINE_CHARS = 240
MOST_WHY_CHARS = 480
LEAST_WEIGHT, MOST_WEIGHT = 1.0, 10.0
ALIKE = 0.7
"""Two texts that share so much of their threes of letters say nearly the same."""
_MOST_NAMED = 6
_MOST_PEOPLE = 12


class StrategyDraft(Frozen):
    """One pilot."""

    tier: str = Field(description="name of one of the tiers on offer")
    look: str = Field(description="what every picture of this pilot looks like, beyond the tier's own words")
    pace: str = Field(description="how fast it is told: lengths of shots, movement, silence")
    risk: str = Field(description="what is most likely to go wrong with it, for this film")
    why: str = Field(description="why this pilot deserves a part of the money")
    weight: float = Field(description="how strongly it pulls at the money: 1 hardly, 10 strongly")


class StrategiesDraft(Frozen):
    """The pilots that compete."""

    strategies: tuple[StrategyDraft, ...]
    left_out: str = Field(description="why the other tiers on offer do not compete; empty when all do")


def by_mind(mind: Mind, story: Story, contest: Contest) -> Strategies:
    """The strategies that a model chose. Raises what ``Mind.ask`` raises."""
    answer = mind.ask(values(story, contest), StrategiesDraft, make=lambda draft: strategies_from(draft, contest))
    return answer.value.model_copy(update={"events": answer.events})


def values(story: Story, contest: Contest) -> Mapping[str, Any]:
    """What the prompt is told."""
    brief = contest.brief
    known = {
        "title": brief.title,
        "concept": brief.concept or "",
        "style": brief.style,
        "duration_s": brief.duration_s,
        "language": brief.language,
        "quality": brief.quality_mode,
    }
    told = {
        "digest": story.digest,
        "characters": [entity.name for entity in story.characters[:_MOST_PEOPLE]],
        "places": [entity.name for entity in story.places[:_MOST_PEOPLE]],
        "themes": list(story.themes),
    }
    return {
        "brief": {name: value for name, value in known.items() if value != ""},
        "story": told if story.digest else None,
        "content_mode": brief.content_mode,
        "tiers": [
            {
                "tier": bid.name,
                "picture": bid.tier.description,
                "look": bid.tier.look,
                "film_usd": _cents(bid.film_usd),
                "test_usd": _cents(bid.test_usd),
            }
            for bid in contest.bids
        ],
        "groups": [
            {"tiers": names_of(group), "all_can_finish": contest.all_finish(group)} for group in _offered(contest)
        ],
        "standing": [
            {"tier": pilot.tier, "look": pilot.look, "pace": pilot.pace} for pilot in contest.standing.values()
        ],
        "spendable_usd": _cents(contest.spendable_usd),
        "most_look_characters": MOST_LOOK_CHARS,
        "most_line_characters": MOST_LINE_CHARS,
    }


def strategies_from(draft: StrategiesDraft, contest: Contest) -> Strategies:
    """The draft as strategies with money.

    Raises:
        Objection: with all that is wrong with it.
    """
    faults = Faults()
    drafts = draft.strategies
    as_many = contest.fewest <= len(drafts) <= contest.most
    if not as_many:
        faults.add(f"there are {len(drafts)} strategies; {_asked(contest)}")
        drafts = drafts[: contest.most]
    stakes = [stake for at, each in enumerate(drafts) if (stake := _stake(at, each, contest, faults))]
    left_out = faults.line("left_out", draft.left_out, most=MOST_WHY_CHARS, needed=False)
    _check_differ(drafts, faults)
    chosen = [stake.bid for stake in stakes]
    names, offered = {bid.name for bid in chosen}, _offered(contest)
    each_once = as_many and len(drafts) == len(chosen) == len(names)
    if each_once and names not in [{bid.name for bid in group} for group in offered]:
        faults.add(_not_offered(chosen, offered, contest))
    faults.object()
    passed_over = [_passed_over(bid, chosen, contest, left_out) for bid in contest.bids if bid not in chosen]
    return strategies_of(contest, stakes, passed_over)


def _stake(at: int, draft: StrategyDraft, contest: Contest, faults: Faults) -> Stake | None:
    field = f"strategies[{at}]"
    bid = next((bid for bid in contest.bids if bid.name == draft.tier), None)
    if bid is None:
        known = [bid.name for bid in contest.bids]
        faults.add(
            f"{field}.tier is “{clipped(draft.tier, 40)}”, which is not on offer; "
            f"{did_you_mean(draft.tier, known)} there are: {', '.join(known)}".replace("  ", " ")
        )
    look = faults.line(f"{field}.look", draft.look, most=MOST_LOOK_CHARS)
    pace = faults.line(f"{field}.pace", draft.pace, most=MOST_LINE_CHARS)
    risk = faults.line(f"{field}.risk", draft.risk, most=MOST_LINE_CHARS)
    why = faults.line(f"{field}.why", draft.why, most=MOST_WHY_CHARS)
    faults.number(f"{field}.weight", draft.weight, LEAST_WEIGHT, MOST_WEIGHT)
    if bid is None:
        return None
    return Stake(
        bid,
        look=look_of(bid.tier, contest.brief, look),
        why=why,
        weight=Decimal(str(round(draft.weight, 3))),
        pace=pace,
        risk=risk,
    )


def _check_differ(drafts: Sequence[StrategyDraft], faults: Faults) -> None:
    """Pilots that are the same in two words waste the money of one of them."""
    for (one, first), (two, second) in itertools.combinations(enumerate(drafts), 2):
        pair = f"strategies[{one}] and strategies[{two}]"
        if first.tier == second.tier:
            faults.add(f"{pair} are both {clipped(first.tier, 40)}; each tier competes once")
        if alike(first.look, second.look):
            faults.add(f"{pair} have nearly the same look; show the film in two really different ways")
        if alike(first.pace, second.pace):
            faults.add(f"{pair} have nearly the same pace; tell the film in two really different rhythms")


def alike(one: str, other: str) -> bool:
    """Whether two texts say nearly the same, in any script: by the threes of letters that they share."""
    first, second = _threes(one), _threes(other)
    return len(first & second) >= ALIKE * len(first | second)


def _threes(text: str) -> set[str]:
    letters = "".join(char for char in text[:2000].casefold() if char.isalnum())
    return {letters[at : at + 3] for at in range(max(1, len(letters) - 2))}


def _offered(contest: Contest) -> list[tuple[Bid, ...]]:
    """Every choice that is accepted, the largest groups first; what is being shot already stays, where that can be."""
    counts = range(contest.most, contest.fewest - 1, -1)
    groups = [group for count in counts for group in contest.groups(count)]
    keeping = [group for group in groups if contest.standing.keys() <= {bid.name for bid in group}]
    return keeping or groups


def _not_offered(chosen: Sequence[Bid], offered: Sequence[Sequence[Bid]], contest: Contest) -> str:
    groups = "; ".join(names_of(group) for group in offered[:_MOST_NAMED])
    if not contest.affordable(chosen):
        return f"the budget does not carry {names_of(chosen)} together; it carries: {groups}"
    return f"{names_of(chosen)} is none of the groups to choose from: {groups}"


def _asked(contest: Contest) -> str:
    if contest.fewest == contest.most:
        return f"{contest.most} {'is' if contest.most == 1 else 'are'} asked for"
    return f"from {contest.fewest} to {contest.most} are asked for"


def _passed_over(bid: Bid, chosen: Sequence[Bid], contest: Contest, left_out: str) -> str:
    why = too_dear(contest, bid, chosen) or left_out or "the producer prefers the others"
    return f"{bid.tier.label} ({bid.name}): {why.rstrip('.')}."


def _cents(amount: Decimal) -> Decimal:
    return round(amount, 2) if amount >= 1 else round(amount, 4)
