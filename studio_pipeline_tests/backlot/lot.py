"""The code location on a home, in this process: jobs run, partitions materialised and sensors ticked for real.

What lives here: the shortest way to do what the UI or the daemon would do. What does not: any expectation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import dagster as dg

from studio_pipeline.definitions import build_defs
from studio_pipeline.film.cells import Cell
from studio_pipeline.orchestration.artifacts import Absent, Artifact, Header, ref_of
from studio_pipeline.orchestration.home import DriveLock, dagster_instance
from studio_pipeline.orchestration.resources import build_resources
from studio_pipeline.orchestration.studio_home import StudioHome
from studio_pipeline.stages.reviewing.sensors import call_sheet_sensor, critic_sensor
from studio_pipeline_tests.backlot.studio import Studio

SENSORS = {"call_sheet": call_sheet_sensor, "critic": critic_sensor}


@dataclass(frozen=True)
class Lot:
    """An open code location."""

    studio: Studio
    definitions: dg.Definitions
    instance: dg.DagsterInstance

    @property
    def home(self) -> StudioHome:
        return self.studio.home

    def run(
        self, job: str, first: str, last: str = "", *, config: Mapping[str, Any] | None = None
    ) -> dg.ExecuteInProcessResult:
        """Run a job over the partition ``first``, or over the range up to ``last`` in one run."""
        return self._execute(self.definitions.resolve_job_def(job), first, last, config)

    def materialize(
        self, asset: str, first: str, last: str = "", *, config: Mapping[str, Any] | None = None
    ) -> dg.ExecuteInProcessResult:
        """Materialise one asset alone, as the button in the UI does."""
        job = self.definitions.resolve_implicit_job_def_def_for_assets([dg.AssetKey(asset)])
        assert job is not None
        return self._execute(job.get_subset(asset_selection={dg.AssetKey(asset)}), first, last, config)

    def _execute(self, job: Any, first: str, last: str, config: Mapping[str, Any] | None) -> dg.ExecuteInProcessResult:
        ends = {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}
        return job.execute_in_process(
            instance=self.instance,
            partition_key=None if last else first,
            tags=ends if last else {},
            run_config=config or {},
            raise_on_error=False,
        )

    def tick(self, sensor: str, cursor: str | None = None) -> dg.SensorResult:
        """One tick, as the daemon does it: what it asks for is not launched."""
        context = dg.build_sensor_context(instance=self.instance, cursor=cursor, resources={"home": self.home})
        result = SENSORS[sensor](context)
        assert isinstance(result, dg.SensorResult)
        return result

    def header(self, asset: str, key: str) -> Header | None:
        """How a partition is stored, absent markers included."""
        cell = Cell.parse(key)
        return self.studio.artifacts.headers(cell.production).get(ref_of(asset, cell.place))

    def absent(self, asset: str, key: str) -> Absent | None:
        header = self.header(asset, key)
        return header.absent if header else None

    def artifact(self, asset: str, key: str) -> Artifact[Any]:
        found = self.studio.artifacts.read(asset, Cell.parse(key))
        assert found is not None, f"{asset} of {key} is not there"
        return found


@contextmanager
def open_lot(studio: Studio, **resources: Any) -> Iterator[Lot]:
    """The code location on ``studio``'s home; ``resources`` replaces some of its own."""
    with dagster_instance(studio.settings) as instance:
        definitions = build_defs(resources={**build_resources(studio.settings), **resources})
        try:
            yield Lot(studio, definitions, instance)
        finally:
            DriveLock(studio.home_dir).release()


def words_of(failed: dg.ExecuteInProcessResult) -> str:
    """What the first failed step said, as the UI shows it."""
    for event in failed.all_events:
        if event.is_step_failure:
            data = event.step_failure_data
            said = data.user_failure_data.description if data.user_failure_data else None
            return said or (data.error.to_string() if data.error else "")
    return ""
