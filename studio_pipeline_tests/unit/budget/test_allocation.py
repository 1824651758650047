from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_pipeline.budget.allocation import RESERVE, final_shares, reallocate, share_for, split
from studio_pipeline.budget.purchase import Balance
from studio_pipeline.errors import BadInput

USD = st.integers(0, 10**9).map(lambda micro: Decimal(micro).scaleb(-6))


def balance(cap: str, settled: str = "0", reserved: str = "0") -> Balance:
    return Balance(cap_usd=Decimal(cap), settled_usd=Decimal(settled), reserved_usd=Decimal(reserved))


def moved(balances: dict[str, Balance], ratings: dict[str, float]):
    return reallocate(balances, {tier: share_for(rating) for tier, rating in ratings.items()}, ratings)


@pytest.mark.parametrize(
    ("rating", "share"), [(85, 100), (72, 50), (58, 0), (80, 100), (79.9, 50), (60, 50), (59.9, 0), (100, 100), (0, 0)]
)
def test_a_rating_keeps_all_half_or_none_of_its_money(rating, share):
    assert share_for(rating) == share


def test_the_rule_of_the_seed_85_goes_on_72_gives_half_58_is_cancelled():
    after = moved(
        {"animated": balance("60", "10"), "photoreal": balance("50", "10"), "static": balance("40", "10")},
        {"animated": 85, "photoreal": 72, "static": 58},
    )
    # photoreal gives half of the 40 it has left, static all of its 30; both go to the best.
    assert after.caps == {"animated": Decimal(110), "photoreal": Decimal(30), "static": Decimal(10)}
    assert [(move.origin, move.to, move.usd) for move in after.moves] == [
        ("photoreal", "animated", Decimal(20)),
        ("static", "animated", Decimal(30)),
    ]
    assert "static is rated 58 and is cancelled" in after.moves[1].why
    assert "photoreal is rated 72 and continues with 50 %" in after.moves[0].why


def test_money_set_aside_for_a_running_purchase_stays_with_a_cancelled_pilot():
    after = moved({"animated": balance("60"), "static": balance("40", "10", "5")}, {"animated": 85, "static": 30})
    assert after.caps == {"animated": Decimal(85), "static": Decimal(15)}


def test_when_all_would_be_cancelled_the_best_continues_and_the_reason_says_so():
    after = moved({"animated": balance("60", "10"), "static": balance("40", "10")}, {"animated": 41, "static": 55})
    assert after.shares == {"animated": 0, "static": 50}
    assert after.best == "static"
    assert after.caps == {"animated": Decimal(10), "static": Decimal(90)}
    assert "a film must come out" in after.notes[0]
    assert "static" in after.notes[0]


def test_the_best_pilot_gives_nothing_away_even_when_rated_for_half():
    after = moved({"animated": balance("60", "10"), "static": balance("40", "10")}, {"animated": 72, "static": 40})
    assert after.caps == {"animated": Decimal(90), "static": Decimal(10)}
    assert "keeps its other half" in after.notes[0]


def test_equal_ratings_are_decided_by_name_whatever_the_order_they_come_in():
    balances = {"static": balance("10"), "animated": balance("10"), "photoreal": balance("10")}
    ratings = {"static": 90.0, "animated": 90.0, "photoreal": 20.0}
    assert moved(balances, ratings).best == "animated"
    assert moved(dict(reversed(balances.items())), ratings).moves == moved(balances, ratings).moves


def test_nothing_moves_when_all_are_good():
    balances = {"animated": balance("60"), "static": balance("40")}
    after = moved(balances, {"animated": 80, "static": 99})
    assert after.moves == ()
    assert after.caps == {"animated": Decimal(60), "static": Decimal(40)}


def test_shares_seen_together_leave_at_least_one_pilot():
    assert final_shares({"a": 0, "b": 0}, {"a": 10, "b": 20}) == {"a": 0, "b": 50}
    assert final_shares({"a": 0, "b": 50}, {"a": 10, "b": 70}) == {"a": 0, "b": 50}


PILOTS = st.dictionaries(
    st.sampled_from(["animated", "photoreal", "static"]),
    st.tuples(USD, USD, USD, st.floats(0, 100)),
    min_size=1,
)


@given(PILOTS)
def test_money_is_conserved_to_the_micro_dollar_and_nobody_falls_below_what_is_spent(pilots):
    balances = {
        tier: Balance(cap_usd=left + settled + reserved, settled_usd=settled, reserved_usd=reserved)
        for tier, (left, settled, reserved, _) in pilots.items()
    }
    ratings = {tier: rating for tier, (_, _, _, rating) in pilots.items()}
    after = moved(balances, ratings)
    assert sum(after.caps.values()) == sum(before.cap_usd for before in balances.values())
    assert any(after.shares.values())
    for tier, before in balances.items():
        assert after.caps[tier] >= before.settled_usd + before.reserved_usd
        assert after.caps[tier] == after.caps[tier].quantize(Decimal("0.000001"))
    assert after.caps[after.best] >= balances[after.best].cap_usd


@given(
    st.integers(10**4, 10**12).map(lambda micro: Decimal(micro).scaleb(-6)),
    st.dictionaries(st.sampled_from("abc"), st.tuples(st.integers(0, 1000), st.integers(0, 1000)), min_size=1),
)
def test_a_split_is_exactly_the_budget_and_nobody_gets_less_than_the_floor(budget, wishes):
    whole = sum(floor for floor, _ in wishes.values()) or 1
    floors = {tier: budget * RESERVE * floor / whole for tier, (floor, _) in wishes.items()}
    parts = split(budget, floors, {tier: Decimal(pull) for tier, (_, pull) in wishes.items()})
    assert sum(parts.pilots.values()) + parts.reserve_usd == budget
    assert all(parts.pilots[tier] >= floor for tier, floor in floors.items())
    assert parts.reserve_usd >= budget * RESERVE - Decimal("0.03")


def test_a_split_gives_each_pilot_its_floor_and_the_rest_by_pull_in_whole_cents():
    floors = {"animated": Decimal(20), "static": Decimal("10.005")}
    parts = split(Decimal(150), floors, {"animated": Decimal(2), "static": Decimal(1)})
    assert parts.pilots == {"animated": Decimal("89.99"), "static": Decimal("45.00")}
    assert parts.reserve_usd == Decimal("15.01")


def test_a_floor_is_kept_where_rounding_down_would_break_it_and_the_reserve_pays():
    parts = split(Decimal(20), {"a": Decimal("17.995"), "b": Decimal("0.005")}, {"a": Decimal(1), "b": Decimal(1)})
    assert parts.pilots == {"a": Decimal("18.00"), "b": Decimal("0.01")}
    assert parts.reserve_usd == Decimal("1.99")


def test_pilots_that_pull_at_nothing_share_alike():
    parts = split(Decimal(2), {"a": Decimal(0), "b": Decimal(0)}, {"a": Decimal(0), "b": Decimal(0)})
    assert parts.pilots == {"a": Decimal("0.9"), "b": Decimal("0.9")}


@pytest.mark.parametrize("floors", [{}, {"a": Decimal("9.01")}, {"a": Decimal(5), "b": Decimal(5)}])
def test_what_cannot_be_divided_is_said(floors):
    with pytest.raises(BadInput, match="Raise the budget"):
        split(Decimal(10), floors, dict.fromkeys(floors, Decimal(1)))
