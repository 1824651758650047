"""How a story is laid out: its text cleaned, its chapters and pauses found, and the parts it is read in.

Headings of Markdown, “Chapter Two”, 第三回, acts, scene headings of a screenplay and bare numbers begin a chapter;
``* * *`` and its like are a pause inside one. Who appears in a story is not known here (``story.py``).
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from studio_pipeline.prompting.tokens import estimated_tokens

_GUTENBERG_START = re.compile(r"^[^\w\n]{0,20}START OF (?:THE|THIS) PROJECT GUTENBERG.*$", re.IGNORECASE | re.MULTILINE)
_GUTENBERG_END = re.compile(
    r"^[^\w\n]{0,20}(?:END OF (?:THE|THIS) PROJECT GUTENBERG|End of (?:the )?Project Gutenberg).*",
    re.IGNORECASE | re.MULTILINE,
)
_FRONT_MATTER = re.compile(r"\A---\n.{0,4000}?\n---\n", re.DOTALL)
_MARKDOWN = (
    (re.compile(r"<!--.{0,4000}?-->", re.DOTALL), ""),
    (re.compile(r"!\[[^\]\n]{0,300}\]\([^)\n]{0,600}\)"), ""),
    (re.compile(r"\[([^\]\n]{1,300})\]\([^)\n]{0,600}\)"), r"\1"),
    (re.compile(r"(\*\*|__)(?=\S)([^\n]{1,400}?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])[*_](?=[^\s*_])([^*_\n]{1,400}?)(?<=[^\s*_])[*_](?![\w*])"), r"\1"),
    (re.compile(r"^[ \t]{0,3}>[ \t]?", re.MULTILINE), ""),
    (re.compile(r"</?[a-zA-Z][^<>\n]{0,80}>"), ""),
    (re.compile(r"`{1,3}"), ""),
)
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u00ad\u200b\u2060\u2066-\u2069\u202a-\u202e\ufeff]")
_HEADING = re.compile(
    r"#{1,6}\s+(?P<md>.{1,160}?)\s*#*"
    r"|(?P<chapter>(?:chapter|part|book|act|prologue|epilogue|kapitel|chapitre|cap[ií]tulo|capitolo|अध्याय|глава)\b.{0,80})"
    r"|(?P<act>(?:act|scene)\s+(?:[ivxlc]+|\d+|one|two|three|four|five)\b.{0,120})"
    r"|(?P<cjk>第[一二三四五六七八九十百零〇0-9]{1,6}[章回節节].{0,40})"
    r"|(?P<arabic>الفصل\s.{1,60}|فصل\s(?:[\d٠-٩۰-۹]{1,3}|اول|دوم|سوم|چهارم|پنجم)\b.{0,60})"
    r"|(?P<number>[(（]?(?:[\d०-९]{1,3}|[一二三四五六七八九十]{1,3})[)）.、]?)"
    r"|(?P<scene>(?:INT|EXT|INT\./EXT|I/E)[. ].{1,100})"
    r"|(?P<roman>[IVXLC]{1,7}\.?)",
    re.IGNORECASE,
)
_BREAK = re.compile(r"[*#·•~\-–—_=⁂❧◆◇○●☆★. ]{1,40}")
_ENDS = re.compile(r"[.!?…؟。！？।॥۔]+[”’\"'»」』）)]*\s*|\s+")
_FULLEST_SHARE = 1 / 3
"""A part may end with a chapter from this share of its room on, with a pause from twice that on."""
_TITLE_CHARS = 80
_MOST_HEADINGS = 3


@dataclass(frozen=True)
class Chapter:
    """A chapter: its heading (none before the first), and its paragraphs in groups, parted by the pauses."""

    title: str
    groups: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Part:
    """A piece of a story that is read at once: several short chapters, one, or a piece of a long one."""

    title: str
    text: str


def chapters(text: str) -> list[Chapter]:
    """The chapters of ``text``, cleaned. Headings are no paragraphs: nobody narrates “Chapter Two”."""
    found: list[Chapter] = []
    title, groups, paragraphs = "", [], []

    def pause() -> None:
        if paragraphs:
            groups.append(tuple(paragraphs))
            paragraphs.clear()

    def end() -> None:
        pause()
        if title or groups:
            found.append(Chapter(title, tuple(groups)))
            groups.clear()

    blocks = [block for block in re.split(r"\n[ \t]*\n+", _cleaned(text)) if block.strip()]
    if len(blocks) > 1 and _is_title(blocks[0].strip()):
        title = blocks.pop(0).strip().lstrip("#").strip()
    for block in blocks:
        kept: list[str] = []
        for line in block.split("\n"):
            bare = line.strip()
            if not bare:
                continue
            is_heading = _is_heading(bare, opens=not kept)
            is_break = not is_heading and _BREAK.fullmatch(bare) is not None
            if not is_heading and not is_break:
                kept.append(bare)
                continue
            if kept:
                paragraphs.append("\n".join(kept))
                kept = []
            if is_break:
                pause()
                continue
            end()
            heading = _HEADING.fullmatch(bare)
            title = ((heading and heading["md"]) or bare).strip()
        if kept:
            paragraphs.append("\n".join(kept))
    end()
    return found


def parts(text: str, most_tokens: int) -> tuple[Part, ...]:
    """``text`` in as few parts as is sensible, none above ``most_tokens`` as ``estimated_tokens`` counts them.

    A part ends with a chapter where it can, else at a pause, else between paragraphs; a paragraph that is longer than
    a part is cut between sentences.
    """
    pieces = list(_pieces(chapters(text), most_tokens))
    found, start = [], 0
    while start < len(pieces):
        end = _part_end(pieces, start, most_tokens)
        found.append(_part(pieces[start:end]))
        start = end
    return tuple(part for part in found if any(char.isalnum() for char in part.text))


@dataclass(frozen=True)
class _Piece:
    """A paragraph or less. ``opens``: 2 at the beginning of a chapter, 1 after a pause."""

    text: str
    title: str
    opens: int
    tokens: int


def _pieces(found: list[Chapter], most_tokens: int) -> Iterator[_Piece]:
    waiting: list[str] = []  # headings with nothing under them: “Part One”, before “Chapter I”
    for chapter in found:
        waiting.append(chapter.title)
        if not chapter.groups:
            continue
        headings = [title for title in waiting if title]
        if len(headings) > _MOST_HEADINGS:  # those were a table of contents
            headings = headings[-1:]
        waiting.clear()
        shown = " · ".join(headings)[:_TITLE_CHARS]
        opens = 2
        for group in chapter.groups:
            for paragraph in group:
                room = most_tokens - estimated_tokens(f"# {shown}\n\n")
                for text in _cut(paragraph, max(room, 1)):
                    whole = f"# {shown}\n\n{text}" if opens == 2 and shown else text
                    yield _Piece(whole, shown, opens, estimated_tokens(whole) + 1)
                    opens = 0
            opens = 1


def _part_end(pieces: list[_Piece], start: int, most_tokens: int) -> int:
    """Where the part that begins with ``start`` ends."""
    used, end = 0, start
    best = {1: 0, 2: 0}
    while end < len(pieces) and (end == start or used + pieces[end].tokens <= most_tokens):
        opens = pieces[end].opens
        if opens and used >= most_tokens * _FULLEST_SHARE * (3 - opens):
            best[opens] = end
        used += pieces[end].tokens
        end += 1
    if end == len(pieces):
        return end
    if pieces[end].opens == 2:
        return end
    return best[2] or (end if pieces[end].opens else 0) or best[1] or end


def _part(pieces: list[_Piece]) -> Part:
    titles = list(dict.fromkeys(piece.title for piece in pieces if piece.title))
    text = "\n\n".join(piece.text for piece in pieces)
    return Part(" – ".join(titles if len(titles) < 2 else (titles[0], titles[-1])), text)


def _cut(paragraph: str, most_tokens: int) -> Iterator[str]:
    """A paragraph in pieces of at most ``most_tokens``, between sentences or words if there are any."""
    rest = paragraph
    while estimated_tokens(rest) > most_tokens:
        sizes = range(1, min(len(rest), 4 * most_tokens))
        limit = max(1, bisect_right(sizes, most_tokens, key=lambda size: estimated_tokens(rest[:size])))
        ends = list(_ENDS.finditer(rest, limit // 2, limit))
        of_sentences = [match for match in ends if not match.group().isspace()]
        at = (of_sentences or ends)[-1].end() if ends else limit
        while at > 1 and unicodedata.category(rest[at]).startswith("M"):
            at -= 1
        yield rest[:at].strip()
        rest = rest[at:]
    if rest.strip():
        yield rest.strip()


def _cleaned(text: str) -> str:
    """``text`` without licence headers, front matter, markup and invisible characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\f", "\n\n")
    text = _INVISIBLE.sub("", text)
    start = _GUTENBERG_START.search(text[:40_000])
    if start:
        text = text[start.end() :]
    end = _GUTENBERG_END.search(text)
    if end and end.start() > len(text) // 4:
        text = text[: end.start()]
    text = _FRONT_MATTER.sub("", text)
    for rule, replacement in _MARKDOWN:
        text = rule.sub(replacement, text)
    return text


def _is_title(line: str) -> bool:
    """Whether what stands alone above a story is its name: short, on one line, and no sentence."""
    return (
        len(line) <= _TITLE_CHARS
        and any(map(str.isalnum, line))
        and not re.search(r"[\n.!?…。！？।॥؟:：,，;]$|\n", line)
    )


def _is_heading(line: str, *, opens: bool) -> bool:
    """Whether a line is a heading; ``opens``: nothing stands before it in its block."""
    heading = _HEADING.fullmatch(line) if len(line) <= 170 else None
    if heading is None:
        return False
    if not opens or not (heading["md"] or not line[0].islower()):
        return False
    return bool(heading["md"] or heading["act"] or _stands_alone(line))


def _stands_alone(line: str) -> bool:
    """A chapter heading, not a sentence that happens to begin with “Part”."""
    return not line.endswith((",", ";")) and (len(line) < 40 or line.isupper() or not line.endswith((".", "!", "?")))
