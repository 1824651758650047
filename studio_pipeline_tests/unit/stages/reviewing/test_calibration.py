"""Calibration: the curve rises and errs less than none, ranks correlate as defined, the width of the noise is found."""

from __future__ import annotations

import math
import random
from itertools import pairwise
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_pipeline.errors import BadInput
from studio_pipeline.orchestration.quality import on_curve
from studio_pipeline.stages.reviewing.calibration import (
    LEAST_CLIPS,
    Sample,
    fit,
    isotonic,
    linear,
    rank_interval,
    rater_sd,
    spearman,
    verdict,
)

RATING = st.floats(0, 100, allow_nan=False).map(lambda value: round(value, 1))
PAIRS = st.lists(st.tuples(RATING, RATING), min_size=3, max_size=30)


@given(PAIRS)
@pytest.mark.parametrize("curve", [isotonic, linear])
def test_a_curve_never_falls_and_stays_within_ratings(curve, pairs) -> None:
    knots = curve(pairs)
    heights = [on_curve(knots, x) for x in range(-10, 111)]
    assert all(low <= high + 1e-9 for low, high in pairwise(heights))
    assert all(0 <= height <= 100 for height in heights)


@given(st.lists(RATING, min_size=3, max_size=30, unique=True))
def test_what_rises_already_is_reproduced(xs) -> None:
    xs = sorted(xs)
    pairs = [(x, x * x / 100) for x in xs]
    assert [on_curve(isotonic(pairs), x) for x in xs] == pytest.approx([y for _, y in pairs])


@given(st.lists(RATING, min_size=3, max_size=30, unique=True))
def test_a_straight_line_is_reproduced(xs) -> None:
    pairs = [(x, 20 + 0.5 * x) for x in xs]
    if max(xs) - min(xs) > 1:
        assert [on_curve(linear(pairs), x) for x in xs] == pytest.approx([y for _, y in pairs], abs=1e-6)


@settings(max_examples=60)
@given(PAIRS)
def test_no_rising_steps_err_less_than_the_isotonic_ones(pairs) -> None:
    """Against brute force: the least squares of a rising sequence is the max-min of means over intervals."""
    by_x: dict[float, list[float]] = {}
    for x, y in pairs:
        by_x.setdefault(x, []).append(y)
    xs = sorted(by_x)

    def level(first: int, last: int) -> float:
        return mean(y for x in xs[first : last + 1] for y in by_x[x])

    for at, x in enumerate(xs):
        best = max(min(level(first, last) for last in range(at, len(xs))) for first in range(at + 1))
        assert on_curve(isotonic(pairs), x) == pytest.approx(best, abs=1e-6)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=12))
def test_rank_correlation_is_that_of_its_definition_ties_and_all(pairs) -> None:
    left, right = [a for a, _ in pairs], [b for _, b in pairs]

    def rank(value: int, values: list[int]) -> float:
        return sum(other < value for other in values) + (sum(other == value for other in values) + 1) / 2

    a, b = [rank(x, left) for x in left], [rank(y, right) for y in right]
    variance = [sum((x - mean(side)) ** 2 for x in side) for side in (a, b)]
    found = spearman(left, right)
    if 0 in variance:
        assert found is None
        return
    shared = sum((x - mean(a)) * (y - mean(b)) for x, y in zip(a, b, strict=True))
    assert found == pytest.approx(shared / math.sqrt(variance[0] * variance[1]))
    if len(set(left)) == len(left) and len(set(right)) == len(right):
        squares = sum((x - y) ** 2 for x, y in zip(a, b, strict=True))
        assert found == pytest.approx(1 - 6 * squares / (len(a) * (len(a) ** 2 - 1)))


def test_the_interval_holds_the_true_rank_correlation_in_nineteen_of_twenty_cases() -> None:
    luck, held, pearson = random.Random(5), 0, 0.7
    truth = 6 / math.pi * math.asin(pearson / 2)  # of normal quantities
    for _ in range(400):
        left = [luck.gauss(0, 1) for _ in range(25)]
        right = [pearson * x + math.sqrt(1 - pearson**2) * luck.gauss(0, 1) for x in left]
        low, high = rank_interval(spearman(left, right) or 0.0, 25)
        held += low <= truth <= high
    assert 0.91 <= held / 400 <= 0.99


# A judge that is biased, compresses the scale, and is noisy


def judged(count: int, *, noise: float, seed: int) -> list[tuple[float, float]]:
    """(what the judge says, what people say)."""
    luck = random.Random(seed)
    people = [luck.uniform(5, 95) for _ in range(count)]
    return [(min(100, max(0, 55 + 0.4 * p + 0.4 * luck.gauss(0, noise))), p) for p in people]


def samples(pairs: list[tuple[float, float]]) -> list[Sample]:
    return [Sample(people=people, measured=90, judge=said) for said, people in pairs]


def test_calibrated_ratings_are_nearer_to_people_on_clips_that_nobody_has_shown_them() -> None:
    for seed in range(10):
        knots = fit(samples(judged(30, noise=8, seed=seed)), judge_weight=1).knots
        others = judged(200, noise=8, seed=100 + seed)
        raw = math.sqrt(mean((said - people) ** 2 for said, people in others))
        calibrated = math.sqrt(mean((on_curve(knots, said) - people) ** 2 for said, people in others))
        assert calibrated < 0.6 * raw


@pytest.mark.parametrize("noise", [4.0, 8.0, 15.0])
def test_the_width_of_the_noise_is_found(noise: float) -> None:
    found = mean(fit(samples(judged(60, noise=noise, seed=seed)), judge_weight=1).noise_points for seed in range(8))
    assert found == pytest.approx(noise, rel=0.2)


def test_few_noisy_clips_get_the_simpler_curve_and_many_bent_ones_the_other() -> None:
    kinds = [fit(samples(judged(9, noise=12, seed=seed)), judge_weight=1).kind for seed in range(20)]
    assert kinds.count("linear") > kinds.count("isotonic")
    steps = [(float(x), 10.0 if x < 60 else 90.0) for x in range(0, 100, 2)]
    assert fit(samples(steps), judge_weight=1).kind == "isotonic"


def test_measures_alone_are_not_mapped_and_their_noise_leaves_a_constant_error_out() -> None:
    luck = random.Random(1)
    rated = [Sample(people=p, measured=min(100, p + 12 + luck.gauss(0, 5))) for p in range(5, 85)]
    found = fit(rated, judge_weight=0.7)
    assert found.kind == "none" and not found.knots
    assert found.noise_points == pytest.approx(5, rel=0.25)


def test_a_clip_is_rated_by_a_curve_that_does_not_know_it() -> None:
    pairs = [(float(10 * n), float(10 * n)) for n in range(9)]
    outlier = [*pairs, (85.0, 0.0)]
    assert fit(samples(outlier), judge_weight=1).ratings[-1] > 70


def test_what_is_broken_counts_by_its_measures() -> None:
    rated = [*samples([(10.0 * n, 10.0 * n) for n in range(9)]), Sample(people=5, measured=20)]
    assert fit(rated, judge_weight=1).ratings[-1] == 20


@pytest.mark.parametrize(
    ("rated", "told"),
    [
        ([Sample(people=n, measured=n) for n in range(LEAST_CLIPS - 1)], "too few"),
        ([Sample(people=50, measured=n) for n in range(9)], "People rate all clips alike"),
        ([Sample(people=n, measured=50) for n in range(9)], "The studio rates all clips alike"),
        ([Sample(people=n, measured=n, judge=50) for n in range(9)], "all rated alike"),
        ([Sample(people=n, measured=n, judge=n if n < 5 else None) for n in range(9)], "Only 5 of 9"),
    ],
)
def test_what_cannot_be_calibrated_is_refused_in_words(rated: list[Sample], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        fit(rated, judge_weight=0.7)


def test_the_verdict_says_when_ratings_say_little() -> None:
    assert "say little" in verdict(0.5, rank_interval(0.5, 10), 15, 10)
    assert "much as people do" in verdict(0.9, rank_interval(0.9, 40), 6, 40)


def test_how_far_people_differ_is_pooled_over_the_clips_that_several_rated() -> None:
    assert rater_sd([[50], [40, 60], [70]]) == pytest.approx(14.14, abs=0.01)
    assert rater_sd([[50], [60]]) is None
