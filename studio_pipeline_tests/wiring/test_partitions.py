"""Lineage between partitions is exact both ways, for every edge of the graph, and stays inside its production."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
import pytest
from dagster._core.definitions.partitions.context import partition_loading_context

from studio_pipeline.definitions import build_defs
from studio_pipeline.orchestration.grid import GRID

TIERS = ("animated", "photoreal", "static")
SCENES = [f"animated.s{n:02d}" for n in range(1, GRID.max_scenes + 1)]
SHOTS = [f"animated.s03.k{n}" for n in range(1, GRID.max_shots + 1)]

# What one partition of the asset reads, by asset; the production is left out of the keys.
READS = {
    ("story", ""): {"brief": [""]},
    ("pilot_strategies", ""): {"brief": [""], "story": [""]},
    ("scenes", "animated"): {"brief": [""], "story": [""], "pilot_strategies": [""]},
    ("music", "animated"): {"brief": [""], "scenes": ["animated"]},
    ("shot_plans", "animated.s03"): {"brief": [""], "pilot_strategies": [""], "scenes": ["animated"]},
    ("narration", "animated.s03"): {"brief": [""], "pilot_strategies": [""], "scenes": ["animated"]},
    ("pilot_clips", "animated.s03.k2"): {"brief": [""], "pilot_strategies": [""], "shot_plans": ["animated.s03"]},
    ("qa_scores", "animated.s03"): {
        "brief": [""],
        "scenes": ["animated"],
        "shot_plans": ["animated.s03"],
        "narration": ["animated.s03"],
        "pilot_clips": SHOTS,
    },
    ("critic_verdicts", "animated"): {
        "brief": [""],
        "pilot_strategies": [""],
        "scenes": ["animated"],
        "qa_scores": SCENES,
    },
    ("final_cut", ""): {"edls": [""]},
}
# What changes below one partition.
FEEDS = {
    ("scenes", "animated"): {
        "music": ["animated"],
        "shot_plans": SCENES,
        "narration": SCENES,
        "qa_scores": SCENES,
        "edls": [""],
    },
    ("shot_plans", "animated.s03"): {"pilot_clips": SHOTS, "qa_scores": ["animated.s03"], "edls": [""]},
    ("pilot_clips", "animated.s03.k2"): {"qa_scores": ["animated.s03"], "edls": [""]},
    ("qa_scores", "animated.s03"): {"critic_verdicts": ["animated"], "edls": [""]},
    ("edls", ""): {"final_cut": [""]},
}


@pytest.fixture(scope="module")
def graph() -> Iterator[dg.AssetGraph]:
    """The asset graph, in a home with two productions."""
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("productions", ["kite", "whale"])
        with partition_loading_context(dynamic_partitions_store=instance):
            yield build_defs().resolve_asset_graph()


def key_of(place: str, production: str = "kite") -> str:
    return f"{production}|{place}" if place else production


def by_asset(found: object) -> dict[str, list[str]]:
    keys: dict[str, list[str]] = {}
    for partition in found:  # type: ignore[attr-defined]
        keys.setdefault(partition.asset_key.to_user_string(), []).append(partition.partition_key)
    return {asset: sorted(partitions) for asset, partitions in keys.items()}


@pytest.mark.parametrize(("asset", "place"), READS)
def test_a_partition_reads_exactly_its_own(graph: dg.AssetGraph, asset: str, place: str) -> None:
    parents = graph.get_parents_partitions(dg.AssetKey(asset), key_of(place)).parent_partitions
    expected = {above: sorted(map(key_of, places)) for above, places in READS[asset, place].items()}
    assert by_asset(parents) == expected


def test_the_editor_reads_everything_of_one_production(graph: dg.AssetGraph) -> None:
    parents = by_asset(graph.get_parents_partitions(dg.AssetKey("edls"), "kite").parent_partitions)
    assert parents["brief"] == ["kite"]
    assert parents["scenes"] == [f"kite|{tier}" for tier in TIERS]
    assert parents["qa_scores"] == sorted(f"kite|{scene}" for scene in GRID.all_scenes)
    assert parents["pilot_clips"] == sorted(f"kite|{shot}" for shot in GRID.all_shots)


@pytest.mark.parametrize(("asset", "place"), FEEDS)
def test_a_change_reaches_exactly_what_is_below_it(graph: dg.AssetGraph, asset: str, place: str) -> None:
    children = by_asset(graph.get_children_partitions(dg.AssetKey(asset), key_of(place, "whale")))
    expected = {below: sorted(key_of(p, "whale") for p in places) for below, places in FEEDS[asset, place].items()}
    assert {below: children[below] for below in expected} == expected
    assert all(key.partition("|")[0] == "whale" for keys in children.values() for key in keys)
