"""Making one take: what a person finds on the shot afterwards, and what was paid for on the way."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from corner_shop import CELL, PILOT, PLAN, PRICES, SHOT, Asked, CornerShop, Purse, plan_of

from studio_pipeline.errors import (
    BadInput,
    JobFailed,
    OutOfBudget,
    PromptRefused,
    StudioError,
    Unanswered,
    UnknownPrice,
    VendorAway,
)
from studio_pipeline.film.takes import ShotTakes
from studio_pipeline.orchestration.artifacts import Absent
from studio_pipeline.providers.capabilities import Model
from studio_pipeline.stages.shooting.take import shoot

TAKE_USD = Decimal("1.10")


@dataclass
class Set:
    """Two shops around one purse, and the camera."""

    purse: Purse = field(default_factory=Purse)
    image: CornerShop = field(init=False)
    video: CornerShop = field(init=False)
    drawn: list[Decimal] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.image = CornerShop({"pen/ink": PRICES["pen/ink"]}, self.purse)
        self.video = CornerShop({"reel/fast": PRICES["reel/fast"]}, self.purse)

    def shoot(self, before: ShotTakes | None = None, *, note: str | None = None, **changes: Any) -> ShotTakes | Absent:
        shot, plan = changes.pop("planned", (SHOT, PLAN))
        return shoot(
            CELL,
            shot,
            plan,
            PILOT,
            before,
            **{"seed": 7, "image": self.image, "video": self.video, "note": note, "draw": self.drawn.append, **changes},
        )

    def takes(self, before: ShotTakes | None = None, **changes: Any) -> ShotTakes:
        outcome = self.shoot(before, **changes)
        assert isinstance(outcome, ShotTakes), outcome
        return outcome

    def absent(self, before: ShotTakes | None = None, **changes: Any) -> Absent:
        outcome = self.shoot(before, **changes)
        assert isinstance(outcome, Absent), outcome
        return outcome

    @property
    def asked(self) -> int:
        return len(self.image.asked) + len(self.video.asked)


@pytest.fixture
def studio() -> Set:
    return Set()


def fails(*numbers: int, why: str = "The reel tore") -> Callable[[Asked], StudioError | None]:
    """Jobs of these takes fail; of all takes when none are named."""
    return lambda asked: JobFailed(why) if not numbers or asked.take in numbers else None


def refuses(word: str) -> Callable[[Asked], StudioError | None]:
    return lambda asked: PromptRefused("Moderation said no") if word in asked.prompt else None


def away(*models: str) -> Callable[[Asked], StudioError | None]:
    return lambda asked: VendorAway(f"{asked.model} is overloaded") if asked.model in models else None


# What is bought


def test_a_still_and_a_clip_of_it_make_a_take(studio: Set) -> None:
    takes = studio.takes()
    assert (takes.shot, takes.circled, takes.take.number) == ("animated.s01.k1", 1, 1)
    assert takes.take.events == ()
    assert studio.video.asked[0].request.first_frame == takes.take.poster  # type: ignore[attr-defined]
    assert studio.purse.by_place == {"animated.s01.k1": TAKE_USD}


def test_a_plan_that_has_its_take_is_found_for_nothing(studio: Set) -> None:
    takes = studio.takes()
    assert studio.takes(takes) == takes
    assert studio.asked == 2


def test_a_changed_plan_gets_a_new_take_and_the_old_plan_finds_its_own_again(studio: Set) -> None:
    first = studio.takes()
    changed = studio.takes(first, planned=plan_of(prompt="Wide shot. Mara leaves the tower."))
    assert (changed.circled, len(changed.takes)) == (2, 2)
    back = studio.takes(changed)
    assert back.circled == 1
    assert {take.number for take in back.takes} == {1, 2}
    assert studio.asked == 4


# Jobs that fail


def test_a_failed_job_is_asked_for_again_under_the_next_number_and_the_still_is_bought_once(studio: Set) -> None:
    studio.video.answer = fails(1, 2)
    takes = studio.takes()
    assert [asked.take for asked in studio.video.asked] == [1, 2, 3]
    assert [asked.take for asked in studio.image.asked] == [1]
    assert (takes.take.number, takes.take.still_number) == (3, 1)
    assert takes.take.events == ("Take 1: The reel tore.", "Take 2: The reel tore.")
    assert studio.purse.by_place["animated.s01.k1"] == Decimal("3.10")


def test_after_three_failed_jobs_the_shot_is_flagged_with_the_reason_and_not_asked_for_again(studio: Set) -> None:
    studio.video.answer = fails()
    absent = studio.absent()
    assert absent.kind == "flagged"
    assert "The reel tore" in absent.reason
    assert len(studio.video.asked) == 3
    assert studio.absent().kind == "flagged"
    assert len(studio.video.asked) == 3, "what failed before is not paid for again"


def test_a_still_that_fails_three_times_flags_the_shot_and_no_clip_is_asked_for(studio: Set) -> None:
    studio.image.answer = fails(why="The nib broke")
    assert "The nib broke" in studio.absent().reason
    assert (len(studio.image.asked), len(studio.video.asked)) == (3, 0)


def test_failed_stills_do_not_use_up_the_clips_numbers(studio: Set) -> None:
    studio.image.answer = fails(1, 2)
    takes = studio.takes()
    assert (takes.take.number, takes.take.still_number) == (1, 3)
    assert studio.takes(takes) == takes
    assert studio.asked == 4


def test_a_crash_after_two_failed_jobs_leaves_one_more_try_and_no_more(studio: Set) -> None:
    studio.video.answer = fails(1, 2)
    killed = Set(purse=studio.purse)
    killed.image, killed.video = studio.image, studio.video

    def dies(asked: Asked) -> StudioError | None:
        if asked.take == 3:
            raise KeyboardInterrupt
        return JobFailed("The reel tore")

    studio.video.answer = dies
    with pytest.raises(KeyboardInterrupt):
        studio.shoot()
    studio.video.answer = fails()
    assert studio.absent().kind == "flagged"
    assert [asked.take for asked in studio.video.asked] == [1, 2, 3, 3]


# Prompts that are refused


def test_a_refused_prompt_is_put_more_softly_once(studio: Set) -> None:
    studio.video.answer = refuses("knife")
    takes = studio.takes(planned=plan_of(prompt="Wide shot. Mara lifts the knife."))
    assert [("knife" in asked.prompt, "prop" in asked.prompt) for asked in studio.video.asked] == [
        (True, False),
        (False, True),
    ]
    assert takes.take.softened
    assert any("more softly" in event for event in takes.take.events)


def test_a_prompt_that_is_refused_softly_too_flags_the_shot(studio: Set) -> None:
    studio.video.answer = refuses("Mara")
    absent = studio.absent()
    assert (absent.kind, len(studio.video.asked)) == ("flagged", 2)
    assert "Moderation said no" in absent.reason
    assert studio.purse.by_place["animated.s01.k1"] == Decimal("0.10"), "a refusal costs nothing; the still is there"


@pytest.mark.parametrize("who", ["image", "video"])
def test_a_softened_take_is_found_again_as_it_was_bought(studio: Set, who: str) -> None:
    getattr(studio, who).answer = refuses("knife")
    planned = plan_of(prompt="Wide shot. Mara lifts the knife.")
    takes = studio.takes(planned=planned)
    asked = studio.asked
    assert studio.takes(takes, planned=planned) == takes
    assert studio.asked == asked, "the still was bought in words of its own"


# Vendors that are away


@pytest.fixture
def spare(studio: Set) -> Set:
    """A set with a second vendor of each kind."""
    studio.image.prices = {"pen/ink": "0.10", "brush/oil": "0.20"}
    studio.video.prices = {"reel/fast": "1.00", "tape/slow": "4.00"}
    return studio


def test_a_vendor_that_is_away_is_replaced_by_the_next_one_and_the_take_says_so(spare: Set) -> None:
    spare.video.answer = away("reel/fast")
    takes = spare.takes()
    assert (takes.take.video.model, takes.take.still.model) == ("tape/slow", "pen/ink")
    assert takes.take.events == ("reel/fast is overloaded: tape/slow is asked instead of reel/fast.",)
    assert takes.take.number == 1, "who was away has not used up a take"


def test_what_was_bought_from_a_vendor_in_anothers_place_is_used_after_a_crash(spare: Set) -> None:
    """Killed between the still and the clip; meanwhile the preferred vendor is back."""
    spare.image.answer = away("pen/ink")
    spare.video.answer = lambda asked: KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        spare.shoot()
    spare.image.answer = spare.video.answer = lambda asked: None
    assert spare.takes().take.still.model == "brush/oil"
    assert len(spare.image.sold) == 1


def test_when_no_vendor_can_be_asked_nothing_is_flagged_so_that_the_same_command_asks_again(spare: Set) -> None:
    spare.video.answer = away("reel/fast", "tape/slow")
    with pytest.raises(VendorAway):
        spare.shoot()
    spare.video.answer = lambda asked: None
    assert spare.takes().take.video.model == "reel/fast"
    assert len(spare.image.sold) == 1


def test_an_unanswered_purchase_goes_out_as_it_is(spare: Set) -> None:
    spare.video.answer = lambda asked: Unanswered("Nobody knows")
    with pytest.raises(Unanswered):
        spare.shoot()
    assert len(spare.video.asked) == 1


def test_a_take_is_found_again_whatever_vendors_are_in_use_now(spare: Set) -> None:
    spare.video.answer = away("reel/fast")
    takes = spare.takes()
    spare.image.prices, spare.video.prices = {"brush/oil": "0.20"}, {"reel/fast": "1.00"}
    spare.video.answer = lambda asked: None
    asked = spare.asked
    assert spare.takes(takes) == takes, "not a word of it changes, so nothing below it is made again"
    assert spare.asked == asked


def test_a_planned_model_that_is_not_in_use_any_more_is_replaced_and_the_take_says_so(spare: Set) -> None:
    spare.video.prices = {"tape/slow": "4.00"}
    takes = spare.takes()
    assert takes.take.video.model == "tape/slow"
    assert takes.take.events == ("tape/slow is asked instead of reel/fast, whose vendor is not in use.",)


def clips(model: str, longest_s: float, *sizes: tuple[int, int]) -> Model:
    return Model(name=model, kind="video", durations_s=(longest_s,), sizes=sizes, source="the label, 2026-11")


def test_a_model_that_cannot_make_the_shot_is_passed_over_and_the_take_says_so(spare: Set) -> None:
    spare.video.able = {"reel/fast": clips("reel/fast", 1), "tape/slow": clips("tape/slow", 9)}
    takes = spare.takes()
    assert takes.take.video.model == "tape/slow"
    assert takes.take.events == ("tape/slow is asked instead of reel/fast, which cannot make this shot.",)


# Shots that nobody can make


def test_nothing_is_bought_for_a_shot_that_no_model_in_use_can_make(studio: Set) -> None:
    studio.video.able = {"reel/fast": clips("reel/fast", 1)}
    absent = studio.absent(planned=plan_of(refusal="No model in use can make this shot: too long."))
    assert absent.kind == "flagged"
    assert "reel/fast makes at most 1 s and 2.5 s are needed" in absent.reason
    assert studio.asked == 0


def test_a_shot_that_was_refused_at_planning_is_made_once_a_vendor_in_use_can_make_it(studio: Set) -> None:
    refused = plan_of(refusal="No model in use can make this shot: too long.")
    assert studio.takes(planned=refused, note="").take.number == 1


def test_a_person_who_orders_a_take_that_nobody_can_make_is_told_why(studio: Set) -> None:
    studio.video.able = {"reel/fast": clips("reel/fast", 1)}
    with pytest.raises(BadInput, match=r"No model in use can make this shot.*lamp\|animated.s01.k1.*other vendors"):
        studio.shoot(note="closer")
    assert studio.asked == 0
    assert studio.drawn == []


# Money


def test_a_shot_without_money_says_what_it_needs_and_keeps_the_takes_it_has(studio: Set) -> None:
    first = studio.takes()
    studio.purse.left_usd = Decimal("0.50")
    absent = studio.absent(first, planned=plan_of(prompt="Wide shot. Mara leaves."))
    assert (absent.kind, absent.needed_usd, absent.takes) == ("unaffordable", TAKE_USD, first)
    studio.purse.left_usd = Decimal(5)
    assert studio.takes(absent.takes).circled == 1, "the plan before finds its take"


def test_without_money_for_the_vendor_that_is_there_the_shot_needs_what_that_one_takes(spare: Set) -> None:
    """Otherwise the shot is asked for again for ever: there is money enough for the vendor that is away."""
    spare.video.answer = away("reel/fast")
    spare.purse.left_usd = Decimal(2)
    absent = spare.absent()
    assert (absent.kind, absent.needed_usd) == ("unaffordable", Decimal("4.10"))


def test_the_shots_cap_is_three_takes_of_the_dearest_model_an_order(spare: Set) -> None:
    spare.takes()
    assert set(spare.image.caps + spare.video.caps) == {3 * Decimal("4.20")}
    spare.image.caps.clear()
    spare.takes(spare.takes(), note="closer")
    assert set(spare.image.caps) == {TAKE_USD + 3 * Decimal("4.20")}, "what was spent before is spent"


def test_a_dear_vendor_in_the_place_of_a_cheap_one_fits_into_the_shots_cap(spare: Set) -> None:
    spare.video.answer = lambda asked: (
        VendorAway("away") if asked.model == "reel/fast" else JobFailed("tore") if asked.take < 3 else None
    )
    assert spare.takes().take.number == 3


def test_a_spare_vendor_without_a_price_stops_nothing(spare: Set, monkeypatch: pytest.MonkeyPatch) -> None:
    quote = CornerShop.quote

    def unpriced(shop: CornerShop, request: Any, *, tier: str = "") -> Any:
        if request.model == "tape/slow":
            raise UnknownPrice("No price for tape/slow")
        return quote(shop, request, tier=tier)

    monkeypatch.setattr(CornerShop, "quote", unpriced)
    assert spare.takes().take.video.model == "reel/fast"
    spare.video.answer = away("reel/fast")
    with pytest.raises(UnknownPrice):
        spare.shoot(planned=plan_of(prompt="Another."))


# What a person orders


def test_a_retake_adds_a_take_with_its_note_and_keeps_the_others(studio: Set) -> None:
    first = studio.takes()
    second = studio.takes(first, note="closer")
    assert (second.circled, [take.number for take in second.takes]) == (2, [1, 2])
    assert second.take.note == "closer"
    assert second.takes[0] == first.take
    assert studio.drawn == [TAKE_USD], "the reserve is opened for what one take may cost"
    assert studio.takes(second) == second


@pytest.mark.parametrize(
    ("answer", "error"),
    [(fails(), JobFailed), (lambda asked: PromptRefused("no"), PromptRefused)],
    ids=["failed", "refused"],
)
def test_a_retake_that_is_not_made_is_an_error_and_flags_nothing(
    studio: Set, answer: Callable[[Asked], StudioError | None], error: type[StudioError]
) -> None:
    first = studio.takes()
    studio.video.answer = answer
    with pytest.raises(error):
        studio.shoot(first, note="closer")
    assert studio.takes(first) == first


def test_a_retake_without_money_is_an_error(studio: Set) -> None:
    first = studio.takes()
    studio.purse.left_usd = Decimal(0)
    with pytest.raises(OutOfBudget):
        studio.shoot(first, note="closer")


@pytest.mark.parametrize("note", [None, "closer"])
def test_a_still_whose_clip_there_is_no_money_for_is_not_bought_either(studio: Set, note: str | None) -> None:
    studio.purse.left_usd = TAKE_USD - Decimal("0.01")
    if note is None:
        assert studio.absent().kind == "unaffordable"
    else:
        with pytest.raises(OutOfBudget):
            studio.shoot(note=note)
    assert studio.asked == 0


def test_a_still_that_is_there_already_needs_money_for_the_clip_alone(studio: Set) -> None:
    studio.video.answer = away("reel/fast")
    with pytest.raises(VendorAway):
        studio.shoot()
    studio.video.answer, studio.purse.left_usd = (lambda asked: None), Decimal("1.00")
    assert studio.takes().take.number == 1


def test_a_flagged_shot_gets_its_take_when_a_person_orders_one(studio: Set) -> None:
    """What failed before was charged, and leaves a new order neither fewer tries nor less money."""
    studio.video.answer = fails()
    studio.absent()
    studio.video.answer = fails(4)
    takes = studio.takes(note="")
    assert [asked.take for asked in studio.video.asked] == [1, 2, 3, 4, 5]
    assert takes.take.number == 5
    assert len(studio.image.sold) == 1, "its still is there"


def test_the_same_order_again_and_again_asks_three_times_each(studio: Set) -> None:
    studio.video.answer = fails()
    studio.absent()
    for order in (2, 3):
        with pytest.raises(JobFailed):
            studio.shoot(note="")
        assert len(studio.video.asked) == 3 * order


# What the policy asks for


def test_a_take_that_the_policy_asks_for_in_vain_is_only_counted(studio: Set) -> None:
    first = studio.takes()
    studio.video.answer = fails()
    lost = studio.takes(first, note="", by="policy")
    assert (lost.lost, lost.takes, lost.circled) == (1, first.takes, 1)
    studio.video.answer = lambda asked: None
    studio.purse.left_usd = Decimal(0)
    assert studio.takes(lost, note="", by="policy").lost == 2
    assert studio.drawn == [], "the reserve is a person's"


def test_after_a_lost_take_the_policy_can_still_get_one(studio: Set) -> None:
    first = studio.takes()
    studio.video.answer = fails()
    lost = studio.takes(first, note="", by="policy")
    studio.video.answer = lambda asked: None
    second = studio.takes(lost, note="", by="policy")
    assert (second.lost, len(second.takes)) == (1, 2)


# Whatever is written


@given(
    note=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300),
    prompt=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=1500),
)
def test_any_words_make_a_take_that_is_found_again(note: str, prompt: str) -> None:
    studio = Set()
    planned = plan_of(prompt=prompt)
    first = studio.takes(planned=planned)
    second = studio.takes(first, note=note, planned=planned)
    assert second.take.note == note
    asked = studio.asked
    assert studio.takes(second, planned=planned) == second
    assert studio.asked == asked


@given(
    answers=st.lists(st.sampled_from(["make", "fail", "refuse", "away"]), min_size=12, max_size=12),
    orders=st.lists(st.sampled_from(["again", "retake", "policy"]), max_size=4),
)
def test_whatever_vendors_answer_no_identity_is_paid_twice_and_the_cap_holds(
    answers: list[str], orders: list[str]
) -> None:
    studio = Set()
    studio.image.prices = {"pen/ink": "0.10", "brush/oil": "0.20"}
    studio.video.prices = {"reel/fast": "1.00", "tape/slow": "4.00"}
    script = iter(answers)
    errors = {"fail": JobFailed("tore"), "refuse": PromptRefused("no"), "away": VendorAway("away")}
    studio.image.answer = studio.video.answer = lambda asked: errors.get(next(script, "make"))
    there: ShotTakes | None = None
    for order in ["again", *orders]:
        spent = studio.purse.by_place.get("animated.s01.k1", Decimal(0))
        try:
            outcome = studio.shoot(
                there,
                note=None if order == "again" else "closer",
                by="policy" if order == "policy" else "person",
            )
        except (JobFailed, PromptRefused, VendorAway):
            outcome = there
        assert studio.purse.by_place.get("animated.s01.k1", Decimal(0)) - spent <= 3 * Decimal("4.20")
        there = outcome.takes if isinstance(outcome, Absent) else outcome
        if there is not None:
            numbers = [take.number for take in there.takes]
            assert len(set(numbers)) == len(numbers)
            assert there.circled in numbers
