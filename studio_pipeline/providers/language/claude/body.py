"""What Anthropic is sent for a question: the one builder of the body, whether it is asked, counted or put in a batch.

pydantic-ai builds it (``Model.batch_encode``, which encodes a request and sends nothing): it knows which settings a
model refuses, how thinking is turned off on each, and turns a JSON schema into the kind that Anthropic can hold an
answer to. What is not of the question, the tag of a purchase, is no part of it.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from studio_pipeline.errors import HomeDamaged, ProviderFailed
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.providers.capabilities import Model
from studio_pipeline.providers.hosted.fitting import PICTURE_TYPES
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.language.answering import no_sdk, with_schema
from studio_pipeline.providers.language.port import LanguageRequest

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage, UserContent
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.models.anthropic import AnthropicModel, AnthropicModelSettings


def body_of(setup: Setup, request: LanguageRequest) -> dict[str, Any]:
    """The body of a message.

    ``system`` and ``shared`` end in a mark for the vendor's prompt cache. Where Anthropic cannot hold an answer to the
    schema (it has limits for optional and for recursive fields), the model is told the schema in words.

    Raises:
        VendorAway: when pydantic-ai is not installed.
        ProviderFailed: for a request that cannot be built.
    """
    try:
        return _built(setup, request)
    except ImportError as error:
        raise no_sdk(setup) from error


def _built(setup: Setup, request: LanguageRequest) -> dict[str, Any]:
    from pydantic_ai.exceptions import ModelRequestRejectedError, UserError

    model = setup.model(request.model)
    try:
        try:
            return _encoded(setup, request, model, in_words=False)
        except ModelRequestRejectedError:
            return _encoded(setup, request, model, in_words=True)
    except UserError as error:
        raise ProviderFailed(f"{setup.manifest.label} cannot be asked this: {error}", where=request.model) from error


def thinking_tokens(model: Model) -> int:
    """The room that thinking gets beside the longest answer, in tokens."""
    return int(model.options.get("thinking_tokens", 0))


def _encoded(setup: Setup, request: LanguageRequest, model: Model, *, in_words: bool) -> dict[str, Any]:
    from pydantic_ai.models.batch import BatchRequest

    asked = BatchRequest(
        custom_id="-",
        messages=_messages(setup, request, with_schema(request) if in_words else request.system),
        model_settings=_manner(request, model),
        model_request_parameters=_form(request, in_words),
    )
    encoding = _encoder(model.api_model).batch_encode(asked)
    try:  # it waits for nothing, so no event loop is needed, and none that runs in this thread is in the way
        encoding.send(None)
    except StopIteration as done:
        return json.loads(done.value.body)
    encoding.close()
    raise ProviderFailed("pydantic-ai wants to fetch something to build a request", where=request.model)


@lru_cache(maxsize=16)
def _encoder(api_model: str) -> AnthropicModel:
    """pydantic-ai's model of that name. It only ever encodes: its client is never used, and knows no key."""
    from anthropic import AsyncAnthropic
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    client = AsyncAnthropic(api_key="none", base_url="http://127.0.0.1:9", max_retries=0)
    return AnthropicModel(api_model, provider=AnthropicProvider(anthropic_client=client))


def _messages(setup: Setup, request: LanguageRequest, system: str) -> list[ModelMessage]:
    from pydantic_ai.messages import BinaryContent, CachePoint, ModelRequest, ModelResponse, TextPart, UserPromptPart

    said: list[UserContent] = [request.shared, CachePoint()] if request.shared else []
    said += [
        BinaryContent(data=data, media_type=kind) for data, kind in (_picture(setup, ref) for ref in request.images)
    ]
    said.append(request.ask)
    if request.objection and not request.answered.strip():  # an empty answer cannot be said again
        said.append(request.objection)
    messages: list[ModelMessage] = [ModelRequest(parts=[UserPromptPart(content=said)], instructions=system)]
    if request.objection and request.answered.strip():
        messages += [
            ModelResponse(parts=[TextPart(content=request.answered)]),
            ModelRequest(parts=[UserPromptPart(content=request.objection)], instructions=system),
        ]
    return messages


def _picture(setup: Setup, ref: MediaRef) -> tuple[bytes, str]:
    path, kind = setup.resolve(ref), PICTURE_TYPES.get(ref.suffix)
    if kind is None:
        raise ProviderFailed(f"{setup.manifest.label} does not look at {ref.suffix} files", where=str(path))
    try:
        return path.read_bytes(), kind
    except OSError as error:
        raise HomeDamaged(
            f"A picture to be looked at cannot be read: {error.strerror}", where=str(path), todo="Make it again."
        ) from error


def _manner(request: LanguageRequest, model: Model) -> AnthropicModelSettings:
    from pydantic_ai.models.anthropic import AnthropicModelSettings

    thinking = model.options.get("thinking", "off")
    manner = AnthropicModelSettings(
        max_tokens=request.most_output_tokens + thinking_tokens(model),
        anthropic_cache_instructions=True,
        thinking=False if thinking == "off" else thinking,
    )
    if request.temperature is not None and model.temperature:
        manner["temperature"] = request.temperature
    return manner


def _form(request: LanguageRequest, in_words: bool) -> ModelRequestParameters:
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.output import OutputObjectDefinition

    if in_words:
        return ModelRequestParameters()
    form = OutputObjectDefinition(json_schema=dict(request.json_schema), name=request.output, strict=True)
    return ModelRequestParameters(output_mode="native", output_object=form)
