"""Opening a file of another editor: which reader it needs, how large it may be, and in which letters it is written."""

from __future__ import annotations

import codecs
from pathlib import Path

from studio_pipeline.editorial.reading.edit import Edit, Margin
from studio_pipeline.editorial.reading.edl import read_edl
from studio_pipeline.editorial.reading.fcp7 import read_fcp7
from studio_pipeline.editorial.reading.fcpxml import read_fcpxml
from studio_pipeline.editorial.reading.otio import read_otio
from studio_pipeline.errors import BadInput
from studio_pipeline.film.rate import Rate
from studio_pipeline.wording import clipped

FORMATS = (".otio", ".xml", ".edl", ".fcpxml")
"""What can be read, by the suffix of the file."""
LARGEST_BYTES = 64 * 1024 * 1024
"""Of a film of 500 clips, the largest file is 3 MB."""


def read_edit(path: Path, rate: Rate, margin: Margin) -> Edit:
    """What the file at ``path`` says.

    Args:
        rate: the film's, for lists that do not say theirs.
        margin: where it is written what is not understood.

    Raises:
        BadInput: the file cannot be opened, or is not what its name says.
    """
    try:
        data = _opened(path)
        if path.suffix.lower() == ".otio":
            return read_otio(_text(data, strict=True), margin)
        if path.suffix.lower() == ".edl":
            return read_edl(_text(data, strict=False), rate, margin)
        head = data[:4096]
        return read_fcpxml(data, margin) if b"<fcpxml" in head else read_fcp7(data, margin)
    except BadInput as wrong:
        raise BadInput(wrong.what, where=wrong.where or clipped(str(path), 160), todo=wrong.todo or _EXPORT) from wrong


_EXPORT = "Export the timeline again as .otio, .xml (Final Cut Pro 7), .fcpxml or .edl."


def _opened(path: Path) -> bytes:
    if path.suffix.lower() not in FORMATS:
        raise BadInput(
            f"A cut comes back as {', '.join(FORMATS[:-1])} or {FORMATS[-1]}, not as “{clipped(path.name, 60)}”"
        )
    try:
        if path.is_dir():
            raise BadInput("This is a folder, not a file", todo="Name the file inside it.")
        if path.stat().st_size > LARGEST_BYTES:
            raise BadInput(f"The file is larger than {LARGEST_BYTES // 1024**2} MB, which no timeline is")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise BadInput("There is no such file", todo="Look at its name and folder.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInput(f"The file cannot be opened: {reason}", todo="Look at its name, folder and rights.") from error
    if not data.strip():
        raise BadInput("The file is empty")
    return data


def _text(data: bytes, *, strict: bool) -> str:
    """``data`` as text: UTF-8, or UTF-16 where it says so; old lists are in the letters of their machines."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    else:
        encoding = "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if strict or encoding == "utf-16":
            raise BadInput("The file is no text, or not in UTF-8") from error
        text = data.decode("cp1252", "replace")
    if "\0" in text:
        raise BadInput("The file is no text")
    return text
