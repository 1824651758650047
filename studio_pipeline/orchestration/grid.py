"""The grid of this process: the limits from the settings and the tiers from ``assets/tiers.yaml``, read once."""

from __future__ import annotations

import warnings
from functools import lru_cache

import dagster as dg

from studio_pipeline.film.pilot import Tier
from studio_pipeline.orchestration.partitions import Grid
from studio_pipeline.orchestration.tiers import load_tiers, shootable
from studio_pipeline.providers import factory
from studio_pipeline.settings import ASSETS_DIR, settings

# Partition mappings and backfill policies are beta in Dagster 1.13; ADR 0001 says why we lean on them all the same.
warnings.filterwarnings("ignore", category=dg.BetaWarning)


@lru_cache(maxsize=1)
def every_tier() -> tuple[Tier, ...]:
    """All tiers there are, with the models of every vendor. The grid does not depend on who is in use."""
    return load_tiers(ASSETS_DIR / "tiers.yaml")


@lru_cache(maxsize=1)
def tiers() -> tuple[Tier, ...]:
    """The tiers a pilot may be shot in, with the models of the vendors in use."""
    return tuple(tier for tier in _in_use() if isinstance(tier, Tier))


@lru_cache(maxsize=1)
def tiers_out_of_reach() -> dict[str, str]:
    """The other tiers, by name, with the reason."""
    return {tier.name: why for tier, why in zip(every_tier(), _in_use(), strict=True) if isinstance(why, str)}


def _in_use() -> list[Tier | str]:
    here = settings()
    image, video = factory.listed("image", here.image_provider), factory.listed("video", here.video_provider)
    return [shootable(tier, image, video) for tier in every_tier()]


GRID = Grid(tuple(sorted(tier.name for tier in every_tier())), settings().max_scenes, settings().max_shots)
"""Every asset of the code location is partitioned by this grid."""

SINGLE_RUN = dg.BackfillPolicy.single_run()
"""Ranges are made in one run: models load once, and two hundred cells are not two hundred runs."""
