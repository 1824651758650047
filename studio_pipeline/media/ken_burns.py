"""Camera moves over a still picture, in fractions of a pixel so that slow moves do not shake.

A path is a list of views; a view is the part of the picture that fills the frame. Moves that need layers with depth
are in ``providers/video/storyboard.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PIL import Image

from studio_pipeline.film.rate import Rate
from studio_pipeline.film.shots import Move
from studio_pipeline.media.planes import Box, Overlay, Planes, Way

MAX_ZOOM = 1.18
"""The nearest a camera comes. A still this many times the delivered size stays sharp throughout."""

_ZOOM_PER_S = 0.032
_MIN_ZOOM = 1.06


@dataclass(frozen=True)
class View:
    """Where the camera looks: the centre in fractions of the picture, and how much of it is magnified."""

    x: float
    y: float
    zoom: float


def camera_path(move: Move, frames: int, rate: Rate, variation: int = 1) -> list[View]:
    """``frames`` views for ``move``. Longer shots travel farther, up to ``MAX_ZOOM``; speed eases at both ends.

    ``variation`` (the take) mirrors the way of a drift and shifts what a push is aimed at.
    """
    reach = min(MAX_ZOOM, max(_MIN_ZOOM, 1 + _ZOOM_PER_S * rate.seconds(frames)))
    slack = 0.5 - 0.5 / reach  # how far the centre may go from the middle before an edge shows
    aim = (variation % 3 - 1) * 0.6
    side = 1 if variation % 2 else -1

    def push(way: float) -> View:
        zoom = reach**way  # geometric, so that growth looks even
        room = 0.5 - 0.5 / zoom
        return View(0.5 + aim * room, 0.5 - 0.25 * room, zoom)

    moves: dict[Move, Callable[[float], View]] = {
        "hold": lambda _: View(0.5, 0.5, 1.0),
        "push_in": push,
        "pull_out": lambda way: push(1 - way),
        "pan_left": lambda way: View(0.5 + slack * (1 - 2 * way), 0.5, reach),
        "pan_right": lambda way: View(0.5 - slack * (1 - 2 * way), 0.5, reach),
        "tilt_up": lambda way: View(0.5, 0.5 + slack * (1 - 2 * way), reach),
        "tilt_down": lambda way: View(0.5, 0.5 - slack * (1 - 2 * way), reach),
        "drift": lambda way: View(
            0.5 + side * slack * 0.7 * (2 * way - 1), 0.5 + slack * 0.35 * (1 - 2 * way), reach * (1 - 0.02 * way)
        ),
    }
    return [moves[move](_eased(index / max(frames - 1, 1))) for index in range(frames)]


def box_of(view: View, source: tuple[int, int], size: tuple[int, int]) -> Box:
    """The part of a ``source`` sized picture that ``view`` shows in a frame of the shape of ``size``."""
    width, height = source
    cover = min(width / size[0], height / size[1]) / view.zoom
    half_w, half_h = size[0] * cover / 2, size[1] * cover / 2
    x = min(max(view.x * width, half_w), width - half_w)
    y = min(max(view.y * height, half_h), height - half_h)
    return max(x - half_w, 0.0), max(y - half_h, 0.0), min(x + half_w, width), min(y + half_h, height)


def ken_burns_frames(
    image: Image.Image, path: list[View], size: tuple[int, int], overlay: Overlay | None = None
) -> Iterator[bytes]:
    """One ``yuv420p`` frame a view. ``overlay`` stands still in front while the picture moves."""
    whole = Planes.of(_even(image))
    way = Way.of([box_of(view, whole.size, size) for view in path], whole.size, size)
    planes = whole.view(way.first, way.size)
    frame, shown = b"", None
    for box in way.boxes:
        if box != shown:
            seen = planes.view(box, size)
            if overlay is not None:
                seen.lay(overlay)
            frame, shown = seen.to_bytes(), box
        yield frame


def _eased(way: float) -> float:
    """Half linear, half smoothstep: the camera is already moving at the cut, yet starts and lands softly."""
    return 0.5 * way + 0.5 * way * way * (3 - 2 * way)


def _even(image: Image.Image) -> Image.Image:
    width, height = image.width & ~1, image.height & ~1
    return image if image.size == (width, height) else image.crop((0, 0, width, height))
