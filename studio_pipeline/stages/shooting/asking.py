"""Asking until somebody delivers: the next number after a failed job, the next vendor after one that is away.

Every step that was not planned is an event. What it costs in all is held by the envelopes, not here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from studio_pipeline.errors import JobFailed, PromptRefused, VendorAway

MOST_TAKES = 3
"""How often a vendor is asked for one picture, clip or sound before somebody has to look."""

T = TypeVar("T")


def ask(
    models: Sequence[str],
    buy: Callable[[str, int], T],
    number: int,
    events: list[str],
    *,
    ordered: bool = False,
    soften: Callable[[], bool] = lambda: False,
) -> tuple[T, int]:
    """Ask, from take ``number`` on, until somebody delivers; returns what came and the number it came under.

    Args:
        models: who may be asked, the preferred one first; at least one.
        events: told here what did not go as planned.
        ordered: whether a person orders a new take, who does not pay with it for those that failed in earlier orders.
        soften: puts the wish more softly for the next try; ``False`` when that cannot be done (any more).

    Raises:
        VendorAway: when no vendor can be asked now.
        JobFailed, PromptRefused: when it was asked for often enough.
    """
    asked, candidates = 0, list(models)
    while True:
        try:
            return buy(candidates[0], number), number
        except VendorAway as away:
            if len(candidates) == 1:
                raise
            events.append(f"{away.what}: {candidates[1]} is asked instead of {candidates[0]}.")
            candidates.pop(0)
            continue
        except PromptRefused as refused:
            if not soften():
                raise
            events.append(f"Take {number}: {refused.what.rstrip('.')}: the prompt is put more softly.")
        except JobFailed as failed:
            asked += 0 if failed.before and ordered else 1
            if asked >= MOST_TAKES:
                raise
            events.append(f"Take {number}: {failed.what}.")
        number += 1
