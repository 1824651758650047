"""A preview shows the film's frames, small, with the timecode of each; whatever the clips are like."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageDraw

from studio_pipeline.editorial.timecode import Timecode
from studio_pipeline.editorial.timeline import Speech, Speed, Transition
from studio_pipeline.errors import MediaDamaged
from studio_pipeline.media.burnt_timecode import burnt_timecode
from studio_pipeline.media.ffmpeg import as_argument, run_ffmpeg
from studio_pipeline.media.preview import preview, small_size
from studio_pipeline.media.render_cache import RenderCache
from studio_pipeline.media.sound.samples import RATE_HZ, write_wav
from studio_pipeline.media.type.typography import fit_text
from studio_pipeline_tests.unit.conftest import expected_luma

BARS = (
    Transition(at=1, kind="dissolve", out_frames=4, in_frames=4),
    Transition(at=2, kind="fade_black", out_frames=4, in_frames=4),
    Transition(at=3, kind="wipe", out_frames=3, in_frames=3),
    Transition(at=4, kind="dip", out_frames=3, in_frames=3, colour="#c0c0c0"),
    Transition(at=5, kind="fade_white", out_frames=5, in_frames=0),
)


def frames_of(path: Path) -> np.ndarray:
    """Every frame's light, 0 to 255."""
    with av.open(str(path)) as media:
        planes = [frame.to_ndarray(format="yuv420p")[: frame.height] for frame in media.decode(video=0)]
    return np.clip((np.array(planes, float) - 16) * 255 / 219, 0, 255)


def blocks_of(frames: np.ndarray) -> np.ndarray:
    """The grey of every block, 0 to 1, measured above the timecode."""
    count, height, width = frames.shape
    cells = frames.reshape(count, 3, height // 3, 4, width // 4)
    return cells[:, :, 20:-45, :, 22:-22].mean(axis=(2, 4)) / 255


def timecode_drawn(text: str) -> np.ndarray:
    picture = Image.new("L", (84, 18), 0)
    fit_text(ImageDraw.Draw(picture), text, (1, -3, 90, 18), max_px=15, min_px=15, fill=255)
    return np.asarray(picture, float)


def alike(one: np.ndarray, other: np.ndarray) -> float:
    shifts = [(dy, dx) for dy in range(-3, 4) for dx in range(-3, 4)]
    return max(float(np.corrcoef(np.roll(one, shift, (0, 1)).ravel(), other.ravel())[0, 1]) for shift in shifts)


@pytest.mark.parametrize(("fps", "stretch_s"), [(24, 4), (29.97, 0.5), (60, 4)])
def test_every_frame_is_the_films_own_with_its_own_timecode(fps, stretch_s, library, tmp_path, monkeypatch):
    """However many stretches it takes."""
    monkeypatch.setattr("studio_pipeline.media.segments._ENOUGH_S", stretch_s)
    shelf = library(fps)
    looks = {2: {"speed": Speed(num=3, den=2)}, 4: {"hold": 7}}
    timeline = shelf.timeline([20, 24, 18, 20, 16], BARS, looks=looks)
    preview(timeline, shelf.resolve, tmp_path / "p.mp4")
    shown = frames_of(tmp_path / "p.mp4")
    assert shown.shape == (timeline.frames, 270, 360)
    assert np.abs(blocks_of(shown) - expected_luma(timeline)).max() < 0.09
    counting = Timecode.of(timeline.rate)
    for frame in (0, 1, 19, 37, 60, 97):
        stamp = np.maximum(shown[frame, 246:264, 8:92], 150)  # the box is not quite opaque
        near = {n: alike(timecode_drawn(counting.at(n)), stamp) for n in range(max(0, frame - 1), frame + 2)}
        assert max(near, key=near.__getitem__) == frame
        assert near[frame] > 0.7


def events(text: str) -> list[tuple[str, str, str]]:
    rows = [row for row in text.splitlines() if row.startswith("Dialogue:")]
    return [(row.split(",")[1], row.split(",")[2], row.split(",", 9)[9].split("}")[-1]) for row in rows]


def test_timecode_drops_numbers_where_the_rate_does(library):
    shelf = library(29.97)
    timeline = shelf.timeline([20]).model_copy(
        update={"clips": (shelf.timeline([20]).clips[0].model_copy(update={"frames": 1810}),)}
    )
    stamps = events(burnt_timecode(timeline).text)
    assert stamps[1799][2] == "00:00:59;29"
    assert stamps[1800] == ("0:01:00.06", "0:01:00.09", "00:01:00;02")


def test_a_shot_is_called_what_it_is_called(library):
    shelf = library()
    timeline = shelf.timeline([8])
    named = timeline.clips[0].model_copy(update={"name": "{\\p1}m 0 0 \\N कहानी قصة\n" + "x" * 200})
    *_, last = burnt_timecode(timeline.model_copy(update={"clips": (named,)})).text.splitlines()
    assert last.count("{") == last.count("\\pos") + last.count("\\fn")
    assert "\\p1" not in last and "\\N" not in last and len(last) < 400


def test_what_was_made_small_once_is_not_made_again(library, tmp_path):
    shelf = library()
    timeline = shelf.timeline([10, 12], BARS[:1])
    preview(timeline, shelf.resolve, tmp_path / "one.mp4", cache=RenderCache(tmp_path / "cache"))
    warm = RenderCache(tmp_path / "cache")
    turned = timeline.model_copy(update={"clips": timeline.clips[::-1], "transitions": ()})
    preview(turned, shelf.resolve, tmp_path / "two.mp4", cache=warm)
    assert (warm.hits, warm.made) == (2, 1)  # the clips; they are one short stretch
    preview(timeline, shelf.resolve, tmp_path / "three.mp4", cache=warm)
    assert (tmp_path / "three.mp4").read_bytes() == (tmp_path / "one.mp4").read_bytes()


def test_a_changed_shot_costs_its_own_stretch_and_shows(library, tmp_path):
    shelf = library()
    timeline = shelf.timeline([100, 100, 100])
    preview(timeline, shelf.resolve, tmp_path / "p.mp4", cache=RenderCache(tmp_path / "cache"))
    other = timeline.clips[1].model_copy(update={"media": timeline.clips[0].media})
    changed = timeline.model_copy(update={"clips": (timeline.clips[0], other, timeline.clips[2])})
    warm = RenderCache(tmp_path / "cache")
    preview(changed, shelf.resolve, tmp_path / "p.mp4", cache=warm)
    assert warm.made == 1
    shown = blocks_of(frames_of(tmp_path / "p.mp4"))
    assert np.abs(shown[100:200] - shown[:100]).max() < 0.03
    assert np.abs(shown[200:] - expected_luma(timeline)[200:]).max() < 0.09


def test_a_shot_of_another_name_is_called_that(library, tmp_path):
    shelf = library()
    timeline = shelf.timeline([100, 100])
    cache = RenderCache(tmp_path / "cache")
    preview(timeline, shelf.resolve, tmp_path / "one.mp4", cache=cache)
    named = timeline.clips[1].model_copy(update={"name": "somewhere.else"})
    preview(
        timeline.model_copy(update={"clips": (timeline.clips[0], named)}),
        shelf.resolve,
        tmp_path / "two.mp4",
        cache=cache,
    )
    one, two = frames_of(tmp_path / "one.mp4"), frames_of(tmp_path / "two.mp4")
    assert np.array_equal(one[:100], two[:100])
    assert np.abs(one[150, 246:264, 100:200] - two[150, 246:264, 100:200]).max() > 60


@pytest.mark.parametrize("content", [b"<html>not found</html>", b""])
def test_a_clip_that_cannot_be_shown_is_a_card_of_its_length(content, library, tmp_path):
    shelf = library()
    timeline = shelf.timeline([10, 12])
    (tmp_path / "bad.mp4").write_bytes(content)
    bad = timeline.clips[1].model_copy(update={"media": shelf.put(tmp_path / "bad.mp4")})
    broken = timeline.model_copy(update={"clips": (timeline.clips[0], bad)})
    preview(broken, shelf.resolve, tmp_path / "p.mp4", cache=RenderCache(tmp_path / "cache"))
    shown = frames_of(tmp_path / "p.mp4")
    assert len(shown) == 22
    assert np.abs(blocks_of(shown)[:10] - expected_luma(timeline)[:10]).max() < 0.09
    assert blocks_of(shown)[10:].max() < 0.35
    assert shown[15, 100:170].max() > 150  # the name of the shot


def test_a_clip_that_is_too_short_stands_still_at_its_end(library, tmp_path):
    shelf = library()
    timeline = shelf.timeline([30], handle=0)
    short = timeline.clips[0].model_copy(update={"media": shelf.clip(1, 20)})
    preview(timeline.model_copy(update={"clips": (short,)}), shelf.resolve, tmp_path / "p.mp4")
    shown = blocks_of(frames_of(tmp_path / "p.mp4"))
    assert len(shown) == 30
    assert np.abs(shown[29] - expected_luma(timeline)[19]).max() < 0.09


def tone(path: Path, seconds: float) -> Path:
    wave = 0.2 * np.sin(np.arange(round(seconds * RATE_HZ)) * 2 * np.pi * 440 / RATE_HZ)
    write_wav(path, np.repeat(wave[:, None], 2, axis=1).astype(np.float32), rate_hz=RATE_HZ)
    return path


def heard(path: Path) -> tuple[np.ndarray, float]:
    with av.open(str(path)) as media:
        start = (media.streams.audio[0].start_time or 0) / RATE_HZ
        frames = [frame.to_ndarray().mean(axis=0) for frame in media.decode(audio=0)]
    return np.concatenate(frames), start


def test_sound_lies_under_the_picture_from_its_first_frame(library, tmp_path):
    shelf = library()
    timeline = shelf.timeline([30, 30])
    wav = tone(tmp_path / "s.wav", 2.5)
    run_ffmpeg(["-i", as_argument(wav), "-c:a", "aac", as_argument(tmp_path / "s.m4a")])
    for sound in (wav, tmp_path / "s.m4a"):
        preview(timeline, shelf.resolve, tmp_path / "p.mp4", sound=sound)
        samples, start = heard(tmp_path / "p.mp4")
        assert len(frames_of(tmp_path / "p.mp4")) == 60
        assert abs(start) < 0.03
        assert len(samples) / RATE_HZ == pytest.approx(2.5, abs=0.07)
        assert np.abs(samples[RATE_HZ // 10 : 2 * RATE_HZ]).max() > 0.15


def test_narration_is_mixed_where_no_sound_is_given(library, tmp_path):
    shelf = library()
    voice = shelf.put(tone(tmp_path / "voice.wav", 1.0))
    told = Speech(scene=1, media=voice, record_frame=24, frames=24, text="The lamp.")
    timeline = shelf.timeline([60]).model_copy(update={"narration": (told,)})
    preview(timeline, shelf.resolve, tmp_path / "p.mp4", cache=RenderCache(tmp_path / "cache"))
    samples, _ = heard(tmp_path / "p.mp4")
    loud = [np.abs(samples[round(a * RATE_HZ) : round(b * RATE_HZ)]).max() for a, b in ((0.2, 0.9), (1.2, 1.9))]
    assert loud[1] > 10 * loud[0]


def test_a_sound_that_is_none_leaves_what_was_there(library, tmp_path):
    shelf = library()
    (tmp_path / "s.wav").write_bytes(b"no sound")
    (tmp_path / "p.mp4").write_bytes(b"before")
    with pytest.raises(MediaDamaged):
        preview(shelf.timeline([10]), shelf.resolve, tmp_path / "p.mp4", sound=tmp_path / "s.wav")
    assert (tmp_path / "p.mp4").read_bytes() == b"before"


@pytest.mark.parametrize(
    ("size", "small"),
    [
        *(((1280, 720), (480, 270)), ((3840, 2160), (480, 270)), ((720, 1280), (202, 360)), ((720, 720), (360, 360))),
        *(((960, 720), (360, 270)), ((16, 4096), (16, 360))),
    ],
)
def test_a_preview_is_small_and_has_the_shape_of_the_film(size, small):
    assert small_size(size) == small
