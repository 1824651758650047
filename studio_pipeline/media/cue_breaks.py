"""Which pieces of the narration make a caption, and where its two lines part.

The cheapest way through the whole text, so that a good break early never forces a bad one later. Costs are in points;
only their order matters. When a cue is shown is decided in ``captions.py``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from studio_pipeline.media.phrases import MAX_COLUMNS, Atom, break_after, joined

COLUMNS_PER_S = 17
"""How fast people read: characters a second, half as many full-width ones."""
SHORTEST_MS, LONGEST_MS = 1000, 7000


@dataclass(frozen=True)
class Piece:
    """An atom and when it is spoken, in milliseconds of the film."""

    atom: Atom
    start_ms: int
    end_ms: int
    width: int
    """Columns, with the space before it."""


def phrased(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """``pieces`` in cues that fit two lines each, broken where a reader would draw breath."""
    count = len(pieces)
    widths = [0, *accumulate(piece.width for piece in pieces)]
    inside = [0.0, *accumulate((_inside_cost(*pair) for pair in pairwise(pieces)), initial=0.0)]
    best = [0.0] + [math.inf] * count
    came_from = [0] * (count + 1)
    for start in range(count):
        for end in range(start + 1, _line_end(pieces, _line_end(pieces, start)) + 1):
            cost = best[start] + _cue_cost(pieces, start, end, widths[end] - widths[start])
            cost += inside[end] - inside[start + 1]
            if cost < best[end]:
                best[end], came_from[end] = cost, start
    phrases, end = [], count
    while end:
        phrases.append(list(pieces[came_from[end] : end]))
        end = came_from[end]
    return phrases[::-1]


def lines(pieces: Sequence[Piece]) -> tuple[str, ...]:
    """One line if it fits, else two: broken at a phrase, about even, the lower one rather longer."""
    if _line_end(pieces, 0) == len(pieces):
        return (joined([piece.atom for piece in pieces]),)
    options = [k for k in range(1, _line_end(pieces, 0) + 1) if _line_end(pieces, k) == len(pieces)]

    def cost(k: int) -> float:
        upper, lower = sum(piece.width for piece in pieces[:k]), sum(piece.width for piece in pieces[k:])
        return 4 * _break_cost(pieces[k - 1].atom.text, 0) + abs(upper - lower) + (2 if upper > lower else 0)

    k = min(options, key=cost)
    return joined([piece.atom for piece in pieces[:k]]), joined([piece.atom for piece in pieces[k:]])


def _line_end(pieces: Sequence[Piece], start: int) -> int:
    """The first piece that no longer fits a line beginning with ``start``."""
    width, end = 0, start
    while end < len(pieces):
        width += pieces[end].width - (pieces[end].atom.spaced if end == start else 0)
        if width > MAX_COLUMNS:
            break
        end += 1
    return end


def _cue_cost(pieces: Sequence[Piece], start: int, end: int, width: int) -> float:
    lingers_ms = pieces[end - 1].end_ms + 1000
    follows_ms = pieces[end].start_ms if end < len(pieces) else lingers_ms
    shown_ms = max(1, min(follows_ms, lingers_ms) - pieces[start].start_ms)
    cost = 2.0
    if end < len(pieces):
        cost += _break_cost(pieces[end - 1].atom.text, follows_ms - pieces[end - 1].end_ms)
    cost += 0.4 * max(0.0, width * 1000 / shown_ms - COLUMNS_PER_S)
    cost += 4.0 * max(0.0, 1 - shown_ms / SHORTEST_MS) + 6.0 * max(0.0, shown_ms / LONGEST_MS - 1)
    return cost + (1.5 if width < 12 else 0.0)


def _inside_cost(before: Piece, after: Piece) -> float:
    """What it costs not to break here: words shown long before they are spoken, two sentences in one cue."""
    pause_cost = 1.5 * max(0, after.start_ms - before.end_ms - 500) / 500
    return pause_cost + (0.6 if break_after(before.atom.text) == "sentence" else 0.0)


def _break_cost(text: str, pause_ms: int) -> float:
    kind = break_after(text)
    if kind == "sentence":
        return 0.0
    if kind == "clause" or pause_ms > 350:
        return 1.0
    return 5.0 if len(text) <= 3 else 3.5  # not after “the”, “of”, “a” when it can be helped
