"""Speech and brackets are found in the marks of many languages, and apostrophes are no quotes."""

import time

import pytest

from studio_pipeline.prose.sentences import sentences
from studio_pipeline.prose.speech import spans, told


@pytest.mark.parametrize(
    ("text", "narrated"),
    [
        ("“Go on,” said Ada, “or stay.” She left.", "said Ada, She left."),
        ('"Go on," said Ada, "or stay." She left.', "said Ada, She left."),
        ("‘Go on,’ said Ada, ‘or stay.’ She left.", "said Ada, She left."),
        ("'Go on,' said Ada, 'or stay.' She left.", "said Ada, She left."),
        ("« Va, dit-il. » Elle partit.", "Elle partit."),
        ("»Geh«, sagte er. Sie ging.", ", sagte er. Sie ging."),
        ("„Geh“, sagte er. Sie ging.", ", sagte er. Sie ging."),
        ("”Gå”, sa han. Hon gick.", ", sa han. Hon gick."),
        ("老人说：“走吧。”他走了。", "老人说： 他走了。"),
        ("彼は「行こう」と言った。", "彼は と言った。"),
        ("— Où vas-tu ? dit-il.", ""),
        ("'I can't find the boys' hats,' said Ada.", "said Ada."),
        ("It was Ada's hat, and the boys' coats didn't fit.", "It was Ada's hat, and the boys' coats didn't fit."),
        ("'Twas dark, and nobody'd seen 'em.", "'Twas dark, and nobody'd seen 'em."),
        ("'How cold it is!' thought Ada, 'and how still--' (for it was March) 'and how late!'", "thought Ada,"),
        ("She waited (it was March. Nobody came!) and left.", "She waited and left."),
        ("“We went on. And on.", ""),
        ("what nonsense I'm talking!' Ada sat down.", "Ada sat down."),
        ("He had a (broken bracket and went home.", "He had a (broken bracket and went home."),
    ],
)
def test_what_the_narrator_says_himself(text: str, narrated: str) -> None:
    assert " ".join(told(text).split()) == narrated


def test_marks_inside_a_speech_or_a_bracket_end_nothing() -> None:
    text = "'He said \"stop. Now.\" and left,' said Ada. (Ada knew. 'Yes,' she knew.) Then it rained."
    assert [span.bracket for span in spans(text)] == [False, True]
    assert sentences(text) == [
        "'He said \"stop. Now.\" and left,' said Ada.",
        "(Ada knew. 'Yes,' she knew.)",
        "Then it rained.",
    ]


def test_a_speech_too_long_for_one_breath_stays_speech_in_each_of_its_parts() -> None:
    pieces = sentences("“" + "We walked and walked and nobody came. " * 60 + "The end,” said Ada.")
    assert len(pieces) > 2
    assert all(piece.startswith("“") for piece in pieces)
    assert [" ".join(told(piece).split()) for piece in pieces] == [""] * (len(pieces) - 1) + ["said Ada."]


@pytest.mark.parametrize("hostile", ["' a" * 200_000, "(" * 300_000, "“a" * 200_000, "a' " * 200_000, "[('“" * 90_000])
def test_marks_without_end_take_no_time(hostile: str) -> None:
    started = time.perf_counter()
    spans(hostile)
    assert time.perf_counter() - started < 5
