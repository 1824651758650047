"""Amounts in JSON, times, numbers of things and paths as the commands show them. Standard library only."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path


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
