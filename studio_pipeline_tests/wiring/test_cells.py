"""Real runs over the grid: phantoms say that they are absent, readers drop them, damage is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import dagster as dg
import pytest

from studio_pipeline.orchestration.call_sheet import call_sheet
from studio_pipeline.orchestration.freshness import stale_refs
from studio_pipeline.orchestration.grid import GRID
from studio_pipeline.providers.voice.silence import NO_VOICE
from studio_pipeline_tests.backlot.lot import Lot, open_lot, words_of
from studio_pipeline_tests.backlot.studio import PRODUCTION, Studio

KITE = PRODUCTION


@pytest.fixture
def lot(fresh_copy: Callable[[], Studio]) -> Iterator[Lot]:
    """The tiny production in a home that a test may change."""
    with open_lot(fresh_copy()) as lot:
        yield lot


def test_a_ranged_run_leaves_a_marker_with_the_reason_in_every_phantom(lot: Lot) -> None:
    before = lot.studio.digests()
    ran = lot.run("plan", f"{KITE}|animated.s01", f"{KITE}|animated.s{GRID.max_scenes:02d}")
    assert ran.success
    for number in range(1, GRID.max_scenes + 1):
        for asset in ("shot_plans", "narration"):
            marker = lot.absent(asset, f"{KITE}|animated.s{number:02d}")
            if number <= 3:
                assert marker is None, "a scene of the script is planned, not absent"
            else:
                assert marker is not None
                assert marker.kind == "phantom"
                assert "has 3 scenes" in marker.reason
    after = lot.studio.digests()
    assert {ref: after[ref] for ref in before} == before, "the scenes there are came out as they were"
    shown = lot.instance.fetch_materializations(_shot_plans_of(f"{KITE}|animated.s09"), limit=1).records
    assert "has 3 scenes" in str(shown[0].asset_materialization.metadata["absent"].value)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("asset", "first", "last"),
    [
        ("scenes", "photoreal", ""),
        ("music", "photoreal", ""),
        ("shot_plans", "photoreal.s01", "photoreal.s15"),
        ("narration", "photoreal.s15", ""),
        ("pilot_clips", "animated.s04.k1", "animated.s15.k4"),
        ("pilot_clips", "photoreal.s01.k1", ""),
        ("qa_scores", "photoreal.s01", "photoreal.s15"),
        ("critic_verdicts", "photoreal", ""),
    ],
)
def test_every_asset_has_an_answer_for_cells_that_do_not_exist(lot: Lot, asset: str, first: str, last: str) -> None:
    purchases = lot.studio.purchases()
    ran = lot.materialize(asset, f"{KITE}|{first}", last and f"{KITE}|{last}")
    assert ran.success, words_of(ran)
    for place in filter(None, (first, last)):
        marker = lot.absent(asset, f"{KITE}|{place}")
        assert marker is not None
        assert marker.reason
    assert lot.studio.purchases() == purchases


def test_markers_do_not_reach_the_readers(lot: Lot) -> None:
    assert lot.run("plan", f"{KITE}|animated.s01", f"{KITE}|animated.s{GRID.max_scenes:02d}").success
    assert lot.materialize("pilot_clips", f"{KITE}|animated.s04.k1", f"{KITE}|animated.s15.k4").success
    before = lot.studio.digests()
    assert lot.run("edit", KITE).success, "cuts are made from the grid, but only of what is there"
    assert lot.studio.digests()["edls"] == before["edls"]


def test_a_production_that_nobody_handed_in_is_refused_in_words(lot: Lot) -> None:
    lot.instance.add_dynamic_partitions("productions", ["nobody-handed-this-in"])  # as anyone can in the UI
    ran = lot.run("develop", "nobody-handed-this-in")
    assert not ran.success
    assert "No brief was handed in for nobody-handed-this-in" in words_of(ran)


def test_a_launch_out_of_order_says_what_comes_first(lot: Lot) -> None:
    (lot.studio.home_dir / "artifacts" / KITE / "scenes" / "animated.json").unlink()
    ran = lot.materialize("shot_plans", f"{KITE}|animated.s01")
    assert not ran.success
    assert f"scenes of {KITE}|animated is not there yet" in words_of(ran)
    assert "first" in words_of(ran)


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"content": {}, "digest": "0"}', b"\xff\xfe\x00"])
def test_a_damaged_artifact_is_named_and_nothing_is_made_from_it(lot: Lot, damage: bytes) -> None:
    file = lot.studio.home_dir / "artifacts" / KITE / "scenes" / "animated.json"
    file.write_bytes(damage)
    plan = file.parent.parent / "shot_plans" / "animated.s01.json"
    before = plan.read_bytes()
    ran = lot.materialize("shot_plans", f"{KITE}|animated.s01")
    assert not ran.success
    assert "HomeDamaged" in words_of(ran)
    assert str(file) in words_of(ran)
    assert "Delete that one file" in words_of(ran)
    assert plan.read_bytes() == before


def test_a_content_that_was_edited_by_hand_is_damage_too(lot: Lot) -> None:
    file = lot.studio.home_dir / "artifacts" / KITE / "scenes" / "animated.json"
    file.write_text(file.read_text(encoding="utf-8").replace("kite", "bird"), encoding="utf-8")
    assert "HomeDamaged" in words_of(lot.materialize("shot_plans", f"{KITE}|animated.s01"))


def test_an_artifact_says_which_code_made_it(lot: Lot) -> None:
    assets = lot.definitions.resolve_asset_graph()
    for asset, place in (("brief", ""), ("scenes", "|animated"), ("pilot_clips", "|animated.s01.k1")):
        header = lot.header(asset, KITE + place)
        assert header is not None
        (key,) = [key for key in assets.get_all_asset_keys() if key.to_user_string() == asset]
        assert header.code_version == assets.get(key).code_version


def test_run_config_swaps_the_voice_for_one_run_and_the_artifact_tells(lot: Lot) -> None:
    scene = f"{KITE}|animated.s01"
    spoken = lot.artifact("narration", scene)
    swapped = lot.materialize(
        "narration", scene, config={"resources": {"voice": {"config": {"provider": "silence", "kind": "voice"}}}}
    )
    assert swapped.success, words_of(swapped)
    silent = lot.artifact("narration", scene).content
    assert silent.receipt.vendor == "silence"
    assert NO_VOICE in silent.events
    assert silent.text == spoken.content.text

    paid = lot.studio.purchases()
    assert lot.materialize("narration", scene).success
    assert lot.artifact("narration", scene).header.digest == spoken.header.digest, "the next run has its voice again"
    assert lot.studio.purchases() == paid


def test_a_vendor_that_nobody_knows_fails_with_the_names_there_are_and_the_next_launch_succeeds(lot: Lot) -> None:
    shot = f"{KITE}|animated.s03.k1"
    before = lot.studio.digests()
    unknown = {"resources": {"video": {"config": {"provider": "hollywood", "kind": "video"}}}}
    failed = lot.materialize("pilot_clips", shot, config=unknown)
    assert not failed.success
    assert "“hollywood” is no video vendor" in words_of(failed)
    assert "storyboard" in words_of(failed)
    assert lot.materialize("pilot_clips", shot).success
    assert lot.studio.digests() == before


def test_every_artifact_names_its_inputs_as_the_call_sheet_expects_them(lot: Lot) -> None:
    """ADR 0006: on a whole production nothing is asked for, and nothing is stale."""
    facts = lot.home.facts(KITE, lot.instance)
    assert not call_sheet(facts).work
    assert call_sheet(facts).state == "delivered"
    assert stale_refs(facts, call_sheet(facts).outdated) == {}
    for ref, header in facts.headers.items():
        if header.absent is None:
            assert header.inputs, f"{ref} names nothing it was made from"
            assert all(facts.digest(name) is not None for name in header.inputs), ref


def _shot_plans_of(key: str) -> dg.AssetRecordsFilter:
    return dg.AssetRecordsFilter(asset_key=dg.AssetKey("shot_plans"), asset_partitions=[key])
