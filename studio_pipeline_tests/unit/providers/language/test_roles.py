"""Who is asked what: the table of `assets/minds.yaml`, as a person with a key meets it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from studio_pipeline.errors import BadInput
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.prompting.variants import function
from studio_pipeline.providers.language.roles import models_for

HAIKU, SONNET, OPUS = (f"anthropic/claude-{name}-5-5" for name in ("haiku", "sonnet", "opus"))
STORY = MediaRef(sha256="0" * 64, suffix=".txt", size_bytes=1)


def brief(**changes: object) -> Brief:
    facts = {"title": "Lamp", "concept": "A lamp.", "duration_s": 20, "budget_usd": Decimal(5), **changes}
    return Brief.model_validate(facts)


def asked(role: str, of: Brief, *vendors: str) -> list[str]:
    return [model.name for model in models_for(role, of, vendors or ("anthropic",))]


@pytest.mark.parametrize("agent", ["producer", "script_generator", "cinematographer", "editor"])
def test_an_idea_of_20_seconds_is_thought_through_by_haiku_and_a_film_of_a_minute_by_sonnet(agent: str) -> None:
    role = function(agent).variants[0].model
    assert asked(role, brief())[0] == HAIKU
    assert asked(role, brief(duration_s=60))[0] == SONNET


def test_the_critic_of_a_simple_brief_is_sonnet_and_of_another_opus() -> None:
    role = function("critic").variants[0].model
    assert asked(role, brief())[0] == SONNET
    assert asked(role, brief(duration_s=60)) == [OPUS, SONNET]


@pytest.mark.parametrize(
    ("what", "changes"),
    [
        ("too long a film", {"duration_s": 30.5}),
        ("too long an idea", {"concept": "x" * 401}),
        ("a story", {"concept": None, "story": STORY}),
        ("high quality", {"quality_mode": "high"}),
    ],
)
def test_what_makes_a_brief_not_simple(what: str, changes: dict[str, object]) -> None:
    assert asked("writing", brief(**changes))[0] == SONNET, what
    assert asked("writing", brief(duration_s=30, concept="x" * 400, quality_mode="draft"))[0] == HAIKU


def test_vendors_are_asked_in_their_order_and_a_model_that_a_person_names_for_every_role() -> None:
    both = asked("writing", brief(duration_s=60), "openai-chat", "anthropic")
    assert both[0].startswith("openai-chat/") and both[1:] == [SONNET, HAIKU]
    assert asked("judging", brief(), OPUS) == [OPUS]
    assert asked("writing", brief(), "rules") == []


def test_a_model_that_a_variant_names_is_asked_first_and_not_changed_for_a_simple_brief() -> None:
    assert asked(OPUS, brief()) == [OPUS, SONNET, HAIKU]


@pytest.mark.parametrize("role", ["bulk", "writing", "judging"])
@pytest.mark.parametrize("length_s", [20, 60])
def test_with_a_key_of_one_vendor_nobody_is_the_only_one_who_can_be_asked(role: str, length_s: int) -> None:
    """A refusal or an unusable answer of the one is for the other: else it would end a pilot."""
    assert len(asked(role, brief(duration_s=length_s))) >= 2


def test_for_a_simple_brief_the_finer_models_are_still_there_after_the_cheaper_ones() -> None:
    assert asked("writing", brief()) == [HAIKU, SONNET]
    assert set(asked("judging", brief())) == {SONNET, HAIKU, OPUS}


def test_a_role_that_there_is_not_is_told_with_those_there_are() -> None:
    with pytest.raises(BadInput, match=r"There is no role “painting”.*bulk, writing, judging"):
        asked("painting", brief())
