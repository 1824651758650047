"""What a person hands in: an idea or a story, a duration and a budget.

The model only; reading a brief file, and the words for what is wrong with one, are in ``stages/planning/brief.py``.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Literal

from pydantic import Field, field_validator, model_validator

from studio_pipeline.film.cells import production_name
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate

FRAME_SIZES: dict[str, tuple[int, int]] = {
    "16:9": (1280, 720),
    "9:16": (720, 1280),
    "1:1": (720, 720),
    "4:3": (960, 720),
}
"""Width and height in pixels of the delivered picture at 720p, by aspect."""

RESOLUTIONS: dict[str, Fraction] = {"720p": Fraction(1), "1080p": Fraction(3, 2), "4k": Fraction(3)}
"""How many times the sides of ``FRAME_SIZES`` the picture has."""

FRAME_RATES: tuple[float, ...] = (23.976, 24, 25, 29.97, 30, 50, 59.94, 60)
"""Frames per second a film can have."""

Aspect = Literal["16:9", "9:16", "1:1", "4:3"]
ContentMode = Literal["general", "kid"]
Policy = Literal["threshold", "halving"]
Priority = Literal["normal", "low"]
QualityMode = Literal["draft", "standard", "high"]
Resolution = Literal["720p", "1080p", "4k"]
Captions = Literal["soft", "burned_in"]
Loudness = Literal[-14, -16, -23]
"""Programme loudness in LUFS: music services, web video, European broadcast (EBU R 128)."""


class Brief(Frozen):
    """A validated brief. Money in US dollars, duration in seconds.

    ``story`` points at the story's text as it was when the brief was handed in: a later edit of the file on disk
    changes nothing until the brief is handed in again.
    """

    title: str = Field(min_length=1, max_length=200)
    concept: str | None = Field(default=None, max_length=20_000)
    story: MediaRef | None = None
    story_notes: tuple[str, ...] = ()
    """What was done to the story's file to get its text, for people: which encoding was assumed, what was left out."""
    duration_s: float = Field(ge=5, le=1800, allow_inf_nan=False)
    budget_usd: Decimal = Field(gt=0, le=Decimal(1_000_000), allow_inf_nan=False, max_digits=12, decimal_places=6)
    language: str = Field(default="en", pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
    tiers: tuple[str, ...] | None = None
    pilots: int | None = Field(default=None, ge=1, le=3)
    style: str = Field(default="", max_length=2_000)
    content_mode: ContentMode = "general"
    quality_mode: QualityMode = "standard"
    aspect: Aspect = "16:9"
    fps: float = 24
    resolution: Resolution = "720p"
    captions: Captions = "soft"
    """``burned_in``: drawn into the picture as well, for places that show no captions."""
    loudness_lufs: Loudness = -16
    dubs: tuple[str, ...] = Field(default=(), max_length=6)
    """Further languages the film is spoken in, on the same picture."""
    policy: Policy = "threshold"
    priority: Priority = "normal"
    """``low``: nobody waits for it, so language models may be asked in batches, slower and for half the price."""
    seed: int = 0
    rehearse: bool = False
    """Everything is made on this machine, at the prices of the vendors in use: what would it have cost?"""

    @field_validator("fps")
    @classmethod
    def _known_rate(cls, fps: float) -> float:
        if fps not in FRAME_RATES:
            raise ValueError(f"must be one of {', '.join(f'{rate:g}' for rate in FRAME_RATES)}")
        return fps

    @model_validator(mode="after")
    def _one_source(self) -> Brief:
        if (self.concept is None) == (self.story is None):
            raise ValueError("give either `concept` (an idea) or `story` (a file), one of the two")
        return self

    @property
    def production(self) -> str:
        return production_name(self.title)

    @property
    def rate(self) -> Rate:
        return Rate.of(self.fps)

    @property
    def frames(self) -> int:
        """Length of the film in frames."""
        return self.rate.frames(self.duration_s)

    @property
    def frame_size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        width, height = FRAME_SIZES[self.aspect]
        times = RESOLUTIONS[self.resolution]
        return int(width * times), int(height * times)
