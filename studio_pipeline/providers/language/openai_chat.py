"""Chat completions in the shape of OpenAI's, from whoever serves them: Ollama, vLLM, Together, a TensorZero gateway.

What lives here: what such a server is sent, and what its answers and errors mean. What does not: what people say of it
in the environment (``chat_terms.py``), what every adapter of a language model does alike (``answering.py``), and the
words for the model (``prompts/``).

Few such servers show a model the schema that they hold it to (vLLM and Ollama do not), so it stands in the system
message too. ``OPENAI_CHAT_JSON`` says how much the server itself can hold; there is no second try with less. A server
without a price is never asked; one that costs nothing (``0,0``) may be asked again when an answer got lost.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from studio_pipeline.budget.rate_cards import Quote, RateCards
from studio_pipeline.budget.token_prices import Tokens
from studio_pipeline.errors import PromptRefused, StudioError, VendorAway
from studio_pipeline.prompting.tokens import estimated_tokens
from studio_pipeline.providers.capabilities import Kind
from studio_pipeline.providers.hosted.api import Api, said
from studio_pipeline.providers.hosted.fitting import picture
from studio_pipeline.providers.hosted.inbox import Inbox
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.language.answering import (
    Answers,
    check_sdk,
    endings_told,
    messages_of,
    most_tokens,
    waited_for,
    with_schema,
)
from studio_pipeline.providers.language.chat_terms import FORMS, JSON, KEY, MODEL, ChatTerms, Form
from studio_pipeline.providers.language.port import LanguageAnswer, LanguageRequest, Stop, Usage
from studio_pipeline.providers.vendor import NoAnswer
from studio_pipeline.wording import clipped

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelResponse
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.settings import ModelSettings

TIMEOUT_S = 840.0
"""Of one call: 12,000 tokens at 15 a second. Other machines take a process that is silent for longer for dead
(``SILENT_S``, ``budget/purchases.py``)."""

_MOST_ASCII_A_TOKEN = 7
_MOST_BYTES_A_TOKEN = 14
"""More than a token of today's tokenizers stands for on average: five letters of English, ten bytes of Russian. Who
counts fewer tokens has not read all: Ollama cuts a question that is too long without a word
(https://github.com/ollama/ollama/issues/3839, read 2026-11)."""

_STOPS: Mapping[str | None, Stop] = {"length": "length", "content_filter": "refusal"}
_REFUSALS = {"content_policy_violation", "content_filter", "moderation_blocked"}
_NO_FORM = re.compile(r"response_format|json_schema|json_object|guided|grammar", re.IGNORECASE)


def build(kind: Kind, setup: Setup) -> OpenAIChat:
    return OpenAIChat(setup)


class OpenAIChat(Answers):
    """``Language``. Its answers carry no id to ask for them again, so one that got lost stays lost."""

    def __init__(self, setup: Setup) -> None:
        self.name = setup.name
        self._setup = setup
        self._terms = ChatTerms(setup)
        self._api = Api(setup, self._headers, own=self._own)
        self._inbox = Inbox(setup.inbox)

    def normalised(self, request: LanguageRequest) -> Mapping[str, Any]:
        return {
            "model": self._terms.model,
            "system": with_schema(request),
            "user": [request.shared, *(image.sha256 for image in request.images), request.ask],
            "repair": [request.answered, request.objection] if request.objection else [],
            "form": self._terms.form,
            "max_tokens": request.most_output_tokens,
            "temperature": request.temperature,
        }

    def quote(self, request: LanguageRequest) -> Quote:
        self._setup.model(request.model)
        return self._cards.quote_tokens(
            self.name,
            request.model,
            sum(map(estimated_tokens, self._texts(request))),
            request.most_output_tokens,
            most_prompt_tokens=self._most_in(request),
        )

    def submit(self, request: LanguageRequest, *, client_tag: str) -> str:
        free = self._terms.price.simulated
        check_sdk(self._setup)
        try:
            with endings_told(self._api):
                response = waited_for(partial(self._asked, request))
        except NoAnswer as lost:
            if not free:
                raise
            raise VendorAway(
                f"{self._setup.manifest.label} did not answer: {lost}",
                where=self._setup.base_url,
                todo="It charges nothing, so it may be asked again.",
                retry_after_s=0,
            ) from lost
        return self._kept(request, response, client_tag)

    def validate_credentials(self) -> str:
        model, _ = self._terms.model, self._terms.price
        answer = self._api.look("/models", even_if=lambda status, _: status == 404)
        found = answer.data.get("data") if isinstance(answer.data, dict) else answer.data
        names = [str(entry.get("id")) for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
        if not names or model in names or f"{model}:latest" in names:
            return f"{self._setup.base_url} answers"
        listed = clipped(", ".join(names), 200)
        return f"{self._setup.base_url} answers; it does not list {model}, and has {listed}"

    @property
    def _cards(self) -> RateCards:
        """With the price that a person has said. Raises ``UnknownPrice``, ``BadInput``."""
        return self._setup.prices.joined_by({self.name: dict.fromkeys(self._setup.models, self._terms.price)})

    # What goes out

    async def _asked(self, request: LanguageRequest) -> ModelResponse:
        from httpx2 import AsyncClient, Timeout
        from openai import AsyncOpenAI, omit
        from pydantic_ai.direct import model_request

        async with (
            asyncio.timeout(TIMEOUT_S),
            AsyncClient(timeout=Timeout(TIMEOUT_S, connect=15.0), follow_redirects=False) as line,
        ):
            client = AsyncOpenAI(
                api_key=self._terms.key or "none",
                base_url=self._setup.base_url,
                http_client=line,
                max_retries=0,
                default_headers={name: cast(str, omit) for name in ("OpenAI-Organization", "OpenAI-Project")},
            )
            return await model_request(
                self._model(client),
                messages_of(request, with_schema(request), partial(picture, self._setup)),
                model_settings=_settings(request, {} if self._terms.key else {"Authorization": cast(str, omit)}),
                model_request_parameters=_parameters(request, self._terms.form),
            )

    def _model(self, client: Any) -> OpenAIChatModel:
        """The model as its server takes it, whatever it is called: nothing is guessed from a name."""
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.profiles.openai import OpenAIModelProfile
        from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

        profile = OpenAIModelProfile(
            supports_json_schema_output=True,
            supports_json_object_output=True,
            openai_supports_strict_tool_definition=False,
            # the older name is the one that every server knows; OpenAI's own newer models take the other
            openai_chat_supports_max_completion_tokens=urlsplit(self._setup.base_url).hostname == "api.openai.com",
            may_tokenize_special_tokens_in_content=True,
        )
        provider = OpenAICompatibleProvider(self.name, openai_client=client, profile=lambda _: profile)
        return OpenAIChatModel(self._terms.model, provider=provider)

    def _texts(self, request: LanguageRequest) -> list[str]:
        return [with_schema(request), request.shared + request.ask, request.answered, request.objection]

    def _most_in(self, request: LanguageRequest) -> int:
        schema = with_schema(request.model_copy(update={"system": ""})) if self._terms.form == "schema" else ""
        return most_tokens([*self._texts(request), schema], [self._setup.resolve(image) for image in request.images])

    # What comes back

    def _kept(self, request: LanguageRequest, response: ModelResponse, client_tag: str) -> str:
        stop = _STOPS.get(response.finish_reason, "end")
        usage, event = self._used(request, response, stop)
        refusal = (response.provider_details or {}).get("refusal")
        return self._put_away(
            client_tag,
            LanguageAnswer(text=response.text or "", stop=stop, usage=usage),
            self._cards.tokens_usd(self.name, request.model, Tokens(**usage.model_dump())),
            events=(event,) if event else (),
            message=clipped(str(refusal), 300) if refusal else "",
        )

    def _used(self, request: LanguageRequest, response: ModelResponse, stop: Stop) -> tuple[Usage, str]:
        """What was used, and what people have to know about that."""
        counted = response.usage
        if counted.unmeasured_requests or (counted.input_tokens == 0 and stop != "refusal"):
            most = Usage(input_tokens=self._most_in(request), output_tokens=request.most_output_tokens)
            return most, f"{request.model} did not say how many tokens it used: the most that it can be is charged."
        cached = min(counted.cache_read_tokens, counted.input_tokens)
        usage = Usage(
            input_tokens=counted.input_tokens - cached, output_tokens=counted.output_tokens, cache_read_tokens=cached
        )
        least = sum(map(_least_tokens, self._texts(request)))
        if stop == "refusal" or counted.input_tokens >= least:
            return usage, ""
        return usage, (
            f"{request.model} read {counted.input_tokens:,} tokens of a question of more than {least:,}: its server "
            "has cut it. Let it hold more (OLLAMA_CONTEXT_LENGTH, --max-model-len)."
        )

    def _own(self, status: int, body: Any) -> StudioError | None:
        words, label = said(body), self._setup.manifest.label
        error = body.get("error") if isinstance(body, dict) else None
        code = str(error.get("code")) if isinstance(error, dict) else ""
        away = partial(VendorAway, where=self._setup.base_url)
        if code in _REFUSALS:
            return PromptRefused(f"{label} does not want this prompt: {words}", todo="Say it in other words.")
        if status in (401, 402, 403) or code == "insufficient_quota":
            return away(f"{label} does not let us in ({status}): {words}", todo=f"Look at {KEY} and at the account.")
        if status == 404:
            return away(
                f"{label} does not have the model {self._terms.model}, or not at this address: {words}",
                todo=f"Look at {MODEL} and {self._setup.manifest.base_url_variable}.",
            )
        if status in (400, 422) and self._terms.form != "none" and _NO_FORM.search(words):
            less = FORMS[FORMS.index(self._terms.form) + 1]
            return away(f"{label} cannot hold an answer to its form: {words}", todo=f"Set {JSON}={less}.")
        if status in (400, 413, 422) and (code == "context_length_exceeded" or "context length" in words.lower()):
            return away(f"The question is too long for its model: {words}", todo="Say its size in OPENAI_CHAT_CONTEXT.")
        return None

    def _headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._terms.key}"} if self._terms.key else {}


def _least_tokens(text: str) -> int:
    ascii_only = sum(char < "\x80" for char in text)
    other_bytes = len(text.encode("utf-8", "replace")) - ascii_only
    return ascii_only // _MOST_ASCII_A_TOKEN + other_bytes // _MOST_BYTES_A_TOKEN


def _settings(request: LanguageRequest, headers: dict[str, str]) -> ModelSettings:
    from pydantic_ai.settings import ModelSettings

    settings = ModelSettings(max_tokens=request.most_output_tokens, extra_headers=headers)
    if request.temperature is not None:
        settings["temperature"] = request.temperature
    return settings


def _parameters(request: LanguageRequest, form: Form) -> ModelRequestParameters:
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.output import OutputObjectDefinition

    if form == "none":
        return ModelRequestParameters()
    wanted = OutputObjectDefinition(json_schema=dict(request.json_schema), name=request.output)
    return ModelRequestParameters(
        output_mode="native" if form == "schema" else "prompted",
        output_object=wanted,
        allow_text_output=False,
        prompted_output_template=False,  # the schema is in the system message already
    )
