"""``studio quote``: what a brief will cost, tier by tier, before a cent is spent. Changes nothing in the home."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from studio_pipeline.cli.options import common_options, json_option

if TYPE_CHECKING:
    from studio_pipeline.budget.rate_cards import RateCards
    from studio_pipeline.film.brief import Brief
    from studio_pipeline.film.pilot import Strategies, Tier

_ENOUGH_USD = Decimal(1_000_000)


@dataclass(frozen=True)
class TierQuote:
    """What the whole film costs in one tier, each shot made once. ``max_usd`` is with as many shots as there may be."""

    tier: str
    expected_usd: Decimal
    max_usd: Decimal
    staked_usd: Decimal | None
    """What the producer would give a pilot in this tier; ``None`` where there would be none."""
    why: str


@click.command("quote")
@click.argument("brief")
@json_option
@common_options
def command(brief: str, as_json: bool) -> int:
    """What a brief will cost, before a cent is spent.

    Prices come from the rate cards. Nothing is handed in and nothing in the studio home changes.
    """
    from studio_pipeline.film.shots import HANDLE_FRAMES
    from studio_pipeline.film.story import Story
    from studio_pipeline.orchestration.grid import tiers
    from studio_pipeline.orchestration.money import tier_cost
    from studio_pipeline.orchestration.resources import build_resources
    from studio_pipeline.settings import settings
    from studio_pipeline.stages.planning.brief import read_brief
    from studio_pipeline.stages.planning.producer import strategize
    from studio_pipeline.stages.planning.submission import brief_rules

    home = build_resources(settings())["home"]
    ordered = read_brief(Path(brief), **brief_rules())
    cards: RateCards = home.rate_cards
    strategies = strategize(ordered, Story(), tiers(), tier_cost(cards))
    simulated = True
    quotes = []
    for tier in tiers():
        alone = ordered.model_copy(update={"tiers": (tier.name,), "pilots": 1, "budget_usd": _ENOUGH_USD})
        expected = strategize(alone, Story(), [tier], tier_cost(cards)).pilots[0].expected_cost_usd
        shots = _most_shots(ordered, settings().max_scenes, settings().max_shots)
        seconds = ordered.duration_s + ordered.rate.seconds(2 * HANDLE_FRAMES * shots)
        most = max(expected, tier_cost(cards)(tier, seconds, shots))
        quotes.append(_quote(tier, expected, most, strategies))
        simulated = simulated and all(
            cards.line(model.partition("/")[0], model).simulated for model in (tier.image_model, tier.video_model)
        )
    if as_json:
        click.echo(json.dumps(_as_json(ordered, strategies, quotes, simulated), indent=2))
    else:
        _print(ordered, strategies, quotes, simulated)
    return 0


def _most_shots(brief: Brief, max_scenes: int, max_shots: int) -> int:
    """No film has more: a scene has one shot, or as many as its length has room for."""
    from studio_pipeline.stages.shooting.grammar import SHORTEST_SHOT_S

    return min(max_scenes * max_shots, max_scenes + math.ceil(brief.duration_s / SHORTEST_SHOT_S))


def _quote(tier: Tier, expected: Decimal, most: Decimal, strategies: Strategies) -> TierQuote:
    pilot = strategies.pilot(tier.name)
    if pilot is not None:
        return TierQuote(tier.name, expected, most, pilot.budget_usd, pilot.why)
    passed_over = next((line for line in strategies.passed_over if f"({tier.name})" in line), "")
    return TierQuote(tier.name, expected, most, None, passed_over.partition(": ")[2] or passed_over)


def _as_json(brief: Brief, strategies: Strategies, quotes: list[TierQuote], simulated: bool) -> dict[str, Any]:
    from studio_pipeline.cli.words import money

    return {
        "production": brief.production,
        "duration_s": brief.duration_s,
        "cap_usd": money(brief.budget_usd),
        "reserve_usd": money(strategies.reserve_usd),
        "simulated": simulated,
        "tiers": [
            {
                "tier": quote.tier,
                "expected_usd": money(quote.expected_usd),
                "max_usd": money(quote.max_usd),
                "staked_usd": money(quote.staked_usd),
                "why": quote.why,
            }
            for quote in quotes
        ],
    }


def _print(brief: Brief, strategies: Strategies, quotes: list[TierQuote], simulated: bool) -> None:
    from rich.text import Text

    from studio_pipeline.cli.report import console, indented, table, text
    from studio_pipeline.cli.words import length
    from studio_pipeline.wording import places_for, usd

    out = console()
    label = "simulated prices: nobody will be charged" if simulated else "prices of the rate cards"
    out.print(Text.assemble((brief.title, "bold"), f"  {length(brief.duration_s)}", (f"  {label}", "dim")))
    out.print()
    places = places_for(amount for quote in quotes for amount in (quote.expected_usd, quote.max_usd, quote.staked_usd))
    made = table("tier", "expected", "at most", "staked", "why", numbers=("expected", "at most", "staked"))
    for quote in quotes:
        made.add_row(
            quote.tier,
            usd(quote.expected_usd, places=places),
            usd(quote.max_usd, places=places),
            usd(quote.staked_usd, places=places),
            text(quote.why),
        )
    out.print(indented(made))
    out.print()
    reserve = usd(strategies.reserve_usd, places=places_for([strategies.reserve_usd]))
    out.print(Text("  Expected and at most: the pictures of the whole film in that tier, each shot made once."))
    out.print(
        Text(
            f"  The cap is {usd(brief.budget_usd)}, {reserve} of it held back from every pilot; no purchase breaks it."
        )
    )
