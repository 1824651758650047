"""Shots, slates and days: envelopes that the buyer declares, and those a production is enrolled in."""

import datetime
from decimal import Decimal

import pytest

from studio_pipeline.budget.ledger import day_envelope, shot_envelope, slate_envelope
from studio_pipeline.budget.purchase import PurchaseOrder
from studio_pipeline.errors import OutOfBudget
from studio_pipeline.film.media_ref import MediaRef

CLIP = MediaRef(sha256="c" * 64, suffix=".mp4", size_bytes=7)
SHOT = shot_envelope("lighthouse", "animated.s01.k1")
DAY = day_envelope(datetime.date(2026, 11, 21))
SLATE = slate_envelope("november")


def declaring(order: PurchaseOrder, **caps: str) -> PurchaseOrder:
    """The order with declared caps: ``shot="2"``, ``day="3"``."""
    named = {{"shot": SHOT, "day": DAY}[name]: Decimal(cap) for name, cap in caps.items()}
    return order.model_copy(update={"account": order.account.model_copy(update={"caps": named})})


def simulated(order: PurchaseOrder) -> PurchaseOrder:
    return order.model_copy(update={"quote": order.quote.model_copy(update={"simulated": True})})


def test_envelopes_have_names_that_a_person_can_read():
    assert (SHOT, DAY, SLATE) == ("shot:lighthouse|animated.s01.k1", "day:2026-11-21", "slate:november")


def test_the_takes_of_a_shot_share_the_cap_that_their_buyer_declares(ledger, order):
    ledger.reserve(declaring(order("take 1", "2"), shot="5"))
    ledger.reserve(declaring(order("take 2", "2"), shot="5"))
    with pytest.raises(OutOfBudget, match=r"shot:lighthouse\|animated\.s01\.k1 has \$1\.00 left"):
        ledger.reserve(declaring(order("take 3", "2"), shot="5"))
    ledger.reserve(declaring(order("take 3", "2"), shot="6"))
    assert ledger.balance(SHOT).cap_usd == ledger.balance(SHOT).reserved_usd == Decimal(6)


def test_a_declared_cap_never_falls_below_what_is_spent_and_set_aside(ledger, order):
    ledger.reserve(declaring(order("one", "2"), shot="5"))
    ledger.reserve(declaring(order("free", "0"), shot="1"))
    assert ledger.balance(SHOT).cap_usd == Decimal(2)


def test_a_refused_purchase_changes_no_declared_cap(ledger, order):
    with pytest.raises(OutOfBudget):
        ledger.reserve(declaring(order("one", "100"), shot="5"))
    assert SHOT not in ledger.caps()


def test_a_day_counts_what_is_really_charged_over_all_productions(ledger, order):
    ledger.set_caps({"production:harbour": Decimal(9), "pilot:harbour|animated": Decimal(9)})
    ledger.reserve(declaring(order("here", "2"), day="3"))
    ledger.reserve(simulated(declaring(order("rehearsed", "4"), day="3")))
    with pytest.raises(OutOfBudget, match=r"day:2026-11-21 has \$1\.00 left.*tomorrow"):
        ledger.reserve(declaring(order("there", "2", production="harbour"), day="3"))
    assert ledger.balance(DAY).reserved_usd == Decimal(2)


def test_an_enrolled_production_buys_out_of_its_slate_whoever_buys(ledger, order):
    ledger.set_caps({SLATE: Decimal(3)})
    ledger.reserve(order("before", "2"))
    ledger.enrol("lighthouse", SLATE)
    ledger.enrol("lighthouse", SLATE)
    assert ledger.available(SLATE) == Decimal(3), "what was set aside before is not moved"
    ledger.reserve(order("after", "2"))
    with pytest.raises(OutOfBudget, match=r"slate:november has \$1\.00 left.*slate"):
        ledger.reserve(order("too much", "2"))
    assert ledger.balance(SLATE).reserved_usd == Decimal(2)


def test_a_slate_that_nobody_gave_money_has_none(ledger, order):
    ledger.enrol("lighthouse", SLATE)
    with pytest.raises(OutOfBudget, match="slate:november has"):
        ledger.reserve(order())
    ledger.reserve(order("for nothing", "0"))


def test_a_slate_holds_its_productions_together_and_leaves_others_alone(ledger, order):
    for production in ("harbour", "cliff"):
        ledger.set_caps({f"production:{production}": Decimal(9), f"pilot:{production}|animated": Decimal(9)})
    ledger.set_caps({SLATE: Decimal(5)})
    ledger.enrol("lighthouse", SLATE)
    ledger.enrol("harbour", SLATE)
    ledger.reserve(order("one", "3"))
    with pytest.raises(OutOfBudget, match="slate:november"):
        ledger.reserve(order("two", "3", production="harbour"))
    ledger.reserve(order("three", "3", production="cliff"))


def test_what_was_spent_is_spent_in_every_envelope(ledger, order):
    ledger.set_caps({SLATE: Decimal(5)})
    ledger.enrol("lighthouse", SLATE)
    entry = ledger.reserve(declaring(order("one", "3"), shot="5", day="5")).entry
    ledger.settle(ledger.submitted(ledger.submitting(entry), "job"), Decimal("1.5"), CLIP)
    assert {name: ledger.available(name) for name in (SHOT, DAY, SLATE)} == dict.fromkeys(
        (SHOT, DAY, SLATE), Decimal("3.5")
    )


def test_a_statement_has_every_envelope_the_production_pays_from(ledger, order):
    ledger.set_caps(
        {SLATE: Decimal(5), "production:lighthouse-2": Decimal(5), "pilot:lighthouse-2|animated": Decimal(1)}
    )
    ledger.enrol("lighthouse", SLATE)
    entry = ledger.reserve(declaring(order("one", "3"), shot="5", day="5")).entry
    statement = ledger.statement("lighthouse")
    own = {"production:lighthouse", "pilot:lighthouse|animated"}
    assert set(statement.envelopes) == own | {"pilot:lighthouse|static", SHOT, DAY, SLATE}
    assert set(statement.paid_from[entry.id]) == own | {SHOT, DAY, SLATE}
