"""A finished film is written down for the experiments, a failed one as a failed one, and no film fails for that."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from studio_pipeline.budget.report import cost_report
from studio_pipeline.orchestration.outcomes import catch_up
from studio_pipeline.prompting.variants import Function, Variant
from studio_pipeline_tests.backlot.lot import Lot, words_of
from studio_pipeline_tests.backlot.studio import PRODUCTION

KITE = PRODUCTION
EDITOR = Function(
    name="editor",
    output="CutsDraft",
    most_output_tokens=100,
    variants=(Variant(name="calm", prompt="editor", model="writing"),),
)


def seen(lot: Lot) -> dict[str, float]:
    return {one.metric: float(one.value) for one in lot.home.records.observations()}


def finish(lot: Lot) -> dict[str, Any]:
    """Deliver the film again; what the UI shows of it."""
    ran = lot.run("finish", KITE)
    assert ran.success, words_of(ran)
    (made,) = ran.asset_materializations_for_node("final_cut")
    return {name: value.value for name, value in made.metadata.items()}


def test_a_film_of_rules_counts_under_no_variant(lot: Lot) -> None:
    assert "experiments" not in finish(lot)
    assert seen(lot) == {}
    assert catch_up(lot.home, lot.instance).recorded == ()


def test_a_finished_film_is_written_down_with_what_it_is_and_what_it_cost(lot: Lot) -> None:
    lot.home.records.variant_of(KITE, EDITOR)
    assert finish(lot)["experiments"] == "recorded for 1 function"
    found = seen(lot)
    film = lot.artifact("final_cut", KITE).content
    clips = lot.artifact("edls", KITE).content.cut(film.cut).timeline.clips
    rating = sum((clip.rating or 0) * clip.frames for clip in clips) / sum(clip.frames for clip in clips)
    assert found["video_quality_score"] == pytest.approx(rating, abs=1e-6)
    assert found["video_generation_cost"] == float(cost_report(lot.home.ledger, KITE).settled_usd)
    assert found["video_completion_rate"] == 1
    assert 0 < found["video_generation_time"] < 600
    (unit,) = {one.unit for one in lot.home.records.observations() if one.metric == "video_generation_cost"}
    assert unit == "USD, simulated"
    finish(lot)
    assert seen(lot) == found, "a film delivered once more took no longer to make"


def test_records_that_cannot_be_written_fail_no_film_and_are_told(lot: Lot) -> None:
    lot.home.records.variant_of(KITE, EDITOR)
    engine = sa.create_engine(f"sqlite:///{lot.studio.settings.ledger_file}")
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE experiment_observations RENAME COLUMN unit TO units")
    shown = finish(lot)
    assert shown["experiments"].startswith("Not recorded for the experiments: ")
    assert "studio experiments" in shown["experiments"]
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE experiment_observations RENAME COLUMN units TO unit")
    engine.dispose()
    assert catch_up(lot.home, lot.instance).recorded == (KITE,)
    assert set(seen(lot)) >= {"video_quality_score", "video_completion_rate"}
    assert catch_up(lot.home, lot.instance).recorded == (), "and once is enough"


def test_a_production_that_is_not_over_is_left_alone(lot: Lot) -> None:
    lot.home.records.variant_of(KITE, EDITOR)
    (lot.studio.home_dir / "artifacts" / KITE / "final_cut.json").unlink()
    assert catch_up(lot.home, lot.instance).recorded == ()
    assert seen(lot) == {}


def test_a_damaged_production_hides_no_other(lot: Lot) -> None:
    lot.home.records.variant_of(KITE, EDITOR)
    (lot.studio.home_dir / "artifacts" / KITE / "final_cut.json").write_bytes(b"{")
    caught = catch_up(lot.home, lot.instance)
    assert caught.recorded == ()
    assert "damaged" in caught.troubles[KITE]
