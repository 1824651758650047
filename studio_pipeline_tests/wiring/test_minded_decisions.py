"""The producer, the critic and the editor with Claude's stand-in: what they decide, its price, and what is shown."""

from __future__ import annotations

import dagster as dg
import pytest

from studio_pipeline.fake_vendor.server import FakeVendor
from studio_pipeline_tests.backlot.lot import Lot, words_of
from studio_pipeline_tests.backlot.studio import PRODUCTION

pytestmark = pytest.mark.slow

PILOT = f"{PRODUCTION}|animated"


def shown(ran: dg.ExecuteInProcessResult, asset: str) -> dict[str, str]:
    assert ran.success, words_of(ran)
    (event,) = ran.asset_materializations_for_node(asset)
    return {name: str(value.value) for name, value in event.metadata.items()}


def test_each_of_the_three_thinks_is_billed_and_is_asked_once(claude_lot: tuple[Lot, FakeVendor]) -> None:
    opened, fake = claude_lot
    staked = shown(opened.materialize("pilot_strategies", PRODUCTION), "pilot_strategies")
    strategies = opened.artifact("pilot_strategies", PRODUCTION).content
    assert {pilot.tier for pilot in strategies.pilots} == {"static", "animated"}
    assert all(pilot.pace and pilot.risk and pilot.pace in staked["pilots"] for pilot in strategies.pilots)

    judged = shown(opened.materialize("critic_verdicts", PILOT), "critic_verdicts")
    verdict = opened.artifact("critic_verdicts", PILOT).content
    assert any(reason.startswith("The critic") for reason in verdict.reasons)
    assert verdict.notes[1].startswith("Scene 1: ") and "critic" in judged["reasons"]

    offered = shown(opened.materialize("edls", PRODUCTION), "edls")
    cuts = opened.artifact("edls", PRODUCTION).content
    assert {"balanced", "quality", "pace"} <= {cut.name for cut in cuts.cuts}
    assert all(cut.needs_usd is not None for cut in cuts.cuts) and "needs_usd" in offered["cuts"]

    for who, prompt in ((staked, "producer"), (judged, "critic"), (offered, "editor")):
        assert who["decided_by"].startswith("anthropic/claude-") and f"by {prompt} (plain)" in who["decided_by"]
        assert float(who["thinking_usd"]) > 0

    asked = fake.meter.accepted("anthropic")
    assert asked == 3
    thoughts = [entry for entry in opened.home.ledger.entries(PRODUCTION) if entry.model.startswith("anthropic/")]
    assert sum(entry.settled_usd or 0 for entry in thoughts) == fake.meter.billed_usd("anthropic") > 0
    assert shown(opened.materialize("edls", PRODUCTION), "edls")["cuts"] == offered["cuts"]
    assert fake.meter.accepted("anthropic") == asked, "the same question is answered from the store"
