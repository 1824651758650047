"""Writes ``examples/calibration``: thirteen one-second clips of graded quality, and ratings for them.

The ratings are by construction: nobody looked. They say how much damage was put into each clip, which shows the format
and what ``studio calibrate`` prints, and no more than that. Run it as ``python -m tools.calibration_clips``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from studio_pipeline.film.rate import Rate
from studio_pipeline.film.script import Character
from studio_pipeline.film.shots import Board
from studio_pipeline.media.encode import encode_clip
from studio_pipeline.providers.image.port import StillRequest
from studio_pipeline.providers.image.storyboard import draw

FOLDER = Path(__file__).resolve().parent.parent / "examples" / "calibration"
SIZE, FRAMES = (320, 180), 24
PLAN = "Mara, a lighthouse keeper in a red coat, stands before her lighthouse; the camera drifts to the right."

Damage = Callable[[np.ndarray, int], np.ndarray]


def _canvas() -> Image.Image:
    mara = Character(name="Mara", tag="M", look="a keeper in a red coat", colour="#aa3311")
    board = Board(
        heading="", action="Mara before her lighthouse", place="a harbour", framing="medium", characters=(mara,)
    )
    picture, _ = draw(StillRequest(model="storyboard/board", prompt="p", size=(1280, 720), seed=3, board=board))
    return picture.convert("RGB").resize((400, 225), Image.Resampling.LANCZOS)


def _view(canvas: Image.Image, x: float) -> np.ndarray:
    box = (8 + x, 10, 368 + x, 212.5)
    return np.asarray(canvas.resize(SIZE, Image.Resampling.BICUBIC, box=box))


def _whole(frame: np.ndarray, at: int) -> np.ndarray:
    return frame


def _blurred(radius: float) -> Damage:
    return lambda frame, at: np.asarray(Image.fromarray(frame).filter(ImageFilter.GaussianBlur(radius)))


def _dimmed(share: float) -> Damage:
    return lambda frame, at: (frame * share).astype(np.uint8)


def _upside_down(frame: np.ndarray, at: int) -> np.ndarray:
    return frame[::-1]


def _grainy(frame: np.ndarray, at: int) -> np.ndarray:
    noise = np.random.default_rng(at).normal(0, 5, frame.shape)
    return np.clip(frame + noise, 0, 255).astype(np.uint8)


def _fogged(frame: np.ndarray, at: int) -> np.ndarray:
    return (frame * 0.25 + 150).astype(np.uint8)


def _flickering(frame: np.ndarray, at: int) -> np.ndarray:
    return (frame * (0.8 if at % 2 else 1.0)).astype(np.uint8)


def _flashing(frame: np.ndarray, at: int) -> np.ndarray:
    return np.zeros_like(frame) if 10 <= at < 13 else frame


CLIPS: tuple[tuple[str, float, Damage, Callable[[int], float]], ...] = (
    ("drift", 92, _whole, lambda at: 0.6 * at),
    ("slow", 88, _whole, lambda at: 0.25 * at),
    ("softer", 74, _blurred(0.9), lambda at: 0.6 * at),
    ("dim", 66, _dimmed(0.35), lambda at: 0.6 * at),
    ("grain", 60, _grainy, lambda at: 0.6 * at),
    ("shaking", 55, _whole, lambda at: 8 + 2.5 * ((at * 7919) % 5 - 2) / 2),
    ("fog", 50, _fogged, lambda at: 0.6 * at),
    ("blurred", 46, _blurred(1.6), lambda at: 0.6 * at),
    ("held", 42, _whole, lambda at: 0.0),
    ("flicker", 35, _flickering, lambda at: 0.6 * at),
    ("upside down", 32, _upside_down, lambda at: 0.6 * at),
    ("flash", 30, _flashing, lambda at: 0.6 * at),
    ("dark and held", 12, _dimmed(0.12), lambda at: 0.0),
)
"""Name, rating, what is done to each frame, and where the camera is."""


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    canvas, lines = _canvas(), []
    for number, (name, rating, damage, place) in enumerate(CLIPS, start=1):
        clip = f"{number:02d}-{name.replace(' ', '-')}.mp4"
        frames = (damage(_view(canvas, place(at)), at) for at in range(FRAMES))
        encode_clip(frames, SIZE, Rate.of(24), FOLDER / clip)
        lines.append(f"  - clip: {clip}\n    rating: {rating:g}\n    rater: by construction\n    plan: {PLAN}\n")
    (FOLDER / "ratings.yaml").write_text(
        "# Clips, and what people rate them: 0 (ruined) to 100 (perfect), with the name of who says so. Several\n"
        "# people may rate one clip. `plan` is what it was to show, and may be left out. Paths start from here.\n"
        "# Nobody rated these: the figures say how much damage was put into each (tools/calibration_clips.py). They\n"
        "# show the format. Calibrate with your own clips, thirty or more, from good to broken:\n"
        "#   studio calibrate examples/calibration/ratings.yaml\n"
        "ratings:\n" + "".join(lines),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
