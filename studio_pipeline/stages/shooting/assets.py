"""Dagster assets of the shooting stage: shot plans, and the clips with their takes. Sound is in ``sound_assets.py``.

Shells only: the cinematographer is in ``cinematographer.py``, buying a take in ``take.py``.
"""

from collections.abc import Mapping
from functools import partial

import dagster as dg

from studio_pipeline.errors import BadInput
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.frozen import digest_of
from studio_pipeline.film.shots import Shot, ShotPlan
from studio_pipeline.film.takes import ShotTakes
from studio_pipeline.media.markdown import bullets
from studio_pipeline.media.probe import probe
from studio_pipeline.media.thumbnail import picture_md
from studio_pipeline.orchestration.artifacts import Absent, Made
from studio_pipeline.orchestration.cells import Metadata, Upstream, make_cells, need, phantom, upstream
from studio_pipeline.orchestration.grid import GRID, SINGLE_RUN
from studio_pipeline.orchestration.jobs import RETAKE_JOB
from studio_pipeline.orchestration.minds import Mind, decided_by
from studio_pipeline.orchestration.money import draw_on_reserve
from studio_pipeline.orchestration.resources import LanguageResource, VendorResource
from studio_pipeline.orchestration.studio_home import StudioHome
from studio_pipeline.orchestration.versions import code_version
from studio_pipeline.settings import settings
from studio_pipeline.stages.shooting.cinematographer import plan_shots
from studio_pipeline.stages.shooting.prompt_enhancement import enhanced
from studio_pipeline.stages.shooting.prompt_parts import limit_of
from studio_pipeline.stages.shooting.refinement import refine
from studio_pipeline.stages.shooting.scene_inputs import SCENE_INS, scene_of
from studio_pipeline.stages.shooting.sound_assets import SOUND_ASSETS
from studio_pipeline.stages.shooting.take import shoot

GROUP = "shooting"
OWNERS = ["team:camera"]


class Retake(dg.Config):
    """Run config of ``pilot_clips``. Without it a shot whose plan did not change is found again for $0."""

    retake: bool = False
    """Make a new take (a new purchase), also where there is a good one. The job retake_shot always does."""
    note: str = ""
    """What should be different, e.g. ``closer``."""
    polish: bool = False
    """As the policy asks, by halving or to refine a shot: one more take, out of the pilot's own money; the others
    stay."""
    circle: int = 0
    """With ``polish``: circle this take and buy nothing."""


@dg.asset(
    partitions_def=GRID.scenes,
    ins=SCENE_INS,
    backfill_policy=SINGLE_RUN,
    group_name=GROUP,
    owners=OWNERS,
    kinds={"agent"},
    code_version=code_version("1", "cinematographer", "prompt_enhancer", "quality_evaluator"),
    check_specs=[
        dg.AssetCheckSpec(
            "covers_the_scene", asset="shot_plans", description="Shots add up to their scene, frame for frame."
        )
    ],
    description="The cinematographer's shots of a scene: frames, framing, move, prompt, continuity.",
)
def shot_plans(
    context: dg.AssetExecutionContext,
    language: LanguageResource,
    image: VendorResource,
    video: VendorResource,
    brief: Upstream,
    pilot_strategies: Upstream,
    scenes: Upstream,
):
    def make(cell: Cell) -> tuple[Made, Metadata]:
        found = scene_of(cell, brief, pilot_strategies, scenes)
        if isinstance(found, str):
            return phantom(found)
        film, pilot, script, inputs = found
        models, kid = video.shop(film).capabilities(pilot.tier), film.content_mode == "kid"
        # What is drawn on this machine is drawn from the board: better words for it would be paid for nothing.
        worded = bool(models or image.shop(film).capabilities(pilot.tier))
        planner = language.mind("cinematographer", film, cell, GROUP)
        enhancer = language.mind("prompt_enhancer", film, cell, GROUP) if worded else None
        judge = language.mind("quality_evaluator", film, cell, GROUP) if worded else None
        planned = plan_shots(
            script,
            cell.scene or 0,
            pilot,
            size=film.frame_size,
            max_shots=GRID.max_shots,
            models=models,
            kid=kid,
            mind=planner,
        )
        plan = enhanced(planned, script, pilot, mind=enhancer, judge=judge, limit=limit_of(models), kid=kid)
        parts = {f"k{shot.number}": digest_of([shot, plan.rate, plan.size]) for shot in plan.shots}
        return Made(plan, inputs, parts), {**_plan_metadata(plan), **decided_by(planner, enhancer, judge)}

    def check(made: Mapping[Cell, Made]) -> list[dg.AssetCheckResult]:
        wrong = {}
        for cell, one in made.items():
            if isinstance(one.content, ShotPlan):
                scene = need(scenes, "scenes", cell.of_pilot()).content.scene(cell.scene)
                if scene.frames != one.content.frames:
                    wrong[cell.key] = f"{one.content.frames} frames of {scene.frames}"
        return [dg.AssetCheckResult(check_name="covers_the_scene", passed=not wrong, metadata={"wrong": wrong})]

    workers = settings().llm_parallel if language.models_in_use else 1
    return make_cells(context, make, workers=workers, check=check)


@dg.asset(
    partitions_def=GRID.shots,
    ins={
        "brief": upstream(GRID.to_or_from_production),
        "pilot_strategies": upstream(GRID.to_or_from_production),
        "shot_plans": upstream(GRID.scene_to_shots),
    },
    backfill_policy=SINGLE_RUN,
    group_name=GROUP,
    owners=OWNERS,
    kinds={"video"},
    code_version="1",
    check_specs=[
        dg.AssetCheckSpec(
            "exact_frames", asset="pilot_clips", description="Each clip has the planned frames, rate and size."
        )
    ],
    description="The takes of a shot and which one is circled. Config `retake: true` makes a new take of it alone.",
)
def pilot_clips(
    context: dg.AssetExecutionContext,
    config: Retake,
    home: StudioHome,
    image: VendorResource,
    video: VendorResource,
    language: LanguageResource,
    brief: Upstream,
    pilot_strategies: Upstream,
    shot_plans: Upstream,
):
    # The launchpad fills in `retake: false`, this class's default, also for the job that is there for retakes.
    again = config.retake or context.run.job_name == RETAKE_JOB

    def make(cell: Cell) -> tuple[Made, Metadata]:
        whole = cell.of_production()
        film, strategies = need(brief, "brief", whole), need(pilot_strategies, "pilot_strategies", whole)
        pilot = strategies.content.pilot(cell.tier)
        planned = shot_plans.get(cell.of_scene().key)
        shot = planned.content.shot(cell.shot) if planned else None
        if pilot is None or planned is None or shot is None:
            return phantom(f"the script has no shot {cell.place}, or it is not planned yet")
        inputs = strategies.as_input(pilot.tier) | planned.as_input(f"k{shot.number}")
        if config.polish and (polished := _polish(home, cell, config)) is not None:
            return Made(polished, inputs), _take_metadata(polished, home)
        before, marker = home.artifacts.read("pilot_clips", cell), home.artifacts.absent("pilot_clips", cell)
        prompt, told = "", ()
        if config.polish and before is not None:
            refiner = language.mind("prompt_refiner", film.content, cell, GROUP)
            models = video.shop(film.content).capabilities(pilot.tier)
            prompt, told = _refined(home, cell, shot, before.content, refiner, limit_of(models), film.content)
        outcome = shoot(
            cell,
            shot,
            planned.content,
            pilot,
            before.content if before else marker.takes if marker else None,
            seed=film.content.seed,
            image=image.shop(film.content),
            video=video.shop(film.content),
            note=config.note if again or config.polish else None,
            by="policy" if config.polish else "person",
            prompt=prompt,
            told=told,
            draw=partial(draw_on_reserve, home.ledger, cell.production, pilot.tier),
        )
        return Made(outcome, inputs), _take_metadata(outcome, home)

    def check(made: Mapping[Cell, Made]) -> list[dg.AssetCheckResult]:
        wrong = {}
        for cell, one in made.items():
            if isinstance(one.content, ShotTakes):
                plan: ShotPlan = need(shot_plans, "shot_plans", cell.of_scene()).content
                shot = plan.shot(cell.shot or 0)
                facts = probe(home.media.path(one.content.take.clip))
                if shot is None or (facts.frames, facts.rate, facts.size) != (shot.clip_frames, plan.rate, plan.size):
                    wrong[cell.key] = f"{facts.frames} frames, {facts.size[0]}×{facts.size[1]}"
        return [dg.AssetCheckResult(check_name="exact_frames", passed=not wrong, metadata={"wrong": wrong})]

    return make_cells(context, make, workers=settings().workers, check=check)


def _polish(home: StudioHome, cell: Cell, config: Retake) -> ShotTakes | None:
    """The takes with another one circled; ``None`` when a new take is wanted."""
    before = home.artifacts.read("pilot_clips", cell)
    if before is None or not config.circle:
        return None
    numbers = [take.number for take in before.content.takes]
    if config.circle not in numbers:
        raise BadInput(
            f"{cell.place} has no take {config.circle}", where=cell.production, todo=f"There are: {numbers}."
        )
    return before.content.model_copy(update={"circled": config.circle})


def _refined(
    home: StudioHome, cell: Cell, shot: Shot, takes: ShotTakes, mind: Mind | None, limit: int, film: Brief
) -> tuple[str, tuple[str, ...]]:
    """The prompt of the next take, by what the inspector says of the circled one; empty where the same prompt with
    another seed is all there is to try: without a mind, or with nothing named."""
    rated = home.artifacts.read("qa_scores", cell.of_scene())
    ratings = rated.content.shots if rated else ()
    issues = next((rating.issues for rating in ratings if rating.shot == cell.place), ())
    if mind is None or not issues:
        return "", ()
    said = shot.model_copy(update={"prompt": takes.take.prompt}) if takes.take.prompt else shot
    return refine(said, issues, mind, limit=limit, kid=film.content_mode == "kid")


def _plan_metadata(plan: ShotPlan) -> Metadata:
    rows = [
        dg.TableRecord(
            {
                "shot": shot.number,
                "frames": shot.frames,
                "framing": shot.board.framing,
                "move": shot.move,
                "action": shot.board.action,
                "prompt": shot.prompt,
            }
        )
        for shot in plan.shots
    ]
    return {
        "shots": dg.MetadataValue.table(rows),
        "shot_count": len(plan.shots),
        "frames": plan.frames,
        "events": dg.MetadataValue.md(bullets(plan.events)),
    }


def _take_metadata(outcome: ShotTakes | Absent, home: StudioHome) -> Metadata:
    if isinstance(outcome, Absent):
        return {"needed_usd": float(outcome.needed_usd)} if outcome.needed_usd is not None else {}
    take = outcome.take
    clip = home.media.path(take.clip)
    return {
        "poster": dg.MetadataValue.md(picture_md(home.media.path(take.poster), alt=outcome.shot)),
        "clip": dg.MetadataValue.path(str(clip)),
        "take": take.number,
        "takes": len(outcome.takes),
        "note": take.note or "–",
        "prompt": take.prompt or "as planned",
        "frames": take.frames,
        "price_usd": float(take.still.price_usd + take.video.price_usd),
        "simulated": take.video.simulated,
        "vendor": f"{take.video.vendor} {take.video.model}",
        "events": dg.MetadataValue.md(bullets(take.events + take.still.events + take.video.events)),
    }


ASSETS = [shot_plans, *SOUND_ASSETS, pilot_clips]
