"""Against values that others have published, and against what must hold of any numbers."""

from __future__ import annotations

import math
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_pipeline.experiments.statistics import (
    holm,
    incomplete_beta,
    mean_of,
    needed,
    ratio_of,
    t_quantile,
    t_tail,
    welch,
)

numbers = st.lists(st.integers(0, 10**9).map(lambda n: n / 1000), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("p", "freedom", "value"),
    [  # NIST/SEMATECH e-Handbook, 1.3.6.7.2, critical values of Student's t
        (0.975, 1, 12.706),
        (0.975, 2, 4.303),
        (0.975, 5, 2.571),
        (0.975, 10, 2.228),
        (0.975, 30, 2.042),
        (0.975, 100, 1.984),
        (0.95, 1, 6.314),
        (0.95, 9, 1.833),
        (0.995, 3, 5.841),
        (0.999, 4, 7.173),
    ],
)
def test_quantiles_of_t_are_those_of_the_tables(p: float, freedom: float, value: float) -> None:
    assert t_quantile(p, freedom) == pytest.approx(value, abs=6e-4)
    assert t_quantile(1 - p, freedom) == -t_quantile(p, freedom)


def test_t_with_one_and_two_degrees_is_what_its_closed_forms_say() -> None:
    for t in (0.0, 0.1, 1.0, 2.5, 40.0):
        assert t_tail(t, 1) == pytest.approx(0.5 - math.atan(t) / math.pi, rel=1e-12)
        assert t_tail(t, 2) == pytest.approx(0.5 - t / (2 * math.sqrt(2 + t * t)), rel=1e-9)


def test_with_many_degrees_t_is_the_normal_distribution() -> None:
    assert t_quantile(0.975, 1e7) == pytest.approx(1.959964, abs=1e-5)


@pytest.mark.parametrize(("a", "b", "x", "value"), [(2, 3, 0.4, 0.5248), (0.5, 0.5, 0.5, 0.5), (5, 1, 0.9, 0.59049)])
def test_the_incomplete_beta_function_has_its_known_values(a: float, b: float, x: float, value: float) -> None:
    assert incomplete_beta(a, b, x) == pytest.approx(value, rel=1e-12)


def test_welch_is_what_its_textbook_examples_say() -> None:
    # Data of https://en.wikipedia.org/wiki/Welch%27s_t-test, example 1, with the digits that other programs print.
    first = [27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4]
    second = [27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 20.5, 24.4]
    found = welch(first, second)
    assert found is not None
    assert (found.t, found.freedom, found.p) == pytest.approx((-2.455356, 24.98853, 0.0213780015), rel=1e-6)


def test_welch_of_the_sleep_data_is_what_r_says() -> None:
    # R: t.test(extra ~ group, data = sleep): t = -1.8608, df = 17.776, p-value = 0.07939.
    first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    found = welch(first, second)
    assert found is not None
    assert (found.t, found.freedom, found.p) == pytest.approx((-1.8608, 17.776, 0.07939), abs=5e-4)


def test_the_interval_of_the_sleep_data_is_what_r_says() -> None:
    # R: t.test(sleep$extra): mean 1.54, 95 percent confidence interval 0.5955845 to 2.4844155.
    extra = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0, 1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    found = mean_of(extra)
    assert found is not None
    assert (found.mean, found.low, found.high) == pytest.approx((1.54, 0.5955845, 2.4844155), abs=1e-6)


def test_holm_is_what_r_says() -> None:
    # R: p.adjust(c(0.01, 0.02, 0.03, 0.04), "holm"): 0.04 0.06 0.06 0.06.
    given_p = {"a": 0.01, "b": 0.02, "c": 0.03, "d": 0.04}
    assert holm(given_p) == pytest.approx({"a": 0.04, "b": 0.06, "c": 0.06, "d": 0.06})
    assert holm({}) == {}


def test_nothing_and_one_value_say_what_they_can() -> None:
    assert mean_of([]) is None
    one = mean_of([3.0])
    assert one is not None
    assert (one.n, one.mean, one.low, one.margin) == (1, 3.0, None, None)
    assert welch([1.0], [2.0, 3.0]) is None
    assert welch([1.0, 1.0], [2.0, 2.0]) is None, "nobody knows how much chance does"
    alike = mean_of([5.0, 5.0])
    assert alike is not None
    assert (alike.n, alike.margin) == (2, None)
    assert ratio_of([], []) is None
    assert ratio_of([70.0], [0.0]) is None, "quality for nothing is no number"


def test_how_many_are_needed_is_the_rule_of_thumb() -> None:
    # A difference of one standard deviation, 80 % power, 5 %: 16 a side (Lehr's rule; 15.7 exactly).
    assert needed([0.0, 2.0], [math.sqrt(2), math.sqrt(2) + 2.0]) == 16
    assert needed([1.0, 2.0], [1.0, 2.0]) is None


def test_a_ratio_of_equal_shares_is_exact_and_a_wide_one_has_a_wide_interval() -> None:
    exact = ratio_of([10.0, 20.0, 40.0], [1.0, 2.0, 4.0])
    assert exact is not None
    assert (exact.mean, exact.low, exact.high) == pytest.approx((10.0, 10.0, 10.0))
    loose = ratio_of([70.0, 70.0, 70.0], [1.0, 2.0, 4.0])
    assert loose is not None
    assert loose.margin is not None
    assert loose.margin > 10
    # By hand: R = 30, residuals 40, 10, -50, their standard deviation 45.826, / (7/3) / sqrt(3) * 4.3027.
    assert (loose.mean, loose.margin) == pytest.approx((30.0, 45.8258 / (7 / 3) / math.sqrt(3) * 4.302653), rel=1e-5)


@given(numbers)
def test_an_interval_holds_its_mean_and_a_surer_one_is_wider(values: list[float]) -> None:
    found, surer = mean_of(values), mean_of(values, confidence=0.99)
    assert found is not None
    assert surer is not None
    assert found.mean == pytest.approx(fmean(values))
    if len(set(values)) == 1:
        assert found.margin is None
    if found.low is not None:
        assert found.high is not None
        assert found.low <= found.mean <= found.high
        assert surer.margin >= found.margin  # type: ignore[operator]


@given(st.floats(0.001, 0.999), st.floats(0.6, 500))
def test_a_quantile_is_the_inverse_of_the_tail(p: float, freedom: float) -> None:
    t = t_quantile(p, freedom)
    tail = t_tail(abs(t), freedom)
    assert (1 - tail if t >= 0 else tail) == pytest.approx(p, abs=1e-9)


@given(st.dictionaries(st.text(max_size=3), st.floats(0, 1), max_size=8))
def test_holm_never_lowers_a_p_value_and_keeps_their_order(p_values: dict[str, float]) -> None:
    corrected = holm(p_values)
    assert list(corrected) == list(p_values)
    in_order = sorted(p_values, key=lambda name: (p_values[name], name))
    assert [corrected[name] for name in in_order] == sorted(corrected.values())
    assert all(p_values[name] <= corrected[name] <= 1 for name in p_values)


@given(numbers, numbers)
def test_welch_is_the_same_from_both_sides(first: list[float], second: list[float]) -> None:
    one, other = welch(first, second), welch(second, first)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert one.p == pytest.approx(other.p)
        assert 0 <= one.p <= 1
        assert one.difference == pytest.approx(-other.difference)
