"""What a comparison says, in plain sentences, and how values of a metric read. Data in, words out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from studio_pipeline.experiments.comparison import JUDGES, Comparison, FunctionStanding
from studio_pipeline.experiments.metrics import COMPLETION, COST, QUALITY, SATISFACTION, TIME, Metric
from studio_pipeline.experiments.statistics import POWER

_MOST_FILMS = 1000
"""More films of each variant than this nobody makes to settle a question."""


def _money(usd: float) -> str:
    return f"${usd:,.2f}" if usd == 0 or abs(usd) >= 0.1 else f"${usd:.4f}"


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:,.1f} min"


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


def p_told(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"


def comparison_told(one: Comparison) -> str:
    """One sentence: which is better and how sure that is, or that nothing can be told, and what would help."""
    label = one.metric.label.capitalize()
    sizes = f"n = {one.n[0]} and {one.n[1]}"
    pair = f"{one.best} and {one.other}"
    if min(one.n) < 2:
        return f"{label}: too few films to compare {pair} ({sizes}); it takes two of each at least."
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
    return f" Were it as large as it looks, about {one.needed} films of each would show it ({POWER:.0%} of the time)."


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
