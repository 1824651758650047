"""Asset checks fail when they should: agents and vendors that do not keep to their word are found out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa

from studio_pipeline.film.brief import Brief
from studio_pipeline.film.script import Script
from studio_pipeline.film.shots import ShotPlan
from studio_pipeline.orchestration.resources import VendorResource
from studio_pipeline.orchestration.shop import Shop
from studio_pipeline.providers.vendor import Fetched
from studio_pipeline.providers.video.port import VideoRequest
from studio_pipeline.providers.video.storyboard import StoryboardVideo
from studio_pipeline.stages.scripting import assets as scripting
from studio_pipeline.stages.shooting import assets as shooting
from studio_pipeline_tests.backlot.lot import open_lot, words_of
from studio_pipeline_tests.backlot.studio import PRODUCTION, Studio

RETAKE = {"ops": {"pilot_clips": {"config": {"retake": True, "note": "wider"}}}}


class LateVideo(StoryboardVideo):
    """Delivers clips three frames shorter than ordered."""

    name = "storyboard"

    def fetch(self, job_id: str, request: VideoRequest, into: Path) -> Fetched:
        return super().fetch(job_id, request.model_copy(update={"frames": request.frames - 3}), into)


class LateVendor(VendorResource):
    def shop(self, brief: Brief) -> Shop:
        shop = super().shop(brief)
        shop._made["storyboard", ""] = LateVideo(self.home.rate_cards, self.home.media.path)
        return shop


def outcome(ran: dg.ExecuteInProcessResult, check: str) -> dg.AssetCheckEvaluation:
    """What a check of the run said."""
    assert ran.success, words_of(ran)
    (found,) = [evaluation for evaluation in ran.get_asset_check_evaluations() if evaluation.check_name == check]
    return found


def test_the_checks_of_an_honest_production_all_passed(tiny: Studio) -> None:
    with open_lot(tiny) as lot:
        checked = {"exact_frames", "covers_the_scene", "fills_the_duration", "money_adds_up"}
        for key in lot.definitions.resolve_asset_graph().asset_check_keys:
            (record, *_) = lot.instance.event_log_storage.get_asset_check_execution_history(key, limit=1)
            assert record.evaluation is not None
            assert record.evaluation.passed, key
            checked -= {key.name}
        assert not checked


def test_a_script_that_does_not_fill_its_film_is_told(
    fresh_copy: Callable[[], Studio], monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = scripting.write_script

    def hurried(*args: Any, **named: Any) -> Script:
        script = honest(*args, **named)
        last = script.scenes[-1].model_copy(update={"frames": script.scenes[-1].frames - 5})
        return script.model_copy(update={"scenes": (*script.scenes[:-1], last)})

    monkeypatch.setattr(scripting, "write_script", hurried)
    with open_lot(fresh_copy()) as lot:
        found = outcome(lot.materialize("scenes", f"{PRODUCTION}|animated"), "fills_the_duration")
    assert not found.passed
    assert "283 frames of 288" in str(found.metadata["wrong"].value)


def test_a_plan_that_does_not_cover_its_scene_is_told(
    fresh_copy: Callable[[], Studio], monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = shooting.plan_shots

    def forgetful(*args: Any, **named: Any) -> ShotPlan:
        plan = honest(*args, **named)
        first = plan.shots[0].model_copy(update={"frames": plan.shots[0].frames - 1})
        return plan.model_copy(update={"shots": (first, *plan.shots[1:])})

    monkeypatch.setattr(shooting, "plan_shots", forgetful)
    with open_lot(fresh_copy()) as lot:
        scenes = [f"{PRODUCTION}|animated.s01", f"{PRODUCTION}|animated.s03"]
        found = outcome(lot.materialize("shot_plans", *scenes), "covers_the_scene")
    assert not found.passed
    assert set(found.metadata["wrong"].value) == {f"{PRODUCTION}|animated.s0{n}" for n in (1, 2, 3)}  # type: ignore[arg-type]


def test_a_clip_of_the_wrong_length_is_told(fresh_copy: Callable[[], Studio]) -> None:
    studio = fresh_copy()
    with open_lot(studio, video=LateVendor(kind="video", provider="storyboard", home=studio.home)) as lot:
        shot = f"{PRODUCTION}|animated.s03.k1"
        planned = lot.artifact("pilot_clips", shot).content.take.frames
        found = outcome(lot.run("retake_shot", shot, config=RETAKE), "exact_frames")
    assert not found.passed
    assert f"{planned - 3} frames" in str(found.metadata["wrong"].value)


def test_a_ledger_that_does_not_add_up_is_told(fresh_copy: Callable[[], Studio]) -> None:
    studio = fresh_copy()
    engine = sa.create_engine(studio.settings.ledger_url)
    with engine.begin() as connection:  # a cap below what was spent, as only a hand in the database can make it
        changed = connection.execute(
            sa.text("UPDATE envelopes SET cap_micro = 1 WHERE name = :name"), {"name": f"production:{PRODUCTION}"}
        )
        assert changed.rowcount == 1
    with open_lot(studio) as lot:
        assert not outcome(lot.run("finish", PRODUCTION), "money_adds_up").passed
