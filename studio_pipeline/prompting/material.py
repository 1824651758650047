"""How text that nobody vouches for stands in a prompt: as material between tags, which it cannot open or close.

What lives here: making a value harmless, and wrapping it. A story, a brief, what a person typed and what a model said
are all hostile: they may hold ``</story>`` and then orders, and they may hold ``{{ 7*7 }}``, which stays just that (a
value is never a template). What does not live here: tables (``tables.py``) and templates (``templates.py``).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import Enum
from typing import Any

from pydantic import BaseModel

from studio_pipeline.errors import BadInput

TAG = re.compile(r"[a-z][a-z0-9_]{0,30}")
"""What a tag is called."""

_INVISIBLE = (
    "\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
)
_OPENS = re.compile(f"[<\uff1c\ufe64](?=[{_INVISIBLE}]*[A-Za-z/\uff0f\uff21-\uff3a\uff41-\uff5a!?])")
"""A bracket before a name or a slash, also in full width or with invisible characters between."""
_HIDES = re.compile(
    "[\U000e0000-\U000e007f]|(?<=[\ufe00-\ufe0f\U000e0100-\U000e01ef])[\ufe00-\ufe0f\U000e0100-\U000e01ef]+"
)
"""Characters that nobody sees and that can spell out words to a model: tags, and variation selectors in a row (a single
one chooses the form of a sign)."""
_KEPT = frozenset("\n\t")
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_DEEPEST = 40


class Material(str):
    """Harmless text that came of values; between tags already, or still without."""

    __slots__ = ()


class Tagged(Material):
    """Material between its tags: goes into a prompt as it is."""

    __slots__ = ()


class Rows(Material):
    """A table that has no tag of its own yet."""

    __slots__ = ()


def harmless(text: str) -> str:
    """``text`` with nothing in it that could open or close a tag, and without control characters and hidden words.

    Only the bracket of what looks like a tag changes (``</story>`` reads ``‹/story>``), and line ends become ``\\n``.
    """
    one_way = text.replace("\r\n", "\n").replace("\r", "\n")
    shown = "".join(char for char in one_way if char in _KEPT or not _unseen(char))
    return _OPENS.sub("‹", _HIDES.sub("", shown))


def _unseen(char: str) -> bool:
    return char in _TURNS or unicodedata.category(char) in ("Cc", "Cs")


def as_data(value: Any, tag: str) -> Tagged:
    """``value`` between the lines ``<tag>`` and ``</tag>``: text as it is, anything else as JSON.

    Raises:
        BadInput: for a tag that is no name, and for a value that is ``None``.
    """
    if TAG.fullmatch(tag) is None:
        raise BadInput(f"“{tag[:40]}” is no name of a tag", todo="Use small letters, digits and _.")
    text = value if isinstance(value, Material) else harmless(_text_of(value))
    return Tagged(f"<{tag}>\n{text.strip(chr(10))}\n</{tag}>")


def _text_of(value: Any) -> str:
    if value is None:
        raise BadInput("A value is unknown (None)", todo="Ask with {% if … %} whether there is one.")
    return value if isinstance(value, str) else compact_json(value)


def compact_json(value: Any) -> str:
    """JSON without spaces, letters of all scripts as they are. Raises ``BadInput`` for what JSON cannot say."""
    return json.dumps(json_value(value), ensure_ascii=False, separators=(",", ":"))


def as_json(value: Any) -> Material:
    """Harmless compact JSON."""
    return Material(harmless(compact_json(value)))


def json_value(value: Any, depth: int = 0) -> Any:
    """``value`` in the values of JSON. Decimals are numbers; strings are harmless already.

    Raises:
        BadInput: for a value of another kind, a number that is none, or nesting deeper than 40 levels.
    """
    if depth > _DEEPEST:
        raise BadInput("A value is nested too deeply for a prompt")
    match value:
        case str():
            return harmless(value.value if isinstance(value, Enum) else value)
        case None | bool() | int():
            return value
        case float() | Decimal():
            if value != value or abs(value) == float("inf"):
                raise BadInput(f"A value is {value}, which is no number", todo="Give None for what is not known.")
            return int(value) if value == int(value) else float(value)
        case BaseModel():
            return json_value(value.model_dump(), depth + 1)
        case Mapping():
            return {harmless(str(key)): json_value(item, depth + 1) for key, item in value.items()}
        case Sequence() | set() | frozenset():
            items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
            return [json_value(item, depth + 1) for item in items]
        case _:
            raise BadInput(f"A value is of the kind {type(value).__name__}, which a prompt cannot show")
