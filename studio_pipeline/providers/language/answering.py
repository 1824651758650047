"""What adapters of language models do alike: messages, counting, one call, and an answer that is put away at once.

What lives here: the way from a request to pydantic-ai's messages, the most tokens that a request can have, sending it
once with every ending sorted by the table of ``hosted/api.py``, and the answer as a job of the inbox. What does not: a
vendor's own words, prices and settings (the adapters), and reading what a model said (``reading.py``).
"""

from __future__ import annotations

import asyncio
import importlib.util
import math
import unicodedata
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
from PIL import Image, UnidentifiedImageError

from studio_pipeline.errors import ProviderFailed, StudioError, VendorAway
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.prompting import library
from studio_pipeline.prompting.material import compact_json
from studio_pipeline.providers.hosted.api import Api
from studio_pipeline.providers.hosted.inbox import AnswersAtOnce
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.language.port import LanguageAnswer, LanguageRequest
from studio_pipeline.providers.vendor import Fetched, JobState, NoAnswer

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage

_TOKENS_A_MESSAGE = 64
"""What a chat template puts around a message."""
_TOKENS_A_CALL = 512
"""What a chat template puts before the messages: dates, the rules of its format."""
_PIXELS_A_TOKEN = 14
"""Edge of the smallest patch that a model of today makes one token of (Pixtral has 16, Qwen2-VL 28)."""
_LEAST_OF_A_PICTURE = 6_500
"""Some models scale every picture to the same size: Llama 3.2 Vision makes 4 tiles of 1,601 tokens of it."""

T = TypeVar("T")


class Answers(AnswersAtOnce):
    """The part of a ``Language`` vendor that is the same wherever the answer to the request is the answer."""

    def _put_away(
        self,
        client_tag: str,
        answer: LanguageAnswer,
        price_usd: Decimal,
        *,
        events: Sequence[str] = (),
        message: str = "",
    ) -> str:
        """Keep an answer with what it cost; returns its job id."""
        told = {
            "price_usd": str(price_usd),
            "stop": answer.stop,
            "usage": answer.usage.model_dump(),
            "events": list(events),
            "message": message,
        }
        return self._inbox.keep(client_tag, answer.model_dump_json().encode(), told)

    def poll(self, job_id: str, request: LanguageRequest) -> JobState:
        return self._how_it_ended(job_id)

    def fetch(self, job_id: str, request: LanguageRequest, into: Path) -> Fetched:
        return self._brought(job_id, into)

    def _how_it_ended(self, job_id: str) -> JobState:
        told = self._inbox.told(job_id)
        price_usd = Decimal(told["price_usd"])
        if told["stop"] != "refusal":
            return JobState(state="done", price_usd=price_usd)
        message = told["message"] or "the model did not want to answer"
        return JobState(state="failed", price_usd=price_usd, billed=price_usd > 0, refused=True, message=message)

    def _brought(self, job_id: str, into: Path) -> Fetched:
        told = self._inbox.bring(job_id, into)
        return Fetched(suffix=".json", events=tuple(told["events"]), details={"usage": told["usage"]})


def check_sdk(setup: Setup) -> None:
    """Raises ``VendorAway`` where what a vendor is reached through is not installed."""
    if importlib.util.find_spec("pydantic_ai") is None or importlib.util.find_spec(setup.manifest.sdk) is None:
        raise no_sdk(setup)


def no_sdk(setup: Setup) -> VendorAway:
    return VendorAway(
        f"{setup.manifest.label} is reached through its SDK, and that is not installed",
        where=f"extra `{setup.manifest.extra}`",
        todo=f"Install it: pip install 'studio-pipeline[{setup.manifest.extra}]'.",
    )


def with_schema(request: LanguageRequest) -> str:
    """The system message with the schema in it, for models that are not shown it by their server."""
    return f"{request.system}\n\n{library.part('schema.md')}\n{compact_json(request.json_schema)}"


def messages_of(
    request: LanguageRequest, system: str, picture: Callable[[MediaRef], tuple[bytes, str]]
) -> list[ModelMessage]:
    """The conversation, as pydantic-ai has it.

    Args:
        picture: the bytes and the content type of a picture.
    """
    from pydantic_ai.messages import (
        BinaryContent,
        ModelRequest,
        ModelResponse,
        SystemPromptPart,
        TextPart,
        UserPromptPart,
    )

    words = [text for text in (request.shared, request.ask) if text]
    content: Any = "\n\n".join(words)  # text alone, where that will do: not every chat template takes parts
    if request.images:
        pictures = [BinaryContent(data, media_type=kind) for data, kind in map(picture, request.images)]
        content = [*([request.shared] if request.shared else []), *pictures, request.ask]
    messages: list[ModelMessage] = [
        ModelRequest(parts=[SystemPromptPart(system), UserPromptPart(content)]),
    ]
    if request.objection:
        messages.append(ModelResponse(parts=[TextPart(request.answered or "…")]))
        messages.append(ModelRequest(parts=[UserPromptPart(request.objection)]))
    return messages


def most_tokens(texts: Sequence[str], pictures: Sequence[Path]) -> int:
    """More tokens than these can be, whatever the model: none of today's tokenizers makes two of one byte.

    Some bring the text into a normal form first, which may be longer, and what looks like a control token is taken
    apart with a character in between.
    """
    return (
        _TOKENS_A_CALL
        + sum(_TOKENS_A_MESSAGE + _most_bytes(text) for text in texts)
        + sum(_tokens_of_picture(path) for path in pictures)
    )


def _most_bytes(text: str) -> int:
    forms = (text, *(unicodedata.normalize(form, text) for form in ("NFC", "NFKC")))
    taken_apart = sum(map(text.count, "<[]"))
    return max(len(form.encode("utf-8", "surrogatepass")) for form in forms) + 3 * taken_apart


def _tokens_of_picture(path: Path) -> int:
    try:
        with Image.open(path) as picture:
            width, height = picture.size
    except (OSError, UnidentifiedImageError) as error:
        raise ProviderFailed("A picture for a model cannot be read", where=str(path), todo="Make it again.") from error
    rows = math.ceil(height / _PIXELS_A_TOKEN)
    return max(_LEAST_OF_A_PICTURE, rows * math.ceil(width / _PIXELS_A_TOKEN) + rows)


def waited_for(work: Callable[[], Awaitable[T]]) -> T:
    """Do asynchronous work from a synchronous caller, in an event loop of its own, wherever the caller runs."""

    async def done() -> T:
        return await work()

    if not _in_a_loop():
        return asyncio.run(done())
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, done()).result()


def _in_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


@contextmanager
def endings_told(api: Api, *, creating: bool = True) -> Iterator[None]:
    """What every ending of a call by an SDK means for money: the table of ``hosted/api.py``.

    Args:
        creating: whether the call may be paid for; else it only looks.
    """
    try:
        yield
    except (StudioError, NoAnswer):
        raise
    except Exception as error:
        chain = list(_causes(error))
        response: Any = next(filter(None, (getattr(cause, "response", None) for cause in chain)), None)
        if response is not None:
            headers = _plain_headers(response.headers)
            told = httpx.Response(response.status_code, headers=headers, content=response.content)
            raise api.refused(told, response.content, creating=creating) from error
        raise api.lost(_as_httpx(chain), creating=creating) from error


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


_SDK_ENDINGS: Mapping[str, type[Exception]] = {
    kind.__name__: kind
    for kind in (
        httpx.ConnectError,
        httpx.ConnectTimeout,
        httpx.PoolTimeout,
        httpx.UnsupportedProtocol,
        httpx.InvalidURL,
    )
}
"""What a request that never left raises. SDKs ride on httpx2, whose errors have the same names and another family."""


def _as_httpx(chain: Sequence[BaseException]) -> BaseException:
    for cause in chain:
        if (kind := _SDK_ENDINGS.get(type(cause).__name__)) is not None:
            return kind(str(cause) or type(cause).__name__)
    return next((cause for cause in reversed(chain) if isinstance(cause, Exception)), chain[0])


def _plain_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers of a body that has been decoded already."""
    return {
        name: value for name, value in headers.items() if name.lower() not in ("content-encoding", "content-length")
    }
