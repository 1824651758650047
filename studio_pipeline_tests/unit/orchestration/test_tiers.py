"""The packaged tiers load; a broken file names the entry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studio_pipeline.errors import BadInput
from studio_pipeline.film.pilot import Tier
from studio_pipeline.orchestration import grid
from studio_pipeline.orchestration.tiers import load_tiers, of_vendors, shootable
from studio_pipeline.settings import ASSETS_DIR, settings


def test_the_packaged_tiers_load_in_order() -> None:
    assert [tier.name for tier in load_tiers(ASSETS_DIR / "tiers.yaml")] == ["static", "animated", "photoreal"]


TIER = "{name: a, label: A, description: d, look: l, image_models: [a/i], video_models: [a/v], appeal: 0.5}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tiers: []", "list of tiers"),
        ("other: 1", "list of tiers"),
        ("tiers: [3]", "Tier 1 cannot be used"),
        ("tiers: [{name: a}]", "Tier 1 cannot be used: `label`"),
        (f"tiers: [{TIER}, {TIER}]", "Two tiers are called a"),
        (f"tiers: [{TIER.replace('0.5', '7')}]", "`appeal`"),
    ],
)
def test_a_broken_tiers_file_names_the_entry(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "tiers.yaml"
    path.write_text(text)
    with pytest.raises(BadInput) as refused:
        load_tiers(path)
    assert words in str(refused.value)


MODELS = ("here/a", "pen/x", "pen/y", "brush/z")


@pytest.mark.parametrize(
    ("vendors", "models"),
    [
        (["pen"], ("pen/x", "pen/y")),
        (["pen/y"], ("pen/y",)),
        (["brush", "pen"], ("brush/z", "pen/x", "pen/y")),
        (["pen/y", "brush", "pen"], ("pen/y", "brush/z", "pen/x")),
        (["pen", "pen"], ("pen/x", "pen/y")),
        (["pen/nothing", "nobody", "pe"], ()),
        ([], ()),
    ],
)
def test_the_models_of_the_vendors_in_use_come_in_the_order_in_which_these_are_named(
    vendors: list[str], models: tuple[str, ...]
) -> None:
    assert of_vendors(MODELS, vendors) == models


def tier() -> Tier:
    return Tier(
        name="ink",
        label="",
        description="",
        look="",
        image_models=MODELS,
        video_models=("reel/a", "here/b"),
        appeal=0.5,
    )


def test_a_tier_is_shot_with_what_the_vendors_in_use_make() -> None:
    shot = shootable(tier(), ["brush"], ["here", "reel"])
    assert isinstance(shot, Tier)
    assert (shot.image_model, shot.video_models) == ("brush/z", ("here/b", "reel/a"))


def test_a_tier_out_of_reach_says_which_vendor_is_missing() -> None:
    assert shootable(tier(), ["reel"], ["reel"]) == "none of its still models is made by reel (IMAGE_PROVIDER)"
    why = shootable(tier(), ["pen"], ["pen", "brush"])
    assert why == "none of its clip models is made by pen or brush (VIDEO_PROVIDER)"


@pytest.fixture
def in_use(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Makes the tiers be read with other vendors in use."""

    def forget() -> None:
        for kept in (settings, grid.tiers, grid.tiers_out_of_reach):
            kept.cache_clear()

    def use(**providers: str) -> None:
        for name, value in providers.items():
            monkeypatch.setenv(name, value)
        forget()

    yield use
    monkeypatch.undo()
    forget()


def test_without_settings_every_tier_is_made_on_this_machine(in_use: Callable[..., None]) -> None:
    in_use()
    assert [(tier.name, tier.image_model.partition("/")[0]) for tier in grid.tiers()] == [
        ("static", "storyboard"),
        ("animated", "storyboard"),
        ("photoreal", "storyboard"),
    ]
    assert grid.tiers_out_of_reach() == {}


def test_a_tier_that_the_vendors_in_use_do_not_make_is_out_of_reach(in_use: Callable[..., None]) -> None:
    in_use(IMAGE_PROVIDER="fal", VIDEO_PROVIDER="runway,fal")
    assert [tier.name for tier in grid.tiers()] == ["animated", "photoreal"]
    assert list(grid.tiers_out_of_reach()) == ["static"]
    assert grid.tiers()[0].video_model.startswith("runway/")
    assert [tier.name for tier in grid.every_tier()] == ["static", "animated", "photoreal"], "partitions stay"


def test_one_model_by_its_name_is_taken_alone(in_use: Callable[..., None]) -> None:
    in_use(VIDEO_PROVIDER="fal/pika-2.2")
    assert [tier.name for tier in grid.tiers()] == ["photoreal"]
    assert grid.tiers()[0].video_models == ("fal/pika-2.2",)
