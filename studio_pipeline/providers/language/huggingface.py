"""A language model of this machine, in this process: Hugging Face's `transformers`, held to a schema by llguidance.

What lives here: the question as a conversation, what it may cost, and the answer as a job. What does not: loading a
model and making tokens (``local_model.py``, which is imported when the first question is asked).

Nobody charges for it, so its prices are simulated, and an answer that was lost with its process is made again. It is
made from the purchase and the question alone: the same purchase has the same answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from studio_pipeline.budget.token_prices import Tokens
from studio_pipeline.prompting.tokens import estimated_tokens
from studio_pipeline.providers.capabilities import Kind
from studio_pipeline.providers.hosted.inbox import Inbox
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.language.answering import Answers, most_tokens, no_sdk, with_schema
from studio_pipeline.providers.language.port import LanguageAnswer, LanguageRequest, Usage
from studio_pipeline.providers.vendor import Quote

if TYPE_CHECKING:
    from studio_pipeline.providers.language.local_model import LocalModel, Turn

MODEL = "HUGGINGFACE_MODEL"


def build(kind: Kind, setup: Setup) -> HuggingFace:
    return HuggingFace(setup)


class HuggingFace(Answers):
    """``Language``, one question at a time."""

    def __init__(self, setup: Setup) -> None:
        self.name = setup.name
        self._setup = setup
        self._inbox = Inbox(setup.inbox)

    def normalised(self, request: LanguageRequest) -> Mapping[str, Any]:
        return {
            "model": self._setup.key(MODEL),
            "turns": [list(turn) for turn in _turns(request)],
            "json_schema": dict(request.json_schema),
            "most_output_tokens": request.most_output_tokens,
            "temperature": request.temperature or 0,
        }

    def quote(self, request: LanguageRequest) -> Quote:
        texts = [text for _, text in _turns(request)]
        return self._setup.prices.quote_tokens(
            self.name,
            request.model,
            sum(map(estimated_tokens, texts)),
            request.most_output_tokens,
            most_prompt_tokens=most_tokens(texts, ()),
        )

    def submit(self, request: LanguageRequest, *, client_tag: str) -> str:
        """Makes the answer, which takes its time. What was made before the process died is not made again."""
        if (kept := self.kept(client_tag)) is not None:
            return kept
        said = self._model().say(
            _turns(request),
            request.json_schema,
            most_tokens=request.most_output_tokens,
            temperature=request.temperature or 0.0,
            seed=int.from_bytes(hashlib.sha256(client_tag.encode()).digest()[:6], "big"),
        )
        usage = Usage(input_tokens=said.prompt_tokens, output_tokens=said.tokens)
        price_usd = self._setup.prices.tokens_usd(self.name, request.model, Tokens(**usage.model_dump()))
        answer = LanguageAnswer(text=said.text, stop="end" if said.whole else "length", usage=usage)
        return self._put_away(client_tag, answer, price_usd)

    def validate_credentials(self) -> str:
        held = self._model().context_tokens
        return f"{self._setup.key(MODEL)} is loaded" + (f" and holds {held:,} tokens" if held else "")

    def _model(self) -> LocalModel:
        name = self._setup.key(MODEL)
        try:
            from studio_pipeline.providers.language.local_model import loaded
        except ImportError as error:
            raise no_sdk(self._setup) from error
        return loaded(name)


def _turns(request: LanguageRequest) -> tuple[Turn, ...]:
    asked = "\n\n".join(text for text in (request.shared, request.ask) if text)
    opening: tuple[Turn, ...] = (("system", with_schema(request)), ("user", asked))
    if not request.objection:
        return opening
    return (*opening, ("assistant", request.answered or "…"), ("user", request.objection))
