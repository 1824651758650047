"""Handing in: what cannot be made is refused before anything is written, and a person's choice stands."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from studio_pipeline.editorial.cut import CUT_NAMES, check_cut_name
from studio_pipeline.errors import BadInput
from studio_pipeline.film.brief import Brief
from studio_pipeline.orchestration.partitions import PRODUCTIONS
from studio_pipeline.orchestration.resources import StudioHome
from studio_pipeline.stages.planning.submission import hand_in, new_production, new_slate

LAMP: dict[str, Any] = {"title": "Lamp", "concept": "A lamp is lit.", "duration_s": 10, "budget_usd": 20}


@pytest.fixture
def home(tmp_path: Path) -> StudioHome:
    root = tmp_path / "home"
    return StudioHome(root=str(root), artifacts_url=str(root / "artifacts"), ledger_url=f"sqlite:///{root}/l.sqlite3")


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def brief(**changes: Any) -> Brief:
    return Brief(**{**LAMP, "budget_usd": Decimal(20), **changes})


def launch(job: Any, home: StudioHome, instance: dg.DagsterInstance, op: str, **config: Any) -> str:
    """Run a job of the UI and return the words it failed with, if it failed."""
    done = job.execute_in_process(
        run_config={"ops": {op: {"config": config}}}, resources={"home": home}, instance=instance, raise_on_error=False
    )
    failed = [event.step_failure_data for event in done.all_events if event.is_step_failure]
    return failed[0].user_failure_data.description if failed and failed[0].user_failure_data else str(failed or "")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"choose": "Pace!"}, "No cut is ever called “Pace!”"),
        ({"choose": "paces"}, "Did you mean pace?"),
        ({"budget_usd": 0.01}, "at least $"),
        ({"duration_s": 0}, "duration_s"),
    ],
)
def test_the_job_new_production_refuses_before_anything_is_written(
    home: StudioHome, instance: dg.DagsterInstance, tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    (tmp_path / "story.txt").write_text("The lamp went out. Mara climbed the stairs. She lit it again.\n" * 9)
    asked = {**LAMP, "story": str(tmp_path / "story.txt"), **changes}
    del asked["concept"]
    choose = asked.pop("choose", "")
    assert words in launch(new_production, home, instance, "submit_brief", brief=asked, choose=choose)
    assert not home.path.exists()
    assert instance.get_dynamic_partitions(PRODUCTIONS) == []


def test_the_job_new_production_hands_in_with_the_cut_to_deliver(
    home: StudioHome, instance: dg.DagsterInstance
) -> None:
    assert launch(new_production, home, instance, "submit_brief", brief=LAMP, choose="pace") == ""
    assert instance.get_dynamic_partitions(PRODUCTIONS) == ["lamp"]
    choice = home.orders.choice("lamp")
    assert choice is not None
    assert choice.cut == "pace"


def test_a_slate_leaves_a_persons_choice_alone_and_fills_in_a_missing_one(
    home: StudioHome, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    for name in ("Lamp", "Reef"):
        (tmp_path / f"{name}.yaml").write_text(
            f"title: {name}\nconcept: It is lit.\nduration_s: 10\nbudget_usd: 20\n", encoding="utf-8"
        )
    slate = tmp_path / "night.slate.yaml"
    slate.write_text("name: night\nbriefs: [Lamp.yaml, Reef.yaml]\nchoose: recommended\n", encoding="utf-8")
    hand_in(brief(), home, instance, choose="pace")
    assert launch(new_slate, home, instance, "submit_slate", path=str(slate)) == ""
    chosen = {name: home.orders.choice(name) for name in ("lamp", "reef")}
    assert {name: choice.cut for name, choice in chosen.items() if choice} == {"lamp": "pace", "reef": "recommended"}


def test_a_brief_that_stands_is_not_priced_again(
    home: StudioHome, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prices that rose since do not keep a production that was begun from going on."""
    hand_in(brief(), home, instance)
    monkeypatch.setattr(
        "studio_pipeline.stages.planning.submission.estimate",
        lambda *_: SimpleNamespace(expected_usd=lambda *_: Decimal(10**6)),
    )
    assert hand_in(brief(), home, instance) == "lamp"
    with pytest.raises(BadInput, match="cannot pay"):
        hand_in(brief(budget_usd=Decimal(21)), home, instance)


@pytest.mark.parametrize("name", ["", "../x", "Pace", "x" * 99, "recommend\x00ed"])
def test_a_name_no_cut_can_have_is_refused(name: str) -> None:
    with pytest.raises(BadInput):
        check_cut_name(name)


def test_every_cut_the_editor_can_propose_can_be_chosen_beforehand() -> None:
    assert [check_cut_name(name) for name in ("recommended", *CUT_NAMES)] == ["recommended", *CUT_NAMES]
