"""One more language, ordered when the film is made: only its words are made, and no picture."""

from __future__ import annotations

import dagster as dg
import pytest

from studio_pipeline.fake_vendor.server import FakeVendor
from studio_pipeline.prose.languages import script_of
from studio_pipeline_tests.backlot.lot import SENSORS, Lot, words_of
from studio_pipeline_tests.backlot.studio import PRODUCTION

pytestmark = pytest.mark.slow

MADE_OF_PICTURES = ("story", "pilot_strategies", "scenes", "music", "shot_plans", "pilot_clips", "qa_scores", "critic")


def order(lot: Lot, *dubs: str) -> None:
    brief = lot.home.orders.brief(PRODUCTION)
    assert brief is not None
    lot.home.orders.hand_in(brief.model_copy(update={"dubs": dubs}))


def followed(lot: Lot, *, until: str) -> list[str]:
    """Do what the sensors ask for, up to the job ``until``; the jobs, in order."""
    done: list[str] = []
    while until not in done:
        asked = [request for sensor in SENSORS for request in requests(lot.tick(sensor))]
        assert asked, f"nothing more is wanted after {done}"
        for request in asked:
            name = str(request.job_name)
            tags = request.tags
            first, last = (tags.get(f"dagster/asset_partition_range_{end}", "") for end in ("start", "end"))
            ran = lot.run(name, request.partition_key or first, "" if request.partition_key else last)
            assert ran.success, words_of(ran)
            done.append(name)
    return done


def requests(tick: dg.SensorResult) -> list[dg.RunRequest]:
    return list(tick.run_requests or ())


def test_a_dub_that_is_ordered_later_is_spoken_and_cut_and_nothing_else_is_made(
    claude_lot: tuple[Lot, FakeVendor],
) -> None:
    opened, fake = claude_lot
    before, bought = opened.studio.digests(), opened.studio.purchases()

    order(opened, "hi")
    assert set(followed(opened, until="edit")) == {"revise", "narrate", "edit"}
    after = opened.studio.digests()
    assert {ref.partition("/")[0] for ref in after if after[ref] != before.get(ref)} == {"brief", "narration", "edls"}
    assert {ref: digest for ref, digest in after.items() if ref.startswith(MADE_OF_PICTURES)} == {
        ref: digest for ref, digest in before.items() if ref.startswith(MADE_OF_PICTURES)
    }

    sounds: set[str] = set()
    for ref in (ref for ref in after if ref.startswith("narration/") and after[ref] != before[ref]):
        narration = opened.artifact("narration", f"{PRODUCTION}|{ref.partition('/')[2]}").content
        (hindi,) = narration.dubs
        assert script_of(hindi.text) == "devanagari" and hindi.words and hindi.receipt is not None
        assert opened.home.media.path(hindi.sound).stat().st_size > 44 + 2 * 8000
        assert hindi.events == hindi.receipt.events
        sounds.add(hindi.sound.sha256)
    thoughts = fake.meter.accepted("anthropic")
    assert thoughts == len(sounds) + 1, "once a scene for all pilots, and the editor"

    cuts = opened.artifact("edls", PRODUCTION).content
    for cut in cuts.cuts:
        (timeline,) = cut.dubs
        assert timeline.language == "hi"
        assert [clip.name for clip in timeline.clips] == [clip.name for clip in cut.timeline.clips]
        assert all(script_of(speech.text) == "devanagari" for speech in timeline.narration)
    paid = opened.studio.purchases()
    assert len(paid) - len(bought) == thoughts + len(sounds), "translations and their sounds, and nothing else"

    order(opened, "hi", "de")
    followed(opened, until="edit")
    assert fake.meter.accepted("anthropic") <= 2 * len(sounds) + 2, "Hindi is found again"
    again = opened.artifact("edls", PRODUCTION).content
    assert [timeline.language for timeline in again.cuts[0].dubs] == ["hi", "de"]
    assert again.cut(cuts.recommended).dubs[0] == cuts.cut(cuts.recommended).dubs[0]


def test_a_dub_whose_sound_is_gone_is_fetched_again_for_nothing(claude_lot: tuple[Lot, FakeVendor]) -> None:
    opened, fake = claude_lot
    order(opened, "hi")
    followed(opened, until="edit")
    narration = opened.artifact("narration", f"{PRODUCTION}|animated.s01").content
    opened.home.media.path(narration.dubs[0].sound).unlink()
    bought, asked = opened.studio.purchases(), fake.meter.accepted("anthropic")
    assert requests(opened.tick("call_sheet")) or requests(opened.tick("critic")), "the sheet misses it"
    ran = opened.run("narrate", f"{PRODUCTION}|animated.s01")
    assert ran.success, words_of(ran)
    assert opened.home.media.path(narration.dubs[0].sound).is_file()
    assert (opened.studio.purchases(), fake.meter.accepted("anthropic")) == (bought, asked)
