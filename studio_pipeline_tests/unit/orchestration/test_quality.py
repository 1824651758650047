"""The quality gates and the calibration of a home: read whole, refused in words, and used where money is moved."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from studio_pipeline.budget.takes_belief import RATING_NOISE_POINTS
from studio_pipeline.errors import BadInput, HomeDamaged
from studio_pipeline.orchestration.quality import (
    Calibration,
    noise_points,
    on_curve,
    quality,
    read_calibration,
    write_calibration,
)

sys.path.insert(0, str(Path(__file__).parent))
from world import World


def calibration(**changes: Any) -> Calibration:
    about: dict[str, Any] = {
        "judge": "a/judge",
        "prompt": "p",
        "knots": ((0, 10), (50, 40), (100, 90)),
        "fit": "isotonic",
        "noise_points": 12.5,
        "rank_correlation": 0.7,
        "rank_interval": (0.4, 0.9),
        "raters": ("anna",),
        "clips": (),
        "made_at": "2026-11-21T00:00:00+00:00",
    }
    return Calibration(**about | changes)


def test_the_shipped_gates_can_be_read() -> None:
    rules = quality().inspection
    assert 0 < rules.judge_weight < 1 and rules.broken_below < rules.most_with_fault


@pytest.mark.parametrize(
    ("text", "told"), [("inspection: {judge_weight: 2}", "inspection."), ("[", "Restore"), ("", "")]
)
def test_gates_that_cannot_be_read_are_told_with_the_field(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "quality.yaml").write_text(text)
    with pytest.raises(BadInput) as wrong:
        quality(tmp_path / "quality.yaml")
    assert told in str(wrong.value) and "quality.yaml" in str(wrong.value)


def test_a_calibration_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    assert read_calibration(tmp_path) is None
    write_calibration(tmp_path, calibration())
    assert read_calibration(tmp_path) == calibration()
    assert [path.name for path in tmp_path.iterdir()] == ["calibration.json"], "nothing unfinished stays behind"


def test_a_damaged_calibration_is_no_calibration_in_silence(tmp_path: Path) -> None:
    (tmp_path / "calibration.json").write_text('{"judge": "a/judge"')
    with pytest.raises(HomeDamaged, match="studio calibrate"):
        read_calibration(tmp_path)


@pytest.mark.parametrize("knots", [((0, 50), (0, 60)), ((0, 50), (10, 40)), ((0, -1),), ((0, 101),)])
def test_a_curve_that_falls_or_leaves_the_scale_is_none(knots: Any) -> None:
    with pytest.raises(ValidationError):
        calibration(knots=knots)


def test_a_rating_is_read_off_the_curve_and_level_beyond_its_ends() -> None:
    assert [calibration().of(said) for said in (0, 25, 50, 75, 100)] == [10, 25, 40, 65, 90]
    assert on_curve(((30, 20), (60, 80)), 10) == 20 and on_curve(((30, 20), (60, 80)), 99) == 80


def test_only_the_judge_that_was_calibrated_is_read_through_the_curve() -> None:
    assert calibration().is_of("a/judge", "p")
    assert not calibration().is_of("b/judge", "p") and not calibration().is_of("a/judge", "q")
    assert not calibration(knots=(), fit="none").is_of("a/judge", "p")


def test_the_noise_of_a_home_is_what_was_measured_there_and_never_none_at_all(tmp_path: Path) -> None:
    assert noise_points(tmp_path) is None
    write_calibration(tmp_path, calibration())
    assert noise_points(tmp_path) == 12.5
    write_calibration(tmp_path, calibration(noise_points=0.2))
    assert noise_points(tmp_path) == 1


@pytest.mark.parametrize(("noise", "another"), [(1.0, False), (RATING_NOISE_POINTS, True)])
def test_a_shot_that_is_surely_good_enough_is_left_alone_and_how_sure_follows_from_the_noise(
    noise: float, another: bool
) -> None:
    world = World(
        ratings={"animated": 85.0},
        policy="halving",
        good_enough=80.0,
        noise_points=noise,
        quality=lambda shot, take: 82.0,
    )
    world.orders["order#choice"] = "recommended"
    world.run()
    assert (max(world.takes.values()) > 1) == another
