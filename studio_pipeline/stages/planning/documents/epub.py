"""EPUB books: the chapters of the spine, in order.

An EPUB is a zip of XHTML, so lxml is all it takes (python-docx brings it); EbookLib, the library for it, is under the
AGPL. No entity is expanded, no document type loaded, nothing fetched. The parts of the format that count are from
https://www.w3.org/TR/epub-33/ (2026-11): ``container.xml`` names the package document, its spine the reading order.
"""

from __future__ import annotations

import html.entities
import posixpath
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any
from urllib.parse import unquote

from studio_pipeline.errors import BadInput
from studio_pipeline.prose.languages import word_set
from studio_pipeline.stages.planning.documents.package import Package, damaged
from studio_pipeline.stages.planning.documents.page import BREAK, Document, Paragraphs, counted, lacks

MOST_CHAPTERS = 5_000
_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_FONT_MANGLING = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
"""Ways to scramble a font; a book whose text is in the clear may have them."""
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)
_NAMED = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,31});")
_OF_XML = (b"amp", b"lt", b"gt", b"quot", b"apos")
_HEADINGS = word_set("h1 h2 h3 h4 h5 h6")
_BLOCKS = _HEADINGS | word_set(
    """
    p div section article body blockquote li ul ol dl dt dd tr table figure figcaption header footer main pre br
    """
)
_SILENT = word_set("head script style nav rt rp svg math template audio video iframe object")
"""Nobody reads these aloud; ``rt`` says how a Japanese word is read, beside the word."""
_ASIDE = ("footnote", "endnote", "rearnote", "noteref", "pagebreak", "toc", "backlink")
_TYPE = "{http://www.idpf.org/2007/ops}type"


def read(data: bytes, most_chars: int) -> Document:
    """The text of the book.

    Raises:
        BadInput: damaged, copy-protected, too large, or lxml is missing.
    """
    package = Package(data)
    root = _parsed(package.read(_CONTAINER))
    paths = [_path("", node.get("full-path") or "") for node in _named(root, "rootfile")]
    if not paths:
        raise damaged("its container names no book")
    chapters = _spine(package, paths[0])
    _refuse_locked(package, chapters)
    found, left_out = Paragraphs(most_chars), 0
    for path in chapters:
        if path in package.names:
            _gather(_parsed(package.read(path)), found)
        else:
            left_out += 1
    notes = [f"Read from an EPUB of {counted(len(chapters), 'part')}: without its table of contents and footnotes."]
    if left_out:
        notes.append(f"{counted(left_out, 'part')} of the book {'is' if left_out == 1 else 'are'} missing in the file.")
    return Document(found.text(), tuple(notes))


def _spine(package: Package, path: str) -> list[str]:
    """Paths of the chapters, in reading order."""
    root = _parsed(package.read(path))
    items = {node.get("id"): node for node in _named(root, "item")}
    chapters = []
    for ref in _named(root, "itemref"):
        item = items.get(ref.get("idref"))
        if item is None or ref.get("linear") == "no" or "nav" in (item.get("properties") or "").split():
            continue
        if (item.get("media-type") or "") in ("application/xhtml+xml", "text/html", "application/x-dtbook+xml"):
            chapters.append(_path(posixpath.dirname(path), item.get("href") or ""))
    if not chapters:
        raise damaged("its spine names no chapter")
    if len(chapters) > MOST_CHAPTERS:
        raise BadInput(f"The book has {len(chapters):,} parts, more than {MOST_CHAPTERS:,}", todo="Use an excerpt.")
    return list(dict.fromkeys(chapters))


def _path(folder: str, href: str) -> str:
    """A name inside the zip; it is only ever looked up there."""
    return posixpath.normpath(posixpath.join(folder, unquote(href.partition("#")[0]))).lstrip("/")


def _refuse_locked(package: Package, chapters: list[str]) -> None:
    if _ENCRYPTION not in package.names:
        return
    for entry in _named(_parsed(package.read(_ENCRYPTION)), "EncryptedData"):
        way = next((node.get("Algorithm") for node in _named(entry, "EncryptionMethod")), "")
        hidden = {_path("", node.get("URI") or "") for node in _named(entry, "CipherReference")}
        if way not in _FONT_MANGLING and hidden & set(chapters):
            raise BadInput(
                "The book is copy-protected (DRM), so its text cannot be read",
                todo="Use an edition without protection.",
            )


def _parsed(data: bytes) -> Any:
    """The tree of an XML or HTML file. Raises ``BadInput`` when it is neither."""
    etree = _etree()
    spelled = _NAMED.sub(_character, _DOCTYPE.sub(b"", data, count=1))
    try:
        return etree.fromstring(
            spelled,
            etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False),
        )
    except (etree.XMLSyntaxError, ValueError):
        pass  # many a chapter is HTML that calls itself XHTML
    try:
        root = etree.fromstring(spelled, etree.HTMLParser(no_network=True, huge_tree=False, encoding="utf-8"))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise damaged(str(error)) from None
    if root is None:
        raise damaged("a chapter is empty")
    return root


def _etree() -> Any:
    """The parser, which has no types. Raises ``BadInput`` when it is not installed."""
    try:
        return import_module("lxml.etree")
    except ImportError:
        raise lacks("lxml") from None


def _character(match: re.Match[bytes]) -> bytes:
    """``&nbsp;`` and its like as numbers, which need no document type."""
    name = match[1]
    value = html.entities.html5.get(f"{name.decode()};")
    if name in _OF_XML or value is None:
        return match[0]
    return "".join(f"&#{ord(char)};" for char in value).encode()


def _named(root: Any, name: str) -> Iterator[Any]:
    return root.iter(f"{{*}}{name}", name)


def _gather(root: Any, found: Paragraphs) -> None:
    """The paragraphs of one chapter, in order, without recursion: nesting is a stranger's."""
    etree = _etree()
    said: list[str] = []
    heading = silent = 0

    def close() -> None:
        found.add("".join(said), heading=heading > 0)
        said.clear()

    for event, node in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        name = etree.QName(node).localname.lower() if isinstance(node.tag, str) else ""
        quiet = (
            name in _SILENT or any(kind in (node.get(_TYPE) or node.get("epub:type") or "").split() for kind in _ASIDE)
            if name
            else True
        )
        if event == "start":
            if name in _BLOCKS:
                close()
            heading += name in _HEADINGS
            silent += quiet
            if name == "hr" and not silent:
                found.add(BREAK)
            if not silent:
                said.append(node.text or "")
            continue
        if event == "end":
            if name in _BLOCKS:
                close()
            elif name in ("td", "th"):
                said.append(" ")
            heading -= name in _HEADINGS
            silent -= quiet
        if not silent and node is not root:
            said.append(node.tail or "")
    close()
