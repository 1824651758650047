"""Dagster assets of the reviewing stage: ratings of scenes, verdicts on pilots.

Shells only: measuring and rating is in ``inspector.py``, deciding in ``critic.py``, the sensors in ``sensors.py``.
"""

import dagster as dg

from studio_pipeline.film.cells import Cell
from studio_pipeline.film.ratings import SceneRating, Verdict
from studio_pipeline.media.markdown import bullets, paragraphs
from studio_pipeline.orchestration.artifacts import Made
from studio_pipeline.orchestration.cells import Metadata, Upstream, make_cells, need, phantom, upstream
from studio_pipeline.orchestration.facts import carried_out
from studio_pipeline.orchestration.grid import GRID, SINGLE_RUN
from studio_pipeline.orchestration.resources import StudioHome
from studio_pipeline.orchestration.versions import code_version
from studio_pipeline.settings import settings
from studio_pipeline.stages.reviewing.critic import judge
from studio_pipeline.stages.reviewing.inspector import inspect_scene, inspect_shot

GROUP = "reviewing"


@dg.asset(
    partitions_def=GRID.scenes,
    ins={
        "shot_plans": upstream(),
        "narration": upstream(),
        "pilot_clips": upstream(GRID.shots_to_scene),
    },
    backfill_policy=SINGLE_RUN,
    group_name=GROUP,
    owners=["team:inspectors"],
    kinds={"agent"},
    code_version=code_version("1", "video_evaluator"),
    description="Ratings 0 to 100 of a scene and its shots, measured on the files, with issues and frame numbers.",
)
def qa_scores(
    context: dg.AssetExecutionContext,
    home: StudioHome,
    shot_plans: Upstream,
    narration: Upstream,
    pilot_clips: Upstream,
):
    def make(cell: Cell) -> tuple[Made, Metadata]:
        planned, spoken = shot_plans.get(cell.key), narration.get(cell.key)
        if planned is None:
            return phantom(f"the script has no scene {cell.place}, or it is not planned yet")
        plan = planned.content
        takes = {shot.number: pilot_clips.get(cell.with_shot(shot.number).key) for shot in plan.shots}
        circled, others = [], []
        for shot in plan.shots:
            if (shot_takes := takes[shot.number]) is None:
                continue
            for take in shot_takes.content.takes:
                path, name = home.media.path(take.clip), shot_takes.cell.place
                rated = inspect_shot(shot, take, path, rate=plan.rate, size=plan.size, name=name)
                (circled if take.number == shot_takes.content.circled else others).append(rated)
        narrated = spoken.content if spoken else None
        sound = home.media.path(narrated.sound) if narrated and narrated.sound else None
        rating = inspect_scene(plan, circled, narrated, sound, others=others)
        inputs = planned.as_input() | (spoken.as_input() if spoken else {})
        for take in takes.values():
            inputs |= take.as_input() if take else {}
        return Made(rating, inputs), _rating_metadata(rating)

    return make_cells(context, make, workers=settings().workers)


@dg.asset(
    partitions_def=GRID.pilots,
    ins={
        "brief": upstream(GRID.to_or_from_production),
        "pilot_strategies": upstream(GRID.to_or_from_production),
        "scenes": upstream(),
        "qa_scores": upstream(GRID.scenes_to_pilot),
    },
    backfill_policy=SINGLE_RUN,
    group_name=GROUP,
    owners=["team:critics"],
    kinds={"agent"},
    code_version=code_version("1", "critic"),
    description="The critic's decision about a pilot after its test scenes: continue or cancel, and with what money.",
)
def critic_verdicts(
    context: dg.AssetExecutionContext,
    home: StudioHome,
    brief: Upstream,
    pilot_strategies: Upstream,
    scenes: Upstream,
    qa_scores: Upstream,
):
    def make(cell: Cell) -> tuple[Made, Metadata]:
        script = scenes.get(cell.key)
        if script is None:
            return phantom(f"no pilot of {cell.production} is shot in {cell.tier}")
        whole = cell.of_production()
        film, strategies = need(brief, "brief", whole), need(pilot_strategies, "pilot_strategies", whole)
        rated = [need(qa_scores, "qa_scores", cell.with_scene(number)) for number in script.content.test_scenes]
        standing = None
        if cell.tier in (carried_out(home.ledger, cell.production) or {}):
            before = home.artifacts.read("critic_verdicts", cell)
            standing = before.content if before else None
        verdict = judge(
            film.content,
            strategies.content.pilot(cell.tier),
            script.content,
            [rating.content for rating in rated],
            standing=standing,
        )
        inputs = film.as_input("film") | script.as_input()
        for rating in rated:
            inputs |= rating.as_input()
        return Made(verdict, inputs), _verdict_metadata(verdict)

    return make_cells(context, make)


def _rating_metadata(rating: SceneRating) -> Metadata:
    shots = [
        dg.TableRecord(
            {"shot": r.shot, "take": r.take, "rating": r.rating, "issues": "; ".join(i.message for i in r.issues)}
        )
        for r in rating.shots
    ]
    issues = [
        dg.TableRecord(
            {
                "issue": issue.code,
                "severity": issue.severity,
                "message": issue.message,
                "frames": "–" if issue.first_frame is None else f"{issue.first_frame}–{issue.last_frame}",
                "points": issue.points,
            }
        )
        for issue in rating.all_issues()
    ]
    metadata: dict[str, object] = {"rating": rating.rating, "issue_count": len(issues)}
    if shots:
        metadata["shots"] = dg.MetadataValue.table(shots)
    if issues:
        metadata["issues"] = dg.MetadataValue.table(issues)
    return metadata


def _verdict_metadata(verdict: Verdict) -> Metadata:
    return {
        "rating": verdict.rating,
        "decision": verdict.decision,
        "share_pct": verdict.share_pct,
        "gap": dg.MetadataValue.md(paragraphs(verdict.gap)),
        "reasons": dg.MetadataValue.md(bullets(verdict.reasons)),
        "notes": dg.MetadataValue.md(bullets(verdict.notes)),
    }


ASSETS = [qa_scores, critic_verdicts]
