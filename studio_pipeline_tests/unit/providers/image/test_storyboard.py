"""Drawn stills: equal requests give equal pictures, tiers and framings look different, no text breaks a drawing."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from studio_pipeline.budget.rate_cards import RateCards
from studio_pipeline.errors import ProviderFailed
from studio_pipeline.film.script import Character, Mood
from studio_pipeline.film.shots import Board, Framing
from studio_pipeline.providers.image.drawing.creatures import creature_of
from studio_pipeline.providers.image.drawing.places import place_of
from studio_pipeline.providers.image.port import StillRequest
from studio_pipeline.providers.image.storyboard import StoryboardStills
from studio_pipeline.settings import ASSETS_DIR

MODELS = ("storyboard/card", "storyboard/board", "storyboard/collage")
FRAMINGS: tuple[Framing, ...] = get_args(Framing)
MIRA = Character(name="Mira", tag="MI", look="the keeper's daughter, a girl in a red coat", colour="#c8473e")
TOMAS = Character(name="Tomas", tag="TO", look="old keeper, white beard, cap", colour="#2f5d8a")


def board(**changes: object) -> Board:
    facts = {
        "heading": "The lamp goes out",
        "action": "Mira climbs the stair with a lantern.",
        "place": "The lighthouse",
        "framing": "wide",
        "characters": (MIRA, TOMAS),
        "slate": "S03 · K2",
    }
    return Board.model_validate(facts | changes)


def request(model: str = "storyboard/board", *, seed: int = 7, variation: int = 1, size=(320, 180), **changes: object):
    return StillRequest(model=model, prompt="", size=size, seed=seed, variation=variation, board=board(**changes))


@pytest.fixture(scope="module")
def stills() -> StoryboardStills:
    return StoryboardStills(RateCards.load(ASSETS_DIR / "vendors"))


def pixels(stills: StoryboardStills, wanted: StillRequest, folder: Path) -> np.ndarray:
    stills.fetch(stills.submit(wanted, client_tag="t"), wanted, folder / "still")
    with Image.open(folder / "still") as opened:
        assert (opened.format, opened.size, opened.mode) == ("PNG", wanted.size, "RGB")
        return np.asarray(opened, float)


def difference(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a - b).mean())


@pytest.mark.parametrize("model", MODELS)
def test_the_same_request_gives_the_same_bytes(stills: StoryboardStills, model: str, tmp_path: Path) -> None:
    for name in ("a", "b"):
        stills.fetch("job", request(model), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_three_tiers_are_three_looks_of_one_shot(stills: StoryboardStills, tmp_path: Path) -> None:
    looks = [pixels(stills, request(model), tmp_path) for model in MODELS]
    assert all(difference(a, b) > 12 for a, b in combinations(looks, 2))


@pytest.mark.parametrize("model", MODELS)
def test_framings_differ(stills: StoryboardStills, model: str, tmp_path: Path) -> None:
    shots = [pixels(stills, request(model, framing=framing), tmp_path) for framing in FRAMINGS]
    assert all(difference(a, b) > 4 for a, b in combinations(shots, 2))


@pytest.mark.parametrize("model", MODELS)
def test_another_take_and_another_seed_are_composed_anew(stills: StoryboardStills, model: str, tmp_path: Path) -> None:
    first = pixels(stills, request(model), tmp_path)
    assert difference(first, pixels(stills, request(model, variation=2), tmp_path)) > 4
    assert difference(first, pixels(stills, request(model, seed=8), tmp_path)) > 2


@pytest.mark.parametrize("mood", get_args(Mood))
def test_moods_have_their_own_colours(stills: StoryboardStills, mood: str, tmp_path: Path) -> None:
    if mood != "calm":
        mine, calm = (pixels(stills, request(mood=one), tmp_path).mean(axis=(0, 1)) for one in (mood, "calm"))
        assert np.abs(mine - calm).max() > 8


def test_the_films_palette_reaches_the_picture(stills: StoryboardStills, tmp_path: Path) -> None:
    red = pixels(stills, request(palette=("#200000", "#7a1010", "#c84040", "#ffd0c0")), tmp_path).mean(axis=(0, 1))
    green = pixels(stills, request(palette=("#002000", "#107a10", "#40c840", "#d0ffc0")), tmp_path).mean(axis=(0, 1))
    assert red[0] - red[1] > green[0] - green[1] + 20


@pytest.mark.parametrize("model", ("storyboard/board", "storyboard/collage"))
def test_the_part_where_captions_go_is_quiet_and_dark_enough(
    stills: StoryboardStills, model: str, tmp_path: Path
) -> None:
    for framing in FRAMINGS:
        lower = pixels(stills, request(model, framing=framing), tmp_path)[int(180 * 0.86) :]
        assert lower.mean() < 128


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("The lighthouse", "coast"),
        ("A clearing in the forests", "forest"),
        ("Old town rooftops", "city"),
        ("गाँव", "village"),
        ("灯台", "coast"),
        ("المدينة", "city"),
        ("grandmother's kitchen", "room"),
        ("the season of reason", None),
    ],
)
def test_places_are_recognised_by_their_words_in_several_languages(words: str, kind: str | None) -> None:
    found = place_of(board(place=words, heading="", action="")).kind
    assert found == kind if kind else found in ("hills", "mountain", "road", "village", "forest")


@pytest.mark.parametrize(
    "place", ["sea storm", "snowy mountain", "road", "desert", "space", "village night", "room", "x"]
)
def test_every_place_is_drawn_in_every_shape_of_picture(stills: StoryboardStills, place: str, tmp_path: Path) -> None:
    for size in ((128, 72), (72, 128), (96, 96)):
        for model in MODELS:
            assert pixels(stills, request(model, place=place, size=size), tmp_path).std() > 5


def test_words_that_do_not_fit_are_told(stills: StoryboardStills, tmp_path: Path) -> None:
    fitting = stills.fetch("job", request("storyboard/card", size=(640, 360)), tmp_path / "a")
    too_long = stills.fetch("job", request("storyboard/card", size=(640, 360), action="very " * 400), tmp_path / "b")
    emoji = stills.fetch("job", request(heading="The lamp 🎬", size=(640, 360)), tmp_path / "c")
    assert fitting.events == ()
    assert too_long.events == ("The action was cut to fit the storyboard",)
    assert "no glyph" in emoji.events[0]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=80), model=st.sampled_from(MODELS), framing=st.sampled_from(FRAMINGS))
def test_hostile_words_are_only_drawn(
    stills: StoryboardStills, tmp_path: Path, text: str, model: str, framing: Framing
) -> None:
    someone = Character(name=text, tag=text[:3], look=text, colour="#808080")
    wanted = request(
        model,
        heading=text,
        action=text * 20,
        place=text,
        slate=text,
        characters=(someone,),
        framing=framing,
        palette=(text,),
        size=(128, 72),
    )
    pixels(stills, wanted, tmp_path)


@pytest.mark.parametrize(
    ("name", "look", "head"),
    [
        ("Fenn", "a small red fox in a scarf", "pointed"),
        ("Olla", "an owl, the teacher", "beak"),
        ("Mira", "a girl with a fox", None),
        ("Rex", "the keeper's dog", "long"),
        ("कल्लू", "एक भालू", "round"),
    ],
)
def test_animals_have_heads_of_their_own_and_their_friends_stay_people(name: str, look: str, head: str | None) -> None:
    found = creature_of(Character(name=name, tag="X", look=look, colour="#808080"))
    assert (found.head if found else None) == head


def test_a_still_costs_what_its_rate_card_says(stills: StoryboardStills) -> None:
    quote = stills.quote(request())
    assert quote.simulated
    assert quote.max_usd == Decimal("0.03")


def test_a_model_nobody_draws_is_refused(stills: StoryboardStills, tmp_path: Path) -> None:
    with pytest.raises(ProviderFailed, match="storyboard/oil"):
        stills.fetch("job", request("storyboard/oil"), tmp_path / "still")
