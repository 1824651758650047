"""Minds: one function of one production behind a language model, or ``None`` where the rules decide.

What lives here: which variant and which models are asked, what the prompt is filled with, and out of which envelopes
the answers are paid. What does not: asking, reading and repairing (``providers/language/asking.py``), the prompts
(``prompts/``), and what an agent makes of an answer (``stages/``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from studio_pipeline.budget.envelopes import day_envelope, pilot_envelope, production_envelope, utc_today
from studio_pipeline.budget.purchase import Account
from studio_pipeline.errors import (
    AnswerUnusable,
    JobFailed,
    OutOfBudget,
    PromptRefused,
    ProviderFailed,
    StudioError,
    Unanswered,
    UnknownPrice,
    VendorAway,
)
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.orchestration.money import draw_on_reserve, open_production
from studio_pipeline.prompting import library, variants
from studio_pipeline.providers.capabilities import Model, vendor_of
from studio_pipeline.providers.language.asking import Answer, Asking, Manner
from studio_pipeline.providers.language.port import LanguageRequest
from studio_pipeline.providers.language.roles import models_for
from studio_pipeline.providers.metering import Metered, Purchase, identity_of
from studio_pipeline.providers.vendor import Vendor
from studio_pipeline.settings import RULES

if TYPE_CHECKING:
    from studio_pipeline.orchestration.studio_home import StudioHome
    from studio_pipeline.prompting.variants import Variant

DraftT = TypeVar("DraftT", bound=BaseModel)
T = TypeVar("T")


class Mind:
    """One function of one production. May be used from several threads.

    Args:
        rules_last: whether the rules stand in when no model has answered usably, because a person has named them last.
    """

    def __init__(
        self,
        function: str,
        brief: Brief,
        cell: Cell,
        stage: str,
        home: StudioHome,
        vendors: Sequence[str],
        day_cap_usd: Decimal | None = None,
    ) -> None:
        self.function = variants.function(function)
        self.cell = cell
        self.rules_last = RULES in vendors
        self._home = home
        self._brief = brief
        self._vendors = tuple(vendors)
        self._setup = cache(home.setup)  # which reads the environment and `.env`
        self.given: list[Answer[Any]] = []
        """Every answer that was used."""
        caps = {} if day_cap_usd is None else {day_envelope(utc_today()): day_cap_usd}
        whole = production_envelope(cell.production)
        envelopes = (whole, pilot_envelope(cell.production, cell.tier)) if cell.tier else (whole,)
        self._budget = Account(
            production=cell.production, place=cell.place, stage=f"{stage}: thinking", envelopes=envelopes, caps=caps
        )

    @cached_property
    def variant(self) -> Variant:
        """The production's variant. Drawn when it is first needed: who is asked nothing is part of no experiment."""
        return self._home.records.variant_of(self.cell.production, self.function)

    @cached_property
    def _models(self) -> tuple[Model, ...]:
        return models_for(self.variant.model, self._brief, self._vendors)

    @cached_property
    def sees(self) -> bool:
        """Whether a question about pictures can be asked at all."""
        return any(model.sees for model in self._models)

    @cached_property
    def room_tokens(self) -> int | None:
        """The most tokens a question may have so that each model holds it and its answer; ``None`` where none says."""
        held = [model.context_tokens for model in self._models if model.context_tokens is not None]
        return min(held) - self.function.most_output_tokens if held else None

    def ask(
        self,
        values: Mapping[str, Any],
        output: type[DraftT],
        *,
        images: Sequence[MediaRef] = (),
        make: Callable[[DraftT], T] | None = None,
        rank: Callable[[Sequence[T]], int] | None = None,
    ) -> Answer[T]:
        """Fill in the variant's prompt with ``values`` and ask; the best of several answers, where the variant says so.

        Args:
            images: with them only models that see are asked (``sees``).
            make: turns an answer into what is wanted; raises ``Objection`` with what is wrong with it.
            rank: index of the best of several; the first without it.

        Raises:
            AnswerUnusable, ProviderFailed: when nobody gave an answer that can be used.
            OutOfBudget: when there is no money for the question.

        One of several answers is enough: what was paid for is used, and an event says why there are no more.
        """
        prompt = library.render(self.variant.prompt, values)
        manner = Manner(
            most_output_tokens=self.function.most_output_tokens,
            temperature=self.variant.temperature,
            low_priority=self._brief.priority == "low",
        )
        count = self.variant.best_of if rank is not None else 1
        asking = Asking([model for model in self._models if model.sees or not images], self)
        answers: list[Answer[T]] = []
        trouble: StudioError | None = None
        for number in range(1, count + 1):
            try:
                answers.append(
                    asking.ask(
                        prompt, output, budget=self._budget, manner=manner, images=images, make=make, candidate=number
                    )
                )
            except AnswerUnusable as error:  # another candidate may do
                trouble = error
            except (OutOfBudget, VendorAway, PromptRefused, JobFailed, Unanswered) as error:  # it fares no better
                trouble = error
                break
        if trouble is not None and not answers:
            raise trouble
        best = answers[rank([answer.value for answer in answers]) if rank is not None and len(answers) > 1 else 0]
        receipts = tuple(receipt for answer in answers for receipt in answer.receipts)
        missed = (f"Chosen from {len(answers)} instead of {count} answers: {trouble.what}.",) if trouble else ()
        given = Answer(best.value, best.model, receipts, (*best.events, *missed))
        self.given.append(given)
        return given

    # Where ``Asking`` buys and keeps answers

    def buy(self, request: LanguageRequest, *, take: int, budget: Account) -> Purchase:
        """An answer through the ledger. A pilot that has given all it had to its shots is inspected and judged all the
        same: out of what no pilot was given."""
        vendor = self._vendor(request.model)
        if not self.cell.tier:
            open_production(self._home.ledger, self.cell.production, self._brief.budget_usd)
        elif not self.known(request, take=take):  # what is found again costs nothing, so no money is moved for it
            self._draw(vendor, request)
        wait_s = self._setup(vendor_of(request.model)).poll_interval_s
        metered = Metered(self._home.ledger, self._home.media, poll_interval_s=wait_s)
        while True:
            try:
                return metered.buy(vendor, request, take=take, account=budget)
            except OutOfBudget:  # another scene of the pilot may have taken, at the same time, what was drawn for this
                if not (self.cell.tier and self._draw(vendor, request)):
                    raise

    def _draw(self, vendor: Vendor[Any], request: LanguageRequest) -> bool:
        """Whether the pilot was given more for a question."""
        needed_usd = vendor.quote(request).max_usd
        return draw_on_reserve(self._home.ledger, self.cell.production, self.cell.tier or "", needed_usd)

    def known(self, request: LanguageRequest, *, take: int) -> bool:
        try:
            identity = identity_of(self._vendor(request.model), request, take)
        except VendorAway:  # not set up: buying from it says what is missing, and the next one is asked
            return False
        entry = self._home.ledger.find(identity)
        return entry is not None and entry.state == "settled"

    def path(self, media: MediaRef) -> Path:
        return self._home.media.path(media)

    def _vendor(self, model: str) -> Vendor[Any]:
        return self._home.language_vendor(vendor_of(model))


def decided_by(*minds: Mind | None) -> dict[str, object]:
    """Who has decided, with which prompt and variant, and what that cost, as the UI shows it."""
    given = [(mind, answer) for mind in minds if mind is not None for answer in mind.given]
    if not given:
        return {"decided_by": "the studio's rules"}
    names = dict.fromkeys(f"{answer.model} by {mind.variant.prompt} ({mind.variant.name})" for mind, answer in given)
    paid = sum((receipt.price_usd for _, answer in given for receipt in answer.receipts), Decimal(0))
    return {"decided_by": ", ".join(names), "thinking_usd": float(paid)}


def thought(
    mind: Mind | None,
    by_mind: Callable[[Mind], T],
    by_rules: Callable[[], T],
    note: Callable[[T, str], T],
) -> T:
    """What a mind makes of it; what the rules make of it where there is none, no money for one, or where a person has
    named the rules as the last resort.

    Args:
        note: writes into a result why it came by rules where a model was wanted. No downgrade is silent.
    """
    if mind is None:
        return by_rules()
    try:
        return by_mind(mind)
    except UnknownPrice:
        raise
    except OutOfBudget as broke:
        return note(by_rules(), f"Decided by rules, as there is no money left for a model: {broke.what}.")
    except ProviderFailed as failed:
        if not mind.rules_last:
            raise
        return note(by_rules(), f"Decided by rules, as no model gave an answer: {failed.what}.")
