"""``studio calibrate``: what a person is told of the studio's ratings, what it costs, and what is refused."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from studio_pipeline.cli.calibrate import PRODUCTION, command
from studio_pipeline.errors import BadInput, OutOfBudget, StudioError
from studio_pipeline.orchestration.quality import Calibration, read_calibration
from studio_pipeline.orchestration.studio_home import build_home
from studio_pipeline.providers import factory
from studio_pipeline.providers.language.port import LanguageRequest
from studio_pipeline.settings import ASSETS_DIR, Settings, settings

sys.path.insert(0, str(Path(__file__).parent.parent / "stages" / "reviewing"))
from eyes import PaidEyes, judgement

EXAMPLE = ASSETS_DIR.parent / "examples" / "calibration"
RATINGS = EXAMPLE / "ratings.yaml"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def studio(home: Path, *args: str, language: str = "rules") -> Result:
    settings.cache_clear()
    done = CliRunner().invoke(
        command,
        [str(arg) for arg in args],
        env={"STUDIO_HOME": str(home), "LANGUAGE_PROVIDER": language},
        standalone_mode=False,
    )
    settings.cache_clear()
    return done


def told(home: Path, *args: str, language: str = "rules") -> dict[str, Any]:
    done = studio(home, *args, "--json", language=language)
    assert done.exception is None, done.exception
    return json.loads(done.stdout)


def refused(home: Path, *args: str, language: str = "rules") -> StudioError:
    error = studio(home, *args, language=language).exception
    assert isinstance(error, StudioError), error
    assert not (home / "calibration.json").exists()
    return error


def spent(home: Path) -> int:
    kept = build_home(Settings.read({"STUDIO_HOME": str(home)}))
    return round(kept.ledger.totals(PRODUCTION).settled_usd)


def compressed(request: LanguageRequest) -> Any:
    """A judge that likes everything: by the picture, 70 to 95."""
    return judgement({(1, 1): 70 + int(request.images[0].sha256[:4], 16) % 26})


def test_the_example_runs_as_its_file_says_and_is_kept(home: Path) -> None:
    found = told(home, str(RATINGS))
    assert (found["judge"], found["clips"], found["judged"], found["paid_usd"]) == ("measures", 13, 0, "0.00")
    assert found["rank_correlation"] > 0.6 and found["fit"] == "none"
    kept = read_calibration(home)
    assert isinstance(kept, Calibration) and kept.noise_points == found["noise_points"]
    assert kept.clips[0].clip == "01-drift.mp4" and kept.raters == ("by construction",)


def test_the_example_is_small() -> None:
    assert sum(path.stat().st_size for path in EXAMPLE.iterdir()) < 300_000


def test_a_person_reads_a_table_and_what_it_means(home: Path) -> None:
    shown = studio(home, str(RATINGS)).stdout
    assert "01-drift.mp4" in shown and "rank correlation" in shown and "nine of ten cases" in shown
    assert "measured ratings stay as they are" in shown


def test_a_judge_is_asked_about_whole_clips_within_the_budget_and_its_curve_is_kept(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    eyes = PaidEyes(compressed)
    monkeypatch.setattr(factory, "vendor", lambda *args, **more: eyes)
    found = told(home, str(RATINGS), "--budget-usd", "20", language="anthropic")
    assert found["judge"] == "anthropic/claude-opus-5-5"
    assert found["judged"] == eyes.looks == spent(home) == 9, "frozen and ruined clips cost nothing"
    kept = read_calibration(home)
    assert kept is not None and kept.knots and kept.prompt
    again = told(home, str(RATINGS), "--budget-usd", "1", language="anthropic")
    assert (eyes.looks, again["paid_usd"], again["knots"]) == (9, "0.00", found["knots"])


def test_a_judge_is_not_asked_before_it_is_said_what_it_may_charge(home: Path) -> None:
    error = refused(home, str(RATINGS), language="anthropic")
    assert isinstance(error, BadInput) and "--budget-usd" in str(error)


def test_where_the_budget_ends_what_was_judged_is_kept_and_costs_nothing_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    eyes = PaidEyes(compressed)
    monkeypatch.setattr(factory, "vendor", lambda *args, **more: eyes)
    error = refused(home, str(RATINGS), "--budget-usd", "3", language="anthropic")
    assert isinstance(error, OutOfBudget) and "ended after 3 of 13 clips" in error.what
    told(home, str(RATINGS), "--budget-usd", "6", language="anthropic")
    assert eyes.looks == spent(home) == 9


def written(folder: Path, lines: list[str]) -> str:
    for name in ("01-drift.mp4", "07-fog.mp4"):
        (folder / name).write_bytes((EXAMPLE / name).read_bytes())
    (folder / "words.mp4").write_text("no clip")
    (folder / "r.csv").write_text("clip,rating\n" + "\n".join(lines) + "\n")
    return str(folder / "r.csv")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["01-drift.mp4,90", "07-fog.mp4,50"], "2 rated clips are too few"),
        (["01-drift.mp4,90", "gone.mp4,50"], "no clip gone.mp4"),
        (["01-drift.mp4,90", "words.mp4,50"], "line 3"),
        (["01-drift.mp4,9000"], "is 9000"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_line_before_anything_is_paid(
    tmp_path: Path, home: Path, lines: list[str], words: str
) -> None:
    error = refused(home, written(tmp_path, lines))
    assert isinstance(error, BadInput) and words in str(error)


def test_a_file_that_is_not_there_is_named_with_those_beside_it(home: Path) -> None:
    assert "ratings.yaml" in str(refused(home, str(EXAMPLE / "rating.yaml")))
