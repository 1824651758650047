"""Where sentences begin and end, in any script; and whether their quotation marks pair up.

A *sentence* here is what can be spoken alone: a quotation that runs over several sentences stays in one piece, a
dialogue tag stays with its speech. Nothing is cut in the middle of a word.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from studio_pipeline.prose.speech import CLOSER_OF, Span, paired, spans

LONGEST_CHARS = 700
"""A sentence longer than this is broken at a semicolon, a comma or, at worst, a space."""

_CLOSERS = "”’\"»」』）)\\]'"
_END = re.compile(
    rf"(?:[.!?…؟]+[{_CLOSERS}*_]*(?=\s|$))|(?:[。！？｡]+[{_CLOSERS}]*)|(?:[।॥]+[{_CLOSERS}]*)|(?:[—–-][”’\"'](?=\s+[A-Z]))"
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(“\"‘])(?:Mr|Mrs|Ms|Mx|Dr|Prof|St|Sr|Jr|Capt|Col|Gen|Lt|Sgt|Rev|Hon|Messrs|Mme|Mlle|vs|etc|e\.g|i\.e|"
    r"No|Vol|Fig|cf|approx|bzw|usw|z\.B|ca|Nr|Hr|Fr|[A-Z])\.$"
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
    """The sentences of one paragraph, in order, each with paired quotation marks.

    A speech or a bracket is not parted, unless it is longer than a voice could say; then each part gets its own marks.
    """
    whole = paired(_SPACES.sub(" ", paragraph).strip())
    found: list[str] = []
    start = 0
    marked = spans(whole)
    for end in [*_ends(whole, marked), len(whole)]:
        if end - start <= LONGEST_CHARS:
            found.append(whole[start:end].strip())
        else:
            found.extend(_broken(whole, start, end, marked))
        start = end
    return [sentence for sentence in map(balanced, found) if sentence]


def _ends(text: str, marked: list[Span]) -> Iterator[int]:
    """Where sentences end outside speeches and brackets."""
    start = order = 0
    for match in _END.finditer(text):
        end = match.end()
        while order < len(marked) and marked[order].end < end:
            order += 1
        if order < len(marked) and marked[order].start < end < marked[order].end:
            continue
        after = text[end : end + 2].lstrip()[:1]
        if match.group()[0] == "." and _ABBREVIATION.search(text[max(start, end - 12) : end]):
            continue
        if after and (after.islower() or after in ",;:—–-)"):  # “Who is there?” she asked.
            continue
        yield end
        start = end


_BREAKS = (
    re.compile(rf"(?:{_END.pattern})(?=\s*[^\s\da-z])"),
    re.compile(r"[;；]"),
    re.compile(r"[,，、،—:：]"),
    re.compile(r"\s"),
)


def _broken(text: str, start: int, end: int, marked: list[Span]) -> Iterator[str]:
    """``text[start:end]`` in pieces no longer than ``LONGEST_CHARS``, parted where it hurts least."""
    while start < end:
        stop = end if end - start <= LONGEST_CHARS else _best_break(text, start)
        yield _marked_again(text, start, stop, marked)
        start = stop


def _best_break(text: str, start: int) -> int:
    for rule in _BREAKS:
        last = [match.end() for match in rule.finditer(text, start, start + LONGEST_CHARS)][-1:]
        if last and last[0] > start + LONGEST_CHARS // 4:
            return last[0]
    return start + LONGEST_CHARS


def _marked_again(text: str, start: int, end: int, marked: list[Span]) -> str:
    """``text[start:end]``, closed where it stops inside a speech and opened where it goes on in one."""
    piece = text[start:end].strip()
    first = bisect_right(marked, start, key=lambda span: span.end)
    for span in marked[first : first + 1]:
        if span.start < start:
            piece = f"{text[span.start]}{' ' if text[span.start] in '—–―-' else ''}{piece}"
    last = bisect_left(marked, end, key=lambda span: span.end)
    for span in marked[last : last + 1]:
        if span.start < end < span.end:
            piece += CLOSER_OF.get(text[span.start], "")[:1]
    return piece


def capitalised(text: str) -> str:
    """``text`` with a capital at its beginning, the rest as it is."""
    return text[:1].upper() + text[1:]
