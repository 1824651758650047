"""Clips have exactly the frames they were given, the same bytes each time, and the colours that went in."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import av
import numpy as np
import pytest
from PIL import Image

from studio_pipeline.errors import BadInput, MediaDamaged, ProviderFailed
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.shots import HANDLE_FRAMES
from studio_pipeline.media.encode import (
    COLOUR_TAGS,
    Use,
    encode_clip,
    encode_still,
    entries,
    house_header,
    house_video_args,
    raw_input,
    timescale,
)
from studio_pipeline.media.ffmpeg import as_argument, run_ffmpeg
from studio_pipeline.media.packets import HouseFormat, read_seams
from studio_pipeline.media.planes import Planes
from studio_pipeline.media.probe import probe, probe_sound

SIZE, RATE = (96, 64), Rate.of(24)


def moving(frames: int) -> list[np.ndarray]:
    ramp = np.tile(np.arange(96, dtype=np.uint8)[None, :, None] * 2, (64, 1, 3))
    return [np.roll(ramp, 2 * k, axis=1) for k in range(frames)]


@pytest.mark.parametrize("frames", [1, 2, 25])
@pytest.mark.parametrize("fps", [24, 25, 23.976, 59.94])
def test_a_clip_has_exactly_its_frames_at_every_rate(tmp_path: Path, frames: int, fps: float) -> None:
    clip = tmp_path / "clip"
    assert encode_clip(moving(frames), SIZE, Rate.of(fps), clip) == frames
    facts = probe(clip, decode=True)
    assert (facts.frames, facts.rate, facts.size, facts.has_audio) == (frames, Rate.of(fps), SIZE, False)


@pytest.mark.parametrize("frames", [1, 7, 300])
def test_a_held_still_has_exactly_its_frames_and_does_not_change(tmp_path: Path, frames: int) -> None:
    clip = tmp_path / "clip"
    encode_still(Image.fromarray(moving(1)[0]), frames, SIZE, RATE, clip)
    assert probe(clip, decode=True).frames == frames
    with av.open(str(clip)) as media:
        shown = [frame.to_ndarray(format="gray").astype(int) for frame in media.decode(video=0)]
    assert np.abs(shown[-1] - shown[0]).mean() < 1


def test_equal_frames_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        encode_clip(moving(30), SIZE, RATE, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("fps", [24, 29.97, 60])
@pytest.mark.parametrize("frames", [1, 20, 40, 150])
def test_clips_can_be_entered_where_cuts_and_transitions_need_it(tmp_path: Path, frames: int, fps: float) -> None:
    rate = Rate.of(fps)
    encode_clip(moving(frames), SIZE, rate, tmp_path / "moving", count=frames)
    encode_still(Image.fromarray(moving(1)[0]), frames, SIZE, rate, tmp_path / "still")
    for name, wanted in (("moving", entries(rate, frames)), ("still", entries(rate, frames, still=True))):
        seams = read_seams(tmp_path / name, frames, HouseFormat.of(SIZE, rate))
        assert seams is not None and seams.entries == (0, *(frame for frame in wanted if frame < frames))


def test_a_clip_has_no_more_entries_than_are_of_use() -> None:
    assert entries(RATE) == (6, 14)
    assert entries(RATE, 6) == ()
    assert entries(RATE, 20) == (14,)
    assert entries(RATE, 40) == (6, 14, 34)
    assert entries(RATE, 84) == (6, 14, 60, 78)
    assert entries(RATE, 252) == (6, 14, 67, 121, 174, 228, 246)
    assert entries(RATE, 252, still=True) == (6, 14, 246)


@pytest.mark.parametrize("frames", range(44, 50))
def test_a_plain_cut_leaves_nothing_to_draw(tmp_path: Path, frames: int) -> None:
    encode_clip(moving(frames), SIZE, RATE, tmp_path / "moving", count=frames)
    encode_still(Image.fromarray(moving(1)[0]), frames, SIZE, RATE, tmp_path / "still")
    shown = (HANDLE_FRAMES, frames - HANDLE_FRAMES)
    for name in ("moving", "still"):
        seams = read_seams(tmp_path / name, frames, HouseFormat.of(SIZE, RATE))
        assert seams is not None and seams.between(*shown) == shown


@pytest.mark.parametrize(
    ("size", "fps", "level"),
    [
        ((1280, 720), 24, 42),
        ((1920, 1080), 60, 42),
        ((1080, 1920), 24, 42),
        ((3840, 2160), 24, 52),
        ((2160, 2160), 60, 52),
    ],
)
def test_the_level_of_a_clip_fits_its_size(size: tuple[int, int], fps: float, level: int) -> None:
    assert house_header(size, Rate.of(fps))[3] == level


def test_clips_of_one_size_and_rate_have_equal_parameter_sets_whatever_they_show(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    encode_clip((rng.integers(0, 255, (64, 96, 3), dtype=np.uint8) for _ in range(30)), SIZE, RATE, tmp_path / "noise")
    encode_clip(moving(2), SIZE, RATE, tmp_path / "moving", count=2)
    for name in ("noise", "moving"):
        with av.open(str(tmp_path / name)) as media:
            assert media.streams.video[0].codec_context.extradata == house_header(SIZE, RATE)
    assert house_header(SIZE, Rate.of(25)) != house_header(SIZE, RATE) != house_header((96, 80), RATE)


@pytest.mark.parametrize("use", get_args(Use))
@pytest.mark.parametrize("size", [(96, 64), (480, 270), (202, 360)])
def test_whatever_it_is_encoded_for_the_parameter_sets_are_equal(
    tmp_path: Path, use: Use, size: tuple[int, int]
) -> None:
    noise = np.random.default_rng(1).bytes(size[0] * size[1] * 3 * 10)
    encoded = ["-vf", COLOUR_TAGS, *house_video_args(RATE, size, use), as_argument(tmp_path / "clip.mp4")]
    run_ffmpeg([*raw_input(size, RATE, "rgb24"), "-i", "-", *encoded], stdin=noise)
    with av.open(str(tmp_path / "clip.mp4")) as media:
        assert media.streams.video[0].codec_context.extradata == house_header(size, RATE)


def test_a_frame_is_a_whole_number_of_ticks_at_every_rate() -> None:
    assert timescale(RATE) == 12288
    for fps in (23.976, 24, 25, 29.97, 30, 50, 59.94, 60):
        rate = Rate.of(fps)
        assert timescale(rate) * rate.den % rate.num == 0


def test_clips_say_and_hold_bt709_whether_they_come_as_rgb_or_as_planes(tmp_path: Path) -> None:
    patches = [(200, 30, 40), (30, 180, 60), (40, 60, 200), (250, 250, 250)]
    picture = Image.new("RGB", (128, 64))
    for k, colour in enumerate(patches):
        picture.paste(colour, (32 * k, 0, 32 * k + 32, 64))
    encode_still(picture, 2, picture.size, RATE, tmp_path / "rgb")
    encode_clip([Planes.of(picture).to_bytes()] * 2, picture.size, RATE, tmp_path / "planes", pixels="yuv420p")
    for name in ("rgb", "planes"):
        with av.open(str(tmp_path / name)) as media:
            frame = next(media.decode(video=0))
        assert (frame.colorspace, frame.color_range) == (1, 1)
        luma = frame.to_ndarray(format="yuv420p")[32, 16::32]
        wanted = [16 + 219 / 255 * (0.2126 * r + 0.7152 * g + 0.0722 * b) for r, g, b in patches]
        assert np.abs(luma[:4] - wanted).max() < 2


def test_a_frame_of_the_wrong_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProviderFailed, match="Frame 1"):
        encode_clip([moving(1)[0], moving(1)[0][:-2]], SIZE, RATE, tmp_path / "clip")


def test_odd_sizes_are_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="even"):
        encode_clip([], (95, 64), RATE, tmp_path / "clip")


@pytest.mark.parametrize("left", [0, 40, 900])
def test_a_truncated_clip_is_damaged(tmp_path: Path, left: int) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut.mp4"
    rng = np.random.default_rng(1)
    encode_clip((rng.integers(0, 255, (64, 96, 3), dtype=np.uint8) for _ in range(24)), SIZE, RATE, whole)
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2 if left == 900 else left])
    with pytest.raises(MediaDamaged, match=r"cut\.mp4"):
        probe(cut)


def test_sound_is_no_clip_and_a_clip_is_no_sound(tmp_path: Path) -> None:
    wav, clip = tmp_path / "line.wav", tmp_path / "clip.mp4"
    run_ffmpeg(["-f", "lavfi", "-i", "sine=d=0.5:r=48000", "-ac", "1", as_argument(wav)])
    encode_clip(moving(2), SIZE, RATE, clip)
    facts = probe_sound(wav)
    assert (facts.samples, facts.sample_rate_hz, facts.channels) == (24000, 48000, 1)
    with pytest.raises(MediaDamaged, match="no pictures"):
        probe(wav)
    with pytest.raises(MediaDamaged, match="no sound"):
        probe_sound(clip)
