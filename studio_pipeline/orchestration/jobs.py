"""Jobs: the runs that the sensors launch, and the one a person launches to shoot one shot again.

Work is grouped so that few runs do much: a job takes one partition, or a range of neighbours in one run. Each
description is for the operator who reads it in the UI. See https://docs.dagster.io/guides/build/jobs/asset-jobs
"""

from __future__ import annotations

from typing import Any

import dagster as dg

from studio_pipeline.orchestration.facts import PRODUCTION_TAG, WORK_TAG
from studio_pipeline.orchestration.work_orders import JOB_ASSETS, Work

_RANGE_START = "dagster/asset_partition_range_start"
_RANGE_END = "dagster/asset_partition_range_end"

_DESCRIPTIONS = {
    "revise": "Read the brief that was handed in again; what does not follow from the change stays.",
    "develop": "From a brief to the pilots: read the brief and its story, stake two or three pilots.",
    "script": "Write a pilot's script and make its music.",
    "plan": "Plan the shots of scenes and have their narration spoken.",
    "narrate": "Have the narration of planned scenes spoken again, or in one more language.",
    "shoot": "Make the takes of planned shots. A shot that has its take is found again for $0.",
    "inspect": "Measure and rate the takes of scenes.",
    "judge": "Decide about a pilot after its test scenes.",
    "edit": "Propose cuts of everything that was shot.",
    "finish": "Deliver the chosen cut: film, captions, timelines, report.",
    "polish": "By the policy halving: one more take of a shot with much to gain, or its best take circled.",
}

RETAKE_JOB = "retake_shot"


SENSOR_JOBS: list[Any] = [
    dg.define_asset_job(name, selection=list(assets), description=_DESCRIPTIONS[name])
    for name, assets in JOB_ASSETS.items()
]
"""The jobs that the sensors launch."""

RETAKE: Any = dg.define_asset_job(
    RETAKE_JOB,
    selection=["pilot_clips"],
    config={"ops": {"pilot_clips": {"config": {"retake": True, "note": ""}}}},
    description="Shoot one shot again: pick its partition, write in `note` what should be different "
    "(closer, wider, slower, brighter …), launch. The sensors then re-make only what depends on it.",
)
"""The job that a person launches for one shot."""


def run_request(production: str, work: Work, *, runs_before: int = 0) -> dg.RunRequest:
    """The request that launches ``work``: one partition by key, neighbours as a range in one run.

    Dagster launches a run key once for ever, and the same work may be wanted again: after it failed, when a file it
    made is gone, when a person chooses a cut for the second time. So the key counts the runs there were before.
    """
    tags = {PRODUCTION_TAG: production, WORK_TAG: work.id, "studio/reason": work.reason[:250]}
    run_key = f"{production}/{work.id}/{runs_before}"
    if work.first == work.last:
        key = f"{production}|{work.first}" if work.first else production
        config = {"polish": True, "circle": work.circle or 0}
        run_config = {"ops": {"pilot_clips": {"config": config}}} if work.job == "polish" else {}
        return dg.RunRequest(run_key=run_key, job_name=work.job, partition_key=key, tags=tags, run_config=run_config)
    tags |= {_RANGE_START: f"{production}|{work.first}", _RANGE_END: f"{production}|{work.last}"}
    return dg.RunRequest(run_key=run_key, job_name=work.job, tags=tags)
