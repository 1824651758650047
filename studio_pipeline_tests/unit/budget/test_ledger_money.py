"""What is no amount of money is refused wherever it comes in, and nothing is written."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_pipeline.budget.amounts import MOST_USD, dollars, micro, rounded_up
from studio_pipeline.errors import BadInput
from studio_pipeline.film.media_ref import MediaRef

CLIP = MediaRef(sha256="c" * 64, suffix=".mp4", size_bytes=7)
ANIMATED = "pilot:lighthouse|animated"
NO_AMOUNTS = {
    "negative": Decimal("-0.000001"),
    "not a number": Decimal("NaN"),
    "signalling": Decimal("sNaN"),
    "infinite": Decimal("Infinity"),
    "huge": Decimal("1E+9") + Decimal("0.000001"),
    "beyond all": Decimal("1E+999999"),
    "finer than a micro-dollar": Decimal("0.0000001"),
    "hidden behind many digits": Decimal("1.00000000000000000000000000000000000000001"),
    "next to nothing": Decimal("1E-999999"),
    "a float": 0.5,
    "text": "1",
    "nothing": None,
}


@pytest.fixture(params=NO_AMOUNTS.values(), ids=list(NO_AMOUNTS))
def wrong(request):
    return request.param


def books(ledger):
    return ledger.statement("lighthouse"), ledger.caps(), ledger.open_entries()


def test_nothing_is_reserved_declared_or_avoided_for_what_is_no_amount(ledger, order, wrong):
    bought = ledger.settle(_submitted(ledger, order("before")), Decimal(1), CLIP)
    before = books(ledger)
    for field in ("expected_usd", "max_usd"):
        wish = order("a shot")
        wish = wish.model_copy(update={"quote": wish.quote.model_copy(update={field: wrong})})
        for deed in (ledger.reserve, lambda wish: ledger.avoid(bought, wish)):
            with pytest.raises(BadInput, match="no amount of money"):
                deed(wish)
    wish = order("a shot")
    wish = wish.model_copy(update={"account": wish.account.model_copy(update={"caps": {"shot:x": wrong}})})
    with pytest.raises(BadInput, match="no amount of money"):
        ledger.reserve(wish)
    assert books(ledger) == before


def test_no_cap_moves_and_nothing_is_decided_for_what_is_no_amount(ledger, wrong):
    before = books(ledger)
    with pytest.raises(BadInput, match="no amount of money"):
        ledger.set_caps({ANIMATED: Decimal(1), "pilot:lighthouse|static": wrong})
    with pytest.raises(BadInput, match="no amount of money"):
        ledger.decide_once("verdicts:lighthouse", {ANIMATED: Decimal(1), "pilot:lighthouse|static": wrong}, {})
    assert books(ledger) == before
    assert ledger.decision("verdicts:lighthouse") is None


def test_no_purchase_ends_at_what_is_no_amount_and_it_can_still_end_well(ledger, order, wrong):
    entry = _submitted(ledger, order())
    silent = ledger.ambiguous(ledger.submitting(ledger.reserve(order("another")).entry), "silence")
    before = books(ledger)
    for deed in (
        lambda: ledger.settle(entry, wrong, CLIP),
        lambda: ledger.lose(entry, wrong, "moderated"),
        lambda: ledger.resolve(silent.id, True, "Ada", amount_usd=wrong if wrong is not None else Decimal(-1)),
    ):
        with pytest.raises(BadInput, match="no amount of money"):
            deed()
    assert books(ledger) == before
    assert ledger.settle(entry, Decimal(1), CLIP).state == "settled"


def test_a_quote_whose_most_is_less_than_what_is_expected_is_refused(ledger, order):
    wish = order("a shot", "1")
    wish = wish.model_copy(update={"quote": wish.quote.model_copy(update={"max_usd": Decimal("0.5")})})
    with pytest.raises(BadInput, match="cannot be less"):
        ledger.reserve(wish)
    assert ledger.entries("lighthouse") == []


@given(st.integers(0, int(MOST_USD) * 10**6))
def test_every_amount_comes_back_from_the_database_as_it_was(whole):
    assert micro(dollars(whole)) == whole


@given(st.decimals(0, MOST_USD - 1, allow_nan=False, places=12))
def test_a_price_finer_than_the_ledger_keeps_is_rounded_up_and_never_down(usd):
    assert 0 <= rounded_up(usd) - usd < Decimal("0.000001")
    assert dollars(micro(rounded_up(usd))) == rounded_up(usd)


def _submitted(ledger, order):
    entry = ledger.submitting(ledger.reserve(order).entry)
    return ledger.submitted(entry, f"job-{entry.id}")
