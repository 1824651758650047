"""Lines of two directions stand as the Unicode bidirectional algorithm says, digits in Arabic among them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_pipeline.media.type.bidi import as_seen, levels, reads_right_to_left


def seen(line: str, *, right_to_left: bool) -> str:
    """The line from left to right, with capitals for letters that read from the right."""
    as_written = "".join(chr(0x627 + ord(char) - 65) if char.isupper() else char for char in line)
    return "".join(line[place] for place in as_seen(levels(as_written, right_to_left)))


@pytest.mark.parametrize(
    ("line", "from_left", "from_right"),
    [
        ("abc", "abc", "abc"),
        ("ABC", "CBA", "CBA"),
        ("he said ABC DEF.", "he said FED CBA.", ".FED CBA he said"),
        ("ABC 42 DEF", "FED 42 CBA", "FED 42 CBA"),
        ("in ABC 42 DEF", "in FED 42 CBA", "FED 42 CBA in"),
        ("ABC 3.50 D", "D 3.50 CBA", "D 3.50 CBA"),
        ("ABC mira 42 D", "CBA mira 42 D", "D mira 42 CBA"),
        ("50% A", "50% A", "A 50%"),
        ("A - B", "B - A", "B - A"),
        ("A!", "A!", "!A"),
        ("", "", ""),
    ],
)
def test_lines_stand_as_they_are_read(line: str, from_left: str, from_right: str) -> None:
    assert seen(line, right_to_left=False) == from_left
    assert seen(line, right_to_left=True) == from_right


def test_a_paragraph_reads_as_its_first_letter_does() -> None:
    assert reads_right_to_left("42: ضوء Mira")
    assert not reads_right_to_left("42: Mira ضوء")
    assert not reads_right_to_left("42")


def test_marks_and_joiners_stay_with_their_letter() -> None:
    assert levels("aضَ\u200cض", False) == [0, 1, 1, 1, 1]


@given(st.text(alphabet="abضوא1٤2%+,.: َ()—", max_size=20), st.booleans())
def test_every_character_has_a_level_and_a_place(line: str, right_to_left: bool) -> None:
    found = levels(line, right_to_left)
    assert sorted(as_seen(found)) == list(range(len(line)))
    assert all((1 if right_to_left else 0) <= level <= 2 for level in found)
