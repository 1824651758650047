"""How a production starts from Dagster: the job ``new_production``, and the slate that starts several every night.

Both only hand briefs in; the sensors do the rest. One brief of a slate that cannot be used does not stop the others.
"""

from pathlib import Path
from typing import Any

import dagster as dg

from studio_pipeline.errors import BadInput, StudioError
from studio_pipeline.film.brief import Brief
from studio_pipeline.orchestration.cells import as_failure
from studio_pipeline.orchestration.grid import tiers
from studio_pipeline.orchestration.partitions import PRODUCTIONS
from studio_pipeline.orchestration.resources import StudioHome
from studio_pipeline.settings import settings
from studio_pipeline.stages.planning.brief import brief_from_mapping, read_brief
from studio_pipeline.stages.planning.slate import read_slate


def hand_in(brief: Brief, home: StudioHome, instance: dg.DagsterInstance, *, choose: str | None = None) -> str:
    """Write the brief down and give its production a partition; returns the production's name."""
    home.orders.hand_in(brief)
    if choose:
        home.orders.choose(brief.production, choose)
    instance.add_dynamic_partitions(PRODUCTIONS, [brief.production])
    return brief.production


def brief_rules(home: StudioHome) -> dict[str, Any]:
    """What reading a brief needs to know of this studio."""
    return {
        "put_story": lambda data: home.media.put_bytes(data, ".txt"),
        "tiers": [tier.name for tier in tiers()],
        "max_story_chars": settings().max_story_chars,
    }


class NewProduction(dg.Config):
    """A brief, as its YAML file would say it."""

    brief: dict[str, Any]
    """Keys as in a brief file: title, concept or story (a path on this machine), duration_s, budget_usd …"""
    choose: str = ""
    """Name of the cut to deliver without asking, e.g. ``recommended``; empty: wait for a person."""


@dg.op(description="Checks the brief, writes it down, and gives its production a partition.")
def submit_brief(context: dg.OpExecutionContext, config: NewProduction, home: StudioHome) -> None:
    try:
        brief = brief_from_mapping(config.brief, where="run config", base_dir=Path.cwd(), **brief_rules(home))
    except StudioError as error:
        raise as_failure(error) from error
    name = hand_in(brief, home, context.instance, choose=config.choose or None)
    context.log.info(f"Production {name} is handed in; the sensors take it from here.")


FIRST_BRIEF = {
    "title": "Two waves",
    "concept": "How waves break on the shore, and why they foam.",
    "duration_s": 20,
    "budget_usd": 40,
}
"""What the launchpad opens with: a brief that can be launched as it is, to be written over."""


@dg.job(
    description="Start a production: write its brief into the run config and launch.",
    config={"ops": {"submit_brief": {"config": {"brief": FIRST_BRIEF, "choose": ""}}}},
)
def new_production() -> None:
    submit_brief()


class Slate(dg.Config):
    """Which slate to hand in."""

    path: str = "examples/nightly.slate.yaml"
    """Relative to the folder that Dagster was started in."""


@dg.op(description="Hands in every brief of a slate that can be used, and names the ones that cannot.")
def submit_slate(context: dg.OpExecutionContext, config: Slate, home: StudioHome) -> None:
    refused = []
    try:
        slate = read_slate(Path(config.path))
    except StudioError as error:
        raise as_failure(error) from error
    for path in slate.briefs:
        try:
            name = hand_in(read_brief(path, **brief_rules(home)), home, context.instance, choose=slate.choose)
            context.log.info(f"{path.name}: production {name} is handed in.")
        except StudioError as error:
            context.log.error(f"{path.name}: {error}")
            refused.append(f"{path.name}: {error}")
    if refused:
        raise as_failure(
            BadInput(
                f"{len(refused)} of {len(slate.briefs)} briefs of the slate were refused; the others are under way",
                where="; ".join(refused),
                todo="Correct them and hand them in again.",
            )
        )


@dg.job(description="Hand in a whole slate of briefs; each goes its own way, one failure stops no other.")
def new_slate() -> None:
    submit_slate()


nightly_slate = dg.ScheduleDefinition(
    name="nightly_slate",
    job=new_slate,
    cron_schedule="0 2 * * *",
    description="Hands in examples/nightly.slate.yaml every night at two; switch it on in the UI.",
)

JOBS = [new_production, new_slate]
SCHEDULES = [nightly_slate]
