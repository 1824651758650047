"""What every asset of a scene is made from: its brief, its pilot, its script, or why there is no such scene."""

from studio_pipeline.film.brief import Brief
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.pilot import Pilot
from studio_pipeline.orchestration.cells import Upstream, need, upstream
from studio_pipeline.orchestration.grid import GRID

SCENE_INS = {
    "brief": upstream(GRID.to_or_from_production),
    "pilot_strategies": upstream(GRID.to_or_from_production),
    "scenes": upstream(GRID.pilot_to_scenes),
}
"""What Dagster hands to such an asset."""


def scene_of(cell: Cell, brief: Upstream, pilot_strategies: Upstream, scenes: Upstream):
    """Brief, pilot, script and inputs of a scene's cell; or why there is none, in words."""
    whole = cell.of_production()
    film, strategies = need(brief, "brief", whole), need(pilot_strategies, "pilot_strategies", whole)
    pilot: Pilot | None = strategies.content.pilot(cell.tier)
    if pilot is None:
        return f"no pilot of {cell.production} is shot in {cell.tier}"
    script = need(scenes, "scenes", cell.of_pilot())
    if script.content.scene(cell.scene) is None:
        return f"the script of {cell.of_pilot()} has {len(script.content.scenes)} scenes"
    ordered: Brief = film.content
    inputs = film.as_input("film") | strategies.as_input(pilot.tier) | script.as_input(f"s{cell.scene:02d}")
    return ordered, pilot, script.content, inputs
