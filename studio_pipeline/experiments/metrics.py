"""The five metrics of a production, and what one production says about the variants it was made with.

What lives here: names, units, and from an outcome to observations. What does not: where an outcome comes from
(``orchestration/outcomes.py``), keeping them (``records.py``), and what they tell (``comparison.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal

from pydantic import Field

from studio_pipeline.film.frozen import Frozen


class Metric(Frozen):
    """One thing that is counted of a production."""

    name: str
    unit: str
    better: Literal["max", "min"]
    label: str
    """How a table's column is called."""
    about: str
    least: float = 0
    most: float | None = None
    """The range it can have; ``None`` without a limit."""


QUALITY = Metric(
    name="video_quality_score",
    unit="points",
    better="max",
    label="quality",
    about="Mean rating of the shots in the delivered film, by their length, as the inspector rated them: 0 to 100.",
    most=100,
)
COST = Metric(
    name="video_generation_cost",
    unit="USD",
    better="min",
    label="cost",
    about="What the production was charged for everything, cancelled pilots and lost purchases included.",
)
TIME = Metric(
    name="video_generation_time",
    unit="s",
    better="min",
    label="time",
    about="Wall clock from its first run to its first film, in seconds, without the wait for a person's choice.",
)
SATISFACTION = Metric(
    name="user_satisfaction",
    unit="stars",
    better="max",
    label="satisfaction",
    about="What a person said of the film with `studio rate`: 1 to 5 stars.",
    least=1,
    most=5,
)
COMPLETION = Metric(
    name="video_completion_rate",
    unit="share",
    better="max",
    label="completed",
    about="Circled takes that are there, of the shots planned for the pilots that were to be finished: 0 to 1.",
    most=1,
)
METRICS: Mapping[str, Metric] = {metric.name: metric for metric in (QUALITY, COST, TIME, SATISFACTION, COMPLETION)}

SIMULATED_USD = "USD, simulated"
"""The unit of a cost of which nobody was charged at least a part."""

_MILLIONTH = Decimal("0.000001")


class Outcome(Frozen):
    """How one production turned out. Unknown is ``None``."""

    production: str
    quality: float | None = Field(default=None, ge=0, le=100)
    cost_usd: Decimal | None = Field(default=None, ge=0)
    simulated: bool = False
    """Whether a part of the cost was charged by nobody."""
    seconds: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    completion: float | None = Field(default=None, ge=0, le=1)


class Observation(Frozen):
    """What one production says about one variant of one function. ``value`` is kept to a millionth of its unit."""

    production: str
    function: str
    variant: str
    metric: str
    value: Decimal
    unit: str
    recorded_at: str = ""
    """UTC, ISO 8601."""


def values_of(outcome: Outcome, stars: int | None) -> dict[str, tuple[Decimal, str]]:
    """Value and unit of each metric that is known of a production, by the metric's name.

    Args:
        stars: what a person said of it.
    """
    known = (
        (QUALITY, outcome.quality),
        (COST, outcome.cost_usd),
        (TIME, outcome.seconds),
        (SATISFACTION, stars),
        (COMPLETION, outcome.completion),
    )
    return {
        metric.name: (
            Decimal(str(value)).quantize(_MILLIONTH, ROUND_HALF_EVEN),
            SIMULATED_USD if metric is COST and outcome.simulated else metric.unit,
        )
        for metric, value in known
        if value is not None
    }
