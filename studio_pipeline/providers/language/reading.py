"""From what a model said to an instance of the model that was asked for, or to what is wrong with it, in words.

A model's text is hostile: it may be prose around JSON, cut off, in another form, or far too long. Nothing here raises
anything but ``Objection``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from studio_pipeline.prompting.tables import from_toon
from studio_pipeline.providers.language.port import LanguageAnswer
from studio_pipeline.wording import clipped

MOST_CHARS = 400_000
"""Longest answer that is read at all."""
_MOST_TOLD = 12
_NO_OBJECT = "the answer is no JSON object; answer with one JSON object and nothing around it"
_FENCED = re.compile(r"```[a-zA-Z]*[ \t]*\n(.*?)\n?```", re.DOTALL)

T = TypeVar("T", bound=BaseModel)


class Objection(Exception):
    """Why an answer cannot be used, in words that its model can act on. Never reaches a person alone."""

    def __init__(self, *words: str) -> None:
        self.words = words or ("it cannot be used",)
        super().__init__("; ".join(clipped(word, 200) for word in self.words[:3]))


def read_answer(answer: LanguageAnswer, output: type[T]) -> T:
    """The instance of ``output`` that the model gave.

    Raises:
        Objection: with everything that is wrong.
    """
    if answer.stop == "length":
        raise Objection("the answer was cut off at the output limit; say the same with fewer words")
    text = answer.text
    if len(text) > MOST_CHARS:
        raise Objection(f"the answer has {len(text)} characters; at most {MOST_CHARS} are read")
    value, is_json = read_structured(text)
    try:
        return output.model_validate(value)
    except ValidationError as error:
        raise Objection(*(_told(error) if is_json else (_NO_OBJECT,))) from error
    except RecursionError as error:
        raise Objection("the JSON is nested too deeply") from error


def read_structured(text: str) -> tuple[Any, bool]:
    """The value that a text holds, and whether it was written as JSON.

    That is the whole text, a fenced block, or what stands between the outermost braces. Nobody is asked for TOON, but a
    model that was shown tables in it may answer so: it is read strictly, and only where there is no JSON. Since prose
    with a colon can look like TOON, what was read from it and does not fit is answered with a wish for JSON.

    Raises:
        Objection: when there is neither.
    """
    bare = text.strip().lstrip("\ufeff")
    if not bare:
        raise Objection("the answer is empty; answer with one JSON object")
    fenced = _FENCED.search(bare)
    first, last = bare.find("{"), bare.rfind("}")
    inner = fenced[1].strip() if fenced else ""
    for part in (bare, inner, bare[first : last + 1] if 0 <= first < last else ""):
        if part:
            try:
                return json.loads(part, parse_constant=_no_number), True
            except (ValueError, RecursionError):
                continue
    if not (inner or bare).startswith(("{", "[")):
        found = from_toon(inner or bare)
        if isinstance(found, dict):
            return found, False
    raise Objection(_NO_OBJECT)


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _told(error: ValidationError) -> Iterable[str]:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    for problem in found[:_MOST_TOLD]:
        place = ".".join(clipped(str(part), 40) for part in problem["loc"]) or "the answer"
        yield f"{place}: {clipped(problem['msg'], 160)}"
    if len(found) > _MOST_TOLD:
        yield f"and {len(found) - _MOST_TOLD} more of the kind"


def objections_told(objection: Objection) -> str:
    """The objections as the model is told them: one line each."""
    return "\n".join(f"- {word}" for word in objection.words[: _MOST_TOLD + 1])
