"""Minds that ask nobody: one writes down what it is asked, one reads stories as the rules do.

With them an agent is run to see what it would ask of a model (``prompt_values.py``). Nothing is sent, bought or kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from pydantic import BaseModel

from studio_pipeline.errors import VendorAway
from studio_pipeline.film.cells import Cell
from studio_pipeline.orchestration.minds import Mind
from studio_pipeline.prompting import variants
from studio_pipeline.providers.language.asking import Answer


@dataclass(frozen=True)
class Question:
    """What an agent would ask."""

    function: str
    values: Mapping[str, Any]
    output: type[BaseModel]
    pictures: int = 0
    made_up: str = ""
    """What of it is not real, in words; empty when all of it follows from the brief."""


class Listening(Mind):
    """A mind that writes down what it is asked and says nothing."""

    def __init__(self, function: str, cell: Cell, heard: list[Question]) -> None:
        self.function = variants.function(function)
        self.variant = self.function.variant_of(cell.production)
        self.cell = cell
        self.rules_last = True
        self.sees = True
        self.room_tokens = None
        self._heard = heard

    def ask(self, values: Mapping[str, Any], output: type[BaseModel], **_: Any) -> NoReturn:
        self._heard.append(Question(self.function.name, dict(values), output))
        raise VendorAway("Nobody was asked", todo="This mind only listens.")


class ReadingByRules(Mind):
    """A mind that reads a part of a story as the rules do, so that there are notes to put together."""

    def __init__(self) -> None:
        self.rules_last = True
        self.room_tokens = None

    def ask(self, values: Mapping[str, Any], output: type[BaseModel], *, make: Any = None, **_: Any) -> Answer[Any]:
        from studio_pipeline.stages.planning.story import ingest

        story = ingest(values["text"], "en")
        draft = {
            "summary": story.digest[: values["most_summary_characters"]],
            "characters": [
                {"name": one.name, "quote": one.evidence, "what": one.what, "narrator": False}
                for one in story.characters
            ],
            "places": [{"name": one.name, "quote": one.evidence} for one in story.places],
            "themes": story.themes,
            "language": story.language,
        }
        return Answer(make(output.model_validate(draft)), "rules", ())
