"""The studio's own music: a loop composed for the mood, repeated, and ended with a chord when the film ends.

What lives here: the vendor, the loop's repetition, the opening and the ending. Notes are in ``composition.py``,
sounds in ``instruments.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from studio_pipeline.film.script import Mood
from studio_pipeline.media.sound.samples import RATE_HZ, ratio, rms, write_blocks
from studio_pipeline.providers.capabilities import Kind
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.made_here import MadeHere
from studio_pipeline.providers.music.composition import COMPOSITIONS, Piece, compose
from studio_pipeline.providers.music.instruments import render
from studio_pipeline.providers.music.port import MusicRequest
from studio_pipeline.providers.rate_card import RateCard
from studio_pipeline.providers.vendor import Fetched, Quote

LEVEL_DBFS, PEAK_DBFS = -20.0, -3.0
_OPENING_S = 1.2
_ENDING_S = 3.2
"""The last chord is struck at least this long before the end, on an even beat."""
_FADE_S = 2.6
_GIVING_WAY_S = 0.35
_BLOCK = 10 * RATE_HZ


def build(kind: Kind, setup: Setup) -> SynthMusic:
    """The vendor, as the factory asks for it."""
    return SynthMusic(setup.prices)


class SynthMusic(MadeHere):
    """``MusicPort`` that computes its music. A job is its request, so it is done as soon as it is asked for."""

    name = "synth"

    def __init__(self, prices: RateCard) -> None:
        self._prices = prices

    def quote(self, request: MusicRequest) -> Quote:
        seconds = Decimal(str(request.duration_s))
        return self._prices.quote(self.name, request.model, seconds)

    def fetch(self, job_id: str, request: MusicRequest, into: Path) -> Fetched:
        loop = _loop(request.mood, request.seed % COMPOSITIONS)
        samples = max(1, round(request.duration_s * RATE_HZ))
        last = _last_chord_at(samples, loop.piece.beat_samples)
        write_blocks(into, _track(loop, samples, last), channels=2)
        beat = loop.piece.beat_samples
        return Fetched(
            suffix=".wav",
            details={
                "duration_s": samples / RATE_HZ,
                "tempo_bpm": round(loop.piece.tempo_bpm, 3),
                "beats_s": [round(at / RATE_HZ, 6) for at in range(0, last + 1, beat)],
            },
        )


class _Loop(NamedTuple):
    """A piece as samples: the loop, and its last chord with the room it rings out in."""

    piece: Piece
    sound: np.ndarray
    ending: np.ndarray


@lru_cache(maxsize=2)
def _loop(mood: Mood, number: int) -> _Loop:
    piece = compose(mood, number)
    sound = render(piece.notes, piece.beat_samples, piece.samples, wrap=True)
    ending = render(piece.final_chord, piece.beat_samples, 8 * RATE_HZ, wrap=False)
    peak = max(float(np.abs(sound).max()) + float(np.abs(ending).max()) / 2, float(np.abs(ending).max()))
    gain = np.float32(min(ratio(LEVEL_DBFS) / rms(sound), ratio(PEAK_DBFS) / peak))
    return _Loop(piece, sound * gain, ending * gain)


def _last_chord_at(samples: int, beat_samples: int) -> int:
    """The sample of the last even beat that leaves the final chord its time; 0 when the track is that chord alone."""
    return max(0, samples - round(_ENDING_S * RATE_HZ)) // (2 * beat_samples) * (2 * beat_samples)


def _track(loop: _Loop, samples: int, last: int) -> Iterator[np.ndarray]:
    opening = min(_OPENING_S, samples / RATE_HZ / 4) * RATE_HZ if last else 0.005 * RATE_HZ
    fade = min(_FADE_S * RATE_HZ, samples / 2)
    for start in range(0, samples, _BLOCK):
        at = np.arange(start, min(start + _BLOCK, samples))
        body = np.sin(np.pi / 2 * np.clip((last - at) / (_GIVING_WAY_S * RATE_HZ) + 1, 0, 1)) ** 2 if last else 0 * at
        block = loop.sound[at % len(loop.sound)] * body[:, None].astype(np.float32)
        rung = at - last
        heard = (rung >= 0) & (rung < len(loop.ending))
        block[heard] += loop.ending[rung[heard]]
        shape = np.sin(np.pi / 2 * np.clip(at / opening, 0, 1)) ** 2
        shape *= np.sin(np.pi / 2 * np.clip((samples - 1 - at) / fade, 0, 1)) ** 2
        yield block * shape[:, None].astype(np.float32)
