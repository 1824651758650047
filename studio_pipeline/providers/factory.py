"""Which vendor stands behind a name: the one place that composes vendors with their prices and the media store.

Adapters are imported when they are asked for, so that nobody loads what they do not use. Every adapter module has a
``build(kind, setup)``; which module makes which kind is in the vendor's manifest.
"""

from __future__ import annotations

import importlib
from functools import lru_cache
from typing import Any

from studio_pipeline.errors import BadInput
from studio_pipeline.providers.capabilities import Kind
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.manifest import VendorData, load_vendors
from studio_pipeline.providers.vendor import Vendor
from studio_pipeline.settings import ASSETS_DIR
from studio_pipeline.wording import clipped, did_you_mean

VENDORS_DIR = ASSETS_DIR / "vendors"

OWN_MODELS: dict[str, str] = {"espeak": "espeak/debug", "silence": "silence/timed", "synth": "synth/loop"}
"""The model of a vendor that has only one."""


@lru_cache(maxsize=1)
def vendors() -> dict[str, VendorData]:
    """Every vendor there is a manifest of, by name."""
    return load_vendors(VENDORS_DIR)


def names(kind: Kind) -> list[str]:
    """Vendors of a kind, as ``VIDEO_PROVIDER`` and its fellows name them; ``auto`` is the best voice that is there."""
    found = [name for name, data in vendors().items() if kind in data.manifest.kinds]
    return ["auto", *found] if kind == "voice" else found


def chosen(kind: Kind, name: str) -> str:
    """The vendor that ``name`` means.

    Raises:
        BadInput: for a name that is no vendor of this kind.
    """
    if name not in names(kind):
        raise BadInput(
            f"“{clipped(name, 40)}” is no {kind} vendor",
            where=f"{kind.upper()}_PROVIDER or run config",
            todo=f"Use one of: {', '.join(names(kind))}. {did_you_mean(name, names(kind))}".rstrip(),
        )
    if name == "auto":
        from studio_pipeline.providers.voice import espeak

        return "espeak" if espeak.available() else "silence"
    return name


def vendor(kind: Kind, setup: Setup) -> Vendor[Any]:
    """The vendor of ``setup`` as a maker of ``kind``."""
    return importlib.import_module(setup.manifest.kinds[kind]).build(kind, setup)
