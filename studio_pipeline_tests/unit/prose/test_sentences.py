"""Sentences end where a reader would end them, in any script, and their quotation marks always pair up."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_pipeline.prose.sentences import LONGEST_CHARS, balanced, open_quotes, sentences


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        ("Mr. Pike came. Dr. Wu left.", ["Mr. Pike came.", "Dr. Wu left."]),
        ("“Who is there?” she asked. Nobody spoke.", ["“Who is there?” she asked.", "Nobody spoke."]),
        ("“It is late. Go home,” he said. He left.", ["“It is late. Go home,” he said.", "He left."]),
        ('He said, "Stop. Now." Then he left.', ['He said, "Stop. Now."', "Then he left."]),
        ("दीया काँपा। फिर जल उठा। अब क्या?", ["दीया काँपा।", "फिर जल उठा।", "अब क्या?"]),
        ("他说：“走吧。回家。”他走了！好吗？", ["他说：“走吧。回家。”", "他走了！", "好吗？"]),
        ("هل تسمع؟ نعم.", ["هل تسمع؟", "نعم."]),
        ("It cost 3.50 dollars. Cheap!", ["It cost 3.50 dollars.", "Cheap!"]),
        ("No full stop at all", ["No full stop at all"]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(paragraph: str, expected: list[str]) -> None:
    assert sentences(paragraph) == expected


def test_a_quotation_mark_without_a_partner_is_taken_out() -> None:
    assert balanced("“And so we went home.") == "And so we went home."
    assert balanced("“And so,” he said.") == "“And so,” he said."


@given(st.text(max_size=600))
@settings(max_examples=150, deadline=None)
def test_any_text_gives_pieces_of_bounded_length_with_paired_quotes(text: str) -> None:
    for sentence in sentences(text):
        assert sentence.strip()
        assert len(sentence) <= 4 * LONGEST_CHARS
        assert open_quotes(sentence) == 0


@pytest.mark.parametrize(
    "hostile", ["word " * 400_000, "x" * 2_000_000, "😀" * 500_000, '"' * 200_000, "“a. " * 100_000]
)
def test_two_megabytes_without_a_full_stop_take_seconds_not_minutes(hostile: str) -> None:
    started = time.perf_counter()
    pieces = sentences(hostile)
    assert time.perf_counter() - started < 15
    assert max(map(len, pieces), default=0) <= 4 * LONGEST_CHARS
