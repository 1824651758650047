"""Which vendor stands behind a name: the one place that composes vendors with their prices and the media store.

Adapters are imported when they are asked for, so that nobody loads what they do not use.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio_pipeline.budget.rate_cards import RateCards
from studio_pipeline.errors import BadInput
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.providers.vendor import Vendor

NAMES: dict[str, tuple[str, ...]] = {
    "image": ("storyboard",),
    "video": ("storyboard",),
    "voice": ("auto", "espeak", "silence"),
    "music": ("synth",),
}
"""Vendors by kind, as ``IMAGE_PROVIDER`` and its fellows name them."""

OWN_MODELS: dict[str, str] = {"espeak": "espeak/debug", "silence": "silence/timed", "synth": "synth/loop"}
"""The model of a vendor that has only one."""


def vendor(kind: str, name: str, *, prices: RateCards, resolve: Callable[[MediaRef], Path]) -> Vendor[Any]:
    """The vendor called ``name``.

    Raises:
        BadInput: for a name that is no vendor of this kind.
    """
    match kind, name:
        case "image", "storyboard":
            from studio_pipeline.providers.image.storyboard import StoryboardStills

            return StoryboardStills(prices)
        case "video", "storyboard":
            from studio_pipeline.providers.video.storyboard import StoryboardVideo

            return StoryboardVideo(prices, resolve)
        case "voice", "auto" | "espeak" | "silence":
            from studio_pipeline.providers.voice import espeak, silence

            if name == "silence" or (name == "auto" and not espeak.available()):
                return silence.SilentVoice(prices)
            return espeak.EspeakVoice(prices)
        case "music", "synth":
            from studio_pipeline.providers.music.synth import SynthMusic

            return SynthMusic(prices)
        case _:
            raise BadInput(
                f"“{name[:40]}” is no {kind} vendor",
                where=f"{kind.upper()}_PROVIDER or run config",
                todo=f"Use one of: {', '.join(NAMES.get(kind, ()))}.",
            )
