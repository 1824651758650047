"""What a film will cost: whole clips are paid for, everything is counted, and the most is never less than expected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_pipeline.budget.rate_cards import PriceLine, RateCards
from studio_pipeline.editorial.music_cues import LEAST_CUE_S, runs, track_s
from studio_pipeline.errors import UnknownPrice
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.pilot import Tier
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.script import Mood
from studio_pipeline.orchestration.estimate import CHARACTERS_PER_S, Estimate, estimate
from studio_pipeline.orchestration.grid import every_tier
from studio_pipeline.orchestration.studio_home import StudioHome
from studio_pipeline.orchestration.tiers import of_vendors
from studio_pipeline.prose.pace import MOST_CHARACTERS_PER_S
from studio_pipeline.providers import factory
from studio_pipeline.settings import settings


def line(usd: str, unit: str, most: str | None = None) -> PriceLine:
    return PriceLine.model_validate(
        {
            "unit": unit,
            "price_usd": usd,
            "max_price_usd": most,
            "simulated": False,
            "source": "tag",
            "valid_from": "2026-11-01",
            "review_after": "2099-01-01",
        }
    )


def tier(image: str, video: str) -> Tier:
    return Tier(name="t", label="", description="", look="", image_models=(image,), video_models=(video,), appeal=0.5)


CARDS: dict[str, dict[str, PriceLine]] = {
    "fal": {"fal/flux-dev": line("0.03", "picture"), "fal/kling-2.5-turbo-standard": line("0.10", "second")},
    "luma": {"luma/ray": line("2", "call")},
    "storyboard": {"storyboard/ken-burns": line("0.05", "second")},
    "voice": {"voice/letter": line("0.0001", "character"), "voice/line": line("0.5", "call")},
    "band": {"band/second": line("0.01", "second"), "band/track": line("0.9", "call", "1.2")},
}
FREE = {"voice": {"voice/free": line("0", "call")}, "band": {"band/free": line("0", "call")}}


def film(seconds: float = 30, voice: str = "voice/free", music: str = "band/free", **cards: Any) -> Estimate:
    rates = {vendor: {**models, **FREE.get(vendor, {})} for vendor, models in {**CARDS, **cards}.items()}
    return Estimate(RateCards(rates), voice, music, seconds, Rate.of(24))


KLING = tier("fal/flux-dev", "fal/kling-2.5-turbo-standard")
"""Its clips are 5 or 10 s long."""


def test_whole_clips_are_paid_for_not_the_seconds_that_are_used() -> None:
    assert factory.vendors()["fal"].models["fal/kling-2.5-turbo-standard"].durations_s == (5, 10)
    # Ten shots of 3 s, half a second of handles each: ten clips of 5 s.
    assert film().expected_usd(KLING, 30, 10) == 10 * Decimal("0.03") + 50 * Decimal("0.10")
    # Five shots of 6 s need clips of 10 s.
    assert film().expected_usd(KLING, 30, 5) == 5 * Decimal("0.03") + 50 * Decimal("0.10")


def test_handles_are_paid_for_too() -> None:
    """Six shots of 5 s do not fit into clips of 5 s: each is made with six frames more on both sides."""
    assert film().expected_usd(KLING, 30, 6) == 6 * Decimal("0.03") + 60 * Decimal("0.10")


def test_a_shot_too_long_for_the_model_is_priced_at_its_longest_clip() -> None:
    assert film().expected_usd(KLING, 30, 1) == Decimal("0.03") + 10 * Decimal("0.10")


def test_a_model_without_fixed_lengths_is_paid_by_its_seconds() -> None:
    made_here = tier("fal/flux-dev", "storyboard/ken-burns")
    assert film().expected_usd(made_here, 30, 10) == Decimal("0.30") + 35 * Decimal("0.05")


def test_a_model_that_is_paid_by_the_call_is_paid_once_a_shot() -> None:
    assert film().expected_usd(tier("fal/flux-dev", "luma/ray"), 30, 10) == Decimal("0.30") + 20


@pytest.mark.parametrize(
    ("voice", "music", "usd"),
    [
        ("voice/letter", "band/free", 30 * CHARACTERS_PER_S * Decimal("0.0001")),
        ("voice/line", "band/free", Decimal("0.5")),
        ("voice/free", "band/second", Decimal("0.41")),
        ("voice/free", "band/track", Decimal("1.8")),
    ],
)
def test_narration_and_music_are_in_the_price(voice: str, music: str, usd: Decimal) -> None:
    silent = film().expected_usd(KLING, 30, 10)
    assert film(voice=voice, music=music).expected_usd(KLING, 30, 10) - silent == usd


@pytest.mark.parametrize("dubs", [1, 6])
def test_every_further_language_is_spoken_once_more_and_at_most_as_fast_as_anybody_can(dubs: int) -> None:
    own = film(voice="voice/letter")
    dubbed = replace(own, dubs=dubs)
    letter = Decimal("0.0001")
    assert dubbed.expected_usd(KLING, 30, 10) - own.expected_usd(KLING, 30, 10) == dubs * 30 * CHARACTERS_PER_S * letter
    assert dubbed.most_usd(KLING, 10, 1) - own.most_usd(KLING, 10, 1) == dubs * 30 * MOST_CHARACTERS_PER_S * letter


def test_the_test_of_a_film_still_needs_the_whole_films_music() -> None:
    assert film(music="band/second").expected_usd(KLING, 10, 4) - film().expected_usd(KLING, 10, 4) == Decimal("0.41")


@pytest.mark.parametrize(
    ("seconds", "expected_usd", "most_usd"),
    [(10, "0.10", "0.10"), (20, "0.31", "0.31"), (60, "0.71", "0.93"), (600, "6.11", "6.33")],
)
def test_music_is_a_track_for_each_mood_that_a_film_has_time_for(
    seconds: int, expected_usd: str, most_usd: str
) -> None:
    """Each has 5.5 s to spare, but for the only one of a film."""
    with_music, silent = film(seconds, music="band/second"), film(seconds)
    assert with_music.expected_usd(KLING, seconds, 4) - silent.expected_usd(KLING, seconds, 4) == Decimal(expected_usd)
    assert with_music.most_usd(KLING, 4, 1) - silent.most_usd(KLING, 4, 1) == Decimal(most_usd)


@given(
    st.lists(st.tuples(st.sampled_from(get_args(Mood)), st.integers(24, 24 * 60)), min_size=1, max_size=15).filter(
        lambda scenes: sum(frames for _, frames in scenes) >= 5 * 24
    )
)
def test_the_most_is_enough_for_the_tracks_of_every_script(scenes: list[tuple[Mood, int]]) -> None:
    film_s = sum(frames for _, frames in scenes) / 24
    longest: dict[Mood, float] = {}
    for run in runs(scenes, Rate.of(24).frames(LEAST_CUE_S)):
        longest[run.mood] = max(longest.get(run.mood, 0), run.frames / 24)
    paid = sum(Decimal(str(round(track_s(seconds, film_s), 3))) for seconds in longest.values()) / 100
    most = film(film_s, music="band/second").most_usd(KLING, 4, 1) - film(film_s).most_usd(KLING, 4, 1)
    assert paid <= most + Decimal("0.0001")
    assert len(longest) <= film(film_s).most_tracks


def test_the_most_counts_every_take_and_the_highest_prices() -> None:
    once, thrice = film(music="band/track").most_usd(KLING, 10, 1), film(music="band/track").most_usd(KLING, 10, 3)
    assert once == 10 * Decimal("0.03") + 50 * Decimal("0.10") + 3 * Decimal("1.2")
    assert thrice - once == 2 * (10 * Decimal("0.03") + 50 * Decimal("0.10"))


def test_without_a_price_there_is_no_estimate() -> None:
    with pytest.raises(UnknownPrice, match="No price for the model fal/nothing"):
        film().expected_usd(tier("fal/flux-dev", "fal/nothing"), 30, 10)
    with pytest.raises(UnknownPrice, match="No rate card for the vendor nobody"):
        film(music="nobody/song").expected_usd(KLING, 30, 10)


def test_a_price_past_its_date_is_no_price(tmp_path: Path) -> None:
    old = line("0.10", "second").model_copy(update={"review_after": line("0", "call").valid_from})
    with pytest.raises(UnknownPrice, match="was to be looked at again after 2026-11-01"):
        film(fal={**CARDS["fal"], "fal/kling-2.5-turbo-standard": old}).expected_usd(KLING, 30, 10)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> StudioHome:
    root = tmp_path_factory.mktemp("home")
    return StudioHome(
        root=str(root),
        artifacts_url=str(root),
        ledger_url=f"sqlite:///{root}/l.sqlite3",
        simulate=False,
        accept_stale_prices=True,
    )


MODELS = [
    (image, video)
    for shot_in in every_tier()
    for image in shot_in.image_models[:3]
    for video in shot_in.video_models
]  # fmt: skip


@given(
    models=st.sampled_from(MODELS),
    seconds=st.integers(5, 600),
    pictures=st.integers(1, 60),
    more=st.integers(0, 60),
    fps=st.sampled_from([23.976, 24, 25, 60]),
)
def test_with_the_real_cards_the_most_is_never_less_than_expected(
    home: StudioHome, models: tuple[str, str], seconds: int, pictures: int, more: int, fps: float
) -> None:
    prices = Estimate(home.rate_cards, factory.own_model("voice", "elevenlabs"), "synth/loop", seconds, Rate.of(fps))
    shot_in = tier(*models)
    expected = prices.expected_usd(shot_in, seconds, pictures)
    assert 0 <= expected <= prices.most_usd(shot_in, pictures + more, 3)


@pytest.mark.parametrize("vendor", ["fal", "runway", "google", "luma", "openai-videos"])
def test_every_vendors_models_of_the_tiers_have_a_price(home: StudioHome, vendor: str) -> None:
    prices = Estimate(home.rate_cards, "silence/timed", "synth/loop", 60, Rate.of(24))
    for shot_in in every_tier():
        for video in of_vendors(shot_in.video_models, [vendor]):
            assert prices.expected_usd(tier("storyboard/card", video), 60, 24) > 0


@pytest.fixture
def providers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("VOICE_PROVIDER", "elevenlabs,silence")
    monkeypatch.setenv("MUSIC_PROVIDER", "synth")
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_the_estimate_of_a_brief_is_with_the_vendors_that_are_asked_first(home: StudioHome, providers: None) -> None:
    brief = Brief(title="Lamp", concept="A lamp.", duration_s=20, budget_usd=Decimal(9), fps=25)
    prices = estimate(home, brief)
    assert prices.voice_model.startswith("elevenlabs/")
    assert (prices.music_model, prices.film_s, prices.rate) == ("synth/loop", 20, Rate.of(25))
