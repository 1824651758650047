"""What every agent asks of a model's draft, whatever it is about: that its words are there, short, and fit to be shown.

What lives here: collecting all that is wrong with a draft, so that its model is told everything at once. What does
not: what an agent itself demands of a draft (``stages/*/*_mind.py``), and reading an answer (``reading.py``).
"""

from __future__ import annotations

import math

from studio_pipeline.prose.one_line import one_line
from studio_pipeline.providers.language.reading import Objection
from studio_pipeline.wording import clipped


class Faults:
    """What is wrong with one draft, in words that its model can act on."""

    def __init__(self) -> None:
        self._words: list[str] = []

    def add(self, words: str) -> None:
        self._words.append(words)

    def line(self, where: str, text: str, *, most: int, needed: bool = True) -> str:
        """``text`` on one line, without what is not seen (``prose/one_line.py``).

        Args:
            where: the field, as the model knows it: ``strategies[1].look``.
            most: characters it may have.
            needed: whether it may not be empty.
        """
        cleaned = one_line(text[: 20 * most])
        if needed and not cleaned:
            self.add(f"{where} is empty")
        if len(cleaned) > most:
            self.add(f"{where} has {len(text)} characters; at most {most} fit")
        return cleaned

    def number(self, where: str, value: float, least: float, most: float) -> None:
        """``value`` has to lie between the two."""
        if not math.isfinite(value) or not least <= value <= most:
            self.add(f"{where} is {clipped(str(value), 20)}; it has to be from {least:g} to {most:g}")

    def object(self) -> None:
        """Raise ``Objection`` when anything was wrong."""
        if self._words:
            raise Objection(*self._words)
