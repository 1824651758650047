"""What a reader of documents gives back, and the text it gathers on the way, which has a limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studio_pipeline.errors import BadInput

BREAK = "* * *"
"""A pause in the story, as plain text writes it."""


@dataclass(frozen=True)
class Document:
    """A story's text, paragraphs parted by empty lines, and what a person should know of how it came to be."""

    text: str
    notes: tuple[str, ...] = ()


class Paragraphs:
    """Gathers paragraphs until there are more characters than a story may have."""

    def __init__(self, most_chars: int) -> None:
        self._most = most_chars
        self._chars = 0
        self._found: list[str] = []

    def add(self, text: str, *, heading: bool = False) -> None:
        """A paragraph; its white space is made plain.

        Raises:
            BadInput: when the story is longer than it may be.
        """
        line = " ".join(text.split())
        if not line or (line == BREAK and self._found[-1:] == [BREAK]):
            return
        self._found.append(f"# {line}" if heading else line)
        self._chars += len(self._found[-1]) + 2
        if self._chars > self._most:
            raise too_long(self._most)

    def text(self) -> str:
        return "\n\n".join(self._found)


def too_long(most_chars: int) -> BadInput:
    """The refusal of a story that is too long."""
    return BadInput(
        f"The story has more than {most_chars:,} characters",
        todo=f"Use an excerpt, or raise MAX_STORY_CHARS (now {most_chars:,} characters).",
    )


def lacks(module: str) -> BadInput:
    """The refusal of a document for want of its library."""
    return BadInput(
        f"Reading this document needs {module}, which is not installed",
        todo="Install it: pip install 'studio-pipeline[documents]', or save the story as plain text.",
    )


def counted(number: int, one: str, kinds: Sequence[str] = ("", "s")) -> str:
    """``1 page``, ``12 pages``."""
    return f"{number:,} {one}{kinds[number != 1]}"
