"""Which vendor stands behind a name: the one place that composes vendors with their prices and the media store.

Adapters are imported when they are asked for, so that nobody loads what they do not use. Every adapter module has a
``build(kind, setup)``; which module makes which kind is in the vendor's manifest.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from studio_pipeline.errors import BadInput
from studio_pipeline.providers.backing_off import BackingOff
from studio_pipeline.providers.capabilities import Kind, vendor_of
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.limited import Limited
from studio_pipeline.providers.manifest import VendorData, load_vendors
from studio_pipeline.providers.vendor import Vendor
from studio_pipeline.settings import ASSETS_DIR, RULES
from studio_pipeline.wording import clipped, did_you_mean

VENDORS_DIR = ASSETS_DIR / "vendors"

OWN_MODELS = {"espeak": "espeak/debug", "silence": "silence/timed", "synth": "synth/loop"}
"""The model of a vendor of this machine that has only one."""


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


def listed(kind: Kind, setting: str) -> tuple[str, ...]:
    """The vendors that a setting names, separated by commas: the first is asked first, the next when it is away.

    A name may be that of one model of a vendor, ``fal/pika-2.2``.

    Raises:
        BadInput: for a name that is no vendor, or no model, of this kind, and for one that stands behind ``rules``.
    """
    asked = [name.strip() for name in setting.split(",") if name.strip()]
    found = tuple(dict.fromkeys(_vendor_or_model(kind, name) for name in asked or [""]))
    if RULES in found[:-1]:
        raise BadInput(
            f"`{RULES}` always have an answer, so {clipped(found[-1], 80)} behind them would never be asked",
            where=f"{kind.upper()}_PROVIDER or run config",
            todo=f"Put `{RULES}` last, or leave out the others.",
        )
    return found


def _vendor_or_model(kind: Kind, name: str) -> str:
    vendor, slash, _ = name.partition("/")
    found = chosen(kind, vendor)
    models = [model.name for model in vendors()[found].models.values() if model.kind == kind]
    if slash and models and name not in models:
        raise BadInput(
            f"{vendors()[found].manifest.label} has no {kind} model “{clipped(name, 80)}”",
            where=f"{kind.upper()}_PROVIDER or run config",
            todo=f"{did_you_mean(name, models)} There are: {', '.join(models)}.".lstrip(),
        )
    return name if slash else found


def lacks(vendor: str, environ: Mapping[str, str]) -> str:
    """What has to be there before a vendor can be asked and is not, in words; empty when nothing is missing."""
    manifest = vendors()[vendor].manifest
    needed = (*manifest.keys, *manifest.needs, *filter(None, [manifest.price_variable]))
    missing = [variable for variable in needed if not environ.get(variable, "").strip()]
    if missing:
        return f"{manifest.label} needs {' and '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not set"
    if manifest.sdk and importlib.util.find_spec(manifest.sdk) is None:
        return f"{manifest.label} needs its SDK: pip install 'studio-pipeline[{manifest.extra}]'"
    return ""


def in_use(providers: Mapping[Kind, str]) -> set[str]:
    """The vendors that the settings name, whatever they make.

    Raises:
        BadInput: for a name that is no vendor, or no model, of its kind.
    """
    return {vendor_of(name) for kind, setting in providers.items() for name in listed(kind, setting)}


def own_model(kind: Kind, name: str) -> str:
    """The model of a vendor of voice or music that is asked for: the first one of its capabilities, or its only one."""
    vendor, slash, _ = name.partition("/")
    if slash:
        return name
    data = vendors()[vendor]
    return next((model.name for model in data.models.values() if model.kind == kind), OWN_MODELS.get(vendor, ""))


def vendor(kind: Kind, setup: Setup, *, most_at_once: int | None = None) -> Vendor[Any]:
    """The vendor of ``setup`` as a maker of ``kind``, as whoever pays it should meet it.

    Args:
        most_at_once: how many of its jobs may be under way, where that is not the manifest's to say.

    A service is asked again where that can cost nothing twice, and holds no more jobs at once than it allows. The
    ledger goes around all this (``metering.py``): reserved is before waiting, and one identity is one call.
    """
    made = importlib.import_module(setup.manifest.kinds[kind]).build(kind, setup)
    if not setup.manifest.hosted:
        return made
    return Limited(BackingOff(made), setup.slots, most_at_once or setup.manifest.most_at_once)
