"""The studio home as a Dagster resource: where this code location keeps things, opened when they are first needed.

What lives here: the ledger, the media store, the artifacts, the prices and the facts of one home. What does not: the
home's folders, its lock and its Dagster instance (``home.py``), and who makes or decides things (``resources.py``).
"""

from collections.abc import Collection
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg

from studio_pipeline.budget.envelopes import day_envelope, utc_today
from studio_pipeline.budget.ledger import Ledger
from studio_pipeline.budget.rate_cards import RateCards
from studio_pipeline.experiments.records import Records
from studio_pipeline.media.credentials.certificates import Credentials
from studio_pipeline.media.render_cache import RenderCache
from studio_pipeline.media.store import MediaStore
from studio_pipeline.orchestration.artifacts import ArtifactStore
from studio_pipeline.orchestration.facts import Facts, gather
from studio_pipeline.orchestration.orders import Orders
from studio_pipeline.orchestration.quality import noise_points, quality
from studio_pipeline.orchestration.signing import credentials_of
from studio_pipeline.providers import factory
from studio_pipeline.providers.capabilities import vendor_of
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.said_prices import said_prices
from studio_pipeline.providers.vendor import Vendor
from studio_pipeline.settings import RULES, Settings, environment, settings

_ledgers: dict[str, tuple[int, Ledger]] = {}


def _opened_ledger(url: str) -> Ledger:
    """The ledger at ``url``, opened and checked once a process, and again when its file is another one.

    Dagster makes every resource anew for each tick and each run, and the check reads the whole ledger.
    """
    kept = _ledgers.get(url)
    if kept is None or kept[0] != _file_of(url):
        ledger = Ledger(url)
        kept = _ledgers[url] = (_file_of(url), ledger)
    return kept[1]


def _file_of(url: str) -> int:
    """Which file a ledger lies in; 0 when there is none, or it lies in a database server."""
    if not url.startswith("sqlite:///"):
        return 0
    try:
        return Path(url.removeprefix("sqlite:///")).stat().st_ino
    except FileNotFoundError:
        return 0


class StudioHome(dg.ConfigurableResource):
    """Where this code location keeps things; ``root`` is the studio home."""

    root: str
    artifacts_url: str
    ledger_url: str = ""
    """Empty for the one of the settings: Dagster's UI shows what is here, and an address may hold a password."""
    simulate: bool = True
    """Whether what is made here has its simulated price. Beside a vendor that charges it costs nothing, as it does."""
    accept_stale_prices: bool = False
    """Whether prices past their date are believed, for a look that buys nothing; a purchase needs it written down."""

    @property
    def path(self) -> Path:
        return Path(self.root)

    @cached_property
    def media(self) -> MediaStore:
        return MediaStore(self.path / "media")

    @cached_property
    def cache(self) -> RenderCache:
        """What was rendered before; it may be deleted at any time."""
        return RenderCache(self.path / "cache")

    @cached_property
    def credentials(self) -> Credentials | None:
        """Who signs films; ``None`` without the extra. Raises ``BadInput`` for those that cannot be used."""
        return credentials_of(settings(), self.path)

    @cached_property
    def orders(self) -> Orders:
        return Orders(self.path / "orders")

    @cached_property
    def artifacts(self) -> ArtifactStore:
        return ArtifactStore(self.artifacts_url)

    @cached_property
    def ledger(self) -> Ledger:
        return _opened_ledger(self._ledger_url)

    @cached_property
    def records(self) -> Records:
        """What each variant brought, beside the ledger."""
        return Records(self.ledger.database)

    @property
    def _ledger_url(self) -> str:
        return self.ledger_url or settings().ledger_url

    @cached_property
    def rate_cards(self) -> RateCards:
        cards = RateCards.load(factory.VENDORS_DIR, simulate=self.simulate, accepted=self._accepted_prices)
        return cards.joined_by(said_prices(factory.vendors(), environment()))

    def _accepted_prices(self) -> Collection[str]:
        """Stale prices that a person has accepted; looking for them makes no ledger."""
        if self.accept_stale_prices:
            return self.rate_cards.stale()
        return self.ledger.accepted_prices() if self._has_ledger else frozenset()

    @property
    def _has_ledger(self) -> bool:
        return not self._ledger_url.startswith("sqlite:") or _file_of(self._ledger_url) != 0

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

    @cached_property
    def _language_vendors(self) -> dict[str, Vendor[Any]]:
        return {}

    def language_vendor(self, name: str) -> Vendor[Any]:
        """A vendor of language models, one for all minds: it keeps its line open, and what it has counted."""
        if name not in self._language_vendors:
            made = factory.vendor("language", self.setup(name), most_at_once=settings().llm_parallel)
            self._language_vendors[name] = made
        return self._language_vendors[name]

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
            day_left_usd=self._day_left_usd(production),
            words_matter=_words_matter(settings()),
            gates=quality().refinement,
            noise_points=noise_points(self.path),
        )

    def _day_left_usd(self, production: str) -> Decimal | None:
        """What vendors may still charge today; ``None`` without a cap of the day, or where nobody charges anything."""
        cap_usd, brief = settings().day_cap_usd, self.orders.brief(production)
        if cap_usd is None or self.simulate or (brief is not None and brief.rehearse):
            return None
        today = self.ledger.balance(day_envelope(utc_today()))
        return cap_usd - today.settled_usd - today.reserved_usd


def _words_matter(settings: Settings) -> bool:
    """Whether another prompt makes another clip: a mind is there to write it, and a vendor that goes by it. What is
    drawn here is drawn from the plan."""
    minds = factory.listed("language", settings.language_provider) != (RULES,)
    clips = {vendor_of(name) for name in factory.listed("video", settings.video_provider)}
    return minds and any(factory.vendors()[vendor].manifest.hosted for vendor in clips)


def build_home(settings: Settings, *, ledger_url: str | None = None, accept_stale_prices: bool = False) -> StudioHome:
    """The home of ``settings``; with ``ledger_url``, on another ledger than its own."""
    hosted = any(factory.vendors()[vendor].manifest.hosted for vendor in factory.in_use(settings.providers))
    return StudioHome(
        root=str(settings.home),
        artifacts_url=settings.artifacts_url,
        ledger_url=ledger_url or (settings.ledger_url if settings.ledger_file else ""),
        simulate=not hosted,
        accept_stale_prices=accept_stale_prices,
    )
