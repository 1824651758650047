"""A signed film as it was before: the C2PA boxes left out, the offsets of its samples moved back.

Reads the bytes of the file alone, by ISO/IEC 14496-12, and knows nothing of the program that wrote them: so it can say
whether signing has changed anything else.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

_C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_HOLDERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl")


def boxes(data: bytes | bytearray, start: int = 0, end: int | None = None) -> Iterator[tuple[bytes, int, int, int]]:
    """(kind, start, start of its content, end) of each box between ``start`` and ``end``."""
    end = len(data) if end is None else end
    while start < end:
        size, kind = struct.unpack_from(">I4s", data, start)
        head = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, start + 8)
            head = 16
        size = size or end - start
        yield kind, start, start + head, start + size
        start += size


def without_signature(film: Path) -> bytes:
    """The bytes of ``film`` before it was signed; those of an unsigned one as they are."""
    data = bytearray(film.read_bytes())
    signed = [
        (start, end) for kind, start, inner, end in boxes(data) if kind == b"uuid" and data[inner : inner + 16] == _C2PA
    ]
    samples = next(start for kind, start, _, _ in boxes(data) if kind == b"mdat")
    _move_back(data, 0, len(data), sum(end - start for start, end in signed if start < samples))
    for start, end in reversed(signed):
        del data[start:end]
    return bytes(data)


def _move_back(data: bytearray, start: int, end: int, by: int) -> None:
    for kind, _, inner, stop in boxes(data, start, end):
        if kind in _HOLDERS:
            _move_back(data, inner, stop, by)
        elif kind in (b"stco", b"co64"):
            number = ">I" if kind == b"stco" else ">Q"
            (count,) = struct.unpack_from(">I", data, inner + 4)
            for place in range(inner + 8, inner + 8 + count * struct.calcsize(number), struct.calcsize(number)):
                struct.pack_into(number, data, place, struct.unpack_from(number, data, place)[0] - by)
