"""Clips that are made here, not bought: the offline video vendor behind the three tiers.

``storyboard/hold`` holds the first frame, ``storyboard/ken-burns`` moves over it, ``storyboard/parallax`` moves between
its layers. A first frame that this studio drew is drawn again from its board, larger and without its words, which then
stand still in front of the moving picture. Any other first frame is moved over as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from studio_pipeline.errors import MediaDamaged, ProviderFailed
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.media.encode import encode_clip, encode_still
from studio_pipeline.media.ken_burns import View, box_of, camera_path, ken_burns_frames
from studio_pipeline.media.planes import Overlay
from studio_pipeline.providers.capabilities import Kind
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.image.drawing.board import board_picture, burn_in
from studio_pipeline.providers.image.drawing.collage import layers
from studio_pipeline.providers.image.port import StillRequest
from studio_pipeline.providers.image.storyboard import DRAWN_FROM, draw, drawn_from, plate_size
from studio_pipeline.providers.made_here import MadeHere
from studio_pipeline.providers.rate_card import RateCard
from studio_pipeline.providers.vendor import Fetched, Quote
from studio_pipeline.providers.video.parallax import parallax_frames
from studio_pipeline.providers.video.port import VideoRequest

_STILL_OF = {
    "storyboard/hold": "storyboard/card",
    "storyboard/ken-burns": "storyboard/board",
    "storyboard/parallax": "storyboard/collage",
}
"""What each model moves, and what it draws when it is given no first frame."""


def build(kind: Kind, setup: Setup) -> StoryboardVideo:
    """The vendor, as the factory asks for it."""
    return StoryboardVideo(setup.prices, setup.resolve)


class StoryboardVideo(MadeHere):
    """``VideoPort`` that films drawings, in the house format. Equal requests give equal bytes.

    Args:
        prices: simulated prices a second, handles included.
        resolve: where the bytes of a first frame lie.
    """

    name = "storyboard"

    def __init__(self, prices: RateCard, resolve: Callable[[MediaRef], Path]) -> None:
        self._prices = prices
        self._resolve = resolve

    def quote(self, request: VideoRequest) -> Quote:
        seconds = Decimal(request.frames * request.rate.den) / Decimal(request.rate.num)
        return self._prices.quote(self.name, request.model, seconds.quantize(Decimal("0.000001")))

    def fetch(self, job_id: str, request: VideoRequest, into: Path) -> Fetched:
        """Film the clip. An event says so when there were no layers to move between."""
        if request.model not in _STILL_OF:
            raise ProviderFailed(
                f"The storyboard vendor films no “{request.model[:60]}”",
                where="video model",
                todo=f"Use {', '.join(_STILL_OF)}.",
            )
        first, ours = self._first_frame(request)
        size, path = request.size, camera_path(request.move, request.frames, request.rate, request.variation)
        events: tuple[str, ...] = ()
        if request.model == "storyboard/hold":
            encode_still(_filling(first, size), request.frames, size, request.rate, into)
        elif request.model == "storyboard/parallax" and ours:
            large = plate_size(_STILL_OF[request.model], size)
            parts = layers(request.board, large, request.seed, request.variation)
            frames = parallax_frames(parts, path, size)
            encode_clip(frames, size, request.rate, into, pixels="yuv420p", count=len(path))
        else:
            if request.model == "storyboard/parallax":
                events = ("The first frame has no layers, so the camera moves over it as over a flat picture",)
            plate, words = self._plate(request, first, ours=ours)
            frames = ken_burns_frames(plate, path, size, words)
            encode_clip(frames, size, request.rate, into, pixels="yuv420p", count=len(path))
        return Fetched(suffix=".mp4", events=events)

    def _first_frame(self, request: VideoRequest) -> tuple[Image.Image, bool]:
        """The first frame, and whether it was drawn from this very board by the painter this model belongs to."""
        still_model = _STILL_OF[request.model]
        if request.first_frame is None:
            still = StillRequest(
                model=still_model,
                prompt=request.prompt,
                size=request.size,
                seed=request.seed,
                board=request.board,
                variation=request.variation,
            )
            return draw(still)[0], True
        path = self._resolve(request.first_frame)
        try:
            with Image.open(path) as opened:
                said = opened.info.get(DRAWN_FROM)
                picture = opened.convert("RGB")
        except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as bad:
            raise MediaDamaged(
                f"The first frame cannot be read: {bad}", where=str(path), todo="Make the still again."
            ) from bad
        return picture, said == drawn_from(still_model, request.board, request.seed, request.variation)

    def _plate(self, request: VideoRequest, first: Image.Image, *, ours: bool) -> tuple[Image.Image, Overlay | None]:
        """What ken-burns moves over, and the words that stand still in front of it."""
        if not ours or request.model != "storyboard/ken-burns":
            return first, None
        large = plate_size(_STILL_OF[request.model], request.size)
        plate = board_picture(request.board, large, request.seed, request.variation)
        return plate, Overlay.of(burn_in(request.board, request.size)[0])


def _filling(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    if picture.size == size:
        return picture
    return picture.resize(size, Image.Resampling.LANCZOS, box=box_of(View(0.5, 0.5, 1.0), picture.size, size))
