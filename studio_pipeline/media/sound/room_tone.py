"""Room tone: the quiet of a place, under the whole film, so that a pause is never digital nothing.

A loop of noise, soft at the top like a room, made from its spectrum: every strength is set and only the phases are
diced, so its level is exact and its end runs into its beginning. Equal in every film and on every machine.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from studio_pipeline.media.sound.samples import RATE_HZ, ratio

ROOM_TONE_DBFS = -62.0
"""Level (RMS) of each channel: heard as *not off* on headphones, lost in any real room."""
LOOP = 10 * RATE_HZ
"""Samples after which it repeats: a block of the mix, so that most of them are the same block."""

_SEED = 0x5EA
_LOW_HZ, _BEND_HZ, _HIGH_HZ = 35, 250, 9_000
"""Below the first nothing (it would only cost loudness), from the second on 3 dB less an octave, above the third 12."""


def room_tone(start: int, end: int) -> np.ndarray:
    """The samples from ``start`` to ``end`` of a tone that goes on forever, shape (samples, 2)."""
    first = start % LOOP
    turns = -(-(first + end - start) // LOOP)
    return np.tile(_loop(), (turns, 1))[first : first + end - start]


@lru_cache(maxsize=1)
def _loop() -> np.ndarray:
    hz = np.fft.rfftfreq(LOOP, 1 / RATE_HZ)
    strength = np.where(hz >= _LOW_HZ, 1 / np.sqrt(np.maximum(hz / _BEND_HZ, 1)), 0)
    strength /= 1 + np.square(hz / _HIGH_HZ)
    strength[-1] = 0
    # Raw bits, not a distribution: numpy promises these never to change.
    bits = np.random.PCG64(_SEED).random_raw(2 * len(hz))
    phases = (bits / 2**64 * 2 * np.pi).reshape(2, -1)
    middle, side = np.fft.irfft(strength * np.exp(1j * phases), LOOP, axis=1)
    # Two thirds in the middle: wide as a room, not as two rooms.
    channels = np.stack([middle + side * 0.7, middle - side * 0.7], axis=1)
    level = np.sqrt(np.mean(np.square(channels), axis=0))
    return (channels / level * ratio(ROOM_TONE_DBFS)).astype(np.float32)
