"""A mind that says what a test tells it to, read and made as a real one's answer is, without vendor or money."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.orchestration.minds import Mind
from studio_pipeline.providers.language.asking import Answer
from studio_pipeline.providers.language.port import LanguageAnswer, Usage
from studio_pipeline.providers.language.reading import read_answer


class ScriptedMind(Mind):
    """Gives ``answers`` one after the other, the last one for ever; with a rank, all of them are candidates.

    An exception among them is raised. ``asked`` is what it was asked, in order.
    """

    def __init__(self, *answers: Any, events: tuple[str, ...] = (), rules_last: bool = False) -> None:
        self._answers = list(answers)
        self._events = events
        self.rules_last = rules_last
        self.asked: list[Mapping[str, Any]] = []

    def ask(
        self,
        values: Mapping[str, Any],
        output: type[Any],
        *,
        images: Sequence[MediaRef] = (),
        make: Callable[[Any], Any] | None = None,
        rank: Callable[[Sequence[Any]], int] | None = None,
    ) -> Answer[Any]:
        self.asked.append(values)
        if rank is None:
            said = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
            return Answer(_made(said, output, make), "stub/mind", (), self._events)
        candidates = [_made(said, output, make) for said in self._answers]
        return Answer(candidates[rank(candidates)], "stub/mind", (), self._events)


def _made(said: Any, output: type[Any], make: Callable[[Any], Any] | None) -> Any:
    if isinstance(said, Exception):
        raise said
    text = said if isinstance(said, str) else json.dumps(said)
    answer = LanguageAnswer(text=text, stop="end", usage=Usage(input_tokens=1, output_tokens=1))
    draft = read_answer(answer, output)
    return make(draft) if make else draft
