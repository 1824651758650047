"""Where each sentence of a story plays: the place it names, else the nearest one named before.

A place in somebody's speech, or one that is only looked at, moves nobody there.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from studio_pipeline.film.story import Story
from studio_pipeline.prose.languages import primary
from studio_pipeline.prose.speech import told
from studio_pipeline.stages.scripting.seeing import at_sea, cued_place

_WATER = re.compile(
    r"\b(?:sea|ocean|ship|boat|water|lake|river|island|shore|coast|reef|harbou?r|quay|beach)\b", re.IGNORECASE
)
_LOOKING = re.compile(
    r"\b(?:look\w*|peep\w*|peer\w*|saw|see|seen|gaz\w+|glanc\w+|star(?:e|ed|ing)|view|point\w*|thought|dream\w*|"
    r"talk\w*|like|such as|from)\b[^,.;:!?]{0,40}$",
    re.IGNORECASE,
)
_HOME = "house"
_CUE_REACH = 12
"""Passages back in which a named place is stronger than a cue like “table”."""


class Whereabouts:
    """Reads the story once, then answers for any sentence of it."""

    def __init__(self, story: Story, language: str) -> None:
        self._english = primary(language) == "en"
        self._names = [place.name for place in story.places]
        self._finder = _finder_of(self._names)
        self._moves: list[tuple[int, str]] = []
        for at, passage in enumerate(story.passages):
            named = self._named(told(passage))
            if named:
                self._moves.append((at, named))

    def place_of(self, text: str, passage: int) -> str:
        """The place of a scene that says ``text``, whose first sentence is of passage ``passage``."""
        own = self._named(text)
        if own:
            return own
        at = bisect_right(self._moves, (passage - 1, "\U0010ffff")) - 1
        carried, since = (self._moves[at][1], passage - self._moves[at][0]) if at >= 0 else ("", passage)
        if self._english:
            if at_sea(text) and not _WATER.search(carried):
                return at_sea(text)
            cued = cued_place(text)
            if cued and (not carried or since > _CUE_REACH):
                return cued
        if carried:
            return carried
        return self._moves[0][1] if self._moves else next(iter(self._names), "")

    def _named(self, text: str) -> str:
        """The place ``text`` puts somebody in last; ``""`` when it names none."""
        named = ""
        for match in self._finder.finditer(text) if self._finder else ():
            if not (self._english and _LOOKING.search(text[: match.start()])):
                found = match["plain"] or match["name"] or _HOME
                named = next((name for name in self._names if name.lower() == found.lower()), found)
        return named


def _finder_of(names: list[str]) -> re.Pattern[str] | None:
    """Finds a mention that puts somebody there; in English “like a hill” and “turn the boat” do not."""
    if not names:
        return None
    longest_first = sorted(names, key=len, reverse=True)
    plain = "|".join(re.escape(name) for name in longest_first if name.isascii() and name.islower())
    named = "|".join(re.escape(name) for name in longest_first if not (name.isascii() and name.islower()))
    return re.compile(
        r"\b(?i:in|at|on|onto|to|into|inside|outside|across|near|through|by|under|around|along|behind|beneath|over|"
        r"up|down|round|upon|reached|entered|left|of)\s"
        r"(?:(?i:all)\s)?(?i:the|a|an|his|her|its|their|our|my|this|that)\s(?:[a-z][\w,-]*\s){0,3}?"
        rf"(?P<plain>{plain or '(?!)'})\b(?!-)"
        r"|\b(?:at|reached|went|ran|came|got|returned|walked|hurried|run) home\b"
        rf"|(?P<name>{named or '(?!)'})"
    )
