"""The mastered sound as a listener's meter reads it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np
import pytest

from studio_pipeline.errors import HomeError, MediaDamaged
from studio_pipeline.media.render_cache import RenderCache
from studio_pipeline.media.sound import aac
from studio_pipeline.media.sound.loudness import master, measure
from studio_pipeline.media.sound.room_tone import room_tone
from studio_pipeline.media.sound.samples import RATE_HZ, write_wav


def heard(path: Path) -> tuple[float, float]:
    """Loudness and true peak by another way than the code under test: loudnorm's own analysis."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-i", str(path)]
    command += ["-af", "loudnorm=print_format=json", "-f", "null", "-"]
    log = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    found = dict(re.findall(r'"(input_\w+)" : "(\S+)"', log))
    return float(found["input_i"]), float(found["input_tp"])


def speech_like(length_s: float) -> np.ndarray:
    """Syllables of a buzz with pauses between sentences, in the middle of the room, soft noise for breath."""
    t = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    dice = np.random.default_rng(7)
    voice = sum(np.sin(2 * np.pi * 120 * n * t + n) / n for n in range(1, 25))
    syllables = np.clip(np.sin(2 * np.pi * 3.1 * t), 0, 1) ** 2 * ((t % 4) < 2.8)
    return np.repeat((0.12 * voice * syllables + 0.002 * dice.standard_normal(len(t)))[:, None], 2, axis=1)


def peaky(length_s: float) -> np.ndarray:
    """Soft noise with twenty cracks a second, 18 dB above it."""
    dice = np.random.default_rng(5)
    noise = dice.standard_normal((round(length_s * RATE_HZ), 2)) * 0.05
    return np.clip(noise * (1 + 15 * (dice.random(noise.shape) > 0.9998)), -1, 1)


@pytest.mark.parametrize("target", [-14, -16, -23])
@pytest.mark.parametrize("material", [speech_like, peaky])
@pytest.mark.parametrize("gain", [0.1, 1.0])
def test_the_encoded_sound_is_at_its_target_and_no_peak_is_above_minus_one_and_a_half(gain, material, target, tmp_path):
    write_wav(tmp_path / "mix.wav", material(6) * gain, bits=24)
    said = master(tmp_path / "mix.wav", tmp_path / "film.m4a", target)
    lufs, peak_dbtp = heard(tmp_path / "film.m4a")
    assert lufs == pytest.approx(target, abs=0.5)
    assert peak_dbtp <= -1.5
    assert said.integrated_lufs == pytest.approx(lufs, abs=0.2)
    assert said == measure(tmp_path / "film.m4a")


def test_what_is_nothing_but_cracks_stays_quieter_rather_than_being_crushed(tmp_path):
    cracks = np.zeros((4 * RATE_HZ, 2))
    for at in range(0, len(cracks), RATE_HZ // 2):  # the first one at the very first sample
        cracks[at : at + 40] = 0.9 * np.sin(np.arange(40) / 5)[:, None]
    write_wav(tmp_path / "mix.wav", cracks, bits=24)
    said = master(tmp_path / "mix.wav", tmp_path / "film.m4a")
    assert said.integrated_lufs is not None and said.integrated_lufs < -18
    assert heard(tmp_path / "film.m4a")[1] <= -1.5


@pytest.mark.parametrize("level", [0.0, 1e-5])
def test_silence_stays_silence(level, tmp_path):
    noise = np.random.default_rng(1).standard_normal((3 * RATE_HZ, 2)) * level
    write_wav(tmp_path / "mix.wav", noise, bits=24)
    said = master(tmp_path / "mix.wav", tmp_path / "film.m4a")
    assert said.integrated_lufs is None
    assert measure(tmp_path / "film.m4a").true_peak_dbtp is None or measure(tmp_path / "film.m4a").true_peak_dbtp < -70


@pytest.mark.parametrize("target", [-14, -23])
def test_the_quiet_of_a_room_is_not_made_loud(target, tmp_path):
    write_wav(tmp_path / "mix.wav", room_tone(0, 3 * RATE_HZ), bits=24)
    said = master(tmp_path / "mix.wav", tmp_path / "film.m4a", target)
    assert said.integrated_lufs is None
    assert measure(tmp_path / "film.m4a").integrated_lufs == pytest.approx(-58, abs=2)


@pytest.mark.parametrize("samples", [1, 800, 2000, 100_777, 1024 * 40])
def test_the_master_is_the_same_bytes_twice_and_as_long_as_the_mix(samples, tmp_path):
    tone = np.repeat(0.1 * np.sin(np.arange(samples) * 0.05)[:, None], 2, axis=1)
    write_wav(tmp_path / "mix.wav", tone, bits=24)
    master(tmp_path / "mix.wav", tmp_path / "a.m4a")
    master(tmp_path / "mix.wav", tmp_path / "b.m4a", cache=RenderCache(tmp_path / "cache"))
    assert (tmp_path / "a.m4a").read_bytes() == (tmp_path / "b.m4a").read_bytes()
    with av.open(str(tmp_path / "a.m4a")) as container:
        track = container.streams.audio[0]
        assert track.duration * track.time_base * RATE_HZ == samples
        assert next(container.demux(track)).pts == -1024


def test_a_mix_that_was_mastered_before_is_not_encoded_and_a_changed_syllable_encodes_its_piece(tmp_path, monkeypatch):
    encoded = []
    real = aac._encoded
    monkeypatch.setattr(aac, "_encoded", lambda sound: encoded.append(len(sound)) or real(sound))
    cache = RenderCache(tmp_path / "cache")
    sound = speech_like(45)
    write_wav(tmp_path / "mix.wav", sound, bits=24)
    first = master(tmp_path / "mix.wav", tmp_path / "a.m4a", cache=cache)
    assert len(encoded) == 5
    assert master(tmp_path / "mix.wav", tmp_path / "b.m4a", cache=cache) == first
    assert len(encoded) == 5
    sound[25 * RATE_HZ : 25 * RATE_HZ + 9600] *= 0.95
    write_wav(tmp_path / "mix.wav", sound, bits=24)
    master(tmp_path / "mix.wav", tmp_path / "b.m4a", cache=cache)
    assert len(encoded) == 6
    master(tmp_path / "mix.wav", tmp_path / "c.m4a")
    assert (tmp_path / "b.m4a").read_bytes() == (tmp_path / "c.m4a").read_bytes()


def test_a_sound_that_cannot_be_read_or_written_is_said_in_words(tmp_path):
    (tmp_path / "mix.wav").write_bytes(b"RIFF no sound")
    with pytest.raises(MediaDamaged):
        master(tmp_path / "mix.wav", tmp_path / "film.m4a")
    write_wav(tmp_path / "mix.wav", speech_like(1), bits=24)
    with pytest.raises(HomeError):
        master(tmp_path / "mix.wav", Path("/proc/film.m4a"))


def test_what_another_encoder_made_is_not_taken_for_what_this_one_would(tmp_path, monkeypatch):
    write_wav(tmp_path / "mix.wav", speech_like(3), bits=24)
    cache = RenderCache(tmp_path / "cache")
    master(tmp_path / "mix.wav", tmp_path / "a.m4a", cache=cache)
    made = cache.made
    master(tmp_path / "mix.wav", tmp_path / "a.m4a", cache=cache)
    assert cache.made == made
    monkeypatch.setattr("studio_pipeline.media.sound.loudness.version", lambda package: "99")
    monkeypatch.setattr(aac, "_MADE_BY", b"aac of 99")
    master(tmp_path / "mix.wav", tmp_path / "a.m4a", cache=cache)
    assert cache.made == 2 * made
