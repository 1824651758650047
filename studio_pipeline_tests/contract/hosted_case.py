"""What a hosted vendor is tried with: one ``Case`` a model, and builders of small requests that the model can meet.

``cases/<vendor>.py`` (hyphens as underscores) has ``CASES``; ``test_hosted.py`` runs each through the contract. What a
vendor truly has not is named in ``lacks``, with the reason as a comment beside it.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from PIL import Image

from studio_pipeline.film.rate import Rate
from studio_pipeline.film.script import Character
from studio_pipeline.film.shots import Board
from studio_pipeline.media.store import MediaStore
from studio_pipeline.providers.capabilities import Kind, Model
from studio_pipeline.providers.image.port import StillRequest
from studio_pipeline.providers.music.port import MusicRequest
from studio_pipeline.providers.video.port import VideoRequest
from studio_pipeline.providers.voice.port import SpeechRequest

Lack = Literal[
    "moderated",  # refusing a prompt at once
    "moderated_late",  # ending a job by moderation
    "failed_billed",  # charging for a job that failed, and saying so
    "failed_unbilled",  # a job that fails later: whoever answers with the file has none
    "links",  # a link to the file in an answer
    "broke",  # an answer for an account without money
    "overloaded",  # turning an order away with a 429
]

Build = Callable[[Model, MediaStore, str], Any]
"""Makes a request of a model; pictures go into the store; the last is the prompt."""

PROMPT = "Mira waits at the gate."
RATE = Rate(num=24)
BOARD = Board(
    heading="The gate",
    action="Mira waits at the gate.",
    place="village gate",
    framing="medium",
    characters=(Character(name="Mira", tag="M", look="green coat", colour="#2f7d5b"),),
    palette=("#102030", "#406080", "#e0d0b0"),
)


@dataclass(frozen=True)
class Case:
    kind: Kind
    model: str
    build: Build
    lacks: frozenset[Lack] = frozenset()


def clip(seconds: float | None = None, *, framed: bool | None = None) -> Build:
    """A clip of ``seconds``, else the shortest. ``framed``: with a first frame or not; else when it can have one."""

    def build(model: Model, store: MediaStore, prompt: str) -> VideoRequest:
        size = smallest(model)
        wanted = seconds if seconds is not None else model.durations_s[0] if model.durations_s else 2.0
        with_frame = framed if framed is not None else model.first_frame != "none"
        return VideoRequest(
            model=model.name,
            prompt=prompt,
            frames=round(wanted * 24),
            rate=RATE,
            size=size,
            seed=7,
            move="push_in",
            board=BOARD,
            first_frame=store.put_bytes(_png(size), ".png") if with_frame else None,
        )

    return build


def still() -> Build:
    def build(model: Model, store: MediaStore, prompt: str) -> StillRequest:
        return StillRequest(model=model.name, prompt=prompt, size=smallest(model), seed=7, board=BOARD)

    return build


def line(language: str = "en") -> Build:
    def build(model: Model, store: MediaStore, prompt: str) -> SpeechRequest:
        return SpeechRequest(model=model.name, text=prompt, language=language, max_duration_s=6)

    return build


def track(duration_s: float = 10.0) -> Build:
    def build(model: Model, store: MediaStore, prompt: str) -> MusicRequest:
        return MusicRequest(model=model.name, mood="calm", duration_s=duration_s, seed=7, prompt=prompt)

    return build


def smallest(model: Model) -> tuple[int, int]:
    """The smallest landscape size the model makes, so that the tests stay quick."""
    sizes = [size for size in model.sizes if size[0] >= size[1]] or list(model.sizes) or [(1280, 720)]
    return min(sizes, key=lambda size: size[0] * size[1])


def cases(kind: Kind, models: dict[str, Build], *lacks: Lack) -> list[Case]:
    """A case for each model."""
    return [Case(kind, model, build, frozenset(lacks)) for model, build in models.items()]


def all_of(*lists: list[Case]) -> list[Case]:
    return list(itertools.chain(*lists))


@lru_cache
def _png(size: tuple[int, int]) -> bytes:
    content = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(content, "PNG")
    return content.getvalue()
