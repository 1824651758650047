"""Money on the move: the reserve opens for a person and only so far, pilots' money moves once, no cap ever breaks."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from world import paper_script

from studio_pipeline.budget.halving import RatedShot
from studio_pipeline.budget.ledger import Ledger, pilot_envelope, production_envelope
from studio_pipeline.budget.purchase import Account, PurchaseOrder
from studio_pipeline.budget.rate_cards import Quote
from studio_pipeline.errors import OutOfBudget
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.pilot import Pilot, Strategies
from studio_pipeline.film.ratings import Verdict
from studio_pipeline.orchestration.artifacts import Header
from studio_pipeline.orchestration.facts import Facts, carried_out, halved_money_key
from studio_pipeline.orchestration.money import draw_on_reserve, halve_again, move_money, open_envelopes

WHOLE = production_envelope("lamp")


def own(tier: str) -> str:
    return pilot_envelope("lamp", tier)


def strategies(**pilots: int) -> Strategies:
    """Pilots with so many dollars each."""
    staked = [
        Pilot(
            tier=tier,
            look="",
            image_model="a/i",
            video_model="a/v",
            budget_usd=Decimal(usd),
            expected_cost_usd=Decimal(1),
            why="",
        )
        for tier, usd in pilots.items()
    ]
    return Strategies(pilots=tuple(staked), reserve_usd=Decimal(2))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(f"sqlite:///{tmp_path}/l.sqlite3")


def spend(ledger: Ledger, tier: str, usd: str) -> None:
    amount, number = Decimal(usd), len(ledger.entries("lamp")) + 1
    order = PurchaseOrder(
        identity=f"{number:064x}",
        account=Account(production="lamp", place=tier, stage="shooting", envelopes=(WHOLE, own(tier))),
        vendor="v",
        model="v/m",
        take=1,
        quote=Quote(expected_usd=amount, max_usd=amount, simulated=False, source="tag"),
    )
    entry = ledger.submitted(ledger.submitting(ledger.reserve(order).entry), str(number))
    ledger.settle(entry, amount, MediaRef(sha256="0" * 64, suffix=".png", size_bytes=1))


def test_a_raised_budget_widens_the_envelopes_and_a_lowered_one_keeps_what_is_spent(ledger: Ledger) -> None:
    open_envelopes(ledger, "lamp", Decimal(10), strategies(animated=8))
    spend(ledger, "animated", "6")
    open_envelopes(ledger, "lamp", Decimal(20), strategies(animated=16))
    assert (ledger.caps()[WHOLE], ledger.caps()[own("animated")]) == (20, 16)
    open_envelopes(ledger, "lamp", Decimal(5), strategies(animated=4))
    assert (ledger.caps()[WHOLE], ledger.caps()[own("animated")]) == (6, 6)


# The reserve


def test_a_retake_draws_only_what_its_pilot_lacks(ledger: Ledger) -> None:
    open_envelopes(ledger, "lamp", Decimal(10), strategies(animated=8))
    spend(ledger, "animated", "7.50")
    draw_on_reserve(ledger, "lamp", "animated", Decimal("0.40"))
    assert ledger.caps()[own("animated")] == 8, "there was enough"
    draw_on_reserve(ledger, "lamp", "animated", Decimal("1.10"))
    assert ledger.available(own("animated")) == Decimal("1.10")


def test_the_reserve_is_what_no_pilot_was_given_and_no_more(ledger: Ledger) -> None:
    open_envelopes(ledger, "lamp", Decimal(10), strategies(animated=5, static=4))
    spend(ledger, "animated", "5")
    draw_on_reserve(ledger, "lamp", "animated", Decimal(3))
    assert ledger.caps()[own("animated")] == 6
    assert ledger.caps()[own("static")] == 4, "the other pilot's money is its own"
    with pytest.raises(OutOfBudget):
        spend(ledger, "animated", "3")


def test_another_productions_pilots_are_not_counted(ledger: Ledger) -> None:
    open_envelopes(ledger, "lamp", Decimal(10), strategies(animated=8))
    open_envelopes(ledger, "lamp-2", Decimal(100), strategies(animated=90))
    draw_on_reserve(ledger, "lamp", "animated", Decimal(10))
    assert ledger.caps()[own("animated")] == 10


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    deeds=st.lists(
        st.tuples(st.sampled_from(["draw", "spend"]), st.sampled_from(["animated", "static"]), st.integers(1, 900)),
        max_size=8,
    )
)
def test_no_drawing_and_spending_breaks_the_productions_cap(
    tmp_path_factory: pytest.TempPathFactory, deeds: list[tuple[str, str, int]]
) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path_factory.mktemp('l')}/l.sqlite3")
    open_envelopes(ledger, "lamp", Decimal(10), strategies(animated=5, static=3))
    for deed, tier, cents in deeds:
        usd = Decimal(cents) / 100
        if deed == "draw":
            draw_on_reserve(ledger, "lamp", tier, usd)
        else:
            try:
                spend(ledger, tier, str(usd))
            except OutOfBudget:
                continue
        caps = ledger.caps()
        assert caps[WHOLE] == 10
        assert caps[own("animated")] + caps[own("static")] <= 10
        assert all(ledger.available(name) >= 0 for name in (WHOLE, own("animated"), own("static")))


# Moving what pilots have


def judged(ratings: dict[str, float], policy: str = "threshold", **more: Any) -> Facts:
    """Facts of a production whose pilots have just been judged, with tests of five shots."""
    shares = {tier: 100 if rating >= 80 else 50 if rating >= 60 else 0 for tier, rating in ratings.items()}
    return Facts(
        "lamp",
        policy=policy,  # type: ignore[arg-type]
        verdicts={
            tier: Verdict(
                tier=tier,
                rating=rating,
                decision="continue" if shares[tier] else "cancel",
                share_pct=shares[tier],
                gap="",
                reasons=("measured",),
            )
            for tier, rating in ratings.items()
        },
        scripts={tier: paper_script(tier) for tier in ratings},
        headers={
            f"shot_plans/{tier}.{scene}": Header("d", {}, {f"k{k}": "d" for k in range(1, shots + 1)}, None, "1")
            for tier in ratings
            for scene, shots in (("s02", 2), ("s03", 3))
        },
        **more,
    )


SEED = {"animated": 85.0, "photoreal": 72.0, "static": 58.0}


def caps_of(ledger: Ledger) -> dict[str, Decimal]:
    return {tier: ledger.caps()[own(tier)] for tier in SEED}


def test_by_threshold_the_cancelled_pilots_money_goes_to_the_best(ledger: Ledger) -> None:
    open_envelopes(ledger, "lamp", Decimal(100), strategies(animated=30, photoreal=40, static=20))
    for tier in SEED:
        spend(ledger, tier, "5")
    moved = move_money(ledger, judged(SEED))
    assert moved is not None
    assert moved.shares == {"animated": 100, "photoreal": 50, "static": 0}
    after = caps_of(ledger)
    assert after["static"] == 5, "what is spent stays spent"
    assert after["photoreal"] < 40
    assert sum(after.values()) == 90, "the reserve is nobody's"
    assert carried_out(ledger, "lamp") == moved.shares


def test_by_halving_the_worse_half_gives_its_money_up(ledger: Ledger) -> None:
    open_envelopes(ledger, "lamp", Decimal(100), strategies(animated=30, photoreal=40, static=20))
    moved = move_money(ledger, judged({"animated": 90.0, "photoreal": 85.0, "static": 30.0}, "halving"))
    assert moved is not None
    assert (moved.shares["animated"], moved.shares["photoreal"], moved.shares["static"]) == (100, 100, 0)
    assert caps_of(ledger)["static"] == 0
    assert sum(caps_of(ledger).values()) == 90


@pytest.mark.parametrize("policy", ["threshold", "halving"])
def test_money_is_moved_once_for_ever(ledger: Ledger, policy: str) -> None:
    open_envelopes(ledger, "lamp", Decimal(100), strategies(animated=30, photoreal=40, static=20))
    assert move_money(ledger, judged(SEED, policy)) is not None
    after, shares = caps_of(ledger), carried_out(ledger, "lamp")
    worse = {"animated": 20.0, "photoreal": 95.0, "static": 99.0}
    assert move_money(ledger, judged(worse, policy)) is None, "a retake's new rating moves nothing back"
    assert (caps_of(ledger), carried_out(ledger, "lamp")) == (after, shares)


def rated(**ratings: float) -> dict[str, tuple[RatedShot, ...]]:
    return {
        tier: tuple(RatedShot(f"{tier}.s01.k{k}", {1: rating}, Decimal(1)) for k in range(1, 9))
        for tier, rating in ratings.items()
    }


def test_the_second_halving_leaves_one_and_happens_once(ledger: Ledger) -> None:
    open_envelopes(ledger, "lamp", Decimal(100), strategies(animated=30, photoreal=40, static=20))
    facts = judged(SEED, "halving", rated=rated(animated=90.0, photoreal=60.0))
    moved = halve_again(ledger, facts)
    assert moved is not None
    assert moved.shares == {"animated": 100, "photoreal": 0}
    assert caps_of(ledger) == {"animated": 70, "photoreal": 0, "static": 20}
    assert (ledger.decision(halved_money_key("lamp")) or {})["shares"] == moved.shares
    assert halve_again(ledger, facts) is None


def test_a_raised_budget_after_the_move_keeps_its_proportions(ledger: Ledger) -> None:
    open_envelopes(ledger, "lamp", Decimal(100), strategies(animated=30, photoreal=40, static=20))
    move_money(ledger, judged(SEED))
    before = caps_of(ledger)
    open_envelopes(ledger, "lamp", Decimal(200), strategies(animated=60, photoreal=80, static=40))
    after = caps_of(ledger)
    assert after["animated"] == 2 * before["animated"]
    assert after["static"] == before["static"], "who was cancelled is given nothing more"
    assert sum(after.values()) <= 200
