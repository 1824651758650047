"""Caps over productions, at a shell: the day's and the slate's stop a film cleanly, and with more money it goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal

import pytest

from studio_pipeline.budget.envelopes import slate_envelope
from studio_pipeline.fake_vendor.server import FakeVendor
from studio_pipeline_tests.backlot.studio import SKETCH, Studio

pytestmark = pytest.mark.slow

NIGHT = slate_envelope("night")


@pytest.fixture
def fake() -> Iterator[FakeVendor]:
    with FakeVendor() as vendors:
        yield vendors


def test_the_days_cap_makes_a_partial_film_and_the_next_day_finishes_it(empty: Studio, fake: FakeVendor) -> None:
    empty.write_brief(SKETCH | {"tiers": ["animated"]}, name="sketch.yaml")
    here = {**fake.environ(), "LANGUAGE_PROVIDER": "rules", "VIDEO_PROVIDER": "openai-videos"}
    capped = here | {"STUDIO_DAY_CAP_USD": "0.07"}
    today = empty.run("produce", "sketch.yaml", "--choose", "recommended", "--json", env=capped)
    assert (today.code, today.told["state"]) == (3, "partial"), today.stderr
    assert 0 < fake.meter.total_usd <= Decimal("0.07")
    missing = empty.run("status", "sketch", "--json", env=capped).told["missing"]
    assert missing
    assert "Go on tomorrow" in missing[0]["reason"]
    again = empty.run("produce", "sketch", "--json", env=capped)
    assert (again.code, again.told["settled_usd"]) == (3, today.told["settled_usd"]), "it asks for nothing in vain"
    without = empty.run("produce", "sketch", "--json", env=here)
    assert (without.code, without.told["state"]) == (0, "delivered"), without.stderr
    assert Decimal(without.told["settled_usd"]) == fake.meter.total_usd


def slate_of(studio: Studio, budget_usd: float, *titles: str) -> None:
    for title in titles:
        studio.write_brief(SKETCH | {"title": title, "budget_usd": 1}, name=f"{title}.yaml")
    slate = {
        "name": "night",
        "choose": "recommended",
        "budget_usd": budget_usd,
        "briefs": [f"{t}.yaml" for t in titles],
    }
    (studio.root / "night.yaml").write_text(json.dumps(slate))


def test_a_slate_refuses_only_what_it_cannot_pay_and_its_cap_holds_for_retakes(empty: Studio) -> None:
    slate_of(empty, 1.01, "Dawn", "Dusk")
    ran = empty.run("batch", "night.yaml", "--json")
    dawn, dusk = ran.told["productions"]
    assert (dawn["state"], dawn["exit_code"], dusk["exit_code"], ran.code) == ("delivered", 0, 3, 3)
    assert "The slate has $0." in dusk["error"]
    assert empty.home.orders.productions() == ["dawn"]
    spent = Decimal(dawn["settled_usd"])
    assert empty.ledger.balance(NIGHT).settled_usd == spent

    empty.ledger.set_caps({NIGHT: spent + Decimal("0.01")})
    refused = empty.run("retake", "dawn", "static.s01.k1", "--note", "closer", "--json")
    assert refused.code == 3
    assert "slate:night" in refused.told["error"]["message"]
    assert empty.ledger.balance(NIGHT).settled_usd <= spent + Decimal("0.01")

    empty.ledger.set_caps({NIGHT: spent + 1})
    assert empty.ok("retake", "dawn", "static.s01.k1", "--note", "closer")["retake"]["take"] == 2
