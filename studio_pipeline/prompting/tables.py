"""Tables for models: TOON where it is in use and takes fewer tokens, compact JSON else.

What lives here: writing rows as input of a model, and reading TOON. What a model's answer has to be is in
``providers/language/reading.py``.
TOON (Token-Oriented Object Notation) names the columns once; the package ``toon-format`` (extra ``minds``) writes it.
What it wrote is read back and compared before it is used, so a table never says something else than its rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from studio_pipeline.errors import BadInput
from studio_pipeline.prompting.material import Rows, compact_json, harmless, json_value
from studio_pipeline.prompting.tokens import estimated_tokens
from studio_pipeline.settings import settings

MOST_ROWS = 20_000


def as_table(rows: Any) -> Rows:
    """``rows`` (a list of dicts or models) as a table, harmless. Raises ``BadInput`` when they are none."""
    if isinstance(rows, str | bytes) or not isinstance(rows, Sequence):
        raise BadInput(
            f"A table is made of a list of rows, not of {type(rows).__name__}", todo="Use | data or | json for it."
        )
    if len(rows) > MOST_ROWS:
        raise BadInput(f"A table has {len(rows):,} rows; at most {MOST_ROWS:,} are shown to a model")
    plain = json_value(rows)
    return Rows(harmless(shorter(plain, use_toon=settings().use_toon)))


def shorter(value: Any, *, use_toon: bool) -> str:
    """``value`` (of JSON's values) as TOON where it may be used and is estimated to have fewer tokens, else as JSON.

    Only rows that are alike make a table in TOON. What it writes as an indented list has fewer characters than JSON and
    more tokens (``benchmarks/tokens.py``), so that is JSON, too.
    """
    as_json = compact_json(value)
    in_toon = toon(value) if use_toon else None
    if in_toon is None or not in_toon.partition("\n")[0].endswith("}:"):
        return as_json
    return in_toon if estimated_tokens(in_toon) < estimated_tokens(as_json) else as_json


def toon(value: Any) -> str | None:
    """``value`` as TOON, between commas or tabs, whichever needs fewer quotes; ``None`` where the package is not
    installed, or where it would not read back the same."""
    try:
        import toon_format
    except ModuleNotFoundError:
        return None
    written = []
    for delimiter in (",", "\t"):
        try:
            text = toon_format.dumps(value, delimiter=delimiter, indent_size=1)
            if compact_json(toon_format.loads(text, indent_size=1)) == compact_json(value):
                written.append(text)
        except (ValueError, RecursionError):  # its decoder's error is a ValueError
            continue
    return min(written, key=estimated_tokens, default=None)


def from_toon(text: str) -> Any:
    """The value of a text that is strictly TOON; ``None`` when it is not, or when the package is not installed."""
    try:
        import toon_format
    except ModuleNotFoundError:
        return None
    try:
        return toon_format.loads(text, strict=True)
    except (ValueError, RecursionError):
        return None
