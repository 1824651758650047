from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from studio_pipeline.budget.rate_cards import Quote
from studio_pipeline.film.script import Mood
from studio_pipeline.media.sound.samples import RATE_HZ, decibels, read_wav, rms
from studio_pipeline.providers.music import synth
from studio_pipeline.providers.music.composition import COMPOSITIONS, compose
from studio_pipeline.providers.music.port import MusicRequest


class CentASecond:
    def quote(self, vendor: str, model: str, quantity: Decimal) -> Quote:
        price = quantity / 100
        return Quote(expected_usd=price, max_usd=price, simulated=True, source=f"{vendor} {model}")


def made(into: Path, mood: Mood = "wonder", duration_s: float = 12.0, seed: int = 3):
    request = MusicRequest(model="synth/loop", mood=mood, duration_s=duration_s, seed=seed)
    fetched = synth.SynthMusic(CentASecond()).fetch("job", request, into)
    return read_wav(into)[0], fetched


def roughness(sound: np.ndarray) -> np.ndarray:
    """The second difference: what a click is large in and music is not."""
    return np.abs(np.diff(sound.sum(axis=1), n=2))


def flux(sound: np.ndarray, at: int) -> float:
    """How much the spectrum changes at a sample."""
    before, after = (np.abs(np.fft.rfft(part, axis=0)) for part in (sound[at - 2048 : at], sound[at : at + 2048]))
    return float(np.abs(before - after).sum())


@pytest.mark.parametrize("mood", get_args(Mood))
def test_the_loop_has_no_seam(mood):
    """Where the loop meets itself it is no rougher, and its spectrum changes no more, than elsewhere on a beat."""
    loop = synth._loop(mood, 1).sound
    twice = np.concatenate([loop[-RATE_HZ:], loop[:RATE_HZ]])
    seam = roughness(twice)[RATE_HZ - 50 : RATE_HZ + 50].max()
    assert seam <= np.quantile(roughness(loop), 0.9999)
    beat = compose(mood, 1).beat_samples
    fluxes = [flux(loop, at) for at in range(2048, len(loop) - 2048, beat)]
    assert flux(twice, RATE_HZ) <= 1.5 * max(fluxes)


@pytest.mark.parametrize("duration_s", [0.5, 3.0, 7.77, 61.3])
def test_the_track_is_exactly_as_long_as_asked_and_begins_and_ends_in_silence(duration_s, tmp_path):
    sound, fetched = made(tmp_path / "a", duration_s=duration_s)
    assert len(sound) == round(duration_s * RATE_HZ)
    assert fetched.details["duration_s"] == pytest.approx(duration_s)
    assert np.abs(sound[:8]).max() < 0.002
    assert np.abs(sound[-8:]).max() < 0.002


def test_beats_lie_on_the_grid_and_notes_on_the_beats(tmp_path):
    _, fetched = made(tmp_path / "a", mood="joy", duration_s=20)
    beats_s = np.array(fetched.details["beats_s"])
    assert np.allclose(np.diff(beats_s), 60 / fetched.details["tempo_bpm"], atol=1e-4)
    assert beats_s[-1] <= 20 - 3
    assert all(note.beat * 2 == int(note.beat * 2) for note in compose("joy", 3).notes)


@pytest.mark.parametrize("mood", get_args(Mood))
def test_every_mood_is_at_a_level_one_can_mix_with(mood, tmp_path):
    sound, _ = made(tmp_path / "a", mood=mood, duration_s=15)
    assert np.abs(sound).max() < 0.75
    assert -26 < decibels(rms(sound)) < -17
    assert np.abs(sound.mean(axis=0)).max() < 1e-4
    left, right = sound.T
    assert 0.05 < np.corrcoef(left, right)[0, 1] < 0.99  # wide, and still there in mono


def test_the_same_request_is_the_same_bytes_and_another_seed_is_another_piece(tmp_path):
    made(tmp_path / "a")
    synth._loop.cache_clear()
    made(tmp_path / "b")
    made(tmp_path / "c", seed=4)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert (tmp_path / "a").read_bytes() != (tmp_path / "c").read_bytes()


def notes_of(mood: Mood, number: int) -> set[int]:
    """The notes of the scale that its last chord is in, as classes of pitch."""
    chord = sorted({note.pitch % 12 for note in compose(mood, number).final_chord})
    bass = next(note.pitch % 12 for note in compose(mood, number).final_chord if note.instrument == "bass")
    steps = (0, 2, 3, 5, 7, 8, 10) if (bass + 3) % 12 in chord else (0, 2, 4, 5, 7, 9, 11)
    return {(bass + step) % 12 for step in steps}


def test_the_moods_of_one_film_are_in_one_key_or_its_relative():
    for number in range(COMPOSITIONS):
        assert len({frozenset(notes_of(mood, number)) for mood in get_args(Mood)}) == 1
    assert len({frozenset(notes_of("calm", number)) for number in range(COMPOSITIONS)}) > 4, "films differ"


def test_the_price_is_asked_by_the_second():
    request = MusicRequest(model="synth/loop", mood="calm", duration_s=90.5, seed=0)
    quote = synth.SynthMusic(CentASecond()).quote(request)
    assert (quote.max_usd, quote.source) == (Decimal("0.905"), "synth synth/loop")
