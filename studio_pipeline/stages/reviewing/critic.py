"""The critic: judges a pilot by its rated test scenes – continue or cancel, how much of its money, and why.

Pure: brief, script and ratings in, a verdict out. Measuring is the inspector's work (``inspector.py``), what the
measures say of the pilot is in ``case.py``; which rating keeps how much money is ``budget/allocation.py``'s rule, and
nothing is moved here. A verdict looks at one pilot alone: that the best goes on when all would be cancelled is decided
where all are seen together (``final_shares`` there).

A rating has noise. Outside of it the figures decide, whoever looks. Where a threshold lies within it, the figures have
no answer: a mind that has read what the inspector saw decides (``critic_mind.py``), and without one the side with the
least expected regret (``budget/tie.py``), which is the one the rating lies on.
"""

from __future__ import annotations

from collections.abc import Sequence

from studio_pipeline.budget.allocation import share_for
from studio_pipeline.errors import BadInput
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.pilot import Pilot
from studio_pipeline.film.ratings import SceneRating, Verdict
from studio_pipeline.film.script import Script
from studio_pipeline.orchestration.minds import Mind, thought
from studio_pipeline.stages.reviewing.case import Case, case_of
from studio_pipeline.stages.reviewing.critic_mind import by_mind
from studio_pipeline.stages.reviewing.deciding import decided, told_regret


def judge(
    brief: Brief,
    pilot: Pilot,
    script: Script,
    ratings: Sequence[SceneRating],
    *,
    standing: Verdict | None = None,
    noise_points: float | None = None,
    bar: float | None = None,
    mind: Mind | None = None,
) -> Verdict:
    """Judge ``pilot`` by the ratings of its test scenes.

    Args:
        standing: an earlier verdict that already moved money. Its decision and share stand; rating, gap and reasons
            are those of today, and the notes say so.
        noise_points: standard deviation of the pilot's rating; by default what so many rated shots leave of it
            (``halving.pilot_noise_points``).
        bar: the rating that the brief hopes for; by default that of its quality mode (``ratings.QUALITY_BAR``).

    Raises:
        BadInput: when no test scene is rated; nothing can be judged then.
        AnswerUnusable, ProviderFailed: when a mind was to judge and no model answered usably.
    """
    if not ratings:
        raise BadInput(
            f"No test scene of the pilot {pilot.tier} is rated",
            where=brief.production,
            todo="Let the inspector rate its test scenes first.",
        )
    case = case_of(brief, pilot, script, ratings, noise_points, bar)
    return thought(
        mind,
        lambda m: by_mind(m, case, standing),
        lambda: _by_rules(case, standing),
        lambda verdict, why: verdict.model_copy(update={"events": (*verdict.events, why)}),
    )


def _by_rules(case: Case, standing: Verdict | None) -> Verdict:
    share_pct = share_for(case.rating)
    return decided(case, share_pct, standing, tie_broken=told_regret(case, share_pct))
