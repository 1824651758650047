"""Composing: a mood and a number become notes on a grid of beats, in a loop that ends where it begins.

Harmony, rhythm and form only; how a note sounds is in ``instruments.py``. The number picks key, tempo, progression
and melody, always the same ones; pieces of one number in different moods are in one key or its relative minor, so that
they go together in one film. Pitches are MIDI numbers (60 is middle C, 69 is 440 Hz).
"""

from __future__ import annotations

import random
from typing import Literal, NamedTuple, TypeAlias

from studio_pipeline.film.script import Mood
from studio_pipeline.media.sound.samples import RATE_HZ

Instrument = Literal["pad", "piano", "bell", "bass", "kick", "shaker"]
Idea: TypeAlias = tuple[tuple[float, int], ...]
"""A scrap of melody: beats into the bar, and the step of the chord's ladder that sounds there."""

BEATS_A_BAR = 4
COMPOSITIONS = 24
"""How many different pieces there are for a mood."""

_TO_RELATIVE_MINOR = 3
"""Semitones from the tonic of a major key down to that of the minor key with the same notes."""
_GRID = 400
"""A beat is a whole multiple of so many samples: the loop then has a length whose spectrum is quick to compute."""

_CHORDS: dict[str, tuple[int, ...]] = {
    "I": (0, 4, 7), "Iadd9": (0, 4, 7, 14), "Imaj7": (0, 4, 7, 11), "II": (2, 6, 9), "ii": (2, 5, 9),
    "ii7": (2, 5, 9, 12), "iii": (4, 7, 11), "IV": (5, 9, 12), "IVmaj7": (5, 9, 12, 16), "V": (7, 11, 14),
    "Vsus": (7, 12, 14), "vi": (9, 12, 16), "vi7": (9, 12, 16, 19), "bVII": (10, 14, 17), "i": (0, 3, 7),
    "i9": (0, 3, 7, 14), "bII": (1, 5, 8), "bIII": (3, 7, 10), "iv": (5, 8, 12), "v": (7, 10, 14),
    "bVI": (8, 12, 15), "bVImaj7": (8, 12, 15, 19),
}  # fmt: skip
"""Semitones above the tonic."""


class Style(NamedTuple):
    """What a mood asks of the music. Patterns are eighth notes: a digit is a chord tone from below, a dot a rest."""

    tempo_bpm: tuple[int, int]
    first: tuple[str, ...]
    second: tuple[str, ...]
    piano: tuple[str, ...]
    bass: str
    melody: Instrument
    melody_chance: float
    kick: str = "........"
    shaker: str = "........"


STYLES: dict[Mood, Style] = {
    "calm": Style(
        (66, 74),
        ("Iadd9 vi7 IVmaj7 Vsus", "Imaj7 iii IVmaj7 ii7", "Iadd9 V vi7 IVmaj7"),
        ("vi7 IVmaj7 I Vsus", "ii7 Vsus Imaj7 vi7"),
        ("0.2.3.2.", "0.234.3.", "0..2.3.."),
        "0.......", "piano", 0.45,
    ),
    "wonder": Style(
        (84, 94),
        ("I II vi IVmaj7", "Imaj7 II IVmaj7 I", "Iadd9 iii IVmaj7 II"),
        ("vi iii IV V", "IVmaj7 I ii7 Vsus"),
        ("02343232", "0.234.32", "02423423"),
        "0.......", "bell", 0.55, shaker="....2...",
    ),
    "tension": Style(
        (92, 102),
        ("i i bVI v", "i bII i v", "i iv bVI V"),
        ("iv i bII V", "bVI bVI iv V"),
        ("0.00.00.", "00.0.00.", "0.0.0.0."),
        "0..0..0.", "bell", 0.18, kick="2.1.....", shaker="........",
    ),
    "joy": Style(
        (106, 118),
        ("I V vi IV", "I IV vi V", "Iadd9 IV I V"),
        ("vi IV I V", "ii7 V I vi"),
        ("0.23.2.3", "0.2.3.42", "02.32.3."),
        "0..0.0..", "piano", 0.5, kick="2...2...", shaker="12121212",
    ),
    "sorrow": Style(
        (58, 66),
        ("i9 bVImaj7 bIII bVII", "i bVI iv v", "i9 iv bVImaj7 v"),
        ("iv i bVI bVII", "bVImaj7 bIII iv v"),
        ("0..2..3.", "0...2.3.", "0.2...3."),
        "0.......", "piano", 0.4,
    ),
    "resolve": Style(
        (80, 90),
        ("I bVII IV I", "vi IV I V", "IV I V vi"),
        ("IV V vi I", "ii7 IV I Vsus"),
        ("0.2.3.2.", "02.3.24.", "0.232.3."),
        "0...0...", "piano", 0.45, kick="2.......", shaker="..1...1.",
    ),
}  # fmt: skip


class Note(NamedTuple):
    """One note: when and how long in beats, which pitch, how hard (0–1), from where (−1 left, 1 right)."""

    instrument: Instrument
    beat: float
    beats: float
    pitch: int
    velocity: float
    pan: float = 0.0


class Piece(NamedTuple):
    """A loop of ``bars`` and the chord that ends the film."""

    beat_samples: int
    bars: int
    notes: tuple[Note, ...]
    final_chord: tuple[Note, ...]

    @property
    def tempo_bpm(self) -> float:
        return 60 * RATE_HZ / self.beat_samples

    @property
    def samples(self) -> int:
        return self.bars * BEATS_A_BAR * self.beat_samples


def compose(mood: Mood, number: int) -> Piece:
    """The piece of that mood and number, from 0 to ``COMPOSITIONS`` − 1."""
    style, dice = STYLES[mood], random.Random(f"{mood} {number}")
    tempo_bpm = dice.randint(*style.tempo_bpm)
    minor = style.first[0].startswith("i")
    tonic = (random.Random(f"key {number}").randint(0, 11) - (_TO_RELATIVE_MINOR if minor else 0)) % 12
    first, second = dice.choice(style.first).split(), dice.choice(style.second).split()
    names = [*first, *second] if tempo_bpm < 80 else [*first, *first, *second, *first]
    pattern, motif = dice.choice(style.piano), _motif(style, dice)
    notes: list[Note] = []
    centre: tuple[int, ...] = ()
    for bar, name in enumerate(names):
        beat, full = bar * BEATS_A_BAR, bar >= len(names) // 4
        root = 36 + (tonic + _CHORDS[name][0]) % 12
        centre = _voiced(tonic, _CHORDS[name], centre)
        notes += [
            Note("pad", beat, BEATS_A_BAR, pitch, 0.5, pan)
            for pitch, pan in zip(centre, (-0.5, 0.1, 0.5, -0.1), strict=False)
        ]
        notes += _figure("piano", pattern, beat, _ladder(centre), 0.42, dice)
        notes += _figure("bass", style.bass, beat, (root,), 0.7, dice)
        if full:
            notes += _melody(style.melody, motif[bar % 2], beat, _ladder(centre), dice)
            notes += _hits("kick", style.kick, beat) + _hits("shaker", style.shaker, beat)
    return Piece(
        beat_samples=round(60 * RATE_HZ / tempo_bpm / _GRID) * _GRID,
        bars=len(names),
        notes=tuple(notes),
        final_chord=_final(tonic, "i" if minor else "I", centre),
    )


def _voiced(tonic: int, chord: tuple[int, ...], before: tuple[int, ...]) -> tuple[int, ...]:
    """The chord between F sharp 3 and D 5, each note near where the chord before lay: voices move by steps."""
    heart = sum(before) / len(before) if before else 62
    pitches = []
    for interval in chord:
        options = [pitch for pitch in range(54, 75) if pitch % 12 == (tonic + interval) % 12]
        pitches.append(min(options, key=lambda pitch: (abs(pitch - 0.5 * (heart + 62)), pitch)))
    return tuple(sorted(set(pitches)))


def _ladder(chord: tuple[int, ...]) -> tuple[int, ...]:
    """Chord tones from below, over two octaves."""
    return tuple(sorted({*chord, *(pitch + 12 for pitch in chord)}))


def _figure(
    instrument: Instrument, pattern: str, beat: float, ladder: tuple[int, ...], velocity: float, dice: random.Random
) -> list[Note]:
    notes = []
    for eighth, step in enumerate(pattern):
        if step != ".":
            held = next((k for k in range(1, 8 - eighth) if pattern[eighth + k] != "."), 8 - eighth) / 2
            pitch = ladder[int(step) % len(ladder)]
            hard = velocity * (1.15 if eighth == 0 else 0.9) * dice.uniform(0.92, 1.08)
            notes.append(Note(instrument, beat + eighth / 2, held, pitch, hard, 0.25 * (eighth % 3 - 1)))
    return notes


def _motif(style: Style, dice: random.Random) -> tuple[Idea, ...]:
    """Two short ideas, an upper step of the ladder at an eighth each; the second answers the first."""
    ideas = []
    for places in ((0, 3, 6), (2, 4, 7)):
        step, idea = dice.randint(3, 4), []
        for place in places:
            if dice.random() < style.melody_chance or not idea:
                idea.append((place / 2, step))
            step = max(2, min(5, step + dice.choice((-1, 1))))
        ideas.append(tuple(idea))
    return tuple(ideas)


def _melody(
    instrument: Instrument,
    idea: tuple[tuple[float, int], ...],
    beat: float,
    ladder: tuple[int, ...],
    dice: random.Random,
) -> list[Note]:
    return [
        Note(instrument, beat + at, 2.0, ladder[step % len(ladder)] + 12, 0.4 * dice.uniform(0.85, 1.0), 0.35)
        for at, step in idea
    ]


def _hits(instrument: Instrument, pattern: str, beat: float) -> list[Note]:
    return [
        Note(instrument, beat + eighth / 2, 0.5, 60, 0.5 * int(hard), -0.2 if instrument == "shaker" else 0.0)
        for eighth, hard in enumerate(pattern)
        if hard != "."
    ]


def _final(tonic: int, name: str, before: tuple[int, ...]) -> tuple[Note, ...]:
    chord = _voiced(tonic, _CHORDS[name], before)
    ending = [Note("bass", 0, 8, 36 + tonic % 12, 0.8)]
    ending += [Note("pad", 0, 8, pitch, 0.5, pan) for pitch, pan in zip(chord, (-0.5, 0.1, 0.5), strict=False)]
    # Rolled upwards, a thirty-second apart, as a pianist ends.
    ending += [Note("piano", k / 8, 8, pitch, 0.5, 0.2 * (k - 1)) for k, pitch in enumerate((*chord, chord[0] + 12))]
    return tuple(ending)
