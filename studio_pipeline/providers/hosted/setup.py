"""What an adapter is made from. Making one needs no key and no network: both are first needed by a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from studio_pipeline.budget.rate_cards import Quote, RateCards
from studio_pipeline.errors import ProviderFailed, VendorAway
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.providers.capabilities import Model
from studio_pipeline.providers.manifest import Manifest

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_LOCAL_POLL_S = 0.2


@dataclass(frozen=True)
class Setup:
    """The vendor's data, the prices, and where things lie."""

    manifest: Manifest
    models: Mapping[str, Model]
    prices: RateCards
    resolve: Callable[[MediaRef], Path]
    """Where the bytes of a first frame lie."""
    inbox: Path
    """Folder for answers that are the finished file; on the disk of the media store."""
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)  # it holds keys

    @property
    def slots(self) -> Path:
        """Folder for the locks that hold the number of its jobs down, over all processes of the home."""
        return self.inbox.with_name("slots") / self.name

    @property
    def name(self) -> str:
        return self.manifest.vendor

    @property
    def base_url(self) -> str:
        """Where the API is, without a slash at its end."""
        named = self.environ.get(self.manifest.base_url_variable, "") if self.manifest.base_url_variable else ""
        return (named or self.manifest.base_url).rstrip("/")

    @property
    def local(self) -> bool:
        """Whether the API is a server of this machine; only then may files come from this machine, without TLS."""
        return (urlsplit(self.base_url).hostname or "") in _LOOPBACK

    @property
    def poll_interval_s(self) -> float:
        """How often its jobs are asked about: a server of this machine as often as is of use."""
        return _LOCAL_POLL_S if self.local else self.manifest.poll_interval_s

    def key(self, variable: str) -> str:
        """The key in ``variable``.

        Raises:
            VendorAway: when it is not set or cannot be one; names it, and says where to get one.
        """
        value = self.environ.get(variable, "").strip()
        if not value:
            raise VendorAway(
                f"{self.manifest.label} needs a key and {variable} is not set",
                where="environment",
                todo=f"Set it ({self.manifest.keys.get(variable, 'the key')}), or take another vendor.",
            )
        if not value.isascii() or not value.isprintable() or " " in value:
            raise VendorAway(
                f"The key of {self.manifest.label} holds characters that no key has",
                where=variable,
                todo="Copy it again, without spaces and quotation marks.",
            )
        return value

    def model(self, name: str) -> Model:
        """The model called ``name`` (``vendor/model``).

        Raises:
            ProviderFailed: when the vendor has no such model; names those it has.
        """
        found = self.models.get(name)
        if found is None:
            raise ProviderFailed(
                f"{self.manifest.label} has no model “{name[:80]}”",
                where=f"assets/vendors/{self.name}/capabilities.yaml",
                todo=f"There are: {', '.join(self.models)}.",
            )
        return found

    def price(self, model: str, quantity: float) -> Quote:
        """What ``quantity`` units of a model cost."""
        return self.prices.quote(self.name, model, Decimal(str(quantity)))
