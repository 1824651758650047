"""Killed at any moment, interrupted, or out of disk: the same command goes on, pays nothing twice, ends alike."""

from __future__ import annotations

import os
import random
import resource
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable

import dagster as dg
import pytest

from studio_pipeline.orchestration.home import dagster_instance
from studio_pipeline.orchestration.past_runs import unfinished_runs
from studio_pipeline_tests.backlot.studio import (
    BRIEF,
    COMMAND_LIMIT_S,
    PRODUCTION,
    SKETCH,
    Studio,
    kill_group,
    restore_interrupt,
)

pytestmark = pytest.mark.slow

KILLS = 6
SEED = 20261121
PRODUCE = ("produce", "kite.yaml", "--choose", "recommended", "--json")


def progress(studio: Studio) -> int:
    """How far a production is: lines of the ledger in each state they passed, artifacts, media, unfinished films."""
    home = studio.home_dir
    steps = len(list((home / "artifacts").rglob("*.json"))) + len(list((home / "media").glob("[0-9a-f]*/*")))
    steps += len(list((home / "films").glob(".*.unfinished~*/*")))
    try:
        with sqlite3.connect(f"file:{home / 'ledger.sqlite3'}?mode=ro", uri=True, timeout=0.1) as ledger:
            rank = "CASE state WHEN 'reserved' THEN 1 WHEN 'submitting' THEN 2 WHEN 'submitted' THEN 3 ELSE 4 END"
            steps += ledger.execute(f"SELECT COALESCE(SUM({rank}), 0) FROM entries").fetchone()[0]
    except sqlite3.Error:
        pass  # not there yet, or busy: the next look counts it
    return steps


def kill_when(studio: Studio, process: subprocess.Popen[str], enough: Callable[[], bool]) -> bool:
    """Kill the command and all it started once ``enough``; ``False`` when it ended before."""
    deadline = time.monotonic() + COMMAND_LIMIT_S
    while process.poll() is None:
        assert time.monotonic() < deadline, "the command neither ends nor gets on"
        if enough():
            kill_group(process)
            return True
        time.sleep(0.005)
    return False


def purchases_once(studio: Studio, production: str = PRODUCTION) -> list[str]:
    paid = studio.purchases(production)
    assert len(paid) == len(set(paid)), "an identity was paid for twice"
    return paid


def nothing_left_over(studio: Studio) -> None:
    home = studio.home_dir
    left = [path for folder in ("films", "artifacts", "orders") for path in (home / folder).rglob(".*")]
    left += list((home / "media" / "work").iterdir()) if (home / "media" / "work").exists() else []
    assert not left, left
    assert not studio.ledger.open_entries()
    with dagster_instance(studio.settings) as instance:
        assert unfinished_runs(instance) == 0


def test_killed_again_and_again_it_ends_with_the_same_film_and_pays_once(tiny: Studio, empty: Studio) -> None:
    empty.write_brief(BRIEF)
    whole = progress(tiny)
    assert whole > 100, "too few steps to tell moments apart"
    moments = random.Random(SEED)
    thresholds = sorted(moments.randrange(1, whole) for _ in range(KILLS - 2))
    # The first commit of all, the spread of the middle, and the film half put together.
    wanted: list[Callable[[], bool]] = [lambda: (empty.home_dir / "orders").exists()]
    wanted += [lambda at=at: progress(empty) >= at for at in thresholds]
    wanted += [lambda: any((empty.home_dir / "films").glob(".*.unfinished~*/picture.mp4"))]
    killed = []
    for enough in wanted:
        if not enough():  # progress that is there already would kill it before it has begun again
            process = empty.start(*PRODUCE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            killed.append(kill_when(empty, process, enough))
    assert sum(killed) >= KILLS - 2, f"only {sum(killed)} of {KILLS} kills met a living process"

    ran = empty.run(*PRODUCE)
    assert ran.code == 0, ran.stderr
    assert ran.told["state"] == "delivered"
    assert purchases_once(empty) == tiny.purchases()
    assert empty.ledger.totals(PRODUCTION).settled_usd == tiny.ledger.totals(PRODUCTION).settled_usd
    assert empty.media_sha256(".mp4") == tiny.media_sha256(".mp4")
    assert empty.film_sha256() == tiny.film_sha256()
    assert empty.artifacts.headers(PRODUCTION).keys() == tiny.artifacts.headers(PRODUCTION).keys()
    nothing_left_over(empty)


@pytest.mark.parametrize("asset", ["scenes", "pilot_clips"])
def test_interrupted_it_says_so_and_the_same_command_goes_on(empty: Studio, asset: str) -> None:
    empty.write_brief(SKETCH)
    process = empty.start(*PRODUCE)
    folder = empty.home_dir / "artifacts" / "sketch"
    begun = {"scenes": folder / "pilot_strategies.json", "pilot_clips": folder / "shot_plans" / "static.s01.json"}[
        asset
    ]
    deadline = time.monotonic() + COMMAND_LIMIT_S
    while not begun.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does: ffmpeg hears it too
    _, stderr = process.communicate(timeout=60)
    kill_group(process)
    assert process.returncode == 130, stderr
    assert "interrupted" in stderr
    assert "Traceback" not in stderr
    paid = purchases_once(empty, "sketch")

    told = empty.ok(*PRODUCE[:-1])
    assert told["state"] == "delivered"
    assert set(paid) <= set(purchases_once(empty, "sketch"))
    nothing_left_over(empty)


@pytest.mark.parametrize("most_kb", [60, 200, 700])
def test_without_room_it_stops_with_5_loses_nothing_and_goes_on_once_there_is_some(empty: Studio, most_kb: int) -> None:
    """Files that may not grow stand for a full disk; where it hits depends on the size: Dagster, sound, film."""
    empty.write_brief(SKETCH)

    def small_disk() -> None:
        restore_interrupt()
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_kb * 1024, most_kb * 1024))

    ran = empty.run(*PRODUCE, preexec_fn=small_disk)
    assert ran.code == 5, ran.stderr
    assert ran.told["error"]["exit_code"] == 5
    assert "Traceback" not in ran.stderr
    paid = purchases_once(empty, "sketch") if (empty.home_dir / "ledger.sqlite3").exists() else []

    told = empty.ok(*PRODUCE[:-1])
    assert told["state"] == "delivered"
    assert set(paid) <= set(purchases_once(empty, "sketch"))
    nothing_left_over(empty)


def test_a_run_that_was_cut_off_is_closed_by_the_next_command(fresh_copy: Callable[[], Studio]) -> None:
    studio = fresh_copy()
    with dagster_instance(studio.settings) as instance:
        left = instance.create_run_for_job(
            _job(), tags={"studio/driven": "yes", "studio/production": PRODUCTION}, status=dg.DagsterRunStatus.STARTED
        )
    assert studio.run(*PRODUCE).code == 0
    with dagster_instance(studio.settings) as instance:
        closed = instance.get_run_by_id(left.run_id)
        assert closed is not None
        assert closed.status == dg.DagsterRunStatus.FAILURE


def _job() -> dg.JobDefinition:
    from studio_pipeline.definitions import build_defs

    return build_defs().resolve_job_def("develop")
