"""The sensors on a real home: what wakes them, what lets them sleep, whom they leave alone, and the one lock."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import dagster as dg
import pytest

from studio_pipeline.errors import HomeLocked
from studio_pipeline.film.brief import Brief
from studio_pipeline.liveness import Process
from studio_pipeline.orchestration.cut_off_runs import PROCESS_TAG
from studio_pipeline.orchestration.home import DriveLock
from studio_pipeline.stages.planning.submission import hand_in
from studio_pipeline.stages.reviewing.sensors import MOST_AT_ONCE, SKIPPED_ASSETS
from studio_pipeline_tests.backlot.lot import Lot
from studio_pipeline_tests.backlot.studio import PRODUCTION, Studio


def asked_for(result: dg.SensorResult) -> list[tuple[str, str]]:
    """(job, production) of every run that a tick asks for."""
    return [(request.job_name or "", request.tags["studio/production"]) for request in result.run_requests or []]


def idea(title: str) -> Brief:
    return Brief(title=title, concept="Why the sea is salty", duration_s=10, budget_usd=Decimal(20))


@pytest.mark.parametrize("sensor", ["call_sheet", "critic"])
def test_a_settled_production_is_looked_at_once_and_then_sleeps(lot: Lot, sensor: str) -> None:
    first = lot.tick(sensor)
    assert not first.run_requests
    assert f"{PRODUCTION}: delivered" in str(first.skip_reason)
    second = lot.tick(sensor, first.cursor)
    assert "No production is active" in str(second.skip_reason)
    assert lot.tick(sensor, second.cursor).cursor == second.cursor, "sleeping changes nothing"


def test_an_order_wakes_it_and_the_work_is_asked_for_under_one_key(lot: Lot) -> None:
    asleep = lot.tick("call_sheet").cursor
    lot.home.orders.choose(PRODUCTION, "pace")
    woken = lot.tick("call_sheet", asleep)
    assert asked_for(woken) == [("finish", PRODUCTION)]
    again = lot.tick("call_sheet", woken.cursor)
    keys = [[request.run_key for request in result.run_requests or []] for result in (woken, again)]
    assert keys[0] == keys[1], "the daemon launches a key once"
    assert not lot.tick("critic", lot.tick("critic").cursor).run_requests


def test_a_materialisation_by_hand_wakes_it_and_only_what_follows_is_asked_for(lot: Lot) -> None:
    asleep = lot.tick("call_sheet").cursor
    config = {"ops": {"pilot_clips": {"config": {"retake": True, "note": "wider"}}}}
    assert lot.run("retake_shot", f"{PRODUCTION}|animated.s03.k1", config=config).success
    woken = lot.tick("call_sheet", asleep)
    assert asked_for(woken) == [("inspect", PRODUCTION)]
    (request,) = woken.run_requests or []
    assert request.partition_key == f"{PRODUCTION}|animated.s03"
    assert request.tags["studio/reason"]


def test_a_new_brief_is_developed_while_the_settled_one_sleeps(lot: Lot) -> None:
    asleep = lot.tick("call_sheet").cursor
    name = hand_in(idea("Salt"), lot.home, lot.instance)
    assert asked_for(lot.tick("call_sheet", asleep)) == [("develop", name)]
    assert not lot.tick("critic", asleep).run_requests


def test_a_failed_try_is_asked_for_under_another_key_and_not_for_ever(lot: Lot) -> None:
    name = hand_in(idea("Salt"), lot.home, lot.instance)
    (lot.studio.settings.orders_dir / name / "brief.json").rename(lot.studio.root / "kept.json")
    keys = []
    for _ in range(4):
        (lot.studio.root / "kept.json").rename(lot.studio.settings.orders_dir / name / "brief.json")
        requests = [r for r in lot.tick("call_sheet").run_requests or [] if r.tags["studio/production"] == name]
        (lot.studio.settings.orders_dir / name / "brief.json").rename(lot.studio.root / "kept.json")
        for request in requests:
            keys.append(request.run_key)
            job = lot.definitions.resolve_job_def("develop")
            ran = job.execute_in_process(
                instance=lot.instance, partition_key=name, tags=request.tags, raise_on_error=False
            )
            assert not ran.success
    assert len(keys) == len(set(keys)) == 2, "tried twice, each under its own key, then left to a person"


def test_a_run_whose_process_was_killed_holds_nothing_up(lot: Lot) -> None:
    name = hand_in(idea("Salt"), lot.home, lot.instance)
    ask = "from studio_pipeline.liveness import Process; print(Process.current())"
    dead = subprocess.check_output([sys.executable, "-c", ask], env=lot.studio.env, text=True).strip()
    (wanted,) = lot.tick("call_sheet").run_requests or []
    runs = {
        signed: lot.instance.create_run_for_job(
            lot.definitions.resolve_job_def("develop"),
            tags={**wanted.tags, "dagster/partition": name, PROCESS_TAG: signed},
            status=dg.DagsterRunStatus.STARTED,
        )
        for signed in (dead, str(Process.current()))
    }

    def status(signed: str) -> dg.DagsterRunStatus:
        found = lot.instance.get_run_by_id(runs[signed].run_id)
        assert found is not None
        return found.status

    assert not lot.tick("call_sheet").run_requests, "a living process is at work on it"
    assert status(dead) == dg.DagsterRunStatus.FAILURE
    assert status(str(Process.current())) == dg.DagsterRunStatus.STARTED
    lot.instance.delete_run(runs[str(Process.current())].run_id)
    (again,) = lot.tick("call_sheet").run_requests or []
    assert again.run_key != wanted.run_key


def test_the_cursor_survives_as_text(lot: Lot) -> None:
    cursor = lot.tick("call_sheet").cursor
    assert cursor is not None
    assert json.loads(cursor)["active"] == []
    assert "No production is active" in str(lot.tick("call_sheet", json.dumps(json.loads(cursor))).skip_reason)


def test_a_damaged_production_is_named_and_stops_no_other(lot: Lot) -> None:
    file = lot.studio.home_dir / "artifacts" / PRODUCTION / "edls.json"
    whole = file.read_bytes()
    file.write_bytes(b"{")
    hand_in(idea("Salt"), lot.home, lot.instance)
    tick = lot.tick("call_sheet")
    assert asked_for(tick) == [("develop", "salt")]
    alone = lot.tick("critic", tick.cursor)
    assert str(file) in str(alone.skip_reason)
    file.write_bytes(whole)
    mended = lot.tick("critic", alone.cursor)
    assert f"{PRODUCTION}: delivered" in str(mended.skip_reason), "it stayed active, and is seen once it is mended"


def test_every_production_of_a_large_slate_gets_its_turn(lot: Lot) -> None:
    names = {hand_in(idea(f"Salt {n}"), lot.home, lot.instance) for n in range(MOST_AT_ONCE + 5)}
    first = lot.tick("call_sheet")
    second = lot.tick("call_sheet", first.cursor)
    assert len(asked_for(first)) <= MOST_AT_ONCE
    assert {name for _, name in asked_for(first) + asked_for(second)} == names


def test_skipped_scenes_carry_the_reason_once(lot: Lot) -> None:
    skipped = f"{PRODUCTION}|static.s03"
    lot.tick("critic")  # one look more, after the production was delivered
    for asset in SKIPPED_ASSETS:
        wanted = dg.AssetRecordsFilter(asset_key=dg.AssetKey(asset), asset_partitions=[skipped])
        (record,) = lot.instance.fetch_observations(wanted, limit=10).records
        assert record.asset_observation is not None
        reason = str(record.asset_observation.metadata["skipped"].value)
        assert re.match(r"static is rated \d+\.\d and is cancelled; .* Rated \d+\.\d of 100", reason), reason
    kept = dg.AssetRecordsFilter(asset_key=dg.AssetKey("shot_plans"), asset_partitions=[f"{PRODUCTION}|animated.s03"])
    assert not lot.instance.fetch_observations(kept, limit=1).records


# One lock: a command and the daemon never drive the same home together.

HOLD = """
import sys
from pathlib import Path
from studio_pipeline.liveness import Process
from studio_pipeline.orchestration.cut_off_runs import PROCESS_TAG
from studio_pipeline.orchestration.home import DriveLock
DriveLock(Path(sys.argv[1])).take("the Dagster daemon")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def another_process_driving(studio: Studio) -> Iterator[subprocess.Popen[str]]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(studio.home_dir)],
        env=studio.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield holder
    finally:
        holder.kill()
        holder.communicate()


def test_a_command_is_refused_while_a_daemon_drives(tiny: Studio) -> None:
    with another_process_driving(tiny) as holder:
        ran = tiny.run("produce", "kite.yaml", "--json")
        assert ran.code == 5
        assert ran.told["error"]["kind"] == "HomeLocked"
        assert f"the Dagster daemon (process {holder.pid})" in ran.stderr
        assert len(ran.stderr.strip().splitlines()) == 1
        assert tiny.run("status", PRODUCTION).code == 0, "looking needs no lock"


def test_the_daemon_skips_its_tick_while_a_command_drives_and_goes_on_after_its_death(lot: Lot) -> None:
    hand_in(idea("Salt"), lot.home, lot.instance)
    with another_process_driving(lot.studio) as holder:
        locked = lot.tick("call_sheet", "{}")
        assert not locked.run_requests
        assert f"(process {holder.pid}) is already driving" in str(locked.skip_reason)
        assert locked.cursor == "{}", "nothing is overlooked for that"
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        assert asked_for(lot.tick("call_sheet", locked.cursor)) == [("develop", "salt")]


def test_the_lock_is_kept_between_ticks_and_lets_the_same_process_in_again(lot: Lot) -> None:
    lot.tick("call_sheet")
    lot.tick("critic")
    ask = "from pathlib import Path; import sys; from studio_pipeline.orchestration.home import DriveLock; "
    ask += "print(DriveLock(Path(sys.argv[1])).holder())"
    said = subprocess.check_output([sys.executable, "-c", ask, str(lot.studio.home_dir)], env=lot.studio.env, text=True)
    assert said.strip() == f"the Dagster daemon (process {os.getpid()})"
    elsewhere = lot.studio.home_dir / ".." / lot.studio.home_dir.name
    with pytest.raises(HomeLocked, match="the Dagster daemon"):
        DriveLock(elsewhere).take("another way to the same home")
