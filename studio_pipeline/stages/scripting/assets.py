"""Dagster asset of the scripting stage: one script a pilot. The screenwriter is in ``screenwriter.py``."""

from collections.abc import Mapping

import dagster as dg

from studio_pipeline.film.brief import Brief
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.frozen import digest_of
from studio_pipeline.film.pilot import Strategies
from studio_pipeline.film.script import Script
from studio_pipeline.media.markdown import bullets, glossary
from studio_pipeline.orchestration.artifacts import Made
from studio_pipeline.orchestration.cells import Metadata, Upstream, make_cells, need, phantom, upstream
from studio_pipeline.orchestration.grid import GRID, SINGLE_RUN
from studio_pipeline.orchestration.minds import decided_by
from studio_pipeline.orchestration.resources import LanguageResource
from studio_pipeline.orchestration.versions import code_version
from studio_pipeline.stages.scripting.screenwriter import write_script


def script_parts(script: Script) -> dict[str, str]:
    """Digests of what single scenes, and the music, depend on."""
    score = {"frames": script.frames, "rate": script.rate, "moods": [scene.mood for scene in script.scenes]}
    return {f"s{s.number:02d}": digest_of(script.part(s.number)) for s in script.scenes} | {"score": digest_of(score)}


@dg.asset(
    partitions_def=GRID.pilots,
    ins={name: upstream(GRID.to_or_from_production) for name in ("brief", "story", "pilot_strategies")},
    backfill_policy=SINGLE_RUN,
    group_name="scripting",
    owners=["team:writers"],
    kinds={"agent"},
    code_version=code_version("1", "script_generator"),
    check_specs=[
        dg.AssetCheckSpec(
            "fills_the_duration", asset="scenes", description="Scenes add up to the film, frame for frame."
        )
    ],
    description="The pilot's script: scenes with narration and visual direction, the bible, and the test scenes.",
)
def scenes(
    context: dg.AssetExecutionContext,
    language: LanguageResource,
    brief: Upstream,
    story: Upstream,
    pilot_strategies: Upstream,
):
    def make(cell: Cell) -> tuple[Made, Metadata]:
        whole = cell.of_production()
        ordered, strategies = need(brief, "brief", whole), need(pilot_strategies, "pilot_strategies", whole)
        understood, staked = need(story, "story", whole), strategies.content
        pilot = staked.pilot(cell.tier) if isinstance(staked, Strategies) and cell.tier else None
        if pilot is None:
            return phantom(f"no pilot of {cell.production} is shot in {cell.tier}")
        mind = language.mind("script_generator", ordered.content, cell, "scripting")
        script = write_script(ordered.content, understood.content, pilot, max_scenes=GRID.max_scenes, mind=mind)
        inputs = ordered.as_input("film") | understood.as_input() | strategies.as_input(pilot.tier)
        return Made(script, inputs, script_parts(script)), {**_metadata(script), **decided_by(mind)}

    def check(made: Mapping[Cell, Made]) -> list[dg.AssetCheckResult]:
        wrong = {}
        for cell, one in made.items():
            if isinstance(one.content, Script):
                film: Brief = need(brief, "brief", cell.of_production()).content
                if one.content.frames != film.frames:
                    wrong[cell.key] = f"{one.content.frames} frames of {film.frames}"
        return [dg.AssetCheckResult(check_name="fills_the_duration", passed=not wrong, metadata={"wrong": wrong})]

    return make_cells(context, make, check=check)


def _metadata(script: Script) -> Metadata:
    rows = [
        dg.TableRecord(
            {
                "scene": scene.number,
                "seconds": round(script.rate.seconds(scene.frames), 2),
                "test": scene.number in script.test_scenes,
                "heading": scene.heading,
                "narration": scene.narration,
                "direction": scene.direction,
            }
        )
        for scene in script.scenes
    ]
    return {
        "scenes": dg.MetadataValue.table(rows),
        "scene_count": len(script.scenes),
        "frames": script.frames,
        "logline": script.logline,
        "notes": dg.MetadataValue.md(bullets(script.notes)),
        "bible": dg.MetadataValue.md(glossary((c.name, f"({c.tag}): {c.look}") for c in script.characters)),
    }


ASSETS = [scenes]
