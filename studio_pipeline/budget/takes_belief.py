"""What ratings say about takes: how good the circled one really is, how good the next one may be. Pure.

What lives here: the belief. What is done with it, that is, who gets money, is ``halving.py``'s.

The model is normal at every level. The shots of a pilot have centres around the pilot's level, the takes of a shot lie
around its centre, and a rating lies around the quality of its take::

    level ~ N(LEVEL, LEVEL_SD²)        the pilot's
    centre ~ N(level, BETWEEN²)        the shot's
    quality ~ N(centre, within²)       the take's
    rating ~ N(quality, noise²)

Level and ``within`` are learned from all the ratings at hand, the rest is known or assumed below. From these follow in
closed form the two things money is spent by: the quality of a rated take, which is its rating pulled towards the
shot's centre (the higher of two noisy ratings flatters its take), and what one more take may bring.

Quality counts up to *good enough* and not above: beyond it money is better spent on another shot.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

RATING_NOISE_POINTS = 8.0
"""Standard deviation of a rating around the quality of its take. Nobody has measured it for our inspector against
people. The same file measured again gives the same rating; learned raters, which look at more than ours, agree with
people at a rank correlation of about 0.75 (VideoScore, https://huggingface.co/TIGER-Lab/VideoScore-v1.1, 2026-11),
which is 15 points on takes that differ by 17. Half of that is assumed; what it costs to be wrong is in
``docs/benchmarks.md``."""

_LEVEL, _LEVEL_SD = 65.0, 20.0
"""Before anything is rated, a pilot may be nearly anything between broken and finished."""
_BETWEEN_SHOTS = 8.0
TAKE_LUCK_POINTS, _LUCK_WEIGHT = 12.0, 6.0
"""How far the takes of one shot differ, and how many pairs of takes it needs to believe something else. Assumed; no
figure is published."""
_LEAST_WITHIN = 4.0
_NODES = (
    (0.0469100770306680, 0.1184634425280945),
    (0.2307653449471584, 0.2393143352496832),
    (0.5, 0.2844444444444444),
    (0.7692346550528416, 0.2393143352496832),
    (0.9530899229693320, 0.1184634425280945),
)
"""Places and weights of Gauss and Legendre on the way from 0 to 1, for the sum that is the gain of a take."""
_ROOT_2, _ROOT_2PI = math.sqrt(2), math.sqrt(2 * math.pi)


def chance_below(points: float, mean: float, sd: float) -> float:
    """How likely a normal quantity is below ``points``."""
    return 0.5 * math.erfc((mean - points) / (sd * _ROOT_2)) if sd > 0 else float(mean < points)


def excess(mean: float, sd: float, over: float) -> float:
    """By how much a normal quantity is expected to lie above ``over``, counting nothing where it lies below."""
    if sd <= 0:
        return max(0.0, mean - over)
    z = (mean - over) / sd
    return (mean - over) * 0.5 * math.erfc(-z / _ROOT_2) + sd * math.exp(-0.5 * z * z) / _ROOT_2PI


@dataclass(frozen=True, slots=True)
class Quality:
    """What is believed about the quality of one take."""

    mean: float
    sd: float

    def chance_of(self, points: float) -> float:
        """How likely the take is at least so good."""
        return 1 - chance_below(points, self.mean, self.sd)

    def worth(self, good_enough: float) -> float:
        """Its quality in expectation, where nothing above ``good_enough`` counts."""
        return self.mean - excess(self.mean, self.sd, good_enough)


@dataclass(frozen=True, slots=True)
class ShotBelief:
    """What is believed about one shot."""

    circled: Quality | None
    """The take with the highest rating; ``None`` when there is none."""
    next_mean: float
    next_sd: float
    """How good one more take will look once it is rated: its own error is taken out already."""

    def gain(self, good_enough: float) -> float:
        """Points that one more take is expected to bring, counting nothing above ``good_enough``.

        It is circled only when it looks better than what is circled now. So the gain is the sum, over every point
        ``x`` above that, of the chance that the take looks better than ``x`` times the chance that a take that looks
        like ``x`` is really not good enough yet.
        """
        if self.circled is None:
            return Quality(self.next_mean, self.next_sd).worth(good_enough)
        begin, error = self.circled.mean, max(self.circled.sd, 1e-6)
        length = min(self.next_mean + 3 * self.next_sd, good_enough + 3 * error) - begin
        if length <= 0:
            return 0.0
        gain = 0.0
        for place, weight in _NODES:
            x = begin + place * length
            looks_better = 0.5 * math.erfc((x - self.next_mean) / (self.next_sd * _ROOT_2))
            not_good_enough = 0.5 * math.erfc((x - good_enough) / (error * _ROOT_2))
            gain += weight * looks_better * not_good_enough
        return length * gain


@dataclass(frozen=True, slots=True)
class Field:
    """What is believed about all shots of a pilot together."""

    level: float
    level_var: float
    within_var: float
    noise_var: float

    @classmethod
    def learned(cls, ratings: Sequence[Sequence[float]], noise: float) -> Field:
        """From the ratings of all shots, one sequence a shot."""
        rated = [(len(shot), sum(shot) / len(shot), shot) for shot in ratings if shot]
        pairs = sum(count - 1 for count, _, _ in rated)
        squares = sum((rating - mean) ** 2 for _, mean, shot in rated for rating in shot)
        total = (_LUCK_WEIGHT * (TAKE_LUCK_POINTS**2 + noise**2) + squares) / (_LUCK_WEIGHT + pairs)
        within_var = max(_LEAST_WITHIN**2, total - noise**2)
        precision, weighted = 1 / _LEVEL_SD**2, _LEVEL / _LEVEL_SD**2
        for count, mean, _ in rated:
            weight = 1 / (_BETWEEN_SHOTS**2 + (within_var + noise**2) / count)
            precision += weight
            weighted += weight * mean
        return cls(weighted / precision, 1 / precision, within_var, noise**2)

    def shot(self, ratings: Sequence[float]) -> ShotBelief:
        """What the field and its own ratings say about one shot."""
        centre, centre_var = self._centre(ratings)
        spread = centre_var + self.within_var
        next_sd = spread / math.sqrt(spread + self.noise_var)
        return ShotBelief(self._best(ratings, centre, centre_var) if ratings else None, centre, next_sd)

    def circled(self, ratings: Sequence[float]) -> Quality:
        """What is believed about the take with the highest of ``ratings``, which are all of its shot."""
        return self._best(ratings, *self._centre(ratings))

    def _best(self, ratings: Sequence[float], centre: float, centre_var: float) -> Quality:
        trust = self.within_var / (self.within_var + self.noise_var)
        var = trust * self.noise_var + (1 - trust) ** 2 * centre_var
        return Quality(centre + trust * (max(ratings) - centre), math.sqrt(var))

    def _centre(self, ratings: Sequence[float]) -> tuple[float, float]:
        """Mean and variance of what is believed about the centre of a shot."""
        prior_var, rating_var = _BETWEEN_SHOTS**2 + self.level_var, self.within_var + self.noise_var
        precision = 1 / prior_var + len(ratings) / rating_var
        return (self.level / prior_var + sum(ratings) / rating_var) / precision, 1 / precision
