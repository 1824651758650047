"""When each word of a line is spoken: from a synthesizer's marks, or estimated where there is no voice.

A word here is the piece captions may break at (``media/captions/phrases.py``): letters with their punctuation, a single
character in Chinese and Japanese. Makes no sound.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from studio_pipeline.film.takes import Word
from studio_pipeline.media.captions.phrases import Atom, atoms, break_after, unspaced

WORDS_PER_S = {"en": 2.6, "de": 2.2, "fr": 2.7, "es": 2.6, "hi": 2.4, "ar": 1.9, "ru": 2.0, "ta": 1.6, "fi": 1.8}
"""Words a narrator speaks in a second; 2.4 where nobody counted."""
CHARACTERS_PER_S = 4.5
"""Characters of Chinese or Japanese a narrator reads in a second."""
_PAUSE_S = {"sentence": 0.45, "clause": 0.2, "word": 0.0}


class Mark(NamedTuple):
    """A synthesizer's word: a word starts at ``character`` (from 0), or a clause ends there, at ``second``."""

    kind: Literal["word", "end"]
    character: int
    second: float


def spoken_words(text: str, marks: Sequence[Mark], duration_s: float) -> tuple[Word, ...]:
    """The words of ``text`` (one line, ``phrases.plain``) with the times that ``marks`` give them.

    Pieces without a mark of their own (a dash, Japanese characters of one clause) share the time of the piece before
    by their number of letters. Times never run backwards and stay inside ``duration_s``.
    """
    pieces = atoms(text)
    marks = [mark._replace(second=min(max(mark.second, 0.0), duration_s)) for mark in marks]
    groups: list[tuple[list[Atom], float, float]] = []
    at = 0
    for piece in pieces:
        first = next((k for k in range(at, len(marks)) if _starts(marks[k], piece)), None)
        if first is None and groups:
            groups[-1][0].append(piece)
            continue
        start = marks[first].second if first is not None else 0.0
        at = first + 1 if first is not None else at
        end = next((m.second for m in marks[at:] if _ends(m, piece)), duration_s)
        groups.append(([piece], start, end))
    return _forward([word for group in groups for word in _shared(*group)], duration_s)


def estimated_words(text: str, language: str, max_duration_s: float) -> tuple[Word, ...]:
    """Words of ``text`` at a narrator's pace, closer together only where they would not end in time."""
    pieces = atoms(text)
    words_per_s = WORDS_PER_S.get(language.split("-")[0], 2.4)
    letters = sum(_letters(piece.text) for piece in pieces if not unspaced(piece.text[0])) or 1
    spoken = sum(1 for piece in pieces if _letters(piece.text) and not unspaced(piece.text[0]))
    letter_s = spoken / words_per_s / letters
    words, at = [], 0.0
    for piece in pieces:
        if unspaced(piece.text[0]):
            length_s = 1 / CHARACTERS_PER_S
        else:
            length_s = _letters(piece.text) * letter_s
        words.append((piece.text, at, at + length_s))
        at += length_s + _PAUSE_S[break_after(piece.text)]
    closer = min(1.0, max_duration_s / words[-1][2]) if words and words[-1][2] > 0 else 1.0
    return tuple(
        Word(text=text, start_s=round(start * closer, 4), end_s=round(end * closer, 4)) for text, start, end in words
    )


def _starts(mark: Mark, piece: Atom) -> bool:
    return mark.kind == "word" and piece.start <= mark.character < piece.end


def _ends(mark: Mark, piece: Atom) -> bool:
    """Whether ``mark`` is the next word, or the end of a clause that is not inside ``piece`` (as in 1,984)."""
    return mark.character >= piece.end if mark.kind == "word" else mark.character >= piece.end - 1


def _shared(pieces: list[Atom], start_s: float, end_s: float) -> list[tuple[str, float, float]]:
    letters = [_letters(piece.text) for piece in pieces]
    whole, before, shared = sum(letters) or 1, 0, []
    for piece, count in zip(pieces, letters, strict=True):
        span = end_s - start_s
        shared.append((piece.text, start_s + span * before / whole, start_s + span * (before + count) / whole))
        before += count
    return shared


def _forward(timed: list[tuple[str, float, float]], duration_s: float) -> tuple[Word, ...]:
    words, latest = [], 0.0
    nexts = [start for _, start, _ in timed[1:]] + [duration_s]
    for (text, start, end), following in zip(timed, nexts, strict=True):
        start = max(start, latest)
        latest = max(start, min(end, max(following, start), duration_s))
        words.append(Word(text=text, start_s=round(start, 4), end_s=round(latest, 4)))
    if any(later.start_s < earlier.start_s for earlier, later in pairwise(words)):
        raise ValueError("word times run backwards")
    return tuple(words)


def _letters(text: str) -> int:
    return sum(1 for character in text if character.isalnum())
