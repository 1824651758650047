from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_pipeline.budget.allocation import final_shares, reallocate, share_for, split
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
    st.integers(1, 10**12).map(lambda micro: Decimal(micro).scaleb(-6)),
    st.dictionaries(st.sampled_from("abc"), st.integers(1, 1000).map(Decimal), min_size=1),
    st.integers(0, 100),
)
def test_a_split_is_exactly_the_budget_and_holds_back_at_least_the_reserve(budget, weights, reserve_pct):
    parts = split(budget, weights, reserve_pct)
    assert sum(parts.pilots.values()) + parts.reserve_usd == budget
    assert parts.reserve_usd >= budget * reserve_pct / 100
    assert all(amount >= 0 for amount in parts.pilots.values())


def test_a_split_follows_the_weights_in_whole_cents():
    parts = split(Decimal(150), {"animated": Decimal(2), "static": Decimal(1)}, 10)
    assert parts.pilots == {"animated": Decimal(90), "static": Decimal(45)}
    assert parts.reserve_usd == Decimal(15)


@pytest.mark.parametrize(
    ("budget", "weights", "reserve"),
    [
        (Decimal(0), {"a": Decimal(1)}, 10),
        (Decimal("NaN"), {"a": Decimal(1)}, 10),
        (Decimal(10), {"a": Decimal(0)}, 10),
        (Decimal(10), {"a": Decimal("NaN")}, 10),
        (Decimal(10), {}, 10),
        (Decimal(10), {"a": Decimal(1)}, 101),
    ],
)
def test_what_cannot_be_divided_is_said(budget, weights, reserve):
    with pytest.raises(BadInput):
        split(budget, weights, reserve)
