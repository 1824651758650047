"""How long a text takes to say. The screenwriter's measure; what a voice really took is measured later.

Rates are words (or characters) per second of a calm narrator, a little below conversation: 141 words a minute in
English, in the range audiobook producers publish (150 ± 10).
"""

from __future__ import annotations

import re

from studio_pipeline.prose.languages import primary

AIR_S = 0.6
"""Silence a scene keeps around its narration, both ends together."""

SENTENCE_PAUSE_S = 0.2
"""Extra breath at each sentence end inside a narration."""

WORDS_PER_S: dict[str, float] = {
    "en": 2.35, "hi": 2.3, "fr": 2.4, "de": 1.95, "es": 2.35, "it": 2.2, "pt": 2.25, "nl": 2.2, "sv": 2.1,
    "pl": 1.85, "tr": 1.7, "id": 2.0, "ru": 1.8, "uk": 1.8, "ar": 1.8, "fa": 2.0, "ur": 2.2, "he": 1.9,
    "ko": 1.7, "ta": 1.5, "te": 1.5, "ml": 1.4, "kn": 1.5, "bn": 2.0, "el": 2.1,
}  # fmt: skip
_OTHER_WORDS_PER_S = 2.0
SYLLABARY_PER_S = 4.2
"""Characters per second of Han and kana."""
_UNSPACED_PER_S = 9.0
"""Letters per second of scripts that write no spaces (Thai, Lao, Khmer, Burmese)."""

MOST_CHARACTERS_PER_S = 25
"""No narrator is faster, in any language with letters; spaces included."""

_SYLLABARY = re.compile(r"[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_UNSPACED = re.compile(r"[\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e45\u0e80-\u0edf\u1000-\u109f\u1780-\u17ff]")
_DIGITS = re.compile(r"\d+")
_ENDS = re.compile(r"[.!?…。！？।॥؟]+[”’\"»」』)]*")
_LONG_WORD = 14


def word_count(text: str) -> int:
    """Words as a voice says them: long words and numbers count more than once, Han and kana not at all."""
    rest = _UNSPACED.sub(" ", _SYLLABARY.sub(" ", text))
    total = 0
    for token in rest.split():
        letters = sum(char.isalnum() for char in token)
        if not letters:
            continue
        spoken = (letters - 1) // _LONG_WORD + 1
        total += spoken + sum(len(run) // 2 for run in _DIGITS.findall(token))
    return total


def speaking_s(text: str, language: str) -> float:
    """Seconds ``text`` takes to say, pauses between its sentences included, silence around it not."""
    per_s = WORDS_PER_S.get(primary(language), _OTHER_WORDS_PER_S)
    inner_ends = max(0, len(_ENDS.findall(text.strip())) - 1)
    return (
        word_count(text) / per_s
        + len(_SYLLABARY.findall(text)) / SYLLABARY_PER_S
        + len(_UNSPACED.findall(text)) / _UNSPACED_PER_S
        + SENTENCE_PAUSE_S * inner_ends
    )


_BY_CHARACTER = frozenset(("zh", "yue", "ja", "th", "lo", "km", "my"))
"""Languages that are written without spaces, so that their writers count characters."""


def unit_of(language: str) -> str:
    """What a writer counts in this language: ``words`` or ``characters``."""
    return "characters" if primary(language) in _BY_CHARACTER else "words"


def amount_of(text: str, language: str) -> int:
    """How much ``text`` is, in ``unit_of(language)``."""
    if unit_of(language) == "characters":
        return sum(char.isalnum() for char in text)
    return len(text.split())


def amount_in(seconds: float, language: str) -> int:
    """How much can be said in ``seconds``, in ``unit_of(language)``, pauses between short sentences included."""
    if primary(language) in ("zh", "yue", "ja"):
        return int(seconds * SYLLABARY_PER_S * _PAUSES)
    if unit_of(language) == "characters":
        return int(seconds * _UNSPACED_PER_S * _PAUSES)
    return int(seconds * WORDS_PER_S.get(primary(language), _OTHER_WORDS_PER_S) * _PAUSES)


_PAUSES = 0.96
"""What pauses leave of the pace, at a sentence end every five seconds."""
