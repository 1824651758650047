"""The video port: a clip for a shot, from a prompt and usually a first frame."""

from __future__ import annotations

from typing import TypeAlias

from pydantic import Field

from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.shots import Board, Move
from studio_pipeline.providers.vendor import Vendor


class VideoRequest(Frozen):
    """A clip of exactly ``frames`` frames at ``rate``, ``size`` width × height in pixels, no sound."""

    model: str
    prompt: str
    negative_prompt: str = ""
    frames: int = Field(gt=0)
    rate: Rate
    size: tuple[int, int]
    seed: int
    move: Move
    board: Board
    first_frame: MediaRef | None = None
    variation: int = 1


VideoPort: TypeAlias = Vendor[VideoRequest]
