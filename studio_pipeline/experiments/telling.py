"""What a comparison says, in plain sentences, and how values of a metric read. Data in, words out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from studio_pipeline.experiments.comparison import JUDGES, Comparison, FunctionStanding
from studio_pipeline.experiments.metrics import COMPLETION, COST, QUALITY, SATISFACTION, TIME, Metric
from studio_pipeline.experiments.statistics import Mean

_LEAST = 2
"""Values a side that a test takes."""
_MOST_FILMS = 1000
"""More films of each variant than this nobody makes to settle a question."""

_SMALL_USD = 0.05
_LONG_S = 120


def _money(usd: float) -> str:
    return f"${usd:,.2f}" if usd == 0 or usd >= _SMALL_USD else f"${usd:.4f}"


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < _LONG_S else f"{seconds / 60:,.1f} min"


_VALUES: Mapping[str, Callable[[float], str]] = {
    QUALITY.name: lambda value: f"{value:.1f}",
    COST.name: _money,
    TIME.name: _time,
    SATISFACTION.name: lambda value: f"{value:.1f}",
    COMPLETION.name: lambda value: f"{100 * value:.0f} %",
}
_BETTER: Mapping[str, str] = {
    QUALITY.name: "is rated better than {other} by {by} points",
    COST.name: "is cheaper than {other} by {by}",
    TIME.name: "is faster than {other} by {by}",
    SATISFACTION.name: "is liked better than {other} by {by} stars",
    COMPLETION.name: "completes more than {other} by {by}",
}


def value_told(metric: Metric, value: float) -> str:
    """A value in its unit: ``71.2``, ``$1.23``, ``98 s``, ``100 %``."""
    return _VALUES[metric.name](value)


def mean_told(metric: Metric, mean: Mean | None, *, of: int) -> str:
    """A mean with half its interval: ``71.2 ± 4.1``; with the number of its values where that is not ``of``."""
    return _told(lambda value: value_told(metric, value), lambda half: _margin(metric, half, mean), mean, of)


def ratio_told(mean: Mean | None, *, of: int) -> str:
    """Rating points for a dollar: ``58 ± 12``."""

    def told(value: float) -> str:
        return f"{value:.0f}" if mean is not None and mean.mean >= 10 else f"{value:.1f}"

    return _told(told, told, mean, of)


def _margin(metric: Metric, half: float, mean: Mean | None) -> str:
    """Half an interval beside its mean: in the same unit and as exact, so the unit is not said twice."""
    around = mean.mean if mean is not None else half
    if metric is COST:
        return f"{half:,.2f}" if around >= _SMALL_USD else f"{half:.4f}"
    if metric is TIME:
        return f"{half:.0f}" if around < _LONG_S else f"{half / 60:,.1f}"
    return f"{100 * half:.0f}" if metric is COMPLETION else f"{half:.1f}"


def _told(told: Callable[[float], str], margin: Callable[[float], str], mean: Mean | None, of: int) -> str:
    if mean is None:
        return "–"
    around = ""
    if mean.low is not None and mean.high is not None:
        around = f" ± {margin(max(mean.mean - mean.low, mean.high - mean.mean))}"
    return f"{told(mean.mean)}{around}{f' ({mean.n})' if mean.n != of else ''}"


def p_told(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"


def comparisons_told(standing: FunctionStanding) -> list[tuple[str, bool]]:
    """Sentences about a function's variants, each with whether it tells a significant difference."""
    few: dict[tuple[str, ...], list[str]] = {}
    sentences = []
    for one in standing.comparisons:
        if min(one.n) < _LEAST:
            few.setdefault(tuple(sorted((one.best, one.other))), []).append(one.metric.label)
        else:
            sentences.append((comparison_told(one), one.significant))
    for (first, second), labels in few.items():
        what = " and ".join(filter(None, (", ".join(labels[:-1]), labels[-1])))
        words = f"Too few films of {first} and {second} to compare {what}: it takes {_LEAST} of each at least."
        sentences.append((words, False))
    return sentences


def comparison_told(one: Comparison) -> str:
    """One sentence: which is better and how sure that is, or that nothing can be told, and what would help."""
    label = one.metric.label.capitalize()
    sizes = f"n = {one.n[0]} and {one.n[1]}"
    pair = f"{one.best} and {one.other}"
    if min(one.n) < _LEAST:
        return f"{label}: too few films to compare {pair} ({sizes}); it takes {_LEAST} of each at least."
    if one.p is None:
        if one.difference == 0:
            return f"{label}: {pair} are alike in every film ({sizes})."
        return f"{label}: {pair} never vary, so chance cannot be told from a difference ({sizes})."
    why = f"({p_told(one.p)}, {sizes})"
    if one.significant:
        by = value_told(one.metric, abs(one.difference))
        return f"{label}: {one.best} {_BETTER[one.metric.name].format(other=one.other, by=by)} {why}."
    return f"{label}: no difference can be told between {pair} {why}.{_more(one)}"


def _more(one: Comparison) -> str:
    if one.needed is None or one.needed <= min(one.n):
        return ""
    if one.needed > _MOST_FILMS:
        return " If there is one, it is too small to be worth looking for."
    return f" Were it as large as it looks, about {one.needed} films of each would show it."


def notes_told(standing: FunctionStanding) -> list[str]:
    """What else a person has to know to read the numbers of a function."""
    notes = []
    if standing.function in JUDGES:
        notes.append("Its variants give the ratings themselves, so they are not compared by quality.")
    if any(variant.simulated for variant in standing.variants):
        notes.append("A part of the costs is simulated: nobody was charged.")
    if standing.mixed:
        notes.append(f"Not counted, as their variant was taken out of the file on the way: {standing.mixed}.")
    waiting = sum(variant.drawn - variant.over for variant in standing.variants)
    if waiting > 0:
        notes.append(f"Under way, or stopped where they can go on: {waiting}.")
    return notes
