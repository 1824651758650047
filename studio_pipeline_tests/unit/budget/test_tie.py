"""A rating near a threshold is a tie, and it is broken by what there is to regret, the same way every time."""

from hypothesis import given
from hypothesis import strategies as st

from studio_pipeline.budget.allocation import share_for
from studio_pipeline.budget.tie import readings, regret_points, tied_with


def test_a_rating_farther_from_both_thresholds_than_its_noise_is_clear() -> None:
    for rating, share in ((85.1, 100), (72, 50), (65, 50), (55, 0), (54.9, 0)):
        assert readings(rating, 5) == (share,)
        assert tied_with(rating, 5) == ()


def test_a_rating_within_its_noise_of_a_threshold_may_mean_either_side() -> None:
    assert readings(58, 5) == readings(60, 5) == readings(64.9, 5) == (0, 50)
    assert readings(79, 5) == readings(80, 5) == (50, 100)
    assert readings(70, 12) == (0, 50, 100), "two shots tell hardly anything"


@given(st.floats(0, 100), st.floats(0.5, 30))
def test_the_side_the_rating_lies_on_is_the_one_with_the_least_to_regret(rating: float, noise: float) -> None:
    least = min(regret_points(share, rating, noise) for share in (0, 50, 100))
    assert regret_points(share_for(rating), rating, noise) <= least + 1e-9
    assert share_for(rating) in readings(rating, noise)


@given(st.floats(0, 100), st.floats(0.5, 30))
def test_two_readings_differ_in_regret_by_the_distance_to_the_threshold(rating: float, noise: float) -> None:
    assert abs(regret_points(0, rating, noise) - regret_points(50, rating, noise) - (rating - 60)) < 1e-6
