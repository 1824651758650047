"""Claude, by Anthropic's Messages API, and by its batches (half the price) for what nobody waits for.

The body of every request is built by pydantic-ai (``claude/body.py``) and sent once by Anthropic's own client
(``claude/line.py``), not by pydantic-ai: that asks again by itself in two cases, and tells nobody what was used when it
cannot read an answer. Here the answer is put away first, as it came, and what it used is its price.

A question that was asked alone is a job ``inbox:<tag>``; one in a batch is a job ``msgbatch_…``, whose answer is put
away when it is first seen, because Anthropic keeps it for 29 days only.

A refusal is a failed job, priced by the usage that Anthropic tells with it. Some refusals before the first word are not
billed, and Anthropic does not say which: there the ledger may hold a little too much, and never too little.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from studio_pipeline.budget.token_prices import Tokens
from studio_pipeline.errors import ProviderFailed
from studio_pipeline.film.frozen import digest_of
from studio_pipeline.providers.capabilities import Kind
from studio_pipeline.providers.hosted.inbox import Inbox
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.language.answering import Answers
from studio_pipeline.providers.language.claude.batches import Batches
from studio_pipeline.providers.language.claude.body import body_of, thinking_tokens
from studio_pipeline.providers.language.claude.counting import Counting
from studio_pipeline.providers.language.claude.line import Line
from studio_pipeline.providers.language.port import LanguageAnswer, LanguageRequest, Stop, Usage
from studio_pipeline.providers.vendor import Fetched, JobState, NoAnswer, Quote
from studio_pipeline.wording import clipped

_STOPS: Mapping[str, Stop] = {"max_tokens": "length", "model_context_window_exceeded": "length", "refusal": "refusal"}
_FIRST_WORD_S = 120.0
_TOKENS_PER_S = 40.0
"""Slower than any of its models writes."""
_BATCH_S = 25 * 3600.0
"""A batch has ended after a day, one way or the other
(https://platform.claude.com/docs/en/build-with-claude/batch-processing)."""
_LONGEST_S = 840.0
"""A process that is silent for ``SILENT_S`` (``budget/purchases.py``) is dead to other machines: this is less."""


def build(kind: Kind, setup: Setup) -> Claude:
    """The vendor, as the factory asks for it."""
    return Claude(setup)


class Claude(Answers):
    """``Language``. ``Keeps``; ``Lists`` what is in batches, which ``TakesTime``. May be used from several threads."""

    def __init__(self, setup: Setup) -> None:
        self.name = setup.name
        self._setup = setup
        self._line = Line(setup)
        self._batches = Batches(self._line)
        self._counting = Counting(setup, self._line)
        self._inbox = Inbox(setup.inbox)

    def normalised(self, request: LanguageRequest) -> Mapping[str, Any]:
        """The question itself. How it travels is no part of it: whether it goes alone or in a batch, and which of its
        words are ``shared``, which only tells the vendor's cache (between pictures it does tell the model)."""
        model = self._setup.model(request.model)
        words = [part for part in (request.shared, request.ask) if part]
        return {
            "model": model.api_model,
            "options": dict(model.options),
            "system": request.system,
            "user": words if request.images else "\n\n".join(words),
            "images": [image.sha256 for image in request.images],
            "output": request.output,
            "json_schema": dict(request.json_schema),
            "most_output_tokens": request.most_output_tokens,
            "temperature": request.temperature if model.temperature else None,
            "answered": request.answered,
            "objection": request.objection,
        }

    def quote(self, request: LanguageRequest) -> Quote:
        self._setup.prices.line(self.name, request.model)
        model = self._setup.model(request.model)
        count = self._counting.count(request)
        return self._setup.prices.quote_tokens(
            self.name,
            request.model,
            count.likely,
            request.most_output_tokens + thinking_tokens(model),
            most_prompt_tokens=count.most,
            batch=request.priority == "low",
        )

    def submit(self, request: LanguageRequest, *, client_tag: str) -> str:
        body = {**body_of(self._setup, request), "metadata": {"user_id": client_tag}}
        if request.priority == "low":
            return self._batches.create(client_tag[:64], body)
        patience_s = min(_FIRST_WORD_S + body["max_tokens"] / _TOKENS_PER_S, _LONGEST_S)
        message = self._line.create("/v1/messages", body, timeout_s=patience_s)
        return self._keep(client_tag, message, request, batch=False)

    def poll(self, job_id: str, request: LanguageRequest) -> JobState:
        return self._waiting(job_id, request) or self._how_it_ended(_place(job_id))

    def fetch(self, job_id: str, request: LanguageRequest, into: Path) -> Fetched:
        waiting = self._waiting(job_id, request)
        if waiting is not None:
            raise ProviderFailed(f"Job {job_id} has no answer: {waiting.message or waiting.state}", where="Anthropic")
        return self._brought(_place(job_id), into)

    def jobs_like(self, request: LanguageRequest, *, client_tag: str, since_s: float) -> tuple[str, ...]:
        return tuple(self._batches.of(client_tag[:64], since_s)) if request.priority == "low" else ()

    def job_limit_s(self, request: LanguageRequest) -> float:
        return _BATCH_S if request.priority == "low" else _LONGEST_S

    def validate_credentials(self) -> str:
        models = self._line.look("/v1/models?limit=1000").get("data") or []
        return f"the key is good; {len(models)} models can be asked"

    def _waiting(self, job_id: str, request: LanguageRequest) -> JobState | None:
        """How a batch stands that has no answer; one that has is put away, unless it is."""
        if job_id.startswith("inbox:") or self.kept(_place(job_id)) is not None:
            return None
        found = self._batches.message(job_id)
        if isinstance(found, JobState):
            return found
        try:
            self._keep(_place(job_id), found, request, batch=True)
        except NoAnswer as error:
            raise ProviderFailed(f"The answer of batch {job_id} cannot be read: {error}", where="Anthropic") from error
        return None

    def _keep(self, tag: str, message: Mapping[str, Any], request: LanguageRequest, *, batch: bool) -> str:
        """Put an answer away with what it cost; returns its job id. Raises ``NoAnswer`` for what is none."""
        answer = _answer(message)
        used = Tokens(**answer.usage.model_dump())
        price = self._setup.prices.tokens_usd(self.name, request.model, used, batch=batch)
        return self._put_away(tag, answer, price, message=_why(message))


def _place(job_id: str) -> str:
    """Where the answer of a job is put away."""
    return job_id if job_id.startswith("inbox:") else digest_of(job_id)[:32]


def _answer(message: Mapping[str, Any]) -> LanguageAnswer:
    """What a message says.

    Raises:
        NoAnswer: for what is no message: it may have been paid for, and nobody can say how much.
    """
    used, content = message.get("usage"), message.get("content")
    if not isinstance(used, dict) or not isinstance(content, list):
        raise NoAnswer("an answer that is no message")
    texts = [str(block.get("text", "")) for block in content if isinstance(block, dict) and block.get("type") == "text"]
    try:
        return LanguageAnswer(
            text="".join(texts).encode("utf-8", "replace").decode(),  # half a character cannot be kept
            stop=_STOPS.get(str(message.get("stop_reason")), "end"),
            usage=Usage(
                input_tokens=used["input_tokens"],
                output_tokens=used["output_tokens"],
                cache_read_tokens=used.get("cache_read_input_tokens") or 0,
                cache_write_tokens=used.get("cache_creation_input_tokens") or 0,
            ),
        )
    except (KeyError, ValidationError) as error:
        raise NoAnswer("an answer whose usage cannot be read") from error


def _why(message: Mapping[str, Any]) -> str:
    """Why the model refused, as far as it says."""
    details = message.get("stop_details")
    return (
        clipped(str(details.get("explanation") or details.get("category") or ""), 300)
        if isinstance(details, dict)
        else ""
    )
