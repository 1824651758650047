"""Asking a language model: the one facade in front of whatever answers.

What lives here: from a rendered prompt to a value that can be used, or to a clear failure. The answer is read
(``reading.py``) and turned into what was wanted by ``make``, which may object. An answer that cannot be used gets one
repair call with the objections in it; then the next model is asked; then it is a failure. What does not live here:
which models are asked and out of which envelopes (``orchestration/minds.py``), and the order of the steps that keep
the money safe (``providers/metering.py``).

Nothing is asked twice: the same question under the same number is answered from the store. Only when everybody was
asked in vain in an earlier run, repairs included, is it asked anew under the next number, up to ``MOST_NUMBERS``. An
answer that got lost on the way (a dropped line, a process killed while it waited) is no shot that a vendor keeps in a
list: nobody could fetch it, and it costs cents. It is asked for again, up to ``MOST_LOST`` times; what was set aside
for the lost one stays so, until a person says what became of it, so no cap is at risk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel

from studio_pipeline.budget.purchase import Account
from studio_pipeline.errors import (
    AnswerUnusable,
    JobFailed,
    OutOfBudget,
    PromptRefused,
    ProviderFailed,
    Unanswered,
    UnknownPrice,
    VendorAway,
)
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.takes import Receipt
from studio_pipeline.prompting.prompt import RenderedPrompt
from studio_pipeline.prompting.tokens import MOST_IMAGE_TOKENS, estimated_tokens
from studio_pipeline.providers.capabilities import Model
from studio_pipeline.providers.language.port import LanguageAnswer, LanguageRequest
from studio_pipeline.providers.language.reading import Objection, objections_told, read_answer
from studio_pipeline.providers.metering import Purchase

MOST_NUMBERS = 3
"""How often one question is asked anew of one model, over all runs, when its answers cannot be used."""
BEST_OF_STEP = 100
"""Candidates of one question are told apart by their number, new tries of a candidate by steps of this."""
MOST_LOST = 6
"""How often one question is sent, over all runs, when its answers get lost."""
MOST_LOST_IN_A_RUN = 2
LOST_STEP = 1000
"""What is sent again because its answer got lost has a number higher by this."""

DraftT = TypeVar("DraftT", bound=BaseModel)
T = TypeVar("T")


class Store(Protocol):
    """Where answers are bought and kept; ``orchestration/minds.py`` has one."""

    def buy(self, request: LanguageRequest, *, take: int, budget: Account) -> Purchase:
        """Buy an answer through the ledger, or find it again for nothing."""
        ...

    def known(self, request: LanguageRequest, *, take: int) -> bool:
        """Whether it was bought before."""
        ...

    def path(self, media: MediaRef) -> Path:
        """Where the bytes of an answer lie."""
        ...


@dataclass(frozen=True)
class Answer(Generic[T]):
    """What came of a question. ``events`` is what did not go as planned, for people."""

    value: T
    model: str
    receipts: tuple[Receipt, ...]
    events: tuple[str, ...] = ()


@dataclass(frozen=True)
class Manner:
    """How a question is asked."""

    most_output_tokens: int
    temperature: float | None = None
    low_priority: bool = False


@dataclass
class _Way:
    """What happened on the way to an answer."""

    receipts: list[Receipt] = field(default_factory=list)
    known: list[bool] = field(default_factory=list)
    """Whether each of them was there before."""
    events: list[str] = field(default_factory=list)


class Asking:
    """Asks ``models`` in their order.

    Args:
        models: what each can do, the preferred one first; at least one.
    """

    def __init__(self, models: Sequence[Model], store: Store) -> None:
        self._models = tuple(models)
        self._store = store

    def ask(
        self,
        prompt: RenderedPrompt,
        output: type[DraftT],
        *,
        budget: Account,
        manner: Manner,
        images: Sequence[MediaRef] = (),
        make: Callable[[DraftT], T] | None = None,
        candidate: int = 1,
    ) -> Answer[T]:
        """Ask until there is a value that can be used.

        Args:
            output: what the answer has to fit.
            make: turns it into what is wanted; raises ``Objection`` when it cannot. The answer itself without it.
            candidate: from 1; another candidate is another answer to the same question.

        Raises:
            AnswerUnusable: when no model gave an answer that can be used; what it cost is settled.
            OutOfBudget: when there is no money for the question, whoever is asked.
            ProviderFailed: when nobody answered.
        """
        way = _Way()
        questions = [(model, _request(model, prompt, output, images, manner)) for model in self._models]
        for number in range(MOST_NUMBERS):
            take = candidate + BEST_OF_STEP * number
            trouble: ProviderFailed | OutOfBudget | None = None
            broke: OutOfBudget | None = None
            in_vain, anew = False, True
            # Who has answered this before is heard first: what was bought, from whomever, is not bought again.
            for model, request in sorted(questions, key=lambda asked: not self._store.known(asked[1], take=take)):
                if trouble is not None:
                    way.events.append(f"{trouble.what}: {request.model} is asked instead.")
                before = len(way.receipts)
                try:
                    _check_room(request, model)
                    value = self._usable(request, take, output, make or _as_it_is, budget, way)
                except UnknownPrice:
                    raise
                except OutOfBudget as error:  # the next model may be one that there is money for
                    trouble = broke = error
                    continue
                except (VendorAway, PromptRefused, JobFailed, Unanswered, AnswerUnusable) as error:
                    trouble = error
                    in_vain |= isinstance(error, AnswerUnusable)
                    anew &= not isinstance(error, VendorAway | Unanswered) and all(way.known[before:])
                    continue
                return Answer(value, request.model, tuple(way.receipts), tuple(way.events))
            if trouble is None:
                raise VendorAway("No language model is in use", todo="Name one in LANGUAGE_PROVIDER.")
            if broke is not None:
                raise broke
            if not (anew and in_vain and way.known):
                raise _told_what_to_do(trouble)
            way.events.clear()  # asked in vain in an earlier run, which has told so
        raise AnswerUnusable(
            f"{output.__name__} was asked for {MOST_NUMBERS} times, and no answer could be used",
            where=f"{budget.production} {budget.place}".rstrip(),
            todo="Name another model in LANGUAGE_PROVIDER, or change the prompt; what was said is in the media store.",
        )

    def _usable(
        self,
        request: LanguageRequest,
        take: int,
        output: type[DraftT],
        make: Callable[[DraftT], Any],
        budget: Account,
        way: _Way,
    ) -> Any:
        """A value from one model: asked, and once told what is wrong with the answer."""
        first = self._said(request, take, budget, way)
        try:
            return make(read_answer(first, output))
        except Objection as objection:
            repair = request.model_copy(
                update={"answered": first.text[:_MOST_REPEATED], "objection": objections_told(objection)}
            )
        second = self._said(repair, take, budget, way)
        try:
            value = make(read_answer(second, output))
        except Objection as objection:
            raise AnswerUnusable(
                f"{request.model} did not answer {request.output} usably, also when told what was wrong: {objection}",
                where=f"{budget.production} {budget.place}".rstrip(),
                todo="Give the same command again to ask anew, or name another model in LANGUAGE_PROVIDER.",
            ) from objection
        way.events.append(f"{request.model} had to be told what was wrong with its answer ({request.output}).")
        return value

    def _said(self, request: LanguageRequest, take: int, budget: Account, way: _Way) -> LanguageAnswer:
        bought = self._bought(request, take, budget, way)
        way.receipts.append(bought.receipt)
        way.known.append(bought.avoided)
        return LanguageAnswer.read(self._store.path(bought.media))

    def _bought(self, request: LanguageRequest, take: int, budget: Account, way: _Way) -> Purchase:
        """An answer. One that got lost is asked for again; a line that breaks twice in a run is left alone."""
        again = lost = 0
        while True:
            try:
                return self._store.buy(request, take=take + LOST_STEP * again, budget=budget)
            except (Unanswered, JobFailed) as error:
                again += 1
                lost += not error.before
                if lost == MOST_LOST_IN_A_RUN or again == MOST_LOST:
                    raise
            way.events.append(f"An answer of {request.model} got lost, and was asked for again ({request.output}).")


_MOST_REPEATED = 60_000
"""Characters of an answer that are shown to the model again; what is longer is wrong for its length alone."""


def _told_what_to_do(trouble: ProviderFailed | OutOfBudget) -> ProviderFailed | OutOfBudget:
    """The trouble with the advice for a question: nobody can make another take of it, or word it otherwise."""
    if isinstance(trouble, PromptRefused | JobFailed):
        trouble = type(trouble)(
            trouble.what,
            where=trouble.where,
            todo="The same question is refused again: change the brief, name another model in LANGUAGE_PROVIDER, or "
            "`rules` as the last, for the studio's own."
            if isinstance(trouble, PromptRefused)
            else "Name another model in LANGUAGE_PROVIDER, or `rules` as the last, for the studio's own.",
        )
    return trouble


def _as_it_is(draft: Any) -> Any:
    return draft


def _request(
    model: Model, prompt: RenderedPrompt, output: type[BaseModel], images: Sequence[MediaRef], manner: Manner
) -> LanguageRequest:
    most = manner.most_output_tokens
    return LanguageRequest(
        model=model.name,
        system=prompt.system,
        shared=prompt.shared,
        ask=prompt.ask,
        images=tuple(images) if model.sees else (),
        output=output.__name__,
        json_schema=output.model_json_schema(),
        most_output_tokens=min(most, model.output_tokens or most),
        temperature=manner.temperature if model.temperature else None,
        priority="low" if manner.low_priority else "normal",
    )


def _check_room(request: LanguageRequest, model: Model) -> None:
    """Refuse a question that the model cannot hold, before anything is sent."""
    if model.context_tokens is None:
        return
    words = estimated_tokens(request.system + request.shared + request.ask)
    needed = words + MOST_IMAGE_TOKENS * len(request.images) + request.most_output_tokens
    if needed > model.context_tokens:
        raise AnswerUnusable(
            f"The question for {request.output} has about {needed:,} tokens, more than {model.name} holds "
            f"({model.context_tokens:,})",
            todo="Name a model with more room in LANGUAGE_PROVIDER.",
        )
