from __future__ import annotations

import re
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from studio_pipeline.editorial.timeline import MusicSpan, Speech, Timeline, TimelineClip
from studio_pipeline.errors import MediaDamaged
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.ducking import Ducking
from studio_pipeline.media.loudness import master, measure
from studio_pipeline.media.mix import mix, sample_at
from studio_pipeline.media.sound import RATE_HZ, decibels, read_wav, resample, rms, write_wav

VOICE = MediaRef(sha256="1" * 64, suffix=".wav", size_bytes=1)
MUSIC = MediaRef(sha256="2" * 64, suffix=".wav", size_bytes=1)
PICTURE = MediaRef(sha256="3" * 64, suffix=".mp4", size_bytes=1)
SECONDS = 12


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    """Two seconds of a buzzing voice, and music that is one low tone."""
    t = np.arange(2 * RATE_HZ) / RATE_HZ
    write_wav(tmp_path / (VOICE.sha256 + ".wav"), 0.3 * np.sign(np.sin(2 * np.pi * 900 * t)) * (t > 0.0))
    t = np.arange(SECONDS * RATE_HZ) / RATE_HZ
    write_wav(tmp_path / (MUSIC.sha256 + ".wav"), np.repeat(0.2 * np.sin(2 * np.pi * 110 * t)[:, None], 2, axis=1))
    return tmp_path


def film(*, at_s: float | None = 5, music: bool = True, fps: float = 24) -> Timeline:
    rate = Rate.of(fps)
    frames = rate.frames(SECONDS)
    speech = () if at_s is None else (
        Speech(scene=1, media=VOICE, record_frame=rate.frames(at_s), frames=rate.frames(2), text="Buzz."),
    )  # fmt: skip
    clip = TimelineClip(name="a", media=PICTURE, media_frames=frames, source_frame=0, frames=frames, scene=1, take=1)
    span = (MusicSpan(media=MUSIC, record_frame=0, frames=frames),) if music else ()
    return Timeline(
        name="c", title="T", language="en", rate=rate, size=(64, 36), clips=(clip,), narration=speech, music=span
    )


def mixed(timeline: Timeline, sounds: Path, stem: str = "mix") -> np.ndarray:
    made = mix(timeline, lambda ref: sounds / (ref.sha256 + ref.suffix), sounds / "sound")
    return read_wav({"mix": made.mix, **made.stems}[stem])[0]


def low(sound: np.ndarray) -> float:
    """Level of what lies below 200 Hz: the music alone, also under the voice."""
    spectrum = np.fft.rfft(sound[:, 0] * np.hanning(len(sound)))
    hz = np.fft.rfftfreq(len(sound), 1 / RATE_HZ)
    return decibels(float(np.sqrt(np.sum(np.abs(spectrum[hz < 200]) ** 2))))


@pytest.mark.parametrize("fps", [24, 23.976, 29.97])
def test_the_mix_is_as_long_as_the_film_and_speech_starts_at_its_frame_to_the_sample(fps, sounds):
    timeline = film(fps=fps, music=False)
    sound = mixed(timeline, sounds, "dialogue")
    assert len(sound) == sample_at(timeline.frames, timeline.rate)
    first = int(np.flatnonzero(np.abs(sound).max(axis=1) > 1e-6)[0])
    assert 0 <= first - sample_at(timeline.narration[0].record_frame, timeline.rate) <= 3  # the voice fades in


def test_music_steps_back_under_speech_and_returns(sounds):
    with_speech, without = mixed(film(), sounds), mixed(film(at_s=None), sounds)
    under, alone = slice(round(5.1 * RATE_HZ), round(6.9 * RATE_HZ)), slice(RATE_HZ, 4 * RATE_HZ)
    assert low(without[under]) - low(with_speech[under]) >= 9
    assert low(with_speech[alone]) == pytest.approx(low(without[alone]), abs=0.1)
    later = slice(9 * RATE_HZ, 11 * RATE_HZ)
    assert low(with_speech[later]) == pytest.approx(low(without[later]), abs=0.1)


def test_music_is_down_before_the_first_word_and_moves_smoothly():
    duck = Ducking([(5 * RATE_HZ, 7 * RATE_HZ), (round(7.5 * RATE_HZ), 8 * RATE_HZ)])
    gain = duck.gain(0, 12 * RATE_HZ)
    assert gain is not None
    assert gain[5 * RATE_HZ] == pytest.approx(10 ** (-10 / 20), rel=1e-3)
    assert gain[round(4.84 * RATE_HZ)] == 1.0
    assert gain[round(7.25 * RATE_HZ)] == gain[5 * RATE_HZ]  # no pumping in a short pause
    assert gain[round(8.51 * RATE_HZ)] == 1.0
    assert np.abs(np.diff(gain)).max() < 0.0005


def test_a_silent_voice_ducks_nothing(sounds):
    write_wav(sounds / (VOICE.sha256 + ".wav"), np.zeros(2 * RATE_HZ))
    with_silence = mixed(film(), sounds)
    assert np.array_equal(with_silence, mixed(film(at_s=None), sounds))


def test_the_mix_never_clicks_and_is_the_same_bytes_twice(sounds):
    sound = mixed(film(), sounds)
    once = (sounds / "sound" / "mix.wav").read_bytes()
    assert np.abs(sound[[0, -1]]).max() < 1e-3
    mixed(film(), sounds)
    assert (sounds / "sound" / "mix.wav").read_bytes() == once


def test_narration_of_another_rate_keeps_its_pitch_and_length():
    t = np.arange(22050) / 22050
    faster = resample(np.sin(2 * np.pi * 440 * t), 22050, RATE_HZ)
    wanted = np.sin(2 * np.pi * 440 * np.arange(RATE_HZ) / RATE_HZ)
    assert len(faster) == RATE_HZ
    assert np.abs(faster - wanted)[500:-500].max() < 0.01


def test_a_damaged_sound_is_named(sounds):
    (sounds / (VOICE.sha256 + ".wav")).write_bytes(b"RIFF no sound")
    with pytest.raises(MediaDamaged, match="1111"):
        mixed(film(), sounds)


def heard(path: Path) -> tuple[float, float]:
    """Loudness and true peak by another way than the code under test: loudnorm's own analysis."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-i", str(path)]
    command += ["-af", "loudnorm=print_format=json", "-f", "null", "-"]
    log = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    found = dict(re.findall(r'"(input_\w+)" : "(\S+)"', log))
    return float(found["input_i"]), float(found["input_tp"])


@pytest.mark.parametrize("gain", [0.1, 1.0])
def test_the_master_is_at_minus_16_and_peaks_below_minus_1_whatever_comes_in(gain, tmp_path):
    dice = np.random.default_rng(5)
    spiky = dice.standard_normal((5 * RATE_HZ, 2)) * 0.05 * (1 + 15 * (dice.random((5 * RATE_HZ, 2)) > 0.9998))
    write_wav(tmp_path / "mix.wav", np.clip(spiky, -1, 1) * gain, bits=24)
    said = master(tmp_path / "mix.wav", tmp_path / "film.m4a")
    lufs, peak_dbtp = heard(tmp_path / "film.m4a")
    assert lufs == pytest.approx(-16, abs=1)
    assert peak_dbtp <= -1.0
    assert said.integrated_lufs == pytest.approx(lufs, abs=0.2)


@pytest.mark.parametrize("level", [0.0, 1e-5])
def test_silence_stays_silence(level, tmp_path):
    noise = np.random.default_rng(1).standard_normal((3 * RATE_HZ, 2)) * level
    write_wav(tmp_path / "mix.wav", noise, bits=24)
    said = master(tmp_path / "mix.wav", tmp_path / "film.m4a")
    assert said.integrated_lufs is None
    assert measure(tmp_path / "film.m4a").true_peak_dbtp is None or measure(tmp_path / "film.m4a").true_peak_dbtp < -70


def test_the_master_is_the_same_bytes_twice_and_as_long_as_the_mix(tmp_path):
    import av

    tone = np.repeat(0.1 * np.sin(np.arange(100_777) * 0.05)[:, None], 2, axis=1)
    write_wav(tmp_path / "mix.wav", tone, bits=24)
    master(tmp_path / "mix.wav", tmp_path / "a.m4a")
    master(tmp_path / "mix.wav", tmp_path / "b.m4a")
    assert (tmp_path / "a.m4a").read_bytes() == (tmp_path / "b.m4a").read_bytes()
    with av.open(str(tmp_path / "a.m4a")) as container:
        track = container.streams.audio[0]
        assert track.duration * track.time_base * RATE_HZ == 100_777
        assert next(container.demux(track)).pts == -1024


@pytest.mark.parametrize("bits", [16, 24])
def test_a_wav_reads_back_as_it_was_written(bits, tmp_path):
    sound = np.random.default_rng(2).uniform(-1, 1, (1000, 2)).astype(np.float32)
    write_wav(tmp_path / "a.wav", sound, bits=bits)
    again, rate_hz = read_wav(tmp_path / "a.wav")
    assert rate_hz == RATE_HZ
    assert np.abs(again - sound).max() <= 2.0 ** (2 - bits)
    assert rms(np.zeros((0, 2))) == 0.0
