"""The grid: which partitions exist, and how the partitions of one asset map to those of the next.

Productions are dynamic. The second dimension of every other asset is static and comes from data: tiers from
``assets/tiers.yaml``, scenes and shots from the limits in the settings. Only mappings that Dagster ships are used,
so that lineage, single launches and backfills work in the UI (ADR 0001). A cell of the grid that a script does not
have is called a *phantom*; its body writes an absent marker.

Dagster orders the dimensions of a key alphabetically; ``production`` sorts before ``scene``, ``shot`` and ``tier``.
See https://docs.dagster.io/guides/build/partitions-and-backfills/partitioning-assets
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import dagster as dg

from studio_pipeline.film.cells import Cell

PRODUCTIONS = "productions"
"""Name of the dynamic partitions: one key a production."""


@dataclass(frozen=True)
class Grid:
    """All cells a production may have."""

    tiers: tuple[str, ...]
    max_scenes: int
    max_shots: int

    def scene_places(self, tier: str) -> list[str]:
        """Second-dimension keys of all scenes of ``tier``, in order."""
        return [f"{tier}.s{scene:02d}" for scene in range(1, self.max_scenes + 1)]

    def shot_places(self, scene_place: str) -> list[str]:
        return [f"{scene_place}.k{shot}" for shot in range(1, self.max_shots + 1)]

    @cached_property
    def all_scenes(self) -> list[str]:
        return [place for tier in self.tiers for place in self.scene_places(tier)]

    @cached_property
    def all_shots(self) -> list[str]:
        return [shot for scene in self.all_scenes for shot in self.shot_places(scene)]

    @cached_property
    def productions(self) -> dg.DynamicPartitionsDefinition:
        return dg.DynamicPartitionsDefinition(name=PRODUCTIONS)

    @cached_property
    def pilots(self) -> dg.MultiPartitionsDefinition:
        return self._by("tier", self.tiers)

    @cached_property
    def scenes(self) -> dg.MultiPartitionsDefinition:
        return self._by("scene", self.all_scenes)

    @cached_property
    def shots(self) -> dg.MultiPartitionsDefinition:
        return self._by("shot", self.all_shots)

    def _by(self, dimension: str, keys: Iterable[str]) -> dg.MultiPartitionsDefinition:
        return dg.MultiPartitionsDefinition(
            {"production": self.productions, dimension: dg.StaticPartitionsDefinition(list(keys))}
        )

    # Mappings, named from the upstream asset's partitions to the downstream one's.

    @cached_property
    def to_or_from_production(self) -> dg.PartitionMapping:
        """Between a production and all its pilots, scenes or shots, either way."""
        return dg.MultiToSingleDimensionPartitionMapping("production")

    @cached_property
    def pilot_to_scenes(self) -> dg.PartitionMapping:
        return self._joined("tier", "scene", {tier: self.scene_places(tier) for tier in self.tiers})

    @cached_property
    def scenes_to_pilot(self) -> dg.PartitionMapping:
        return self._joined("scene", "tier", {place: Cell.parse(f"x|{place}").tier or "" for place in self.all_scenes})

    @cached_property
    def scene_to_shots(self) -> dg.PartitionMapping:
        return self._joined("scene", "shot", {place: self.shot_places(place) for place in self.all_scenes})

    @cached_property
    def shots_to_scene(self) -> dg.PartitionMapping:
        return self._joined("shot", "scene", {shot: shot.rpartition(".")[0] for shot in self.all_shots})

    @staticmethod
    def _joined(upstream: str, downstream: str, table: dict[str, str] | dict[str, list[str]]) -> dg.PartitionMapping:
        return dg.MultiPartitionMapping(
            {
                "production": dg.DimensionPartitionMapping("production", dg.IdentityPartitionMapping()),
                upstream: dg.DimensionPartitionMapping(downstream, dg.StaticPartitionMapping(table)),
            }
        )

    def has(self, cell: Cell) -> bool:
        """Whether ``cell`` lies on the grid at all; Dagster accepts launches of keys that do not."""
        return (
            (cell.tier is None or cell.tier in self.tiers)
            and (cell.scene or 1) <= self.max_scenes
            and (cell.shot or 1) <= self.max_shots
        )
