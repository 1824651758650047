"""From what a model said to an instance, or to words that the model can act on; and nothing else, whatever it said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from studio_pipeline.providers.language.port import LanguageAnswer, Stop, Usage
from studio_pipeline.providers.language.reading import MOST_CHARS, Objection, objections_told, read_answer


class Shot(BaseModel):
    model_config = ConfigDict(extra="forbid")
    move: str
    seconds: float


class Scene(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    shots: list[Shot]


GOOD = '{"title": "The lamp", "shots": [{"move": "hold", "seconds": 2}]}'


def said(text: str, stop: Stop = "end") -> LanguageAnswer:
    return LanguageAnswer(text=text, stop=stop, usage=Usage(input_tokens=1, output_tokens=1))


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"\ufeff \n{GOOD}\n",
        f"```json\n{GOOD}\n```",
        f"Certainly! Here it is:\n\n```\n{GOOD}\n```\nI hope you like it.",
        f"Of course. {GOOD} Anything else?",
    ],
)
def test_an_answer_is_found_in_what_is_around_it(text: str) -> None:
    assert read_answer(said(text), Scene).title == "The lamp"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the answer is empty"),
        (" \n\t", "the answer is empty"),
        ("I would rather not.", "no JSON object"),
        (GOOD[:-9], "no JSON object"),
        ("[1, 2]", "valid dictionary"),
        ("null", "valid dictionary"),
        (GOOD.replace("2}", "NaN}"), "no JSON object"),
        (GOOD.replace("2}", '"two"}'), "shots.0.seconds: .*valid number"),
        (GOOD.replace("hold", 'hold", "zoom": "in'), "shots.0.zoom: Extra"),
        ("[" * 5000, "no JSON object"),
        ('{"title":' * 500 + "1" + "}" * 500, "title"),
        ("x" * (MOST_CHARS + 1), f"at most {MOST_CHARS}"),
    ],
)
def test_what_is_wrong_is_said_in_words(text: str, words: str) -> None:
    with pytest.raises(Objection, match=words):
        read_answer(said(text), Scene)


def test_an_answer_that_was_cut_off_is_not_read_even_if_it_could_be() -> None:
    with pytest.raises(Objection, match="fewer words"):
        read_answer(said(GOOD, "length"), Scene)


def test_a_model_that_did_everything_wrong_is_told_the_first_of_it_and_how_much_more_there_is() -> None:
    shots = ", ".join('{"move": 1, "seconds": "x", "a": 1}' for _ in range(400))
    with pytest.raises(Objection) as wrong:
        read_answer(said(f'{{"title": "t", "shots": [{shots}]}}'), Scene)
    told = objections_told(wrong.value).splitlines()
    assert told[-1] == "- and 1188 more of the kind"
    assert len(told) == 13
    assert max(map(len, told)) < 250


@given(st.text(max_size=200) | st.text('{}[]",:0truefalsn\\ \n`', max_size=80))
def test_no_text_does_more_than_object(text: str) -> None:
    try:
        assert isinstance(read_answer(said(text), Scene), Scene)
    except Objection as wrong:
        assert objections_told(wrong).startswith("- ")
