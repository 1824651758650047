"""Amounts, times, paths and names as a person reads them. Standard library only."""

from __future__ import annotations

import difflib
import os
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

_CENT = Decimal("0.01")


def usd(amount: Decimal | None, *, places: int = 2) -> str:
    """``$1,234.50``; a dash for what is not known."""
    return "–" if amount is None else f"${amount:,.{places}f}"


def places_for(amounts: Iterable[Decimal | None]) -> int:
    """Decimals that a column of amounts needs: two, or four as soon as one of them is less than a cent."""
    return 4 if any(amount is not None and 0 < amount < _CENT for amount in amounts) else 2


def money(amount: Decimal | None) -> str | None:
    """An amount in JSON: an exact decimal string of at least two places, or null when it is not known."""
    if amount is None:
        return None
    exact = amount.normalize()
    exponent = exact.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else 2
    return f"{exact:.{max(2, places)}f}"


def seconds(duration_s: float) -> str:
    """``9 s``, ``1 min 42 s``, ``2 h 3 min``."""
    whole = round(duration_s)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def length(duration_s: float) -> str:
    """The length of a film: ``60.0 s`` or ``12:30.5``."""
    if duration_s < 100:
        return f"{duration_s:.1f} s"
    return f"{int(duration_s // 60)}:{duration_s % 60:04.1f}"


def count(number: int, one: str, many: str = "") -> str:
    """``1 shot``, ``14 shots``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def shown(path: Path) -> str:
    """A path as short as it can be typed from here."""
    path = path.absolute()
    here = Path.cwd()
    return os.path.relpath(path, here) if path.is_relative_to(here) else str(path)


def plain(text: str) -> str:
    """``text`` without control characters, which could move the cursor or forge a line of a terminal."""
    return "".join(
        " " if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") or char in _TURNS else char for char in text
    )


_TURNS = frozenset("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u202c\u2069")
"""Characters that turn the direction of everything after them."""


def nearest(wrong: str, names: Iterable[str]) -> str:
    """`` Did you mean …?`` when something is near enough, else nothing."""
    near = difflib.get_close_matches(wrong[:200], list(names), n=3, cutoff=0.6)
    return f" Did you mean {' or '.join(near)}?" if near else ""
