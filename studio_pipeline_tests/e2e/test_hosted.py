"""A film from vendors that charge: the whole command against vendors that keep their own books, with faults."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from studio_pipeline.fake_vendor.faults import Faults
from studio_pipeline.fake_vendor.server import FakeVendor
from studio_pipeline.media.probe import probe
from studio_pipeline_tests.backlot.studio import Studio

pytestmark = pytest.mark.slow

BRIEF: dict[str, Any] = {
    "title": "Kite",
    "concept": "A girl flies a red kite on the shore and the wind takes it.",
    "duration_s": 10,
    "budget_usd": 5,
    "tiers": ["photoreal"],
}
STORM = Faults(
    latency_s=0.05,
    overloaded=0.1,
    error_after_accepting=0.08,
    dropped=0.05,
    moderated=0.08,
    moderated_late=0.05,
    failed_billed=0.1,
    failed_unbilled=0.1,
    damaged=0.05,
    retry_after_s=1,
)


@pytest.fixture
def fake() -> Iterator[FakeVendor]:
    with FakeVendor(faults=Faults(latency_s=0.05)) as vendors:
        yield vendors


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    made = Studio(tmp_path)
    made.write_brief(BRIEF)
    return made


def env(fake: FakeVendor, vendor: str, **more: str) -> dict[str, str]:
    """Pictures and clips from a vendor; decided by rules (films that models think through are in ``test_minds.py``)."""
    media = {"IMAGE_PROVIDER": vendor, "VIDEO_PROVIDER": vendor}
    return {**fake.environ(), "LANGUAGE_PROVIDER": "rules", **media, **more}


def told(studio: Studio, *args: str, env: dict[str, str]) -> tuple[int, dict[str, Any]]:
    ran = studio.run(*args, "--json", env=env)
    return ran.code, ran.told


def held_usd(studio: Studio) -> Decimal:
    """What is set aside for purchases that nobody has answered for."""
    held = [entry for entry in studio.ledger.entries("kite") if entry.state == "ambiguous"]
    return sum((entry.max_usd for entry in held), Decimal(0))


def resolve_by_the_bill(studio: Studio, fake: FakeVendor, here: dict[str, str]) -> int:
    """Do as a person who reads the vendors' bill: say of each lost answer whether it was charged; how many were."""
    unknown = fake.meter.total_usd - studio.ledger.totals("kite").settled_usd
    charged = 0
    for entry in [entry for entry in studio.ledger.entries("kite") if entry.state == "ambiguous"]:
        was_billed = entry.expected_usd <= unknown
        studio.ok("ledger", "resolve", entry.id, "--billed" if was_billed else "--unbilled", env=here)
        unknown -= entry.expected_usd if was_billed else 0
        charged += was_billed
    return charged


@pytest.mark.parametrize("vendor", ["runway", "fal", "google"])
@pytest.mark.parametrize("seed", [3, 9])
def test_five_dollars_in_a_storm_make_a_film_and_all_three_books_agree_to_the_cent(
    studio: Studio, fake: FakeVendor, vendor: str, seed: int
) -> None:
    fake.engine.faults = replace(STORM, seed=seed)
    here = env(fake, vendor, VOICE_PROVIDER="elevenlabs", MUSIC_PROVIDER="elevenlabs")
    code, result = told(studio, "produce", "kite.yaml", "--choose", "recommended", env=here)
    billed = fake.meter.total_usd
    assert billed <= 5
    assert code in (0, 3, 4), result
    if result["film"] is not None:
        assert probe(Path(result["film"])).frames > 0
    elif code == 0:
        pytest.fail("done, and no film")

    settled, reserved = Decimal(result["settled_usd"]), Decimal(result["reserved_usd"])
    assert settled <= billed <= settled + reserved, "what nobody has answered for is set aside, all else is known"
    resolve_by_the_bill(studio, fake, here)
    assert held_usd(studio) == 0
    report = studio.ok("ledger", "kite", env=here)
    assert Decimal(report["settled_usd"]) == fake.meter.total_usd == billed
    assert report["adds_up"]
    assert report["simulated"] is not True


def test_killed_in_the_middle_it_goes_on_and_buys_nothing_twice(studio: Studio, fake: FakeVendor) -> None:
    here = env(fake, "runway")
    fake.engine.faults = Faults(latency_s=1.0)
    process = studio.start("produce", "kite.yaml", "--choose", "recommended", env=here)
    while len(fake.engine.jobs("runway")) < 3:
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    fake.engine.faults = Faults(latency_s=0.05)
    code, told_again = told(studio, "produce", "kite.yaml", "--choose", "recommended", env=here)
    lost = 0
    if code == 4:  # it died between handing a job in and the answer, and this vendor has no list to look into
        lost = resolve_by_the_bill(studio, fake, here)
        told_again = studio.ok("produce", "kite.yaml", "--choose", "recommended", env=here)
    assert told_again["state"] == "delivered"
    assert Decimal(told_again["settled_usd"]) == fake.meter.total_usd
    bought = [entry for entry in studio.ledger.entries("kite") if entry.state == "settled" and not entry.simulated]
    made = {job.id for job in fake.engine.jobs("runway")}
    assert {entry.job_id for entry in bought} <= made
    assert len(made) - len(bought) == lost
    assert len({(entry.place, entry.model) for entry in bought}) == len(bought), "a shot was bought twice"


def test_what_one_vendor_does_not_take_the_next_one_makes_and_the_film_says_so(
    studio: Studio, fake: FakeVendor
) -> None:
    here = env(fake, "runway,fal") | {"RUNWAYML_API_SECRET": "broke"}
    result = studio.ok("produce", "kite.yaml", "--choose", "recommended", env=here)
    assert result["state"] == "delivered"
    assert fake.meter.billed_usd("runway") == 0
    assert Decimal(result["settled_usd"]) == fake.meter.billed_usd("fal") > 0
    assert any("fal/" in notice and "runway" in notice for notice in result["notices"]), result["notices"]


def test_a_cap_that_is_reached_ends_in_a_partial_film_and_says_what_is_missing(
    studio: Studio, fake: FakeVendor
) -> None:
    studio.write_brief({**BRIEF, "budget_usd": 3})
    fake.engine.faults = Faults(latency_s=0.05, failed_billed=0.45, seed=2)
    here = env(fake, "runway")
    code, result = told(studio, "produce", "kite.yaml", "--choose", "recommended", env=here)
    assert fake.meter.total_usd <= 3
    assert Decimal(result["settled_usd"]) == fake.meter.total_usd
    assert (code, result["state"]) in ((3, "partial"), (4, "partial"), (4, "failed")), json.dumps(result, indent=1)
    status = studio.ok("status", "kite", env=here)
    assert status["missing"]


def test_a_rehearsal_needs_no_key_and_costs_what_the_film_will_cost(studio: Studio, fake: FakeVendor) -> None:
    here = {"IMAGE_PROVIDER": "runway", "VIDEO_PROVIDER": "runway"}
    rehearsal = studio.ok("produce", "kite.yaml", "--rehearse", "--choose", "recommended", env=here)
    assert rehearsal["production"] == "kite-rehearsal"
    assert rehearsal["simulated"] is True
    film = studio.ok("produce", "kite.yaml", "--choose", "recommended", env=env(fake, "runway"))
    assert Decimal(rehearsal["settled_usd"]) == Decimal(film["settled_usd"]) == fake.meter.total_usd
