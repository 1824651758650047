"""From what the studio wants to what a model makes: the length, size and first frame to ask a hosted vendor for.

What lives here: choosing, and refusing what the model cannot do before anything is sent. What does not: a vendor's own
words for it, and cutting the delivered clip to exact frames.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

from studio_pipeline.errors import ProviderFailed
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.providers.capabilities import Kind, Model
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.image.port import StillRequest
from studio_pipeline.providers.video.port import VideoRequest

PICTURE_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp"}
_BEGINNINGS = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"RIFF": ".webp"}


@dataclass(frozen=True)
class Fit:
    """What to ask for: the shortest length with room, the best size, the first frame."""

    model: Model
    seconds: float
    """0 for a still."""
    size: tuple[int, int]
    frame: MediaRef | None


def fit(setup: Setup, kind: Kind, request: VideoRequest | StillRequest) -> Fit:
    """Find what to ask the model of ``request`` for.

    Raises:
        ProviderFailed: when it cannot make this; says why.
    """
    model = setup.model(request.model)
    frame, seconds = None, 0.0
    why = f"{model.name} makes no {kind}" if model.kind != kind else model.too_long(request.prompt)
    if isinstance(request, VideoRequest):
        frame = request.first_frame
        seconds = model.seconds_for(request.frames, request.rate) or 0.0
        why = why or model.why_not(frames=request.frames, rate=request.rate, size=request.size)
        if frame is None and model.first_frame == "required":
            why = why or f"{model.name} needs a first frame"
        if frame is not None and model.first_frame == "none":
            why = why or f"{model.name} takes no first frame"
    size = model.size_for(request.size)
    if why or size is None:
        why = why or f"{model.name} makes no picture of the shape of {request.size[0]}×{request.size[1]}"
        raise ProviderFailed(why, where=f"{kind} model", todo="Choose another model, or change the shot.")
    return Fit(model, seconds, size, frame)


def picture(setup: Setup, frame: MediaRef) -> tuple[bytes, str]:
    """The bytes of a first frame and their content type.

    Raises:
        ProviderFailed: when it is not there, or no picture that vendors take.
    """
    path = setup.resolve(frame)
    kind = PICTURE_TYPES.get(frame.suffix)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ProviderFailed(
            f"The first frame cannot be read: {error.strerror}", where=str(path), todo="Make the still again."
        ) from error
    if kind is None:
        raise ProviderFailed(
            f"A first frame cannot be a {frame.suffix} file", where=str(path), todo="Make the still as PNG or JPEG."
        )
    return content, kind


def data_uri(content: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def suffix_of(kind: Kind, path: Path) -> str:
    """The suffix of a file that came down: stills come as PNG, JPEG or WebP, whatever a vendor calls them."""
    if kind == "video":
        return ".mp4"
    with path.open("rb") as file:
        head = file.read(4)
    return next((suffix for start, suffix in _BEGINNINGS.items() if head.startswith(start)), ".png")
