"""From what was recorded of a function to how its variants stand against each other.

What lives here: which values belong to which variant, their means, and which differences are tested. What does not:
the mathematics (``statistics.py``), keeping the records (``records.py``), and the sentences (``telling.py``).

For each metric the best variant is tested against each other one. All tests of one function are one family for Holm's
correction: five metrics are five chances to find something where there is nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from studio_pipeline.experiments import statistics
from studio_pipeline.experiments.metrics import COMPLETION, COST, METRICS, QUALITY, SIMULATED_USD, Metric, Observation
from studio_pipeline.experiments.records import Assignment
from studio_pipeline.experiments.statistics import SIGNIFICANT, Mean

JUDGES = frozenset({"video_evaluator"})
"""Functions that give the ratings which the quality is made of: their variants cannot be compared by it."""


@dataclass(frozen=True)
class VariantStanding:
    """One variant: what it was drawn for, and what came of it."""

    variant: str
    weight: float | None
    """``None`` for one that is not in the file any more."""
    drawn: int
    """Productions that have it."""
    over: int
    """Those of them that have ended, well or badly."""
    means: Mapping[str, Mean]
    """By metric; one of which nothing is known is left out."""
    quality_per_usd: Mean | None
    """Rating points for a dollar: the mean quality over the mean cost of the productions of which both are known."""
    simulated: bool
    """Whether a part of the costs was charged by nobody."""


@dataclass(frozen=True)
class Comparison:
    """The best variant of a metric beside another one."""

    metric: Metric
    best: str
    other: str
    n: tuple[int, int]
    difference: float
    """Mean of the best less mean of the other one, in the metric's unit."""
    p: float | None
    """Corrected by Holm; ``None`` where nothing can be tested."""
    needed: int | None = None
    """About how many films of each would show a difference as large as this one looks."""

    @property
    def significant(self) -> bool:
        return self.p is not None and self.p < SIGNIFICANT


@dataclass(frozen=True)
class FunctionStanding:
    """One function: its variants, the heaviest first, and how they compare."""

    function: str
    variants: tuple[VariantStanding, ...]
    comparisons: tuple[Comparison, ...]
    mixed: int = 0
    """Productions that were made by two variants, one after the other, and are not counted."""


def standing_of(
    function: str,
    weights: Mapping[str, float],
    assignments: Iterable[Assignment],
    observations: Iterable[Observation],
) -> FunctionStanding:
    """How the variants of a function stand.

    Args:
        weights: of the variants in the file, by name.
        assignments, observations: those of other functions are passed over.
    """
    mine = [one for one in assignments if one.function == function]
    drawn = [one for one in mine if one.draws == 1]
    values: dict[str, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    simulated = set()
    for seen in observations:
        if seen.function == function:
            values[seen.variant][seen.metric][seen.production] = float(seen.value)
            if seen.unit == SIMULATED_USD:
                simulated.add(seen.variant)
    names = [*weights, *sorted({one.variant for one in drawn} - set(weights))]
    variants = tuple(
        VariantStanding(
            variant=name,
            weight=weights.get(name),
            drawn=sum(one.variant == name for one in drawn),
            over=len(values[name][COMPLETION.name]),
            means=_means(values[name]),
            quality_per_usd=_per_usd(values[name]),
            simulated=name in simulated,
        )
        for name in sorted(names, key=lambda name: (-weights.get(name, -1.0), name))
    )
    tested = METRICS.values() if function not in JUDGES else [m for m in METRICS.values() if m is not QUALITY]
    return FunctionStanding(function, variants, _compared(tested, values), len(mine) - len(drawn))


def _means(values: Mapping[str, Mapping[str, float]]) -> dict[str, Mean]:
    found = {}
    for name, metric in METRICS.items():
        if (mean := statistics.mean_of(list(values.get(name, {}).values()))) is not None:
            found[name] = _within(mean, metric)
    return found


def _within(mean: Mean, metric: Metric) -> Mean:
    """The interval cut off where the metric ends."""
    if mean.low is None or mean.high is None:
        return mean
    high = mean.high if metric.most is None else min(mean.high, metric.most)
    return replace(mean, low=max(mean.low, metric.least), high=high)


def _per_usd(values: Mapping[str, Mapping[str, float]]) -> Mean | None:
    quality, cost = values.get(QUALITY.name, {}), values.get(COST.name, {})
    both = sorted(quality.keys() & cost.keys())
    ratio = statistics.ratio_of([quality[name] for name in both], [cost[name] for name in both])
    return ratio if ratio is None or ratio.low is None else replace(ratio, low=max(0.0, ratio.low))


def _compared(
    metrics: Iterable[Metric], values: Mapping[str, Mapping[str, Mapping[str, float]]]
) -> tuple[Comparison, ...]:
    found: list[Comparison] = []
    for metric in metrics:
        known = {name: list(seen[metric.name].values()) for name, seen in values.items() if seen.get(metric.name)}
        if len(known) > 1:
            best = _best(metric, known)
            found += [_against(metric, best, other, known) for other in sorted(known) if other != best]
    raw = {str(index): one.p for index, one in enumerate(found) if one.p is not None}
    corrected = statistics.holm(raw)
    return tuple(replace(one, p=corrected.get(str(index))) for index, one in enumerate(found))


def _best(metric: Metric, known: Mapping[str, Sequence[float]]) -> str:
    """The variant with the best mean; one film alone is no champion where others have more."""
    several = [name for name in known if len(known[name]) > 1] or list(known)
    sign = 1 if metric.better == "max" else -1
    return max(sorted(several), key=lambda name: sign * fmean(known[name]))


def _against(metric: Metric, best: str, other: str, known: Mapping[str, Sequence[float]]) -> Comparison:
    ours, theirs = known[best], known[other]
    test = statistics.welch(ours, theirs)
    return Comparison(
        metric=metric,
        best=best,
        other=other,
        n=(len(ours), len(theirs)),
        difference=fmean(ours) - fmean(theirs),
        p=test.p if test is not None else None,
        needed=statistics.needed(ours, theirs),
    )
