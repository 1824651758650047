"""Which pieces of the narration make a caption, and where its two lines part.

The cheapest way through the whole text, so that a good break early never forces a bad one later. Costs are in points;
only their order matters. When a cue is shown is decided in ``cues.py``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from studio_pipeline.media.captions.line_breaks import CLAUSE, break_cost
from studio_pipeline.media.captions.phrases import Atom, break_after
from studio_pipeline.media.captions.reading import Reading

SHORTEST_MS, LONGEST_MS = 1000, 7000
_DANGLES = 3.0
"""What it costs to show the first words of a sentence with the sentence before."""
_BETWEEN, _WITHIN = 1.4, 0.6
"""How much a break between cues counts, and one between the lines of a cue."""


@dataclass(frozen=True)
class Piece:
    """An atom and when it is spoken, in milliseconds of the film."""

    atom: Atom
    start_ms: int
    end_ms: int
    width: int
    """Columns, with the space before it."""


def phrased(pieces: Sequence[Piece], reading: Reading) -> list[list[Piece]]:
    """``pieces`` in cues that fit two lines each, broken where a reader would draw breath."""
    count = len(pieces)
    text = _Text(pieces, reading)
    inside = [0.0, *accumulate((_inside_cost(*pair) for pair in pairwise(pieces)), initial=0.0)]
    best = [0.0] + [math.inf] * count
    came_from = [0] * (count + 1)
    for start in range(count):
        upper_end = text.line_end(start)
        for end in range(start + 1, text.line_end(upper_end) + 1):
            cost = best[start] + _BETWEEN * text.end_cost(start, end) + inside[end] - inside[start + 1]
            cost += _shown_cost(pieces, start, end, text.width(start, end), reading)
            if end > upper_end:
                cost += _WITHIN * min(text.split_cost(start, k, end) for k in text.splits(start, end))
            if cost < best[end]:
                best[end], came_from[end] = cost, start
    phrases, end = [], count
    while end:
        phrases.append(list(pieces[came_from[end] : end]))
        end = came_from[end]
    return phrases[::-1]


def lines(pieces: Sequence[Piece], reading: Reading) -> tuple[Sequence[Piece], ...]:
    """All on one line if it fits, else two: broken at a phrase, about even, the lower one rather longer."""
    text = _Text(pieces, reading)
    if text.line_end(0) == len(pieces):
        return (pieces,)
    k = min(text.splits(0, len(pieces)), key=lambda k: text.split_cost(0, k, len(pieces)))
    return pieces[:k], pieces[k:]


class _Text:
    """Pieces with what it takes to judge many ways of breaking them; places count pieces from 0."""

    def __init__(self, pieces: Sequence[Piece], reading: Reading) -> None:
        self.atoms = [piece.atom for piece in pieces]
        pauses = [after.start_ms - before.end_ms for before, after in pairwise(pieces)]
        self._ends = [break_cost(self.atoms, k, reading.language, pause) for k, pause in enumerate(pauses)] + [0.0]
        self._widths = [0, *accumulate(piece.width for piece in pieces)]
        self._sentences = _sentence_starts(self.atoms)
        self._columns = reading.columns

    def width(self, start: int, end: int) -> int:
        """Columns of a line, without a space before it."""
        return self._widths[end] - self._widths[start] - (self.atoms[start].spaced if start < end else 0)

    def line_end(self, start: int) -> int:
        """The first piece that no longer fits a line beginning with ``start``."""
        end = start
        while end < len(self.atoms) and self.width(start, end + 1) <= self._columns:
            end += 1
        return end

    def splits(self, start: int, end: int) -> list[int]:
        """Where the lower line of a cue may begin; never nowhere for a cue that fits two lines."""
        return [k for k in range(start + 1, self.line_end(start) + 1) if self.width(k, end) <= self._columns]

    def end_cost(self, start: int, end: int) -> float:
        """What it costs to end a line or cue before ``end`` that began with ``start``."""
        cost = self._ends[end - 1]
        dangles = start < self._sentences[end - 1] and cost >= CLAUSE
        return cost + (_DANGLES if dangles else 0.0)

    def split_cost(self, start: int, k: int, end: int) -> float:
        upper, lower = self.width(start, k), self.width(k, end)
        return self.end_cost(start, k) + 0.15 * abs(upper - lower) + (0.5 if upper > lower else 0.0)


def _sentence_starts(atoms: Sequence[Atom]) -> list[int]:
    """For each atom, the first of its sentence."""
    starts, start = [], 0
    for k, atom in enumerate(atoms):
        starts.append(start)
        if break_after(atom.text) == "sentence":
            start = k + 1
    return starts


def _shown_cost(pieces: Sequence[Piece], start: int, end: int, width: int, reading: Reading) -> float:
    """What it costs that a cue is shown for so long: too short or too long, too fast, or for next to nothing."""
    lingers_ms = pieces[end - 1].end_ms + 1000
    follows_ms = pieces[end].start_ms if end < len(pieces) else lingers_ms
    shown_ms = max(1, min(follows_ms, lingers_ms) - pieces[start].start_ms)
    cost = 2.0 + 0.4 * max(0.0, width * 1000 / shown_ms - reading.columns_per_s)
    cost += 4.0 * max(0.0, 1 - shown_ms / SHORTEST_MS) + 12.0 * max(0.0, shown_ms / LONGEST_MS - 1)
    return cost + (1.5 if width < reading.columns * 0.4 else 0.0)


def _inside_cost(before: Piece, after: Piece) -> float:
    """What it costs not to break here: words shown long before they are spoken, two sentences in one cue."""
    pause_cost = 1.5 * max(0, after.start_ms - before.end_ms - 500) / 500
    return pause_cost + (0.6 if break_after(before.atom.text) == "sentence" else 0.0)
