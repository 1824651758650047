"""The grid of this process: the limits from the settings and the tiers from ``assets/tiers.yaml``, read once."""

from __future__ import annotations

import warnings
from functools import lru_cache

import dagster as dg

from studio_pipeline.film.pilot import Tier
from studio_pipeline.orchestration.partitions import Grid
from studio_pipeline.orchestration.tiers import load_tiers
from studio_pipeline.settings import ASSETS_DIR, settings

# Partition mappings and backfill policies are beta in Dagster 1.13; ADR 0001 says why we lean on them all the same.
warnings.filterwarnings("ignore", category=dg.BetaWarning)


@lru_cache(maxsize=1)
def tiers() -> tuple[Tier, ...]:
    """All tiers a pilot may be shot in."""
    return load_tiers(ASSETS_DIR / "tiers.yaml")


GRID = Grid(tuple(sorted(tier.name for tier in tiers())), settings().max_scenes, settings().max_shots)
"""Every asset of the code location is partitioned by this grid."""

SINGLE_RUN = dg.BackfillPolicy.single_run()
"""Ranges are made in one run: models load once, and two hundred cells are not two hundred runs."""
