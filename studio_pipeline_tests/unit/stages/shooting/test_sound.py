"""The sound department: a vendor that fails is asked again, one that is away is replaced, and both are told."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from corner_shop import PRICES, CornerShop, Purse

from studio_pipeline.errors import JobFailed, OutOfBudget, PromptRefused, StudioError, VendorAway
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.script import Scene, Script
from studio_pipeline.film.takes import Music, Narration
from studio_pipeline.orchestration.artifacts import Absent
from studio_pipeline.providers.metering import Purchase
from studio_pipeline.stages.shooting.sound import AIR_S, compose, narrate

BRIEF = Brief(title="Lamp", concept="A lamp.", duration_s=10, budget_usd=Decimal(9), seed=7)


class SoundShop(CornerShop):
    """A shop whose files come with what a vendor of sound says of them."""

    def buy(self, request: Any, **account: Any) -> Purchase:
        bought = super().buy(request, **account)
        return bought.model_copy(update={"details": {"duration_s": 2.5, "words": []}})


@pytest.fixture
def shop() -> SoundShop:
    return SoundShop({"pen/ink": PRICES["pen/ink"], "brush/oil": PRICES["brush/oil"]}, Purse())


def script(narration: str = "The lamp is lit.", *moods: str) -> Script:
    scenes = tuple(
        Scene.model_validate(
            {
                "number": number,
                "heading": "",
                "place": "tower",
                "frames": 96,
                "narration": narration,
                "direction": "Waves.",
                "mood": mood,
            }
        )
        for number, mood in enumerate(moods or ("calm",), start=1)
    )
    return Script(title="Lamp", logline="", rate=Rate.of(24), language="en", scenes=scenes, test_scenes=(1,))


def spoken(shop: SoundShop, text: str = "The lamp is lit.") -> Narration | Absent:
    return narrate(Cell.parse("lamp|animated.s01"), script(text), BRIEF, shop)


def played(shop: SoundShop, *moods: str) -> Music | Absent:
    return compose(Cell.parse("lamp|animated"), script("", *moods), BRIEF, shop)


def test_a_line_is_spoken_within_its_scene(shop: SoundShop) -> None:
    narration = spoken(shop)
    assert isinstance(narration, Narration)
    assert (narration.text, narration.duration_s, narration.events) == ("The lamp is lit.", 2.5, ())
    assert shop.asked[0].request.max_duration_s == pytest.approx(4 - AIR_S)  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["", "  \n "])
def test_a_scene_without_words_buys_nothing(shop: SoundShop, text: str) -> None:
    narration = spoken(shop, text)
    assert isinstance(narration, Narration)
    assert narration.sound is None
    assert shop.asked == []


def test_music_is_in_the_mood_that_most_of_the_film_is_in(shop: SoundShop) -> None:
    track = played(shop, "calm", "joy", "joy", "tension")
    assert isinstance(track, Music)
    assert shop.asked[0].request.mood == "joy"  # type: ignore[attr-defined]
    assert shop.asked[0].request.duration_s == 16  # type: ignore[attr-defined]


@pytest.mark.parametrize("wish", [spoken, played])
def test_a_vendor_that_is_away_is_replaced_and_the_sound_says_so(shop: SoundShop, wish: Any) -> None:
    shop.answer = lambda asked: VendorAway("No credit") if asked.model == "pen/ink" else None
    made = wish(shop)
    assert made.receipt.model == "brush/oil"
    assert made.events == ("No credit: brush/oil is asked instead of pen/ink.",)


@pytest.mark.parametrize("wish", [spoken, played])
def test_when_no_vendor_is_there_the_same_command_asks_again(shop: SoundShop, wish: Any) -> None:
    shop.answer = lambda asked: VendorAway("No credit")
    with pytest.raises(VendorAway):
        wish(shop)
    shop.answer = lambda asked: None
    assert wish(shop).receipt.model == "pen/ink"


@pytest.mark.parametrize("wish", [spoken, played])
def test_a_job_that_fails_is_asked_for_again_and_told(shop: SoundShop, wish: Any) -> None:
    shop.answer = lambda asked: JobFailed("Out of tune") if asked.take < 3 else None
    made = wish(shop)
    assert made.events == ("Take 1: Out of tune.", "Take 2: Out of tune.")
    assert wish(shop) == made, "found again for nothing"
    assert len(shop.asked) == 3


@pytest.mark.parametrize("wish", [spoken, played])
@pytest.mark.parametrize(("error", "asked"), [(JobFailed("Out of tune"), 3), (PromptRefused("Rude words"), 1)])
def test_a_sound_that_nobody_makes_is_flagged_and_stops_nothing(
    shop: SoundShop, wish: Any, error: StudioError, asked: int
) -> None:
    shop.answer = lambda _: error
    absent = wish(shop)
    assert isinstance(absent, Absent)
    assert absent.kind == "flagged"
    assert error.what in absent.reason
    assert len(shop.asked) == asked


@pytest.mark.parametrize("wish", [spoken, played])
def test_without_money_it_is_an_error(shop: SoundShop, wish: Any) -> None:
    shop.purse.left_usd = Decimal(0)
    with pytest.raises(OutOfBudget):
        wish(shop)
