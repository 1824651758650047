"""Dagster asset of the editing stage: the candidate cuts. The editor is in ``editor.py``."""

from collections.abc import Iterable
from typing import Any

import dagster as dg

from studio_pipeline.film.cells import Cell
from studio_pipeline.film.frozen import digest_of
from studio_pipeline.film.ratings import Verdict
from studio_pipeline.film.script import Script
from studio_pipeline.film.shots import ShotPlan
from studio_pipeline.media.markdown import bullets
from studio_pipeline.media.viewing_copy import viewing_copies
from studio_pipeline.orchestration.artifacts import Made
from studio_pipeline.orchestration.call_sheet import continuing
from studio_pipeline.orchestration.cells import Metadata, Upstream, make_cells, need, upstream
from studio_pipeline.orchestration.facts import carried_out
from studio_pipeline.orchestration.grid import GRID
from studio_pipeline.orchestration.minds import decided_by
from studio_pipeline.orchestration.orders import recut_ref
from studio_pipeline.orchestration.quality import quality
from studio_pipeline.orchestration.resources import LanguageResource
from studio_pipeline.orchestration.studio_home import StudioHome
from studio_pipeline.orchestration.versions import code_version
from studio_pipeline.stages.editing.dubs import with_dubs
from studio_pipeline.stages.editing.editor import propose_cuts
from studio_pipeline.stages.editing.footage import PilotFootage
from studio_pipeline.stages.editing.recuts import with_recuts
from studio_pipeline.stages.editing.second_look import looked_over
from studio_pipeline.stages.editing.viewing import ViewingRoom
from studio_pipeline.wording import places_for, usd

_FOOTAGE = ("scenes", "shot_plans", "narration", "music", "pilot_clips", "qa_scores", "critic_verdicts")


@dg.asset(
    partitions_def=GRID.productions,
    ins={name: upstream() for name in ("brief", "pilot_strategies")}
    | {name: upstream(GRID.to_or_from_production) for name in _FOOTAGE},
    group_name="editing",
    owners=["team:editors"],
    kinds={"agent"},
    code_version=code_version("2", "editor"),
    description="Candidate cuts of everything that was shot, each with its reasons, a predicted rating, and what it "
    "would still need.",
)
def edls(
    context: dg.AssetExecutionContext,
    home: StudioHome,
    language: LanguageResource,
    brief: Upstream,
    pilot_strategies: Upstream,
    scenes: Upstream,
    shot_plans: Upstream,
    narration: Upstream,
    music: Upstream,
    pilot_clips: Upstream,
    qa_scores: Upstream,
    critic_verdicts: Upstream,
):
    rooms = {
        "scenes": scenes,
        "shot_plans": shot_plans,
        "narration": narration,
        "music": music,
        "pilot_clips": pilot_clips,
        "qa_scores": qa_scores,
        "critic_verdicts": critic_verdicts,
    }

    def make(cell: Cell) -> tuple[Made, Metadata]:
        film = need(brief, "brief", cell)
        inputs = film.as_input("film") | film.as_input("delivery") | film.as_input("dubs")
        pilots = {}
        staked = need(pilot_strategies, "pilot_strategies", cell)
        verdicts = {pilot.tier: critic_verdicts.get(cell.with_tier(pilot.tier).key) for pilot in staked.content.pilots}
        judged = {tier: verdict.content for tier, verdict in verdicts.items() if verdict}
        for tier, share in continuing(judged, carried_out(home.ledger, cell.production)).items():
            inputs |= staked.as_input(tier)
            pilots[tier] = _footage(cell.with_tier(tier), rooms, inputs, share)
        mind = language.mind("editor", film.content, cell, "editing")
        cuts = propose_cuts(
            film.content,
            pilots,
            bar=quality().refinement.good[film.content.quality_mode],
            mind=mind,
        )
        recuts = home.orders.recuts(cell.production)
        inputs |= {recut_ref(recut): digest_of(recut) for recut in recuts}
        cuts = with_recuts(looked_over(cuts, ViewingRoom(home.media)), recuts, pilots)
        cuts = with_dubs(cuts, film.content, pilots)
        folder = home.films(cell.production) / "cuts"
        seen = viewing_copies([cut.timeline for cut in cuts.cuts], home.media.path, folder, cache=home.cache)
        parts = {cut.name: digest_of(cut) for cut in cuts.cuts}
        parts["recommended"] = digest_of([cuts.recommended, parts[cuts.recommended]])
        rows = [
            dg.TableRecord(
                {
                    "cut": cut.name,
                    "recommended": cut.name == cuts.recommended,
                    "rating": cut.rating,
                    "seconds": round(cut.timeline.duration_s, 2),
                    "clips": len(cut.timeline.clips),
                    "rationale": cut.rationale,
                    "needs_usd": usd(cut.needs_usd, places=places_for([cut.needs_usd])),
                    "languages": ", ".join([cut.timeline.language, *(dub.language for dub in cut.dubs)]),
                    "missing": "; ".join(cut.missing),
                    "notes": "; ".join(cut.notes),
                }
            )
            for cut in cuts.cuts
        ]
        return Made(cuts, inputs, parts), {
            "cuts": dg.MetadataValue.table(rows),
            "cut_count": len(cuts.cuts),
            "recommended": cuts.recommended,
            "events": dg.MetadataValue.md(bullets((*cuts.events, *seen))),
            "viewing_copies": dg.MetadataValue.path(str(folder)),
            **decided_by(mind),
            "to_choose": f"studio choose {cell.production} {cuts.recommended}",
        }

    return make_cells(context, make)


def _footage(pilot: Cell, rooms: dict[str, Upstream], inputs: dict[str, str], share_pct: int) -> PilotFootage:
    """Everything a continuing pilot has, by scene and shot; adds what it reads to ``inputs``."""

    def there(asset: str, cells: Iterable[Cell]) -> dict[Cell, Any]:
        found = {cell: rooms[asset][cell.key] for cell in cells if cell.key in rooms[asset]}
        for artifact in found.values():
            inputs.update(artifact.as_input())
        return {cell: artifact.content for cell, artifact in found.items()}

    def by_scene(asset: str) -> dict[int, Any]:
        return {cell.scene or 0: content for cell, content in there(asset, scenes).items()}

    script: Script = there("scenes", [pilot])[pilot]
    verdict: Verdict = there("critic_verdicts", [pilot])[pilot]
    scenes = [pilot.with_scene(scene.number) for scene in script.scenes]
    plans: dict[int, ShotPlan] = by_scene("shot_plans")
    shots = [pilot.with_scene(scene).with_shot(shot.number) for scene in plans for shot in plans[scene].shots]
    return PilotFootage(
        tier=pilot.tier or "",
        script=script,
        plans=plans,
        takes={cell.place: takes for cell, takes in there("pilot_clips", shots).items()},
        ratings=by_scene("qa_scores"),
        narration=by_scene("narration"),
        music=there("music", [pilot]).get(pilot),
        verdict=verdict.model_copy(update={"decision": "continue", "share_pct": share_pct}),
    )


ASSETS = [edls]
