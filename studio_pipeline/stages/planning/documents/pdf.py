"""PDF files: the text of their pages by pypdf, put together again into paragraphs.

A PDF knows where letters stand, not what is a paragraph. What can be told from the lines is: page numbers and running
heads that stand on most pages are no story, a word parted at a line's end is one word, and a line that stops short
after a full stop ends a paragraph. Pages that are pictures hold no text, and nobody guesses it here.
"""

from __future__ import annotations

import io
import re
from collections import Counter

from studio_pipeline.errors import BadInput
from studio_pipeline.stages.planning.documents.page import Document, Paragraphs, counted, lacks

MOST_PAGES = 5_000
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_NUMBER = re.compile(r"\W*(?:page\s*)?(?:\d{1,5}|[ivxlc]{1,7})(?:\s*(?:/|of)\s*\d{1,5})?\W*", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
_PARTED = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010]$")
_HEADING = re.compile(r"chapter|part|kapitel|chapitre|cap[ií]tulo|अध्याय|глава|第.{1,6}[章回節节]", re.IGNORECASE)
_ENDS = (".", "!", "?", "…", "。", "！", "？", "।", "॥", "؟", "”", "’", '"', "»", "」", "』", ":", "۔")
_FULL_PAGE = 5
"""Lines from which on a page says something about what stands at the edges of pages."""
_SHORT = 0.8
"""A line shorter than this share of a full one stops before the margin."""


def read(data: bytes, most_chars: int) -> Document:
    """The text of all pages.

    Raises:
        BadInput: has a password, damaged, without text (a scan), too long, or pypdf is missing.
    """
    try:
        from pypdf import PdfReader
        from pypdf.errors import DependencyError, PdfReadError
    except ImportError:
        raise lacks("pypdf") from None
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise BadInput("The PDF has a password", todo="Save it without one.")
        count = len(reader.pages)
    except DependencyError:
        raise BadInput(
            "The PDF is encrypted in a way that is not read here", todo="Save it without a password."
        ) from None
    except PdfReadError as error:
        raise BadInput(f"The PDF is damaged: {str(error)[:160]}", todo="Export it again, or save it as text.") from None
    if count > MOST_PAGES:
        raise BadInput(f"The PDF has {count:,} pages, more than {MOST_PAGES:,}", todo="Use an excerpt.")
    pages, chars = [], 0
    for page in reader.pages:
        lines = [" ".join(line.split()) for line in page.extract_text().translate(_LIGATURES).splitlines()]
        pages.append([line for line in lines if line])
        chars += sum(map(len, pages[-1]))
        if chars > most_chars * 2:  # running heads are counted here, and left out below
            break
    return _document(pages, count, most_chars)


def _document(pages: list[list[str]], count: int, most_chars: int) -> Document:
    whole = "".join(line for page in pages for line in page)
    letters = sum(char.isalpha() for char in whole)
    unknown = sum(char == "\ufffd" or "\ue000" <= char <= "\uf8ff" or char < " " for char in whole)
    empty = sum(not page for page in pages)
    if letters < 10 * max(1, count // 10) and not unknown:
        raise BadInput(
            f"The PDF holds no text on its {counted(count, 'page')}: they are pictures, as of a scan",
            todo="Make them text with a program for that (OCR, e.g. OCRmyPDF), then hand in the result.",
        )
    if unknown * 10 > len(whole):
        raise BadInput(
            "The PDF does not say which letters its fonts draw, so its text cannot be read",
            todo="Hand in the text it was made from, or run OCR over it (e.g. OCRmyPDF).",
        )
    bodies, left_out = _without_heads(pages)
    found = Paragraphs(most_chars)
    for paragraph in _paragraphs([line for body in bodies for line in body]):
        found.add(paragraph)
    notes = [f"Read from a PDF of {counted(count, 'page')}; paragraphs were put together by rules, look them over."]
    if left_out:
        notes.append(f"{counted(left_out, 'line')} at the edges of pages (page numbers, running heads) were left out.")
    if empty:
        notes.append(f"{counted(empty, 'page')} of the PDF {'holds' if empty == 1 else 'hold'} no text.")
    return Document(found.text(), tuple(notes))


def _without_heads(pages: list[list[str]]) -> tuple[list[list[str]], int]:
    """Pages without page numbers and what stands at their edges again and again; and how many lines that were."""

    def edge(line: str) -> str:
        return "" if line.endswith(_ENDS) else _DIGITS.sub("#", line)

    met = Counter(edge(line) for page in pages if len(page) >= _FULL_PAGE for line in {*page[:2], *page[-2:]})
    del met[""]
    often = max(3, len(pages) // 4)
    kept, left_out = [], 0
    for page in pages:
        body = list(page)
        for at in (0, -1):
            for _ in range(2):
                if body and len(pages) > 1 and (_NUMBER.fullmatch(body[at]) or met[edge(body[at])] >= often):
                    del body[at]
                    left_out += 1
        kept.append(body)
    return kept, left_out


def _paragraphs(lines: list[str]) -> list[str]:
    """Lines joined into paragraphs."""
    if not lines:
        return []
    full = sorted(map(len, lines))[int(len(lines) * 0.8)]
    found, open_lines = [], [lines[0]]
    for line in lines[1:]:
        before = open_lines[-1]
        ends = before.endswith(_ENDS)
        if (ends and len(before) < full * _SHORT) or _stands_apart(before, full) or _stands_apart(line, full):
            found.append(_joined(open_lines))
            open_lines = []
        open_lines.append(line)
    return [*found, _joined(open_lines)]


def _stands_apart(line: str, full: int) -> bool:
    """A heading: short, in capitals or called a chapter, and without a mark at its end."""
    bare = len(line) < min(60.0, full * 0.6) and not line.endswith((*_ENDS, ",", ";", "-", "，", "、", "،"))
    return bare and (line.isupper() or _HEADING.match(line) is not None)


def _joined(lines: list[str]) -> str:
    text = lines[0]
    for line in lines[1:]:
        if _PARTED.search(text) and line[:1].islower():
            text = text[:-1] + line
        elif _is_wide(text[-1]) and _is_wide(line[0]):
            text += line
        else:
            text += f" {line}"
    return text


def _is_wide(char: str) -> bool:
    """Written without spaces: Han, kana and their marks."""
    return "\u3000" <= char <= "\u9fff" or "\uff00" <= char <= "\uffef"
