"""Two films never share a production; the name a plain title gives is the one a person would type."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_pipeline.film.cells import check_production_name, production_name


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Lighthouse", "lighthouse"),
        ("Two waves", "two-waves"),
        ("Café à la crème", "cafe-a-la-creme"),
        ("Lamp 🌊!", "lamp"),
        ("1984", "1984"),
        ("½ a lamp", "12-a-lamp"),
        ("x" * 60, "x" * 60),
    ],
)
def test_a_plain_latin_title_names_its_production_as_it_is_spelled(title: str, name: str) -> None:
    assert production_name(title) == name


@pytest.mark.parametrize(
    "titles",
    [
        ["第1話 灯台", "第1話 海", "भाग 1", "الجزء 1", "1"],
        ["映画A", "絵A", "A"],
        ["The long tale of the lamp " * 3 + "part one", "The long tale of the lamp " * 3 + "part two"],
        ["灯台", "海", "منارة", "🌊", "🌋", "!"],
        ["भाग १", "भाग २"],
    ],
    ids=["other scripts", "one Latin letter", "the same beginning", "no Latin letter", "other digits"],
)
def test_titles_that_differ_in_letters_or_digits_are_different_productions(titles: list[str]) -> None:
    names = [production_name(title) for title in titles]
    assert len(set(names)) == len(titles)
    assert [check_production_name(name) for name in names] == names


@given(st.text(min_size=1, max_size=200).filter(lambda text: text.isprintable()))
def test_any_title_gives_a_name_that_can_be_one_and_always_the_same(title: str) -> None:
    assert check_production_name(production_name(title)) == production_name(title)


@given(st.lists(st.text("ab 灯台भाग१1", min_size=1, max_size=70), max_size=6))
def test_films_of_mixed_scripts_are_never_confused(titles: list[str]) -> None:
    def letters(title: str) -> list[str]:
        return [char for char in title if char.isalnum()]

    for one, other in itertools.combinations(titles, 2):
        if letters(one) != letters(other):
            assert production_name(one) != production_name(other)
