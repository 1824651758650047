"""The narrator: a vendor that fails is asked again, one that is away is replaced, and both are told."""

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
from studio_pipeline.film.takes import Narration
from studio_pipeline.orchestration.artifacts import Absent
from studio_pipeline.providers.metering import Purchase
from studio_pipeline.stages.shooting.sound import AIR_S, narrate

BRIEF = Brief(title="Lamp", concept="A lamp.", duration_s=10, budget_usd=Decimal(9), seed=7)


class SoundShop(CornerShop):
    """A shop whose files come with what a vendor of sound says of them."""

    def buy(self, request: Any, **account: Any) -> Purchase:
        bought = super().buy(request, **account)
        return bought.model_copy(update={"details": {"duration_s": 2.5, "words": []}})


@pytest.fixture
def shop() -> SoundShop:
    return SoundShop({"pen/ink": PRICES["pen/ink"], "brush/oil": PRICES["brush/oil"]}, Purse())


def script(narration: str = "The lamp is lit.") -> Script:
    scene = Scene(number=1, heading="", place="tower", frames=96, narration=narration, direction="Waves.")
    return Script(title="Lamp", logline="", rate=Rate.of(24), language="en", scenes=(scene,), test_scenes=(1,))


def spoken(shop: SoundShop, text: str = "The lamp is lit.") -> Narration | Absent:
    return narrate(Cell.parse("lamp|animated.s01"), script(text), BRIEF, shop)


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


def test_a_vendor_that_is_away_is_replaced_and_the_sound_says_so(shop: SoundShop) -> None:
    shop.answer = lambda asked: VendorAway("No credit") if asked.model == "pen/ink" else None
    made = spoken(shop)
    assert made.receipt.model == "brush/oil"
    assert made.events == ("No credit: brush/oil is asked instead of pen/ink.",)


def test_when_no_vendor_is_there_the_same_command_asks_again(shop: SoundShop) -> None:
    shop.answer = lambda asked: VendorAway("No credit")
    with pytest.raises(VendorAway):
        spoken(shop)
    shop.answer = lambda asked: None
    assert spoken(shop).receipt.model == "pen/ink"


def test_a_job_that_fails_is_asked_for_again_and_told(shop: SoundShop) -> None:
    shop.answer = lambda asked: JobFailed("Out of tune") if asked.take < 3 else None
    made = spoken(shop)
    assert made.events == ("Take 1: Out of tune.", "Take 2: Out of tune.")
    assert spoken(shop) == made, "found again for nothing"
    assert len(shop.asked) == 3


@pytest.mark.parametrize(("error", "asked"), [(JobFailed("Out of tune"), 3), (PromptRefused("Rude words"), 1)])
def test_a_sound_that_nobody_makes_is_flagged_and_stops_nothing(
    shop: SoundShop, error: StudioError, asked: int
) -> None:
    shop.answer = lambda _: error
    absent = spoken(shop)
    assert isinstance(absent, Absent)
    assert absent.kind == "flagged"
    assert error.what in absent.reason
    assert len(shop.asked) == asked


def test_without_money_it_is_an_error(shop: SoundShop) -> None:
    shop.purse.left_usd = Decimal(0)
    with pytest.raises(OutOfBudget):
        spoken(shop)
