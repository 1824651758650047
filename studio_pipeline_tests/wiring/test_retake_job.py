"""The job retake_shot, launched as a person does who picks a shot, writes a note and changes nothing else."""

from __future__ import annotations

from collections.abc import Callable

from studio_pipeline_tests.backlot.lot import open_lot
from studio_pipeline_tests.backlot.studio import PRODUCTION, Studio

SHOT = f"{PRODUCTION}|animated.s02.k1"
AS_THE_LAUNCHPAD_FILLS_IT_IN = {"ops": {"pilot_clips": {"config": {"retake": False, "note": "closer"}}}}


def test_it_makes_a_new_take_whatever_the_launchpad_fills_in(fresh_copy: Callable[[], Studio]) -> None:
    with open_lot(fresh_copy()) as lot:
        assert lot.run("retake_shot", SHOT, config=AS_THE_LAUNCHPAD_FILLS_IT_IN).success
        takes = lot.artifact("pilot_clips", SHOT).content
    assert (takes.circled, takes.take.note) == (2, "closer")


def test_the_same_config_for_the_asset_itself_finds_the_take_it_has(fresh_copy: Callable[[], Studio]) -> None:
    with open_lot(fresh_copy()) as lot:
        assert lot.materialize("pilot_clips", SHOT, config=AS_THE_LAUNCHPAD_FILLS_IT_IN).success
        assert lot.artifact("pilot_clips", SHOT).content.circled == 1
