"""From a decision about a pilot to its verdict, in the same words whoever has decided.

What lives here: what a tie reads like, and what an earlier decision that moved money still holds. What does not: the
figures (``case.py``) and the decision itself (``critic.py``, ``critic_mind.py``).
"""

from __future__ import annotations

from collections.abc import Sequence

from studio_pipeline.budget.tie import regret_points, tied_with
from studio_pipeline.film.ratings import Verdict
from studio_pipeline.stages.reviewing.case import Case


def decided(
    case: Case,
    share_pct: int,
    standing: Verdict | None,
    *,
    tie_broken: str = "",
    gap: str = "",
    reasons: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> Verdict:
    """The verdict that leaves the pilot with ``share_pct`` of its money.

    Args:
        standing: an earlier verdict that moved money: its decision stands.
        tie_broken: what broke the tie, where there was one, as a sentence.
        gap, reasons, notes: a critic's own, beside what the figures say.
    """
    all_notes = (*dict.fromkeys([*notes, *case.notes]),)
    figures = list(case.reasons)
    if standing is not None:
        all_notes = (_standing_note(standing, case.rating, share_pct), *all_notes)
        share_pct = standing.share_pct
    elif len(case.readings) > 1:
        figures.insert(1, f"{told_tie(case)} {tie_broken}".rstrip())
    return Verdict(
        tier=case.pilot.tier,
        rating=case.rating,
        decision="continue" if share_pct > 0 else "cancel",
        share_pct=share_pct,
        gap=f"{case.gap} {gap}".rstrip(),
        reasons=(*figures, *reasons),
        notes=all_notes,
    )


def told_tie(case: Case) -> str:
    """The readings of a rating that is within the noise of a threshold."""
    tied = tied_with(case.rating, case.noise_points)
    sides = [fate(share) for share in case.readings]
    near = f"{case.rating:.1f} ± {case.noise_points:.1f} is too near {' and '.join(map(str, tied))} to tell"
    return f"{near}: really below, the pilot {sides[0]}; really above, it {' or '.join(sides[1:])}."


def told_regret(case: Case, share_pct: int) -> str:
    """Which reading costs least to be wrong about."""
    regrets = {share: regret_points(share, case.rating, case.noise_points) for share in case.readings}
    others = ", ".join(f"{points:.1f}" for share, points in regrets.items() if share != share_pct)
    return f"It {fate(share_pct)}, which leaves the least to regret: {regrets[share_pct]:.1f} points against {others}."


def fate(share_pct: int) -> str:
    return "is cancelled" if share_pct == 0 else f"keeps {share_pct} %"


def _standing_note(standing: Verdict, rating: float, share_pct: int) -> str:
    said = f"{standing.decision} with {standing.share_pct} %"
    if share_pct == standing.share_pct:
        return f"The earlier decision ({said}) stands, its money has moved; today's rating would decide the same."
    return (
        f"The earlier decision ({said}, rated {standing.rating:.1f}) stands, because its money has moved; "
        f"by today's rating of {rating:.1f} the pilot would keep {share_pct} %."
    )
