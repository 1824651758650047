"""A true-peak limiter that knows the whole film: where a peak would be too high, the level gives way before it.

Peaks are looked for once, in steps of two thirds of a millisecond and four times finer than samples lie (ITU-R
BS.1770-5, annex 2) where it matters; after that another gain or ceiling is a matter of milliseconds, and so is what
it costs in loudness. Where nothing is too high, the sound passes untouched.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from studio_pipeline.media.sound.samples import RATE_HZ, read_range, wav_facts

STEP = 32
"""Samples in a step of the gain."""
ATTACK_STEPS = 4
"""It gives way over twice as many steps, 5 ms, and has done so when the peak comes."""
RELEASE_S = 0.04
"""The level comes back by two thirds in this time, and by two thirds of the rest in as much again."""

_MARGIN = 0.5
"""Between samples a peak may be higher than they are, by 3 dB for a tone, and a later round may want 3 dB more: above
this share of the ceiling it is looked at finely."""
_NOTHING_DB = 0.001
_REACH = 12
_AT_A_TIME = 1_000
_BLOCK = 10 * RATE_HZ


@dataclass(frozen=True)
class Peaks:
    """A wav as the limiter sees it: per step, its highest (true) peak and its mean power."""

    highest: np.ndarray
    power: np.ndarray

    def reduction_db(self, gain: float, ceiling: float | np.ndarray) -> np.ndarray | None:
        """How many decibels each step gives way when the sound is played ``gain`` times as loud below a ceiling, one
        for all steps or one for each; ``None`` for nothing anywhere."""
        over = 20 * np.log10(np.maximum(self.highest * (gain / ceiling), 1.0))
        if not over.any():
            return None
        # One step more than is smoothed: between two steps the gain is a straight line.
        wide = ATTACK_STEPS + 1
        over = sliding_window_view(np.pad(over, wide + ATTACK_STEPS), 2 * wide + 1).max(axis=1)
        back = STEP / RATE_HZ / RELEASE_S * np.arange(len(over))
        over = np.exp(np.maximum.accumulate(np.log(over + _NOTHING_DB) + back) - back) - _NOTHING_DB
        bell = np.hanning(2 * ATTACK_STEPS + 3)[1:-1]
        return np.convolve(over, bell / bell.sum(), "valid")

    def loss_db(self, reduction_db: np.ndarray | None) -> float:
        """What giving way costs in loudness, about: quiet stretches do not count, as in EBU R 128."""
        if reduction_db is None:
            return 0.0
        counted = self.power > self.power.mean() / 10
        power = self.power[counted]
        return float(-10 * np.log10((power * 10 ** (-reduction_db[counted] / 10)).sum() / power.sum()))


def peaks(wav: Path, gain: float, ceiling: float) -> Peaks:
    """Look for the peaks of ``wav`` that matter about this gain and ceiling; lower ones are those of its samples."""
    samples = wav_facts(wav).samples
    highest, power = [], []
    for start in range(0, samples, _BLOCK):
        end = min(start + _BLOCK, samples)
        first, last = max(start - _REACH, 0), min(end + _REACH, samples)
        steps = -(-(end - start) // STEP)
        sound = np.zeros((steps * STEP + 2 * _REACH, 2), np.float32)
        sound[first - start + _REACH : last - start + _REACH] = read_range(wav, first, last)
        inner = sound[_REACH : _REACH + steps * STEP].reshape(steps, -1)
        peak = np.abs(inner).max(axis=1)
        for some in np.array_split(np.flatnonzero(peak > _MARGIN * ceiling / gain), steps // _AT_A_TIME + 1):
            if len(some):
                peak[some] = np.maximum(peak[some], _between(sound, some * STEP))
        highest.append(peak)
        power.append(np.einsum("ij,ij->i", inner, inner) / inner.shape[1])
    return Peaks(np.concatenate(highest).astype(np.float64), np.concatenate(power).astype(np.float64))


def _between(sound: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The highest value between the samples of each step; ``starts`` count from ``_REACH`` before it."""
    windows = sliding_window_view(sound, STEP + 2 * _REACH, axis=0)[starts]
    fine = sliding_window_view(windows, 2 * _REACH, axis=2) @ _quarters()
    return np.abs(fine).max(axis=(1, 2, 3))


def _quarters() -> np.ndarray:
    """Weights of the samples around a gap for its three quarters: a sinc under a Kaiser window, shape (24, 3)."""
    at = np.arange(-_REACH + 1, _REACH + 1)[:, None] - np.array([0.25, 0.5, 0.75])
    weights = np.sinc(at) * np.i0(8 * np.sqrt(np.maximum(1 - np.square(at / _REACH), 0))) / np.i0(8)
    return (weights / weights.sum(axis=0)).astype(np.float32)


def limited(sound: np.ndarray, first: int, gain: float, reduction_db: np.ndarray | None) -> np.ndarray:
    """``sound``, whose first sample is number ``first`` of the wav, at its gain and below the ceiling."""
    if reduction_db is not None:
        low, high = max(first // STEP - 1, 0), (first + len(sound)) // STEP + 2
        steps = reduction_db[low:high]
        if steps.max() > 0:
            centres = (np.arange(low, low + len(steps)) + 0.5) * STEP
            down = np.interp(np.arange(first, first + len(sound)), centres, steps)
            return sound * (gain * np.power(10, -down / 20)).astype(np.float32)[:, None]
    return sound * np.float32(gain)
