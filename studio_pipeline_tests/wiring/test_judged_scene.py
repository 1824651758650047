"""A scene that a judge has looked at: both ratings side by side, what it saw, and what the ratings follow from."""

from __future__ import annotations

from decimal import Decimal

import pytest

from studio_pipeline.fake_vendor.server import FakeVendor
from studio_pipeline_tests.backlot.lot import Lot, words_of
from studio_pipeline_tests.backlot.studio import PRODUCTION

pytestmark = pytest.mark.slow

MOVING, HELD = f"{PRODUCTION}|animated.s01", f"{PRODUCTION}|static.s01"


def test_a_judged_scene_shows_what_was_seen_and_follows_from_what_was_wanted(
    claude_lot: tuple[Lot, FakeVendor],
) -> None:
    opened, fake = claude_lot
    before = opened.artifact("qa_scores", MOVING)
    ran = opened.materialize("qa_scores", MOVING)
    assert ran.success, words_of(ran)
    after = opened.artifact("qa_scores", MOVING)
    assert {"brief#film", "scenes/animated#s01"} == after.header.inputs.keys() - before.header.inputs.keys()
    for rating in after.content.shots:
        assert rating.seen and {"judged_rating", "measured_rating", "judge_rating"} <= rating.measures.keys()
    (event,) = ran.asset_materializations_for_node("qa_scores")
    shown = event.metadata
    assert shown["judge"].value == "anthropic/claude-opus-5-5"
    assert "data:image/jpeg;base64," in str(shown["seen"].value)
    assert opened.home.ledger.totals(PRODUCTION).settled_usd > Decimal(0)

    accepted = fake.meter.accepted("anthropic")
    again = opened.materialize("qa_scores", MOVING)
    assert again.success and fake.meter.accepted("anthropic") == accepted, "the same takes are judged once"
    assert opened.artifact("qa_scores", MOVING).header.digest == after.header.digest


def test_a_scene_of_held_pictures_costs_no_look(claude_lot: tuple[Lot, FakeVendor]) -> None:
    opened, fake = claude_lot
    before = opened.artifact("qa_scores", HELD)
    ran = opened.materialize("qa_scores", HELD)
    assert ran.success, words_of(ran)
    after = opened.artifact("qa_scores", HELD)
    assert fake.meter.accepted("anthropic") == 0
    assert after.content.shots == before.content.shots
    (event,) = ran.asset_materializations_for_node("qa_scores")
    assert "stands still" in str(event.metadata["not_judged"].value)
    assert after.content.events == (), "it went as planned"
