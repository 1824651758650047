"""What of a long story a model is shown: within a budget of tokens, in the story's order, from its whole length.

A film that is told from the first chapter alone is no film of the story, so the beginning, the end and even steps
between them are kept. Counting is an estimate on the safe side (``prompting/tokens.py``).
"""

from __future__ import annotations

from collections.abc import Sequence

from studio_pipeline.prompting.tokens import estimated_tokens

_RUN = 3
"""Passages that are kept together: one sentence alone has no voice."""


def spread(texts: Sequence[str], most_tokens: int, *, run: int = 1) -> tuple[int, ...]:
    """Which of ``texts`` to show, by index: all of them where they fit, else runs of ``run`` at even steps.

    The first and the last run are always among them. A single text that is longer than the budget is left out.
    """
    costs = [estimated_tokens(text) for text in texts]
    if sum(costs) <= most_tokens:
        return tuple(range(len(texts)))
    runs = [range(start, min(start + run, len(texts))) for start in range(0, len(texts), run)]
    kept: set[int] = set()
    left = most_tokens
    for at in _inwards(len(runs)):
        cost = sum(costs[index] for index in runs[at])
        if cost <= left:
            kept.update(runs[at])
            left -= cost
    return tuple(sorted(kept))


def passages_shown(passages: Sequence[str], most_tokens: int) -> tuple[str, ...]:
    """The passages to show, with ``…`` where some are left out."""
    shown: list[str] = []
    before = -1
    for index in spread(passages, most_tokens, run=_RUN):
        if index != before + 1:
            shown.append("…")
        shown.append(passages[index])
        before = index
    return (*shown, "…") if shown and before != len(passages) - 1 else tuple(shown)


def _inwards(count: int) -> list[int]:
    """Every index below ``count``: the ends first, then the middles of the gaps, so that any beginning is even."""
    if count <= 2:
        return list(range(count))
    order, gaps = [0, count - 1], [(0, count - 1)]
    while gaps:
        halves: list[tuple[int, int]] = []
        for first, last in gaps:
            if last - first > 1:
                middle = (first + last) // 2
                order.append(middle)
                halves += [(first, middle), (middle, last)]
        gaps = halves
    return order
