"""Whatever is done to the ledger, in any order, no envelope is overspent and nothing is bought twice."""

import tempfile
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from studio_pipeline.budget.ledger import Ledger
from studio_pipeline.budget.purchase import LIVE, Account, PurchaseOrder
from studio_pipeline.budget.rate_cards import Quote
from studio_pipeline.errors import OutOfBudget
from studio_pipeline.film.frozen import digest_of
from studio_pipeline.film.media_ref import MediaRef

WHOLE, PILOTS = "production:p", ("pilot:p|a", "pilot:p|b")
CLIP = MediaRef(sha256="c" * 64, suffix=".mp4", size_bytes=7)
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # hundreds of small files, none worth a disk
USD = st.integers(0, 4_000_000).map(lambda micro: Decimal(micro).scaleb(-6))
PERCENT = st.integers(0, 100)


class AnySequence(RuleBasedStateMachine):
    """Reservations, steps, settlements and moved caps, against a plain model of the same money."""

    reserved, submitting, submitted, ambiguous = map(Bundle, ("reserved", "submitting", "submitted", "ambiguous"))

    @initialize(whole=USD, a=USD, b=USD)
    def open(self, whole, a, b):
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY)
        self.ledger = Ledger(f"sqlite:///{Path(self.folder.name) / 'ledger.sqlite3'}")
        self.caps = {WHOLE: whole, PILOTS[0]: a, PILOTS[1]: b}
        self.ledger.set_caps(self.caps)
        self.held: dict[str, tuple[str, Decimal]] = {}
        self.spent = {WHOLE: Decimal(0), PILOTS[0]: Decimal(0), PILOTS[1]: Decimal(0)}

    def teardown(self):
        if hasattr(self, "folder"):
            self.folder.cleanup()

    def committed(self, envelope):
        held = sum((usd for pilot, usd in self.held.values() if envelope in (WHOLE, pilot)), Decimal(0))
        return self.spent[envelope] + held

    def spend(self, entry, usd):
        pilot, _ = self.held.pop(entry.id)
        self.spent[pilot] += usd
        self.spent[WHOLE] += usd

    @rule(target=reserved, name=st.integers(0, 7), pilot=st.sampled_from(PILOTS), usd=USD)
    def reserve(self, name, pilot, usd):
        order = PurchaseOrder(
            identity=digest_of(name),
            account=Account(production="p", place="a", stage="shoot", envelopes=(WHOLE, pilot)),
            vendor="painter",
            model="oil",
            take=1,
            quote=Quote(expected_usd=usd, max_usd=usd, simulated=False, source=""),
        )
        room = all(self.caps[envelope] - self.committed(envelope) >= usd for envelope in (WHOLE, pilot))
        bought_before = self.ledger.find(order.identity)
        try:
            claim = self.ledger.reserve(order)
        except OutOfBudget:
            assert not room
            assert bought_before is None
            return multiple()
        if bought_before is not None:
            assert claim.kind != "yours"
            return multiple()
        assert room
        self.held[claim.entry.id] = (pilot, usd)
        return claim.entry

    @rule(target=submitting, entry=consumes(reserved))
    def begin(self, entry):
        return self.ledger.submitting(entry)

    @rule(target=submitted, entry=consumes(submitting))
    def hand_in(self, entry):
        return self.ledger.submitted(entry, f"job-{entry.id}")

    @rule(target=ambiguous, entry=consumes(submitting))
    def hear_nothing(self, entry):
        return self.ledger.ambiguous(entry, "silence")

    @rule(entry=st.one_of(consumes(submitted), consumes(ambiguous)), percent=PERCENT)
    def settle(self, entry, percent):
        usd = (entry.max_usd * percent / 100).quantize(Decimal("0.000001"))
        self.spend(entry, usd)
        self.ledger.settle(entry, usd, CLIP)

    @rule(entry=consumes(submitted))
    def lose(self, entry):
        self.spend(entry, entry.max_usd)
        self.ledger.lose(entry, entry.max_usd, "moderated")

    @rule(entry=st.one_of(consumes(reserved), consumes(submitting), consumes(submitted), consumes(ambiguous)))
    def release(self, entry):
        del self.held[entry.id]
        self.ledger.release(entry, "not charged")

    @rule(wanted=st.dictionaries(st.sampled_from((WHOLE, *PILOTS)), USD, min_size=1))
    def move_caps(self, wanted):
        now = self.ledger.set_caps(wanted)
        for envelope, cap in wanted.items():
            assert now[envelope] == max(cap, self.committed(envelope))
        self.caps |= now

    @invariant()
    def no_envelope_is_overspent_and_the_sums_are_right(self):
        if not hasattr(self, "ledger"):
            return
        for envelope in (WHOLE, *PILOTS):
            balance = self.ledger.balance(envelope)
            assert balance.settled_usd + balance.reserved_usd <= balance.cap_usd
            assert balance.cap_usd == self.caps[envelope]
            assert balance.settled_usd == self.spent[envelope]
            assert balance.settled_usd + balance.reserved_usd == self.committed(envelope)

    @invariant()
    def no_identity_has_two_live_lines(self):
        if not hasattr(self, "ledger"):
            return
        live = Counter(entry.identity for entry in self.ledger.entries("p") if entry.state in LIVE)
        assert all(times == 1 for times in live.values())


TestAnySequence = AnySequence.TestCase
TestAnySequence.settings = settings(
    max_examples=20,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def test_a_transaction_that_fails_halfway_leaves_nothing(ledger, order, monkeypatch):
    """The line and its envelopes are written together or not at all."""
    from studio_pipeline.budget import purchases as module

    def power_cut(_row):
        raise RuntimeError("power cut")

    monkeypatch.setattr(module, "entry_of", power_cut)
    with pytest.raises(RuntimeError):
        ledger.reserve(order())
    monkeypatch.undo()
    assert ledger.entries("lighthouse") == []
    assert ledger.available("production:lighthouse") == Decimal(10)
