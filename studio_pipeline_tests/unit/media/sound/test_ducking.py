from __future__ import annotations

import numpy as np
import pytest

from studio_pipeline.media.sound.ducking import Ducking
from studio_pipeline.media.sound.samples import RATE_HZ, resample


def test_music_is_down_before_the_first_word_and_moves_smoothly():
    duck = Ducking([(5 * RATE_HZ, 7 * RATE_HZ), (round(7.5 * RATE_HZ), 8 * RATE_HZ)])
    gain = duck.gain(0, 12 * RATE_HZ)
    assert gain is not None
    assert gain[5 * RATE_HZ] == pytest.approx(10 ** (-10 / 20), rel=1e-3)
    assert gain[round(4.84 * RATE_HZ)] == 1.0
    assert gain[round(7.25 * RATE_HZ)] == gain[5 * RATE_HZ]  # no pumping in a short pause
    assert gain[round(8.51 * RATE_HZ)] == 1.0
    assert np.abs(np.diff(gain)).max() < 0.0005


def test_a_stretch_has_the_gain_that_it_has_in_the_whole_and_says_what_that_follows_from():
    duck = Ducking([(5 * RATE_HZ, 7 * RATE_HZ), (10 * RATE_HZ, 40 * RATE_HZ)])
    whole = duck.gain(0, 60 * RATE_HZ)
    assert whole is not None
    for start in range(0, 60 * RATE_HZ, 4 * RATE_HZ):
        piece = duck.gain(start, start + 4 * RATE_HZ)
        piece = np.ones(4 * RATE_HZ, np.float32) if piece is None else piece
        assert np.abs(piece - whole[start : start + 4 * RATE_HZ]).max() < 1e-6
    assert duck.reaching(RATE_HZ, 4 * RATE_HZ) == [] and duck.gain(RATE_HZ, 4 * RATE_HZ) is None
    assert duck.reaching(20 * RATE_HZ, 24 * RATE_HZ) == duck.reaching(
        28 * RATE_HZ, 32 * RATE_HZ
    )  # both: down all along


def test_narration_of_another_rate_keeps_its_pitch_and_length():
    t = np.arange(22050) / 22050
    faster = resample(np.sin(2 * np.pi * 440 * t), 22050, RATE_HZ)
    wanted = np.sin(2 * np.pi * 440 * np.arange(RATE_HZ) / RATE_HZ)
    assert len(faster) == RATE_HZ
    assert np.abs(faster - wanted)[500:-500].max() < 0.01
