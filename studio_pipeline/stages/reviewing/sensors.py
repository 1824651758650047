"""The two sensors: thin readers of the call sheet that turn its work into run requests.

``call_sheet_sensor`` advances what nobody has to judge. ``critic_sensor`` asks for verdicts once the test scenes
are rated, moves the money, and launches or skips the rest of each pilot, with the reason on the skipped partitions.
No model is called here and nothing leaves the machine. Which productions are looked at is in the cursor: a settled
production sleeps until one of its assets is materialised or an order of a person arrives.
See https://docs.dagster.io/guides/automate/sensors
"""

import json
from collections.abc import Callable, Iterable

import dagster as dg

from studio_pipeline.errors import HomeLocked, StudioError
from studio_pipeline.film.cells import Cell
from studio_pipeline.orchestration.artifacts import MODELS
from studio_pipeline.orchestration.call_sheet import CallSheet, Skip, call_sheet
from studio_pipeline.orchestration.cut_off_runs import bury_cut_off_runs
from studio_pipeline.orchestration.facts import Facts
from studio_pipeline.orchestration.home import DriveLock
from studio_pipeline.orchestration.jobs import SENSOR_JOBS, run_request
from studio_pipeline.orchestration.money import halve_again, move_money
from studio_pipeline.orchestration.partitions import PRODUCTIONS
from studio_pipeline.orchestration.studio_home import StudioHome

SKIPPED_ASSETS = ("shot_plans", "narration", "qa_scores")
"""Scene-partitioned assets that carry the reason when a cancelled pilot's scenes are skipped."""
MOST_AT_ONCE = 20
"""How many productions one tick looks at; a look takes 20 to 30 ms (``benchmarks/call_sheet.py``)."""


class Watch:
    """Which productions a sensor looks at, kept in its cursor.

    A tick looks at no more than ``MOST_AT_ONCE``: first those where something has just happened, then the others that
    are not settled, in turn. So a tick takes as long on a home of a thousand productions as on one of thirty, also
    the first one, which does not know yet which of them are settled.

    ``only`` limits the watch to one production and ``since`` forgets older failures: a command that drives one
    production sets both, the daemon neither.
    """

    def __init__(self, cursor: str | None) -> None:
        state = json.loads(cursor) if cursor else {}
        self.after: dict[str, int] = state.get("after", {})
        self.orders_after: int = state.get("orders_after", 0)
        self.active: set[str] = set(state.get("active", ()))
        self.last: str = state.get("last", "")  # whose turn it was last
        self.only: str | None = state.get("only")
        self.since: float | None = state.get("since")

    @staticmethod
    def one(production: str, since: float) -> str:
        """The cursor of a command that drives ``production`` alone."""
        return json.dumps({"only": production, "since": since})

    def look(self, instance: dg.DagsterInstance, home: StudioHome) -> list[str]:
        """Productions to look at now."""
        if self.only is not None:
            return [self.only]
        known = set(instance.get_dynamic_partitions(PRODUCTIONS))
        if not self.after:
            self.active |= known
        new = self._handed_in(home) | self._materialized(instance)
        self.active |= new
        # A brief lies there a moment before its production has a partition; it stays active until then.
        waiting = sorted(self.active & known)
        turn = [name for name in waiting if name > self.last] + [name for name in waiting if name <= self.last]
        looked = sorted(turn, key=lambda name: name not in new)[:MOST_AT_ONCE]
        self.last = looked[-1] if looked else ""
        return looked

    def _handed_in(self, home: StudioHome) -> set[str]:
        """Productions with an order since the last tick."""
        changed = home.orders.changed_since(self.orders_after)
        self.orders_after = max([self.orders_after, *changed.values()])
        return set(changed)

    def _materialized(self, instance: dg.DagsterInstance) -> set[str]:
        """Productions of which anything was materialised since the last tick."""
        found = set()
        for asset in MODELS:
            # One position an asset: events of different assets may become visible out of order.
            for record in self._materializations(instance, asset):
                self.after[asset] = max(self.after.get(asset, 0), record.storage_id)
                if record.partition_key:
                    found.add(Cell.parse(record.partition_key).production)
            self.after.setdefault(asset, 0)
        return found

    def _materializations(self, instance: dg.DagsterInstance, asset: str) -> Iterable[dg.EventLogRecord]:
        key = dg.AssetKey(asset)
        if asset not in self.after:
            return instance.fetch_materializations(key, limit=1).records
        wanted = dg.AssetRecordsFilter(asset_key=key, after_storage_id=self.after[asset])
        return instance.fetch_materializations(wanted, limit=1000, ascending=True).records

    def cursor(self) -> str:
        return json.dumps(
            {
                "after": self.after,
                "orders_after": self.orders_after,
                "active": sorted(self.active),
                "last": self.last,
                "only": self.only,
                "since": self.since,
            }
        )


def _tick(
    context: dg.SensorEvaluationContext,
    home: StudioHome,
    by: str,
    before: Callable[[Facts, CallSheet], list[dg.AssetObservation]] | None = None,
) -> dg.SensorResult:
    try:
        DriveLock(home.path).take("the Dagster daemon")
    except HomeLocked as error:
        return dg.SensorResult(skip_reason=str(error), cursor=context.cursor)
    watch = Watch(context.cursor)
    if watch.only is None:  # a command has done it, once
        bury_cut_off_runs(context.instance, nobody_else=False)
    requests: list[dg.RunRequest] = []
    events: list[dg.AssetObservation] = []
    reasons: list[str] = []
    for production in watch.look(context.instance, home):
        try:
            facts = home.facts(production, context.instance, since=watch.since)
            sheet = call_sheet(facts)
            if before is not None:
                events += before(facts, sheet)
                if sheet.move_money:
                    sheet = call_sheet(home.facts(production, context.instance, since=watch.since))
        except StudioError as error:
            if watch.only is not None:
                raise
            # One production that cannot be read stops no other. It stays active, and goes on once it is mended.
            context.log.error(f"{production}: {error}")
            reasons.append(f"{production}: {error}")
            continue
        requests += [
            run_request(production, work, runs_before=facts.runs.get(work.id, 0))
            for work in sheet.work
            if work.by == by
        ]
        reasons.append(f"{production}: {sheet.state}")
        if sheet.state != "working":
            watch.active.discard(production)
    return dg.SensorResult(
        run_requests=requests,
        skip_reason=None if requests else ("; ".join(reasons) or "No production is active."),
        cursor=watch.cursor(),
        asset_events=events,
    )


@dg.sensor(
    jobs=SENSOR_JOBS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=5,
    description="Advances every production as far as nobody has to judge: plan, shoot, inspect, edit, finish.",
)
def call_sheet_sensor(context: dg.SensorEvaluationContext, home: StudioHome) -> dg.SensorResult:
    return _tick(context, home, by="call_sheet")


@dg.sensor(
    jobs=SENSOR_JOBS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=5,
    description="Watches the ratings of test scenes: asks for verdicts, moves the money, launches or skips the rest.",
)
def critic_sensor(context: dg.SensorEvaluationContext, home: StudioHome) -> dg.SensorResult:
    def before(facts: Facts, sheet: CallSheet) -> list[dg.AssetObservation]:
        if sheet.move_money:
            moved = (move_money if facts.shares is None else halve_again)(home.ledger, facts)
            for move in moved.moves if moved else ():
                context.log.info(f"{facts.production}: {move.why}")
        return [note for skip in sheet.skips for note in _skip_notes(context.instance, facts.production, skip)]

    return _tick(context, home, by="critic", before=before)


def _skip_notes(instance: dg.DagsterInstance, production: str, skip: Skip) -> list[dg.AssetObservation]:
    """One observation on every skipped scene, unless they are there already."""
    keys = [f"{production}|{scene}" for scene in skip.scenes]
    if not keys:
        return []
    wanted = dg.AssetRecordsFilter(asset_key=dg.AssetKey(SKIPPED_ASSETS[0]), asset_partitions=keys[:1])
    if instance.fetch_observations(wanted, limit=1).records:
        return []
    return [
        dg.AssetObservation(asset_key=asset, partition=key, metadata={"skipped": skip.reason})
        for asset in SKIPPED_ASSETS
        for key in keys
    ]


SENSORS = [call_sheet_sensor, critic_sensor]
