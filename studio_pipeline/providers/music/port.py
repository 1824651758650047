"""The music port: one track of a given length, stereo wav 48 kHz.

``Fetched.details`` carries ``{"duration_s": float, "tempo_bpm": float | null, "beats_s": [float, …]}``: the tempo is
null and there are no beats where the vendor does not tell them.
"""

from __future__ import annotations

from typing import TypeAlias

from pydantic import Field

from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.script import Mood
from studio_pipeline.providers.vendor import Vendor


class MusicRequest(Frozen):
    """A track of exactly ``duration_s`` that ends instead of stopping."""

    model: str
    mood: Mood
    duration_s: float = Field(gt=0, le=3600)
    seed: int
    prompt: str = ""


MusicPort: TypeAlias = Vendor[MusicRequest]
