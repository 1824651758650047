"""``studio quote``: what a brief will cost, tier by tier, before a cent is spent. Changes nothing in the home."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from studio_pipeline.cli.options import accepting_stale_prices, common_options, json_option

if TYPE_CHECKING:
    from studio_pipeline.film.brief import Brief
    from studio_pipeline.film.pilot import Strategies, Tier

_ENOUGH_USD = Decimal(1_000_000)


@dataclass(frozen=True)
class TierQuote:
    """What the whole film costs in one tier, sound included.

    Expected: each shot made once. At most: as many shots as there may be, every one of them failing and charged for as
    often as it is asked for again. No film costs more than its cap all the same.
    """

    tier: str
    models: str
    expected_usd: Decimal | None
    """``None`` for a tier that the vendors in use do not make."""
    max_usd: Decimal | None
    staked_usd: Decimal | None
    """What the producer would give a pilot in this tier; ``None`` where there would be none."""
    why: str


@click.command("quote")
@click.argument("brief")
@accepting_stale_prices
@json_option
@common_options
def command(brief: str, accept_stale_prices: bool, as_json: bool) -> int:
    """What a brief will cost, before a cent is spent.

    Prices come from the rate cards of the vendors in use. Nothing is handed in and nothing in the studio home changes.
    """
    from studio_pipeline.film.story import Story
    from studio_pipeline.orchestration.estimate import estimate
    from studio_pipeline.orchestration.grid import tiers, tiers_out_of_reach
    from studio_pipeline.orchestration.studio_home import build_home
    from studio_pipeline.settings import settings
    from studio_pipeline.stages.planning.brief import read_brief
    from studio_pipeline.stages.planning.producer import strategize
    from studio_pipeline.stages.planning.submission import brief_rules, check_dubs, check_tiers
    from studio_pipeline.stages.shooting.asking import MOST_TAKES

    home = build_home(settings(), accept_stale_prices=accept_stale_prices)
    ordered = read_brief(Path(brief), **brief_rules())
    check_tiers(ordered)
    check_dubs(ordered)
    prices = estimate(home, ordered)
    strategies = strategize(ordered, Story(), tiers(), prices.expected_usd)
    shots = _most_shots(ordered, settings().max_scenes, settings().max_shots)
    quotes = []
    for tier in tiers():
        alone = ordered.model_copy(update={"tiers": (tier.name,), "pilots": 1, "budget_usd": _ENOUGH_USD})
        expected = strategize(alone, Story(), [tier], prices.expected_usd).pilots[0].expected_cost_usd
        quotes.append(_quote(tier, expected, max(expected, prices.most_usd(tier, shots, MOST_TAKES)), strategies))
    quotes += [TierQuote(name, "", None, None, None, why) for name, why in tiers_out_of_reach().items()]
    simulated = home.simulate
    thinking = prices.thinking.production_usd() if prices.thinking else Decimal(0)
    if as_json:
        click.echo(json.dumps(_as_json(ordered, strategies, quotes, simulated, thinking), indent=2))
    else:
        _print(ordered, strategies, quotes, simulated, thinking)
    return 0


def _most_shots(brief: Brief, max_scenes: int, max_shots: int) -> int:
    """No film has more: a scene has one shot, or as many as its length has room for."""
    from studio_pipeline.stages.shooting.grammar import SHORTEST_SHOT_S

    return min(max_scenes * max_shots, max_scenes + math.ceil(brief.duration_s / SHORTEST_SHOT_S))


def _quote(tier: Tier, expected: Decimal, most: Decimal, strategies: Strategies) -> TierQuote:
    models = " + ".join(dict.fromkeys((tier.image_model, tier.video_model)))
    pilot = strategies.pilot(tier.name)
    if pilot is not None:
        return TierQuote(tier.name, models, expected, most, pilot.budget_usd, pilot.why)
    passed_over = next((line for line in strategies.passed_over if f"({tier.name})" in line), "")
    return TierQuote(tier.name, models, expected, most, None, passed_over.partition(": ")[2] or passed_over)


def _as_json(
    brief: Brief, strategies: Strategies, quotes: list[TierQuote], simulated: bool, thinking: Decimal
) -> dict[str, Any]:
    from studio_pipeline.cli.words import money

    return {
        "production": brief.production,
        "duration_s": brief.duration_s,
        "cap_usd": money(brief.budget_usd),
        "reserve_usd": money(strategies.reserve_usd),
        "planning_usd": money(thinking),
        "simulated": simulated,
        "tiers": [
            {
                "tier": quote.tier,
                "models": quote.models,
                "expected_usd": money(quote.expected_usd),
                "max_usd": money(quote.max_usd),
                "staked_usd": money(quote.staked_usd),
                "why": quote.why,
            }
            for quote in quotes
        ],
    }


def _print(brief: Brief, strategies: Strategies, quotes: list[TierQuote], simulated: bool, thinking: Decimal) -> None:
    from rich.text import Text

    from studio_pipeline.cli.report import console, indented, table, text
    from studio_pipeline.cli.words import length
    from studio_pipeline.wording import places_for, usd

    out = console()
    label = "simulated prices: nobody will be charged" if simulated else "prices of the rate cards"
    out.print(Text.assemble((brief.title, "bold"), f"  {length(brief.duration_s)}", (f"  {label}", "dim")))
    out.print()
    places = places_for(amount for quote in quotes for amount in (quote.expected_usd, quote.max_usd, quote.staked_usd))
    made = table("tier", "made by", "expected", "at most", "staked", "why", numbers=("expected", "at most", "staked"))
    for quote in quotes:
        made.add_row(
            quote.tier,
            text(quote.models),
            usd(quote.expected_usd, places=places),
            usd(quote.max_usd, places=places),
            usd(quote.staked_usd, places=places),
            text(quote.why),
        )
    out.print(indented(made))
    out.print()
    reserve = usd(strategies.reserve_usd, places=places_for([strategies.reserve_usd]))
    out.print(Text("  Expected: the whole film in that tier, sound included, each shot made once."))
    out.print(Text("  At most: with as many shots as there may be, each of them failing twice and charged for."))
    if thinking:
        spent = f"{usd(thinking, places=places_for([thinking]))} or so of {reserve}"
        out.print(
            Text(f"  Reading, planning, writing and cutting for all pilots: {spent} that is held back from them.")
        )
    out.print(
        Text(
            f"  The cap is {usd(brief.budget_usd)}, {reserve} of it held back from every pilot; no purchase breaks it."
        )
    )
