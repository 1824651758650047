"""What numbers can tell: means with intervals, tests of differences, a ratio. Pure; knows no variant and no film.

Student's t distribution is computed from the regularised incomplete beta function by its continued fraction (DLMF
8.17.22, https://dlmf.nist.gov/8.17#v, evaluated by Lentz's method), and its quantile by bisection: exact for small
samples, and no dependency for it. Everything is two-sided.

The intervals take the mean of a few values as about normal. Stars and shares are bounded and lumpy, so an interval of
few of them is a guess; it is cut off where the metric ends.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev, variance

CONFIDENCE = 0.95
SIGNIFICANT = 1 - CONFIDENCE
"""A difference counts when chance alone would make one as large less often than this."""
POWER = 0.8
"""How often a difference that is there should be found, for the advice on how many are needed."""

_BISECTIONS = 200
_TERMS = 500
_TINY = 1e-300


@dataclass(frozen=True)
class Mean:
    """A mean and its confidence interval.

    ``low`` and ``high`` are ``None`` where nothing is known of the spread: of one value, and of values that are all
    alike (two films with five stars each do not prove that every film gets five).
    """

    n: int
    mean: float
    low: float | None = None
    high: float | None = None

    @property
    def margin(self) -> float | None:
        """Half the width of the interval."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2


@dataclass(frozen=True)
class Welch:
    """Welch's test of two means with unequal variances. ``difference`` is the first mean less the second."""

    difference: float
    t: float
    freedom: float
    """Degrees of freedom by Welch and Satterthwaite."""
    p: float


def mean_of(values: Sequence[float], *, confidence: float = CONFIDENCE) -> Mean | None:
    """The mean with its t interval; ``None`` of nothing."""
    n = len(values)
    if n == 0:
        return None
    mean = fmean(values)
    spread = stdev(values) if n > 1 else 0.0
    if spread == 0:
        return Mean(n, mean)
    margin = t_quantile((1 + confidence) / 2, n - 1) * spread / math.sqrt(n)
    return Mean(n, mean, mean - margin, mean + margin)


def ratio_of(above: Sequence[float], below: Sequence[float], *, confidence: float = CONFIDENCE) -> Mean | None:
    """The mean of ``above`` divided by that of ``below``, pair by pair of one thing each, with its interval.

    By the delta method (Casella, Berger, *Statistical Inference*, example 5.5.27) with Student's t for the quantile.
    ``None`` of nothing, and where ``below`` has a mean of 0 or less.
    """
    n = len(above)
    if n != len(below):
        raise ValueError("a ratio needs as many values above as below")
    if n == 0 or (divisor := fmean(below)) <= 0:
        return None
    ratio = fmean(above) / divisor
    if n == 1:
        return Mean(1, ratio)
    left = [a - ratio * b for a, b in zip(above, below, strict=True)]  # its mean is 0, its spread that of the ratio
    margin = t_quantile((1 + confidence) / 2, n - 1) * stdev(left) / divisor / math.sqrt(n)
    return Mean(n, ratio, ratio - margin, ratio + margin)


def welch(first: Sequence[float], second: Sequence[float]) -> Welch | None:
    """Whether two means differ (Welch, *Biometrika* 34, 1947, 28–35).

    ``None`` with fewer than two values on a side, and where neither side varies at all: how much chance does is
    unknown then, however far apart the two are.
    """
    if min(len(first), len(second)) < 2:
        return None
    errors = [variance(values) / len(values) for values in (first, second)]
    error = sum(errors)
    if error <= 0:
        return None
    difference = fmean(first) - fmean(second)
    t = difference / math.sqrt(error)
    sizes = (len(first), len(second))
    shares = [(part / error) ** 2 / (n - 1) for part, n in zip(errors, sizes, strict=True)]
    freedom = 1 / sum(shares)
    return Welch(difference, t, freedom, 2 * t_tail(abs(t), freedom))


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """The same p-values corrected for being several (Holm, *Scand. J. Statistics* 6, 1979, 65–70), by their names.

    Never below the one given, at most 1, and in the same order.
    """
    corrected: dict[str, float] = {}
    highest = 0.0
    for rank, name in enumerate(sorted(p_values, key=lambda name: (p_values[name], name))):
        highest = max(highest, min(1.0, p_values[name] * (len(p_values) - rank)))
        corrected[name] = highest
    return {name: corrected[name] for name in p_values}


def needed(first: Sequence[float], second: Sequence[float], *, power: float = POWER) -> int | None:
    """About how many values a side would show a difference as large as it looks now, ``power`` of the time.

    The normal approximation of two samples of equal size, never less than two. ``None`` where they do not differ, or
    nothing is known of their spread.
    """
    if min(len(first), len(second)) < 2 or fmean(first) == fmean(second):
        return None
    spread = (variance(first) + variance(second)) / 2
    normal = NormalDist()
    wanted = (normal.inv_cdf(1 - SIGNIFICANT / 2) + normal.inv_cdf(power)) ** 2
    found = 2 * wanted * spread / (fmean(first) - fmean(second)) ** 2
    return max(2, math.ceil(found)) if math.isfinite(found) else None


def t_tail(t: float, freedom: float) -> float:
    """The probability that Student's t is above ``t``, for ``t`` of 0 or more (DLMF 8.17 with x = ν / (ν + t²))."""
    return incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2


def t_quantile(p: float, freedom: float) -> float:
    """The value that Student's t stays below with probability ``p``, which is above 0 and below 1."""
    if not 0 < p < 1 or freedom <= 0:
        raise ValueError("a quantile needs a probability between 0 and 1, and degrees of freedom above 0")
    if p < 0.5:
        return -t_quantile(1 - p, freedom)
    low, high = 0.0, 1.0
    while t_tail(high, freedom) > 1 - p:
        low, high = high, high * 2
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if t_tail(middle, freedom) > 1 - p else (low, middle)
    return (low + high) / 2


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function Iₓ(a, b), for ``x`` from 0 to 1."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):  # the fraction converges fast on one side only
        return 1 - incomplete_beta(b, a, 1 - x)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(log_front) * _fraction(a, b, x) / a


def _fraction(a: float, b: float, x: float) -> float:
    """The continued fraction, by Lentz's method as Thompson and Barnett modified it."""
    c, d = 1.0, _away_from_0(1 - (a + b) * x / (a + 1))
    d = 1 / d
    value = d
    for m in range(1, _TERMS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away_from_0(1 + term * d)
            c = _away_from_0(1 + term / c)
            step = c * d
            value *= step
        if abs(step - 1) < 1e-15:
            break
    return value


def _away_from_0(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
