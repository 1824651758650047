"""From the file a brief points at to its text, or to a sentence that says why that is not possible."""

from __future__ import annotations

import codecs
import unicodedata
from pathlib import Path

from studio_pipeline.errors import BadInput
from studio_pipeline.stages.planning.yaml_file import read_file, shown

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DOCUMENTS = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a Word, OpenDocument, EPUB or zip file"),
    (b"\xd0\xcf\x11\xe0", "an old Word document"),
    (b"{\\rtf", "a rich text (RTF) file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x1f\x8b", "a compressed file"),
)
_MOST_BYTES_PER_CHAR = 4


def read_story(path: Path, *, max_chars: int) -> str:
    """The text of a story file, line ends as ``\\n``.

    Raises:
        BadInput: missing, not a file, too long, binary, empty, or in an encoding that cannot be told from the bytes.
    """
    huge = f"Use an excerpt, or raise MAX_STORY_CHARS (now {max_chars:,} characters)."
    data = read_file(path, what="story", most_bytes=max_chars * _MOST_BYTES_PER_CHAR + 4, todo_if_huge=huge)
    where = shown(path)
    text = _decoded(data, where).replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise BadInput(
            "The story is empty", where=where, todo="Put its text into the file, or give a `concept` instead."
        )
    if len(text) > max_chars:
        raise BadInput(f"The story has {len(text):,} characters", where=where, todo=huge)
    return text


def _decoded(data: bytes, where: str) -> str:
    for magic, kind in _DOCUMENTS:
        if data.startswith(magic):
            raise BadInput(
                f"The story is {kind}, not plain text", where=where, todo="Save or export it as plain text (UTF-8)."
            )
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise BadInput(
                f"The story begins like {encoding.upper()} but is damaged at byte {error.start}", where=where
            ) from None
        likely = _likely_encoding(data)
        if not likely:
            raise BadInput("The story is not text", where=where, todo="Name a plain text file (UTF-8).") from None
        raise BadInput(
            f"The story is not UTF-8 (byte {error.start}); it looks like {likely}",
            where=where,
            todo=f"Convert it: iconv -f {likely} -t UTF-8 OLD.txt > NEW.txt",
        ) from None
    if "\0" in text:
        wide = _wide_without_bom(data)
        if wide:
            raise BadInput(
                f"The story looks like {wide} without a byte order mark",
                where=where,
                todo=f"Convert it: iconv -f {wide} -t UTF-8 OLD.txt > NEW.txt",
            )
        raise BadInput("The story is not text: it holds NUL bytes", where=where, todo="Name a plain text file (UTF-8).")
    return text


def _wide_without_bom(data: bytes) -> str:
    sample = data[:4000]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > len(sample) // 5 and even < odd // 4:
        return "UTF-16LE"
    return "UTF-16BE" if even > len(sample) // 5 and odd < even // 4 else ""


def _likely_encoding(data: bytes) -> str:
    """The encoding of text that is not UTF-8, by what its bytes decode to; ``""`` when they look like no text."""
    if b"\0" in data:
        return _wide_without_bom(data)
    sample = data[:20_000]
    controls = sum(byte < 9 or 13 < byte < 32 for byte in sample)
    if controls > len(sample) // 50:
        return ""
    high = [byte for byte in sample if byte >= 0x80]
    if len(high) * 4 < len(sample):
        return "WINDOWS-1252"
    for name, codec, block in (
        ("SHIFT_JIS", "cp932", "HIRAGANA"),
        ("GB18030", "gb18030", "CJK"),
        ("EUC-KR", "cp949", "HANGUL"),
    ):
        text = sample.decode(codec, errors="ignore")
        letters = [char for char in text if char.isalpha() and char > "\x7f"]
        if letters and sum(unicodedata.name(char, "").startswith(block) for char in letters) > 0.25 * len(letters):
            if name == "GB18030" and sum(byte >= 0xC0 for byte in high) > 0.93 * len(high):
                continue
            return name
    return "WINDOWS-1251"
