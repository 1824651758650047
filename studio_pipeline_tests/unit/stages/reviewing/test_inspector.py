"""Ratings of real files: damage is found and costs points, and the studio's own clips land where they should."""

from __future__ import annotations

import wave
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.ratings import SceneRating, ShotRating
from studio_pipeline.film.script import Character
from studio_pipeline.film.shots import Board, Shot, ShotPlan
from studio_pipeline.film.takes import Narration, Receipt, Take
from studio_pipeline.media.encode import encode_clip
from studio_pipeline.providers.image.port import StillRequest
from studio_pipeline.providers.image.storyboard import draw
from studio_pipeline.providers.video.port import VideoRequest
from studio_pipeline.providers.video.storyboard import StoryboardVideo
from studio_pipeline.stages.reviewing.inspector import inspect_scene, inspect_shot

RATE, SIZE = Rate.of(24), (320, 180)
REF = MediaRef(sha256="0" * 64, suffix=".mp4", size_bytes=1)
RECEIPT = Receipt(entry="e", identity="i", vendor="v", model="m", price_usd=Decimal(0), simulated=True)
BOARD = Board(heading="", action="It rains.", place="the sea", framing="wide")
_PAINT = np.random.default_rng(7).integers(20, 236, (24, 40, 3), dtype=np.uint8)
_CANVAS = Image.fromarray(_PAINT).resize((480, 288), Image.Resampling.NEAREST)


def shot_of(frames: int = 24, number: int = 1) -> Shot:
    return Shot(number=number, frames=frames - 12, handle=6, move="drift", board=BOARD, prompt="p")


def take_of(*events: str) -> Take:
    still = RECEIPT.model_copy(update={"events": events})
    return Take(number=1, clip=REF, poster=REF, frames=24, plan_digest="d", still=still, video=RECEIPT)


def view(x: float) -> np.ndarray:
    return np.asarray(_CANVAS.resize(SIZE, Image.Resampling.BICUBIC, box=(40 + x, 40, 360 + x, 220)))


def pan(frames: int = 24) -> list[np.ndarray]:
    return [view(0.5 * at) for at in range(frames)]


def inspected(tmp_path: Path, frames: Iterable[np.ndarray], *events: str) -> ShotRating:
    path = tmp_path / "clip.mp4"
    encode_clip(frames, SIZE, RATE, path)
    return inspect_shot(shot_of(), take_of(*events), path, rate=RATE, size=SIZE, name="animated.s01.k1")


def codes(rating: ShotRating | SceneRating) -> set[str]:
    return {issue.code for issue in rating.issues}


def test_black_frames_are_named_and_more_of_them_cost_more(tmp_path: Path) -> None:
    def with_black(count: int) -> ShotRating:
        black = np.zeros((180, 320, 3), np.uint8)
        return inspected(tmp_path, [black if 8 <= at < 8 + count else frame for at, frame in enumerate(pan())])

    ratings = [with_black(count) for count in (0, 1, 6, 12)]
    assert [rating.rating for rating in ratings] == sorted((r.rating for r in ratings), reverse=True)
    (black,) = [issue for issue in ratings[2].issues if issue.code == "black"]
    assert (black.first_frame, black.last_frame, black.severity) == (8, 13, "fault")
    assert "black" not in codes(ratings[0])


def test_the_longer_a_picture_stands_still_the_less_it_is_worth(tmp_path: Path) -> None:
    ratings = [inspected(tmp_path, [view(0.5 * min(at, stop)) for at in range(48)]) for stop in (48, 20, 0)]
    assert ratings[0].rating > ratings[1].rating > ratings[2].rating
    assert "freeze" not in codes(ratings[0])
    (freeze,) = [issue for issue in ratings[1].issues if issue.code == "freeze"]
    assert freeze.first_frame is not None and abs(freeze.first_frame - 21) <= 2
    assert freeze.last_frame == 47
    assert ratings[2].rating < 60, "a picture held for its whole length is no film"


def test_shaking_flicker_and_fog_each_cost_points(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    good = inspected(tmp_path, pan())
    shaking = inspected(tmp_path, [view(2 * rng.random() + 0.5 * at) for at in range(24)])
    flicker = inspected(
        tmp_path, [(frame * (0.75 if at % 2 else 1)).astype(np.uint8) for at, frame in enumerate(pan())]
    )
    fog = inspected(tmp_path, [(frame * 0.1 + 200).astype(np.uint8) for frame in pan()])
    assert "jumpy_motion" in codes(shaking)
    assert "flicker" in codes(flicker)
    assert "low_contrast" in codes(fog)
    assert good.rating > max(shaking.rating, flicker.rating, fog.rating)
    for rating in (good, shaking, flicker, fog):
        assert rating.rating == pytest.approx(100 - sum(issue.points for issue in rating.issues), abs=0.1)


def test_a_clip_of_another_length_size_or_rate_than_ordered_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    encode_clip(pan(20), SIZE, Rate.of(25), path)
    rating = inspect_shot(shot_of(24), take_of(), path, rate=RATE, size=(640, 360))
    assert {"wrong_length", "wrong_size", "wrong_rate"} <= codes(rating)
    assert any("20 frames where 24" in issue.message for issue in rating.issues)


def test_a_file_that_does_not_decode_is_rated_zero_and_says_why(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"not a film")
    rating = inspect_shot(shot_of(), take_of(), path, rate=RATE, size=SIZE)
    assert rating.rating == 0 and codes(rating) == {"undecodable"} and not rating.measures


def test_what_the_vendor_told_about_a_take_is_seen_and_counted(tmp_path: Path) -> None:
    words = "The heading was cut to fit the storyboard"
    quiet, told = inspected(tmp_path, pan()), inspected(tmp_path, pan(), words)
    assert words in {issue.message for issue in told.issues}
    assert told.rating == pytest.approx(quiet.rating - 2)


def test_measures_are_numbers_with_their_units(tmp_path: Path) -> None:
    measures = inspected(tmp_path, pan()).measures
    assert measures["frames"] == 24
    assert {"luma_mean_levels", "jitter_permille", "contrast_levels"} <= measures.keys()


def plan_of(*frames: int) -> ShotPlan:
    shots = tuple(shot_of(length + 12, number) for number, length in enumerate(frames, start=1))
    return ShotPlan(scene=3, rate=RATE, size=SIZE, shots=shots)


def rated(number: int, rating: float, **measures: float) -> ShotRating:
    return ShotRating(shot=f"animated.s03.k{number}", take=1, rating=rating, measures=measures)


def write_voice(path: Path, seconds: float, volume: float) -> Path:
    samples = volume * np.sin(np.arange(int(16000 * seconds)) * 0.2)
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16000)
        sound.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def spoken(seconds: float, sound: MediaRef | None = REF) -> Narration:
    return Narration(scene=3, text="Words.", language="en", sound=sound, duration_s=seconds)


def test_a_scene_is_the_mean_of_its_shots_by_length() -> None:
    assert inspect_scene(plan_of(96, 24), [rated(1, 90), rated(2, 40)]).rating == 80


def test_a_planned_shot_that_was_not_shot_is_an_issue_and_costs() -> None:
    whole = inspect_scene(plan_of(60, 60), [rated(1, 80), rated(2, 80)])
    partial = inspect_scene(plan_of(60, 60), [rated(1, 80)])
    nothing = inspect_scene(plan_of(60, 60), [])
    assert codes(partial) == {"missing_shot"} and not whole.issues
    assert whole.rating > partial.rating > nothing.rating == 0


def test_narration_longer_than_its_pictures_costs_by_the_second(tmp_path: Path) -> None:
    def with_voice(seconds: float) -> SceneRating:
        sound = write_voice(tmp_path / f"{seconds}.wav", seconds, 0.4)
        return inspect_scene(plan_of(48), [rated(1, 80)], spoken(seconds), sound)

    fits, over, far_over = with_voice(1.6), with_voice(2.5), with_voice(4.0)
    assert not fits.issues
    assert codes(over) == {"narration_overrun"}
    assert fits.rating > over.rating > far_over.rating


@pytest.mark.parametrize(
    ("volume", "code"), [(0.0, "narration_silent"), (0.005, "narration_quiet"), (3.0, "narration_clipped")]
)
def test_the_loudness_of_the_narration_is_measured(tmp_path: Path, volume: float, code: str) -> None:
    sound = write_voice(tmp_path / "voice.wav", 1.0, volume)
    assert codes(inspect_scene(plan_of(48), [rated(1, 80)], spoken(1.0), sound)) == {code}


def test_narration_that_was_written_but_not_spoken_is_named() -> None:
    assert codes(inspect_scene(plan_of(48), [rated(1, 80)], spoken(0.0, None), None)) == {"narration_missing"}


def test_a_leap_of_light_between_neighbouring_shots_is_noted() -> None:
    shots = [rated(1, 80, luma_mean_levels=40.0), rated(2, 80, luma_mean_levels=200.0)]
    assert codes(inspect_scene(plan_of(48, 48), shots)) == {"joint_light"}


class NoPrices:
    def quote(self, vendor: str, model: str, quantity: Decimal):
        raise AssertionError("inspection costs nothing")


@pytest.mark.parametrize(
    ("still", "clip", "lowest", "highest"),
    [
        ("card", "hold", 45, 59.9),
        ("board", "ken-burns", 82, 94),
        ("collage", "parallax", 65, 88),
    ],
)
def test_the_studios_own_clips_land_where_the_critic_needs_them(
    tmp_path: Path, still: str, clip: str, lowest: float, highest: float
) -> None:
    board = BOARD.model_copy(
        update={
            "place": "a harbour in the morning",
            "characters": (Character(name="Mara", tag="M", look="a keeper", colour="#aa3311"),),
            "framing": "medium",
        }
    )
    size = (1280, 720)
    picture, _ = draw(StillRequest(model=f"storyboard/{still}", prompt="p", size=size, seed=3, board=board))
    assert picture.size == size
    path = tmp_path / "clip.mp4"
    request = VideoRequest(
        model=f"storyboard/{clip}", prompt="p", frames=24, rate=RATE, size=size, seed=3, move="pan_left", board=board
    )
    StoryboardVideo(NoPrices(), lambda ref: path).fetch("job", request, path)
    rating = inspect_shot(shot_of(), take_of(), path, rate=RATE, size=size)
    assert lowest <= rating.rating <= highest, rating.issues
