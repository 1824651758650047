"""How names, amounts of money and foreign text read in a message, everywhere. Standard library only.

What a message says is decided where it is raised; how a table or a film's length reads is in ``cli/words.py``.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal

_CENT = Decimal("0.01")
_LONGEST_COMPARED = 200
_TURNS = frozenset("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u202c\u2069")
"""Characters that turn the direction of everything after them."""


def plain(text: str) -> str:
    """``text`` without control characters, which could move the cursor or forge a line of a terminal."""
    return "".join(
        " " if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") or char in _TURNS else char for char in text
    )


def clipped(text: str, most: int = 60) -> str:
    """``text`` in plain characters, on one line, shortened for a message."""
    line = plain(text[: most + 1])
    return line if len(line) <= most else f"{line[: most - 1]}…"


def nearest(wrong: str, known: Iterable[str], *, most: int = 1) -> list[str]:
    """The known names that ``wrong`` was probably meant to be, the likeliest first; empty when none is near."""
    by_plain_name = {_compared(name): name for name in sorted(known)}
    asked = _compared(wrong[:_LONGEST_COMPARED])
    close = difflib.get_close_matches(asked, by_plain_name, n=most, cutoff=0.55)
    if not close and len(asked) >= 3:
        close = [name for name in by_plain_name if asked in name or name in asked][:most]
    return [by_plain_name[name] for name in close]


def _compared(name: str) -> str:
    return name.lower().replace("-", "_").replace(" ", "_")


def did_you_mean(wrong: str, known: Iterable[str], *, most: int = 1) -> str:
    """``Did you mean …?`` when something is near enough, else nothing."""
    near = nearest(wrong, known, most=most)
    return f"Did you mean {' or '.join(near)}?" if near else ""


def usd(amount: Decimal | None, *, places: int = 2) -> str:
    """``$1,234.50``, to as many places as its column has; a dash for what is not known."""
    return "–" if amount is None else f"${amount:,.{places}f}"


def places_for(amounts: Iterable[Decimal | None]) -> int:
    """Decimals that a column of amounts needs: two, or four as soon as one of them is less than a cent."""
    return 4 if any(amount is not None and 0 < amount < _CENT for amount in amounts) else 2


def dollars(amount: Decimal) -> str:
    """``$1,234.50`` in a sentence of its own: two places, or as many as a small amount needs to be seen."""
    if amount == 0 or amount >= Decimal("0.1"):
        return usd(amount)
    return f"${amount.quantize(Decimal('0.0001'), rounding=ROUND_CEILING).normalize():f}"
