"""How a production turned out, gathered from where things are kept, and written down for the experiments.

What lives here: reading artifacts, ledger and runs of one production, and which productions are due. What does not:
which metrics there are (``experiments/metrics.py``), keeping them (``experiments/records.py``), the table that a person
reads (``cli/experiments.py``).
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import dagster as dg
from sqlalchemy.exc import SQLAlchemyError

from studio_pipeline.budget.report import cost_report
from studio_pipeline.editorial.cut import Cut
from studio_pipeline.errors import StudioError
from studio_pipeline.experiments.metrics import QUALITY, Outcome
from studio_pipeline.film.cells import Cell
from studio_pipeline.orchestration.artifacts import Header, ref_of
from studio_pipeline.orchestration.call_sheet import call_sheet
from studio_pipeline.orchestration.facts import PRODUCTION_TAG, WORK_TAG, carried_out
from studio_pipeline.orchestration.studio_home import StudioHome

NOT_RECORDED = "Not recorded for the experiments"
"""How the words begin when something went wrong."""
OVER = ("delivered", "partial", "failed")
"""States of a production that has turned out somehow."""
_IN_VAIN = (dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)


@dataclass(frozen=True)
class CaughtUp:
    """What ``catch_up`` did: productions it wrote down, and those it could not, with the reason."""

    recorded: tuple[str, ...]
    troubles: dict[str, str]


def record_film(home: StudioHome, instance: dg.DagsterInstance, production: str, cut: Cut) -> str:
    """Write down how a production turned out whose film of ``cut`` has just been finished.

    Never raises for what is wrong with the records: the film is there, and ``studio experiments`` tries again.

    Returns:
        What was done, in words; empty for a production that no language model worked on.
    """
    try:
        functions = home.records.record(_outcome(home, instance, production, cut))
    except (StudioError, SQLAlchemyError, dg.DagsterError) as error:
        return f"{NOT_RECORDED}: {error} `studio experiments` tries again."
    return f"recorded for {functions} function{'s' * (functions != 1)}" if functions else ""


def catch_up(home: StudioHome, instance: dg.DagsterInstance) -> CaughtUp:
    """Write down every production that has ended and of which no film is recorded: above all those that failed.

    Looks only at productions that a language model worked on; the others count under no variant.
    """
    worked_on = {one.production for one in home.records.assignments() if one.draws == 1}
    with_film = {one.production for one in home.records.observations() if one.metric == QUALITY.name}
    recorded: list[str] = []
    troubles: dict[str, str] = {}
    for production in sorted(worked_on - with_film):
        try:
            if _catch_up(home, instance, production):
                recorded.append(production)
        except StudioError as error:
            troubles[production] = str(error)
    return CaughtUp(tuple(recorded), troubles)


def _catch_up(home: StudioHome, instance: dg.DagsterInstance, production: str) -> bool:
    """Whether the production has ended and was written down."""
    if home.orders.brief(production) is None:
        return False
    state = call_sheet(home.facts(production, instance)).state
    if state not in OVER:
        return False
    film = home.artifacts.read("final_cut", Cell(production=production)) if state != "failed" else None
    edls = home.artifacts.read("edls", Cell(production=production)) if film is not None else None
    cut = edls.content.cut(film.content.cut) if film is not None and edls is not None else None
    return home.records.record(_outcome(home, instance, production, cut)) > 0


def _outcome(home: StudioHome, instance: dg.DagsterInstance, production: str, cut: Cut | None) -> Outcome:
    """How a production stands.

    Args:
        cut: the cut of its film; ``None`` when none was made.
    """
    spent = cost_report(home.ledger, production)
    return Outcome(
        production=production,
        quality=_quality(cut) if cut is not None else None,
        cost_usd=spent.settled_usd,
        simulated=spent.simulated_usd > 0,
        seconds=_seconds(instance, production) if cut is not None else None,
        completion=_completion(home, production),
    )


def _quality(cut: Cut) -> float | None:
    """Mean rating of a film's shots by their frames; ``None`` when nobody rated any of them.

    Not the editor's prediction: an editor who praises itself would win every comparison of editors.
    """
    rated = [(clip.rating, clip.frames) for clip in cut.timeline.clips if clip.rating is not None]
    frames = sum(length for _, length in rated)
    return sum(rating * length for rating, length in rated) / frames if frames else None


def _completion(home: StudioHome, production: str) -> float:
    """Circled takes that are there, of all planned shots of the pilots that were to be finished: 0 to 1.

    A scene of the script that was never planned counts as one missing shot; a production without a script is at 0.
    """
    headers = home.artifacts.headers(production)
    strategies = home.artifacts.read("pilot_strategies", Cell(production=production))
    tiers = [pilot.tier for pilot in strategies.content.pilots] if strategies is not None else []
    shares = carried_out(home.ledger, production)
    if shares is not None:
        tiers = [tier for tier in tiers if shares.get(tier, 0) > 0]
    there = planned = 0
    for tier in tiers:
        script = home.artifacts.read("scenes", Cell(production=production, tier=tier))
        for scene in script.content.scenes if script is not None else ():
            place = f"{tier}.s{scene.number:02d}"
            plan = headers.get(ref_of("shot_plans", place))
            shots = [ref_of("pilot_clips", f"{place}.{part}") for part in plan.parts] if plan is not None else []
            planned += len(shots) or 1
            there += sum(_is_there(headers.get(shot)) for shot in shots)
    return there / planned if planned else 0.0


def _is_there(header: Header | None) -> bool:
    return header is not None and header.absent is None


def _seconds(instance: dg.DagsterInstance, production: str) -> float | None:
    """Wall clock from the production's first run to its first film, less the wait for a person's choice.

    The wait is the time before the finishing run in which nothing else of the production ran. What is done to a film
    after its delivery, a retake for one, does not count. ``None`` when its runs are not known any more.
    """
    filters = dg.RunsFilter(tags={PRODUCTION_TAG: production})
    records = instance.get_run_records(filters, order_by="create_timestamp", ascending=True)
    finishing = next(
        (
            record
            for record in records
            if record.dagster_run.tags.get(WORK_TAG, "").startswith("finish:")
            and record.dagster_run.status not in _IN_VAIN
        ),
        None,
    )
    if finishing is None:
        return None
    began = finishing.create_timestamp.timestamp()
    before = [record for record in records if record.create_timestamp.timestamp() < began]
    if not before:
        return None
    done = max(min(record.end_time or began, began) for record in before)
    ended = finishing.end_time or time.time()  # the finishing run itself records the film, before it ends
    return max(0.0, ended - before[0].create_timestamp.timestamp() - (began - done))
