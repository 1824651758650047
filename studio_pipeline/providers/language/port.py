"""The language port: a prompt goes in, a text that must fit a JSON schema comes out, billed by the token.

A language model is a vendor like any other (``providers/vendor.py``), so its calls go the one path to a vendor: the
price is reserved before the call, the answer is a file in the media store, the same question is answered from there
for nothing, and a crash between the two buys nothing twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from pydantic import Field

from studio_pipeline.errors import HomeDamaged
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.providers.vendor import Vendor

Stop: TypeAlias = Literal["end", "length", "refusal"]
"""Why a model stopped: it had said all, it came to the output limit, it did not want to."""


class LanguageRequest(Frozen):
    """One question. The messages are: ``system``; a user's with ``shared``, ``images`` and ``ask``; and for a repair
    the model's own ``answered`` and a user's ``objection``."""

    model: str
    system: str
    shared: str = ""
    """The same for many questions: adapters mark it for the vendor's prompt cache, where there is one."""
    ask: str
    images: tuple[MediaRef, ...] = ()
    """PNG or JPEG, in the order in which the prompt speaks of them."""
    output: str
    """Name of the JSON schema."""
    json_schema: Mapping[str, Any]
    most_output_tokens: int = Field(gt=0)
    temperature: float | None = None
    """Left out where the model does not take one."""
    priority: Literal["normal", "low"] = "normal"
    """``low``: nobody waits for it; a vendor with a batch API may take a day, for half the price."""
    answered: str = ""
    objection: str = ""


class Usage(Frozen):
    """What the vendor counted. ``input_tokens`` are those that were neither read from nor written to its cache."""

    input_tokens: int = Field(ge=0)
    output_tokens: int = Field(ge=0)
    cache_read_tokens: int = Field(default=0, ge=0)
    cache_write_tokens: int = Field(default=0, ge=0)


class LanguageAnswer(Frozen):
    """The file that an adapter delivers, as JSON. ``text`` is what the model said, untouched."""

    text: str
    stop: Stop
    usage: Usage

    @classmethod
    def read(cls, path: Path) -> LanguageAnswer:
        """The answer in a file of the media store. Raises ``HomeDamaged`` when it is none."""
        try:
            return cls.model_validate(json.loads(path.read_bytes()))
        except ValueError as error:
            raise HomeDamaged(
                "A stored answer of a language model cannot be read",
                where=str(path),
                todo="Delete it: it is fetched again or asked for again.",
            ) from error


class Language(Vendor[LanguageRequest], Protocol):
    """Answers questions. ``fetch`` writes a ``LanguageAnswer`` as JSON with the suffix ``.json`` and gives its
    ``usage`` as details; ``poll`` tells the price by what was used, also of an answer that nobody can use. A refusal is
    a job that failed and was refused, billed for what it used.

    ``quote`` prices the tokens of the request, counted, and the most that may come back: never less than the call can
    cost.
    """
