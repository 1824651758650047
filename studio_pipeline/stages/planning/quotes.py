"""Whether words that somebody quotes really stand in a text, and how often a name does.

A model copies with small changes: other quotation marks and dashes, another line end, a letter in another encoding.
Those are looked through; another letter, another word or another case are not.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from functools import cached_property

_LOOKED_THROUGH = frozenset("\"'“”„‟«»‹›「」『』‘’‚‛`´′″<>-‐‑‒–—―−_*#\u0640\u200c\u200d\u00ad\ufeff")
"""Quotation marks, dashes, marks of Markdown, the Arabic stroke that lengthens a word, joiners."""
_WITHOUT_SPACES = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF),
    (0xAC00, 0xD7AF),
)  # fmt: skip
"""Scripts that write words without spaces, or a name with its particle: from Thai and Khmer to kana, Han and Hangul."""
_PREFIXES = frozenset("وفبلكسהובלכמש")
"""Small words that Arabic and Hebrew write together with the next one."""


class Source:
    """A text to be quoted from."""

    def __init__(self, text: str) -> None:
        self._text = text

    def find(self, quote: str) -> str | None:
        """The words of the text that ``quote`` is, as the text writes them, on one line; ``None`` when it has none."""
        wanted = "".join(letter for letter, _ in _taken_apart(quote)).rstrip(".…")
        if not any(char.isalnum() for char in wanted):
            return None
        first = self._letters.find(wanted)
        if first < 0:
            return None
        start, end = self._places[first], self._places[first + len(wanted) - 1] + 1
        while end < len(self._text) and unicodedata.category(self._text[end]) in ("Mn", "Mc", "Me"):
            end += 1
        return " ".join(self._text[start:end].split())

    def mentions(self, names: Iterable[str]) -> int:
        """How often the text says one of ``names``: as they are written, or in another case when that is never."""
        patterns = [_spelled(name) for name in sorted(names, key=len, reverse=True) if any(map(str.isalnum, name))]
        if not patterns:
            return 0
        pattern = "|".join(patterns)
        return self._count(re.compile(pattern)) or self._count(re.compile(pattern, re.IGNORECASE))

    def _count(self, pattern: re.Pattern[str]) -> int:
        text = self._composed
        return sum(_is_whole(text, match.start(), match.end()) for match in pattern.finditer(text))

    @cached_property
    def _composed(self) -> str:
        return unicodedata.normalize("NFC", self._text)

    @cached_property
    def _letters(self) -> str:
        return "".join(letter for letter, _ in self._placed)

    @cached_property
    def _places(self) -> list[int]:
        return [place for _, place in self._placed]

    @cached_property
    def _placed(self) -> list[tuple[str, int]]:
        return list(_taken_apart(self._text))


def _taken_apart(text: str) -> Iterable[tuple[str, int]]:
    """What counts of a text, each letter taken apart from its accents, with the place of its character."""
    for place, char in enumerate(text):
        if char in _LOOKED_THROUGH or char.isspace():
            continue
        for letter in char if char < "\x80" else unicodedata.normalize("NFKD", char):
            if letter not in _LOOKED_THROUGH and not letter.isspace():
                yield letter, place


def _spelled(name: str) -> str:
    """A pattern for a name, whatever its spaces and apostrophes; “Mr” may have its full stop."""
    words = unicodedata.normalize("NFC", name).split()
    return r"\s+".join(re.sub(r"['’]", "['’]", re.escape(word.rstrip("."))) + r"\.?" for word in words)


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether a name stands alone and is no part of another word."""
    while end > start and not (text[end - 1].isalnum() or unicodedata.category(text[end - 1]).startswith("M")):
        end -= 1
    if _is_close(text[start]) or _is_close(text[end - 1]):
        return True
    before = start - 1
    if before >= 0 and text[before] in _PREFIXES:
        before -= 1
        if before >= 0 and text[before] in _PREFIXES:
            before -= 1
    return not _is_letter(text[before : before + 1] if before >= 0 else "") and not _is_letter(text[end : end + 1])


def _is_letter(char: str) -> bool:
    return bool(char) and unicodedata.category(char)[0] in "LMN"


def _is_close(char: str) -> bool:
    point = ord(char)
    at = bisect_left(_WITHOUT_SPACES, (point + 1,)) - 1
    return at >= 0 and _WITHOUT_SPACES[at][0] <= point <= _WITHOUT_SPACES[at][1]
