from __future__ import annotations

import numpy as np
import pytest

from studio_pipeline.media.sound.limiter import limited, peaks
from studio_pipeline.media.sound.loudness import measure
from studio_pipeline.media.sound.samples import RATE_HZ, ratio, read_range, wav_facts, write_wav


def through(path, gain: float, ceiling: float, block: int = 5 * RATE_HZ) -> np.ndarray:
    reduction_db = peaks(path, gain, ceiling).reduction_db(gain, ceiling)
    samples = wav_facts(path).samples
    parts = [
        limited(read_range(path, at, min(at + block, samples)), at, gain, reduction_db)
        for at in range(0, samples, block)
    ]
    return np.concatenate(parts)


@pytest.mark.parametrize("gain_db", [0, 6, 15])
def test_no_true_peak_passes_the_ceiling_also_between_samples_and_at_the_ends(gain_db, tmp_path):
    t = np.arange(12 * RATE_HZ)
    dice = np.random.default_rng(1)
    sound = 0.3 * dice.standard_normal((len(t), 2)) * (dice.random(len(t)) > 0.999)[:, None]
    sound += 0.5 * np.sin(2 * np.pi * t / 4 + np.pi / 4)[:, None] * ((t // 3000) % 7 == 0)[:, None]  # 3 dB between
    sound[0], sound[-1], sound[10 * RATE_HZ] = 1, -1, 1
    write_wav(tmp_path / "a.wav", sound, bits=24)
    write_wav(tmp_path / "b.wav", through(tmp_path / "a.wav", ratio(gain_db), ratio(-2)), bits=24)
    highest = measure(tmp_path / "b.wav").true_peak_dbtp
    assert highest is not None and -2.5 < highest <= -1.9


def test_what_is_low_enough_passes_untouched_and_blocks_do_not_show(tmp_path):
    t = np.arange(12 * RATE_HZ)
    sound = np.repeat(0.2 * np.sin(t * 0.05)[:, None], 2, axis=1).astype(np.float32)
    write_wav(tmp_path / "a.wav", sound, bits=24)
    assert peaks(tmp_path / "a.wav", 2.0, 0.8).reduction_db(2.0, 0.8) is None
    sound[RATE_HZ : RATE_HZ + 100] = 0.9
    write_wav(tmp_path / "a.wav", sound, bits=24)
    whole = through(tmp_path / "a.wav", 2.0, 0.8, block=len(t))
    assert np.array_equal(whole, through(tmp_path / "a.wav", 2.0, 0.8, block=7777))
    assert np.abs(whole[3 * RATE_HZ :] - 2 * sound[3 * RATE_HZ :]).max() < 1e-5
