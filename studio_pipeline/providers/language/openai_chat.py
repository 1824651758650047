"""Chat completions in the shape of OpenAI's, from whoever serves them: Ollama, vLLM, Together, a TensorZero gateway.

What lives here: the settings of such a server, its prices, and what its answers and errors mean. What does not: what
every adapter of a language model does alike (``answering.py``), and the words for the model (``prompts/``).

Few such servers show a model the schema that they hold it to (vLLM and Ollama do not), so it stands in the system
message too. ``OPENAI_CHAT_JSON`` says how much the server itself can hold; there is no second try with less. A server
without a price is never asked; one that costs nothing (``0,0``) may be asked again when an answer got lost.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, cast
from urllib.parse import urlsplit

from studio_pipeline.budget.amounts import rounded_up
from studio_pipeline.budget.rate_cards import Quote
from studio_pipeline.budget.token_prices import TokenPrices, Tokens
from studio_pipeline.errors import BadInput, PromptRefused, StudioError, UnknownPrice, VendorAway
from studio_pipeline.prompting.tokens import estimated_tokens
from studio_pipeline.providers.capabilities import Kind
from studio_pipeline.providers.hosted.api import Api, said
from studio_pipeline.providers.hosted.fitting import picture
from studio_pipeline.providers.hosted.inbox import Inbox
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.language.answering import (
    Answers,
    endings_told,
    messages_of,
    most_tokens,
    waited_for,
    with_schema,
)
from studio_pipeline.providers.language.port import LanguageAnswer, LanguageRequest, Stop, Usage
from studio_pipeline.providers.vendor import NoAnswer
from studio_pipeline.wording import clipped

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelResponse
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.settings import ModelSettings

KEY = "OPENAI_CHAT_API_KEY"
MODEL = "OPENAI_CHAT_MODEL"
PRICE = "OPENAI_CHAT_PRICE"
JSON = "OPENAI_CHAT_JSON"
TIMEOUT_S = 600.0
"""Of one call: 12,000 tokens at 20 a second."""

Form = Literal["schema", "object", "none"]
_FORMS: tuple[Form, ...] = ("schema", "object", "none")
_PRICE = re.compile(r"(\d{1,4}(?:\.\d{1,6})?)\s*,\s*(\d{1,4}(?:\.\d{1,6})?)")
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
        self._api = Api(setup, self._headers, own=self._own)
        self._inbox = Inbox(setup.inbox)

    def normalised(self, request: LanguageRequest) -> Mapping[str, Any]:
        return {
            "model": self._model_name(),
            "system": with_schema(request),
            "user": [request.shared, *(image.sha256 for image in request.images), request.ask],
            "repair": [request.answered, request.objection] if request.objection else [],
            "form": self._form(),
            "max_tokens": request.most_output_tokens,
            "temperature": request.temperature,
        }

    def quote(self, request: LanguageRequest) -> Quote:
        prices, most_out = self._prices(), request.most_output_tokens
        self._setup.model(request.model)
        likely_in = sum(map(estimated_tokens, self._texts(request)))
        most_usd = rounded_up(prices.most_usd(self._most_in(request), most_out))
        return Quote(
            expected_usd=min(most_usd, rounded_up(prices.expected_usd(likely_in, most_out))),
            max_usd=most_usd,
            simulated=self._is_free(),
            source=f"{request.model}: ${prices.input_usd} in and ${prices.output_usd} out per million tokens ({PRICE})",
            by_use=True,
        )

    def submit(self, request: LanguageRequest, *, client_tag: str) -> str:
        self._prices()
        try:
            with endings_told(self._api):
                response = waited_for(partial(self._asked, request))
        except NoAnswer as lost:
            if not self._is_free():
                raise
            raise VendorAway(
                f"{self._setup.manifest.label} did not answer: {lost}",
                where=self._setup.base_url,
                todo="It charges nothing, so it may be asked again.",
                retry_after_s=0,
            ) from lost
        return self._kept(request, response, client_tag)

    def validate_credentials(self) -> str:
        model, _ = self._model_name(), self._prices()
        answer = self._api.look("/models", even_if=lambda status, _: status == 404)
        found = answer.data.get("data") if isinstance(answer.data, dict) else answer.data
        names = [str(entry.get("id")) for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
        if not names or model in names or f"{model}:latest" in names:
            return f"{self._setup.base_url} answers"
        listed = clipped(", ".join(names), 200)
        return f"{self._setup.base_url} answers; it does not list {model}, and has {listed}"

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
                api_key=self._key() or "none",
                base_url=self._setup.base_url,
                http_client=line,
                max_retries=0,
                default_headers={name: cast(str, omit) for name in ("OpenAI-Organization", "OpenAI-Project")},
            )
            return await model_request(
                self._model(client),
                messages_of(request, with_schema(request), partial(picture, self._setup)),
                model_settings=_settings(request, {} if self._key() else {"Authorization": cast(str, omit)}),
                model_request_parameters=_parameters(request, self._form()),
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
        return OpenAIChatModel(self._model_name(), provider=provider)

    def _texts(self, request: LanguageRequest) -> list[str]:
        return [with_schema(request), request.shared + request.ask, request.answered, request.objection]

    def _most_in(self, request: LanguageRequest) -> int:
        schema = with_schema(request.model_copy(update={"system": ""})) if self._form() == "schema" else ""
        return most_tokens([*self._texts(request), schema], [self._setup.resolve(image) for image in request.images])

    # What comes back

    def _kept(self, request: LanguageRequest, response: ModelResponse, client_tag: str) -> str:
        stop = _STOPS.get(response.finish_reason, "end")
        counted = response.usage
        cached = min(counted.cache_read_tokens, counted.input_tokens)
        usage = Usage(
            input_tokens=counted.input_tokens - cached,
            output_tokens=counted.output_tokens,
            cache_read_tokens=cached,
        )
        events: tuple[str, ...] = ()
        if counted.unmeasured_requests or (counted.input_tokens == 0 and stop != "refusal"):
            usage = Usage(input_tokens=self._most_in(request), output_tokens=request.most_output_tokens)
            events = (f"{request.model} did not say how many tokens it used; the most it can have used is charged.",)
        price_usd = self._prices().usd(Tokens(**usage.model_dump()))
        refusal = (response.provider_details or {}).get("refusal")
        answer = LanguageAnswer(text=response.text or "", stop=stop, usage=usage)
        return self._put_away(
            client_tag, answer, price_usd, events=events, message=clipped(refusal, 300) if refusal else ""
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
                f"{label} does not have the model {self._model_name()}, or not at this address: {words}",
                todo=f"Look at {MODEL} and {self._setup.manifest.base_url_variable}.",
            )
        if status in (400, 422) and self._form() != "none" and _NO_FORM.search(words):
            less = _FORMS[_FORMS.index(self._form()) + 1]
            return away(f"{label} cannot hold an answer to its form: {words}", todo=f"Set {JSON}={less}.")
        if status in (400, 413, 422) and (code == "context_length_exceeded" or "context length" in words.lower()):
            return away(f"The question is too long for its model: {words}", todo="Say its size in OPENAI_CHAT_CONTEXT.")
        return None

    # How it is set up

    def _headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._key()}"} if self._key() else {}

    def _key(self) -> str:
        return self._setup.key(KEY) if self._setup.environ.get(KEY, "").strip() else ""

    def _model_name(self) -> str:
        name = self._setup.environ.get(MODEL, "").strip()
        if not name or not name.isprintable() or len(name) > 300:
            raise VendorAway(
                f"{MODEL} does not name a model" if name else f"{MODEL} is not set",
                where="environment",
                todo=f"Set it to {self._setup.manifest.settings[MODEL]}.",
            )
        return name

    def _form(self) -> Form:
        form = self._setup.environ.get(JSON, "").strip() or "schema"
        if form not in _FORMS:
            raise BadInput(f"{JSON} is “{form[:40]}”", where="environment", todo=f"Use: {', '.join(_FORMS)}.")
        return cast(Form, form)

    def _is_free(self) -> bool:
        """Whether nobody charges it, so that what got lost may be asked again."""
        prices = self._prices()
        return prices.input_usd == prices.output_usd == 0

    def _prices(self) -> TokenPrices:
        text = self._setup.environ.get(PRICE, "").strip()
        how = "Give USD for a million tokens in and out, such as 0.18,0.18, or 0,0 for a machine of your own."
        if not text:
            raise UnknownPrice(
                f"Nobody knows what {self._setup.manifest.label} charges, so it is not asked",
                where="environment",
                todo=f"Set {PRICE}. {how}",
            )
        found = _PRICE.fullmatch(text)
        if found is None:
            raise BadInput(f"{PRICE} is “{text[:40]}”", where="environment", todo=how)
        price_in, price_out = Decimal(found[1]), Decimal(found[2])
        return TokenPrices(
            input_usd=price_in,
            output_usd=price_out,
            cache_read_usd=price_in,
            cache_write_usd=price_in,
            batch_share=Decimal(1),
            long_above_tokens=None,
            long_share=Decimal(1),
        )


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
