"""Dagster assets of the reviewing stage: ratings of scenes, verdicts on pilots.

Shells only: measuring and rating is in ``inspector.py``, looking in ``inspector_mind.py``, deciding in ``critic.py``,
the sensors in ``sensors.py``.
"""

import dagster as dg

from studio_pipeline.budget.halving import pilot_noise_points
from studio_pipeline.budget.takes_belief import RATING_NOISE_POINTS
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.ratings import SceneRating, ShotRating, Verdict
from studio_pipeline.media.markdown import bullets, paragraphs
from studio_pipeline.media.thumbnail import pictures_md
from studio_pipeline.orchestration.artifacts import Made
from studio_pipeline.orchestration.cells import Metadata, Upstream, make_cells, need, phantom, upstream
from studio_pipeline.orchestration.facts import carried_out
from studio_pipeline.orchestration.grid import GRID, SINGLE_RUN
from studio_pipeline.orchestration.minds import decided_by
from studio_pipeline.orchestration.quality import noise_points, quality, read_calibration
from studio_pipeline.orchestration.resources import LanguageResource
from studio_pipeline.orchestration.studio_home import StudioHome
from studio_pipeline.orchestration.versions import code_version
from studio_pipeline.settings import settings
from studio_pipeline.stages.reviewing.critic import judge
from studio_pipeline.stages.reviewing.inspector import inspect_scene, inspect_shot
from studio_pipeline.stages.reviewing.inspector_mind import FUNCTION, Judged, about_scene, judge_scene
from studio_pipeline.stages.reviewing.judgement import Seen

GROUP = "reviewing"
_PAGE_WIDTH = 900
"""Pixels of a page of film strips in the UI: its frame numbers can still be read."""


@dg.asset(
    partitions_def=GRID.scenes,
    ins={
        "brief": upstream(GRID.to_or_from_production),
        "scenes": upstream(GRID.pilot_to_scenes),
        "shot_plans": upstream(),
        "narration": upstream(),
        "pilot_clips": upstream(GRID.shots_to_scene),
    },
    backfill_policy=SINGLE_RUN,
    group_name=GROUP,
    owners=["team:inspectors"],
    kinds={"agent"},
    code_version=code_version("1", FUNCTION),
    description="Ratings 0 to 100 of a scene and its shots, measured on the files and seen by a judge where one is in "
    "use, with issues and frame numbers.",
)
def qa_scores(
    context: dg.AssetExecutionContext,
    home: StudioHome,
    language: LanguageResource,
    brief: Upstream,
    scenes: Upstream,
    shot_plans: Upstream,
    narration: Upstream,
    pilot_clips: Upstream,
):
    def make(cell: Cell) -> tuple[Made, Metadata]:
        planned, spoken = shot_plans.get(cell.key), narration.get(cell.key)
        if planned is None:
            return phantom(f"the script has no scene {cell.place}, or it is not planned yet")
        film, script = need(brief, "brief", cell.of_production()), need(scenes, "scenes", cell.of_pilot())
        plan = planned.content
        takes = [found for s in plan.shots if (found := pilot_clips.get(cell.with_shot(s.number).key))]
        seen: list[Seen] = []
        for found in takes:
            shot, name = plan.shots[(found.cell.shot or 1) - 1], found.cell.place
            for take in found.content.takes:
                path = home.media.path(take.clip)
                rated = inspect_shot(shot, take, path, rate=plan.rate, size=plan.size, name=name)
                seen.append(Seen(shot, take.number, path, rated))
        judged = judge_scene(
            language.mind(FUNCTION, film.content, cell, "reviewing"),
            seen,
            about=about_scene(film.content, script.content, plan),
            store=home.media,
            rules=quality().inspection,
            calibration=read_calibration(home.path),
        )
        in_use = {found.cell.place: found.content.circled for found in takes}
        narrated = spoken.content if spoken else None
        rating = inspect_scene(
            plan,
            [one for one in judged.ratings if one.take == in_use[one.shot]],
            narrated,
            home.media.path(narrated.sound) if narrated and narrated.sound else None,
            others=[one for one in judged.ratings if one.take != in_use[one.shot]],
            seen=judged.issues,
            events=judged.events,
        )
        inputs = planned.as_input() | (spoken.as_input("spoken") if spoken else {})
        for found in takes:
            inputs |= found.as_input()
        if judged.model:  # measures ask neither what was wanted nor by whom
            inputs |= film.as_input("film") | script.as_input(f"s{plan.scene:02d}")
        return Made(rating, inputs), _rating_metadata(rating, judged, home)

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
    language: LanguageResource,
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
        shots = sum(len(rating.content.shots) for rating in rated)
        mind = language.mind("critic", film.content, cell, "reviewing")
        verdict = judge(
            film.content,
            strategies.content.pilot(cell.tier),
            script.content,
            [rating.content for rating in rated],
            standing=standing,
            noise_points=pilot_noise_points(shots, noise_points(home.path) or RATING_NOISE_POINTS),
            bar=quality().refinement.good[film.content.quality_mode],
            mind=mind,
        )
        inputs = film.as_input("film") | script.as_input()
        for rating in rated:
            inputs |= rating.as_input()
        return Made(verdict, inputs), {**_verdict_metadata(verdict), **decided_by(mind)}

    return make_cells(context, make)


def _rating_metadata(rating: SceneRating, judged: Judged, home: StudioHome) -> Metadata:
    shots = [
        dg.TableRecord(
            {
                "shot": r.shot,
                "take": r.take,
                "circled": "yes" if r in rating.shots else "no",
                "rating": r.rating,
                "judged": _number(r, "judged_rating"),
                "measured": _number(r, "measured_rating") if r.seen else f"{r.rating:g}",
                "seen": r.seen or "–",
                "issues": "; ".join(i.message for i in r.issues),
            }
        )
        for r in (*rating.shots, *rating.others)
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
    if judged.model:
        pages = [home.media.path(page) for page in judged.pages]
        seen = dg.MetadataValue.md(pictures_md(pages, alt="what the judge saw", width=_PAGE_WIDTH))
        metadata |= {"judge": judged.model, "seen": seen}
    if judged.unseen:
        metadata["not_judged"] = dg.MetadataValue.md(bullets(judged.unseen))
    if rating.events:
        metadata["events"] = dg.MetadataValue.md(bullets(rating.events))
    return metadata


def _number(rating: ShotRating, measure: str) -> str:
    value = rating.measures.get(measure)
    return "–" if value is None else f"{value:g}"


def _verdict_metadata(verdict: Verdict) -> Metadata:
    return {
        "rating": verdict.rating,
        "decision": verdict.decision,
        "share_pct": verdict.share_pct,
        "gap": dg.MetadataValue.md(paragraphs(verdict.gap)),
        "reasons": dg.MetadataValue.md(bullets(verdict.reasons)),
        "notes": dg.MetadataValue.md(bullets(verdict.notes)),
        "events": dg.MetadataValue.md(bullets(verdict.events)),
    }


ASSETS = [qa_scores, critic_verdicts]
