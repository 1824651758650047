"""What becomes of a purchase that nobody answered for, prices that drift, and old prices that a person accepts."""

import os
from decimal import Decimal

import pytest

from studio_pipeline.budget.ledger import Ledger
from studio_pipeline.errors import BadInput, HomeLocked, ProviderFailed
from studio_pipeline.film.media_ref import MediaRef

CLIP = MediaRef(sha256="c" * 64, suffix=".mp4", size_bytes=7)
ANIMATED = "pilot:lighthouse|animated"


def submitted(ledger, order):
    entry = ledger.submitting(ledger.reserve(order).entry)
    return ledger.submitted(entry, f"job-{entry.id}")


@pytest.fixture
def silent(ledger, order):
    """An entry of $2 that the vendor never answered for."""
    return ledger.ambiguous(ledger.submitting(ledger.reserve(order("a shot", "2")).entry), "the line dropped")


def test_a_job_found_in_the_vendors_list_is_gone_on_with_by_who_found_it(ledger, order, silent):
    entry = ledger.found(silent, "job-9")
    assert (entry.state, entry.job_id) == ("submitted", "job-9")
    assert ledger.reserve(order("a shot", "2")).kind == "busy"
    assert ledger.settle(entry, Decimal(2), CLIP).state == "settled"


def test_an_ambiguous_purchase_is_found_by_one_process_only(ledger, url, silent):
    child = os.fork()
    if child == 0:
        Ledger(url).found(silent, "job-9")
        os._exit(0)
    os.waitpid(child, 0)
    with pytest.raises(HomeLocked, match="is submitted"):
        ledger.found(silent, "job-9")


def test_one_job_never_pays_for_two_purchases(ledger, order, silent):
    theirs = submitted(ledger, order("another", "1"))
    with pytest.raises(ProviderFailed, match=rf"that of ledger entry {theirs.id}.*stays set aside"):
        ledger.found(silent, theirs.job_id)
    waiting = ledger.submitting(ledger.reserve(order("a third", "1")).entry)
    ledger.settle(theirs, Decimal(1), CLIP)
    with pytest.raises(ProviderFailed):
        ledger.submitted(waiting, theirs.job_id)
    assert [entry.state for entry in ledger.open_entries()] == ["ambiguous", "submitting"]


def test_offline_vendors_may_name_their_jobs_alike(ledger, order):
    for name in ("one", "two"):
        wish = order(name)
        wish = wish.model_copy(update={"quote": wish.quote.model_copy(update={"simulated": True})})
        ledger.submitted(ledger.submitting(ledger.reserve(wish).entry), "the same")
    assert ledger.job_ids("painter") == {"the same"}


def test_every_job_that_was_ever_known_is_known(ledger, order):
    ledger.release(submitted(ledger, order("one")), "failed")
    ledger.settle(submitted(ledger, order("two")), Decimal(1), CLIP)
    ledger.reserve(order("three"))
    assert ledger.job_ids("painter") == {"job-1", "job-2"}
    assert ledger.job_ids("sculptor") == set()


def test_a_person_says_that_it_was_billed(ledger, order, silent):
    entry = ledger.resolve(silent.id, True, "Ada")
    assert (entry.state, entry.settled_usd) == ("lost", Decimal(2))
    assert entry.why.startswith("Ada said on 20")
    assert entry.why.endswith("that it was charged; before: the line dropped")
    assert ledger.balance(ANIMATED).settled_usd == Decimal(2)
    assert ledger.reserve(order("a shot", "2")).kind == "lost"


def test_a_person_says_how_much_was_billed_and_the_drift_is_told(ledger, silent):
    entry = ledger.resolve(silent.id, True, "Ada", amount_usd=Decimal("1.5"))
    assert (entry.settled_usd, entry.drift_usd) == (Decimal("1.5"), Decimal("-0.5"))
    assert "(-25 %)" in entry.events[0]


def test_a_person_says_that_it_was_not_billed_and_it_can_be_bought_again(ledger, order, silent):
    assert ledger.resolve(silent.id, False, "Ada").state == "released"
    assert ledger.available(ANIMATED) == Decimal(6)
    assert ledger.reserve(order("a shot", "2")).kind == "yours"


@pytest.mark.parametrize("entry_id", ["", "99", "-1", "1; DROP TABLE entries", "½", "9" * 40, "1\0"])
def test_an_entry_that_is_not_there_is_told(ledger, silent, entry_id):
    with pytest.raises(BadInput, match=r"no entry.*--entries"):
        ledger.resolve(entry_id, True, "Ada")
    assert ledger.open_entries() == [silent]


@pytest.mark.parametrize("billed", [True, False])
def test_a_job_that_its_vendor_has_forgotten_is_decided_by_a_person_once_nobody_waits_for_it(ledger, order, billed):
    entry = submitted(ledger, order("forgotten"))
    with pytest.raises(BadInput, match=r"is submitted.*A process is at work"):
        ledger.resolve(entry.id, billed, "Ada")
    ledger.let_go(entry)
    assert ledger.resolve(entry.id, billed, "Ada").state == ("lost" if billed else "released")
    assert ledger.open_entries() == []


def test_a_job_that_was_named_wrongly_is_named_again(ledger, order, silent):
    ledger.name_job(silent.id, "job-7O")
    assert ledger.name_job(silent.id, "job-70").job_id == "job-70"
    assert ledger.reserve(order("a shot", "2")).entry.job_id == "job-70"


def test_only_an_entry_in_doubt_can_be_resolved_and_the_answer_says_what_it_is(ledger, url, order):
    at_work = ledger.submitting(ledger.reserve(order("at work")).entry)
    with pytest.raises(BadInput, match=r"is submitting.*A process is at work"):
        ledger.resolve(at_work.id, False, "Ada")
    child = os.fork()
    if child == 0:
        theirs = Ledger(url)
        theirs.submitting(theirs.reserve(order("left behind")).entry)
        os._exit(9)
    os.waitpid(child, 0)
    with pytest.raises(BadInput, match=r"is submitting.*Nobody is at work"):
        ledger.resolve(ledger.open_entries()[1].id, False, "Ada")
    closed = ledger.settle(submitted(ledger, order("closed")), Decimal(1), CLIP)
    with pytest.raises(BadInput, match=r"is settled.*nothing to resolve"):
        ledger.resolve(closed.id, True, "Ada")


def test_what_was_not_billed_has_no_amount(ledger, silent):
    with pytest.raises(BadInput, match="no amount"):
        ledger.resolve(silent.id, False, "Ada", amount_usd=Decimal(1))
    assert ledger.open_entries() == [silent]


def test_a_price_that_drifts_is_told_in_plain_words(ledger, order):
    entry = ledger.settle(submitted(ledger, order(usd="0.5")), Decimal("0.6"), CLIP, events=["slow"])
    assert entry.events == (
        "slow",
        "price drift: painter charged $0.60 where $0.50 was quoted (+20 %); look at its rate card",
    )
    assert entry.drift_usd == Decimal("0.1")


@pytest.mark.parametrize(("charged", "drifts"), [("1.01", False), ("1.010001", True), ("0.99", False), ("0.98", True)])
def test_a_price_drifts_from_one_per_cent_on(ledger, order, charged, drifts):
    entry = ledger.lose(submitted(ledger, order(usd="1")), Decimal(charged), "moderated")
    assert bool(entry.events) == drifts
    assert (entry.drift_usd is not None) == drifts


def test_a_simulated_price_does_not_drift(ledger, order):
    wish = order(usd="1")
    wish = wish.model_copy(update={"quote": wish.quote.model_copy(update={"simulated": True})})
    entry = ledger.settle(submitted(ledger, wish), Decimal("0.5"), CLIP)
    assert (entry.events, entry.drift_usd) == ((), None)
    assert ledger.totals("lighthouse").simulated_usd == Decimal("0.5")


def test_what_was_promised_for_nothing_and_charged_drifts_too(ledger, order):
    entry = ledger.settle(submitted(ledger, order(usd="0")), Decimal("0.1"), CLIP)
    assert "charged $0.10 where $0.00 was quoted; look" in entry.events[0]


def test_an_old_price_is_accepted_once_and_it_is_written_down_who_did(ledger, url):
    assert ledger.accepted_prices() == frozenset()
    ledger.accept_price("runway/gen4 at 0.05 since 2026-01-01", "Ada")
    ledger.accept_price("runway/gen4 at 0.05 since 2026-01-01", "Bob")
    ledger.decide_once("verdicts:lighthouse", {}, {})
    assert Ledger(url).accepted_prices() == {"runway/gen4 at 0.05 since 2026-01-01"}
    assert ledger.decision("accepted price: runway/gen4 at 0.05 since 2026-01-01") == {"who": "Ada"}


def test_words_that_a_database_cannot_keep_cost_no_paid_result(ledger, order):
    hostile = "half \ud800 a character, \0 nothing"
    entry = ledger.settle(
        submitted(ledger, order("one")), Decimal(1), CLIP, details={"said": hostile}, events=[hostile]
    )
    assert entry.state == "settled"
    assert "half ? a character" in entry.events[0]
    assert "nothing" in ledger.lose(submitted(ledger, order("two")), Decimal(1), hostile).why


def ranged(order, expected: str, most: str, name: str = "a thought"):
    wish = order(name, most)
    return wish.model_copy(update={"quote": wish.quote.model_copy(update={"expected_usd": Decimal(expected)})})


@pytest.mark.parametrize("charged", ["0", "0.3", "0.5", "0.9", "1.999999"])
def test_a_price_that_was_quoted_as_a_range_does_not_drift_within_it(ledger, order, charged):
    entry = ledger.settle(submitted(ledger, ranged(order, "0.5", "2")), Decimal(charged), CLIP)
    assert (entry.drift_usd, entry.events) == (None, ())


def test_a_price_that_leaves_its_range_drifts(ledger, order):
    entry = ledger.settle(submitted(ledger, ranged(order, "0.5", "2")), Decimal(3), CLIP)
    assert entry.drift_usd == Decimal("2.5")
    assert "charged $3.00 where $0.50 was quoted" in entry.events[0]


def test_who_stayed_below_the_most_that_was_quoted_has_not_overcharged(ledger, order):
    ledger.settle(submitted(ledger, ranged(order, "0.5", "2")), Decimal("1.9"), CLIP)
    assert ledger.overcharge("painter/oil", above_most=True) == 1
    ledger.settle(submitted(ledger, ranged(order, "0.5", "2", "another")), Decimal("2.5"), CLIP)
    assert ledger.overcharge("painter/oil", above_most=True) == Decimal("1.25")
