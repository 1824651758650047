"""The code location: what ``workspace.yaml`` loads, assembled from the stages and nothing else.

Tests and the command line build their own with other resources; see
https://docs.dagster.io/guides/build/projects-and-components
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg

from studio_pipeline.orchestration.jobs import RETAKE, SENSOR_JOBS
from studio_pipeline.orchestration.resources import build_resources
from studio_pipeline.settings import settings
from studio_pipeline.stages.editing import assets as editing
from studio_pipeline.stages.finishing import assets as finishing
from studio_pipeline.stages.planning import assets as planning
from studio_pipeline.stages.planning import submission
from studio_pipeline.stages.reviewing import assets as reviewing
from studio_pipeline.stages.reviewing import sensors
from studio_pipeline.stages.scripting import assets as scripting
from studio_pipeline.stages.shooting import assets as shooting

ASSETS = [
    *planning.ASSETS,
    *scripting.ASSETS,
    *shooting.ASSETS,
    *reviewing.ASSETS,
    *editing.ASSETS,
    *finishing.ASSETS,
]


def build_defs(*, resources: Mapping[str, Any] | None = None) -> dg.Definitions:
    """Fresh definitions; ``resources`` replaces the default ones by name."""
    return dg.Definitions(
        assets=ASSETS,
        jobs=[*SENSOR_JOBS, RETAKE, *submission.JOBS],
        sensors=sensors.SENSORS,
        schedules=submission.SCHEDULES,
        # One process a run: a run is signed by its process (cut_off_runs.py), and a process a step costs two seconds.
        executor=dg.in_process_executor,
        resources={**build_resources(settings()), **(resources or {})},
    )


defs = build_defs()
