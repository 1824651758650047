"""The composer: music for each mood that lasts, bought once; who fails or is away stops nothing, and is told."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from corner_shop import PRICES, Asked, CornerShop, Purse

from studio_pipeline.errors import JobFailed, OutOfBudget, PromptRefused, StudioError, VendorAway
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.script import Scene, Script
from studio_pipeline.film.takes import Music
from studio_pipeline.orchestration.artifacts import Absent
from studio_pipeline.providers.capabilities import Model
from studio_pipeline.providers.metering import Purchase
from studio_pipeline.stages.shooting.composing import compose

BRIEF = Brief(title="Lamp", concept="A lamp.", duration_s=10, budget_usd=Decimal(9), seed=7)


class MusicShop(CornerShop):
    """A shop whose tracks are as long as they were asked for."""

    def buy(self, request: Any, **account: Any) -> Purchase:
        bought = super().buy(request, **account)
        details: Mapping[str, Any] = {"duration_s": request.duration_s, "tempo_bpm": 60, "beats_s": [0.0, 1.0]}
        return bought.model_copy(update={"details": details})


@pytest.fixture
def shop() -> MusicShop:
    return MusicShop({"pen/ink": PRICES["pen/ink"], "brush/oil": PRICES["brush/oil"]}, Purse())


def score(shop: MusicShop, *scenes: str) -> Music | Absent:
    """Of scenes that are said as mood and seconds: ``joy 12``."""
    said = [scene.split() for scene in scenes or ("calm 4",)]
    made = tuple(
        Scene.model_validate(
            {
                "number": number,
                "heading": "",
                "place": "tower",
                "frames": round(float(seconds) * 24),
                "narration": "",
                "direction": "Waves.",
                "mood": mood,
            }
        )
        for number, (mood, seconds) in enumerate(said, start=1)
    )
    script = Script(title="Lamp", logline="", rate=Rate.of(24), language="en", scenes=made, test_scenes=(1,))
    return compose(Cell.parse("lamp|animated"), script, BRIEF, shop)


def played(shop: MusicShop, *scenes: str) -> Music:
    made = score(shop, *scenes)
    assert isinstance(made, Music)
    return made


def asked(shop: MusicShop) -> list[tuple[str, float]]:
    return [(each.request.mood, each.request.duration_s) for each in shop.asked]  # type: ignore[attr-defined]


def cues(music: Music) -> list[tuple[int, str]]:
    return [(cue.first_scene, cue.mood) for cue in music.cues]


def test_a_film_in_one_mood_has_one_track_as_long_as_itself(shop: MusicShop) -> None:
    music = played(shop, "joy 5", "joy 7", "joy 4")
    assert asked(shop) == [("joy", 16)]
    assert cues(music) == [(1, "joy")]
    assert (music.tracks[0].mood, music.tracks[0].tempo_bpm, music.tracks[0].beats_s) == ("joy", 60, (0, 1))


def test_each_mood_is_bought_once_as_long_as_its_longest_run_and_a_little_more(shop: MusicShop) -> None:
    music = played(shop, "calm 10", "tension 6", "tension 6", "calm 20", "joy 9")
    assert asked(shop) == [("calm", 25.5), ("tension", 17.5), ("joy", 14.5)]
    assert cues(music) == [(1, "calm"), (2, "tension"), (4, "calm"), (5, "joy")]
    assert [music.mood_of(scene) for scene in range(1, 6)] == ["calm", "tension", "tension", "calm", "joy"]


def test_a_mood_of_a_moment_has_the_music_of_its_neighbour(shop: MusicShop) -> None:
    assert cues(played(shop, "calm 20", "wonder 5", "joy 30")) == [(1, "calm"), (2, "joy")]
    assert [mood for mood, _ in asked(shop)] == ["calm", "joy"]


def test_a_restless_film_has_one_music(shop: MusicShop) -> None:
    assert cues(played(shop, "calm 2", "joy 1", "calm 3", "tension 1")) == [(1, "calm")]


def test_a_track_is_no_longer_than_its_model_makes_them(shop: MusicShop) -> None:
    shop.able = {"pen/ink": Model(name="pen/ink", kind="music", longest_s=60, source="the tag")}
    assert played(shop, "calm 100").tracks[0].duration_s == 60


def test_a_vendor_that_is_away_is_replaced_and_told_once(shop: MusicShop) -> None:
    shop.answer = lambda asked: VendorAway("No credit") if asked.model == "pen/ink" else None
    music = played(shop, "calm 20", "joy 20")
    assert {track.receipt.model for track in music.tracks} == {"brush/oil"}
    assert music.events == ("No credit: brush/oil is asked instead of pen/ink.",)


def test_when_no_vendor_is_there_the_same_command_asks_again_for_what_is_missing(shop: MusicShop) -> None:
    shop.answer = lambda asked: VendorAway("No credit") if asked.request.mood == "joy" else None  # type: ignore[attr-defined]
    with pytest.raises(VendorAway):
        score(shop, "calm 20", "joy 20")
    shop.answer = lambda asked: None
    played(shop, "calm 20", "joy 20")
    assert [mood for mood, _ in asked(shop)].count("calm") == 1, "it was there already"


def test_a_job_that_fails_is_asked_for_again_and_told(shop: MusicShop) -> None:
    shop.answer = lambda asked: JobFailed("Out of tune") if asked.take < 3 else None
    made = played(shop)
    assert made.events == ("Take 1: Out of tune.", "Take 2: Out of tune.")
    assert played(shop) == made, "found again for nothing"
    assert len(shop.asked) == 3


def refused(*moods: str) -> Any:
    def answer(asked: Asked) -> StudioError | None:
        return PromptRefused("Rude words") if asked.request.mood in moods else None  # type: ignore[attr-defined]

    return answer


def test_a_mood_that_nobody_plays_has_the_music_beside_it_and_that_is_told(shop: MusicShop) -> None:
    shop.answer = refused("tension")
    music = played(shop, "calm 20", "tension 12", "joy 20")
    assert cues(music) == [(1, "calm"), (3, "joy")]
    assert music.events == ("Nobody plays music of tension (Rude words). Scene 2 has the music beside it.",)


def test_when_the_first_mood_is_not_played_the_film_begins_with_the_next_ones(shop: MusicShop) -> None:
    shop.answer = refused("calm")
    assert cues(played(shop, "calm 20", "tension 12", "calm 9", "tension 12")) == [(1, "tension")]


@pytest.mark.parametrize(("error", "times"), [(JobFailed("Out of tune"), 6), (PromptRefused("Rude words"), 2)])
def test_music_that_nobody_makes_is_flagged_and_stops_nothing(shop: MusicShop, error: StudioError, times: int) -> None:
    shop.answer = lambda _: error
    absent = score(shop, "calm 20", "joy 20")
    assert isinstance(absent, Absent)
    assert absent.kind == "flagged"
    assert absent.reason.count(error.what) >= 1
    assert len(shop.asked) == times


def test_without_money_it_is_an_error(shop: MusicShop) -> None:
    shop.purse.left_usd = Decimal(0)
    with pytest.raises(OutOfBudget):
        score(shop)
