"""The producer fields the pilots the money allows, splits it without losing a cent, and says why."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_pipeline.budget.allocation import RESERVE
from studio_pipeline.errors import BadInput
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.pilot import Strategies, Tier
from studio_pipeline.film.story import Story
from studio_pipeline.orchestration.tiers import load_tiers
from studio_pipeline.stages.planning.producer import strategize

TIERS = load_tiers(Path(__file__).parents[4] / "assets" / "tiers.yaml")
A_PICTURE = {"static": "0.01", "animated": "0.03", "photoreal": "0.04"}
A_SECOND = {"static": "0", "animated": "0.05", "photoreal": "0.40"}


def price(tier: Tier, seconds: float, pictures: int) -> Decimal:
    shared = Decimal("0.002") + 14 * Decimal("0.00003")
    return Decimal(A_PICTURE[tier.name]) * pictures + (Decimal(A_SECOND[tier.name]) + shared) * Decimal(str(seconds))


def decide(budget: str, duration_s: float = 60, **brief: object) -> Strategies:
    asked = Brief.model_validate(
        {"title": "T", "concept": "c", "duration_s": duration_s, "budget_usd": Decimal(budget), **brief}
    )
    return strategize(asked, Story(), TIERS, price)


def names(strategies: Strategies) -> list[str]:
    return [pilot.tier for pilot in strategies.pilots]


def test_150_dollars_field_all_three_tiers_of_a_minute_and_each_can_finish() -> None:
    strategies = decide("150")
    assert names(strategies) == ["static", "animated", "photoreal"]
    assert all(pilot.budget_usd >= pilot.expected_cost_usd for pilot in strategies.pilots)
    assert strategies.passed_over == ()


@given(st.decimals("0.6", "5000", places=2), st.floats(5, 1800), st.sampled_from(["draft", "standard", "high"]))
@settings(max_examples=150, deadline=None)
def test_the_parts_always_add_up_to_the_budget_and_a_tenth_is_held_back(budget, duration_s, quality) -> None:
    try:
        strategies = decide(str(budget), duration_s, quality_mode=quality)
    except BadInput:
        return
    assert sum(pilot.budget_usd for pilot in strategies.pilots) + strategies.reserve_usd == budget
    assert strategies.reserve_usd >= budget * RESERVE * Decimal("0.9")
    assert len(strategies.pilots) + len(strategies.passed_over) == 3


def test_a_tier_too_dear_is_passed_over_with_the_reason() -> None:
    strategies = decide("20")
    assert names(strategies) == ["static", "animated"]
    assert len(strategies.passed_over) == 1
    assert "photoreal" in strategies.passed_over[0]
    assert "more than the $18.00" in strategies.passed_over[0]


def test_too_little_money_for_any_tier_names_the_least_that_would_do_and_that_much_does() -> None:
    with pytest.raises(BadInput, match=r"at least \$(\d+\.\d\d)") as refused:
        decide("0.10")
    assert refused.value.exit_code == 2
    least = str(refused.value).split("at least $")[1].split()[0]
    assert names(decide(least)) == ["static"]
    with pytest.raises(BadInput):
        decide(str(Decimal(least) - Decimal("0.02")))


def test_tiers_a_brief_names_are_fielded_or_refused_never_dropped_silently() -> None:
    assert names(decide("150", tiers=["static", "photoreal"])) == ["static", "photoreal"]
    assert names(decide("150", tiers=["animated"])) == ["animated"]
    with pytest.raises(BadInput, match="static and photoreal") as refused:
        decide("5", tiers=["static", "photoreal"])
    least = str(refused.value).split("at least $")[1].split()[0]
    assert names(decide(least, tiers=["static", "photoreal"])) == ["static", "photoreal"]


def test_pilots_limits_how_many_compete_and_the_rest_are_explained() -> None:
    strategies = decide("150", pilots=2)
    assert names(strategies) == ["animated", "photoreal"]
    assert "no more than 2" in strategies.passed_over[0]
    assert len(decide("150", pilots=1).pilots) == 1


def test_two_tiers_with_the_same_models_do_not_compete() -> None:
    twin = TIERS[1].model_copy(update={"name": "twin", "label": "Twin"})
    brief = Brief(title="T", concept="c", duration_s=60, budget_usd=Decimal(150))
    strategies = strategize(brief, Story(), (*TIERS[:2], twin), lambda tier, s, n: price(TIERS[1], s, n))
    assert names(strategies) == ["static", "animated"]
    assert "same models" in strategies.passed_over[0]


def test_higher_quality_moves_money_to_the_tier_that_promises_more() -> None:
    def share(quality: str) -> Decimal:
        found = decide("400", quality_mode=quality).pilot("photoreal")
        assert found is not None
        return found.budget_usd

    assert share("draft") < share("standard") < share("high")


def test_why_and_look_speak_of_this_brief() -> None:
    strategies = decide("150", style="ink and wash", content_mode="kid")
    for pilot in strategies.pilots:
        assert "ink and wash" in pilot.look
        assert "children" in pilot.look
        assert "$" in pilot.why
        assert "60 s" in pilot.why
    assert len({pilot.why for pilot in strategies.pilots}) == 3


def test_the_same_brief_gives_the_same_strategies() -> None:
    assert decide("150") == decide("150")
