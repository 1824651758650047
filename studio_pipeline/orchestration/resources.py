"""Dagster resources: the ledger, the media store and the vendors, each with the config that run config may swap.

In the launchpad, ``resources: {voice: {config: {provider: silence}}}`` makes one run speak with another voice. What
a vendor is and does lives in ``providers/``; the prices in ``budget/``.
See https://docs.dagster.io/guides/build/external-resources
"""

from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg

from studio_pipeline.budget.ledger import Ledger, pilot_envelope, production_envelope
from studio_pipeline.budget.rate_cards import RateCards
from studio_pipeline.media.store import MediaStore
from studio_pipeline.orchestration.artifacts import ArtifactStore
from studio_pipeline.orchestration.facts import Facts, gather
from studio_pipeline.orchestration.io_managers import ArtifactIOManager
from studio_pipeline.orchestration.orders import Orders
from studio_pipeline.providers import factory
from studio_pipeline.providers.capabilities import Kind
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.metering import Account, Metered, Purchase
from studio_pipeline.providers.vendor import Quote
from studio_pipeline.settings import ASSETS_DIR, Settings, environment

_ledgers: dict[str, tuple[int, Ledger]] = {}


def _opened_ledger(url: str) -> Ledger:
    """The ledger at ``url``, opened and checked once a process, and again when its file is another one.

    Dagster makes every resource anew for each tick and each run, and the check reads the whole ledger.
    """
    file = Path(url.removeprefix("sqlite:///"))
    kept = _ledgers.get(url)
    if kept is None or not file.exists() or kept[0] != file.stat().st_ino:
        ledger = Ledger(url)
        kept = _ledgers[url] = (file.stat().st_ino if file.exists() else 0, ledger)
    return kept[1]


class StudioHome(dg.ConfigurableResource):
    """Where this code location keeps things; ``root`` is the studio home."""

    root: str
    artifacts_url: str
    ledger_url: str

    @property
    def path(self) -> Path:
        return Path(self.root)

    @cached_property
    def media(self) -> MediaStore:
        return MediaStore(self.path / "media")

    @cached_property
    def orders(self) -> Orders:
        return Orders(self.path / "orders")

    @cached_property
    def artifacts(self) -> ArtifactStore:
        return ArtifactStore(self.artifacts_url)

    @cached_property
    def ledger(self) -> Ledger:
        return _opened_ledger(self.ledger_url)

    @cached_property
    def rate_cards(self) -> RateCards:
        return RateCards.load(ASSETS_DIR / "vendors")

    def setup(self, vendor: str) -> Setup:
        """What the adapter of ``vendor`` is made from."""
        data = factory.vendors()[vendor]
        return Setup(
            manifest=data.manifest,
            models=data.models,
            prices=self.rate_cards,
            resolve=self.media.path,
            inbox=self.path / "inbox",
            environ=environment(),
        )

    def films(self, production: str) -> Path:
        """Folder of a production's deliverables."""
        return self.path / "films" / production

    def facts(self, production: str, instance: dg.DagsterInstance, *, since: float | None = None) -> Facts:
        """Everything the call sheet decides from, as it is now."""
        return gather(
            production,
            orders=self.orders,
            store=self.artifacts,
            ledger=self.ledger,
            instance=instance,
            media=self.media,
            films=self.films(production),
            since=since,
        )


class VendorResource(dg.ConfigurableResource):
    """One kind of vendor, chosen by name, behind the ledger."""

    kind: Kind
    provider: str
    home: dg.ResourceDependency[StudioHome]

    @cached_property
    def _vendor(self) -> Any:
        return factory.vendor(self.kind, self.home.setup(factory.chosen(self.kind, self.provider)))

    @cached_property
    def _metered(self) -> Metered:
        return Metered(self.home.ledger, self.home.media)

    def model(self, wanted: str) -> str:
        """The model to ask for: ``wanted``, or this vendor's only one when nothing is wanted."""
        return wanted or factory.OWN_MODELS[self._vendor.name]

    def quote(self, request: Any) -> Quote:
        """Price of ``request``, without reserving anything."""
        return self._vendor.quote(request)

    def buy(self, request: Any, *, production: str, tier: str, place: str, stage: str, take: int = 1) -> Purchase:
        """Buy through the ledger, out of the envelopes of the pilot and the production.

        Raises:
            OutOfBudget: when an envelope has not enough left; nothing was sent.
            ProviderFailed: when the vendor did not deliver.
        """
        account = Account(
            production=production,
            place=place,
            stage=stage,
            envelopes=(production_envelope(production), pilot_envelope(production, tier)),
        )
        return self._metered.buy(self._vendor, request, take=take, account=account)


def build_resources(settings: Settings) -> dict[str, Any]:
    """The default resources, as ``settings`` name them."""
    home = StudioHome(root=str(settings.home), artifacts_url=settings.artifacts_url, ledger_url=settings.ledger_url)
    return {
        "home": home,
        "io_manager": ArtifactIOManager(url=settings.artifacts_url),
        "image": VendorResource(kind="image", provider=settings.image_provider, home=home),
        "video": VendorResource(kind="video", provider=settings.video_provider, home=home),
        "voice": VendorResource(kind="voice", provider=settings.voice_provider, home=home),
        "music": VendorResource(kind="music", provider=settings.music_provider, home=home),
    }
