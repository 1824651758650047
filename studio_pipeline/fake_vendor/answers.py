"""What a language model of the fake vendor says, where something better is known than the smallest answer.

What lives here: the content of answers. What does not: their form on the line, tokens and bills (``shapes/``).
"""

from __future__ import annotations

from typing import Any


def answer_for(schema: dict[str, Any], prompt_text: str) -> str | None:
    """The text of an answer that fits ``schema``; ``None`` for the smallest instance of it."""
    return None
