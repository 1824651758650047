"""Which way each character of a line reads: the Unicode bidirectional algorithm (UAX #9) as far as plain text needs it.

Marks that embed or isolate are not handled: ``typography.writable`` takes them out. Fonts and pixels are elsewhere.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import groupby, pairwise

_NUMBERS = {"EN", "AN"}


def reads_right_to_left(text: str) -> bool:
    """By the first letter with a direction (rules P2 and P3)."""
    strong = (unicodedata.bidirectional(char) for char in text)
    return next((kind in ("R", "AL") for kind in strong if kind in ("L", "R", "AL")), False)


def levels(line: str, right_to_left: bool) -> list[int]:
    """The embedding level of each character; an odd one reads from the right. The line belongs to a paragraph that
    reads ``right_to_left`` or not."""
    outside = "R" if right_to_left else "L"
    kinds = _numbers(_marks(line, outside), outside)
    own = [kind if kind in ("L", "R") else "R" if kind in _NUMBERS else "" for kind in kinds]
    at = 0
    for own_kind, group in groupby(own):
        end = at + sum(1 for _ in group)
        if not own_kind:  # N1 and N2: what stands between two of one direction takes it, else the paragraph's
            before, after = own[at - 1] if at else outside, own[end] if end < len(own) else outside
            kinds[at:end] = [before if before == after else outside] * (end - at)
        at = end
    if right_to_left:  # I1 and I2
        return [1 if kind == "R" else 2 for kind in kinds]
    return [{"L": 0, "R": 1}.get(kind, 2) for kind in kinds]


def as_seen(runs_levels: Sequence[int]) -> list[int]:
    """The order in which runs of these levels stand from left to right, as places in the given order (rule L2)."""
    order = list(range(len(runs_levels)))
    for level in range(max(runs_levels, default=0), 0, -1):
        turned: list[int] = []
        for high, group in groupby(order, key=lambda place: runs_levels[place] >= level):
            places = list(group)
            turned.extend(reversed(places) if high else places)
        order = turned
    return order


def _marks(line: str, outside: str) -> list[str]:
    """W1: marks and joiners are of the kind of the letter they belong to."""
    kinds: list[str] = []
    for char in line:
        kind = unicodedata.bidirectional(char)
        kinds.append((kinds[-1] if kinds else outside) if kind in ("NSM", "BN") else kind)
    return kinds


def _numbers(kinds: list[str], outside: str) -> list[str]:
    """W2 to W7: digits after Arabic letters, and the signs that belong to numbers."""
    strong = outside
    for at, kind in enumerate(kinds):
        if kind in ("L", "R", "AL"):
            strong = kind
        elif kind == "EN" and strong == "AL":
            kinds[at] = "AN"
    kinds = ["R" if kind == "AL" else kind for kind in kinds]
    for at in range(1, len(kinds) - 1):  # 1,000 and 1-2
        before, kind, after = kinds[at - 1 : at + 2]
        if before == after and ((kind == "CS" and before in _NUMBERS) or (kind == "ES" and before == "EN")):
            kinds[at] = before
    for step in (1, -1):  # 50 % and € 50
        places = range(len(kinds))[::step]
        for last, at in pairwise(places):
            if kinds[at] == "ET" and kinds[last] == "EN":
                kinds[at] = "EN"
    strong = outside
    for at, kind in enumerate(kinds):
        if kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[at] = "L"
    return kinds
