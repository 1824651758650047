"""Six instruments and a room, in numpy: a note becomes samples.

Every sound is computed, none is recorded, so the music is the project's own. Which notes are played is in
``composition.py``; loops and endings are in ``synth.py``.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from studio_pipeline.media.sound.samples import RATE_HZ
from studio_pipeline.providers.music.composition import Instrument, Note

_LEVEL: dict[Instrument, float] = {
    "pad": 0.085, "piano": 0.30, "bell": 0.16, "bass": 0.24, "kick": 0.28, "shaker": 0.035,
}  # fmt: skip
_SEND: dict[Instrument, float] = {
    "pad": 0.5, "piano": 0.4, "bell": 0.8, "bass": 0.08, "kick": 0.1, "shaker": 0.3,
}  # fmt: skip
"""How much of an instrument goes into the room."""

_CYCLE = 1 << 14
_ROOM_S = 2.2


def render(notes: tuple[Note, ...], beat_samples: int, samples: int, *, wrap: bool) -> np.ndarray:
    """``notes`` in the room, shape (samples, 2).

    With ``wrap``, what sounds beyond the end goes on at the beginning, notes and room alike: repeated, the result
    has no seam. Without, it stops there.
    """
    size = samples if wrap else samples + round(_ROOM_S * RATE_HZ)
    dry, send = np.zeros((size, 2), np.float32), np.zeros((size, 2), np.float32)
    for note in notes:
        sound = _sound(note, beat_samples) * np.float32(note.velocity * _LEVEL[note.instrument])
        angle = (note.pan + 1) * np.pi / 4
        stereo = sound * np.array([np.cos(angle), np.sin(angle)], np.float32) * np.float32(np.sqrt(2))
        start = round(note.beat * beat_samples)
        _add(dry, start, stereo, wrap=wrap)
        _add(send, start, stereo * np.float32(_SEND[note.instrument]), wrap=wrap)
    spectrum = np.fft.rfft(dry, axis=0) + np.fft.rfft(send, axis=0) * np.fft.rfft(_room(), size, axis=0)
    hz = np.fft.rfftfreq(size, 1 / RATE_HZ)[:, None]
    clean = (hz / 32) ** 4 / (1 + (hz / 32) ** 4) / np.sqrt(1 + (hz / 11_000) ** 4)  # no rumble, no offset, no glare
    return np.fft.irfft(spectrum * clean.astype(np.float32), size, axis=0)[:samples].astype(np.float32)


def _add(into: np.ndarray, start: int, sound: np.ndarray, *, wrap: bool) -> None:
    while len(sound):
        start %= len(into)
        part = sound[: len(into) - start]
        into[start : start + len(part)] += part
        sound = sound[len(part) :] if wrap else sound[:0]
        start += len(part)


def _sound(note: Note, beat_samples: int) -> np.ndarray:
    """The note at full velocity, shape (samples, 1) or (samples, 2)."""
    held_s = round(note.beats * beat_samples / RATE_HZ, 4)
    match note.instrument:
        case "pad":
            return _pad(note.pitch, held_s)
        case "piano":
            return _struck(note.pitch, 2.8, 7, 1.5, 0.00035, 1.9)
        case "bell":
            return _struck(note.pitch, 2.4, 4, 2.2, 0.03, 1.1)
        case "bass":
            return _bass(note.pitch, held_s)
        case "kick":
            return _kick()
        case "shaker":
            return _shaker()


def hertz(pitch: int) -> float:
    """Frequency of a MIDI pitch, equal temperament, A at 440."""
    return 440.0 * 2 ** ((pitch - 69) / 12)


@lru_cache(maxsize=256)
def _pad(pitch: int, held_s: float) -> np.ndarray:
    """A soft string choir: three wavetables slightly out of tune, left and right apart, slow in and out."""
    attack, release = 0.7, 1.1
    count = round((held_s + release) * RATE_HZ)
    at = np.arange(count, dtype=np.float64)
    table = _wave(tuple(1 / n**1.7 for n in range(1, 9)))
    out = np.zeros((count, 2), np.float32)
    for cents, left, right in ((-5, 0.5, 0.15), (0, 0.35, 0.35), (4, 0.15, 0.5)):
        phase = at * (hertz(pitch) * 2 ** (cents / 1200) * _CYCLE / RATE_HZ) + 300 * cents
        out += table[phase.astype(np.int64) % _CYCLE][:, None] * np.array([left, right], np.float32)
    t = at / RATE_HZ
    up, down = np.clip(t / attack, 0, 1), np.clip((held_s + release - t) / release, 0, 1)
    return out * (np.sin(up * np.pi / 2) ** 2 * np.sin(down * np.pi / 2) ** 2).astype(np.float32)[:, None]


@lru_cache(maxsize=256)
def _struck(pitch: int, length_s: float, partials: int, rolloff: float, stiffness: float, ring_s: float) -> np.ndarray:
    """A struck string or bar: partials a little sharp, the higher the sooner gone."""
    f = hertz(pitch)
    t = (np.arange(round(length_s * RATE_HZ)) / RATE_HZ).astype(np.float32)
    out = np.zeros(len(t), np.float32)
    for n in range(1, partials + 1):
        partial_hz = n * f * (1 + stiffness * n * n) ** 0.5
        if partial_hz < 9000:
            tau = ring_s * (220 / f) ** 0.4 / (1 + 0.55 * (n - 1))
            angle = (np.arange(len(t)) * (2 * np.pi * partial_hz / RATE_HZ) % (2 * np.pi)).astype(np.float32)
            out += np.float32(n**-rolloff) * np.exp(-t / np.float32(tau)) * np.sin(angle)
    out *= np.clip(t / 0.006, 0, 1) ** 2 * np.clip((length_s - t) / 0.3, 0, 1)
    return out[:, None]


@lru_cache(maxsize=256)
def _bass(pitch: int, held_s: float) -> np.ndarray:
    release = 0.18
    t = np.arange(round((held_s + release) * RATE_HZ)) / RATE_HZ
    table = _wave((1.0, 0.32, 0.1))
    out = table[(t * (hertz(pitch) * _CYCLE)).astype(np.int64) % _CYCLE]
    shape = np.clip(t / 0.025, 0, 1) ** 2 * np.exp(-t / 2.0) * np.clip((held_s + release - t) / release, 0, 1)
    return (out * shape).astype(np.float32)[:, None]


@lru_cache(maxsize=1)
def _kick() -> np.ndarray:
    t = np.arange(round(0.4 * RATE_HZ)) / RATE_HZ
    phase = 2 * np.pi * (46 * t + 45 * 0.035 * (1 - np.exp(-t / 0.035)))
    return (np.sin(phase) * np.exp(-t / 0.11) * np.clip(t / 0.004, 0, 1) * np.clip((0.4 - t) / 0.05, 0, 1)).astype(
        np.float32
    )[:, None]


@lru_cache(maxsize=1)
def _shaker() -> np.ndarray:
    t = np.arange(round(0.12 * RATE_HZ)) / RATE_HZ
    noise = np.diff(np.random.Generator(np.random.PCG64(7)).standard_normal(len(t) + 1))
    shape = np.clip(t / 0.018, 0, 1) ** 2 * np.exp(-t / 0.03) * np.clip((0.12 - t) / 0.02, 0, 1)
    return (noise * shape).astype(np.float32)[:, None]


@lru_cache(maxsize=8)
def _wave(partials: tuple[float, ...]) -> np.ndarray:
    angle = 2 * np.pi * np.arange(_CYCLE) / _CYCLE
    waves = [level * np.sin(n * angle) for n, level in enumerate(partials, 1)]
    return np.sum(waves, axis=0).astype(np.float32)


@lru_cache(maxsize=1)
def _room() -> np.ndarray:
    """Impulse response of a soft hall: noise that dies away, its brightness first, different left and right."""
    count = round(_ROOM_S * RATE_HZ)
    t = (np.arange(count) / RATE_HZ)[:, None]
    noise = np.random.Generator(np.random.PCG64(11)).standard_normal((count, 2))
    hz = np.fft.rfftfreq(count, 1 / RATE_HZ)[:, None]
    spectrum = np.fft.rfft(noise, axis=0) * (hz > 120)
    dark = np.fft.irfft(spectrum / (1 + (hz / 1200) ** 2), count, axis=0)
    bright = np.fft.irfft(spectrum / (1 + (hz / 5000) ** 2) - spectrum / (1 + (hz / 1200) ** 2), count, axis=0)
    room = dark * np.exp(-t / 0.42) + bright * np.exp(-t / 0.16)
    room *= np.clip((t - 0.012) / 0.02, 0, 1) * np.clip((_ROOM_S - t) / 0.5, 0, 1)
    return (room / np.sqrt(np.square(room).sum(axis=0))).astype(np.float32)
