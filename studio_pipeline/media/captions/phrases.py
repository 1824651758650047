"""Where a line of text may break: the smallest pieces that stay whole, in any script.

Knows about spaces, Chinese and Japanese (which break between characters, but not before a full stop), combining
marks (Devanagari, Arabic) and tokens longer than a line. Does not know about time or captions (``cues.py``).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import pairwise

_LONGEST_COLUMNS = 42

# What no line begins and ends with: the rules of Japanese typesetting (kinsoku, JIS X 4051; W3C "Requirements for
# Japanese Text Layout", 3.1.7 and 3.1.8), and the same signs in Chinese (W3C "Requirements for Chinese Text Layout").
NOT_FIRST = frozenset(
    "、。，．・：；！？!?,.:;…‥·‧｡､･ー–—-~〜゠％%）)］]｝}〉》」』】〕〗〙〟”’»›؟،؛۔।॥"  # punctuation that closes
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ"  # small kana
    "々〻ゝゞヽヾﾞﾟ"  # marks of repetition
)
NOT_LAST = frozenset("（(［[｛{〈《「『【〔〖〘〝“‘«‹￥＄№")
CLOSERS = frozenset("\"'”’»›)]}）］｝〉》」』】〕〗〙〟*_")
_SENTENCE_ENDS = frozenset(".!?…。！？．؟۔।॥‽")
_CLAUSE_ENDS = frozenset(",;:—–、，；：،؛")
_ABBREVIATIONS = ("mr.", "mrs.", "ms.", "dr.", "st.", "prof.", "capt.", "lt.", "hr.", "fr.", "sr.", "sra.", "m.", "डॉ.")


@dataclass(frozen=True)
class Atom:
    """An unbreakable piece; ``spaced`` says whether a space stands before it. ``start`` counts characters."""

    text: str
    spaced: bool
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def plain(text: str) -> str:
    """``text`` on one line: every run of white space is one space, control characters are gone."""
    spaced = " ".join(text.split())
    return " ".join("".join(c for c in spaced if unicodedata.category(c) not in ("Cc", "Cs")).split())


def columns(text: str) -> int:
    """Width in columns. Combining marks count too, so that a line is never longer than it has characters."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def atoms(text: str, longest: int = _LONGEST_COLUMNS) -> tuple[Atom, ...]:
    """The pieces of ``plain(text)``, none wider than ``longest`` columns; joined, with a space before each spaced one,
    they are that text again."""
    found: list[Atom] = []
    at = 0
    for token in plain(text).split():
        spaced = at > 0
        for piece in _pieces(token, longest):
            found.append(Atom(piece, spaced, at + spaced))
            at += len(piece) + spaced
            spaced = False
    return tuple(found)


def joined(pieces: tuple[Atom, ...] | list[Atom]) -> str:
    """The text of ``pieces``, without a space before the first."""
    return "".join((" " if piece.spaced and k else "") + piece.text for k, piece in enumerate(pieces))


def break_after(text: str) -> str:
    """What ends where ``text`` ends: ``sentence``, ``clause`` or ``word``."""
    bare = text.rstrip("".join(CLOSERS)) or text
    if bare[-1:] in _SENTENCE_ENDS:
        return "word" if bare == text and text.lower() in _ABBREVIATIONS else "sentence"
    return "clause" if bare[-1:] in _CLAUSE_ENDS or bare != text else "word"


def unspaced(character: str) -> bool:
    """Whether ``character`` belongs to a script that is written without spaces (Han, kana, their punctuation)."""
    point = ord(character)
    return (
        0x2E80 <= point <= 0x30FF
        or 0x31F0 <= point <= 0x31FF
        or 0x3400 <= point <= 0x9FFF
        or 0xF900 <= point <= 0xFAFF
        or 0xFF00 <= point <= 0xFF9F
        or 0x20000 <= point <= 0x3FFFF
    )


def _pieces(token: str, longest: int) -> list[str]:
    pieces = [token[0]]
    for before, after in pairwise(token):
        if _may_break(before, after):
            pieces.append(after)
        else:
            pieces[-1] += after
    return [part for piece in pieces for part in _cut_to_lines(piece, longest)]


def _may_break(before: str, after: str) -> bool:
    return (
        (unspaced(before) or unspaced(after))
        and after not in NOT_FIRST
        and before not in NOT_LAST
        and not _continues(before, after)
    )


def _continues(before: str, after: str) -> bool:
    """Whether the two characters make one letter: marks, joiners, a consonant after a virama."""
    return (
        unicodedata.category(after) in ("Mn", "Mc", "Me", "Cf", "Sk")
        or before == "\u200d"
        or unicodedata.combining(before) == 9
    )


def _cut_to_lines(piece: str, longest: int) -> list[str]:
    """``piece`` in parts no wider than ``longest`` columns, cut between letters wherever there are any."""
    parts = []
    while columns(piece) > longest:
        cut = len(piece)
        while columns(piece[:cut]) > longest:
            cut -= 1
        whole = cut
        while whole > 1 and _continues(piece[whole - 1], piece[whole]):
            whole -= 1
        cut = whole if whole > 1 else cut
        parts.append(piece[:cut])
        piece = piece[cut:]
    return [*parts, piece]
