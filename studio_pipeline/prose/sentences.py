"""Where sentences begin and end, in any script; and whether their quotation marks pair up.

A *sentence* here is what can be spoken alone: a quotation that runs over several sentences stays in one piece, a
dialogue tag stays with its speech. Nothing is cut in the middle of a word.
"""

from __future__ import annotations

import re

LONGEST_CHARS = 420
"""A sentence longer than this is broken at a semicolon, a comma or, at worst, a space."""

_CLOSERS = '”’"»」』）)\\]'
_END = re.compile(rf"(?:[.!?…؟]+[{_CLOSERS}*_]*(?=\s|$))|(?:[。！？｡]+[{_CLOSERS}]*)|(?:[।॥]+[{_CLOSERS}]*)")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(“\"‘])(?:Mr|Mrs|Ms|Mx|Dr|Prof|St|Sr|Jr|Capt|Col|Gen|Lt|Sgt|Rev|Hon|Messrs|Mme|Mlle|vs|etc|e\.g|"
    r"i\.e|No|"
    r"Vol|Fig|cf|approx|bzw|usw|z\.B|ca|Nr|Hr|Fr|[A-Z])\.$"
)
_PAIRS = {"“": "”", "«": "»", "「": "」", "『": "』", "‹": "›"}
_STRAY = re.compile(r"[“”«»「」『』„\"]")
_SPACES = re.compile(r"\s+")


def open_quotes(text: str) -> int:
    """How many quotations ``text`` opens and does not close (or closes without opening)."""
    stack: list[str] = []
    stray = 0
    for char in text:
        if stack and char == stack[-1]:
            stack.pop()
        elif char in _PAIRS:
            stack.append(_PAIRS[char])
        elif char == "„":
            stack.append("“")
        elif char == '"':
            stack.append('"')
        elif char in "”»」』":
            if stack and stack[-1] == "“" and char == "”":  # „so“ and „so” are both written
                stack.pop()
            else:
                stray += 1
    return len(stack) + stray


def balanced(text: str) -> str:
    """``text`` with quotation marks that have no partner taken out."""
    return text if open_quotes(text) == 0 else _SPACES.sub(" ", _STRAY.sub("", text)).strip()


def sentences(paragraph: str) -> list[str]:
    """The sentences of one paragraph, in order, each with paired quotation marks."""
    whole = _SPACES.sub(" ", paragraph).strip()
    found: list[str] = []
    held: list[str] = []
    held_chars = 0
    for piece in _pieces(whole):
        held.append(piece)
        held_chars += len(piece)
        joined = _joined(held) if held_chars < 4 * LONGEST_CHARS else ""
        if joined and (open_quotes(joined) == 0 or held_chars > LONGEST_CHARS):
            found.extend([joined] if open_quotes(joined) == 0 else [balanced(part) for part in held])
            held, held_chars = [], 0
        elif not joined:
            found.extend(balanced(part) for part in held)
            held, held_chars = [], 0
    found.extend([balanced(part) for part in held])
    return [short for sentence in found for short in _broken(sentence) if short]


def _joined(pieces: list[str]) -> str:
    spaced = not re.search(r"[。！？]", pieces[0])
    return (" " if spaced else "").join(pieces)


def _pieces(text: str) -> list[str]:
    pieces, start = [], 0
    for match in _END.finditer(text):
        end = match.end()
        after = text[end : end + 2].lstrip()[:1]
        if match.group()[0] == "." and _ABBREVIATION.search(text[max(start, end - 12) : end]):
            continue
        if after and (after.islower() or after in ",;:—–-"):  # “Who is there?” she asked.
            continue
        pieces.append(text[start:end].strip())
        start = end
    pieces.append(text[start:].strip())
    return [piece for piece in pieces if piece]


_BREAKS = (re.compile(r"(?<=[;；])\s*"), re.compile(r"(?<=[,，、،—:：])\s*"), re.compile(r"\s+"))


def _broken(sentence: str) -> list[str]:
    """``sentence`` whole, or in pieces of at most ``LONGEST_CHARS`` when it is longer than any voice could say."""
    if len(sentence) <= LONGEST_CHARS:
        return [sentence]
    for rule in _BREAKS:
        parts = [part for part in rule.split(sentence) if part.strip()]
        if len(parts) > 1:
            return [balanced(p) for packed in _packed(parts) for p in _broken_again(packed)]
    return [sentence[at : at + LONGEST_CHARS] for at in range(0, len(sentence), LONGEST_CHARS)]


def _broken_again(packed: str) -> list[str]:
    if len(packed) <= LONGEST_CHARS:
        return [packed]
    parts = packed.split()
    if len(parts) > 1 and max(map(len, parts)) <= LONGEST_CHARS:
        return _packed(parts)
    return [packed[at : at + LONGEST_CHARS] for at in range(0, len(packed), LONGEST_CHARS)]


def _packed(parts: list[str]) -> list[str]:
    """Neighbouring parts put together up to the longest length."""
    packed: list[str] = []
    line: list[str] = []
    chars = 0
    for part in parts:
        if line and chars + len(part) + 1 > LONGEST_CHARS:
            packed.append(" ".join(line))
            line, chars = [], 0
        line.append(part.strip())
        chars += len(part) + 1
    return [*packed, " ".join(line)]
