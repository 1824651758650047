import os
import time
from decimal import Decimal

import pytest

from studio_pipeline.budget import purchases
from studio_pipeline.budget.ledger import Ledger
from studio_pipeline.errors import BadInput, HomeLocked, OutOfBudget
from studio_pipeline.film.media_ref import MediaRef

WHOLE, ANIMATED, STATIC = "production:lighthouse", "pilot:lighthouse|animated", "pilot:lighthouse|static"
CLIP = MediaRef(sha256="c" * 64, suffix=".mp4", size_bytes=7)


def submitted(ledger, order):
    entry = ledger.submitting(ledger.reserve(order).entry)
    return ledger.submitted(entry, f"job-{entry.id}")


def settle(ledger, order, usd="1"):
    entry = submitted(ledger, order)
    return ledger.settle(entry, Decimal(usd), CLIP, details={"words": [1.5]}, events=["slow"])


def test_a_reservation_sets_the_maximum_aside_in_every_envelope_and_a_settlement_spends_the_real_price(ledger, order):
    entry = ledger.reserve(order(usd="2.5")).entry
    assert ledger.available(WHOLE) == Decimal("7.5")
    assert ledger.available(ANIMATED) == Decimal("3.5")
    assert ledger.available(STATIC) == Decimal(4)
    ledger.settle(ledger.submitted(ledger.submitting(entry), "job-1"), Decimal("1.25"), CLIP)
    assert ledger.balance(WHOLE).settled_usd == Decimal("1.25")
    assert ledger.balance(WHOLE).reserved_usd == 0
    assert ledger.available(ANIMATED) == Decimal("4.75")


def test_the_first_envelope_without_room_stops_the_purchase_and_nothing_is_written(ledger, order):
    with pytest.raises(OutOfBudget, match=r"pilot:lighthouse\|static has \$4\.00 left .* may cost \$5.*budget_usd"):
        ledger.reserve(order(usd="5", tier="static"))
    ledger.reserve(order("one", "6"))
    with pytest.raises(OutOfBudget, match=r"pilot:lighthouse\|animated has \$0\.00 left"):
        ledger.reserve(order("two", "0.000001"))
    assert len(ledger.entries("lighthouse")) == 1


def test_the_production_holds_even_where_its_pilots_were_given_more_together(ledger, order):
    ledger.set_caps({STATIC: Decimal(100)})
    ledger.reserve(order("one", "6"))
    with pytest.raises(OutOfBudget, match="production:lighthouse has"):
        ledger.reserve(order("two", "4.01", tier="static"))


def test_an_envelope_that_nobody_gave_money_has_none(ledger, order):
    assert ledger.available("pilot:lighthouse|photoreal") == 0
    with pytest.raises(OutOfBudget, match="photoreal has"):
        ledger.reserve(order(tier="photoreal"))


def test_the_last_micro_dollar_can_be_spent(ledger, order):
    ledger.reserve(order("one", "5.999999"))
    ledger.reserve(order("two", "0.000001"))
    assert ledger.available(ANIMATED) == 0


def test_amounts_that_floats_cannot_hold_add_up_exactly(ledger, order):
    for number in range(30):
        settle(ledger, order(f"shot {number}", "0.1"), "0.1")
    assert ledger.balance(WHOLE).settled_usd == Decimal(3)


def test_a_release_gives_the_money_back_and_the_same_thing_can_be_bought_again(ledger, order):
    first = ledger.reserve(order(usd="6")).entry
    ledger.release(first, "the vendor said no")
    again = ledger.reserve(order(usd="6"))
    assert again.kind == "yours"
    assert again.entry.id != first.id
    assert ledger.entries("lighthouse")[0].why == "the vendor said no"


def test_a_settled_purchase_comes_back_with_its_file_details_and_events_even_when_no_money_is_left(ledger, order):
    settle(ledger, order(usd="6"), "6")
    claim = ledger.reserve(order(usd="6"))
    assert claim.kind == "settled"
    assert claim.entry.media == CLIP
    assert claim.entry.details == {"words": [1.5]}
    assert claim.entry.events == ("slow",)
    assert claim.entry.job_id == "job-1"


def test_an_avoided_line_says_what_it_would_have_cost_and_costs_nothing(ledger, order):
    bought = settle(ledger, order(usd="2"), "1.5")
    for _ in range(2):  # asked for again it saves nothing more
        ledger.avoid(bought, order(usd="2"))
    totals = ledger.totals("lighthouse")
    assert (totals.settled_usd, totals.avoided_usd) == (Decimal("1.5"), Decimal("1.5"))
    assert ledger.balance(WHOLE).settled_usd == Decimal("1.5")


def test_a_failure_that_was_charged_is_spent_and_lost_and_not_bought_again(ledger, order):
    entry = submitted(ledger, order(usd="2"))
    ledger.lose(entry, Decimal(2), "moderated after rendering")
    assert ledger.reserve(order(usd="2")).kind == "lost"
    assert ledger.totals("lighthouse").lost_usd == Decimal(2)
    assert ledger.balance(ANIMATED).settled_usd == Decimal(2)


def test_ambiguous_money_stays_set_aside_until_somebody_settles_or_releases_it(ledger, order):
    entry = ledger.ambiguous(ledger.submitting(ledger.reserve(order(usd="2")).entry), "the line dropped")
    assert ledger.reserve(order(usd="2")).kind == "ambiguous"
    assert ledger.balance(ANIMATED).reserved_usd == Decimal(2)
    assert [held.id for held in ledger.open_entries()] == [entry.id]
    ledger.release(entry, "the vendor's bill does not have it")
    assert ledger.available(ANIMATED) == Decimal(6)


def test_the_steps_of_a_purchase_cannot_be_skipped_or_repeated(ledger, order):
    entry = ledger.reserve(order()).entry
    with pytest.raises(HomeLocked, match="is reserved"):
        ledger.submitted(entry, "job-1")
    with pytest.raises(HomeLocked):
        ledger.settle(entry, Decimal(1), CLIP)
    settled = ledger.settle(ledger.submitted(ledger.submitting(entry), "job-1"), Decimal(1), CLIP)
    with pytest.raises(HomeLocked, match="is settled"):
        ledger.settle(settled, Decimal(1), CLIP)
    with pytest.raises(HomeLocked):
        ledger.release(settled, "no")


def test_a_purchase_that_a_living_process_is_at_work_on_is_busy(ledger, order):
    entry = ledger.reserve(order()).entry
    assert ledger.reserve(order()).kind == "busy"
    ledger.let_go(entry)
    taken = ledger.reserve(order())
    assert (taken.kind, taken.adopted, taken.entry.id) == ("yours", True, entry.id)


def test_what_a_dead_process_left_is_taken_over_in_the_state_it_was_left_in(ledger, url, order):
    child = os.fork()
    if child == 0:
        theirs = Ledger(url)
        theirs.submitted(theirs.submitting(theirs.reserve(order()).entry), "job-7")
        os._exit(9)
    os.waitpid(child, 0)
    claim = ledger.reserve(order())
    assert (claim.kind, claim.adopted) == ("yours", True)
    assert (claim.entry.state, claim.entry.job_id) == ("submitted", "job-7")
    assert len(ledger.entries("lighthouse")) == 1


def test_a_process_of_another_machine_is_dead_after_a_long_silence_and_cannot_go_on_then(
    ledger, url, order, monkeypatch
):
    far = "elsewhere~b00t~4711~12"
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(purchases.Process, "current", lambda: far)
        theirs = ledger.reserve(order()).entry
    assert ledger.reserve(order()).kind == "busy"
    now = time.time()
    monkeypatch.setattr(purchases.time, "time", lambda: now + purchases.SILENT_S + 5)
    assert ledger.reserve(order()).kind == "yours"
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(purchases.Process, "current", lambda: far)
        with pytest.raises(HomeLocked, match="taken it over"):
            ledger.submitting(theirs)


def test_a_cap_cannot_fall_below_what_is_spent_and_set_aside_and_the_answer_says_where_it_is(ledger, order):
    settle(ledger, order("one", "1"))
    ledger.reserve(order("two", "2"))
    assert ledger.set_caps({ANIMATED: Decimal("0.5"), STATIC: Decimal("9.5")}) == {
        ANIMATED: Decimal(3),
        STATIC: Decimal("9.5"),
    }
    assert ledger.available(ANIMATED) == 0
    assert ledger.caps()[STATIC] == Decimal("9.5")


def test_a_decision_moves_money_once_however_often_it_is_carried_out(ledger):
    assert ledger.decision("verdicts:lighthouse") is None
    assert ledger.decide_once(
        "verdicts:lighthouse", {STATIC: Decimal(0), ANIMATED: Decimal(10)}, {"shares": {"animated": 100}}
    )
    assert not ledger.decide_once("verdicts:lighthouse", {STATIC: Decimal(4)}, {})
    assert ledger.decision("verdicts:lighthouse") == {"shares": {"animated": 100}}
    assert ledger.caps()[STATIC] == 0


@pytest.mark.parametrize("cap", ["-1", "NaN", "Infinity"])
def test_an_impossible_cap_is_refused_and_no_other_cap_moves(ledger, cap):
    with pytest.raises(BadInput, match="no amount of money"):
        ledger.set_caps({ANIMATED: Decimal(1), STATIC: Decimal(cap)})
    assert ledger.caps()[ANIMATED] == Decimal(6)


def test_a_vendor_that_charges_more_than_it_said_is_written_down_as_it_is(ledger, order):
    settle(ledger, order(usd="5"), "7")
    assert ledger.balance(ANIMATED).settled_usd == Decimal(7)
    with pytest.raises(OutOfBudget, match=r"has \$0\.00 left"):
        ledger.reserve(order("next", "0.01"))


def test_productions_have_separate_lines_and_sums(ledger, order):
    ledger.set_caps({"production:harbour": Decimal(5), "pilot:harbour|animated": Decimal(5)})
    settle(ledger, order("there", "1", production="harbour"))
    assert ledger.entries("lighthouse") == []
    assert ledger.totals("lighthouse").simulated is None
    assert ledger.totals("harbour").settled_usd == Decimal(1)
    assert ledger.totals("harbour").simulated is False


def test_a_transaction_that_fails_halfway_leaves_nothing(ledger, order, monkeypatch):
    """The line and its envelopes are written together or not at all."""

    def power_cut(_row):
        raise RuntimeError("power cut")

    monkeypatch.setattr(purchases, "entry_of", power_cut)
    with pytest.raises(RuntimeError):
        ledger.reserve(order())
    monkeypatch.undo()
    assert ledger.entries("lighthouse") == []
    assert ledger.available(WHOLE) == Decimal(10)
