"""A camera move is smooth: what stands in the picture travels without shaking, and stays inside it."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from PIL import Image, ImageDraw

from studio_pipeline.film.rate import Rate
from studio_pipeline.film.shots import Move
from studio_pipeline.media.ken_burns import MAX_ZOOM, box_of, camera_path, ken_burns_frames
from studio_pipeline.media.planes import Overlay

SIZE, RATE, FRAMES = (320, 180), Rate.of(24), 60
MOVES: tuple[Move, ...] = get_args(Move)


def spot(size: tuple[int, int] = (384, 216)) -> Image.Image:
    """A soft bright spot off the middle of a dark picture."""
    ys, xs = np.mgrid[0 : size[1], 0 : size[0]]
    light = 255 * np.exp(-((xs - size[0] * 0.55) ** 2 + (ys - size[1] * 0.42) ** 2) / 60)
    return Image.fromarray(light.astype(np.uint8)).convert("RGB")


def centre_of_light(frame: bytes) -> tuple[float, float]:
    luma = np.frombuffer(frame, np.uint8)[: SIZE[0] * SIZE[1]].reshape(SIZE[1], SIZE[0]).astype(float)
    luma = np.clip(luma - 24, 0, None)
    ys, xs = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
    return float((xs * luma).sum() / luma.sum()), float((ys * luma).sum() / luma.sum())


@pytest.mark.parametrize("move", MOVES)
def test_what_is_seen_travels_without_shaking(move: Move) -> None:
    frames = ken_burns_frames(spot(), camera_path(move, FRAMES, RATE), SIZE)
    way = np.array([centre_of_light(frame) for frame in frames])
    shake = np.abs(np.diff(way, n=2, axis=0)).max()
    assert shake < 0.06
    assert (np.abs(way[-1] - way[0]).max() > 1) == (move != "hold")


@pytest.mark.parametrize("move", MOVES)
def test_the_camera_never_leaves_the_picture_nor_comes_nearer_than_it_may(move: Move) -> None:
    for frames in (1, 2, 24, 2000):
        path = camera_path(move, frames, RATE, variation=2)
        assert len(path) == frames
        for view in path:
            left, top, right, bottom = box_of(view, (400, 300), SIZE)
            assert 0 <= left < right <= 400
            assert 0 <= top < bottom <= 300
            assert (right - left) / (bottom - top) == pytest.approx(SIZE[0] / SIZE[1], rel=1e-6)
            assert view.zoom <= MAX_ZOOM + 1e-9


def test_moves_go_where_their_names_say() -> None:
    first, *_, last = camera_path("pan_right", 48, RATE)
    assert last.x > first.x
    first, *_, last = camera_path("tilt_up", 48, RATE)
    assert last.y < first.y
    first, *_, last = camera_path("push_in", 48, RATE)
    assert last.zoom > first.zoom


def test_words_laid_over_stand_still_while_the_picture_moves() -> None:
    words = Image.new("RGBA", SIZE, (0, 0, 0, 0))
    ImageDraw.Draw(words).rectangle((20, 140, 60, 150), fill=(255, 255, 255, 255))
    frames = list(ken_burns_frames(spot(), camera_path("pan_left", 24, RATE), SIZE, Overlay.of(words)))
    shown = [np.frombuffer(frame, np.uint8)[: SIZE[0] * SIZE[1]].reshape(SIZE[1], SIZE[0]) for frame in frames]
    assert (shown[0][142:149, 24:56] >= 234).all()
    assert (shown[-1][142:149, 24:56] == shown[0][142:149, 24:56]).all()


@pytest.mark.parametrize("move", ["pan_right", "tilt_up", "hold"])
def test_a_frame_looks_the_same_on_a_straight_way_and_on_any_other(move: Move) -> None:
    """On a pan the rows are brought to size once, on a tilt the columns."""
    rng = np.random.default_rng(4)
    painted = Image.fromarray(rng.integers(0, 255, (54, 96, 3), dtype=np.uint8)).resize((384, 216))
    path = camera_path(move, 12, RATE)
    nearer = replace(path[0], zoom=path[0].zoom * 1.05)
    for view, straight in zip(path, ken_burns_frames(painted, path, SIZE), strict=True):
        alone = next(ken_burns_frames(painted, [view, nearer], SIZE))
        apart = np.frombuffer(straight, np.uint8).astype(int) - np.frombuffer(alone, np.uint8)
        assert np.abs(apart).max() <= 2
