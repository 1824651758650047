"""Text of people, models and vendors as Markdown that shows it and does nothing else.

What the UI is given as Markdown it renders: a line of a story that reads ``![x](http://host/p)`` would have a browser
fetch that address. What lives here: making such text harmless, alone or as a list. What does not: pictures
(``thumbnail.py``), and text that the UI shows as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

NOTHING = "–"
"""Stands where there is nothing to show."""

_MARKUP = re.compile(r"[!#$&()*+\-.:<=>@\[\\\]^_`{|}~]")
_ADDRESS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=@)", re.IGNORECASE)
_WORD_JOINER = "\u2060"


def escaped(text: str) -> str:
    """``text`` on one line, with every character that Markdown or HTML would read as its own made to stand for itself.

    Dagster's UI also makes links of bare addresses, and looks for them after it has read the escapes. A word joiner,
    which takes no room, keeps an address from being one.
    """
    line = " ".join(text.replace("\0", " ").split())
    return _MARKUP.sub(r"\\\g<0>", _ADDRESS.sub(_WORD_JOINER, line))


def paragraphs(text: str) -> str:
    """``text`` with its paragraphs kept, each ``escaped``."""
    return "\n\n".join(filter(None, map(escaped, re.split(r"\n\s*\n", text)))) or NOTHING


def bullets(lines: Iterable[str]) -> str:
    """A list with one ``escaped`` line each, or a dash when there is none."""
    return "\n".join(f"- {escaped(line)}" for line in lines) or NOTHING


def glossary(entries: Iterable[tuple[str, str]]) -> str:
    """A list of names, each in bold, with what is said of it."""
    return "\n".join(f"- **{escaped(name) or NOTHING}** {escaped(said)}" for name, said in entries) or NOTHING
