"""Money on the way between what agents decided and the ledger's envelopes.

How to split and to move is decided by the pure ``budget/allocation.py``; this file only applies it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from studio_pipeline.budget.allocation import Reallocation, reallocate
from studio_pipeline.budget.ledger import Ledger, pilot_envelope, production_envelope
from studio_pipeline.budget.rate_cards import RateCards
from studio_pipeline.film.pilot import Strategies, Tier
from studio_pipeline.film.ratings import Verdict
from studio_pipeline.orchestration.facts import verdict_money_key


def tier_cost(cards: RateCards) -> Callable[[Tier, float, int], Decimal]:
    """What ``seconds`` of clips and ``pictures`` stills are expected to cost in a tier, in US dollars."""

    def cost(tier: Tier, seconds: float, pictures: int) -> Decimal:
        stills = cards.quote(tier.image_model.partition("/")[0], tier.image_model, Decimal(pictures))
        clips = cards.quote(tier.video_model.partition("/")[0], tier.video_model, Decimal(str(round(seconds, 3))))
        return stills.expected_usd + clips.expected_usd

    return cost


def open_envelopes(ledger: Ledger, production: str, budget_usd: Decimal, strategies: Strategies) -> None:
    """Give a production and its pilots their envelopes; a brief handed in again with more money widens them."""
    whole = production_envelope(production)
    caps = {whole: budget_usd}
    before = ledger.caps()
    if ledger.is_done(verdict_money_key(production)):
        # The verdicts have moved the money since: keep their proportions, scaled to the new budget.
        scale = budget_usd / before[whole]
        for pilot in strategies.pilots:
            envelope = pilot_envelope(production, pilot.tier)
            if ledger.available(envelope) > 0 or scale > 1:
                caps[envelope] = (before.get(envelope, pilot.budget_usd) * scale).quantize(Decimal("0.000001"))
    else:
        caps |= {pilot_envelope(production, pilot.tier): pilot.budget_usd for pilot in strategies.pilots}
    ledger.set_caps(caps)


def move_money(ledger: Ledger, production: str, verdicts: Mapping[str, Verdict]) -> Reallocation | None:
    """Move the pilots' money as their verdicts say, once for ever; ``None`` when it was done before."""
    balances = {tier: ledger.balance(pilot_envelope(production, tier)) for tier in verdicts}
    moved = reallocate(
        balances,
        shares={tier: verdict.share_pct for tier, verdict in verdicts.items()},
        ratings={tier: verdict.rating for tier, verdict in verdicts.items()},
    )
    caps = {pilot_envelope(production, tier): cap for tier, cap in moved.caps.items()}
    return moved if ledger.set_caps_once(verdict_money_key(production), caps) else None
