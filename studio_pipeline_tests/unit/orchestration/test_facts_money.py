"""What a pilot may still spend is what every envelope over it has left: else a shot is asked for again for ever."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import dagster as dg
import pytest

from studio_pipeline.budget.envelopes import (
    day_envelope,
    pilot_envelope,
    production_envelope,
    slate_envelope,
    utc_today,
)
from studio_pipeline.budget.purchase import Account, PurchaseOrder
from studio_pipeline.budget.rate_cards import Quote
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.pilot import Pilot, Strategies
from studio_pipeline.orchestration.artifacts import Made
from studio_pipeline.orchestration.studio_home import StudioHome
from studio_pipeline.settings import settings

LAMP = Brief(title="Lamp", concept="A lamp is lit.", duration_s=10, budget_usd=Decimal(20))


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture
def day_cap(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("STUDIO_DAY_CAP_USD", "6")
    settings.cache_clear()
    yield
    settings.cache_clear()


def home_of(root: Path, *, simulate: bool, brief: Brief = LAMP) -> StudioHome:
    """A home with one production of one pilot, of $20 and $8."""
    home = StudioHome(
        root=str(root),
        artifacts_url=str(root / "artifacts"),
        ledger_url=f"sqlite:///{root}/l.sqlite3",
        simulate=simulate,
    )
    home.orders.hand_in(brief)
    pilot = Pilot(
        tier="animated",
        look="",
        image_model="a/i",
        video_model="a/v",
        budget_usd=Decimal(8),
        expected_cost_usd=Decimal(1),
        why="",
    )
    made = Made(Strategies(pilots=(pilot,), reserve_usd=Decimal(2)))
    home.artifacts.write("pilot_strategies", Cell(production=brief.production), made, code_version="1", run_id="r")
    name = brief.production
    home.ledger.set_caps({production_envelope(name): Decimal(20), pilot_envelope(name, "animated"): Decimal(8)})
    return home


def spend(home: StudioHome, usd: str, *envelopes: str, production: str = "reef", simulated: bool = False) -> None:
    amount = Decimal(usd)
    order = PurchaseOrder(
        identity=f"{len(home.ledger.caps()):064x}",
        account=Account(production=production, place="x", stage="shooting", envelopes=envelopes),
        vendor="v",
        model="v/m",
        take=1,
        quote=Quote(expected_usd=amount, max_usd=amount, simulated=simulated, source="tag"),
    )
    entry = home.ledger.submitting(home.ledger.reserve(order).entry)
    entry = home.ledger.submitted(entry, f"job {usd}")
    home.ledger.settle(entry, amount, MediaRef(sha256="0" * 64, suffix=".png", size_bytes=1))


def left_usd(home: StudioHome, instance: dg.DagsterInstance, name: str = "lamp") -> Decimal:
    return home.facts(name, instance).left_usd["animated"]


def test_a_pilot_has_what_its_own_envelope_has_left(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    home = home_of(tmp_path, simulate=True)
    assert left_usd(home, instance) == 8
    spend(home, "3", pilot_envelope("lamp", "animated"), production_envelope("lamp"), production="lamp")
    assert left_usd(home, instance) == 5


def test_and_not_more_than_the_production_has(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    home = home_of(tmp_path, simulate=True)
    spend(home, "19", production_envelope("lamp"), production="lamp")
    assert left_usd(home, instance) == 1


def test_and_not_more_than_its_slate_has(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    home = home_of(tmp_path, simulate=True)
    home.ledger.set_caps({slate_envelope("night"): Decimal(5)})
    home.ledger.enrol("lamp", slate_envelope("night"))
    spend(home, "4", slate_envelope("night"))
    assert left_usd(home, instance) == 1


def test_and_not_more_than_the_day_has(tmp_path: Path, instance: dg.DagsterInstance, day_cap: None) -> None:
    home = home_of(tmp_path, simulate=False)
    assert left_usd(home, instance) == 6
    home.ledger.set_caps({day_envelope(utc_today()): Decimal(6)})
    spend(home, "5", day_envelope(utc_today()))
    assert left_usd(home, instance) == 1


def test_what_nobody_charges_is_not_held_up_by_the_day(
    tmp_path: Path, instance: dg.DagsterInstance, day_cap: None
) -> None:
    assert left_usd(home_of(tmp_path / "a", simulate=True), instance) == 8
    rehearsal = LAMP.model_copy(update={"rehearse": True})
    assert left_usd(home_of(tmp_path / "b", simulate=False, brief=rehearsal), instance) == 8
