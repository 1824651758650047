import math
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_pipeline.budget.halving import (
    COIN,
    MOST_TAKES,
    RatedShot,
    best_take,
    next_takes,
    reallocate,
    shares,
)
from studio_pipeline.budget.purchase import Balance
from studio_pipeline.errors import BadInput

USD = st.integers(0, 10**9).map(lambda micro: Decimal(micro).scaleb(-6))
RATING = st.floats(0, 100)
TIERS = st.sampled_from(["animated", "photoreal", "static"])


def shot(name: str, *ratings: float, price: str = "0.35", lost: int = 0) -> RatedShot:
    return RatedShot(name, dict(enumerate(ratings, start=1)), Decimal(price), lost)


def balance(cap: str, settled: str = "0", reserved: str = "0") -> Balance:
    return Balance(cap_usd=Decimal(cap), settled_usd=Decimal(settled), reserved_usd=Decimal(reserved))


def reason(found, name: str) -> str:
    return next(decision.why for decision in found.decisions if decision.shot == name)


# Pilots.


def test_three_pilots_become_two_and_two_become_one():
    assert shares({"animated": 85, "photoreal": 72, "static": 40}) == {"animated": 100, "photoreal": 100, "static": 0}
    assert shares({"animated": 85, "photoreal": 60}) == {"animated": 100, "photoreal": 0}
    assert shares({"static": 12}) == {"static": 100}
    assert shares({}) == {}


def test_a_pilot_within_the_noise_of_the_last_survivor_goes_on_with_less_and_the_reason_says_so():
    after = reallocate({"animated": balance("60", "10"), "static": balance("40", "10")}, {"animated": 74, "static": 71})
    assert 50 < after.shares["static"] < 100
    assert after.shares["animated"] == 100
    assert after.caps["static"] == Decimal(10) + Decimal(30) * after.shares["static"] / 100
    assert any("static" in note and "coin" in note for note in after.notes)


def test_pilots_rated_alike_are_treated_alike_and_a_sure_rater_needs_no_mercy():
    assert shares({"animated": 70, "static": 70}) == {"animated": 100, "static": 100}
    assert shares({"animated": 70, "static": 69.9}, noise_points=0.01) == {"animated": 100, "static": 0}


def test_a_pilot_that_drops_out_keeps_what_it_spent_and_what_is_set_aside():
    after = reallocate({"animated": balance("60"), "static": balance("40", "10", "5")}, {"animated": 85, "static": 30})
    assert after.caps == {"animated": Decimal(85), "static": Decimal(15)}
    assert after.best == "animated"
    assert "static is rated 30 and is cancelled" in after.moves[0].why


@given(st.dictionaries(TIERS, st.tuples(USD, USD, USD, RATING), min_size=1))
def test_money_is_conserved_and_nobody_falls_below_what_is_spent(pilots):
    balances = {
        tier: Balance(cap_usd=left + settled + reserved, settled_usd=settled, reserved_usd=reserved)
        for tier, (left, settled, reserved, _) in pilots.items()
    }
    after = reallocate(balances, {tier: rating for tier, (_, _, _, rating) in pilots.items()})
    assert sum(after.caps.values()) == sum(before.cap_usd for before in balances.values())
    assert all(after.caps[tier] >= b.settled_usd + b.reserved_usd for tier, b in balances.items())
    assert after.shares[after.best] == 100


@given(st.dictionaries(TIERS, RATING, min_size=1), st.floats(0, 30))
def test_a_better_rating_never_keeps_less_and_a_share_is_all_much_or_nothing(ratings, noise):
    kept = shares(ratings, noise_points=noise)
    ranked = sorted(ratings, key=lambda tier: ratings[tier])
    assert [kept[tier] for tier in ranked] == sorted(kept.values())
    assert all(share == 0 or 200 * COIN <= share <= 100 for share in kept.values())
    assert sum(share == 100 for share in kept.values()) >= math.ceil(len(kept) / 2)


# Takes.


def test_shots_without_a_take_come_first_and_are_not_halved():
    found = next_takes([shot("k1", 60), shot("k2"), shot("k3"), shot("k4", lost=1)], Decimal(100), good_enough=70)
    assert set(found.shots) == {"k2", "k3", "k4"}
    assert reason(found, "k2") == "It has no take yet."
    assert "1 brought no file" in reason(found, "k4")
    assert "Waits" in reason(found, "k1")
    assert found.usd == Decimal("1.05")


def test_however_bad_the_others_are_a_shot_gets_its_first_take():
    found = next_takes([shot("k1", 0, 0, 0, 0), shot("k2", 0, 0, 0, 0), shot("k3")], Decimal(100), good_enough=1)
    assert "k3" in found.shots


def test_the_half_with_the_most_to_gain_goes_on():
    found = next_takes([shot(f"k{rating}", rating) for rating in (68, 45, 66, 50)], Decimal(100), good_enough=70)
    assert found.shots == ("k45", "k50")
    assert "points to gain" in reason(found, "k66")


def test_a_round_spends_a_quarter_of_what_is_left_but_never_nothing():
    shots = [shot(f"k{rating}", rating) for rating in range(40, 50)]
    assert len(next_takes(shots, Decimal("4.20"), good_enough=70).shots) == 3
    assert len(next_takes(shots, Decimal("0.70"), good_enough=70).shots) == 1
    assert len(next_takes(shots, Decimal(100), good_enough=70).shots) == 5
    assert "a quarter of what is left" in reason(next_takes(shots, Decimal("0.70"), good_enough=70), "k43")


def test_a_shot_that_is_good_enough_gets_no_other_take_with_all_the_money_in_the_world():
    found = next_takes([shot("k1", 96, 90), shot("k2", 95)], Decimal(10**6), good_enough=70)
    assert found.shots == ()
    assert reason(found, "k1").startswith("Good enough")


def test_a_rating_just_above_the_wish_is_not_trusted_by_itself():
    assert next_takes([shot("k1", 71)], Decimal(10), good_enough=70).shots == ("k1",)
    assert next_takes([shot("k1", 71)], Decimal(10), good_enough=70, noise_points=0.5).shots == ()


def test_a_shot_that_fails_again_and_again_is_left_to_a_person():
    found = next_takes([shot("k1", lost=MOST_TAKES), shot("k2", *[40] * MOST_TAKES)], Decimal(100), good_enough=70)
    assert found.shots == ()
    assert "plan has to change" in reason(found, "k1")


def test_of_two_equal_shots_the_cheaper_one_goes_first():
    found = next_takes([shot("k1", 50, price="2.00"), shot("k2", 50, price="0.50")], Decimal(100), good_enough=70)
    assert found.shots == ("k2",)


def test_without_money_every_shot_says_so():
    found = next_takes([shot("k1", 50), shot("k2")], Decimal("0.34"), good_enough=70)
    assert found.shots == ()
    assert found.usd == 0
    assert reason(found, "k2") == "No money: a take costs up to $0.35, $0.34 are left."


@pytest.mark.parametrize(
    ("shots", "left", "wish"),
    [
        ([shot("k1", 101)], "1", 70),
        ([shot("k1", math.nan)], "1", 70),
        ([shot("k1", price="-1")], "1", 70),
        ([shot("k1", price="NaN")], "1", 70),
        ([shot("k1"), shot("k1")], "1", 70),
        ([shot("k1")], "NaN", 70),
        ([shot("k1")], "1", 0),
        ([shot("k1")], "1", math.nan),
    ],
)
def test_what_is_no_price_rating_or_money_is_refused(shots, left, wish):
    with pytest.raises(BadInput):
        next_takes(shots, Decimal(left), good_enough=wish)


SHOTS = st.lists(
    st.tuples(st.lists(RATING, max_size=5), st.integers(0, 500), st.integers(0, 3)), min_size=1, max_size=8
).map(
    lambda rows: [
        RatedShot(f"k{number}", dict(enumerate(ratings, start=1)), Decimal(cents).scaleb(-2), lost)
        for number, (ratings, cents, lost) in enumerate(rows, start=1)
    ]
)


@given(SHOTS, USD, st.floats(1, 100))
def test_a_round_never_costs_more_than_is_left_and_names_every_shot_once(shots, left, wish):
    found = next_takes(shots, left, good_enough=wish)
    prices = {shot.name: shot.price_usd for shot in shots}
    assert found.usd == sum(prices[name] for name in found.shots) <= left
    assert [decision.shot for decision in found.decisions] == [shot.name for shot in shots]
    assert {d.shot for d in found.decisions if d.another} == set(found.shots)
    assert all(decision.why.endswith(".") for decision in found.decisions)


@given(SHOTS, USD, st.floats(1, 100), st.randoms(use_true_random=False))
def test_the_order_in_which_shots_are_given_decides_nothing(shots, left, wish, shuffle):
    mixed = shuffle.sample(shots, len(shots))
    assert next_takes(mixed, left, good_enough=wish).shots == next_takes(shots, left, good_enough=wish).shots


@given(SHOTS, st.floats(1, 100))
def test_more_money_stops_no_take(shots, wish):
    same = [RatedShot(shot.name, shot.ratings, Decimal("0.35"), shot.lost) for shot in shots]
    rounds = [next_takes(same, Decimal(cents).scaleb(-2), good_enough=wish).shots for cents in range(0, 400, 35)]
    assert all(less == more[: len(less)] for less, more in pairwise(rounds))


@given(st.lists(RATING, min_size=1, max_size=5), st.floats(1, 90), st.floats(0, 10))
def test_who_wants_more_never_buys_less(ratings, wish, more):
    gains = [
        next_takes([shot("k1", *ratings)], Decimal(10), good_enough=bar).decisions[0].gain_points
        for bar in (wish, wish + more)
    ]
    assert gains[0] <= gains[1] + 1e-9


@given(st.lists(st.lists(RATING, min_size=1, max_size=3), min_size=1, max_size=5), USD)
def test_rounds_come_to_an_end_and_spend_no_more_than_there_was(streams, usd):
    """A whole shoot: whatever the ratings are, it stops by itself within the money and the most takes a shot."""
    left = usd
    ratings: list[dict[int, float]] = [{} for _ in streams]
    for _ in range(len(streams) * MOST_TAKES + 1):
        shots = [RatedShot(f"k{place}", dict(seen), Decimal("0.35")) for place, seen in enumerate(ratings)]
        found = next_takes(shots, left, good_enough=70)
        if not found.shots:
            break
        left -= found.usd
        for name in found.shots:
            seen, stream = ratings[int(name[1:])], streams[int(name[1:])]
            seen[len(seen) + 1] = stream[len(seen) % len(stream)]
    else:
        pytest.fail("It asks for takes for ever")
    assert left >= 0
    assert max(len(seen) for seen in ratings) <= MOST_TAKES


# The circled take.


def test_the_highest_rating_is_circled_the_earliest_of_equals_and_promises_less_than_it_was_rated():
    circled = best_take({1: 60, 2: 92, 4: 92})
    assert circled.take == 2
    assert 60 < circled.quality < 92
    assert "Take 2 is rated 92, the best of 3" in circled.why


def test_an_exact_rater_is_believed():
    assert best_take({1: 60, 2: 92}, noise_points=0.01).quality == pytest.approx(92, abs=0.1)


def test_nothing_can_be_circled_of_nothing():
    with pytest.raises(BadInput, match="inspected"):
        best_take({})
