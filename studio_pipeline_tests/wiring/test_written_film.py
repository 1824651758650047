"""A film that models write and plan: what its pilots share is bought once, and what is their own is each one's."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from studio_pipeline.fake_vendor.server import FakeVendor
from studio_pipeline.orchestration.resources import LanguageResource, VendorResource
from studio_pipeline_tests.backlot.lot import Lot, open_lot, words_of
from studio_pipeline_tests.backlot.studio import PRODUCTION, Studio

pytestmark = pytest.mark.slow

ANIMATED, STATIC = f"{PRODUCTION}|animated", f"{PRODUCTION}|static"


@pytest.fixture
def lot(fresh_copy: Callable[[], Studio], monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Lot, FakeVendor]]:
    """The tiny production, with Claude's stand-in for a mind, and Runway's for its clips."""
    studio = fresh_copy()
    with FakeVendor() as fake:
        for name, value in fake.environ().items():
            monkeypatch.setenv(name, value)
        minds = LanguageResource(provider="anthropic", home=studio.home)
        clips = VendorResource(kind="video", provider="runway", home=studio.home)  # whose model goes by its words
        with open_lot(studio, language=minds, video=clips) as opened:
            yield opened, fake


def test_pilots_share_one_paid_script_word_for_word_and_frame_for_frame(lot: tuple[Lot, FakeVendor]) -> None:
    opened, fake = lot
    scripts = []
    for pilot in (ANIMATED, STATIC):
        before = fake.meter.accepted("anthropic")
        ran = opened.materialize("scenes", pilot)
        assert ran.success, words_of(ran)
        scripts.append((opened.artifact("scenes", pilot).content, fake.meter.accepted("anthropic") - before))
    (one, paid), (two, paid_again) = scripts
    assert paid >= 1 and paid_again == 0, "the other pilot's question is answered from the store"
    assert one.scenes == two.scenes and one.frames == two.frames
    assert one.look != two.look
    bought = [entry for entry in opened.home.ledger.entries(PRODUCTION) if entry.vendor == "anthropic"]
    assert {entry.place for entry in bought if entry.state == "settled"} == {"animated"}
    assert {entry.place for entry in bought if entry.state == "avoided"} == {"static"}


def test_the_shots_of_a_written_scene_cover_it_and_carry_their_bible(lot: tuple[Lot, FakeVendor]) -> None:
    opened, fake = lot
    for asset, key in (("scenes", ANIMATED), ("shot_plans", f"{ANIMATED}.s01")):
        ran = opened.materialize(asset, key)
        assert ran.success, words_of(ran)
    script, plan = (opened.artifact(a, k).content for a, k in (("scenes", ANIMATED), ("shot_plans", f"{ANIMATED}.s01")))
    assert plan.frames == script.scenes[0].frames
    assert all("Light glides over it." in shot.prompt for shot in plan.shots), "the enhanced words are in use"
    for shot in plan.shots:
        assert all(f"{member.name}: {member.look}." in shot.prompt for member in shot.board.characters)
    asked = fake.meter.accepted("anthropic")
    assert opened.materialize("shot_plans", f"{ANIMATED}.s01").success
    assert fake.meter.accepted("anthropic") == asked, "planned again, nothing is asked again"
