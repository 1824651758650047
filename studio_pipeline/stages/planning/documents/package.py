"""Zip files within limits: what Word documents and EPUBs are wrapped in.

A few kilobytes of zip can say that they are terabytes. What is unpacked here is bounded by what the directory of the
file says, and Python's ``zipfile`` never unpacks more of an entry than that.
"""

from __future__ import annotations

import io
import zipfile
import zlib

from studio_pipeline.errors import BadInput

MOST_ENTRIES = 10_000
MOST_ENTRY_BYTES = 64 * 2**20
"""The most that one file inside may unpack to."""
MOST_BYTES = 512 * 2**20
"""The most that all of them may unpack to, pictures included."""


class Package:
    """A zip file that says of itself nothing outrageous.

    Raises:
        BadInput: when it is damaged, has a password, or would unpack to more than a story can need.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
            raise damaged(str(error)) from None
        entries = self._zip.infolist()
        if len(entries) > MOST_ENTRIES:
            raise BadInput(f"The document holds {len(entries):,} files, more than {MOST_ENTRIES:,}", todo=_PLAIN)
        whole = sum(entry.file_size for entry in entries)
        if whole > MOST_BYTES:
            raise BadInput(
                f"The document would unpack to {whole // 2**20:,} MiB, more than {MOST_BYTES // 2**20}", todo=_PLAIN
            )
        if any(entry.flag_bits & 0x1 for entry in entries):
            raise BadInput("The document has a password", todo="Save it without one.")
        self.names = frozenset(entry.filename for entry in entries)

    def read(self, name: str) -> bytes:
        """One file of it. Raises ``BadInput`` when it is missing, damaged or too large."""
        try:
            entry = self._zip.getinfo(name)
            if entry.file_size > MOST_ENTRY_BYTES:
                raise BadInput(
                    f"A part of the document would unpack to {entry.file_size // 2**20:,} MiB", where=name, todo=_PLAIN
                )
            return self._zip.read(entry)
        except KeyError:
            raise damaged(f"it lacks {name}") from None
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise damaged(str(error)) from None


_PLAIN = "Save the story as plain text (UTF-8)."


def damaged(how: str) -> BadInput:
    return BadInput(f"The document is damaged: {how[:160]}", todo="Export it again, or save it as plain text (UTF-8).")
