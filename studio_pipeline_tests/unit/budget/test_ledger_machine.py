"""Whatever is done to the ledger, by whomever and in any order: no envelope is overspent, nothing is bought twice.

A plain model of the same money (dictionaries and sums) says before each deed what must come of it. After each deed the
books of the ledger are those of the model.
"""

import datetime
import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from studio_pipeline.budget.ledger import (
    Ledger,
    day_envelope,
    pilot_envelope,
    production_envelope,
    shot_envelope,
    slate_envelope,
)
from studio_pipeline.budget.purchase import HELD, LIVE, OPEN, PAID, Account, Balance, Entry, PurchaseOrder
from studio_pipeline.budget.rate_cards import Quote
from studio_pipeline.budget.report import cost_report
from studio_pipeline.errors import BadInput, HomeLocked, OutOfBudget, ProviderFailed
from studio_pipeline.film.frozen import digest_of
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.liveness import Process

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # many small files, none worth a disk
CLIP = MediaRef(sha256="c" * 64, suffix=".mp4", size_bytes=7)
PRODUCTIONS, TIERS, PLACES = ("p", "q"), ("a", "b"), ("a.s01.k1", "b.s01.k1")
DAY = day_envelope(datetime.date(2026, 11, 21))
SLATES = (slate_envelope("one"), slate_envelope("two"))
CAPPED = (
    *map(production_envelope, PRODUCTIONS),
    *(pilot_envelope(production, tier) for production in PRODUCTIONS for tier in TIERS),
    *SLATES,
)
USD = st.integers(0, 4_000_000).map(lambda micro: Decimal(micro).scaleb(-6))
CAP = st.integers(0, 3_000_000).map(lambda micro: (20 * Decimal(micro).scaleb(-6)) % 53)  # most have room
CAPS = st.dictionaries(st.sampled_from(CAPPED), CAP, min_size=1)
WISHES = st.fixed_dictionaries(
    {
        "name": st.integers(0, 11),
        "production": st.sampled_from(PRODUCTIONS),
        "tier": st.sampled_from(TIERS),
        "place": st.sampled_from(PLACES),
        "shot_cap": st.none() | CAP,
        "day_cap": st.none() | CAP,
        "expected": USD,
        "most": USD,
        "simulated": st.booleans(),
        "steps": st.integers(0, 2),
    }
)
PERCENT = st.integers(0, 100)
ANY = st.integers(0, 10**6)
WORKERS = st.integers(0, 2)


@dataclass
class Line:
    """What the model knows of an entry."""

    entry: Entry
    envelopes: frozenset[str]
    state: str
    owner: str | None
    paid: Decimal = Decimal(0)
    job: str | None = None

    @property
    def committed(self) -> Decimal:
        return self.paid if self.state in PAID else self.entry.max_usd if self.state in HELD else Decimal(0)

    @property
    def excess(self) -> Decimal:
        """What the vendor charged above its word."""
        return max(self.paid - self.entry.max_usd, Decimal(0)) if self.state in PAID else Decimal(0)


def some(*states: str):
    """Only when there is a line in one of these states."""
    return precondition(lambda self: any(line.state in states for line in self.lines))


class Books(RuleBasedStateMachine):
    """Every deed of the ledger by three workers that die and come back, against the model."""

    def __init__(self, new_ledger: Callable[[], Ledger]) -> None:
        super().__init__()
        self.ledger = new_ledger()
        self.caps: dict[str, Decimal] = {}
        self.lines: list[Line] = []
        self.enrolled: set[tuple[str, str]] = set()
        self.decided: set[str] = set()
        self.avoided: dict[tuple[str, str, str], Decimal] = {}  # asking again for the same shot saves nothing more
        self.jobs = itertools.count()
        self.births = itertools.count()
        self.workers = [self.born() for _ in range(3)]
        self.me = self.workers[0]
        self.patches = [
            patch.object(Process, "current", lambda: self.me),
            patch.object(Process, "alive", lambda process: str(process) in map(str, self.workers)),
        ]
        for patched in self.patches:
            patched.start()

    def teardown(self):
        for patched in self.patches:
            patched.stop()

    def born(self) -> Process:
        return Process(host="set", boot="b", pid=4711, started=str(next(self.births)))

    def committed(self, envelope: str) -> Decimal:
        return sum((line.committed for line in self.lines if envelope in line.envelopes), Decimal(0))

    def one_of(self, pick: int, *states: str) -> Line:
        """A line in one of the states, and mostly by who is at work on it; now and then any line, by anybody."""
        lines = [line for line in self.lines if line.state in states]
        if pick % 8 == 7 or not lines:
            return self.lines[pick // 8 % len(self.lines)]
        line = lines[pick // 8 % len(lines)]
        if pick % 8 < 6:
            self.me = next((worker for worker in self.workers if str(worker) == line.owner), self.me)
        return line

    def may(self, line: Line, *states: str) -> bool:
        return line.state in states and line.owner in (None, str(self.me))

    def step(self, line: Line, origin: tuple[str, ...], deed: Callable[[Entry], Entry], **after) -> bool:
        """Do it, and hold the answer against the model; whether it was allowed."""
        if not self.may(line, *origin):
            with pytest.raises(HomeLocked):
                deed(line.entry)
            return False
        line.entry = deed(line.entry)
        for name, value in after.items():
            setattr(line, name, value)
        assert line.entry.state == line.state
        return True

    # Envelopes

    @initialize(caps=st.tuples(*(CAP for _ in CAPPED)), wishes=st.lists(WISHES, min_size=1, max_size=8))
    def open(self, caps, wishes):
        self.caps = self.ledger.set_caps(dict(zip(CAPPED, caps, strict=True)))
        for wish in wishes:
            self.wish(**wish)

    @rule(wanted=CAPS, once=st.none() | st.sampled_from("xy"))
    def move_caps(self, wanted, once):
        now = {name: max(cap, self.committed(name)) for name, cap in wanted.items()}
        if once in self.decided:
            assert not self.ledger.decide_once(once, wanted, {})
            return
        if once is None:
            assert self.ledger.set_caps(wanted) == now
        else:
            assert self.ledger.decide_once(once, wanted, {})
            self.decided.add(once)
        self.caps |= now

    @rule(production=st.sampled_from(PRODUCTIONS), slate=st.sampled_from(SLATES))
    def enrol(self, production, slate):
        self.ledger.enrol(production, slate)
        self.enrolled.add((production, slate))

    # Workers

    @rule(worker=WORKERS)
    def turn(self, worker):
        self.me = self.workers[worker]

    @rule(worker=WORKERS)
    def crash(self, worker):
        self.workers[worker] = self.me = self.born()

    # Purchases

    @rule(wish=WISHES)
    def reserve(self, wish):
        self.wish(**wish)

    def wish(self, *, name, production, tier, place, shot_cap, day_cap, expected, most, simulated, steps):
        """Want it, and when it may be had go ``steps`` further with it."""
        declared = {shot_envelope(production, place): shot_cap, DAY: day_cap}
        declared = {envelope: cap for envelope, cap in declared.items() if cap is not None}
        order = PurchaseOrder(
            identity=digest_of(name),
            account=Account(
                production=production,
                place=place,
                stage="shoot",
                envelopes=(production_envelope(production), pilot_envelope(production, tier)),
                caps=declared,
            ),
            vendor="painter",
            model="oil",
            take=1,
            quote=Quote(
                expected_usd=min(expected, most), max_usd=max(expected, most), simulated=simulated, source="a list"
            ),
        )
        live = [line for line in self.lines if line.entry.identity == order.identity and line.state in LIVE]
        if live:
            self.claim_again(live[0], order)
            return
        slates = {slate for enrolled, slate in self.enrolled if enrolled == production}
        envelopes = {*order.account.envelopes, *declared, *slates} - ({DAY} if simulated else set())
        caps = {
            envelope: max(declared[envelope], self.committed(envelope))
            if envelope in declared
            else self.caps.get(envelope, Decimal(0))
            for envelope in envelopes
        }
        left = {envelope: max(cap - self.committed(envelope), Decimal(0)) for envelope, cap in caps.items()}
        if min(left.values()) < order.quote.max_usd:
            with pytest.raises(OutOfBudget):
                self.ledger.reserve(order)
            return
        claim = self.ledger.reserve(order)
        assert (claim.kind, claim.adopted) == ("yours", False)
        self.caps |= caps
        line = Line(claim.entry, frozenset(envelopes), "reserved", str(self.me))
        self.lines.append(line)
        if steps > 0:
            self.step(line, ("reserved",), self.ledger.submitting, state="submitting")
        if steps > 1:
            self.give_job(line, "submitting", self.ledger.submitted, None)

    def claim_again(self, line: Line, order: PurchaseOrder) -> None:
        claim = self.ledger.reserve(order)
        assert claim.entry.id == line.entry.id
        if line.state not in OPEN:
            assert claim.kind == line.state
        elif line.owner in map(str, self.workers):
            assert claim.kind == "busy"
        else:
            assert (claim.kind, claim.adopted) == ("yours", True)
            line.entry, line.owner = claim.entry, str(self.me)
        if line.state == "settled":
            self.ledger.avoid(line.entry, order)
            self.avoided.setdefault((order.account.production, order.account.place, order.identity), line.paid)

    @some("reserved")
    @rule(pick=ANY)
    def begin(self, pick):
        line = self.one_of(pick, "reserved")
        self.step(line, ("reserved",), self.ledger.submitting, state="submitting")

    @some("submitting")
    @rule(pick=ANY, again=st.none() | ANY)
    def hand_in(self, pick, again):
        self.give_job(self.one_of(pick, "submitting"), "submitting", self.ledger.submitted, again)

    @some("ambiguous")
    @rule(pick=ANY, again=st.none() | ANY)
    def find(self, pick, again):
        self.give_job(self.one_of(pick, "ambiguous"), "ambiguous", self.ledger.found, again)

    def give_job(self, line: Line, origin: str, deed: Callable[[Entry, str], Entry], again: int | None) -> None:
        """With a new job, or with one that a vendor has named before."""
        known = [other.job for other in self.lines if other.job is not None]
        job = known[again % len(known)] if known and again is not None else f"job-{next(self.jobs)}"
        others = [o for o in self.lines if o is not line and o.job == job and not o.entry.simulated]
        if others and not line.entry.simulated:
            with pytest.raises(ProviderFailed, match="stays set aside"):
                deed(line.entry, job)
            return
        self.step(line, (origin,), lambda entry: deed(entry, job), state="submitted", job=job, owner=str(self.me))

    @some(*OPEN)
    @rule(pick=ANY)
    def touch(self, pick):
        self.step(self.one_of(pick, *OPEN), OPEN, self.ledger.touch)

    @some(*OPEN)
    @rule(pick=ANY)
    def let_go(self, pick):
        line = self.one_of(pick, *OPEN)
        self.ledger.let_go(line.entry)
        if line.state in OPEN and line.owner == str(self.me):
            line.owner = None

    @some("submitting", "submitted")
    @rule(pick=ANY)
    def hear_nothing(self, pick):
        line = self.one_of(pick, "submitting", "submitted")
        deed = lambda entry: self.ledger.ambiguous(entry, "silence")  # noqa: E731
        self.step(line, ("submitting", "submitted"), deed, state="ambiguous", owner=None)

    @some(*HELD)
    @rule(pick=ANY)
    def release(self, pick):
        line = self.one_of(pick, *HELD)
        self.step(line, HELD, lambda entry: self.ledger.release(entry, "not charged"), state="released", owner=None)

    @some("submitted")
    @rule(pick=ANY, percent=PERCENT, lost=st.booleans())
    def charge(self, pick, percent, lost):
        line = self.one_of(pick, "submitted")
        self.end(line, (line.entry.max_usd * percent / 100).quantize(Decimal("0.000001")), lost)

    @some("submitted")
    @rule(pick=ANY, excess=USD, lost=st.booleans())
    def overcharge(self, pick, excess, lost):
        """The vendor charges more than it said: its envelopes lose exactly what it took above its word."""
        line = self.one_of(pick, "submitted")
        before = {envelope: self.ledger.available(envelope) for envelope in line.envelopes}
        if self.end(line, line.entry.max_usd + excess, lost):
            for envelope, left in before.items():
                assert self.ledger.available(envelope) == left - excess

    def end(self, line: Line, usd: Decimal, lost: bool) -> bool:
        def deed(entry: Entry) -> Entry:
            return self.ledger.lose(entry, usd, "moderated") if lost else self.ledger.settle(entry, usd, CLIP)

        state = "lost" if lost else "settled"
        done = self.step(line, ("submitted", "ambiguous"), deed, state=state, paid=usd, owner=None)
        if done:
            self.check_drift(line)
        return done

    def check_drift(self, line: Line) -> None:
        quoted, most = line.entry.expected_usd, line.entry.max_usd
        open_what = quoted < most and line.paid < most  # a range: below its upper end nothing was promised
        drifts = not line.entry.simulated and not open_what and abs(line.paid - quoted) * 100 > quoted
        assert line.entry.drift_usd == (line.paid - quoted if drifts else None)
        assert any("price drift" in event for event in line.entry.events) == drifts

    @some("ambiguous", "submitted")
    @rule(pick=ANY, billed=st.booleans(), usd=st.none() | USD)
    def resolve(self, pick, billed, usd):
        line = self.one_of(pick, "ambiguous", "submitted")
        waited_for = line.state == "submitted" and line.owner in map(str, self.workers)
        if line.state not in ("ambiguous", "submitted") or waited_for:
            with pytest.raises(BadInput, match=f"is {line.state}"):
                self.ledger.resolve(line.entry.id, billed, "Ada")
            return
        line.entry = self.ledger.resolve(line.entry.id, billed, "Ada", amount_usd=usd if billed else None)
        line.state, line.owner = line.entry.state, None
        assert line.state == ("lost" if billed else "released")
        if billed:
            line.paid = line.entry.expected_usd if usd is None else usd
            self.check_drift(line)

    @some("settled")
    @rule(pick=ANY)
    def refile(self, pick):
        self.step(self.one_of(pick, "settled"), ("settled",), lambda entry: self.ledger.refile(entry, CLIP))

    # What always holds

    @invariant()
    def the_books_are_those_of_the_model(self):
        assert self.ledger.caps() == dict(sorted(self.caps.items()))
        everything = [self.ledger.statement(production) for production in PRODUCTIONS]
        for production, statement in zip(PRODUCTIONS, everything, strict=True):
            lines = [line for line in self.lines if line.entry.production == production]
            bought = [entry for entry in statement.entries if entry.state != "avoided"]
            assert [(e.id, e.state, e.owner, e.job_id) for e in bought] == [
                (line.entry.id, line.state, line.owner, line.job) for line in lines
            ]
            totals = statement.totals
            assert totals.settled_usd == sum((line.paid for line in lines if line.state in PAID), Decimal(0))
            assert totals.settled_usd + totals.reserved_usd == sum((line.committed for line in lines), Decimal(0))
            saved = (usd for (spared, _, _), usd in self.avoided.items() if spared == production)
            assert totals.avoided_usd == sum(saved, Decimal(0))
            overdrawn = [self.check(name, balance) for name, balance in statement.envelopes.items()]
            seen_now = SimpleNamespace(statement=lambda _production, seen=statement: seen)
            assert cost_report(seen_now, production).adds_up == (not any(overdrawn))
        self.check_nothing_was_bought_twice([entry for statement in everything for entry in statement.entries])

    def check(self, envelope: str, balance: Balance) -> bool:
        """Whether the envelope is overdrawn: only ever by what vendors took above their word."""
        lines = [line for line in self.lines if envelope in line.envelopes]
        used = balance.settled_usd + balance.reserved_usd
        assert balance.cap_usd == self.caps[envelope]
        assert balance.settled_usd == sum((line.paid for line in lines if line.state in PAID), Decimal(0))
        assert used == self.committed(envelope)
        assert used <= balance.cap_usd + sum((line.excess for line in lines), Decimal(0))
        return used > balance.cap_usd

    def check_nothing_was_bought_twice(self, entries: list[Entry]) -> None:
        live = Counter(entry.identity for entry in entries if entry.state in LIVE)
        jobs = Counter(entry.job_id for entry in entries if entry.job_id and not entry.simulated)
        assert all(times == 1 for times in (live | jobs).values())


def run(new_ledger: Callable[[], Ledger], *, examples: int, steps: int) -> None:
    run_state_machine_as_test(
        lambda: Books(new_ledger),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.fixture
def new_ledger(request):
    """Makes new ledgers, of the kind that the test is parametrised with."""
    with TemporaryDirectory(dir=MEMORY) as folder:
        numbers = itertools.count()

        def make() -> Ledger:
            if request.param == "postgres":
                return Ledger(request.getfixturevalue("postgres").empty_database())
            return Ledger(f"sqlite:///{folder}/{next(numbers)}.sqlite3")

        yield make


@pytest.mark.parametrize("new_ledger", ["sqlite"], indirect=True)
def test_no_sequence_of_deeds_breaks_the_books(new_ledger):
    run(new_ledger, examples=25, steps=30)


@pytest.mark.slow
@pytest.mark.parametrize("new_ledger", ["sqlite", "postgres"], indirect=True)
def test_no_long_sequence_of_deeds_breaks_the_books(new_ledger):
    run(new_ledger, examples=60, steps=60)
