"""The one IO manager: artifacts in, artifacts out, one file a partition.

A body hands over ``{partition key: Made}`` for the cells of its run and is handed ``{partition key: Artifact}`` for
the upstream cells that exist; absent markers and cells never made are left out, so a reader checks completeness
against the script, never against the grid. See https://docs.dagster.io/guides/build/io-managers
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import dagster as dg

from studio_pipeline.film.cells import Cell
from studio_pipeline.orchestration.artifacts import Artifact, ArtifactStore, Made


class ArtifactIOManager(dg.ConfigurableIOManager):
    """Stores artifacts as JSON under ``url``."""

    url: str

    @cached_property
    def store(self) -> ArtifactStore:
        return ArtifactStore(self.url)

    def handle_output(self, context: dg.OutputContext, obj: Mapping[str, Made[Any]]) -> None:
        for key in sorted(context.asset_partition_keys):
            self.store.write(
                context.asset_key.path[-1],
                Cell.parse(key),
                obj[key],
                code_version=context.asset_spec.code_version or "",
                run_id=context.run_id,
            )

    def load_input(self, context: dg.InputContext) -> dict[str, Artifact[Any]]:
        asset = context.asset_key.path[-1]
        found = ((key, self.store.read(asset, Cell.parse(key))) for key in sorted(context.asset_partition_keys))
        return {key: artifact for key, artifact in found if artifact is not None}
