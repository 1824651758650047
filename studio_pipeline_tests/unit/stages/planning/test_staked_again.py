"""What turns stale when pilots are staked again: an added dollar turns nothing, another look or pace everything."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from studio_pipeline.film.brief import Brief
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.pilot import Pilot, Strategies
from studio_pipeline.orchestration.artifacts import Artifact, Header
from studio_pipeline.stages.planning.assets import film_part_of, parts_of, same_film

PILOT = Pilot(
    tier="static",
    look="ink",
    image_model="i",
    video_model="v",
    budget_usd=Decimal(2),
    expected_cost_usd=Decimal(1),
    why="Because.",
)
STAKED = Strategies(pilots=(PILOT,), reserve_usd=Decimal(1))
THEN = {"brief#stakes": "a", "brief#film": "b", "story": "c"}


def stored(code_version: str = "1") -> Artifact[Strategies]:
    return Artifact("pilot_strategies", Cell(production="lamp"), STAKED, Header("d", THEN, {}, None, code_version))


def test_a_script_follows_from_look_and_pace_and_not_from_money_or_words_for_people() -> None:
    money = PILOT.model_copy(update={"budget_usd": Decimal(9), "why": "Other.", "risk": "Hands."})
    assert film_part_of(money) == film_part_of(PILOT)
    assert film_part_of(PILOT.model_copy(update={"pace": "slow"})) != film_part_of(PILOT)
    assert "pace" not in film_part_of(PILOT), "films that were made before pilots had a pace are not stale"


def test_only_other_money_for_the_same_film_keeps_what_was_staked() -> None:
    assert same_film(stored(), THEN | {"brief#stakes": "raised"}, "1") is STAKED
    assert same_film(stored(), THEN, "1") is STAKED
    assert same_film(stored(), THEN | {"brief#stakes": "x", "brief#film": "y"}, "1") is None
    assert same_film(stored(), THEN | {"story": "other"}, "1") is None
    assert same_film(None, THEN, "1") is None


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({"dubs": ("hi",)}, {"dubs"}),
        ({"captions": "burned_in"}, {"delivery"}),
        ({"loudness_lufs": -23}, {"delivery"}),
        ({"budget_usd": Decimal(9)}, {"stakes"}),
        ({"tiers": ("static",)}, {"stakes"}),
        ({"resolution": "1080p"}, {"film", "stakes"}),
    ],
)
def test_what_changes_in_a_brief_concerns_only_those_who_follow_from_it(
    changes: dict[str, Any], parts: set[str]
) -> None:
    before = Brief(title="Lamp", concept="A lamp.", duration_s=10, budget_usd=Decimal(5))
    one, other = parts_of(before), parts_of(before.model_copy(update=changes))
    assert {part for part in one if one[part] != other[part]} == parts


def test_an_edited_prompt_or_another_model_chooses_anew_and_losing_the_key_does_not() -> None:
    assert same_film(stored("1+abc"), THEN, "1+abc") is STAKED
    assert same_film(stored("1+abc"), THEN, "1+def") is None
    assert same_film(stored("1+abc"), THEN | {"brief#stakes": "raised"}, "1") is STAKED, "nobody is there to choose"
