"""A mind without a model: it answers with drafts that a test has written, read and objected to as real answers are."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from studio_pipeline.errors import AnswerUnusable
from studio_pipeline.orchestration.minds import Mind
from studio_pipeline.prompting import library, variants
from studio_pipeline.prompting.prompt import RenderedPrompt
from studio_pipeline.providers.language.asking import Answer
from studio_pipeline.providers.language.port import LanguageAnswer, Usage
from studio_pipeline.providers.language.reading import Objection, read_answer


class StubMind(Mind):
    """Answers with ``drafts``, one after the other; the one after an objection is the repair.

    A draft is a JSON value, an error to raise, or a whole answer. Where an agent ranks answers, ``best_of`` of them are
    asked for.
    """

    def __init__(self, function: str, *drafts: Any, rules_last: bool = False, best_of: int = 1) -> None:
        self.rules_last = rules_last
        self.room_tokens: int | None = None
        self.prompts: list[RenderedPrompt] = []
        self.objections: list[str] = []
        self._prompt = variants.function(function).variants[0].prompt
        self._drafts = list(drafts)
        self._best_of = best_of

    def ask(
        self,
        values: Mapping[str, Any],
        output: type[BaseModel],
        *,
        make: Callable[[Any], Any] | None = None,
        rank: Callable[[Sequence[Any]], int] | None = None,
        **_: Any,
    ) -> Answer[Any]:
        if rank is None or self._best_of == 1:
            return self._answer(values, output, make)
        answers = [self._answer(values, output, make) for _ in range(self._best_of)]
        return answers[rank([answer.value for answer in answers])]

    def _answer(
        self, values: Mapping[str, Any], output: type[BaseModel], make: Callable[[Any], Any] | None
    ) -> Answer[Any]:
        prompt = library.render(self._prompt, values)
        assert library.load(self._prompt).output == output.__name__
        self.prompts.append(prompt)
        for repaired in (False, True):
            try:
                draft = read_answer(self._said(), output)
                value = make(draft) if make else draft
            except Objection as objection:
                self.objections += objection.words
                if repaired or not self._drafts:
                    raise AnswerUnusable(f"stub/model did not answer usably: {objection}") from objection
                continue
            return Answer(value, "stub/model", (), ("stub/model was told what was wrong.",) if repaired else ())
        raise AssertionError

    def _said(self) -> LanguageAnswer:
        draft = self._drafts.pop(0)
        if isinstance(draft, Exception):
            raise draft
        if isinstance(draft, LanguageAnswer):
            return draft
        return LanguageAnswer(text=json.dumps(draft), stop="end", usage=Usage(input_tokens=1, output_tokens=1))
