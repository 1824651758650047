"""Filmed drawings: exact frames, equal bytes, motion where motion was asked for."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from studio_pipeline.budget.rate_cards import RateCards
from studio_pipeline.errors import MediaDamaged, ProviderFailed
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.script import Character
from studio_pipeline.film.shots import Board, Move
from studio_pipeline.media.ken_burns import camera_path
from studio_pipeline.media.probe import probe
from studio_pipeline.providers.image.drawing.collage import layers
from studio_pipeline.providers.image.port import StillRequest
from studio_pipeline.providers.image.storyboard import StoryboardStills
from studio_pipeline.providers.video.parallax import parallax_frames
from studio_pipeline.providers.video.port import VideoRequest
from studio_pipeline.providers.video.storyboard import StoryboardVideo
from studio_pipeline.settings import ASSETS_DIR

SIZE = (256, 144)
REF = MediaRef(sha256="0" * 64, suffix=".png", size_bytes=1)
STILL_OF = {
    "storyboard/hold": "storyboard/card",
    "storyboard/ken-burns": "storyboard/board",
    "storyboard/parallax": "storyboard/collage",
}
BOARD = Board(
    heading="The lamp goes out",
    action="Mira waits.",
    place="The lighthouse",
    framing="wide",
    characters=(Character(name="Mira", tag="MI", look="red coat", colour="#c8473e"),),
    slate="S01 · K1",
)


def request(model: str, frames: int = 12, move: str = "push_in", fps: float = 24, **changes: object) -> VideoRequest:
    facts = {
        "model": model, "prompt": "", "frames": frames, "rate": Rate.of(fps), "size": SIZE, "seed": 7,
        "move": move, "board": BOARD, "first_frame": REF,
    }  # fmt: skip
    return VideoRequest.model_validate(facts | changes)


@pytest.fixture
def camera(tmp_path: Path) -> StoryboardVideo:
    """A camera whose first frame is whatever lies in ``first.png``."""
    return StoryboardVideo(RateCards.load(ASSETS_DIR / "vendors"), lambda _: tmp_path / "first.png")


def draw_first_frame(model: str, folder: Path) -> None:
    still = StillRequest(model=STILL_OF[model], prompt="", size=SIZE, seed=7, board=BOARD)
    StoryboardStills(RateCards({})).fetch("job", still, folder / "first.png")


def shown(clip: Path) -> np.ndarray:
    with av.open(str(clip)) as media:
        return np.array([frame.to_ndarray(format="gray") for frame in media.decode(video=0)], float)


@pytest.mark.parametrize("model", STILL_OF)
@pytest.mark.parametrize(("frames", "fps"), [(1, 24), (25, 24), (13, 29.97)])
def test_a_clip_has_exactly_the_frames_asked_for(
    camera: StoryboardVideo, model: str, frames: int, fps: float, tmp_path: Path
) -> None:
    draw_first_frame(model, tmp_path)
    camera.fetch("job", request(model, frames, fps=fps), tmp_path / "clip")
    facts = probe(tmp_path / "clip", decode=True)
    assert (facts.frames, facts.size, facts.rate) == (frames, SIZE, Rate.of(fps))


@pytest.mark.parametrize("model", STILL_OF)
def test_the_same_request_gives_the_same_bytes(camera: StoryboardVideo, model: str, tmp_path: Path) -> None:
    draw_first_frame(model, tmp_path)
    for name in ("a", "b"):
        camera.fetch("job", request(model), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("model", STILL_OF)
def test_a_clip_starts_as_its_still(camera: StoryboardVideo, model: str, tmp_path: Path) -> None:
    draw_first_frame(model, tmp_path)
    camera.fetch("job", request(model, 4), tmp_path / "clip")
    still = np.asarray(Image.open(tmp_path / "first.png").convert("L"), float)
    first = (shown(tmp_path / "clip")[0] - 16) * 255 / 219
    assert np.corrcoef(first.ravel(), still.ravel())[0, 1] > 0.9


def test_cards_are_held_and_the_others_move(camera: StoryboardVideo, tmp_path: Path) -> None:
    moved = {}
    for model in STILL_OF:
        draw_first_frame(model, tmp_path)
        camera.fetch("job", request(model, 24, "pan_right"), tmp_path / "clip")
        frames = shown(tmp_path / "clip")
        moved[model] = np.abs(frames[-1] - frames[0]).mean()
    assert moved["storyboard/hold"] < 0.5
    assert min(moved["storyboard/ken-burns"], moved["storyboard/parallax"]) > 3


def test_near_layers_pass_faster_than_the_sky(camera: StoryboardVideo, tmp_path: Path) -> None:
    """The far upper part changes less than the near lower part under a pan, relative to its own contrast."""
    draw_first_frame("storyboard/parallax", tmp_path)
    camera.fetch("job", request("storyboard/parallax", 24, "pan_right"), tmp_path / "clip")
    first, *_, last = shown(tmp_path / "clip")

    def shift(rows: slice) -> int:
        a, b = (frame[rows] - frame[rows].mean() for frame in (first, last))
        scores = {by: float((np.roll(a, by, axis=1)[:, 40:-40] * b[:, 40:-40]).sum()) for by in range(-40, 41)}
        return max(scores, key=lambda by: scores[by])

    assert abs(shift(slice(100, 135))) > abs(shift(slice(0, 30)))


@pytest.mark.parametrize("drawn", [(414, 234), (384, 216)])
@pytest.mark.parametrize("move", ["pan_left", "tilt_down"])
def test_layers_look_the_same_on_a_straight_way_and_on_any_other(move: Move, drawn: tuple[int, int]) -> None:
    """On a straight way what is alike for all frames is done once, for each layer on its own."""
    parts = layers(BOARD, drawn, 7, 1)
    path = camera_path(move, 8, Rate.of(24))
    bent = [*path, replace(path[-1], zoom=path[-1].zoom * 1.05)]
    straight, other = parallax_frames(parts, path, (384, 216)), parallax_frames(parts, bent, (384, 216))
    for one, same in zip(straight, other, strict=False):
        apart = np.frombuffer(one, np.uint8).astype(int) - np.frombuffer(same, np.uint8)
        assert np.abs(apart).max() <= 2


def test_a_clip_without_a_first_frame_draws_its_own(camera: StoryboardVideo, tmp_path: Path) -> None:
    for model in STILL_OF:
        camera.fetch("job", request(model, 3, first_frame=None), tmp_path / "clip")
        assert shown(tmp_path / "clip").std() > 5


def test_a_bought_still_is_moved_over_as_it_is_and_a_missing_depth_is_told(
    camera: StoryboardVideo, tmp_path: Path
) -> None:
    ramp = np.tile(np.linspace(0, 255, 300, dtype=np.uint8)[None, :, None], (200, 1, 3))
    Image.fromarray(ramp).save(tmp_path / "first.png")
    plain = camera.fetch("job", request("storyboard/ken-burns", 3, "hold"), tmp_path / "clip")
    flat = camera.fetch("job", request("storyboard/parallax", 3), tmp_path / "flat")
    assert plain.events == ()
    assert "no layers" in flat.events[0]
    row = shown(tmp_path / "clip")[0][70]
    assert np.all(np.diff(row) >= -2)  # the ramp, with no words drawn over it


def test_a_broken_first_frame_is_damaged_media(camera: StoryboardVideo, tmp_path: Path) -> None:
    (tmp_path / "first.png").write_bytes(b"\x89PNG broken")
    with pytest.raises(MediaDamaged, match="first frame"):
        camera.fetch("job", request("storyboard/ken-burns"), tmp_path / "clip")


def test_seconds_are_paid_handles_included(camera: StoryboardVideo) -> None:
    assert camera.quote(request("storyboard/ken-burns", 48)).max_usd == Decimal("0.10")


def test_a_model_nobody_films_is_refused(camera: StoryboardVideo, tmp_path: Path) -> None:
    with pytest.raises(ProviderFailed, match="storyboard/imax"):
        camera.fetch("job", request("storyboard/imax"), tmp_path / "clip")
