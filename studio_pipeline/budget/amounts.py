"""Amounts of money: what is one, and how it is kept.

What lives here: dollars to whole micro-dollars and back, and refusing what is no amount. What does not: prices
(``rate_cards.py``) and the tables (``schema.py``).

The database keeps whole micro-dollars (integers): SQLite has no decimal type and would add up text or REAL columns as
floats, while integers are summed exactly in SQLite and in Postgres alike.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import Any

from studio_pipeline.errors import BadInput

MICRO = Decimal("0.000001")
"""The smallest amount of money: a millionth of a dollar."""
MOST_USD = Decimal(1_000_000_000)
"""The most that one amount may be: beyond any budget, and thousands of them still fit into one sum of the database."""

_CENT = Decimal("0.01")


def micro(usd: Decimal) -> int:
    """An amount in whole micro-dollars.

    Raises:
        BadInput: for what is no amount: negative, not finite, beyond ``MOST_USD``, finer than a micro-dollar, a float.
    """
    if not isinstance(usd, Decimal) or not usd.is_finite() or usd < 0:
        raise _refused(usd, "Give dollars, zero or more.")
    if usd > MOST_USD:
        raise _refused(usd, f"Give at most ${MOST_USD:,}.")
    whole = int(usd * 1_000_000)
    if Decimal(whole).scaleb(-6) != usd:
        raise _refused(usd, "Round it to a millionth of a dollar.")
    return whole


def dollars(amount_micro: int) -> Decimal:
    """Micro-dollars as dollars, with cents and no more digits than it needs: 0.05, 50.00, 0.00003."""
    exact = Decimal(int(amount_micro)).scaleb(-6).normalize()
    return exact.quantize(_CENT) if exact == exact.quantize(_CENT) else exact


def rounded_up(usd: Decimal) -> Decimal:
    """A price as exact as the ledger keeps it: never a fraction less than it is.

    Raises:
        BadInput: for what is no amount of money.
    """
    if not usd.is_finite() or not 0 <= usd <= MOST_USD:
        raise _refused(usd, f"Give dollars, zero to {MOST_USD:,}.")
    return usd.quantize(MICRO, ROUND_CEILING)


def _refused(usd: Any, todo: str) -> BadInput:
    return BadInput(f"{str(usd)[:60]} is no amount of money", where="ledger", todo=todo)
