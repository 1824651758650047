"""How many tokens a prompt in Anthropic's form has, and which of them were there before.

A token is four characters here, or a patch of 28×28 pixels. A prefix that ends in ``cache_control`` is remembered until
the fake vendor is reset; the form of the answer is part of it, as it is at Anthropic
(https://platform.claude.com/docs/en/build-with-claude/prompt-caching, 2026-11).
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from PIL import Image

from studio_pipeline.fake_vendor.wire import Malformed

CHARACTERS_PER_TOKEN = 4
LEAST_CACHED = 512
"""A shorter prefix is not kept."""
_PATCH = 28
_MOST_IMAGE_TOKENS = 4784
_FRAME_TOKENS = 8


@dataclass(frozen=True)
class Usage:
    """Tokens of a call; ``plain`` are those of the prompt that were neither read from the cache nor written to it."""

    plain: int = 0
    out: int = 0
    read: int = 0
    write: int = 0


class _Block(NamedTuple):
    content: bytes
    tokens: int
    mark: bool
    """Whether a prefix to be remembered ends here."""


def tokens_of(text: str) -> int:
    return math.ceil(len(text) / CHARACTERS_PER_TOKEN)


def prompt_tokens(body: dict[str, Any]) -> int:
    """All tokens of a prompt. Raises ``Malformed``."""
    return sum(block.tokens for block in _blocks(body))


def used_of(body: dict[str, Any], out: int, remembered: set[str]) -> tuple[Usage, list[str]]:
    """What of a prompt is read from the cache, what is written to it, and what is neither; and its prefixes to be
    remembered, once it is accepted.

    Args:
        remembered: the prefixes that there are.
    """
    hashed = hashlib.sha256(str(body.get("model")).encode())
    total = read = marked = 0
    marks = []
    for block in _blocks(body):
        hashed.update(block.content)
        total += block.tokens
        if block.mark and total >= LEAST_CACHED:
            marks.append(f"prefix {hashed.hexdigest()}")
            marked = total
            read = total if marks[-1] in remembered else read
    return Usage(plain=total - marked, out=out, read=read, write=marked - read), marks


def spoken(body: dict[str, Any]) -> str:
    """All words of a prompt."""
    parts = (part for said in _said(body) for part in said if part.get("type") == "text")
    return "\n".join(str(part.get("text", "")) for part in parts)


def _blocks(body: dict[str, Any]) -> Iterator[_Block]:
    form = json.dumps((body.get("output_config") or {}).get("format") or "")
    yield _Block(form.encode(), _FRAME_TOKENS + tokens_of(form), False)
    for said in _said(body):
        for part in said:
            mark = bool(part.get("cache_control"))
            if part.get("type") == "image":
                picture = _picture(part)
                yield _Block(hashlib.sha256(picture).digest(), _of_picture(picture), mark)
            else:
                text = str(part.get("text", ""))
                if not text.strip():
                    raise Malformed("messages: text content blocks must be non-empty")
                yield _Block(text.encode("utf-8", "replace"), tokens_of(text), mark)


def _said(body: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """The parts of ``system`` and of each message."""
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages or not all(isinstance(message, dict) for message in messages):
        raise Malformed("messages: at least one message is required")
    for content in (body.get("system") or [], *(message.get("content") for message in messages)):
        parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
        if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
            raise Malformed("content: a text or a list of blocks is needed")
        yield parts


def _picture(part: dict[str, Any]) -> bytes:
    try:
        return base64.b64decode((part.get("source") or {}).get("data", ""), validate=True)
    except (ValueError, TypeError) as error:
        raise Malformed("image.source.data: no base64") from error


def _of_picture(picture: bytes) -> int:
    try:
        with Image.open(io.BytesIO(picture)) as opened:
            width, height = opened.size
    except OSError as error:
        raise Malformed("image: Could not process image") from error
    return min(math.ceil(width / _PATCH) * math.ceil(height / _PATCH), _MOST_IMAGE_TOKENS)
