"""Live progress: nothing off a terminal, and on one a line a pilot that only ever moves forward."""

from __future__ import annotations

import io
import os
import pty
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TextIO

import pytest

from studio_pipeline.budget.ledger import Ledger, pilot_envelope, production_envelope
from studio_pipeline.budget.purchase import Account, PurchaseOrder
from studio_pipeline.budget.rate_cards import Quote
from studio_pipeline.cli.progress import Progress
from studio_pipeline.film.frozen import digest_of
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.orchestration.call_sheet import CallSheet, PilotStatus
from studio_pipeline.orchestration.facts import Facts

CLIP = MediaRef(sha256="0" * 64, suffix=".mp4", size_bytes=1)
SHEET = CallSheet("lamp", "working", pilots={"static": PilotStatus("test shoot", 4, 8)})


class _Facts(Facts):
    def shots(self, scene_place: str) -> list[str]:
        return [f"{scene_place}.k1", f"{scene_place}.k2"]


FACTS = _Facts("lamp", scripts={"static": SimpleNamespace(scenes=[SimpleNamespace(number=n) for n in (1, 2)])})  # type: ignore[dict-item]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
    made.set_caps({production_envelope("lamp"): Decimal(10), pilot_envelope("lamp", "static"): Decimal(5)})
    return made


@pytest.fixture
def terminal() -> Iterator[TextIO]:
    ours, theirs = pty.openpty()
    with open(theirs, "w", encoding="utf-8") as stream:  # noqa: PTH123
        yield stream
    os.close(ours)


def _buy(ledger: Ledger, place: str, what: str) -> None:
    account = Account(
        production="lamp",
        place=place,
        stage="shooting",
        envelopes=(production_envelope("lamp"), pilot_envelope("lamp", "static")),
    )
    quote = Quote(expected_usd=Decimal("0.25"), max_usd=Decimal("0.25"), simulated=True, source="test")
    order = PurchaseOrder(
        identity=digest_of([place, what]), account=account, vendor="storyboard", model=what, take=1, quote=quote
    )
    entry = ledger.submitted(ledger.submitting(ledger.reserve(order).entry), "job")
    ledger.settle(entry, Decimal("0.25"), CLIP)


def _request(job: str, first: str, last: str) -> Any:
    return SimpleNamespace(job_name=job, tags={"studio/work": f"{job}:{first}:{last}:abc"})


def test_nothing_is_drawn_where_nobody_watches(ledger: Ledger) -> None:
    file = io.StringIO()
    with Progress("lamp", ledger, file) as progress:
        progress.watch(SHEET, FACTS, None)
        progress.watch(SHEET, FACTS, _request("shoot", "static.s01.k1", "static.s02.k2"))
    assert file.getvalue() == ""


def test_nothing_is_drawn_on_a_terminal_that_reads_json(ledger: Ledger, terminal: TextIO) -> None:
    with Progress("lamp", ledger, terminal, quiet=True) as progress:
        assert progress.drawing is False


def test_a_running_shoot_counts_each_shot_it_has_bought(ledger: Ledger, terminal: TextIO) -> None:
    with Progress("lamp", ledger, terminal) as progress:
        progress.watch(SHEET, FACTS, None)
        progress.watch(SHEET, FACTS, _request("shoot", "static.s01.k1", "static.s02.k2"))
        before = progress.lines()[0]
        for what in ("still", "clip"):
            _buy(ledger, "static.s01.k1", what)
        after = progress.lines()[0]
    assert (before.share, after.share) == (4 / 8, 5 / 8)
    assert (after.spent_usd, after.budget_usd) == (Decimal("0.50"), Decimal("5.00"))


def test_a_pilot_never_moves_back_when_the_next_run_begins(ledger: Ledger, terminal: TextIO) -> None:
    with Progress("lamp", ledger, terminal) as progress:
        progress.watch(SHEET, FACTS, None)
        progress.watch(SHEET, FACTS, _request("shoot", "static.s01.k1", "static.s01.k2"))
        progress.watch(SHEET, FACTS, _request("inspect", "static.s01", "static.s02"))
        assert progress.lines()[0].share == 6 / 8
        progress.watch(CallSheet("lamp", "working", pilots={"static": PilotStatus("verdict", 8, 8)}), FACTS, None)
        assert progress.lines()[0].share == 1.0


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (_request("shoot", "static.s01.k1", "static.s02.k2"), "shooting static · 4 shots"),
        (_request("inspect", "static.s01", "static.s02"), "inspecting what was shot · static · 2 scenes"),
        (_request("finish", "", ""), "rendering the film"),
        (None, "looking what comes next"),
    ],
)
def test_what_runs_now_is_said_in_words(ledger: Ledger, terminal: TextIO, request_: Any, words: str) -> None:
    with Progress("lamp", ledger, terminal) as progress:
        progress.watch(SHEET, FACTS, request_)
        assert words in progress.doing()
