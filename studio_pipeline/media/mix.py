"""The sound of a cut: narration at its frames, music under it, the music stepping back for the words.

Reads a timeline, writes one stereo wav exactly as long as the film. Works ten seconds at a time and holds no more than
the narration, so half an hour of film fits in memory. Levels here are relative; how loud the film is, is decided in
``loudness.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np

from studio_pipeline.editorial.timeline import MusicSpan, Speech, Timeline
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.sound import (
    RATE_HZ,
    decibels,
    fade_edges,
    ratio,
    read_blocks,
    read_wav,
    resample,
    rms,
    write_blocks,
)

SPEECH_DBFS = -20.0
"""Level of the spoken parts of a line."""
MUSIC_DBFS = -27.0
"""Level of music with nobody speaking: beneath the voice, never its rival."""
DUCK_DB = -10.0
"""How far music steps back under speech; with ``MUSIC_DBFS`` it lies 17 dB below the words."""
ATTACK_S, RELEASE_S = 0.15, 0.5
"""The music is down *when* the first word starts (it looks ahead) and comes back this slowly after the last."""

_HOLD_S = 0.9
"""Pauses shorter than this do not bring the music back: it would pump."""
_BLOCK_S = 10
_CLICK_S = 0.008
_PRESENT_DB = -30.0


def sample_at(frame: int, rate: Rate) -> int:
    """The sample that starts with ``frame``, exact at every rate."""
    return round(Fraction(frame * rate.den, rate.num) * RATE_HZ)


def mix(timeline: Timeline, resolve: Callable[[MediaRef], Path], into: Path) -> None:
    """Write the mix of ``timeline`` to ``into``: stereo wav, 48 kHz, 24 bits, as long as the film to the sample.

    Raises:
        MediaDamaged: a sound of the timeline cannot be read.
        HomeFull: the mix cannot be written.
    """
    write_blocks(into, _mixed(timeline, resolve), channels=2, bits=24)


class _Line(NamedTuple):
    """Narration in its place, counted in samples of the film."""

    start: int
    sound: np.ndarray

    @property
    def end(self) -> int:
        return self.start + len(self.sound)


def _mixed(timeline: Timeline, resolve: Callable[[MediaRef], Path]) -> Iterator[np.ndarray]:
    length = sample_at(timeline.frames, timeline.rate)
    speeches = sorted(timeline.narration, key=lambda speech: speech.record_frame)
    lines = [_placed(speech, resolve(speech.media), timeline.rate, length) for speech in speeches]
    duck = Ducking([(line.start + a, line.start + b) for line in lines for a, b in presence(line.sound)])
    beds = [_Bed(span, resolve(span.media), timeline.rate, length) for span in timeline.music]
    step = _BLOCK_S * RATE_HZ
    for start in range(0, length, step):
        end = min(start + step, length)
        block = np.zeros((end - start, 2), np.float32)
        for bed in beds:
            block += bed.read(start, end)
        if duck.spans:
            block *= duck.gain(start, end)[:, None]
        for line in lines:
            first, last = max(start, line.start), min(end, line.end)
            if first < last:
                block[first - start : last - start] += line.sound[first - line.start : last - line.start]
        yield block


def _placed(speech: Speech, path: Path, rate: Rate, length: int) -> _Line:
    """A line at its frame and level. It ends with its frames; less than one frame of overhang is let out."""
    sound, rate_hz = read_wav(path)
    sound = resample(sound, rate_hz, RATE_HZ)
    start = sample_at(speech.record_frame, rate)
    end = min(sample_at(speech.record_frame + speech.frames + 1, rate), length)
    sound = sound if sound.shape[1] == 1 else _stereo(sound)
    sound = fade_edges(sound[: end - start], round(_CLICK_S * RATE_HZ))
    return _Line(start, sound * np.float32(ratio(_levelling(sound, SPEECH_DBFS))))


def _levelling(sound: np.ndarray, target_dbfs: float) -> float:
    """Decibels that bring the parts where something sounds to the target; 0 for silence, never more than 18."""
    spans = presence(sound)
    if not spans:
        return 0.0
    return float(np.clip(target_dbfs - decibels(rms(np.concatenate([sound[a:b] for a, b in spans]))), -18, 18))


def presence(sound: np.ndarray) -> list[tuple[int, int]]:
    """Where something is said: spans of samples within 30 dB of the loudest moment."""
    hop = RATE_HZ // 50
    power = np.square(sound[: len(sound) // hop * hop], dtype=np.float64).reshape(len(sound) // hop, -1).mean(axis=1)
    if not len(power) or power.max() < ratio(-70) ** 2:
        return []
    edges = np.flatnonzero(np.diff(np.concatenate([[0], power > power.max() * ratio(_PRESENT_DB) ** 2, [0]])))
    return [(int(a) * hop, int(b) * hop) for a, b in edges.reshape(-1, 2)]


class Ducking:
    """The gain of the music while spans of speech go by: down before each, held over short pauses, slowly up."""

    def __init__(self, spans: list[tuple[int, int]]) -> None:
        self.spans: list[tuple[int, int]] = []
        for start, end in sorted(spans):
            if self.spans and start - self.spans[-1][1] < _HOLD_S * RATE_HZ:
                self.spans[-1] = (self.spans[-1][0], max(end, self.spans[-1][1]))
            else:
                self.spans.append((start, end))
        attack, release = ATTACK_S * RATE_HZ, RELEASE_S * RATE_HZ
        self._at = np.array([x for a, b in self.spans for x in (a - attack, a, b, b + release)])
        self._depth = np.array([0.0, 1.0, 1.0, 0.0] * len(self.spans))

    def gain(self, start: int, end: int) -> np.ndarray:
        """Factors for the samples from ``start`` to ``end``."""
        if not self.spans:
            return np.ones(end - start, np.float32)
        depth = np.interp(np.arange(start, end), self._at, self._depth)
        depth = depth * depth * (3 - 2 * depth)  # no corners, so the move itself is not heard
        return np.power(10, DUCK_DB / 20 * depth).astype(np.float32)


class _Bed:
    """Music laid under the film, read block by block. It ends with its frames or with itself, without a click."""

    def __init__(self, span: MusicSpan, path: Path, rate: Rate, length: int) -> None:
        self._start = sample_at(span.record_frame, rate)
        self._end = min(sample_at(span.record_frame + span.frames, rate), length)
        self._path = path
        self._gain = np.float32(ratio(np.clip(MUSIC_DBFS - self._level(), -30, 30)))
        self._blocks = self._read()
        self._kept = np.zeros((0, 2), np.float32)
        self._kept_from = self._start

    def _level(self) -> float:
        power = [rms(block) ** 2 for block, _ in read_blocks(self._path)]
        # The louder half of the track is its level: a quiet opening or ending does not make the rest louder.
        louder = sorted(power)[len(power) // 2 :]
        level = decibels(float(np.mean(louder)) ** 0.5)
        return level if np.isfinite(level) and level > -70 else MUSIC_DBFS

    def _read(self) -> Iterator[np.ndarray]:
        blocks = read_blocks(self._path)
        first, rate_hz = next(blocks)
        if rate_hz == RATE_HZ:
            yield _stereo(first)
            yield from (_stereo(block) for block, _ in blocks)
        else:  # rare, and only right over the whole track
            yield _stereo(resample(np.concatenate([first, *(block for block, _ in blocks)]), rate_hz, RATE_HZ))

    def read(self, start: int, end: int) -> np.ndarray:
        """The samples of the film from ``start`` to ``end``; blocks are asked for in order."""
        out = np.zeros((end - start, 2), np.float32)
        while self._kept_from + len(self._kept) < min(end, self._end):
            block = next(self._blocks, None)
            if block is None:
                self._end = self._kept_from + len(self._kept)
                break
            self._kept = np.concatenate([self._kept, block])
        first, last = max(start, self._start), min(end, self._end)
        if first < last:
            piece = self._kept[first - self._kept_from : last - self._kept_from] * self._gain
            piece *= self._edges(first, last)[:, None]
            out[first - start : last - start] = piece
            self._kept, self._kept_from = self._kept[last - self._kept_from :], last
        return out

    def _edges(self, first: int, last: int) -> np.ndarray:
        at = np.arange(first, last)
        fade = _CLICK_S * RATE_HZ
        return np.clip(np.minimum(at - self._start, self._end - 1 - at) / fade, 0, 1).astype(np.float32)


def _stereo(sound: np.ndarray) -> np.ndarray:
    """Two channels: mono on both, more than two averaged onto both."""
    if sound.shape[1] == 2:
        return sound
    return np.repeat(sound.mean(axis=1, keepdims=True, dtype=np.float32), 2, axis=1)
