"""Orders and ledgers for the tests of money."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from studio_pipeline.budget.ledger import Ledger, pilot_envelope, production_envelope
from studio_pipeline.budget.purchase import Account, PurchaseOrder
from studio_pipeline.budget.rate_cards import Quote
from studio_pipeline.film.frozen import digest_of

MakeOrder = Callable[..., PurchaseOrder]


def make_order(
    name: str = "a shot",
    usd: str = "1",
    *,
    tier: str = "animated",
    production: str = "lighthouse",
    stage: str = "shoot",
) -> PurchaseOrder:
    return PurchaseOrder(
        identity=digest_of(name),
        account=Account(
            production=production,
            place=f"{tier}.s01.k1",
            stage="shoot",
            envelopes=(production_envelope(production), pilot_envelope(production, tier)),
        ),
        vendor="painter",
        model="painter/oil",
        take=1,
        quote=Quote(expected_usd=Decimal(usd), max_usd=Decimal(usd), simulated=False, source="a price list"),
    )


@pytest.fixture
def order() -> MakeOrder:
    return make_order


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty place for a ledger, in a file and on a server."""
    if request.param == "postgres":
        return request.getfixturevalue("postgres").empty_database()
    return f"sqlite:///{tmp_path / 'ledger.sqlite3'}"


@pytest.fixture
def ledger(url: str) -> Ledger:
    """A ledger with $10 for the lighthouse: $6 for its animated pilot, $4 for its static one."""
    ledger = Ledger(url)
    ledger.set_caps(
        {
            production_envelope("lighthouse"): Decimal(10),
            pilot_envelope("lighthouse", "animated"): Decimal(6),
            pilot_envelope("lighthouse", "static"): Decimal(4),
        }
    )
    return ledger
