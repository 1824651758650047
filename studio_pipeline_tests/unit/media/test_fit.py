"""Whatever a vendor delivers becomes exactly what the film needs, and a person is told what could not."""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from studio_pipeline.errors import BadInput, MediaDamaged
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.encode import encode_clip, timescale
from studio_pipeline.media.ffmpeg import run_ffmpeg
from studio_pipeline.media.fit import FADE_S, fit_clip, fit_sound
from studio_pipeline.media.probe import probe, probe_sound

SIZE, RATE = (96, 64), Rate.of(24)
PATCHES = [(200, 30, 40), (30, 180, 60), (40, 60, 200), (250, 250, 250), (120, 120, 120), (20, 20, 20)]


def greys(path: Path) -> list[int]:
    """Mean luma of every frame."""
    with av.open(str(path)) as media:
        planes = [frame.to_ndarray(format="yuv420p")[: frame.height] for frame in media.decode(video=0)]
    return [round(float(plane[8:-8, 8:-8].mean())) for plane in planes]


def numbered(path: Path) -> list[int]:
    """The number of the source's frame that every frame shows; frame n is as grey as 2n + 20."""
    return [round((grey - 20) / 2) for grey in greys(path)]


def counting(frames: int, rate: Rate, into: Path, size: tuple[int, int] = SIZE) -> Path:
    """A clip whose frame n shows the grey 2n + 20."""
    planes = size[0] * size[1]
    encode_clip(
        (bytes([2 * n + 20]) * planes + bytes([128]) * (planes // 2) for n in range(frames)),
        size,
        rate,
        into,
        pixels="yuv420p",
    )
    return into


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Path]:
    """A clip made by ffmpeg from one picture or from a clip, with these options."""

    def make(source: Path, name: str, *options: str) -> Path:
        still = ["-loop", "1"] if source.suffix == ".png" else []
        run_ffmpeg([*still, "-i", str(source), *options, str(tmp_path / name)])
        return tmp_path / name

    return make


@pytest.fixture
def patches(tmp_path: Path) -> Path:
    picture = Image.new("RGB", (192, 96))
    for k, colour in enumerate(PATCHES):
        picture.paste(colour, (32 * k, 0, 32 * k + 32, 96))
    picture.save(tmp_path / "patches.png")
    return tmp_path / "patches.png"


def is_house(path: Path, frames: int, rate: Rate = RATE, size: tuple[int, int] = SIZE) -> None:
    facts = probe(path, decode=True)
    assert (facts.frames, facts.rate, facts.size, facts.has_audio) == (frames, rate, size, False)
    with av.open(str(path)) as media:
        stream = media.streams.video[0]
        assert stream.time_base.denominator == timescale(rate)
        times = sorted(packet.pts for packet in media.demux(stream) if packet.size)
    assert times == [n * timescale(rate) * rate.den // rate.num for n in range(frames)]


# Which frame is shown when


@pytest.mark.parametrize("fps", [12, 23.976, 25, 30, 60])
def test_each_frame_shows_what_the_source_shows_at_its_time(tmp_path: Path, out: Path, fps: float) -> None:
    source_rate = Rate.of(fps)
    source = counting(round(fps), source_rate, tmp_path / "source.mp4")
    assert fit_clip(source, out, frames=20, rate=RATE, size=SIZE) == ()
    is_house(out, 20)
    assert numbered(out) == [int(n * source_rate.fraction / 24 + source_rate.fraction / 500) for n in range(20)]


def test_frames_that_come_irregularly_are_shown_at_their_times(tmp_path: Path, out: Path, made) -> None:
    source = counting(30, RATE, tmp_path / "source.mp4")
    irregular = made(source, "vfr.mkv", "-vf", r"select=not(eq(mod(n\,5)\,3))", "-fps_mode", "passthrough", "-crf", "4")
    fit_clip(irregular, out, frames=24, rate=RATE, size=SIZE)
    is_house(out, 24)
    assert numbered(out) == [n - 1 if n % 5 == 3 else n for n in range(24)]


def test_times_rounded_to_milliseconds_neither_drop_nor_repeat_a_frame(tmp_path: Path, out: Path, made) -> None:
    source = counting(30, Rate.of(30), tmp_path / "source.mp4")
    fit_clip(made(source, "rounded.mkv", "-c", "copy"), out, frames=30, rate=Rate.of(30), size=SIZE)
    assert numbered(out) == list(range(30))


def test_a_clip_that_starts_late_starts_with_its_first_picture(tmp_path: Path, out: Path, made) -> None:
    source = counting(20, RATE, tmp_path / "source.mp4")
    late = made(source, "late.mkv", "-c", "copy", "-output_ts_offset", "3")
    assert fit_clip(late, out, frames=20, rate=RATE, size=SIZE) == ()
    assert numbered(out) == list(range(20))


def test_a_longer_clip_ends_early(tmp_path: Path, out: Path) -> None:
    assert fit_clip(counting(40, RATE, tmp_path / "source.mp4"), out, frames=11, rate=RATE, size=SIZE) == ()
    assert numbered(out) == list(range(11))
    is_house(out, 11)


@pytest.mark.parametrize(("missing", "told"), [(1, False), (2, False), (3, True), (12, True)])
def test_a_shorter_clip_holds_its_last_picture_and_says_so_when_it_can_be_seen(
    tmp_path: Path, out: Path, missing: int, told: bool
) -> None:
    source = counting(24, RATE, tmp_path / "source.mp4")
    events = fit_clip(source, out, frames=24 + missing, rate=RATE, size=SIZE)
    assert numbered(out) == [*range(24), *[23] * missing]
    is_house(out, 24 + missing)
    assert bool(events) == told
    if told:
        assert f"held for {missing} frames" in events[0]
        assert f"{missing / 24:.2f} s too short" in events[0]


def test_a_slow_clip_that_is_long_enough_is_not_called_short(tmp_path: Path, out: Path) -> None:
    assert fit_clip(counting(8, Rate.of(8), tmp_path / "source.mp4"), out, frames=24, rate=RATE, size=SIZE) == ()
    assert numbered(out) == [n // 3 for n in range(24)]


def test_equal_sources_give_equal_bytes(tmp_path: Path) -> None:
    source = counting(20, Rate.of(30), tmp_path / "source.mp4", (128, 96))
    for name in ("a", "b"):
        fit_clip(source, tmp_path / name, frames=16, rate=RATE, size=SIZE)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


# Bit for bit


def test_a_clip_in_the_house_format_stays_as_it_is_bit_for_bit(tmp_path: Path, out: Path) -> None:
    source = counting(24, RATE, tmp_path / "source.mp4")
    fit_clip(source, out, frames=24, rate=RATE, size=SIZE)
    assert out.read_bytes() == source.read_bytes()


@pytest.mark.parametrize(
    "options",
    [
        ["-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-video_track_timescale", "12288"],
        ["-c:v", "copy", "-f", "lavfi", "-i", "anullsrc", "-shortest"],
        ["-c:v", "copy", "-video_track_timescale", "24000"],
    ],
    ids=["another encoder", "with sound", "another clock"],
)
def test_a_clip_that_only_looks_like_the_house_format_is_made_anew(
    tmp_path: Path, out: Path, options: list[str]
) -> None:
    source = counting(24, RATE, tmp_path / "source.mp4")
    inputs = ["-f", "lavfi", "-i", "anullsrc"] if "anullsrc" in options else []
    outputs = [each for each in options if each not in ("-f", "lavfi", "-i", "anullsrc")]
    run_ffmpeg(["-i", str(source), *inputs, *outputs, str(tmp_path / "alike.mp4")])
    fit_clip(tmp_path / "alike.mp4", out, frames=24, rate=RATE, size=SIZE)
    is_house(out, 24)
    ours, theirs = (av.open(str(path)).streams.video[0].codec_context.extradata for path in (out, source))
    assert ours == theirs  # so that they can be joined without encoding again
    assert numbered(out) == list(range(24))


# Size and shape


@pytest.mark.parametrize("source_size", [(192, 128), (101, 67), (97, 97), (64, 200), (48, 32)])
def test_the_picture_covers_the_frame_and_is_cropped_at_its_centre(
    tmp_path: Path, out: Path, made, source_size: tuple[int, int]
) -> None:
    width, height = source_size
    x, y = np.meshgrid((np.arange(width) + 0.5) / width - 0.5, (np.arange(height) + 0.5) / height - 0.5)
    shape = width / height / (SIZE[0] / SIZE[1])
    shown_x, shown_y = min(1, 1 / shape), min(1, shape)  # the share of the source that is seen
    inside = (abs(x) < shown_x / 4) & (abs(y) < shown_y / 4)
    Image.fromarray(np.where(inside, 220, 40).astype(np.uint8)).convert("RGB").save(tmp_path / "box.png")
    options = ["-c:v", "libx264", "-pix_fmt", "yuv444p", "-crf", "4", "-frames:v", "2", "-r", "24"]
    source = made(tmp_path / "box.png", "box.mp4", *options)
    fit_clip(source, out, frames=2, rate=RATE, size=SIZE)
    is_house(out, 2)
    with av.open(str(out)) as media:
        luma = next(media.decode(video=0)).to_ndarray(format="gray").astype(float)
    light = luma > 128
    rows, columns = np.flatnonzero(light.any(1)), np.flatnonzero(light.any(0))
    # The middle half of what is seen is light: its edges lie at a quarter and three quarters of the frame.
    assert [columns[0], columns[-1] + 1] == pytest.approx([24, 72], abs=2)
    assert [rows[0], rows[-1] + 1] == pytest.approx([16, 48], abs=2)


@pytest.mark.parametrize(("degrees", "brightest"), [(0, "left"), (90, "bottom"), (180, "right"), (270, "top")])
def test_a_clip_that_says_it_was_filmed_on_its_side_is_put_upright(
    tmp_path: Path, out: Path, made, degrees: int, brightest: str
) -> None:
    ramp = np.tile(np.linspace(220, 40, 96).astype(np.uint8), (96, 1))
    Image.fromarray(ramp).convert("RGB").save(tmp_path / "ramp.png")
    flat = made(tmp_path / "ramp.png", "flat.mp4", "-pix_fmt", "yuv420p", "-frames:v", "2", "-r", "24")
    turned = tmp_path / "turned.mp4"
    run_ffmpeg(["-display_rotation", str(degrees), "-i", str(flat), "-c", "copy", str(turned)])
    fit_clip(turned, out, frames=2, rate=RATE, size=(96, 96))
    with av.open(str(out)) as media:
        luma = next(media.decode(video=0)).to_ndarray(format="gray").astype(float)
    edges = {
        "left": luma[:, :8].mean(),
        "right": luma[:, -8:].mean(),
        "top": luma[:8].mean(),
        "bottom": luma[-8:].mean(),
    }
    assert max(edges, key=lambda edge: edges[edge]) == brightest


def test_pixels_that_are_not_square_are_shown_as_wide_as_they_are(tmp_path: Path, out: Path, made) -> None:
    picture = Image.new("RGB", (96, 128), (40, 40, 40))
    picture.paste((220, 220, 220), (24, 32, 72, 96))
    picture.save(tmp_path / "box.png")
    options = ["-vf", "setsar=2/1", "-pix_fmt", "yuv420p", "-frames:v", "2", "-r", "24"]
    wide = made(tmp_path / "box.png", "wide.mp4", *options)  # meant to be seen as 192 × 128
    fit_clip(wide, out, frames=2, rate=RATE, size=SIZE)
    with av.open(str(out)) as media:
        light = next(media.decode(video=0)).to_ndarray(format="gray") > 128
    assert light.any(0).sum() == pytest.approx(48, abs=2)
    assert light.any(1).sum() == pytest.approx(32, abs=2)


# Colours

TAGGED = "scale=out_color_matrix={m}:out_range={r},format={f},setparams=colorspace={c}:range={r}"


@pytest.mark.parametrize(
    ("filters", "options"),
    [
        (TAGGED.format(m="bt709", r="tv", f="yuv420p", c="bt709"), []),
        (TAGGED.format(m="bt709", r="pc", f="yuv420p", c="bt709"), []),
        (TAGGED.format(m="bt601", r="tv", f="yuv420p", c="smpte170m"), []),
        (TAGGED.format(m="bt601", r="pc", f="yuvj420p", c="bt470bg"), []),
        (TAGGED.format(m="bt709", r="tv", f="yuv420p10le", c="bt709"), ["-profile:v", "high10"]),
        (TAGGED.format(m="bt2020", r="tv", f="yuv420p10le", c="bt2020nc"), ["-profile:v", "high10"]),
        (TAGGED.format(m="bt709", r="tv", f="yuv444p", c="bt709"), []),
        ("format=gbrp", ["-c:v", "libx264rgb"]),
        (TAGGED.format(m="bt601", r="tv", f="yuv420p", c="unknown"), []),  # a small clip that does not say
    ],
    ids=["709", "709 full", "601", "601 full", "10 bit", "2020", "444", "rgb", "untagged"],
)
def test_colours_look_as_they_did_whatever_the_clip_holds_them_in(
    patches: Path, out: Path, made, filters: str, options: list[str]
) -> None:
    source = made(
        patches, "source.mp4", "-vf", filters, "-c:v", "libx264", "-crf", "4", "-frames:v", "3", "-r", "30", *options
    )
    fit_clip(source, out, frames=2, rate=RATE, size=(192, 96))
    with av.open(str(out)) as media:
        frame = next(media.decode(video=0))
        assert (frame.colorspace, frame.color_range) == (1, 1)
        planes = frame.to_ndarray(format="yuv420p").astype(float)
    luma = planes[48, 16::32]
    blue = planes[96:120].reshape(48, 96)[24, 8::16]
    red = planes[120:].reshape(48, 96)[24, 8::16]
    for k, (r, g, b) in enumerate(PATCHES):
        y = 0.2126 * r + 0.7152 * g + 0.0722 * b
        wanted = (16 + 219 / 255 * y, 128 + 224 / 255 * (b - y) / 1.8556, 128 + 224 / 255 * (r - y) / 1.5748)
        assert (luma[k], blue[k], red[k]) == pytest.approx(wanted, abs=2)


def test_an_hdr_clip_is_told(patches: Path, out: Path, made) -> None:
    filters = "format=yuv420p10le,setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc"
    source = made(patches, "hdr.mp4", "-vf", filters, "-c:v", "libx264", "-frames:v", "3", "-r", "24")
    assert any("HDR" in event for event in fit_clip(source, out, frames=3, rate=RATE, size=SIZE))


# Damage


@pytest.mark.parametrize("content", [b"", b"<html><body>Sorry</body></html>", bytes(5000)])
def test_what_is_no_media_is_damaged(tmp_path: Path, out: Path, content: bytes) -> None:
    (tmp_path / "source").write_bytes(content)
    with pytest.raises(MediaDamaged):
        fit_clip(tmp_path / "source", out, frames=2, rate=RATE, size=SIZE)
    with pytest.raises(MediaDamaged):
        fit_sound(tmp_path / "source", out, channels=1)


def test_a_strip_of_pixels_is_no_picture(tmp_path: Path, out: Path, made) -> None:
    Image.new("RGB", (16, 3000)).save(tmp_path / "strip.png")
    strip = made(tmp_path / "strip.png", "strip.mp4", "-pix_fmt", "yuv420p", "-frames:v", "1")
    with pytest.raises(MediaDamaged, match="strip"):
        fit_clip(strip, out, frames=1, rate=RATE, size=SIZE)


# Sound


def tone(
    into: Path, *, seconds: float, channels: int = 1, rate_hz: int = 44_100, codec: list[str] | None = None
) -> Path:
    source = f"sine=frequency=440:sample_rate={rate_hz}:duration={seconds}"
    run_ffmpeg(["-f", "lavfi", "-i", source, "-ac", str(channels), *(codec or []), str(into)])
    return into


def samples(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getsampwidth()) == (48_000, 2)
        raw = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float) / 32768
        return raw.reshape(-1, file.getnchannels())


@pytest.mark.parametrize("name", ["a.mp3", "a.m4a", "a.ogg", "a.flac", "a.wav"])
@pytest.mark.parametrize("channels", [1, 2])
def test_any_sound_becomes_48_khz_wav_of_the_same_length_and_pitch(
    tmp_path: Path, out: Path, name: str, channels: int
) -> None:
    codec = ["-c:a", "libopus", "-ar", "48000"] if name == "a.ogg" else []
    told = fit_sound(tone(tmp_path / name, seconds=1.0, codec=codec), out, channels=channels)
    sound = samples(out)
    assert sound.shape[1] == channels
    assert told == len(sound) / 48_000 == pytest.approx(1.0, abs=0.06)
    peak_hz = np.fft.rfft(sound[:, 0]).__abs__().argmax() * 48_000 / len(sound)
    assert peak_hz == pytest.approx(440, abs=2)


@pytest.mark.parametrize(("given", "wanted"), [(1, 2), (2, 1), (2, 2), (1, 1)])
def test_changing_channels_keeps_the_level(tmp_path: Path, out: Path, given: int, wanted: int) -> None:
    source = tone(tmp_path / "a.wav", seconds=0.5, channels=given, rate_hz=48_000)
    before = samples(source)
    fit_sound(source, out, channels=wanted)
    assert np.abs(samples(out)).max() == pytest.approx(np.abs(before).max(), rel=0.02)


def test_sound_from_six_channels_is_mixed_down(tmp_path: Path, out: Path) -> None:
    source = tone(tmp_path / "a.flac", seconds=0.3, channels=6)
    fit_sound(source, out, channels=2)
    assert samples(out).shape == (pytest.approx(0.3 * 48_000, abs=100), 2)
    assert np.abs(samples(out)).max() > 0.01


def test_a_longer_track_ends_exactly_in_time_and_fades_out(tmp_path: Path, out: Path) -> None:
    source = tone(tmp_path / "a.wav", seconds=6, channels=2)
    assert fit_sound(source, out, channels=2, seconds=4.25) == 4.25
    sound = samples(out)
    assert len(sound) == 4.25 * 48_000
    fade = int(FADE_S * 48_000)
    loudest = [np.abs(part).max() for part in np.array_split(sound[-fade:], 6)]
    assert loudest == sorted(loudest, reverse=True)
    assert np.abs(sound[-20:]).max() < 0.001
    assert np.abs(sound[-fade - 4800 : -fade]).max() == pytest.approx(np.abs(sound[:48_000]).max(), rel=0.02)


def test_a_shorter_track_is_followed_by_silence(tmp_path: Path, out: Path) -> None:
    source = tone(tmp_path / "a.wav", seconds=1, rate_hz=48_000)
    assert fit_sound(source, out, channels=1, seconds=2.5) == 2.5
    sound = samples(out)
    assert len(sound) == 2.5 * 48_000
    assert np.abs(sound[47_000:48_000]).max() > 0.1  # not faded: its own end is its end
    assert not sound[48_000:].any()


def test_a_track_of_the_right_length_is_not_touched(tmp_path: Path, out: Path) -> None:
    source = tone(tmp_path / "a.wav", seconds=1, rate_hz=48_000)
    fit_sound(source, out, channels=1, seconds=1)
    assert (samples(out) == samples(source)).all()


def test_a_track_shorter_than_its_fade_works_too(tmp_path: Path, out: Path) -> None:
    assert fit_sound(tone(tmp_path / "a.wav", seconds=1), out, channels=1, seconds=0.5) == 0.5
    assert np.abs(samples(out)[-20:]).max() < 0.001


def test_equal_sounds_give_equal_bytes(tmp_path: Path) -> None:
    source = tone(tmp_path / "a.mp3", seconds=2)
    for name in ("x", "y"):
        fit_sound(source, tmp_path / name, channels=2, seconds=1.9)
    assert (tmp_path / "x").read_bytes() == (tmp_path / "y").read_bytes()
    assert probe_sound(tmp_path / "x").samples == round(1.9 * 48_000)


def test_a_clip_without_sound_has_no_sound(tmp_path: Path, out: Path) -> None:
    with pytest.raises(MediaDamaged, match="no sound"):
        fit_sound(counting(4, RATE, tmp_path / "source.mp4"), out, channels=1)


@pytest.mark.parametrize(("channels", "seconds"), [(0, 1), (6, 1), (1, 0), (1, -2), (1, float("nan"))])
def test_sounds_that_cannot_be_are_the_callers_mistake(
    tmp_path: Path, out: Path, channels: int, seconds: float
) -> None:
    with pytest.raises(BadInput):
        fit_sound(tmp_path / "source", out, channels=channels, seconds=seconds)
