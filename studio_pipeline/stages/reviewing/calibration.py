"""Calibration: how the studio's ratings stand to those of people, and how far they are off. Pure.

What lives here: the mathematics. What does not: reading what people rated (``ratings_file.py``), looking at their clips
(``screening.py``), and where the outcome is kept (``orchestration/quality.py``).

The judge's rating is mapped to people's by a curve that only rises: either the best one there is (isotonic) or a
straight line, whichever errs less on clips that it was not fitted to (leave one out). With few clips that is mostly the
line. Measured ratings stay as they are: their points are the language of the issues.

The *noise* is the standard deviation of people's rating less the studio's final one, over clips each rated by a curve
that does not know it. It holds what people disagree about among themselves, too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean, stdev

from studio_pipeline.errors import BadInput
from studio_pipeline.orchestration.quality import FitKind, on_curve

LEAST_CLIPS = 8
"""With fewer, even a rank correlation of 0.7 may be chance (95 % interval from below 0 to above 0.9)."""
_LEAST_SPREAD = 1e-9
_Z_95 = 1.959964

Curve = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Sample:
    """What people, the judge and the measures say of one clip. Ratings are 0 to 100."""

    people: float
    measured: float
    judge: float | None = None
    """``None`` where no judge looked: then the measured rating is the final one."""
    beside: float = 0.0
    """Points that measures take off beside the judge: weaknesses by their weight, and faults."""


@dataclass(frozen=True)
class Fit:
    """The outcome."""

    kind: FitKind
    knots: Curve
    noise_points: float
    ratings: tuple[float, ...]
    """The studio's rating of each clip by a curve that was fitted without it."""
    rank_correlation: float
    """Of the studio's uncalibrated ratings and those of people."""
    rank_interval: tuple[float, float]
    judge_correlation: float | None
    """Of the judge alone."""
    measures_correlation: float | None
    """Of the measures alone; ``None`` where they say the same of all clips."""


def fit(samples: Sequence[Sample], *, judge_weight: float) -> Fit:
    """Hold ratings against those of people.

    Args:
        judge_weight: how much a judge counts in the final rating (``Inspection.judge_weight``).

    Raises:
        BadInput: for fewer than ``LEAST_CLIPS`` clips, or where people or the studio rate all of them alike.
    """
    check_enough([sample.people for sample in samples], sum(sample.judge is not None for sample in samples) or None)
    judged = [(s.judge, s.people) for s in samples if s.judge is not None]

    def rating(sample: Sample, curve: Curve) -> float:
        if sample.judge is None:
            return sample.measured
        by_eye = on_curve(curve, sample.judge) if curve else sample.judge
        return max(0.0, 100 - judge_weight * (100 - by_eye) - sample.beside)

    if judged and (_alike([said for said, _ in judged]) or _alike([people for _, people in judged])):
        raise BadInput("The clips that the judge looked at are all rated alike", todo="Give clips that differ more.")
    kind, maker = _better_curve(judged) if judged else ("none", None)
    knots = maker(judged) if maker else ()
    ratings, at = [], -1
    for sample in samples:
        at += sample.judge is not None
        without = maker(judged[:at] + judged[at + 1 :]) if maker and sample.judge is not None else ()
        ratings.append(rating(sample, without))
    people = [sample.people for sample in samples]
    plain = spearman([rating(sample, ()) for sample in samples], people)
    if plain is None:
        raise BadInput("The studio rates all clips alike", todo="Give clips that differ, from good to broken.")
    return Fit(
        kind=kind,
        knots=knots,
        noise_points=round(stdev(mine - theirs for mine, theirs in zip(ratings, people, strict=True)), 2),
        ratings=tuple(round(one, 1) for one in ratings),
        rank_correlation=round(plain, 3),
        rank_interval=rank_interval(plain, len(samples)),
        judge_correlation=spearman(*map(list, zip(*judged, strict=True))) if judged else None,
        measures_correlation=spearman([sample.measured for sample in samples], people),
    )


def check_enough(people: Sequence[float], whole: int | None = None) -> None:
    """Refuse clips that nothing can come of.

    Args:
        people: what people rate them.
        whole: how many of them a judge can look at; ``None`` where none is in use.

    Raises:
        BadInput: too few clips, too few for a judge, or all rated alike.
    """
    if len(people) < LEAST_CLIPS:
        raise BadInput(
            f"{len(people)} rated clips are too few to say anything",
            todo=f"Rate {LEAST_CLIPS} at least, better 30, from good to broken.",
        )
    if _alike(people):
        raise BadInput("People rate all clips alike", todo="Give clips that differ, from good to broken.")
    if whole is not None and whole < LEAST_CLIPS:
        raise BadInput(
            f"Only {whole} of {len(people)} clips are whole enough for a judge to look at",
            todo=f"Give {LEAST_CLIPS} at least that are not black, frozen or damaged.",
        )


def _alike(values: Sequence[float]) -> bool:
    return max(values) - min(values) < _LEAST_SPREAD


# Curves


Pairs = Sequence[tuple[float, float]]


def _better_curve(pairs: Pairs) -> tuple[FitKind, Callable[[Pairs], Curve]]:
    """The kind of curve that errs less on what it was not fitted to; of equals the simpler one."""

    def error(maker: Callable[[Pairs], Curve]) -> float:
        return mean((on_curve(maker([*pairs[:at], *pairs[at + 1 :]]), x) - y) ** 2 for at, (x, y) in enumerate(pairs))

    return ("linear", linear) if error(linear) <= error(isotonic) + 1e-9 else ("isotonic", isotonic)


def isotonic(pairs: Pairs) -> Curve:
    """The rising curve with the least squared error, as knots.

    Pool adjacent violators: neighbours in the wrong order are replaced by their mean until none are left (Ayer, Brunk,
    Ewing, Reid, Silverman, *An Empirical Distribution Function for Sampling with Incomplete Information*, 1955; de
    Leeuw, Hornik, Mair, *Isotone Optimization in R*, 2009).
    """
    by_x: dict[float, list[float]] = {}
    for x, y in pairs:
        by_x.setdefault(x, []).append(y)
    blocks: list[tuple[float, float, float, int]] = []  # first x, last x, mean of y, how many
    for x in sorted(by_x):
        block = (x, x, mean(by_x[x]), len(by_x[x]))
        while blocks and blocks[-1][2] >= block[2]:
            first, _, level, weight = blocks.pop()
            both = weight + block[3]
            block = (first, block[1], (level * weight + block[2] * block[3]) / both, both)
        blocks.append(block)
    ends = [(x, level) for first, last, level, _ in blocks for x in ((first, last) if last > first else (first,))]
    return tuple((x, min(100.0, max(0.0, level))) for x, level in ends)


def linear(pairs: Pairs) -> Curve:
    """The straight line with the least squared error that does not fall, kept within 0 to 100, as knots."""
    mean_x, mean_y = mean(x for x, _ in pairs), mean(y for _, y in pairs)
    spread = sum((x - mean_x) ** 2 for x, _ in pairs)
    slope = max(0.0, sum((x - mean_x) * (y - mean_y) for x, y in pairs) / spread) if spread > _LEAST_SPREAD else 0.0
    if slope < _LEAST_SPREAD:
        return ((0.0, mean_y),)

    def height(x: float) -> float:
        return min(100.0, max(0.0, mean_y + slope * (x - mean_x)))

    bends = [mean_x + (y - mean_y) / slope for y in (0.0, 100.0)]
    places = sorted({0.0, 100.0, *(x for x in bends if 0 < x < 100)})
    return tuple((x, height(x)) for x in places)


# Correlation


def spearman(left: Sequence[float], right: Sequence[float]) -> float | None:
    """Rank correlation: Pearson's of the ranks, equal values sharing their mean rank (Spearman 1904). ``None`` where
    one side has no spread."""
    if _alike(left) or _alike(right):
        return None
    a, b = _ranks(left), _ranks(right)
    mean_a, mean_b = mean(a), mean(b)
    shared = sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True))
    return shared / math.sqrt(sum((x - mean_a) ** 2 for x in a) * sum((y - mean_b) ** 2 for y in b))


def _ranks(values: Sequence[float]) -> list[float]:
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    starts = [0, *(at for at in range(1, len(order)) if values[order[at]] != values[order[at - 1]]), len(order)]
    for first, end in pairwise(starts):
        for place in order[first:end]:
            ranks[place] = (first + end + 1) / 2
    return ranks


def rank_interval(correlation: float, count: int) -> tuple[float, float]:
    """95 % interval of a rank correlation: Fisher's z with the standard error of Bonett and Wright (*Sample size
    requirements for estimating Pearson, Kendall and Spearman correlations*, Psychometrika 65, 2000)."""
    bounded = min(0.9999, max(-0.9999, correlation))
    error = math.sqrt((1 + bounded**2 / 2) / (count - 3))
    low, high = (math.tanh(math.atanh(bounded) + side * _Z_95 * error) for side in (-1, 1))
    return round(low, 3), round(high, 3)


def rater_sd(opinions: Sequence[Sequence[float]]) -> float | None:
    """How far people differ about one clip: standard deviation, pooled over the clips that several rated."""
    several = [one for one in opinions if len(one) > 1]
    freedom = sum(len(one) - 1 for one in several)
    squares = sum((rating - mean(one)) ** 2 for one in several for rating in one)
    return round(math.sqrt(squares / freedom), 2) if freedom else None


# In words


def sure_points(noise_points: float) -> float:
    """By how much two ratings have to differ for the higher to be the better in nine of ten cases."""
    return 1.2816 * math.sqrt(2) * noise_points


def verdict(rank_correlation: float, interval: tuple[float, float], noise_points: float, clips: int) -> str:
    """What the figures mean, for a person."""
    low, high = interval
    figures = f"rank correlation {rank_correlation:.2f}, 95 % between {low:.2f} and {high:.2f}, on {clips} clips"
    apart = (
        f"Two takes have to be {sure_points(noise_points):.0f} points apart before the higher rated one is the better "
        "in nine of ten cases."
    )
    if low <= 0:
        return f"The ratings say little: {figures}, which may be chance. Rate more clips. {apart}"
    if rank_correlation < 0.5:
        return f"The ratings say something, and not much: {figures}. {apart}"
    if rank_correlation < 0.75:
        return f"The ratings say which clips are good, roughly: {figures}. {apart}"
    return f"The ratings order clips much as people do: {figures}. {apart}"
