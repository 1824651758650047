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

from studio_pipeline.prose.sentences import capitalised

_LOOKED_THROUGH = frozenset("\"'“”„‟«»‹›「」『』‘’‚‛`´′″<>-‐‑‒–—―−_*#\u0640\u200c\u200d\u00ad\ufeff")
"""Quotation marks, dashes, marks of Markdown, the Arabic stroke that lengthens a word, joiners."""
_OPENERS = "“„«‹「『"
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
        whole = "".join(letter for letter, _ in _taken_apart(quote))
        if not any(char.isalnum() for char in whole):
            return None
        wanted = next((form for form in (whole, whole.strip(".…")) if form in self._letters), None)
        if wanted is None:
            return None
        first = self._letters.find(wanted)
        start, end = self._places[first], self._places[first + len(wanted) - 1] + 1
        if start and self._text[start - 1] in _OPENERS:
            start -= 1
        while end < len(self._text) and unicodedata.category(self._text[end]) in ("Mn", "Mc", "Me"):
            end += 1
        return " ".join(self._text[start:end].split())

    def mentions(self, names: Iterable[str]) -> int:
        """How often the text says one of ``names``: as they are written, or in another case when that is never."""
        return len(self._named(names))

    def spelling(self, name: str) -> str | None:
        """``name`` with the capitals that the text gives it; ``None`` when it is nowhere in the text."""
        found = self._named([name])
        if not found:
            return None
        return name if _bare(name) in map(_bare, found) else capitalised(found[0])

    def _named(self, names: Iterable[str]) -> list[str]:
        patterns = [_spelled(name) for name in sorted(names, key=len, reverse=True) if any(map(str.isalnum, name))]
        if not patterns:
            return []
        pattern = "|".join(patterns)
        return self._matches(re.compile(pattern)) or self._matches(re.compile(pattern, re.IGNORECASE))

    def _matches(self, pattern: re.Pattern[str]) -> list[str]:
        text = self._composed
        whole = (match.group() for match in pattern.finditer(text) if _is_whole(text, match.start(), match.end()))
        return [" ".join(match.split()) for match in whole]

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


def _bare(name: str) -> str:
    return unicodedata.normalize("NFC", name).replace(".", "").replace("’", "'")


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
    words = [
        re.sub(r"['’]", "['’]", re.escape(word.rstrip("."))) for word in unicodedata.normalize("NFC", name).split()
    ]
    return r"\.?\s+".join(words)


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
