"""What the written cuts have in common: how they point at media, and text that any of them can hold.

What does not live here: what a format says, which is its own file's business.
"""

from __future__ import annotations

import ntpath
import os
import re
from collections.abc import Callable
from pathlib import Path, PurePath, PureWindowsPath
from typing import TypeAlias
from urllib.parse import quote
from xml.etree import ElementTree as ET

from studio_pipeline.errors import BadInput
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.wording import clipped, plain

Resolve: TypeAlias = Callable[[MediaRef], PurePath]
"""Says where a media lies: an absolute path, of this machine or (``PureWindowsPath``) of another."""


def relative(media: PurePath, folder: PurePath) -> str | None:
    """The way from ``folder`` to ``media`` with forward slashes, so that both can move together.

    ``None`` where no way leads: another drive, another machine's kind of path.
    """
    if isinstance(media, PureWindowsPath) != isinstance(folder, PureWindowsPath):
        return None
    try:
        if isinstance(media, PureWindowsPath):
            way = ntpath.relpath(str(media), str(folder))
            return None if ntpath.isabs(way) else PureWindowsPath(way).as_posix()
        return Path(os.path.relpath(_absolute(media), _absolute(folder))).as_posix()
    except ValueError:
        return None


def linked(media: PurePath, folder: PurePath) -> str:
    """The URL of ``media`` as seen from ``folder``: relative where that is possible."""
    way = relative(media, folder)
    # A name of a disk is bytes; those that are no UTF-8 come to us as surrogates.
    return quote(way.encode("utf-8", "surrogateescape")) if way is not None else file_url(media)


def file_url(media: PurePath) -> str:
    """The ``file:`` URL of ``media``: of a drive (``file:///C:/…``), of a share (``file://server/share/…``)."""
    return _absolute(media).as_uri()


def local_url(media: PurePath) -> str:
    """``file_url`` as Final Cut Pro 7 wrote it and Premiere reads it: the machine is named ``localhost``, a drive is
    ``C%3a``, and a share is a path that begins with two slashes."""
    url = file_url(media).removeprefix("file://")
    if media.drive.endswith(":"):
        url = url.replace(":", "%3a", 1)
    return f"file://localhost{url}" if url.startswith("/") else f"file://localhost//{url}"


def path_in_xml(media: PurePath, folder: PurePath) -> str:
    """The way from ``folder`` to ``media``, or the whole path where none leads, as it stands in an XML text.

    Raises:
        BadInput: there is something in it that XML cannot write.
    """
    way = relative(media, folder) or str(media)
    if unwritable := _NOT_IN_XML.search(way):
        raise BadInput(
            f"The path of a media has the character {unwritable[0]!a} in it, which this format cannot write",
            where=clipped(way),
            todo="Use another format, or give the folder another name.",
        )
    return way


def one_line(text: str, longest: int | None = None) -> str:
    """``text`` as one line without control characters, and without what no file can hold (lone surrogates)."""
    line = " ".join(plain(text).translate(_NOT_CHARACTERS).split())
    return line if longest is None else line[:longest].rstrip()


def xml_document(root: ET.Element, doctype: str) -> bytes:
    """``root`` as an indented UTF-8 document.

    Texts must have gone through ``one_line``: XML has no way at all to write most control characters.
    """
    ET.indent(root, "  ")
    head = '<?xml version="1.0" encoding="UTF-8"?>\n' + (f"{doctype}\n" if doctype else "")
    return (head + ET.tostring(root, encoding="unicode") + "\n").encode()


def _absolute(path: PurePath) -> PurePath:
    return path.absolute() if isinstance(path, Path) else path


_NOT_IN_XML = re.compile("[\x00-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_CHARACTERS = {0xFFFE: None, 0xFFFF: None}
"""The two code points of the basic plane that XML 1.0 forbids besides controls and surrogates."""
