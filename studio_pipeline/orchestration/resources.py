"""Dagster resources: the vendors of media and of thoughts, each with the config that run config may swap.

In the launchpad, ``resources: {voice: {config: {provider: silence}}}`` makes one run speak with another voice. What
a vendor is and does lives in ``providers/``; the prices in ``budget/``; where things are kept in ``studio_home.py``.
See https://docs.dagster.io/guides/build/external-resources
"""

from typing import Any

import dagster as dg

from studio_pipeline.film.brief import Brief
from studio_pipeline.film.cells import Cell
from studio_pipeline.orchestration.grid import every_tier
from studio_pipeline.orchestration.io_managers import ArtifactIOManager
from studio_pipeline.orchestration.minds import Mind
from studio_pipeline.orchestration.shop import Shop
from studio_pipeline.orchestration.studio_home import StudioHome, build_home
from studio_pipeline.providers import factory
from studio_pipeline.providers.capabilities import Kind
from studio_pipeline.settings import RULES, Settings, settings


class VendorResource(dg.ConfigurableResource):
    """One kind of vendor, chosen by name, behind the ledger."""

    kind: Kind
    provider: str
    home: dg.ResourceDependency[StudioHome]

    def shop(self, brief: Brief) -> Shop:
        """Where a production buys this kind of media."""
        return Shop(
            self.kind,
            factory.listed(self.kind, self.provider),
            self.home,
            every_tier(),
            rehearse=brief.rehearse,
            day_cap_usd=settings().day_cap_usd,
        )


class LanguageResource(dg.ConfigurableResource):
    """Who thinks, chosen by name, behind the ledger."""

    provider: str
    home: dg.ResourceDependency[StudioHome]

    @property
    def models_in_use(self) -> bool:
        """Whether a model is asked at all, and not only the rules."""
        return any(name != RULES for name in factory.listed("language", self.provider))

    def mind(self, function: str, brief: Brief, cell: Cell, stage: str) -> Mind | None:
        """The mind of a function for a cell; ``None`` where the rules decide: no model is in use, or it is a rehearsal
        (nothing is bought in one)."""
        vendors = factory.listed("language", self.provider)
        if brief.rehearse or all(name == RULES for name in vendors):
            return None
        return Mind(function, brief, cell, stage, self.home, vendors, settings().day_cap_usd)


def build_resources(settings: Settings) -> dict[str, Any]:
    """The default resources, as ``settings`` name them."""
    home = build_home(settings)
    return {
        "home": home,
        "io_manager": ArtifactIOManager(url=settings.artifacts_url),
        **{
            kind: VendorResource(kind=kind, provider=names, home=home)
            for kind, names in settings.providers.items()
            if kind != "language"
        },
        "language": LanguageResource(provider=settings.language_provider, home=home),
    }
