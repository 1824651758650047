"""The image port: a still picture for a shot."""

from __future__ import annotations

from typing import TypeAlias

from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.shots import Board
from studio_pipeline.providers.vendor import Vendor


class StillRequest(Frozen):
    """A key frame. ``size`` is width, height in pixels; vendors deliver PNG or JPEG in that size."""

    model: str
    prompt: str
    negative_prompt: str = ""
    size: tuple[int, int]
    seed: int
    board: Board
    """The structured shot, for vendors that draw instead of paint."""
    variation: int = 1
    """Number of the take: a drawing vendor composes anew for each."""


ImagePort: TypeAlias = Vendor[StillRequest]
