"""A prompt that moderation refused is said more softly: tamer words, the same picture, never too long for a vendor."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_pipeline.stages.shooting.cinematographer import PROMPT_LIMIT
from studio_pipeline.stages.shooting.moderation import soften

texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=1500)


def units(prompt: str) -> int:
    return len(prompt.encode("utf-16-le")) // 2


@pytest.mark.parametrize(
    ("said", "gone", "instead"),
    [
        ("Wide shot. Mara lifts the KNIFE.", "KNIFE", "prop"),
        ("A bloody hand, blood on the floor.", "blood", "red paint"),
        ("Two corpses lie in the square.", "corpse", "still figure"),
        ("The soldiers are killing time and shooting.", "kill", "confronts"),
        ("She explodes with joy.", "explode", "bursts into light"),
        ("A hanged man in the wind.", "hanged", "waiting"),
    ],
)
def test_what_moderation_trips_over_is_said_more_tamely(said: str, gone: str, instead: str) -> None:
    softer = soften(said, most_units=PROMPT_LIMIT)
    assert gone not in softer
    assert instead in softer


@pytest.mark.parametrize("word", ["shot", "Warsaw", "skill", "begun", "hangar", "deadline", "bladder"])
def test_words_that_only_look_like_it_stay(word: str) -> None:
    assert f"Wide shot of the {word}." in soften(f"Wide shot of the {word}.", most_units=PROMPT_LIMIT)


def test_it_says_that_nothing_is_graphic() -> None:
    assert soften("Mara waits", most_units=PROMPT_LIMIT).startswith("Mara waits. Family-friendly, nothing graphic")


@given(texts)
def test_softening_twice_changes_nothing_more(prompt: str) -> None:
    once = soften(prompt, most_units=PROMPT_LIMIT)
    assert soften(once, most_units=PROMPT_LIMIT) == once


@given(st.lists(st.text("abcdé😀 ", min_size=1, max_size=150), min_size=2, max_size=20))
def test_a_prompt_that_fits_the_tightest_vendor_still_does(sentences: list[str]) -> None:
    prompt = ". ".join(sentences) + "."
    while units(prompt) > PROMPT_LIMIT:
        prompt = prompt.rpartition(". ")[0] + "."
    softer = soften(prompt, most_units=PROMPT_LIMIT)
    assert units(softer) <= PROMPT_LIMIT
    assert softer.startswith(sentences[0])
