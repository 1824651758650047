"""Runs whose process died before they ended: nobody would ever finish them, and everybody would wait for them.

Dagster's own monitoring cannot see such a death on one machine. So each run is signed by the process it runs in, and
whoever drives the home, a command or the daemon, marks the runs of dead processes as failed before it looks at the
facts. Called only with the home's lock in hand.
"""

from __future__ import annotations

import time

import dagster as dg

from studio_pipeline.liveness import Process

PROCESS_TAG = "studio/process"
"""Names the process that a run runs in."""
SILENT_S = 120
"""A run counts as cut off after this long when nobody can be asked whether its process lives: because it was never
signed, which takes seconds after its start, or because it was signed on another machine, as in a container that has
been replaced. The lock is ours, so nobody drives the home from there any more."""

_BUSY = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
_WAITING = [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.QUEUED]


def sign(context: dg.AssetExecutionContext) -> None:
    """Write this process onto the run, unless that was done when it was launched."""
    if PROCESS_TAG not in context.run.tags:
        context.instance.add_run_tags(context.run_id, {PROCESS_TAG: str(Process.current())})


def bury_cut_off_runs(instance: dg.DagsterInstance, *, nobody_else: bool) -> None:
    """Mark runs that lost their process as failed.

    Args:
        nobody_else: there is no daemon, so runs that wait for one, and those nobody can be asked about, are cut off.
    """
    statuses = _BUSY + _WAITING if nobody_else else _BUSY
    for record in instance.get_run_records(dg.RunsFilter(statuses=statuses)):
        signed = record.dagster_run.tags.get(PROCESS_TAG)
        since = record.start_time or record.create_timestamp.timestamp()
        alive = Process.parse(signed).alive() if signed is not None else None
        if alive is False or (alive is None and (nobody_else or time.time() - since > SILENT_S)):
            instance.report_run_failed(record.dagster_run, "The process of this run ended before it did.")
