"""How many tokens a question has: as Anthropic counts them, which is free, or else a bound that is never too small."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from typing import NamedTuple

from studio_pipeline.errors import HomeError, ProviderFailed
from studio_pipeline.film.frozen import digest_of
from studio_pipeline.prompting.tokens import MOST_IMAGE_TOKENS, estimated_tokens
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.language.answering import most_tokens
from studio_pipeline.providers.language.claude.body import body_of
from studio_pipeline.providers.language.claude.line import Line
from studio_pipeline.providers.language.port import LanguageRequest

_OVERHEAD_TOKENS = 2000
"""What Anthropic adds itself: the frame of the messages, and the words by which an answer is held to a schema."""
_MARGIN_TOKENS = 100
_MARGIN_SHARE = 50
"""A count is an estimate that may be off by “a small amount” (https://docs.anthropic.com/en/api/messages-count-tokens,
2026): one token in so many, and ``_MARGIN_TOKENS``, are reserved on top."""
_MOST_KEPT = 4096

_COUNTED = ("model", "system", "messages", "output_config", "thinking")
"""The parts of a body that the counting endpoint takes."""


class Count(NamedTuple):
    """Tokens of a prompt: as many as it seems to have, and as many as it can have."""

    likely: int
    most: int


class Counting:
    """Counts each question once. May be used from several threads."""

    def __init__(self, setup: Setup, line: Line) -> None:
        self._setup = setup
        self._line = line
        self._known: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, request: LanguageRequest) -> Count:
        """Never raises for trouble with the vendor: what stands in the way is told when it is asked in earnest."""
        key = digest_of(request.model_dump(mode="json"))
        with self._lock:
            counted = self._known.get(key)
        if counted is None:
            counted = self._asked(request)
            if counted is None:
                return Count(_likely(request), _most(request))
            with self._lock:
                self._known[key] = counted
                while len(self._known) > _MOST_KEPT:
                    self._known.popitem(last=False)
        return Count(counted, counted + counted // _MARGIN_SHARE + _MARGIN_TOKENS)

    def _asked(self, request: LanguageRequest) -> int | None:
        """As Anthropic counts them; ``None`` when it cannot be asked now, for any reason."""
        try:
            body = body_of(self._setup, request)
            told = self._line.ask("/v1/messages/count_tokens", {name: body[name] for name in _COUNTED if name in body})
        except (ProviderFailed, HomeError):
            return None
        count = told.get("input_tokens")
        return count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else None


def _words(request: LanguageRequest) -> tuple[str, ...]:
    return request.system, request.shared, request.ask, request.answered, request.objection


def _likely(request: LanguageRequest) -> int:
    schema = json.dumps(dict(request.json_schema), ensure_ascii=False)
    return sum(map(estimated_tokens, (*_words(request), schema))) + MOST_IMAGE_TOKENS * len(request.images)


def _most(request: LanguageRequest) -> int:
    """The schema is told twice, as a form and in words."""
    schema = json.dumps(dict(request.json_schema))
    return (
        most_tokens((*_words(request), schema, schema), ()) + MOST_IMAGE_TOKENS * len(request.images) + _OVERHEAD_TOKENS
    )
