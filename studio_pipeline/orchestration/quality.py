"""Quality as data: the gates of ``assets/quality.yaml``, and how far this home's ratings can be trusted.

What lives here: reading both, and what a calibration says of a rating. What does not: how a rating comes about
(``stages/reviewing/inspector.py``), how a calibration is fitted (``stages/reviewing/calibration.py``), and what follows
from ratings (``budget/``). No Dagster here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import Field, ValidationError, field_validator

from studio_pipeline.budget.refinement import Gates
from studio_pipeline.data_file import read_data
from studio_pipeline.errors import HomeDamaged
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.settings import ASSETS_DIR
from studio_pipeline.whole_file import disk_errors_told, write_whole

QUALITY_FILE = ASSETS_DIR / "quality.yaml"
CALIBRATION_FILE = "calibration.json"
"""Its name in the studio home."""
MEASURES = "measures"
"""Stands for the judge where there is none: ratings are measured."""
LEAST_NOISE_POINTS = 1.0
"""Nobody's ratings are believed to be closer than this, however well a few clips happened to agree."""


class Inspection(Frozen):
    """What a judge is asked about, and how its eyes and the measures make one rating."""

    broken_below: float = Field(ge=0, le=100)
    """A take that measures less is broken."""
    broken_share: float = Field(gt=0, le=1)
    """So is one that is black, or stands still, for this share of its frames."""
    judge_weight: float = Field(ge=0, le=1)
    """How much the judge counts against measured weaknesses. Measured faults count in full beside it."""
    most_with_fault: float = Field(ge=0, le=100)
    """The best a judge may rate a take that it finds a fault in."""
    most_takes: int = Field(ge=1, le=60)
    """Takes of a scene that a judge is shown at once."""


class Quality(Frozen):
    """The file."""

    inspection: Inspection
    refinement: Gates


@lru_cache(maxsize=4)
def quality(path: Path = QUALITY_FILE) -> Quality:
    """The gates. Raises ``BadInput`` that names the field."""
    return read_data(path, Quality, "The list of quality gates")


FitKind: TypeAlias = Literal["isotonic", "linear", "none"]
"""``none`` where only measures rate: nothing is mapped."""
Knots: TypeAlias = Sequence[tuple[float, float]]
"""Points of a rising curve, by rising ``x``."""


def on_curve(knots: Knots, x: float) -> float:
    """The curve through ``knots`` at ``x``: straight between them, level beyond them."""
    if x <= knots[0][0]:
        return knots[0][1]
    for (left, low), (right, high) in pairwise(knots):
        if x <= right:
            return low + (high - low) * (x - left) / (right - left)
    return knots[-1][1]


class RatedClip(Frozen):
    """One clip of a calibration: what people, the judge and the measures say of it."""

    clip: str
    sha256: str
    people: float
    judge: float | None = None
    """What the judge said, uncalibrated; ``None`` for a clip that it was not shown, for being broken."""
    measured: float
    rating: float
    """What the studio rates it when the curve is fitted without it."""


class Calibration(Frozen):
    """How the studio's ratings stand to those of people."""

    judge: str
    """The model whose ratings these are; ``measures`` where no model was in use."""
    prompt: str = ""
    """Digest of the prompt that the judge was asked with."""
    knots: tuple[tuple[float, float], ...] = ()
    """From what the judge says to what people say, both 0 to 100; none for measures, which stay as they are."""
    fit: FitKind
    noise_points: float = Field(ge=0, le=100)
    """Standard deviation of the studio's ratings around those of people, each clip rated without its own help."""
    rank_correlation: float = Field(ge=-1, le=1)
    """Spearman's, of uncalibrated ratings with those of people."""
    rank_interval: tuple[float, float]
    """95 %."""
    rater_sd_points: float | None = None
    """How far people differ about one clip; ``None`` when nobody rated a clip that somebody else did."""
    raters: tuple[str, ...]
    clips: tuple[RatedClip, ...]
    made_at: str

    @field_validator("knots")
    @classmethod
    def _rising(cls, knots: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
        if any(left >= right or low > high for (left, low), (right, high) in pairwise(knots)):
            raise ValueError("the curve must rise")
        if any(not 0 <= y <= 100 for _, y in knots):
            raise ValueError("the curve leaves 0 to 100")
        return knots

    def is_of(self, judge: str, prompt: str) -> bool:
        """Whether it says something about this judge, asked with this prompt."""
        return bool(self.knots) and (self.judge, self.prompt) == (judge, prompt)

    def of(self, said: float) -> float:
        """What people would say where the judge says ``said``."""
        return on_curve(self.knots, said)


def read_calibration(home: Path) -> Calibration | None:
    """The calibration of the studio home at ``home``; ``None`` when nobody has made one.

    Raises:
        HomeDamaged: when it is there and cannot be read back.
    """
    path = home / CALIBRATION_FILE
    try:
        return Calibration.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise HomeDamaged(
            "The calibration of the ratings cannot be read",
            where=str(path),
            todo="Delete it, or make it anew with `studio calibrate`.",
        ) from error


def write_calibration(home: Path, calibration: Calibration) -> Path:
    """Put the calibration into the home, in place of an earlier one. What is inspected from then on uses it."""
    path = home / CALIBRATION_FILE
    with disk_errors_told(path, "The calibration"):
        write_whole(path, calibration.model_dump_json(indent=1) + "\n")
    return path


def noise_points(home: Path) -> float | None:
    """How far a rating of the studio home at ``home`` is off in points, measured against people; ``None`` when
    nobody has measured it."""
    calibration = read_calibration(home)
    return None if calibration is None else max(LEAST_NOISE_POINTS, calibration.noise_points)
