"""Money on the way between what agents decided and the ledger's envelopes.

How to split and to move is decided by the pure ``budget/allocation.py``; this file only applies it.
"""

from __future__ import annotations

from decimal import Decimal
from statistics import mean

from studio_pipeline.budget import halving
from studio_pipeline.budget.allocation import Reallocation, reallocate
from studio_pipeline.budget.halving import best_take
from studio_pipeline.budget.ledger import Ledger, pilot_envelope, production_envelope
from studio_pipeline.film.pilot import Strategies
from studio_pipeline.orchestration.facts import Facts, carried_out, halved_money_key, verdict_money_key


def open_production(ledger: Ledger, production: str, budget_usd: Decimal) -> None:
    """Give a production its envelope before it has pilots: reading the story and staking them may cost something."""
    whole = production_envelope(production)
    if whole not in ledger.caps():
        ledger.set_caps({whole: budget_usd})


def open_envelopes(ledger: Ledger, production: str, budget_usd: Decimal, strategies: Strategies) -> None:
    """Give a production and its pilots their envelopes; a brief handed in again with more money widens them."""
    whole = production_envelope(production)
    caps = {whole: budget_usd}
    before = ledger.caps()
    shares = carried_out(ledger, production)
    for pilot in strategies.pilots:
        envelope = pilot_envelope(production, pilot.tier)
        if shares is None or envelope not in before:
            caps[envelope] = pilot.budget_usd
        elif shares.get(pilot.tier, 100) > 0:
            # The verdicts have moved the money since: keep their proportions, scaled to the new budget.
            caps[envelope] = (before[envelope] * budget_usd / before[whole]).quantize(Decimal("0.000001"))
    ledger.set_caps(caps)


def draw_on_reserve(ledger: Ledger, production: str, tier: str, needed_usd: Decimal) -> bool:
    """Widen a pilot's envelope for a take that a person has ordered, or for a question, out of what no pilot was given.

    As far as that goes: what is still missing then, the purchase itself refuses. The production's cap stays.

    Returns:
        Whether it was widened. Nothing is reserved by that: who buys at the same time may be faster.
    """
    caps = ledger.caps()
    own, whole = pilot_envelope(production, tier), production_envelope(production)
    missing = needed_usd - ledger.available(own)
    pilots = sum((cap for name, cap in caps.items() if name.startswith(pilot_envelope(production, ""))), Decimal(0))
    spare = caps.get(whole, Decimal(0)) - pilots
    if missing <= 0 or spare <= 0:
        return False
    ledger.set_caps({own: caps.get(own, Decimal(0)) + min(missing, spare)})
    return True


def move_money(ledger: Ledger, facts: Facts) -> Reallocation | None:
    """Move the pilots' money as the brief's policy says, once for ever; ``None`` when it was done before."""
    ratings = {tier: verdict.rating for tier, verdict in facts.verdicts.items()}
    balances = {tier: ledger.balance(pilot_envelope(facts.production, tier)) for tier in ratings}
    if facts.policy == "halving":
        tested = min(len(facts.test_shots(tier)) for tier in ratings)
        noise_points = halving.pilot_noise_points(tested, facts.noise_points)
        moved = halving.reallocate(balances, ratings, noise_points=noise_points)
    else:
        shares = {tier: verdict.share_pct for tier, verdict in facts.verdicts.items()}
        moved = reallocate(balances, shares=shares, ratings=ratings)
    return _carry_out(ledger, facts.production, verdict_money_key(facts.production), moved)


def halve_again(ledger: Ledger, facts: Facts) -> Reallocation | None:
    """By the policy ``halving``: once all shots are there, what is left goes to the better half of the pilots."""
    ratings = {
        tier: mean(best_take(shot.ratings, noise_points=facts.noise_points).quality for shot in shots if shot.ratings)
        for tier, shots in facts.rated.items()
        if any(shot.ratings for shot in shots)
    }
    balances = {tier: ledger.balance(pilot_envelope(facts.production, tier)) for tier in ratings}
    rated = min(sum(bool(shot.ratings) for shot in facts.rated[tier]) for tier in ratings)
    noise_points = halving.pilot_noise_points(rated, facts.noise_points)
    moved = halving.reallocate(balances, ratings, noise_points=noise_points)
    return _carry_out(ledger, facts.production, halved_money_key(facts.production), moved)


def _carry_out(ledger: Ledger, production: str, key: str, moved: Reallocation) -> Reallocation | None:
    caps = {pilot_envelope(production, tier): cap for tier, cap in moved.caps.items()}
    why = {move.origin: move.why for move in moved.moves}
    outcome = {"shares": moved.shares, "why": why, "notes": list(moved.notes)}
    return moved if ledger.decide_once(key, caps, outcome) else None
