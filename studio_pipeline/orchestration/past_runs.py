"""Runs that are over, or should be: what failed last and in which words, and what was left behind.

Looks only. Marking cut-off runs as failed is in ``cut_off_runs.py``.
"""

from __future__ import annotations

import dagster as dg

from studio_pipeline.orchestration.facts import PRODUCTION_TAG, WORK_TAG

_MOST_RUNS = 100


def last_failures(production: str, instance: dg.DagsterInstance) -> dict[str, str]:
    """The words of the last failure at each place of ``production``; the production itself is the place ``""``."""
    found: dict[str, str] = {}
    failed = dg.RunsFilter(tags={PRODUCTION_TAG: production}, statuses=[dg.DagsterRunStatus.FAILURE])
    for run in instance.get_runs(failed, limit=_MOST_RUNS):  # the newest first
        _, first, last, *_ = [*run.tags.get(WORK_TAG, "").split(":"), "", "", ""]
        new = [place for place in (first, last) if place not in found]
        if new and (words := _words(run.run_id, instance)):
            found |= dict.fromkeys(new, words)
    return found


def _words(run_id: str, instance: dg.DagsterInstance) -> str:
    for record in instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
        data = record.get_dagster_event().step_failure_data
        if data.user_failure_data is not None and data.user_failure_data.description:
            return data.user_failure_data.description
        if data.error is not None:
            return (data.error.cause or data.error).message.strip().splitlines()[-1]
    return ""


def unfinished_runs(instance: dg.DagsterInstance) -> int:
    """How many runs say that they are queued or busy."""
    busy = [
        dg.DagsterRunStatus.NOT_STARTED,
        dg.DagsterRunStatus.QUEUED,
        dg.DagsterRunStatus.STARTING,
        dg.DagsterRunStatus.STARTED,
        dg.DagsterRunStatus.CANCELING,
    ]
    return instance.get_runs_count(dg.RunsFilter(statuses=busy))
