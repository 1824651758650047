"""Manifests: what the studio has to know of a vendor before it loads its file.

``assets/vendors/<vendor>/`` holds everything about a vendor that is data: ``manifest.yaml`` (this), ``rate_card.yaml``
(``budget/rate_cards.py``) and, for a vendor whose models differ, ``capabilities.yaml`` (``capabilities.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from studio_pipeline.data_file import read_data
from studio_pipeline.errors import BadInput
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.providers.capabilities import Kind, Model, load_models

_HOST = r"^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*$"


class Manifest(Frozen):
    """One vendor."""

    vendor: str = Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")
    label: str
    """Its name as people write it."""
    kinds: Mapping[Kind, str]
    """What it makes, and the module with ``build(kind, setup)`` that makes it."""
    keys: Mapping[str, str] = Field(default_factory=dict)
    """Environment variables it cannot work without, with what each one is and where to get it."""
    optional_keys: Mapping[str, str] = Field(default_factory=dict)
    """Environment variables it reads where they are set."""
    settings: Mapping[str, str] = Field(default_factory=dict)
    """Environment variables that say how it is used. No secrets: they may be shown."""
    needs: tuple[str, ...] = ()
    """Those of the settings that have no default: nobody can be asked without."""
    price_variable: str = ""
    """The environment variable that says what it charges, where only the person who runs it knows."""
    base_url: str = ""
    """Where its API is; empty for a vendor that works on this machine."""
    base_url_variable: str = ""
    """The environment variable that names another address (a compatible server, or ``studio fake-vendor``)."""
    hosts: tuple[str, ...] = ()
    """Hosts its files may be fetched from, besides that of ``base_url``: ``cdn.example.com``, ``*.example.com``."""
    docs: str = ""
    poll_interval_s: float = Field(default=5.0, gt=0)
    """How often it may be asked about a job."""
    trained: bool = True
    """Whether what it makes comes out of a model that was trained on examples, and not of rules that people wrote."""
    most_at_once: int = Field(default=2, ge=1)
    """How many of its jobs may be under way at once, over all processes of the home."""
    extra: str = ""
    """The extra of this package that its SDK comes with."""
    sdk: str = ""
    """The module of that SDK."""
    route: str = ""
    """How it is reached, and what it does not offer any more, for the README's table."""

    @property
    def variables(self) -> dict[str, str]:
        """Every environment variable it reads, with what each one is."""
        where = {self.base_url_variable: f"another address of its API (default {self.base_url})"}
        price = {
            self.price_variable: "USD for a million tokens in and out, such as 0.20,0.60, or 0,0 for your own machine"
        }
        return {
            **self.keys,
            **self.optional_keys,
            **self.settings,
            **(price if self.price_variable else {}),
            **(where if self.base_url_variable else {}),
        }

    @property
    def hosted(self) -> bool:
        """Whether it is a service that charges, and not a program of this machine."""
        return bool(self.base_url)


class VendorData(Frozen):
    """A manifest and the models beside it."""

    manifest: Manifest
    models: Mapping[str, Model]
    """By name; empty for a vendor of this machine."""


def load_vendors(folder: Path) -> dict[str, VendorData]:
    """Every vendor of ``folder``, by name.

    Raises:
        BadInput: for a manifest that cannot be read or has a hole; names the file and the field.
    """
    found = {}
    for path in sorted(folder.glob("*/manifest.yaml")):
        manifest = read_data(path, Manifest, "A vendor's manifest")
        if manifest.vendor != path.parent.name:
            raise BadInput(f"The manifest of {manifest.vendor} lies in another vendor's folder", where=str(path))
        table = path.with_name("capabilities.yaml")
        found[manifest.vendor] = VendorData(manifest=manifest, models=load_models(table) if table.exists() else {})
    return found
