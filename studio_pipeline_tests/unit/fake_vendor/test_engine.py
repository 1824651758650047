"""The fake vendor bills what it accepts, however the answer goes wrong, and the same way for the same seed."""

from __future__ import annotations

import json
import threading
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_pipeline.errors import BadInput
from studio_pipeline.fake_vendor.engine import Engine, Order
from studio_pipeline.fake_vendor.faults import FAULTS, Fault, FaultName, Faults
from studio_pipeline.fake_vendor.meter import Meter

PRICE = Decimal("0.25")
NOT_TAKEN = ("overloaded", "unavailable", "moderated")
REFUNDED = ("failed_unbilled", "moderated_late")


def order(price: Decimal = PRICE, **more: object) -> Order:
    return Order(vendor="painter", model="oil", kind="image", price_usd=price, size=(32, 32), **more)  # type: ignore[arg-type]


class Clock:
    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def engine(clock: Clock | None = None, books: Path | None = None, **knobs: object) -> Engine:
    return Engine(Faults(**knobs), Meter(books), clock=clock or Clock())  # type: ignore[arg-type]


@pytest.mark.parametrize("fault", [None, *get_args(FaultName)])
def test_every_fault_costs_what_it_says(fault: FaultName | None) -> None:
    painter = engine()
    painter.plan(fault)
    try:
        painter.accept(order())
    except Fault as told:
        assert told.kind == fault
        assert (told.retry_after_s is not None) == (fault in ("overloaded", "unavailable"))
    jobs = painter.jobs("painter")
    assert len(jobs) == (0 if fault in NOT_TAKEN else 1)
    assert painter.meter.total_usd == (0 if fault in (*NOT_TAKEN, *REFUNDED) else PRICE)
    assert all(job.ended for job in jobs)


def test_a_job_ripens_and_is_billed_from_the_start() -> None:
    clock = Clock()
    painter = engine(clock, latency_s=10.0)
    job = painter.accept(order())
    states = []
    for _ in range(4):
        states.append(found.state if (found := painter.job(job.id)) else None)
        clock.now_s += 3.5
    assert states == ["queued", "running", "running", "succeeded"]
    assert painter.meter.total_usd == PRICE


def test_stopping_is_free_only_as_long_as_a_job_waits() -> None:
    clock = Clock()
    painter = engine(clock, latency_s=10.0)
    waiting = painter.accept(order())
    assert painter.cancel(waiting.id).billed_usd == 0  # type: ignore[union-attr]
    running = painter.accept(order())
    clock.now_s += 5
    assert painter.cancel(running.id).billed_usd == PRICE  # type: ignore[union-attr]
    assert painter.meter.total_usd == PRICE


def test_what_nobody_asks_about_is_settled_all_the_same() -> None:
    clock = Clock()
    painter = engine(clock, latency_s=10.0)
    painter.plan("failed_unbilled")
    painter.accept(order())
    assert painter.meter.total_usd == PRICE
    clock.now_s += 20
    painter.jobs()
    assert painter.meter.total_usd == 0


def test_a_price_that_drifted_is_rounded_up_to_what_the_vendor_bills_in() -> None:
    painter = engine(drift_pct=10.0)
    assert painter.accept(order(step_usd=Decimal("0.01"))).billed_usd == Decimal("0.28")


@given(seed=st.integers(0, 10_000), rate=st.floats(0.05, 0.9))
def test_the_same_seed_brings_the_same_faults(seed: int, rate: float) -> None:
    faults = Faults(seed=seed, dropped=rate, overloaded=rate / 2)
    assert [faults.drawn(turn) for turn in range(30)] == [faults.drawn(turn) for turn in range(30)]


def test_a_rate_is_about_the_share_of_orders_it_befalls() -> None:
    faults = Faults(dropped=0.2)
    assert 0.15 < sum(faults.drawn(turn) == "dropped" for turn in range(2000)) / 2000 < 0.25
    assert [Faults(**{name: 1.0}).drawn(1) for name in FAULTS] == list(FAULTS)


@pytest.mark.parametrize("knobs", [{"dropped": 1.5}, {"latency_s": -1.0}, {"drift_pct": float("nan")}])
def test_knobs_that_make_no_sense_are_refused(knobs: dict[str, float]) -> None:
    with pytest.raises(BadInput):
        Faults(**knobs)  # type: ignore[arg-type]


@pytest.mark.parametrize("knobs", [{"droped": 0.1}, {"dropped": "often"}, {"dropped": True}, {"seed": 1.5}])
def test_turning_a_knob_that_there_is_not_is_refused(knobs: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        Faults().changed(knobs)


def test_the_books_add_up_to_the_meter(tmp_path: Path) -> None:
    books = tmp_path / "books.jsonl"
    painter = engine(books=books, failed_unbilled=0.3, dropped=0.2, overloaded=0.2)

    def shop() -> None:
        for _ in range(10):
            try:
                painter.accept(order())
            except Fault:
                continue

    shoppers = [threading.Thread(target=shop) for _ in range(4)]
    for shopper in shoppers:
        shopper.start()
    for shopper in shoppers:
        shopper.join()
    painter.jobs()
    lines = [json.loads(line) for line in books.read_text().splitlines()]
    assert sum(Decimal(line["usd"]) for line in lines) == painter.meter.total_usd
    assert sum(line["event"] == "charged" for line in lines) == painter.meter.accepted("painter") == len(painter.jobs())
    assert {line["event"] for line in lines} == {"charged", "refunded", "refused"}
