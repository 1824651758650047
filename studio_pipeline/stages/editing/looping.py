"""Which parts of a track are played, one after the other, to fill a stretch of film.

A track that is too short jumps back while it plays: from one beat to an earlier one, whole bars apart where its beats
are known, through a short crossfade; from anywhere, through a long one, where they are not. Its opening and its ending
are kept out of the repeats. Frames and beats of one track only; where in the film it lies is ``music.py``'s.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from studio_pipeline.editorial.music_cues import CROSSFADE_S
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.takes import MusicTrack, Origin

ON_BEAT_FADE_S = 0.4
"""Of a jump from beat to beat: one hears no second attack while the first rings."""
ENDING_S = 3.0
"""A track's own ending, which only the end of the film has."""
OPENING_S = 1.5
"""What a repeat leaves out of the beginning."""
LEAST_TRACK_S = 2.0
"""A shorter sound is played once: repeated it would be a noise."""
LEAST_JUMP_S = 4.0
"""A jump without beats is not shorter: music that meets itself a moment later is heard as an echo."""
BEATS_A_BAR = 4
_CHOICE = 8
"""Beats at either end of the track that a jump may be from and to."""


@dataclass(frozen=True)
class Track:
    """A track in frames of the film."""

    media: MediaRef
    frames: int
    exact_beats: tuple[Fraction, ...]
    """Where its beats are, in frames."""
    beats: tuple[int, ...]
    """The frames nearest to them."""
    origins: tuple[Origin, ...]

    @classmethod
    def of(cls, track: MusicTrack, rate: Rate) -> Track:
        frames = math.floor(Fraction(track.duration_s) * rate.fraction + Fraction(1, 1000))
        exact = sorted({Fraction(beat) * rate.fraction for beat in track.beats_s})
        heard = tuple(beat for beat in exact if 0 <= beat < frames)
        return cls(track.sound, frames, heard, tuple(map(round, heard)), (track.receipt.origin("music"),))

    def longest_fade(self, rate: Rate) -> int:
        """The most frames in which it may come or go, so that the parts of it are longer than their fades."""
        return min(rate.frames(CROSSFADE_S), self.frames // 6) // 2 * 2


@dataclass(frozen=True)
class Passage:
    """``frames`` of a track from ``source`` on; the last ``overlap`` of them lie over the next passage's first."""

    source: int
    frames: int
    overlap: int = 0


def onward(track: Track, frames: int, rate: Rate, *, beat_at: int | None = None) -> list[Passage]:
    """``frames`` of music that goes on beyond them: from the track's beginning, or so that a beat falls on frame
    ``beat_at``, and without the track's own ending."""
    source = 0
    if beat_at is not None:
        source = next((beat - beat_at for beat in track.beats if beat >= beat_at), 0)
    last = track.frames - _ending(track, rate)
    fade = track.longest_fade(rate)
    if source + frames <= min(last + fade // 2, track.frames):  # one hears little of the second half of a fade
        return [Passage(source, frames)]
    if track.frames < rate.frames(LEAST_TRACK_S):
        return [Passage(0, min(frames, track.frames))]
    # It leaves so early that the last passage is long enough to come and to go.
    jumps, overlap = _jumps(track, source + frames - last, last - fade, rate)
    return _passages(source, frames, jumps, overlap)


def to_the_end(track: Track, frames: int, rate: Rate) -> list[Passage]:
    """``frames`` of music that end with the track."""
    if frames <= track.frames:
        return [Passage(track.frames - frames, frames)]
    if track.frames < rate.frames(LEAST_TRACK_S):
        return [Passage(0, track.frames)] if track.frames else []
    jumps, overlap = _jumps(track, frames - track.frames, track.frames - _ending(track, rate), rate)
    back = sum(leave - enter for leave, enter in jumps)
    return _passages(track.frames + back - frames, frames, jumps, overlap)


def _passages(source: int, frames: int, jumps: Sequence[tuple[int, int]], overlap: int) -> list[Passage]:
    made: list[Passage] = []
    for leave, enter in jumps:
        made.append(Passage(source, leave + overlap - source, overlap))
        source = enter
    played = sum(passage.frames - passage.overlap for passage in made)
    return [*made, Passage(source, frames - played)]


def _ending(track: Track, rate: Rate) -> int:
    return min(rate.frames(ENDING_S), track.frames // 4)


def _jumps(track: Track, back: int, end: int, rate: Rate) -> tuple[list[tuple[int, int]], int]:
    """Where to leave the track, to be out of it by ``end``, and where to enter it again, so that it plays at least
    ``back`` frames longer; and how many frames each crossfade has."""
    most = max(1, track.frames // 16)
    short, long = min(rate.frames(ON_BEAT_FADE_S), most), min(rate.frames(CROSSFADE_S), most)
    first, last = min(rate.frames(OPENING_S), track.frames // 6), end - long
    on_beat = _OnBeat.of(track, first, last)
    if on_beat and on_beat.longest()[0] >= max(3 * long, (last - first) // 2):
        return on_beat.jumps(back, apart=2 * long), short
    longest = max(1, last - first)
    count = -(-back // longest)
    length = min(longest, max(-(-back // count), rate.frames(LEAST_JUMP_S)))
    return [(last, last - length)] * count, long


@dataclass(frozen=True)
class _OnBeat:
    """The beats that a jump may be from and to."""

    beats: tuple[Fraction, ...]

    @classmethod
    def of(cls, track: Track, first: int, last: int) -> _OnBeat | None:
        usable = [exact for exact, beat in zip(track.exact_beats, track.beats, strict=True) if first <= beat <= last]
        return cls(tuple(usable)) if len(usable) > BEATS_A_BAR else None

    def longest(self) -> tuple[int, tuple[int, int]]:
        """Frames of the longest jump, over whole bars, and its beats."""
        pair = min(self._pairs(0), key=lambda pair: (self._bars_off(pair), -self._length(pair)))
        return self._length(pair), pair

    def jumps(self, back: int, *, apart: int) -> list[tuple[int, int]]:
        """Leaving and entering frames of jumps over ``back`` frames or a little more, all about equally long, and
        each at least ``apart`` frames after the one before it."""
        longest, widest = self.longest()
        made: list[tuple[int, int]] = []
        entered = 0
        for left in range(-(-back // longest), 0, -1):
            pairs = self._pairs(-(-back // left))
            later = [pair for pair in pairs if round(self.beats[pair[1]]) >= entered + apart]
            pair = min(later, key=self._cost, default=widest)
            entered = round(self.beats[pair[0]])
            made.append((round(self.beats[pair[1]]), entered))
            back -= self._length(pair)
            if back <= 0:
                break
        return made

    def _pairs(self, least: int) -> list[tuple[int, int]]:
        """Two beats each, at least ``least`` frames apart: where to enter, among the latest there are for where to
        leave; for 0 frames, among the earliest of the track."""
        found: list[tuple[int, int]] = []
        for leave in range(max(1, len(self.beats) - _CHOICE), len(self.beats)):
            latest = min(leave - 1, bisect_left(self.beats, self.beats[leave] - least + 1) - 1) if least else _CHOICE
            first = max(0, latest - _CHOICE) if least else 0
            found += [(enter, leave) for enter in range(first, min(latest, leave - 1) + 1)]
        return [pair for pair in found if self._length(pair) >= max(1, least)]

    def _length(self, pair: tuple[int, int]) -> int:
        return round(self.beats[pair[1]]) - round(self.beats[pair[0]])

    def _bars_off(self, pair: tuple[int, int]) -> bool:
        return (pair[1] - pair[0]) % BEATS_A_BAR != 0

    def _cost(self, pair: tuple[int, int]) -> tuple[bool, float, int]:
        """A jump over whole bars is the best, then one that is nearly whole frames, then a short one."""
        length = self._length(pair)
        off = abs(self.beats[pair[1]] - self.beats[pair[0]] - length)
        return self._bars_off(pair), round(float(off), 1), length
