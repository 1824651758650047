"""Direct speech and brackets in a paragraph: where they begin and end, in the marks of many languages.

Single quotes are told from apostrophes here. What a sentence is, is in ``sentences.py``; what the narrator may say of
a speech is the screenwriter's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

CLOSER_OF = {
    "“": "”", "”": "”", "„": "“”", "«": "»", "»": "«", "「": "」", "『": "』", "‹": "›", '"': '"', "‘": "’", "'": "'’",
    "(": ")", "（": "）", "[": "]",
}  # fmt: skip
_BRACKETS = "(（["
_SINGLE = "'’‘"
_MARK = re.compile(r"[“”„«»「」『』‹›\"'‘’()（）\[\]]")
_ELIDED = re.compile(
    r"['’‘](?:tis|twas|twere|twill|tisn|twasn|em|till?|cause|bout|neath|gainst|mid|un|d|s|\d\ds?)\b", re.I
)
_DASHED = re.compile(r"\s*[—–―]\s?\w|\s*-\s\S")
_ENDING = tuple(".,!?…;:—-–。！？")
_MOST_DOUBTS = 8
"""How many marks without a partner one paragraph is searched for; more is no prose."""


@dataclass(frozen=True)
class Span:
    """``text[start:end]`` is one speech or one bracket, its marks included."""

    start: int
    end: int
    bracket: bool = False


def spans(paragraph: str) -> list[Span]:
    """Speeches and brackets, outermost only, in order.

    A speech that is never closed runs to the end of the paragraph (the next paragraph goes on with it), one that is
    closed and never opened began before it. A bracket without its partner is no bracket.
    """
    if _DASHED.match(paragraph):
        return [Span(0, len(paragraph))]
    marks = [(match.start(), match.group()) for match in _MARK.finditer(paragraph)]
    found: list[Span] = []
    at = doubts = 0
    while at < len(marks):
        place, mark = marks[at]
        if mark in CLOSER_OF and _opens(paragraph, place, mark):
            end = _end_of(paragraph, marks, at) if doubts < _MOST_DOUBTS or mark not in "'([（" else at
            stray = mark in _BRACKETS or (mark in _SINGLE and place > 0 and not found)
            if end is None and not stray:
                return [*found, Span(place, len(paragraph))]
            if end is None or end == at:  # an apostrophe, or a bracket without its partner
                doubts += 1
            else:
                after = marks[end][0] if marks[end][1] == mark == "“" else marks[end][0] + 1
                found.append(Span(place, after, mark in _BRACKETS))
                at = end if after == marks[end][0] else end + 1
                continue
        elif not found and mark in "”’'»」』" and paragraph[place - 1 : place] in _ENDING:
            found.append(Span(0, place + 1))
        at += 1
    return found


def _end_of(text: str, marks: list[tuple[int, str]], opened: int) -> int | None:
    """Which mark ends what the mark ``opened`` begins; a second “ ends it too, since one before was never closed."""
    opener, depth = marks[opened][1], 1
    for at in range(opened + 1, len(marks)):
        place, mark = marks[at]
        if mark == opener and mark in _BRACKETS:
            depth += 1
        elif mark == opener == "“":
            return at
        elif mark in CLOSER_OF[opener] and _closes(text, place, mark) and not _possessive(text, marks, at):
            depth -= 1
            if not depth:
                return at
    return None


def _opens(text: str, at: int, mark: str) -> bool:
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if mark not in _SINGLE and mark != '"':
        return mark not in "»”" or (not before.strip() and bool(after.strip()))
    if mark == "’" or not after.strip() or before.isalnum():
        return False
    return mark == '"' or not _ELIDED.match(text, at)


def _closes(text: str, at: int, mark: str) -> bool:
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if mark == '"':
        return bool(before.strip()) or not after.strip()
    if mark in _SINGLE:
        return bool(before.strip()) and not after.isalnum()
    return True


def _possessive(text: str, marks: list[tuple[int, str]], at: int) -> bool:
    """“The boys' hats” inside a single-quoted speech: after an s, before a word, and a real end comes later."""
    place, mark = marks[at]
    if mark not in _SINGLE or text[place - 1 : place] != "s" or not text[place + 1 : place + 3].strip().isalpha():
        return False
    for later, other in marks[at + 1 : at + 12]:
        if other in _SINGLE and not (text[later - 1 : later].isalnum() and text[later + 1 : later + 2].isalnum()):
            return not text[later - 1 : later].isspace()
    return False


def paired(paragraph: str) -> str:
    """``paragraph`` with the marks that a speech over several paragraphs leaves out."""
    if _DASHED.match(paragraph):
        return paragraph
    parts: list[str] = []
    at = 0
    for span in spans(paragraph):
        said = paragraph[span.start : span.end]
        if span.bracket:
            continue
        parts.append(paragraph[at : span.start])
        at = span.end
        if said[0] not in CLOSER_OF:
            parts.append(next(mark for mark, closers in CLOSER_OF.items() if said[-1] in closers) + said)
        elif len(said) == 1 or said[-1] not in CLOSER_OF[said[0]]:
            parts.append(f"{said.rstrip()}{CLOSER_OF[said[0]][0]} ")
        else:
            parts.append(said)
    return "".join([*parts, paragraph[at:]]).rstrip()


def told(text: str) -> str:
    """``text`` without its speeches and brackets: what the narrator says himself."""
    return "".join(_outside(text, spans(text)))


def _outside(text: str, marked: list[Span]) -> Iterator[str]:
    at = 0
    for span in marked:
        yield text[at : span.start]
        yield " "
        at = span.end
    yield text[at:]
