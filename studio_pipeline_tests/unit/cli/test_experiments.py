"""What a person sees of experiments after no, one, five and two hundred films, and what a script gets."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from studio_pipeline.cli.app import main
from studio_pipeline.cli.calibrate import PRODUCTION as CALIBRATION
from studio_pipeline.experiments.metrics import METRICS, Outcome
from studio_pipeline.film.brief import Brief
from studio_pipeline.orchestration.home import open_home
from studio_pipeline.orchestration.studio_home import StudioHome, build_home
from studio_pipeline.prompting import variants
from studio_pipeline.prompting.variants import Function, Variant
from studio_pipeline.settings import Settings


def function(name: str, *names: str) -> Function:
    made = tuple(Variant(name=variant, prompt="some", model="writing") for variant in names)
    return Function(name=name, output="Draft", most_output_tokens=100, variants=made)


FUNCTIONS = {
    "script_generator": function("script_generator", "plain", "bold"),
    "editor": function("editor", "plain"),
    "video_evaluator": function("video_evaluator", "plain", "strict"),
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StudioHome:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(variants, "functions", lambda: FUNCTIONS)
    settings = Settings.read({"STUDIO_HOME": str(tmp_path / "home")})
    open_home(settings)
    return build_home(settings)


def studio(*args: str) -> tuple[int, str, str]:
    ran = CliRunner().invoke(main, list(args))
    return ran.exit_code, ran.stdout, ran.stderr


def told(*args: str) -> Any:
    code, stdout, stderr = studio(*args, "--json")
    assert code == 0, stderr
    return json.loads(stdout)


def films(home: StudioHome, number: int, *, better: float = 0.0, rated_every: int = 3) -> None:
    """So many films; those of the bold script come out ``better`` by so many points, and cost a little more."""
    chance = random.Random(7)
    for index in range(number):
        name = f"film-{index}"
        drawn = {one.name: home.records.variant_of(name, one).name for one in FUNCTIONS.values()}
        bold = drawn["script_generator"] == "bold"
        home.records.record(
            Outcome(
                production=name,
                quality=min(100.0, chance.gauss(68, 6) + better * bold),
                cost_usd=Decimal(f"{1.2 + 0.1 * bold + chance.random() * 0.3:.6f}"),
                seconds=chance.uniform(80, 110),
                completion=1.0,
            )
        )
        if index % rated_every == 0:
            home.records.rate(name, chance.choice([3, 4, 4, 5]))


def test_a_calibration_is_no_film_that_is_under_way(home: StudioHome) -> None:
    home.records.variant_of(CALIBRATION, FUNCTIONS["video_evaluator"])
    (judging,) = told("experiments", "video_evaluator")["functions"]
    assert sum(variant["drawn"] for variant in judging["variants"]) == 0
    title = Brief(title=CALIBRATION, concept="An idea.", duration_s=30, budget_usd=Decimal(5))
    assert title.production != CALIBRATION, "a film called so has an envelope of its own"


def test_without_a_home_and_without_films_it_says_what_to_do(tmp_path: Path, home: StudioHome) -> None:
    for args in ((), ("--home", str(tmp_path / "nowhere"))):
        code, stdout, _ = studio("experiments", *args)
        assert code == 0
        assert "nothing to compare" in stdout
        assert "prompts/variants.yaml" in stdout
        assert "studio rate PRODUCTION STARS" in stdout
    assert not (tmp_path / "nowhere").exists()


def test_one_film_has_values_and_no_interval(home: StudioHome) -> None:
    films(home, 1)
    _, stdout, _ = studio("experiments", "script_generator")
    assert "±" not in "".join(line for line in stdout.splitlines() if line.startswith("  quality"))
    assert "Nothing to compare yet" in stdout


def test_with_five_films_no_difference_is_claimed(home: StudioHome) -> None:
    films(home, 5, better=3)
    _, stdout, _ = studio("experiments", "script_generator")
    assert "Too few films of bold and plain to compare quality, cost, time and completed" in stdout
    assert "is rated better" not in stdout


def test_with_a_dozen_films_that_are_alike_no_difference_is_claimed_either(home: StudioHome) -> None:
    films(home, 12)
    _, stdout, _ = studio("experiments", "script_generator")
    assert "Quality: no difference can be told between" in stdout
    assert "is rated better" not in stdout


def test_with_two_hundred_films_a_difference_of_eight_points_is_found_and_its_price_too(home: StudioHome) -> None:
    films(home, 200, better=8)
    _, stdout, _ = studio("experiments", "script_generator")
    assert "Quality: bold is rated better than plain by" in stdout
    assert "Cost: plain is cheaper than bold by $0.08" in stdout
    assert "Time: no difference can be told" in stdout
    assert "(p < 0.001, n = " in stdout


def test_a_script_gets_the_same_as_one_object_with_money_as_strings(home: StudioHome) -> None:
    films(home, 60, better=8)
    (one,) = told("experiments", "script_generator")["functions"]
    assert {row["variant"] for row in one["variants"]} == {"plain", "bold"}
    assert sum(row["ended"] for row in one["variants"]) == 60
    for row in one["variants"]:
        assert set(METRICS) <= row.keys()
        assert isinstance(row["video_generation_cost"]["mean"], str)
        assert row["video_quality_score"]["low"] < row["video_quality_score"]["mean"]
        assert row["quality_per_usd"]["n"] == row["ended"]
    quality = next(pair for pair in one["comparisons"] if pair["metric"] == "video_quality_score")
    assert (quality["best"], quality["significant"]) == ("bold", True)
    assert "is rated better" in quality["told"]


def test_judges_are_not_compared_by_their_own_ratings(home: StudioHome) -> None:
    films(home, 40)
    (one,) = told("experiments", "video_evaluator")["functions"]
    assert "video_quality_score" not in {pair["metric"] for pair in one["comparisons"]}
    assert any("give the ratings themselves" in note for note in one["notes"])


def test_functions_with_one_variant_are_shown_together(home: StudioHome) -> None:
    films(home, 5)
    _, stdout, _ = studio("experiments")
    assert "Functions with one variant" in stdout
    (line,) = [line for line in stdout.splitlines() if line.startswith("  editor")]
    assert line.split()[:3] == ["editor", "plain", "5"]


def test_an_unknown_function_is_told_the_nearest_one(home: StudioHome) -> None:
    code, _, stderr = studio("experiments", "script_genrator")
    assert code == 2
    assert "Did you mean script_generator?" in stderr


def test_a_home_of_before_experiments_can_be_looked_at(home: StudioHome) -> None:
    home.ledger.set_caps({"production:old": Decimal(1)})
    assert told("experiments")["recorded_now"] == []


def hand_in(home: StudioHome, title: str) -> None:
    home.orders.hand_in(Brief(title=title, concept="A lamp.", duration_s=10, budget_usd=Decimal(20)))


def test_rating_is_kept_and_rating_again_overwrites(home: StudioHome) -> None:
    hand_in(home, "Lamp")
    home.records.variant_of("lamp", FUNCTIONS["editor"])
    assert told("rate", "lamp", "2") == {"production": "lamp", "stars": 2, "before": None, "functions": 1}
    assert told("rate", "lamp", "5")["before"] == 2
    assert home.records.stars() == {"lamp": 5}
    code, stdout, _ = studio("rate", "lamp", "4")
    assert code == 0
    assert "lamp has 4 stars of 5 now, instead of 5." in stdout


def test_a_film_of_rules_can_be_rated_and_counts_for_no_variant(home: StudioHome) -> None:
    hand_in(home, "Lamp")
    _, stdout, _ = studio("rate", "lamp", "1")
    assert "1 star of 5" in stdout
    assert "counts for no variant" in stdout


@pytest.mark.parametrize("stars", ["0", "6", "four", "3.5", "-1"])
def test_stars_that_there_are_not_are_refused(home: StudioHome, stars: str) -> None:
    hand_in(home, "Lamp")
    code, _, stderr = studio("rate", "lamp", "--", stars)
    assert code == 2
    assert "Give 1, 2, 3, 4 or 5" in stderr


def test_a_production_that_there_is_not_is_told_the_nearest_names(home: StudioHome) -> None:
    hand_in(home, "Lighthouse")
    code, _, stderr = studio("rate", "lighthose", "4")
    assert code == 2
    assert "Did you mean lighthouse?" in stderr
    assert home.records.stars() == {}


def test_without_a_home_nothing_can_be_rated(tmp_path: Path) -> None:
    code, _, stderr = studio("rate", "lamp", "4", "--home", str(tmp_path / "nowhere"))
    assert code == 2
    assert "no studio home" in stderr
    assert not (tmp_path / "nowhere").exists()
