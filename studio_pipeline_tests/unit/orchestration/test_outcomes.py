"""A production that failed counts as one, and a mind has the variant that was written down."""

from __future__ import annotations

import uuid
from decimal import Decimal
from pathlib import Path

import dagster as dg
import pytest

from studio_pipeline.film.brief import Brief
from studio_pipeline.film.cells import Cell
from studio_pipeline.orchestration.call_sheet import call_sheet
from studio_pipeline.orchestration.facts import PRODUCTION_TAG, WORK_TAG
from studio_pipeline.orchestration.home import open_home
from studio_pipeline.orchestration.outcomes import catch_up
from studio_pipeline.orchestration.resources import LanguageResource
from studio_pipeline.orchestration.studio_home import StudioHome, build_home
from studio_pipeline.orchestration.work_orders import MOST_TRIES
from studio_pipeline.prompting import variants
from studio_pipeline.prompting.variants import Function, Variant
from studio_pipeline.settings import Settings

BRIEF = Brief(title="Lamp", concept="A lamp that waits.", duration_s=10, budget_usd=Decimal(20))
LAMP = Cell(production="lamp")


def function(**weights: float) -> Function:
    made = [Variant(name=name, prompt="screenwriter", model="writing", weight=w) for name, w in weights.items()]
    return Function(name="script_generator", output="ScriptDraft", most_output_tokens=100, variants=tuple(made))


@pytest.fixture
def home(tmp_path: Path) -> StudioHome:
    settings = Settings.read({"STUDIO_HOME": str(tmp_path / "home")})
    open_home(settings)
    home = build_home(settings)
    home.orders.hand_in(BRIEF)
    return home


def test_a_production_that_failed_is_complete_to_nothing_and_has_no_quality(home: StudioHome) -> None:
    home.records.variant_of("lamp", function(plain=1))
    with dg.DagsterInstance.ephemeral() as instance:
        assert catch_up(home, instance).recorded == (), "it has not begun"
        (work,) = call_sheet(home.facts("lamp", instance)).work
        for _ in range(MOST_TRIES):
            tags = {PRODUCTION_TAG: "lamp", WORK_TAG: work.id}
            run = dg.DagsterRun(work.job, str(uuid.uuid4()), status=dg.DagsterRunStatus.FAILURE, tags=tags)
            instance.run_storage.add_run(run)
        assert catch_up(home, instance).recorded == ("lamp",)
    found = {one.metric: one.value for one in home.records.observations()}
    assert found == {"video_generation_cost": 0, "video_completion_rate": 0}


def test_a_mind_keeps_its_variant_when_the_weights_change(home: StudioHome, monkeypatch: pytest.MonkeyPatch) -> None:
    language = LanguageResource(provider="anthropic", home=home)

    def asked() -> str:
        mind = language.mind("script_generator", BRIEF, LAMP, "scripting")
        assert mind is not None
        return mind.variant.name

    monkeypatch.setattr(variants, "function", lambda name: function(plain=1))
    assert asked() == "plain"
    monkeypatch.setattr(variants, "function", lambda name: function(plain=0, bold=99))
    assert asked() == "plain"
    (kept,) = home.records.assignments()
    assert (kept.production, kept.function, kept.variant, kept.draws) == ("lamp", "script_generator", "plain", 1)


def test_rules_and_rehearsals_draw_nothing(home: StudioHome) -> None:
    rehearsal = BRIEF.model_copy(update={"rehearse": True})
    assert LanguageResource(provider="rules", home=home).mind("editor", BRIEF, LAMP, "editing") is None
    assert LanguageResource(provider="anthropic", home=home).mind("editor", rehearsal, LAMP, "editing") is None
    assert home.records.assignments() == ()
