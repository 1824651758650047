"""Which characters the bytes of a plain text mean.

UTF-8 is taken at its word. Anything else is a guess, made by charset-normalizer among the encodings that stories were
really saved in; the guess is told with the first words it makes, so that a person sees when it is wrong.
"""

from __future__ import annotations

import codecs
import unicodedata

import charset_normalizer

from studio_pipeline.errors import BadInput
from studio_pipeline.stages.planning.documents.page import Document
from studio_pipeline.wording import clipped

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GUESSED = (
    "cp1252", "cp1250", "cp1251", "koi8_r", "cp866", "gb18030", "big5", "cp932", "euc_jp", "cp949", "cp1256", "cp1253",
    "cp1255", "cp1254", "cp1257", "cp874", "cp1258", "iso8859_2", "cp850", "mac_roman",
)  # fmt: skip
_NAMES = {
    "cp1250": "windows-1250 (Central European)", "cp1251": "windows-1251 (Cyrillic)",
    "cp1252": "windows-1252 (Western)",
    "cp1253": "windows-1253 (Greek)", "cp1254": "windows-1254 (Turkish)", "cp1255": "windows-1255 (Hebrew)",
    "cp1256": "windows-1256 (Arabic)", "cp1257": "windows-1257 (Baltic)", "cp1258": "windows-1258 (Vietnamese)",
    "cp866": "IBM 866 (Cyrillic)", "cp874": "windows-874 (Thai)", "cp932": "Shift-JIS (Japanese)",
    "cp949": "EUC-KR (Korean)", "big5": "Big5 (Chinese)", "euc_jp": "EUC-JP (Japanese)", "gb18030": "GB18030 (Chinese)",
    "iso2022_jp": "ISO-2022-JP (Japanese)", "iso8859_2": "ISO-8859-2 (Central European)", "koi8_r": "KOI8-R (Cyrillic)",
    "cp850": "IBM 850 (Western)", "mac_roman": "Mac Roman", "utf-16-le": "UTF-16LE", "utf-16-be": "UTF-16BE",
}  # fmt: skip
_SAMPLE_BYTES = 60_000
_SHOWN_CHARS = 60
_FEW = 20
"""Bytes beyond ASCII that are too few to tell more than what is most common."""
_ODD_CATEGORIES = frozenset(("Cc", "Sc", "Sk", "Sm", "So", "Po", "No"))
"""What does not stand between two letters of a word that was read rightly."""


def decoded(data: bytes) -> Document:
    """The text of ``data``, and a note when its encoding was guessed.

    Raises:
        BadInput: for what is no text, and for text that no encoding makes sense of.
    """
    named = next((name for bom, name in _BOMS if data.startswith(bom)), None)
    if named is not None:
        try:
            return Document(_text(data.decode(named)))
        except UnicodeDecodeError as error:
            raise BadInput(
                f"The story begins like {named.upper()} but is damaged at byte {error.start}", todo="Save it again."
            ) from None
    if b"\0" in data:
        return _guessed(data, _wide(data))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _guessed(data, _likely(data), at=error.start)
    if b"\x1b$B" in data:
        return _guessed(data, "iso2022_jp")
    return Document(_text(text))


def _guessed(data: bytes, encoding: str | None, *, at: int = 0) -> Document:
    if encoding is not None:
        try:
            text = _text(data.decode(encoding))
        except UnicodeDecodeError:
            pass
        else:
            first = next((at for at, char in enumerate(text) if char > "\x7f"), 0)
            start = text.rfind(" ", 0, max(0, first - _SHOWN_CHARS // 3)) + 1
            words = clipped(" ".join(text[start : start + 4 * _SHOWN_CHARS].split()), _SHOWN_CHARS)
            return Document(text, (f"The story is not UTF-8; it was read as {_NAMES[encoding]}: “{words}”",))
    raise BadInput(
        f"The story is not UTF-8 (byte {at}), nor any other text that can be told from its bytes",
        todo="If it is a text, save it as UTF-8.",
    )


def _text(text: str) -> str:
    """``text``, unless it is none. Raises ``BadInput``."""
    controls = sum(char < " " and char not in "\t\n\r\f\v\x1b" for char in text[:_SAMPLE_BYTES])
    if "\0" in text or controls * 50 > min(len(text), _SAMPLE_BYTES):
        raise BadInput("The story is not text: it holds control characters", todo="Name a text file.")
    return text


def _wide(data: bytes) -> str | None:
    """UTF-16 without a byte order mark, by where its zeros stand."""
    sample = data[:4000]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > len(sample) // 5 and even < odd // 4:
        return "utf-16-le"
    return "utf-16-be" if even > len(sample) // 5 and odd < even // 4 else None


def _likely(data: bytes) -> str | None:
    """The encoding that makes the most sense of ``data``; ``None`` when it looks like no text."""
    controls = sum(byte < 9 or 13 < byte < 32 for byte in data[:_SAMPLE_BYTES])
    if controls * 50 > min(len(data), _SAMPLE_BYTES):
        return None
    sample = _about_the_first_letters(data)
    if sum(byte >= 0x80 for byte in sample) <= _FEW and _odd(sample, "cp1252") == 0:
        return "cp1252"
    found = charset_normalizer.from_bytes(sample, cp_isolation=list(_GUESSED), threshold=0.2)
    likely = list(dict.fromkeys(name for match in found for name in match.could_be_from_charset))
    if found and "cp1252" in found[0].could_be_from_charset:  # the commonest name of the same reading
        likely.insert(0, "cp1252")
    return min(likely, key=lambda name: _odd(sample, name), default=None)


def _odd(sample: bytes, encoding: str) -> int:
    """How many characters stand inside words that do not belong there, if ``sample`` is read so."""
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return len(sample)
    return sum(
        "\x7f" < here < "\u3000"
        and unicodedata.category(here) in _ODD_CATEGORIES
        and before.isalpha()
        and after.isalpha()
        for before, here, after in zip(text, text[1:], text[2:], strict=False)
    )


def _about_the_first_letters(data: bytes) -> bytes:
    """A sample from shortly before the first byte that is not ASCII, cut at line ends, where no letter is cut."""
    first = next(at for at, byte in enumerate(data) if byte >= 0x80)
    start = data.rfind(b"\n", 0, max(0, first - 200)) + 1
    end = data.rfind(b"\n", first, start + _SAMPLE_BYTES) if start + _SAMPLE_BYTES < len(data) else len(data)
    return data[start : end if end > first else len(data)]
