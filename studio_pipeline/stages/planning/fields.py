"""Checks of single values a person wrote, and the collector that reports everything wrong in one message.

Each check returns the value or records a problem and returns ``None``. Which fields there are is not known here.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from studio_pipeline.errors import BadInput
from studio_pipeline.stages.planning.yaml_file import kind_of
from studio_pipeline.wording import clipped, did_you_mean

_MONEY = re.compile(r"\d{1,9}(?:\.\d{1,6})?")
_KEPT_FORMAT_CHARS = "\u200c\u200d"
"""Zero-width (non-)joiners: Hindi, Persian and emoji are spelled with them."""


@dataclass
class Problems:
    """What is wrong with one file, line by line."""

    what: str
    where: str
    found: list[tuple[str, str]] = field(default_factory=list)

    def add(self, problem: str, todo: str) -> None:
        self.found.append((problem, todo))

    def raise_if_any(self) -> None:
        """Raises ``BadInput``: one problem as one sentence, several as a list."""
        if not self.found:
            return
        if len(self.found) == 1:
            problem, todo = self.found[0]
            raise BadInput(problem, where=self.where, todo=todo)
        lines = "".join(f"\n  - {problem}. {todo}" for problem, todo in self.found)
        raise BadInput(f"The {self.what} has {len(self.found)} problems", where=self.where, todo=lines.lstrip(" "))


def check_keys(data: Mapping[str, Any], known: Iterable[str], problems: Problems) -> None:
    names = tuple(known)
    for key in data:
        if key not in names:
            problems.add(
                f"`{clipped(key, 40)}` is no key of a {problems.what}",
                did_you_mean(key, names) or f"The keys are: {', '.join(names)}.",
            )


def clean_line(text: str) -> str:
    """``text`` as one line: composed, without control, direction-override and unpaired surrogate characters."""
    kept = "".join(
        " " if char in "\n\r\t\v\f\u2028\u2029\x85" else char for char in text if _printable(char) or char.isspace()
    )
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", kept)).strip()


def clean_text(text: str) -> str:
    """``text`` with its line breaks, otherwise cleaned like ``clean_line``."""
    return "\n".join(clean_line(line) for line in re.split(r"\r\n|\r|\n", text)).strip()


def _printable(char: str) -> bool:
    return char in _KEPT_FORMAT_CHARS or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")


def line_of_text(
    data: Mapping[str, Any], name: str, problems: Problems, *, most: int, required: bool = False
) -> str | None:
    """A text of one line. A bare number or date is taken as the text it was typed as (a film may be called 1984)."""
    value = data.get(name)
    if value is None or value == "":
        if required:
            problems.add(f"`{name}` is missing", f"Add a line `{name}: …`.")
        return None
    if isinstance(value, bool | list | tuple | dict):
        problems.add(f"`{name}` is {kind_of(value)}, not text", "Write it in quotes.")
        return None
    cleaned = clean_line(str(value))
    if not cleaned:
        problems.add(f"`{name}` holds no visible character", "Write at least one letter, digit or sign.")
        return None
    if len(cleaned) > most:
        problems.add(f"`{name}` has {len(cleaned):,} characters", f"Use at most {most:,}.")
        return None
    return cleaned


def money(data: Mapping[str, Any], name: str, problems: Problems, *, most: Decimal, required: bool) -> Decimal | None:
    """US dollars, as a number or a plain number in quotes."""
    value = data.get(name)
    say = f"Write it as a plain number of US dollars, e.g. `{name}: 150`."
    if value is None:
        if required:
            problems.add(f"`{name}` is missing", say)
        return None
    amount: Decimal | None = None
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        try:
            amount = Decimal(str(value))
        except InvalidOperation:
            amount = None
        if amount is None or not amount.is_finite():
            problems.add(f"`{name}` is {str(value)[:20]}, not an amount", say)
            return None
    elif isinstance(value, str) and _MONEY.fullmatch(value.strip()):
        amount = Decimal(value.strip())
    if amount is None:
        problems.add(f"`{name}` is {kind_of(value)}", f"{say} No currency sign, no thousands separator.")
        return None
    if amount <= 0:
        problems.add(f"`{name}` is {amount}", "Give more than 0.")
    elif amount > most:
        problems.add(f"`{name}` is {amount:,}", f"Give at most {most:,}.")
    elif amount != amount.quantize(Decimal("0.000001")):
        problems.add(f"`{name}` is {amount}, finer than a millionth of a dollar", say)
    else:
        return amount
    return None


def number(
    data: Mapping[str, Any],
    name: str,
    problems: Problems,
    *,
    least: float,
    most: float,
    unit: str,
    required: bool = False,
) -> float | None:
    value = data.get(name)
    say = f"Write a number of {unit} from {least:g} to {most:g}, e.g. `{name}: 60`."
    if value is None:
        if required:
            problems.add(f"`{name}` is missing", say)
        return None
    if isinstance(value, str) and re.fullmatch(r"\d{1,9}(?:\.\d{1,6})?", value.strip()):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        problems.add(f"`{name}` is {kind_of(value)}, not a number of {unit}", say)
        return None
    if not math.isfinite(value) or not least <= value <= most:
        problems.add(f"`{name}` is {str(value)[:24]}", say)
        return None
    return float(value)


def whole(data: Mapping[str, Any], name: str, problems: Problems, *, least: int, most: int) -> int | None:
    value = data.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        problems.add(f"`{name}` is {kind_of(value)}", f"Write a whole number from {least} to {most}.")
        return None
    return value


def one_of(data: Mapping[str, Any], name: str, problems: Problems, known: Iterable[str]) -> str | None:
    value = data.get(name)
    if value is None:
        return None
    names = tuple(known)
    if isinstance(value, str) and value.strip().lower() in names:
        return value.strip().lower()
    hint = did_you_mean(value, names) if isinstance(value, str) else ""
    problems.add(f"`{name}` is {kind_of(value)}", f"{hint} It can be: {', '.join(names)}.".lstrip())
    return None
