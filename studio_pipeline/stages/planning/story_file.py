"""From the file a brief points at to its text, or to a sentence that says why that is not possible.

What a file is, its first bytes say, whatever it is called. Which characters the bytes of a plain text mean is decided
in ``encodings.py``; PDF, Word and EPUB are read in ``documents/``.
"""

from __future__ import annotations

from pathlib import Path

from studio_pipeline.errors import BadInput
from studio_pipeline.stages.planning.documents.page import Document, too_long
from studio_pipeline.stages.planning.documents.reading import MOST_BYTES, read_document
from studio_pipeline.stages.planning.encodings import decoded
from studio_pipeline.stages.planning.yaml_file import read_file, shown

_TEXT_TODO = "Save or export it as plain text (UTF-8)."
_REFUSED = (
    (b"\xd0\xcf\x11\xe0", "an old Word document, or one with a password", "Save it as DOCX, without a password."),
    (b"{\\rtf", "a rich text (RTF) file", "Save it as DOCX or plain text."),
    (b"\x89PNG", "a picture", "A story is text."),
    (b"\xff\xd8\xff", "a picture", "A story is text."),
    (b"GIF8", "a picture", "A story is text."),
    (b"\x1f\x8b", "a compressed file", "Unpack it first."),
    (b"7z\xbc\xaf\x27\x1c", "a compressed file", "Unpack it first."),
    (b"Rar!", "a compressed file", "Unpack it first."),
    (b"%!PS", "a PostScript file", "Save it as PDF or plain text."),
)
_PDF_WITHIN = 1024
"""Bytes in which a PDF's mark has to come; some begin with something else (ISO 32000-1, Annex H.3)."""
_MOST_BYTES_PER_CHAR = 4


def read_story(path: Path, *, max_chars: int) -> Document:
    """The text of a story file, line ends as ``\\n``, and notes on what was done to get it.

    Raises:
        BadInput: missing, not a file, too long, binary, empty, protected, damaged, or in an encoding that cannot be
            told from the bytes.
    """
    most_text_bytes = max_chars * _MOST_BYTES_PER_CHAR + 4
    huge = too_long(max_chars)
    data = read_file(path, what="story", most_bytes=max(most_text_bytes, MOST_BYTES), todo_if_huge=huge.todo)
    where = shown(path)
    try:
        kind = _document_kind(data)
        if kind is None and len(data) > most_text_bytes:
            raise huge
        story = read_document(data, kind, most_chars=max_chars) if kind else _plain(data)
    except BadInput as refused:
        raise BadInput(refused.what, where=where, todo=refused.todo) from refused.__cause__
    if not story.text.strip():
        raise BadInput(
            "The story is empty", where=where, todo="Put its text into the file, or give a `concept` instead."
        )
    if len(story.text) > max_chars:
        raise BadInput(f"The story has {len(story.text):,} characters", where=where, todo=huge.todo)
    return story


def _plain(data: bytes) -> Document:
    story = decoded(data)
    return Document(story.text.replace("\r\n", "\n").replace("\r", "\n"), story.notes)


def _document_kind(data: bytes) -> str | None:
    """``pdf``, ``word``, ``epub``, or ``None`` for what may be plain text. Raises ``BadInput`` for what is neither."""
    for magic, kind, todo in _REFUSED:
        if data.startswith(magic):
            raise BadInput(f"The story is {kind}, not a text", todo=todo)
    if data[60:68] in (b"BOOKMOBI", b"TEXtREAd"):
        raise BadInput("The story is a Kindle book (MOBI), not a text", todo="Save it as EPUB or plain text.")
    if b"%PDF-" in data[:_PDF_WITHIN]:
        return "pdf"
    if not data.startswith(b"PK\x03\x04"):
        return None
    if b"application/vnd.oasis.opendocument" in data[:200]:
        raise BadInput("The story is an OpenDocument file, which is not read here", todo="Save it as DOCX.")
    # The names of the entries stand in the directory at the end of a zip, in the clear.
    if b"application/epub+zip" in data[:200] or b"META-INF/container.xml" in data:
        return "epub"
    if b"word/document.xml" in data:
        return "word"
    raise BadInput("The story is a zip file, neither a Word document nor an EPUB", todo=f"Unpack it. {_TEXT_TODO}")
