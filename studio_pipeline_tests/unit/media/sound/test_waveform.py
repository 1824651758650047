from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from studio_pipeline.errors import BadInput, MediaDamaged
from studio_pipeline.media.sound.samples import RATE_HZ, write_wav
from studio_pipeline.media.sound.waveform import MUSIC, WORDS, waveform

MIDDLE = 80


@pytest.fixture
def sound(tmp_path):
    """Four seconds: a soft tone all along, loud words in the third."""
    t = np.arange(4 * RATE_HZ) / RATE_HZ
    music = np.repeat(0.03 * np.sin(2 * np.pi * 110 * t)[:, None], 2, axis=1)
    words = np.repeat((0.5 * np.sin(2 * np.pi * 700 * t) * ((t >= 2) & (t < 3)))[:, None], 2, axis=1)
    for name, what in (("music", music), ("dialogue", words), ("mix", music + words)):
        write_wav(tmp_path / f"{name}.wav", what, bits=24)
    return tmp_path


def picture(path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


def drawn(pixels: np.ndarray, at_s: float) -> int:
    """How many pixels of the column at ``at_s`` of four seconds are not paper."""
    column = pixels[20:140, 8 + round(at_s / 4 * 1263)]
    return int((np.abs(column - column[0]).sum(axis=1) > 40).sum())


def test_loud_is_high_soft_is_low_and_the_same_sound_is_the_same_picture(sound):
    waveform(sound / "mix.wav", sound / "a.png")
    pixels = picture(sound / "a.png")
    assert pixels.shape == (160, 1280, 3)
    assert drawn(pixels, 2.5) > 1.5 * drawn(pixels, 1) > 20
    waveform(sound / "mix.wav", sound / "b.png")
    assert (sound / "a.png").read_bytes() == (sound / "b.png").read_bytes()


def test_words_and_music_have_their_own_colours(sound):
    stems = {name: sound / f"{name}.wav" for name in ("dialogue", "music")}
    waveform(sound / "mix.wav", sound / "a.png", stems=stems)
    pixels = picture(sound / "a.png")
    alone, spoken = pixels[MIDDLE, 8 + 300], pixels[30:130, 8 + 790]
    assert np.abs(alone - MUSIC).max() < 6
    assert np.abs(spoken - WORDS).sum(axis=1).min() < 20


def test_cut_points_are_light_lines_with_their_names_where_there_is_room(sound):
    waveform(sound / "mix.wav", sound / "none.png")
    marks = [(1.0, "s01.k2"), (1.01, "a name on top of another"), (3.0, "दीपक"), (9.0, "after the end"), (-1, "before")]
    waveform(sound / "mix.wav", sound / "a.png", marks=marks)
    lines = picture(sound / "a.png") - picture(sound / "none.png")
    changed = [x for x in range(1280) if np.abs(lines[25:140, x]).sum() > 0]
    assert changed == [8 + round(at_s / 4 * 1263) for at_s in (1.0, 1.01, 3.0)]
    head = np.flatnonzero(np.abs(lines[:16]).sum(axis=(0, 2)))
    assert len(head) > 30 and not [x for x in head if 8 + 316 + 60 < x < 8 + 947]  # the second name has no room


@pytest.mark.parametrize("samples", [1, 800, 300_000])
def test_any_length_and_rate_can_be_drawn(samples, tmp_path):
    write_wav(tmp_path / "a.wav", np.full(samples, 0.5), rate_hz=8000)
    waveform(tmp_path / "a.wav", tmp_path / "a.png", size=(200, 80), marks=[(0, "begin")])
    pixels = picture(tmp_path / "a.png")
    assert pixels.shape == (80, 200, 3)
    inside = pixels[40, 9:191]
    assert np.abs(inside - inside[90]).max() < 20  # no column is left out


def test_a_sound_that_cannot_be_drawn_is_said_in_words(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"<html>")
    with pytest.raises(MediaDamaged, match=r"a\.wav"):
        waveform(tmp_path / "a.wav", tmp_path / "a.png")
    with pytest.raises(BadInput, match="20×20"):
        waveform(tmp_path / "a.wav", tmp_path / "a.png", size=(20, 20))
