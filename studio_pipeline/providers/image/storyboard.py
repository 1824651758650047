"""Stills that are drawn, not bought: the offline image vendor behind the three tiers.

``storyboard/card`` a pencil card, ``storyboard/board`` a painted board, ``storyboard/collage`` a photo-like picture.
How they are drawn is in ``drawing/``. A job is its request, so it is done as soon as it is asked for.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from PIL import Image, PngImagePlugin

from studio_pipeline.errors import ProviderFailed
from studio_pipeline.film.frozen import digest_of
from studio_pipeline.film.shots import Board
from studio_pipeline.media.ken_burns import MAX_ZOOM
from studio_pipeline.media.type.typography import Fit
from studio_pipeline.providers.capabilities import Kind
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.image.drawing.board import board_picture, burn_in
from studio_pipeline.providers.image.drawing.card import card_picture
from studio_pipeline.providers.image.drawing.collage import flattened, layers
from studio_pipeline.providers.image.port import StillRequest
from studio_pipeline.providers.made_here import MadeHere
from studio_pipeline.providers.rate_card import RateCard
from studio_pipeline.providers.vendor import Fetched, Quote

DRAWN_FROM = "drawn-from"
"""Name of the PNG text in which a still says what it was drawn from, so that a clip can draw it again in layers."""


_PLATE_SCALE = {"storyboard/board": MAX_ZOOM, "storyboard/collage": 1.08}
"""Drawings a camera may move over are drawn this much larger than the frame. Layers need less than ``MAX_ZOOM``:
soft air hides the rest."""


def plate_size(model: str, size: tuple[int, int]) -> tuple[int, int]:
    """How large ``model`` is drawn for a picture of ``size``. Still and clip are made from the same drawing."""
    scale = _PLATE_SCALE.get(model, 1.0)
    return round(size[0] * scale / 2) * 2, round(size[1] * scale / 2) * 2


def build(kind: Kind, setup: Setup) -> StoryboardStills:
    """The vendor, as the factory asks for it."""
    return StoryboardStills(setup.prices)


class StoryboardStills(MadeHere):
    """``ImagePort`` that draws. Stills are PNG in exactly the requested size; equal requests give equal bytes."""

    name = "storyboard"

    def __init__(self, prices: RateCard) -> None:
        self._prices = prices

    def quote(self, request: StillRequest) -> Quote:
        return self._prices.quote(self.name, request.model, Decimal(1))

    def fetch(self, job_id: str, request: StillRequest, into: Path) -> Fetched:
        """Draw the still. Events say which words had to be cut to fit."""
        picture, events = draw(request)
        marks = PngImagePlugin.PngInfo()
        marks.add_text(DRAWN_FROM, drawn_from(request.model, request.board, request.seed, request.variation))
        picture.save(into, format="PNG", compress_level=3, pnginfo=marks)
        return Fetched(suffix=".png", events=events)


def drawn_from(model: str, board: Board, seed: int, variation: int) -> str:
    """What a drawing follows from, as one digest."""
    return f"{model} {digest_of([board, seed, variation])}"


def draw(request: StillRequest) -> tuple[Image.Image, tuple[str, ...]]:
    """The still and its events. Raises ``ProviderFailed`` for a model that is not drawn here."""
    board, size, seed, take = request.board, request.size, request.seed, request.variation
    large = plate_size(request.model, size)
    if request.model == "storyboard/card":
        picture, fits = card_picture(board, size, seed, take)
        return picture, (*_told("heading", fits.heading), *_told("action", fits.action))
    if request.model == "storyboard/board":
        picture = board_picture(board, plate_size(request.model, size), seed, take).resize(
            size, Image.Resampling.LANCZOS
        )
        words, fit = burn_in(board, size)
        picture.paste(words, (0, 0), words)
        return picture, _told("heading", fit)
    if request.model == "storyboard/collage":
        return flattened(layers(board, large, seed, take)).resize(size, Image.Resampling.LANCZOS), ()
    raise ProviderFailed(
        f"The storyboard vendor draws no “{request.model[:60]}”",
        where="image model",
        todo="Use storyboard/card, storyboard/board or storyboard/collage.",
    )


def _told(what: str, fit: Fit) -> tuple[str, ...]:
    events = []
    if fit.cut:
        events.append(f"The {what} was cut to fit the storyboard")
    if fit.dropped:
        events.append(f"{fit.dropped} characters of the {what} have no glyph in the packaged fonts and were left out")
    return tuple(events)
