"""Faults put into real files are found, at the right frames; sound files measure what was written."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio_pipeline.errors import MediaDamaged
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.encode import encode_clip
from studio_pipeline.media.looking.measure import PictureMeasures, measure_clip, measure_sound

SIZE = (320, 180)
_NOISE = np.random.default_rng(7).integers(20, 236, (24, 40, 3), dtype=np.uint8)
_CANVAS = Image.fromarray(_NOISE).resize((480, 288), Image.Resampling.BICUBIC)


def window(x: float = 0.0, y: float = 0.0, zoom: float = 1.0) -> np.ndarray:
    """The view of a camera over a painted canvas, at a subpixel place; x and y in pixels of the picture."""
    wide, high = SIZE[0] / zoom, SIZE[1] / zoom
    left, top = 40 + x + (SIZE[0] - wide) / 2, 40 + y + (SIZE[1] - high) / 2
    return np.asarray(_CANVAS.resize(SIZE, Image.Resampling.BICUBIC, box=(left, top, left + wide, top + high)))


@pytest.fixture
def measured(tmp_path: Path) -> Callable[[Iterable[np.ndarray]], PictureMeasures]:
    def measure(frames: Iterable[np.ndarray]) -> PictureMeasures:
        path = tmp_path / "clip.mp4"
        pictures = list(frames)
        height, width, _ = pictures[0].shape
        encode_clip(pictures, (width, height), Rate.of(24), path)
        return measure_clip(path)

    return measure


Measured = Callable[[Iterable[np.ndarray]], PictureMeasures]


def test_a_slow_pan_measures_its_speed_and_is_smooth(measured: Measured) -> None:
    found = measured(window(x=0.4 * at) for at in range(36))
    assert found.frames == 36
    assert (found.width_px, found.height_px, found.rate_fps) == (320, 180, 24.0)
    assert found.camera_motion_permille_per_frame == pytest.approx(0.4 / 0.32, abs=0.3)
    assert found.jitter_permille < 0.3
    assert not found.frozen_runs and not found.black_runs and not found.jump_frames


def test_a_fast_pan_is_motion_and_no_jump(measured: Measured) -> None:
    found = measured(window(x=6.0 * at) for at in range(18))
    assert found.camera_motion_permille_per_frame == pytest.approx(6 / 0.32, rel=0.2)
    assert not found.jump_frames


def test_a_push_in_is_camera_motion_too(measured: Measured) -> None:
    found = measured(window(zoom=1 + 0.004 * at) for at in range(24))
    assert found.camera_motion_permille_per_frame == pytest.approx(0.004 * 184 / 0.32, rel=0.35)
    assert found.jitter_permille < 0.45


def test_shaking_is_jitter_and_grows_with_the_shake(measured: Measured) -> None:
    def shaken(by_px: float) -> float:
        rng = np.random.default_rng(3)
        frames = (window(x=0.4 * at + by_px * rng.normal(), y=by_px * rng.normal()) for at in range(24))
        return measured(frames).jitter_permille

    calm, nervous, wild = shaken(0.0), shaken(0.5), shaken(1.5)
    assert calm < 0.3 < 1.5 < nervous < wild


def test_black_from_frame_12_to_20_is_found_there(measured: Measured) -> None:
    found = measured(np.zeros((180, 320, 3), np.uint8) if 12 <= at <= 20 else window(x=0.5 * at) for at in range(36))
    (run,) = found.black_runs
    assert (run.first_frame, run.last_frame) == (12, 20)


def test_a_lit_window_at_night_is_not_black(measured: Measured) -> None:
    night = np.full((180, 320, 3), 4, np.uint8)
    night[80:100, 140:170] = 200
    assert not measured(night for _ in range(6)).black_runs


def test_a_freeze_is_found_where_it_is(measured: Measured) -> None:
    # As large as films are: in small pictures the encoder goes on refining for some frames after a stop.
    large = _CANVAS.resize((1440, 864), Image.Resampling.BICUBIC)

    def frame(at: int) -> np.ndarray:
        left, top = 120 + 1.5 * (min(at, 10) + max(0, at - 30)), 120
        return np.asarray(large.resize((960, 540), Image.Resampling.BICUBIC, box=(left, top, left + 960, top + 540)))

    (run,) = measured(frame(at) for at in range(48)).frozen_runs
    assert (run.first_frame, run.last_frame) == (11, 30)


def test_the_slowest_drift_is_not_a_freeze(measured: Measured) -> None:
    assert not measured(window(x=0.03 * at) for at in range(48)).frozen_runs


def test_a_small_moving_figure_on_a_still_ground_is_not_a_freeze_but_life(measured: Measured) -> None:
    def frame(at: int) -> np.ndarray:
        picture = window().copy()
        picture[90:120, 100 + 3 * at : 120 + 3 * at] = (250, 250, 250)
        return picture

    found, still = measured(frame(at) for at in range(24)), measured(window() for _ in range(24))
    assert not found.frozen_runs
    assert found.camera_motion_permille_per_frame < 0.3
    assert found.inner_motion_levels > 3 > 0.5 > still.inner_motion_levels
    assert still.frozen_frames == 23


def test_a_cut_inside_the_clip_is_a_jump_at_its_frame(measured: Measured) -> None:
    other = np.asarray(_CANVAS.transpose(Image.Transpose.ROTATE_180).crop((40, 40, 360, 220)))
    assert measured(window(x=0.3 * at) if at < 15 else other for at in range(24)).jump_frames == (15,)


def test_flicker_is_found_and_a_fade_is_not_flicker(measured: Measured) -> None:
    flickering = measured((window() * (0.7 if at % 2 else 1.0)).astype(np.uint8) for at in range(24))
    fading = measured((window() * (1 - at / 48)).astype(np.uint8) for at in range(24))
    assert flickering.flicker_levels > 20
    assert fading.flicker_levels < 1


def test_levels_are_those_of_the_picture(measured: Measured) -> None:
    grey = measured(np.full((180, 320, 3), 100, np.uint8) for _ in range(3))
    assert grey.luma_mean_levels == pytest.approx(100, abs=2)
    assert grey.contrast_levels < 2
    assert grey.colourfulness < 2
    half = np.zeros((180, 320, 3), np.uint8)
    half[:, 160:] = 255
    assert measured(half for _ in range(3)).contrast_levels == pytest.approx(255, abs=3)


def test_white_captions_read_on_a_dark_lower_part_and_not_on_a_bright_one(measured: Measured) -> None:
    dark, bright = np.full((180, 320, 3), 200, np.uint8), np.full((180, 320, 3), 20, np.uint8)
    dark[140:], bright[140:] = 20, 240
    assert measured([dark] * 2).caption_contrast_ratio > 15
    assert measured([bright] * 2).caption_contrast_ratio < 1.5


def test_a_blurred_picture_is_less_sharp_and_a_grey_one_less_colourful(measured: Measured) -> None:
    crisp = np.asarray(Image.fromarray(_NOISE).resize(SIZE, Image.Resampling.NEAREST))
    grey = np.repeat(window().mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    sharp, soft, pale = measured([crisp] * 2), measured([window()] * 2), measured([grey] * 2)
    assert sharp.sharpness_laplacian_variance > 5 * soft.sharpness_laplacian_variance
    assert soft.colourfulness > 30 > 5 > pale.colourfulness


def test_measuring_twice_gives_the_same_numbers(measured: Measured) -> None:
    assert measured(window(x=at) for at in range(8)) == measured(window(x=at) for at in range(8))


@pytest.mark.parametrize("content", [b"", b"not a film at all", b"\x00\x00\x00\x18ftypmp42" + bytes(4000)])
def test_a_file_that_is_no_film_is_damaged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    with pytest.raises(MediaDamaged):
        measure_clip(path)
    with pytest.raises(MediaDamaged):
        measure_sound(path)


def test_a_file_cut_off_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    encode_clip((window(x=at) for at in range(24)), SIZE, Rate.of(24), path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    with pytest.raises(MediaDamaged):
        measure_clip(path)


def write_wav(path: Path, samples: np.ndarray, rate_hz: int = 16000) -> Path:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate_hz)
        sound.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def test_a_tone_measures_its_loudness_and_pauses_do_not_make_it_softer(tmp_path: Path) -> None:
    tone = 0.5 * np.sin(np.arange(16000) * 2 * np.pi * 440 / 16000)
    alone = measure_sound(write_wav(tmp_path / "a.wav", tone))
    with_pauses = measure_sound(write_wav(tmp_path / "b.wav", np.concatenate([tone, np.zeros(32000)])))
    assert alone.rms_dbfs == pytest.approx(-9.03, abs=0.1)
    assert alone.peak_dbfs == pytest.approx(-6.02, abs=0.1)
    assert with_pauses.rms_dbfs == pytest.approx(alone.rms_dbfs or 0, abs=0.1)
    assert with_pauses.duration_s == pytest.approx(3.0)
    assert alone.clipped_samples == 0


def test_silence_has_no_loudness_and_clipping_is_counted(tmp_path: Path) -> None:
    silent = measure_sound(write_wav(tmp_path / "a.wav", np.zeros(8000)))
    assert (silent.rms_dbfs, silent.peak_dbfs) == (None, None)
    loud = measure_sound(write_wav(tmp_path / "b.wav", 3 * np.sin(np.arange(8000) / 5)))
    assert loud.clipped_samples > 100
