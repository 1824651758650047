"""Word documents (DOCX): their paragraphs and headings, by python-docx."""

from __future__ import annotations

import io

from studio_pipeline.stages.planning.documents.package import Package
from studio_pipeline.stages.planning.documents.page import Document, Paragraphs, counted, lacks


def read(data: bytes, most_chars: int) -> Document:
    """The text of the body; headers, footers, comments, footnotes and deleted text are left out.

    Raises:
        BadInput: damaged, too large, or python-docx is missing.
    """
    try:
        import docx
        from docx.table import Table
    except ImportError:
        raise lacks("python-docx") from None
    package = Package(data)
    for name in package.names:  # before anything else unpacks them
        if name.startswith("word/") and name.endswith(".xml"):
            package.read(name)
    found, tables = Paragraphs(most_chars), 0
    for block in docx.Document(io.BytesIO(data)).iter_inner_content():
        if isinstance(block, Table):
            tables += 1
            for row in block.rows:
                found.add(" · ".join(dict.fromkeys(cell.text for cell in row.cells if cell.text.strip())))
            continue
        style = (block.style.name or "") if block.style is not None else ""
        is_heading = style == "Title" or style.startswith("Heading")
        for line in [block.text] if is_heading else block.text.split("\n"):
            found.add(line, heading=is_heading)
    notes = ("Read from a Word document: its body only, without headers, footers, notes and comments.",)
    if tables:
        notes += (f"{counted(tables, 'table')} of the document became lines of text.",)
    return Document(found.text(), notes)
