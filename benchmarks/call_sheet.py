"""What a tick of the sensors takes when the home holds very many productions and few of them are being shot."""

from __future__ import annotations

import json
import shutil
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.report import Report
from benchmarks.workshop import Workshop

if TYPE_CHECKING:
    import dagster as dg

    from studio_pipeline.settings import Settings

SIZES = (100, 1000)
ACTIVE = 10
MOST_TICK_S = 1.0
TIMES = 5


@dataclass
class Ticks:
    """Both sensors on one home, ticked as the daemon does: a cursor kept, every resource made anew."""

    settings: Settings
    instance: dg.DagsterInstance
    sensors: dict[str, Callable[..., Any]]
    cursors: dict[str, str | None]

    def tick(self) -> dict[str, float]:
        """One tick of each sensor, in seconds."""
        import dagster as dg

        from studio_pipeline.orchestration.resources import build_resources

        taken = {}
        for name, sensor in self.sensors.items():
            began = time.monotonic()
            home = build_resources(self.settings)["home"]
            context = dg.build_sensor_context(
                instance=self.instance, cursor=self.cursors[name], resources={"home": home}
            )
            self.cursors[name] = sensor(context).cursor
            taken[name] = time.monotonic() - began
        return taken

    def unsettled(self) -> int:
        """How many productions the sensors still look at."""
        return max(len(json.loads(cursor or "{}").get("active", ())) for cursor in self.cursors.values())


def run(workshop: Workshop) -> Report:
    finished = workshop.finished or _shoot(workshop)
    report = Report(
        "The call sheet with very many productions",
        f"Both sensors on homes of {' and '.join(f'{size:,}' for size in SIZES)} productions: copies of the example "
        f"film with all their artifacts, events, runs and purchases. {ACTIVE} of them are in the middle of their "
        "shoot with runs under way, the others are delivered. Resources are made anew for each tick, as the daemon "
        "does. “First” is a sensor that has no cursor yet; “until settled” are all its ticks until only the active "
        "productions are looked at.",
    )
    table = report.table("Home", "sensor", "first", "until settled", "longest", "steady", "after an event")
    steady: dict[tuple[int, str], float] = {}
    longest: dict[str, float] = {}
    for size in SIZES:
        for name, row in _measure(finished, workshop.scratch / f"crowd{size}", size).items():
            steady[size, name] = row.steady_s
            longest[name] = max(longest.get(name, 0.0), row.longest_s, row.after_event_s)
            table.add(f"{size:,} productions", name, *row.cells())
    for name in sorted(longest):
        least, most = (steady[size, name] for size in SIZES)
        report.aim(
            f"{name}, a steady tick at {SIZES[-1]:,}",
            limit=f"{MOST_TICK_S:.1f} s",
            found=f"{most:.2f} s, {most / least:.1f} times that at {SIZES[0]}",
            met=most <= MOST_TICK_S,
        )
        report.aim(
            f"{name}, the longest tick of all",
            limit=f"{MOST_TICK_S:.1f} s",
            found=f"{longest[name]:.2f} s",
            met=longest[name] <= MOST_TICK_S,
        )
    return report


def _shoot(workshop: Workshop) -> Path:
    """A finished home, where none was given: the demo makes one or ends everything."""
    from benchmarks import demo

    demo.run(workshop)
    return workshop.scratch / demo.HOME


@dataclass(frozen=True)
class Row:
    """What one sensor took on one home."""

    first_s: float
    ticks: int
    longest_s: float
    steady_s: float
    after_event_s: float

    def cells(self) -> tuple[str, ...]:
        return (
            f"{self.first_s:.2f} s",
            f"{self.ticks} ticks",
            f"{self.longest_s:.2f} s",
            f"{self.steady_s:.2f} s",
            f"{self.after_event_s:.2f} s",
        )


def _measure(finished: Path, into: Path, size: int) -> dict[str, Row]:
    import dagster as dg

    from benchmarks.crowd import crowd, put_in_mid_shoot
    from studio_pipeline.orchestration.home import dagster_instance
    from studio_pipeline.orchestration.orders import Orders
    from studio_pipeline.orchestration.resources import build_resources
    from studio_pipeline.settings import Settings
    from studio_pipeline.stages.reviewing.sensors import call_sheet_sensor, critic_sensor

    (production, *_) = Orders(finished / "orders").productions()
    names = crowd(finished, production, into, productions=size)
    settings = Settings.read({"STUDIO_HOME": str(into)})
    sensors = {"call sheet": call_sheet_sensor, "critic": critic_sensor}
    with dagster_instance(settings) as instance:
        home = build_resources(settings)["home"]
        active = names[:: len(names) // ACTIVE][:ACTIVE]
        for name in active:
            put_in_mid_shoot(home, instance, name)
        ticks = Ticks(settings, instance, sensors, dict.fromkeys(sensors))
        settling = [ticks.tick()]
        while ticks.unsettled() > ACTIVE:
            settling.append(ticks.tick())
            if len(settling) > size:
                raise SystemExit(
                    f"The sensors do not come to rest: they still look at {ticks.unsettled()} productions."
                )
        steady = [ticks.tick() for _ in range(TIMES)]
        awake = next(name for name in names if name not in active)
        event = dg.AssetMaterialization("qa_scores", partition=f"{awake}|static.s03")
        instance.report_runless_asset_event(event)
        after = ticks.tick()
    shutil.rmtree(into)
    return {
        name: Row(
            first_s=settling[0][name],
            ticks=len(settling),
            longest_s=max(taken[name] for taken in settling),
            steady_s=statistics.median(taken[name] for taken in steady),
            after_event_s=after[name],
        )
        for name in sensors
    }
