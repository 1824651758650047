"""Ties: what a rating near a threshold may mean, and what it costs to read it wrongly. Pure.

What lives here: the noise of a rating beside the thresholds of ``allocation.py``. What does not: how wide the noise is
(``halving.pilot_noise_points``), and who breaks the tie (``stages/reviewing/critic.py``).

The real quality of a pilot lies about its rating, off by a normal error. Whoever reads it as above a threshold regrets
the points by which it really lies below, and the other way round: money spent on what was not worth it weighs like a
film given up that was. So the regret of both readings is expected to differ by just the points from the rating to the
threshold, and is least on the side on which the rating lies (``allocation.share_for``). No coin, and the same every
time; on the threshold itself both cost the same, and the pilot goes on. What a tie changes is that somebody who has
looked at the pictures may decide the other way.
"""

from __future__ import annotations

from studio_pipeline.budget.allocation import FULL_FROM_RATING, HALF_FROM_RATING, share_for
from studio_pipeline.budget.takes_belief import excess

THRESHOLDS = (HALF_FROM_RATING, FULL_FROM_RATING)
"""Ratings from which on a pilot keeps more of its money, rising."""


def tied_with(rating: float, noise_points: float) -> tuple[int, ...]:
    """The thresholds that lie within the noise (one standard deviation) of a rating; none where it is clear."""
    return tuple(threshold for threshold in THRESHOLDS if abs(rating - threshold) < noise_points)


def readings(rating: float, noise_points: float) -> tuple[int, ...]:
    """Per cent that a pilot of this rating may be left with, rising: one where it is clear, more where it is a tie."""
    tied = tied_with(rating, noise_points)
    around = {share_for(rating), *(share_for(threshold) for threshold in tied)}
    return tuple(sorted(around | {_below(threshold) for threshold in tied}))


def regret_points(share_pct: int, rating: float, noise_points: float) -> float:
    """How many points a pilot is expected to lie on the wrong side of the thresholds when it is left with so much."""
    return sum(
        excess(-rating, noise_points, -threshold)
        if share_pct >= share_for(threshold)
        else excess(rating, noise_points, threshold)
        for threshold in THRESHOLDS
    )


def _below(threshold: int) -> int:
    return share_for(threshold - 1e-9)
