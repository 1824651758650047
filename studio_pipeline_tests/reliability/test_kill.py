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

import pytest

from studio_pipeline.liveness import Process
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
from studio_pipeline_tests.backlot.web import open_web, wait_for

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


def small_disk(most_kb: int) -> Callable[[], None]:
    """For a child: no file may grow beyond this."""

    def limit() -> None:
        restore_interrupt()
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_kb * 1024, most_kb * 1024))

    return limit


def purchases_once(studio: Studio, production: str = PRODUCTION) -> list[str]:
    paid = studio.purchases(production)
    assert len(paid) == len(set(paid)), "an identity was paid for twice"
    return paid


def not_phantom(studio: Studio) -> set[str]:
    """What was made for cells the film really has. A run over a range notes the grid's other cells on its way: which
    ones those are depends on where the runs begin, and so on the moments of the kills."""
    headers = studio.artifacts.headers(PRODUCTION)
    return {ref for ref, header in headers.items() if not header.is_phantom}


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
    assert empty.content_sha256() == tiny.content_sha256()
    assert not_phantom(empty) == not_phantom(tiny)
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
    here = Process.current()  # and another was killed where nothing will ever be written again
    left = folder / "brief" / f".sketch.json.unfinished~{Process(here.host, 'another boot', 1, '2')}~0"
    left.parent.mkdir(exist_ok=True)
    left.write_text("{")

    told = empty.ok(*PRODUCE[:-1])
    assert told["state"] == "delivered"
    assert set(paid) <= set(purchases_once(empty, "sketch"))
    nothing_left_over(empty)


@pytest.mark.parametrize("most_kb", [60, 700])
def test_without_room_it_stops_with_5_loses_nothing_and_goes_on_once_there_is_some(empty: Studio, most_kb: int) -> None:
    """Files that may not grow stand for a full disk; where it hits depends on the size: Dagster, sound, film."""
    empty.write_brief(SKETCH)

    ran = empty.run(*PRODUCE, preexec_fn=small_disk(most_kb))
    assert ran.code == 5, ran.stderr
    assert ran.told["error"]["exit_code"] == 5
    assert "Traceback" not in ran.stderr
    paid = purchases_once(empty, "sketch") if (empty.home_dir / "ledger.sqlite3").exists() else []

    told = empty.ok(*PRODUCE[:-1])
    assert told["state"] == "delivered"
    assert set(paid) <= set(purchases_once(empty, "sketch"))
    nothing_left_over(empty)


def test_without_room_for_another_film_the_one_that_was_there_stays(fresh_copy: Callable[[], Studio]) -> None:
    studio = fresh_copy()
    film, purchases = studio.film_sha256(), studio.purchases()
    ran = studio.run("choose", PRODUCTION, "pace", "--json", preexec_fn=small_disk(1500))
    assert ran.code == 5, ran.stderr
    assert studio.film_sha256() == film
    assert not list((studio.home_dir / "films").glob(".*"))

    told = studio.ok("choose", PRODUCTION, "pace")
    assert told["chosen"] == "pace"
    assert studio.film_sha256() != film
    assert studio.purchases() == purchases


def test_a_browser_session_killed_in_the_middle_of_a_run_holds_nothing_up(empty: Studio) -> None:
    empty.write_brief(SKETCH)
    brief = SKETCH | {"story": str(empty.root / "kite.md")}
    order = {"ops": {"submit_brief": {"config": {"brief": brief, "choose": "recommended"}}}}
    with open_web(empty, empty.root / "ui.log") as web:
        web.launch("new_production", config=order)

        def busy() -> bool:
            return any(run.status == "STARTED" and run.job != "new_production" for run in web.runs())

        wait_for(busy, "a run of the sensors")
        web.kill()
    with dagster_instance(empty.settings) as instance:
        assert unfinished_runs(instance) > 0, "the kill came too late to show anything"

    told = empty.ok("produce", "sketch")
    assert told["state"] == "delivered"
    purchases_once(empty, "sketch")
    nothing_left_over(empty)
