"""The policy ``halving``: money goes where it has the most to gain, and stops where it is good enough. Pure.

What lives here: which pilots go on after the test, which shots get another take, which take is circled. What does
not: how money moves between pilots once the shares are known (``allocation.py``, the same for both policies), what
ratings say about quality (``takes_belief.py``), and the ratings themselves (``stages/reviewing``).

A rating is the quality as the inspector sees it, some points off. So no pilot is dropped on a difference that the
inspector's error explains, and a shot is good enough only when that is likely and not just rated so.

Sources. Sequential halving: Karnin, Koren, Somekh, *Almost Optimal Exploration in Multi-Armed Bandits* (ICML 2013);
as a rule for spending on candidates whose end is not known yet: Jamieson, Talwalkar, *Non-stochastic Best Arm
Identification and Hyperparameter Optimization* (AISTATS 2016). Expected improvement: Jones, Schonlau, Welch,
*Efficient Global Optimization of Expensive Black-Box Functions* (1998), here capped at good enough and by the dollar.
One thing differs from the papers, because here every shot of a film is needed and not only the best one: what is
halved is the field of shots that are not good enough yet, and a shot that had to wait may go on in a later round.
How it does against other policies is measured in ``docs/benchmarks.md``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from studio_pipeline.budget import allocation
from studio_pipeline.budget.allocation import Reallocation
from studio_pipeline.budget.purchase import Balance
from studio_pipeline.budget.takes_belief import RATING_NOISE_POINTS, TAKE_LUCK_POINTS, Field, ShotBelief, chance_below
from studio_pipeline.errors import BadInput

PILOT_NOISE_POINTS = 5.0
"""Standard deviation of a pilot's rating after a test of some eight shots (``pilot_noise_points``)."""
COIN = 0.25
"""Below the last pilot that goes on, one that is really the better of the two with at least this chance goes on too."""
CONFIDENCE = 0.8
"""How sure it must be that a shot is good enough before no more is spent on it."""
ROUND_SHARE = Decimal("0.25")
"""What one round may spend of what is left, beside first takes. The papers divide a budget evenly over the rounds it
takes to halve the field to one, and a film of twenty shots has four to five of these; so the last takes are bought
with nearly everything known."""
MOST_TAKES = 12
"""After so many takes of one shot it is the plan that has to change, and a person or another prompt that is needed."""
LEAST_GAIN_POINTS = 0.2
"""A take that is expected to bring less is not worth its wait, whatever its price."""


@dataclass(frozen=True, slots=True)
class RatedShot:
    """A shot as far as it was shot."""

    name: str
    ratings: Mapping[int, float]
    """Rating, 0 to 100, by number of the take. Empty for a shot that has no usable file yet."""
    price_usd: Decimal
    """What one more take costs at most."""
    lost: int = 0
    """Takes that brought no file. They count against the most takes, and say nothing about quality."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done about one shot in this round, and why."""

    shot: str
    another: bool
    gain_points: float
    """What one more take is expected to bring; 0 where none may be bought."""
    why: str


@dataclass(frozen=True, slots=True)
class Round:
    """One round of takes. ``decisions`` has every shot, in the order they were given."""

    decisions: tuple[Decision, ...]
    shots: tuple[str, ...]
    """Names of the shots that get one more take, the most gain by the dollar first."""
    usd: Decimal
    """What these takes cost together at most."""


@dataclass(frozen=True, slots=True)
class Circled:
    """The take a film should use."""

    take: int
    quality: float
    """What it is expected to be worth really: less than its rating where the rating is lucky."""
    sd: float
    why: str


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A shot that could do with another take."""

    shot: RatedShot
    belief: ShotBelief
    gain: float

    def order(self) -> tuple[bool, float, str]:
        """Shots that have nothing come first: a film with a hole is none. Then by gain for the dollar, then by name."""
        return bool(self.shot.ratings), -self.gain / max(float(self.shot.price_usd), 1e-9), self.shot.name


def pilot_noise_points(shots: int, rating_noise_points: float = RATING_NOISE_POINTS) -> float:
    """How far the rating of a pilot is off when so many of its shots are rated: error and luck, averaged out.

    Args:
        rating_noise_points: how far one rating is off; that of a calibration, where there is one.
    """
    return math.hypot(rating_noise_points, TAKE_LUCK_POINTS) / math.sqrt(max(1, shots))


def shares(ratings: Mapping[str, float], *, noise_points: float = PILOT_NOISE_POINTS) -> dict[str, int]:
    """Per cent of its remaining money that each pilot keeps: three become two, two become one.

    The better half keeps all. A pilot of the other half that may well be better than the last one of the better half
    keeps twice the chance that it is: all of it when they are rated alike, half of it where the chance is ``COIN``.
    """
    ranked = sorted(ratings, key=lambda tier: (-ratings[tier], tier))
    if not ranked:
        return {}
    last = ratings[ranked[(len(ranked) + 1) // 2 - 1]]
    return {tier: _share(ratings[tier], last, noise_points) for tier in ratings}


def reallocate(
    balances: Mapping[str, Balance], ratings: Mapping[str, float], *, noise_points: float = PILOT_NOISE_POINTS
) -> Reallocation:
    """Move the pilots' money by halving. Mappings by tier, with equal keys.

    The rules about money are those of ``allocation.reallocate``, which this calls: what is spent stays spent, the best
    gives nothing away, the caps together are what they were.
    """
    kept = shares({tier: ratings[tier] for tier in balances}, noise_points=noise_points)
    moved = allocation.reallocate(balances, kept, ratings)
    return moved.model_copy(update={"notes": (*moved.notes, *_pilot_notes(kept, ratings))})


def next_takes(
    shots: Sequence[RatedShot],
    left_usd: Decimal,
    *,
    good_enough: float,
    noise_points: float = RATING_NOISE_POINTS,
    confidence: float = CONFIDENCE,
    most_takes: int = MOST_TAKES,
) -> Round:
    """Which shots get one more take now. Ask again with its ratings; an empty round is the end.

    Args:
        shots: all shots of one pilot.
        left_usd: what may be spent on takes of these shots in all. A round never costs more.
        good_enough: the rating above which nobody would pay for better.

    Raises:
        BadInput: for prices, ratings or money that are none.
    """
    _check(shots, left_usd, good_enough)
    rated = [tuple(shot.ratings.values()) for shot in shots]
    field = Field.learned(rated, noise_points)
    found: dict[str, Decision] = {}
    wanted: list[_Wanted] = []
    for shot, ratings in zip(shots, rated, strict=True):
        belief = field.shot(ratings)
        if why := _enough(shot, belief, good_enough, confidence, most_takes):
            found[shot.name] = Decision(shot.name, False, 0.0, why)
        elif (gain := belief.gain(good_enough)) < LEAST_GAIN_POINTS and ratings:
            why = f"One more take is expected to bring {gain:.2f} points, less than {LEAST_GAIN_POINTS:g}."
            found[shot.name] = Decision(shot.name, False, 0.0, why)
        else:
            wanted.append(_Wanted(shot, belief, gain))
    wanted.sort(key=_Wanted.order)
    unshot = sum(not want.shot.ratings for want in wanted)
    going = max(unshot, (len(wanted) + 1) // 2)
    chosen, left, least_left = [], left_usd, left_usd * (1 - ROUND_SHARE)
    for place, want in enumerate(wanted):
        shot, gain = want.shot, want.gain
        if place >= going:
            why = f"Waits, with {gain:.1f} points to gain: {going} of {len(wanted)} open shots have more by the dollar."
        elif shot.price_usd > left:
            why = f"No money: a take costs up to ${shot.price_usd}, ${left} are left."
        elif chosen and place >= unshot and left - shot.price_usd < least_left:
            why = f"Waits, with {gain:.1f} points to gain: one round spends a quarter of what is left, ${left_usd}."
        else:
            left -= shot.price_usd
            chosen.append(shot.name)
            found[shot.name] = Decision(shot.name, True, gain, _why_another(shot, want.belief, gain, good_enough))
            continue
        found[shot.name] = Decision(shot.name, False, gain, why)
    return Round(tuple(found[shot.name] for shot in shots), tuple(chosen), left_usd - left)


def best_take(ratings: Mapping[int, float], *, noise_points: float = RATING_NOISE_POINTS) -> Circled:
    """The take to circle, by number of the take.

    All takes of a shot are seen by the same inspector, so the highest rating is the best bet however noisy it is;
    of equal ones the earliest, which is in the cut already. What noise changes is how much is promised of it.

    Raises:
        BadInput: when there is no rating.
    """
    if not ratings:
        raise BadInput("There is no rated take to circle", todo="Have the shot's takes inspected first.")
    take = min(ratings, key=lambda number: (-ratings[number], number))
    values = tuple(ratings.values())
    quality = Field.learned([values], noise_points).circled(values)
    others = f"the best of {len(ratings)}" if len(ratings) > 1 else "the only one"
    why = f"Take {take} is rated {ratings[take]:g}, {others}; {quality.mean:.0f} ± {quality.sd:.0f} is expected of it."
    return Circled(take, quality.mean, quality.sd, why)


def _share(rating: float, last: float, noise_points: float) -> int:
    if rating >= last:
        return 100
    chance = _chance_better(rating, last, noise_points)
    return min(100, round(200 * chance)) if chance >= COIN else 0


def _chance_better(rating: float, other: float, noise_points: float) -> float:
    """How likely the one rated ``rating`` is really the better one, when both ratings are off by themselves."""
    return chance_below(0, other - rating, math.sqrt(2) * noise_points)


def _pilot_notes(kept: Mapping[str, int], ratings: Mapping[str, float]) -> tuple[str, ...]:
    whole = sorted(tier for tier, share in kept.items() if share == 100)
    notes = [f"By halving, {' and '.join(whole)} of {len(kept)} pilots go on with all they have left."] if kept else []
    notes += [
        f"{tier}, rated {ratings[tier]:g}, is too close behind to be dropped by a coin; it goes on with {kept[tier]} %."
        for tier in sorted(kept)
        if 0 < kept[tier] < 100
    ]
    return tuple(notes)


def _enough(shot: RatedShot, belief: ShotBelief, good_enough: float, confidence: float, most_takes: int) -> str:
    """Why nothing more is to be spent on a shot; empty when something may be."""
    if belief.circled is not None and (sure := belief.circled.chance_of(good_enough)) >= confidence:
        return f"Good enough: {sure:.0%} sure that its best take is worth {good_enough:g} or more."
    if (takes := len(shot.ratings) + shot.lost) >= most_takes:
        return f"It had {takes} takes, the most a shot gets; its plan has to change."
    return ""


def _why_another(shot: RatedShot, belief: ShotBelief, gain: float, good_enough: float) -> str:
    if belief.circled is None:
        return "It has no take yet." if not shot.lost else f"It has no take yet; {shot.lost} brought no file."
    sure = belief.circled.chance_of(good_enough)
    return (
        f"Its best take is rated {max(shot.ratings.values()):g} and {sure:.0%} sure to be worth {good_enough:g}; "
        f"one more is expected to bring {gain:.1f} points."
    )


def _check(shots: Sequence[RatedShot], left_usd: Decimal, good_enough: float) -> None:
    if not left_usd.is_finite() or not 0 < good_enough <= 100:
        raise BadInput(f"${left_usd} and a wish for {good_enough} points allow no allocation", where="next_takes")
    for shot in shots:
        if not shot.price_usd.is_finite() or shot.price_usd < 0:
            raise BadInput(f"${shot.price_usd} is no price for a take", where=shot.name)
        if any(not 0 <= rating <= 100 for rating in shot.ratings.values()):
            raise BadInput("A rating is a number from 0 to 100", where=shot.name)
    if len({shot.name for shot in shots}) < len(shots):
        raise BadInput("A shot is given twice", where="next_takes")
