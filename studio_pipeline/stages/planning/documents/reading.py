"""Reading a document in a process of its own, and saying in words how that ended."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys

from studio_pipeline.errors import BadInput
from studio_pipeline.stages.planning.documents.page import Document
from studio_pipeline.wording import clipped

MOST_BYTES = 100_000_000
"""Largest document that is looked into; pictures make them large."""
LONGEST_S = 180
_NAMES = {"pdf": "PDF", "word": "Word document", "epub": "EPUB"}
_last: dict[str, Document] = {}
"""The document read last, by its content: checking a brief and handing it in read it more than once."""


def read_document(data: bytes, kind: str, *, most_chars: int) -> Document:
    """The text of a document.

    Args:
        kind: ``pdf``, ``word`` or ``epub``.

    Raises:
        BadInput: in the words of the reader, or because it took more time or memory than a story can need.
    """
    key = f"{kind} {most_chars} {hashlib.sha256(data).hexdigest()}"
    if key not in _last:
        document = _read(data, kind, most_chars)
        _last.clear()
        _last[key] = document
    return _last[key]


def _read(data: bytes, kind: str, most_chars: int) -> Document:
    command = [sys.executable, "-P", "-m", "studio_pipeline.stages.planning.documents", kind, str(most_chars)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=LONGEST_S, check=False)
    except subprocess.TimeoutExpired:
        raise _too_much(kind, f"it was given up after {LONGEST_S} seconds") from None
    last = (done.stderr.decode("utf-8", "replace").strip().splitlines() or [""])[-1]
    if done.returncode < 0 or last.startswith("MemoryError"):
        raise _too_much(kind, "it needs more memory or time than a story can need")
    if done.returncode:
        raise BadInput(
            f"The {_NAMES[kind]} is damaged: {clipped(last, 160) or 'its reader gave up'}",
            todo="Export it again, or save it as plain text (UTF-8).",
        )
    told = json.loads(done.stdout)
    if "refused" in told:
        raise BadInput(told["refused"], todo=told["todo"])
    return Document(told["text"], tuple(told["notes"]))


def _too_much(kind: str, why: str) -> BadInput:
    return BadInput(f"The {_NAMES[kind]} cannot be read: {why}", todo="Save the story as plain text (UTF-8).")
