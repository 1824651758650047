"""A model that was shown tables in TOON may answer in it; prose that looks like it is answered with a wish for JSON."""

import pytest
import toon_format

from studio_pipeline.film.frozen import Frozen
from studio_pipeline.providers.language.port import LanguageAnswer, Usage
from studio_pipeline.providers.language.reading import Objection, read_answer, read_structured


class Shot(Frozen):
    id: str
    rating: float


class Draft(Frozen):
    why: str
    shots: tuple[Shot, ...]


WANTED = Draft(why="calm, and clear: good", shots=(Shot(id="k1", rating=80), Shot(id="k2", rating=71.5)))
IN_TOON = toon_format.dumps(WANTED.model_dump(mode="json"))


def said(text: str) -> LanguageAnswer:
    return LanguageAnswer(text=text, stop="end", usage=Usage(input_tokens=1, output_tokens=1))


@pytest.mark.parametrize("text", [IN_TOON, f"```toon\n{IN_TOON}\n```", f"```\n{IN_TOON}\n```", f"\n\n{IN_TOON}\n"])
def test_an_answer_in_toon_is_read(text: str) -> None:
    assert read_answer(said(text), Draft) == WANTED


def test_json_goes_first_wherever_it_stands() -> None:
    for text in (WANTED.model_dump_json(), f"Here is: it\n{WANTED.model_dump_json()}\nNote: done"):
        assert read_structured(text) == (WANTED.model_dump(mode="json"), True)


@pytest.mark.parametrize(
    "text",
    [
        "Sure: here is my answer",
        "I cannot: no",
        "why: calm",
        "why: calm\nshots: none",
        IN_TOON + "\nextra: 1",
        IN_TOON.replace("[2]", "[3]"),
        IN_TOON + "\nwhy: again",
        "just words",
        '{"why": "cut off, "shots": [',
        "[1, 2",
    ],
)
def test_what_is_neither_is_answered_with_a_wish_for_json(text: str) -> None:
    with pytest.raises(Objection, match="answer with one JSON object"):
        read_answer(said(text), Draft)


def test_json_that_does_not_fit_is_told_field_by_field() -> None:
    with pytest.raises(Objection, match="shots"):
        read_answer(said('{"why": "calm"}'), Draft)


def test_without_the_package_there_is_only_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "toon_format", None)
    with pytest.raises(Objection, match="JSON"):
        read_answer(said(IN_TOON), Draft)
