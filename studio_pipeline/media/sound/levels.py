"""How loud a sound of the film is, where something sounds in it, and what brings it to its place in the mix.

A *survey* is all of that, heard once from a sound's first sample to its last and small enough to keep: power and peak
of every 20 ms. The levels here are relative; how loud the film is, is decided in ``loudness.py``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from studio_pipeline.media.sound.samples import RATE_HZ, decibels, ratio, read_blocks

SPEECH_DBFS, SPEECH_PEAK_DBFS = -20.0, -3.0
"""Level of the spoken parts of a line, and what none of its samples goes over."""
MUSIC_DBFS, MUSIC_PEAK_DBFS = -27.0, -10.0
"""Level of music with nobody speaking: beneath the voice, never its rival. With these peaks the sum of a line, music
and room tone, also of two pieces of music in a crossfade, stays below full scale."""

HOP = RATE_HZ // 50
_PRESENT_DB = -30.0
_SILENT_DBFS = -70.0
_MUSIC_HOPS = 500


def survey(path: Path) -> np.ndarray:
    """Mean power and highest sample of every 20 ms of a wav at the studio's rate, shape (hops, 2). A rest of less than
    20 ms at the end counts for its peak only.

    Raises:
        MediaDamaged: not a PCM wav, or cut off.
    """
    rows, rest = [], np.zeros((0, 1), np.float32)
    for block, _ in read_blocks(path):
        block = np.concatenate([rest, block]) if len(rest) else block
        hops = len(block) // HOP
        in_hops = block[: hops * HOP].reshape(hops, -1)
        power = np.einsum("ij,ij->i", in_hops, in_hops, dtype=np.float64) / max(1, in_hops.shape[1])
        rows.append(np.stack([power, np.abs(in_hops).max(axis=1, initial=0)], axis=1))
        rest = block[hops * HOP :]
    rows.append(np.array([[0.0, float(np.abs(rest).max())]]) if rest.size else np.zeros((0, 2)))
    return np.concatenate(rows)


def presence(heard: np.ndarray) -> list[tuple[int, int]]:
    """Where something is said in a surveyed sound: spans of samples within 30 dB of the loudest moment."""
    power = heard[:, 0]
    if not len(power) or power.max() < ratio(_SILENT_DBFS) ** 2:
        return []
    present = power > power.max() * ratio(_PRESENT_DB) ** 2
    edges = np.flatnonzero(np.diff(np.concatenate([[0], present, [0]])))
    return [(int(a) * HOP, int(b) * HOP) for a, b in edges.reshape(-1, 2)]


def speech_gain(heard: np.ndarray) -> float:
    """The factor that brings the parts of a line where something sounds to their level; at most 18 dB either way."""
    spans = presence(heard)
    if not spans:
        return 1.0
    power = np.concatenate([heard[a // HOP : b // HOP, 0] for a, b in spans]).mean()
    gain = ratio(float(np.clip(SPEECH_DBFS - decibels(power**0.5), -18, 18)))
    return min(gain, ratio(SPEECH_PEAK_DBFS) / heard[:, 1].max())


def music_gain(heard: np.ndarray) -> float:
    """The factor that brings a track to its level; at most 30 dB either way, and 1 for a silent one."""
    power = [heard[at : at + _MUSIC_HOPS, 0].mean() for at in range(0, len(heard), _MUSIC_HOPS)]
    # The louder half of the track is its level: a quiet opening or ending does not make the rest louder.
    louder = sorted(power)[len(power) // 2 :]
    level = decibels(float(np.mean(louder)) ** 0.5) if louder else _SILENT_DBFS
    if level <= _SILENT_DBFS:
        return 1.0
    gain = ratio(float(np.clip(MUSIC_DBFS - level, -30, 30)))
    return min(gain, ratio(MUSIC_PEAK_DBFS) / heard[:, 1].max())
