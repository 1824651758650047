"""Driving one production in process: tick both sensors, run what they ask for, until nothing is asked for.

The same sensors, jobs and Dagster storage as under the daemon; only the loop is ours (ADR 0002), so that a command
needs no server, shows live progress, and leaves every run to be seen in the UI later. Killed at any moment, the next
drive on the home goes on: the facts are on disk, and what was paid for is found again.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

import dagster as dg
from dagster._core.errors import DagsterExecutionInterruptedError

from studio_pipeline import errors
from studio_pipeline.errors import BadInput, HomeError, ProviderFailed, StudioError
from studio_pipeline.film.cells import Cell
from studio_pipeline.liveness import Process
from studio_pipeline.orchestration.call_sheet import CallSheet, call_sheet
from studio_pipeline.orchestration.cut_off_runs import PROCESS_TAG, bury_cut_off_runs
from studio_pipeline.orchestration.facts import PRODUCTION_TAG, WORK_TAG, Facts
from studio_pipeline.orchestration.jobs import RETAKE_JOB
from studio_pipeline.orchestration.studio_home import StudioHome

MOST_RUNS_OF_ONE_WORK = 4
"""A drive that asks for the same work more often than this, unchanged, goes in circles and stops."""


@dataclass(frozen=True)
class RunTrouble:
    """One failed run: its error, as it was raised in the run."""

    job: str
    cells: str
    error: StudioError
    detail: str
    """The traceback, for ``--debug``."""

    def throw(self) -> NoReturn:
        raise self.error from RuntimeError(self.detail)


@dataclass
class Split:
    """Where the time of a drive went, in seconds of wall clock."""

    total_s: float = 0.0
    in_steps_s: float = 0.0
    """Inside asset bodies: agents, media, files."""
    sensors_s: float = 0.0

    @property
    def dagster_s(self) -> float:
        """Everything else: runs, events, storage, sensors."""
        return self.total_s - self.in_steps_s


@dataclass
class Driven:
    """How a drive ended."""

    sheet: CallSheet
    facts: Facts
    troubles: list[RunTrouble] = field(default_factory=list)
    runs: int = 0
    split: Split = field(default_factory=Split)


Watcher = Callable[[CallSheet, Facts, dg.RunRequest | None], None]
"""Called when the sheet is new and when a run starts."""


def drive(
    production: str,
    *,
    definitions: dg.Definitions,
    home: StudioHome,
    instance: dg.DagsterInstance,
    sensors: Mapping[str, Callable[..., Any]],
    cursor: str,
    since: float,
    watch: Watcher = lambda sheet, facts, request: None,
) -> Driven:
    """Advance ``production`` until nothing more can be done without a person.

    The caller holds the home's drive lock.

    Args:
        sensors: the sensors to tick, by name.
        cursor: the cursor that limits them to this production.
        since: when the command was given; what failed before is tried afresh.

    Raises:
        StudioError: when a run fails in a way that trying again cannot mend (bad input, a full or damaged home).
        KeyboardInterrupt: when a person interrupts; the same command goes on.
    """
    bury_cut_off_runs(instance, nobody_else=True)
    home.artifacts.sweep(production)
    ended = Driven(sheet=CallSheet(production, "working"), facts=Facts(production))
    jobs: dict[str, Any] = {}
    cursors = dict.fromkeys(sensors, cursor)
    launched = Counter[str]()
    began = time.monotonic()
    while True:
        ended.facts = home.facts(production, instance, since=since)
        ended.sheet = call_sheet(ended.facts)
        watch(ended.sheet, ended.facts, None)
        requests = []
        ticked = time.monotonic()
        for name, sensor in sensors.items():
            result = sensor(dg.build_sensor_context(instance=instance, cursor=cursors[name], resources={"home": home}))
            cursors[name] = result.cursor or cursor
            requests += result.run_requests or []
            for event in result.asset_events or ():
                instance.report_runless_asset_event(event)
        ended.split.sensors_s += time.monotonic() - ticked
        if not requests:
            if ended.sheet.move_money:
                continue  # the critic has just moved the money; what follows from it is on the next sheet
            break
        for request in requests:
            watch(ended.sheet, ended.facts, request)
            launched[request.tags[WORK_TAG]] += 1
            if launched[request.tags[WORK_TAG]] > MOST_RUNS_OF_ONE_WORK:
                raise StudioError(
                    f"{request.job_name} is asked for again and again and changes nothing",
                    where=request.tags[WORK_TAG],
                    todo="This is a fault of the studio; please report it.",
                )
            job = jobs.setdefault(request.job_name or "", definitions.resolve_job_def(request.job_name or ""))
            trouble = _run(job, request, instance, ended)
            if trouble is not None:
                ended.troubles.append(trouble)
                if isinstance(trouble.error, BadInput | HomeError):
                    trouble.throw()
    ended.split.total_s = time.monotonic() - began
    return ended


def launch_retake(
    cell: Cell, note: str, *, definitions: dg.Definitions, instance: dg.DagsterInstance
) -> RunTrouble | None:
    """Shoot one shot again, as the job of that name does from the UI; what went wrong, if anything did."""
    config = {"retake": True, "note": note}
    request = dg.RunRequest(
        job_name=RETAKE_JOB,
        partition_key=cell.key,
        run_config={"ops": {"pilot_clips": {"config": config}}},
        tags={PRODUCTION_TAG: cell.production},
    )
    job = definitions.resolve_job_def(RETAKE_JOB)
    return _run(job, request, instance, Driven(CallSheet(cell.production, "working"), Facts(cell.production)))


def _run(job: Any, request: dg.RunRequest, instance: dg.DagsterInstance, ended: Driven) -> RunTrouble | None:
    ended.runs += 1
    try:
        with _no_interrupt_lost():
            result = job.execute_in_process(
                instance=instance,
                partition_key=request.partition_key,
                run_config=request.run_config,
                tags={**request.tags, PROCESS_TAG: str(Process.current())},
                raise_on_error=False,
            )
    except DagsterExecutionInterruptedError as error:
        raise KeyboardInterrupt from error
    failure: dg.DagsterEvent | None = None
    for event in result.all_events:
        if event.is_step_success:
            ended.split.in_steps_s += event.step_success_data.duration_ms / 1000
        if event.is_step_failure and failure is None:
            failure = event
    if result.success:
        return None
    return _trouble(request, failure)


@contextmanager
def _no_interrupt_lost() -> Iterator[None]:
    """Raise ``KeyboardInterrupt`` at the end when one came while a run was executed and nobody acted on it.

    Dagster acts on a Ctrl-C inside an asset body, and forgets one that comes while it keeps its records. Python notes
    every signal in the wake-up file, whoever handles it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach the main thread only
        return
    heard, noted = os.pipe()
    os.set_blocking(noted, False)
    before = signal.set_wakeup_fd(noted, warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(noted)
        signals = os.read(heard, 4096)
        os.close(heard)
    if signal.SIGINT in signals:
        raise KeyboardInterrupt


def _trouble(request: dg.RunRequest, failure: dg.DagsterEvent | None) -> RunTrouble:
    cells = request.tags.get(WORK_TAG, "").partition(":")[2].rpartition(":")[0]
    job = request.job_name or ""
    if failure is None:
        return RunTrouble(job, cells, ProviderFailed("The run failed before its first step."), "")
    data = failure.step_failure_data
    detail = data.error.to_string() if data.error else ""
    if data.user_failure_data is not None:
        told = {name: getattr(value, "value", None) for name, value in data.user_failure_data.metadata.items()}
        what = told.get("what") or data.user_failure_data.description or "The run failed"
        kind = _kind(told.get("kind")) or ProviderFailed
        error = kind(what, where=told.get("where") or "", todo=told.get("todo") or "")
        return RunTrouble(job, cells, error, detail)
    return RunTrouble(job, cells, _raised_outside(data.error), detail)


def _raised_outside(error: Any) -> StudioError:
    """The error that was raised outside an asset body, as by reading and writing artifacts."""
    said = "The run failed."
    while error is not None:
        said = error.message.strip().splitlines()[-1] if error.message.strip() else said
        if (kind := _kind(error.cls_name)) is not None:
            return kind(said.partition(": ")[2] or said)
        error = error.cause
    return ProviderFailed(said)


def _kind(name: Any) -> type[StudioError] | None:
    found = getattr(errors, name, None) if isinstance(name, str) else None
    return found if isinstance(found, type) and issubclass(found, StudioError) else None
