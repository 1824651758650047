"""The example film from brief to delivery, in a fresh home: how long, on what, with how much memory."""

from __future__ import annotations

import resource
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.memory import peak_memory
from benchmarks.report import Report
from benchmarks.workshop import BRIEF, Workshop

if TYPE_CHECKING:
    import dagster as dg

    from studio_pipeline.cli.session import Session

HOME = "demo"
"""Folder of the studio home it leaves in the workshop."""
MOST_WALL_S = 150
MOST_RATIO = 2.0
MOST_DAGSTER_PCT = 15


@dataclass
class Stage:
    """All runs of one job."""

    runs: int = 0
    cells: int = 0
    wall_s: float = 0.0
    in_steps_s: float = 0.0


def run(workshop: Workshop) -> Report:
    report = Report(
        "The example film",
        "`studio produce examples/lighthouse.yaml --choose recommended` in a fresh home, in one process, from before "
        "the first import to the delivered film.",
    )
    began, cpu_before = time.monotonic(), _cpu_s()
    workshop.enter(HOME)
    from studio_pipeline.cli.driving import advance
    from studio_pipeline.cli.orders import hand_in_brief
    from studio_pipeline.cli.result import result_of
    from studio_pipeline.cli.session import open_studio

    with peak_memory() as memory, open_studio(driving="the benchmark", make=True) as session:
        production, _ = hand_in_brief(session, str(BRIEF), choose="recommended")
        driven = advance(session, production, quiet=True)
        result = result_of(session, production, facts=driven.facts)
        wall_s, cpu_s = time.monotonic() - began, _cpu_s() - cpu_before
        stages = _stages(session)
    workshop.finished = session.settings.home
    if result.final is None:
        raise SystemExit(f"The example film was not delivered: {result.state}.")

    film_s = result.final.duration_s
    finished = [pilot.tier for pilot in result.pilots if pilot.stage == "finished"]
    ratio = wall_s / (film_s * len(finished))
    split = driven.split
    dagster_pct = 100 * split.dagster_s / wall_s
    report.aim("The whole, on two cores", limit=f"{MOST_WALL_S} s", found=f"{wall_s:.0f} s", met=wall_s <= MOST_WALL_S)
    report.aim(
        "Wall time by film seconds of pilots finished",
        limit=f"{MOST_RATIO:.1f}",
        found=f"{ratio:.2f}",
        met=ratio <= MOST_RATIO,
    )
    report.aim(
        "Dagster's share (runs, storage, sensors)",
        limit=f"{MOST_DAGSTER_PCT} %",
        found=f"{dagster_pct:.1f} %",
        met=dagster_pct <= MOST_DAGSTER_PCT,
    )

    where = report.table("Where the time went", "seconds", "share")
    for what, seconds in (
        ("agents and media, inside steps", split.in_steps_s),
        ("Dagster: runs, events, storage", split.dagster_s - split.sensors_s),
        ("Dagster: sensors", split.sensors_s),
        ("imports, the home, the brief", wall_s - split.total_s),
        ("all", wall_s),
    ):
        where.add(what, f"{seconds:.1f}", f"{100 * seconds / wall_s:.1f} %")

    by_job = report.table("Job", "runs", "partitions", "seconds", "in steps", "a partition")
    for job, stage in stages.items():
        each = f"{stage.wall_s / stage.cells:.2f} s" if stage.cells else "–"
        by_job.add(job, str(stage.runs), str(stage.cells), f"{stage.wall_s:.1f}", f"{stage.in_steps_s:.1f}", each)

    others = report.table("Besides", "found")
    others.add("film", f"{film_s:.1f} s")
    others.add("pilots finished", f"{len(finished)} of {len(result.pilots)}")
    others.add("runs", str(driven.runs))
    others.add("processor time", f"{cpu_s:.0f} s")
    others.add("processors busy on average", f"{cpu_s / wall_s:.2f}")
    others.add("peak memory, with ffmpeg", f"{memory.most_bytes / 1e6:.0f} MB")
    return report


def _stages(session: Session) -> dict[str, Stage]:
    """What the runs of the home took, by job, in the order of their first run."""
    stages: defaultdict[str, Stage] = defaultdict(Stage)
    for record in reversed(session.instance.get_run_records()):
        stage = stages[record.dagster_run.job_name]
        stage.runs += 1
        stage.wall_s += (record.end_time or 0) - (record.start_time or 0)
        for event in _events(record.dagster_run.run_id, session.instance):
            if event.is_step_success:
                stage.in_steps_s += event.step_success_data.duration_ms / 1000
            else:
                stage.cells += 1
    return dict(stages)


def _events(run_id: str, instance: dg.DagsterInstance) -> list[dg.DagsterEvent]:
    import dagster as dg

    wanted = {dg.DagsterEventType.STEP_SUCCESS, dg.DagsterEventType.ASSET_MATERIALIZATION}
    return [entry.get_dagster_event() for entry in instance.all_logs(run_id, of_type=wanted)]


def _cpu_s() -> float:
    """Processor time of this process and of all its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)
