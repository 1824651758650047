"""How long a text is for vendors that count as JavaScript does: in UTF-16 units, of which an emoji has two."""

from __future__ import annotations


def utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
