"""The code location loads, and says of itself what an operator reads in the UI: names, partitions, words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from studio_pipeline.definitions import build_defs
from studio_pipeline.orchestration.grid import GRID
from studio_pipeline.orchestration.work_orders import JOB_ASSETS
from studio_pipeline_tests.backlot.studio import Studio

ROOT = Path(__file__).parent.parent.parent

# Asset: stage, second dimension of its partitions, checks. As in the design.
GRAPH = {
    "brief": ("planning", None, set()),
    "story": ("planning", None, set()),
    "pilot_strategies": ("planning", None, set()),
    "scenes": ("scripting", "tier", {"fills_the_duration"}),
    "shot_plans": ("shooting", "scene", {"covers_the_scene"}),
    "narration": ("shooting", "scene", set()),
    "music": ("shooting", "tier", set()),
    "pilot_clips": ("shooting", "shot", {"exact_frames"}),
    "qa_scores": ("reviewing", "scene", set()),
    "critic_verdicts": ("reviewing", "tier", set()),
    "edls": ("editing", None, set()),
    "final_cut": ("finishing", None, {"money_adds_up"}),
}
JOBS = {*JOB_ASSETS, "retake_shot", "new_production", "new_slate"}


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    return build_defs()


def test_the_graph_has_exactly_the_assets_of_the_design(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    assert {key.to_user_string() for key in graph.get_all_asset_keys()} == GRAPH.keys()


@pytest.mark.parametrize("name", GRAPH)
def test_an_asset_tells_its_story_in_the_ui(definitions: dg.Definitions, name: str) -> None:
    stage, dimension, checks = GRAPH[name]
    asset = definitions.resolve_asset_graph().get(dg.AssetKey(name))
    assert asset.group_name == stage
    assert asset.description
    assert len(asset.description) > 30
    assert len(asset.owners) == 1
    assert asset.kinds
    assert asset.code_version
    assert {check.name for check in asset.check_keys} == checks
    partitions = asset.partitions_def
    if dimension is None:
        assert isinstance(partitions, dg.DynamicPartitionsDefinition)
        assert partitions.name == "productions"
    else:
        assert isinstance(partitions, dg.MultiPartitionsDefinition)
        assert partitions.partition_dimension_names == ["production", dimension], "the key reads production|place"
        assert asset.backfill_policy == dg.BackfillPolicy.single_run()


def test_the_second_dimensions_hold_every_cell_there_may_be() -> None:
    def keys(partitions: dg.MultiPartitionsDefinition, name: str) -> list[str]:
        (found,) = [d for d in partitions.partitions_defs if d.name == name]
        return list(found.partitions_def.get_partition_keys())

    assert keys(GRID.pilots, "tier") == ["animated", "photoreal", "static"]
    assert keys(GRID.scenes, "scene")[:2] == ["animated.s01", "animated.s02"]
    assert len(keys(GRID.scenes, "scene")) == 3 * GRID.max_scenes
    assert keys(GRID.shots, "shot")[3:5] == ["animated.s01.k4", "animated.s02.k1"], "ranges run in the film's order"
    assert len(keys(GRID.shots, "shot")) == 3 * GRID.max_scenes * GRID.max_shots


def test_every_job_sensor_schedule_and_check_says_what_it_is_for(definitions: dg.Definitions) -> None:
    repository = definitions.get_repository_def()
    jobs = [job for job in repository.get_all_jobs() if not job.name.startswith("__")]
    assert {job.name for job in jobs} == JOBS
    assert {sensor.name for sensor in repository.sensor_defs} == {"call_sheet_sensor", "critic_sensor"}
    assert {schedule.name for schedule in repository.schedule_defs} == {"nightly_slate"}
    for described in (*jobs, *repository.sensor_defs, *repository.schedule_defs):
        assert described.description, described.name
        assert len(described.description) > 30, described.name
    graph = definitions.resolve_asset_graph()
    assert all(graph.get_check_spec(key).description for key in graph.asset_check_keys)


def test_sensors_run_by_themselves_and_the_slate_only_when_it_is_switched_on(definitions: dg.Definitions) -> None:
    repository = definitions.get_repository_def()
    assert {s.default_status for s in repository.sensor_defs} == {dg.DefaultSensorStatus.RUNNING}
    assert {s.default_status for s in repository.schedule_defs} == {dg.DefaultScheduleStatus.STOPPED}


def test_the_jobs_of_the_sensors_make_every_asset_once() -> None:
    again = ("polish", "revise", "narrate")
    made = [asset for job, assets in JOB_ASSETS.items() for asset in assets if job not in again]
    assert sorted(made) == sorted(GRAPH)


@pytest.mark.slow
def test_the_workspace_validates_in_a_fresh_checkout(empty: Studio) -> None:
    validated = subprocess.run(
        [sys.executable, "-m", "dagster", "definitions", "validate", "-w", str(ROOT / "workspace.yaml")],
        cwd=ROOT,
        env=empty.env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert validated.returncode == 0, validated.stderr
