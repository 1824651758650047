"""The stems of a cut: what lies where in the dialogue, the music and the effects, for any stretch of the film.

A stem can tell what a stretch of it follows from (its *recipe*, in words that a digest is made of) and what that
stretch sounds like; both see nothing but the stretch, so a block of the mix may be made, kept or left out on its own.
Everything counts in samples of the film at the studio's rate. Writing files is in ``mix.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

import numpy as np

from studio_pipeline.editorial.timeline import MusicSpan, Speech
from studio_pipeline.film.frozen import digest_of
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.fit import fit_sound
from studio_pipeline.media.render_cache import RenderCache
from studio_pipeline.media.sound.ducking import Ducking
from studio_pipeline.media.sound.levels import HOP, music_gain, presence, speech_gain, survey
from studio_pipeline.media.sound.room_tone import LOOP, room_tone
from studio_pipeline.media.sound.samples import RATE_HZ, read_blocks, read_range, wav_facts

CLICK = round(0.008 * RATE_HZ)
"""Samples of the shortest fade: what begins or ends faster is heard as a click."""
ENDS = round(0.5 * RATE_HZ)
"""Samples over which the room tone comes and goes with the film."""


def sample_at(frame: int, rate: Rate) -> int:
    """The sample that starts with ``frame``, exact at every rate."""
    return round(Fraction(frame * rate.den, rate.num) * RATE_HZ)


class Stem(Protocol):
    """One of the sounds that add up to the mix."""

    def recipe(self, start: int, end: int) -> list[object]:
        """What the samples from ``start`` to ``end`` follow from, counted from ``start``; empty for silence."""
        ...

    def sound(self, start: int, end: int) -> np.ndarray:
        """Those samples, shape (samples, 2)."""
        ...


@dataclass(frozen=True)
class Heard:
    """A sound of the film at the studio's rate, and its survey."""

    sha256: str
    path: Path
    samples: int
    survey: np.ndarray


class Listening:
    """Opens the sounds of a film; what was heard of them once is kept.

    Args:
        kept: for surveys, and for sounds that had to be brought to the studio's rate.
    """

    def __init__(self, resolve: Callable[[MediaRef], Path], kept: RenderCache) -> None:
        self._resolve = resolve
        self._kept = kept
        self._known: dict[str, Heard] = {}

    def to(self, media: MediaRef) -> Heard:
        """Raises ``MediaDamaged`` for what is not PCM wav or is cut off."""
        if media.sha256 not in self._known:
            self._known[media.sha256] = self._heard(media)
        return self._known[media.sha256]

    def _heard(self, media: MediaRef) -> Heard:
        path = self._resolve(media)
        facts = wav_facts(path)
        if facts.rate_hz != RATE_HZ or facts.channels > 2:
            key = digest_of(["sound", 1, version("imageio-ffmpeg"), media.sha256])
            path = self._kept.get(key, ".wav", lambda into: _conformed(path, into))
        kept = self._kept.get(digest_of(["survey", 1, media.sha256]), ".npy", lambda into: _write_survey(path, into))
        return Heard(media.sha256, path, wav_facts(path).samples, np.load(kept, allow_pickle=False))


def _conformed(path: Path, into: Path) -> None:
    channels = [block.shape[1] for block, _ in read_blocks(path)]  # to its end: a sound that is cut off is said so
    fit_sound(path, into, channels=min(channels[0], 2))


def _write_survey(path: Path, into: Path) -> None:
    with into.open("wb") as file:
        np.save(file, survey(path), allow_pickle=False)


@dataclass(frozen=True)
class Laid:
    """A sound in its place: from sample ``start`` of the film, ``samples`` of it from its sample ``source`` on.

    It rises over ``rise`` samples and falls over ``fall``; the exponents are 1 where the power of two sounds that
    have nothing to do with each other stays the same in a crossfade, 2 where their amplitude does.
    """

    heard: Heard
    start: int
    samples: int
    gain: float
    source: int = 0
    rise: int = CLICK
    fall: int = CLICK
    rise_exponent: int = 2
    fall_exponent: int = 2

    @property
    def end(self) -> int:
        return self.start + self.samples

    def recipe(self, start: int) -> list[object]:
        shape = (self.source, self.rise, self.fall, self.rise_exponent, self.fall_exponent)
        return [self.heard.sha256, self.start - start, self.samples, self.gain, *shape]

    def add(self, block: np.ndarray, start: int) -> None:
        """Add what of it lies in ``block``, which begins at sample ``start`` of the film."""
        first, last = max(start, self.start) - self.start, min(start + len(block), self.end) - self.start
        sound = read_range(self.heard.path, self.source + first, self.source + last) * np.float32(self.gain)
        fade_over(sound, first, 0, self.rise, self.rise_exponent)
        fade_over(sound, first, self.samples - 1, -self.fall, self.fall_exponent)
        block[self.start + first - start : self.start + last - start] += sound  # mono goes on both sides


def fade_over(sound: np.ndarray, first: int, edge: int, length: int, exponent: int) -> None:
    """Fade ``sound``, whose first sample is number ``first``: it is silent at number ``edge`` and whole from ``length``
    samples later on (a negative length: up to so many before)."""
    step = 1 if length > 0 else -1
    low, high = sorted((edge, edge + length))
    low, high = max(low + (step < 0), first), min(high + (step < 0), first + len(sound))
    if low < high:
        share = np.arange(low - edge, high - edge, dtype=np.float32) / np.float32(length)
        sound[low - first : high - first] *= (np.sin(share * np.float32(math.pi / 2)) ** exponent)[:, None]


def _within(laid: Sequence[Laid], start: int, end: int) -> list[Laid]:
    return [piece for piece in laid if piece.start < end and piece.end > start]


class Dialogue:
    """Narration and direct speech, each line at its frame and level."""

    def __init__(self, narration: Sequence[Speech], listening: Listening, rate: Rate, length: int) -> None:
        self._lines: list[Laid] = []
        self.spoken: list[tuple[int, int]] = []
        """Spans of the film, in samples, in which somebody speaks."""
        for speech in sorted(narration, key=lambda speech: speech.record_frame):
            heard = listening.to(speech.media)
            start = sample_at(speech.record_frame, rate)
            # It ends with its frames; less than one frame of overhang is let out.
            end = min(sample_at(speech.record_frame + speech.frames + 1, rate), start + heard.samples, length)
            line = heard.survey[: (end - start) // HOP]
            if end - start >= 2:
                click = min(CLICK, (end - start) // 2)
                self._lines.append(Laid(heard, start, end - start, speech_gain(line), rise=click, fall=click))
                self.spoken += [(start + a, start + b) for a, b in presence(line)]

    def recipe(self, start: int, end: int) -> list[object]:
        return [line.recipe(start) for line in _within(self._lines, start, end)]

    def sound(self, start: int, end: int) -> np.ndarray:
        return _sum(_within(self._lines, start, end), start, end)


class Score:
    """Music: every span at one level, crossfaded where spans overlap, stepping back for the words."""

    def __init__(
        self,
        music: Sequence[MusicSpan],
        spoken: Sequence[tuple[int, int]],
        listening: Listening,
        rate: Rate,
        length: int,
    ) -> None:
        self._ducking = Ducking(spoken)
        laid = [_laid(span, listening, rate, length) for span in music]
        self._spans = [_joined(span, laid) for span in laid if span.samples >= 2]

    def recipe(self, start: int, end: int) -> list[object]:
        spans = _within(self._spans, start, end)
        return [[span.recipe(start) for span in spans], self._ducking.reaching(start, end)] if spans else []

    def sound(self, start: int, end: int) -> np.ndarray:
        block = _sum(_within(self._spans, start, end), start, end)
        gain = self._ducking.gain(start, end)
        return block if gain is None else block * gain[:, None]


def _laid(span: MusicSpan, listening: Listening, rate: Rate, length: int) -> Laid:
    """A span at its frames, as long as there is music for it."""
    heard = listening.to(span.media)
    start, source = sample_at(span.record_frame, rate), sample_at(span.source_frame, rate)
    end = min(sample_at(span.record_frame + span.frames, rate), start + heard.samples - source, length)
    samples = max(end - start, 0)
    rise = min(max(sample_at(span.fade_in, rate), CLICK), samples)
    fall = min(max(sample_at(span.fade_out, rate), CLICK), samples)
    return Laid(heard, start, samples, music_gain(heard.survey), source, rise, fall, 1, 1)


def _joined(span: Laid, others: Sequence[Laid]) -> Laid:
    """``span`` with the law of its fades: where the same music runs on in another span, amplitudes add up."""
    same = [o for o in others if o is not span and o.heard is span.heard]
    same = [o for o in same if abs((o.source - o.start) - (span.source - span.start)) <= 2]  # frames round to samples
    rises = any(o.start < span.start < o.end for o in same)
    falls = any(o.start < span.end < o.end for o in same)
    return Laid(
        *(span.heard, span.start, span.samples, span.gain, span.source, span.rise, span.fall),
        rise_exponent=2 if rises else 1,
        fall_exponent=2 if falls else 1,
    )


class RoomTone:
    """The effects of a film that has no others."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._ends = min(ENDS, length // 2)

    def recipe(self, start: int, end: int) -> list[object]:
        head = start if start < self._ends else None
        tail = self._length - end if self._length - end < self._ends else None
        return ["room tone", 1, start % LOOP, end - start, self._ends, head, tail]

    def sound(self, start: int, end: int) -> np.ndarray:
        tone = room_tone(start, end)
        if self._ends:
            fade_over(tone, start, 0, self._ends, 2)
            fade_over(tone, start, self._length - 1, -self._ends, 2)
        return tone


def _sum(laid: Sequence[Laid], start: int, end: int) -> np.ndarray:
    block = np.zeros((end - start, 2), np.float32)
    for piece in laid:
        piece.add(block, start)
    return block
