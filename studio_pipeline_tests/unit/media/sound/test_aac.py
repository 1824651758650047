"""AAC in pieces: what is joined sounds like what was encoded in one go."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

from studio_pipeline.media.render_cache import RenderCache
from studio_pipeline.media.sound import aac
from studio_pipeline.media.sound.aac import FRAME, encode_aac
from studio_pipeline.media.sound.samples import RATE_HZ


def decoded(path: Path) -> np.ndarray:
    with av.open(str(path)) as media:
        return np.concatenate([frame.to_ndarray().T for frame in media.decode(audio=0)])


def drums(length_s: float) -> np.ndarray:
    """Tones and hard strokes at uneven times: the encoder keeps changing its window."""
    dice = np.random.default_rng(11)
    t = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    sound = 0.1 * np.sin(2 * np.pi * 220 * t) + 0.05 * np.sin(2 * np.pi * 3300 * t)
    for at in dice.integers(0, len(t) - 4000, round(6 * length_s)):
        sound[at : at + 4000] += 0.4 * dice.standard_normal(4000) * np.exp(-np.arange(4000) / 700)
    side = 0.02 * dice.standard_normal(len(t))
    return np.clip(np.stack([sound + side, sound - side], axis=1), -0.9, 0.9).astype(np.float32)


def encoded(sound: np.ndarray, into: Path, cache: Path) -> np.ndarray:
    encode_aac(lambda first, last: sound[first:last], len(sound), into, RenderCache(cache))
    heard = decoded(into)
    assert len(sound) <= len(heard) < len(sound) + FRAME
    return heard[: len(sound)]


def test_nobody_can_tell_where_the_pieces_were_joined(tmp_path, monkeypatch):
    """What coding adds is as strong in the frames that touch a joint as in those just before and after it."""
    monkeypatch.setattr(aac, "PIECE", 24)
    joints, windows = [], []
    real = aac._joint

    def joint(before, after, border):
        joints.append(real(before, after, border))
        windows.append((aac._window(before[joints[-1] - 1]), aac._window(after[joints[-1] - 1])))
        return joints[-1]

    monkeypatch.setattr(aac, "_joint", joint)
    sound = drums(12)
    added = encoded(sound, tmp_path / "pieces.m4a", tmp_path / "cache") - sound
    assert len(joints) > 20 and len({window for window, _ in windows}) > 2
    assert all(one == other is not None for one, other in windows)
    at = [rms_db(added[(joint - 2) * FRAME : (joint + 1) * FRAME]) for joint in joints]
    beside = [
        rms_db(np.concatenate([added[(j - 5) * FRAME : (j - 2) * FRAME], added[(j + 1) * FRAME : (j + 4) * FRAME]]))
        for j in joints
    ]
    assert np.mean(at) < np.mean(beside) + 1
    assert np.max(at) < np.max([rms_db(added[k : k + 3 * FRAME]) for k in range(0, len(added), 3 * FRAME)]) + 1


def rms_db(error: np.ndarray) -> float:
    return 10 * float(np.log10(np.mean(np.square(error, dtype=np.float64)) + 1e-9))


def test_pieces_do_not_depend_on_how_many_are_made_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(aac, "PIECE", 24)
    sound = drums(4)
    encoded(sound, tmp_path / "a.m4a", tmp_path / "one")
    monkeypatch.setattr(aac, "_WORKERS", 1)
    encoded(sound, tmp_path / "b.m4a", tmp_path / "two")
    assert (tmp_path / "a.m4a").read_bytes() == (tmp_path / "b.m4a").read_bytes()
