"""What a model says is shown: nothing in it may do anything, and nothing that a script needs may be lost."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_pipeline.prose.one_line import one_line


@pytest.mark.parametrize(
    "text",
    [
        "می\u200cخواهم بدانم",  # the joiner of Persian
        "क्\u200dष, फ़िल्म",  # of Hindi
        "an e\u0301tude",
        "❤\ufe0f 👩\u200d🚀",
        "雨，灯塔。",
    ],
)
def test_what_a_script_needs_to_be_written_right_stays(text: str) -> None:
    assert one_line(text) == text


def test_what_is_not_seen_goes_and_white_space_is_one_space() -> None:
    assert one_line("\u202eThe\x1b[2J la\u200bmp\n\n\tburns\U000e0041\ufeff ") == "The [2J lamp burns"


def test_what_is_too_long_ends_in_an_ellipsis_within_the_limit() -> None:
    assert one_line("The lamp burns", most=8) == "The lam…"
    assert one_line("The lamp", most=8) == "The lamp"


@given(st.text(max_size=80), st.integers(1, 40))
def test_one_line_is_one_line_and_stays_as_it_is(text: str, most: int) -> None:
    line = one_line(text, most=most)
    assert len(line) <= most
    assert one_line(line) == line.strip()
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in line)
