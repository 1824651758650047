"""What a model is asked for when it reads a story: notes on one part, then all notes put together.

The drafts as their schema says them, and what is taken from one. Who asks, and what becomes of it, is in
``story_mind.py``; whether a quote is in the text decides ``quotes.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import Field

from studio_pipeline.film.frozen import Frozen
from studio_pipeline.prose.one_line import one_line
from studio_pipeline.providers.language.drafts import Faults
from studio_pipeline.stages.planning.people import MOST_PEOPLE
from studio_pipeline.stages.planning.places import MOST_PLACES
from studio_pipeline.stages.planning.quotes import Source

MOST_SUMMARY_CHARS = 1_500
MOST_DIGEST_CHARS = 2_500
MOST_READ = 40
"""People, or places, that are taken from the notes on one part."""
MOST_NAME_CHARS = 60
_MOST_WHAT_CHARS = 400
_MOST_TONE_CHARS = 120
_MOST_THEMES = 5
_MOST_THEME_CHARS = 40


class PersonSeen(Frozen):
    """Somebody in a part of the story."""

    name: str = Field(description="what the text calls them, letter by letter")
    quote: str = Field(
        description="words of the text in which the name stands, letter by letter, at most 200 characters"
    )
    what: str = Field(description="who they are, and what the text says of how they look")
    narrator: bool = Field(description="true for who tells the story as “I” and has no name in it")


class PlaceSeen(Frozen):
    """Where something happens in a part of the story."""

    name: str = Field(description="what the text calls it, letter by letter")
    quote: str = Field(
        description="words of the text in which the name stands, letter by letter, at most 200 characters"
    )


class ChapterDigest(Frozen):
    """Notes on one part of a story."""

    summary: str = Field(description="what happens in this part, in its order")
    characters: tuple[PersonSeen, ...]
    places: tuple[PlaceSeen, ...]
    themes: tuple[str, ...] = Field(description="up to four, one or two words each")
    language: str = Field(description="code of the language of the text, such as en or hi")


class Merged(Frozen):
    """A person or a place of the whole story."""

    name: str = Field(description="one of the names of the table, letter by letter")
    also_called: tuple[str, ...] = Field(description="other names of the table that mean the same")
    what: str = Field(description="who or what it is and looks like")


class StoryDigest(Frozen):
    """The notes on all parts, put together."""

    digest: str = Field(description="the whole story, its end included")
    characters: tuple[Merged, ...]
    places: tuple[Merged, ...]
    themes: tuple[str, ...] = Field(description="up to five, one or two words each")
    tone: str = Field(description="how it is told, in a few words")


@dataclass(frozen=True)
class Seen:
    """A person or a place that stands in the text; ``evidence`` is the text's own words."""

    name: str
    evidence: str
    what: str = ""
    narrator: bool = False


@dataclass(frozen=True)
class Notes:
    """What is taken from the notes on one part. ``unproven``: names that no words of the text speak for."""

    summary: str
    people: tuple[Seen, ...]
    places: tuple[Seen, ...]
    themes: tuple[str, ...]
    language: str
    unproven: tuple[str, ...] = ()


@dataclass(frozen=True)
class Whole:
    """What is taken from the notes put together: names with their aliases, all of them known ones."""

    digest: str
    people: tuple[Merged, ...]
    places: tuple[Merged, ...]
    themes: tuple[str, ...]
    tone: str
    unknown: tuple[str, ...] = ()


def notes_from(draft: ChapterDigest, source: Source) -> Notes:
    """What can be believed of the notes on the part that ``source`` is. Raises ``Objection``."""
    faults = Faults()
    summary = _told(faults, "summary", draft.summary, MOST_SUMMARY_CHARS)
    faults.object()
    unproven: list[str] = []
    people = [
        _seen(entry.name, entry.quote, source, unproven, what=entry.what, narrator=entry.narrator)
        for entry in draft.characters[:MOST_READ]
    ]
    places = [_seen(entry.name, entry.quote, source, unproven) for entry in draft.places[:MOST_READ]]
    unproven += [entry.name for entry in (*draft.characters[MOST_READ:], *draft.places[MOST_READ:])]
    return Notes(
        summary=summary,
        people=_once(people),
        places=_once(places),
        themes=_themes(draft.themes),
        language=draft.language.strip().replace("_", "-"),
        unproven=tuple(one_line(name, most=MOST_NAME_CHARS) for name in unproven),
    )


def _seen(
    name: str, quote: str, source: Source, unproven: list[str], *, what: str = "", narrator: bool = False
) -> Seen | None:
    """Whoever stands in the text; ``None``, and a line in ``unproven``, for anybody else."""
    shown, evidence = one_line(name[:400]), source.find(quote[:2_000])
    spelled = shown if narrator else source.spelling(shown)
    if evidence is None or not spelled or len(spelled) > MOST_NAME_CHARS:
        unproven.append(name)
        return None
    return Seen(spelled, evidence, one_line(what, most=_MOST_WHAT_CHARS), narrator)


def _once(found: Iterable[Seen | None]) -> tuple[Seen, ...]:
    by_name: dict[str, Seen] = {}
    for seen in found:
        if seen is not None:
            by_name.setdefault(seen.name.casefold(), seen)
    return tuple(by_name.values())


def whole_from(draft: StoryDigest, people: Sequence[str], places: Sequence[str]) -> Whole:
    """What can be believed of the notes put together, with the names that were in their tables.

    Raises:
        Objection: for a digest that is empty or too long, and when none of its people is known.
    """
    faults = Faults()
    digest = _told(faults, "digest", draft.digest, MOST_DIGEST_CHARS)
    unknown: list[str] = []
    known_people = _known(draft.characters, people, unknown)[:MOST_PEOPLE]
    known_places = _known(draft.places, places, unknown)[:MOST_PLACES]
    if people and not known_people:
        faults.add(
            "characters: none of these names is in the table of people; copy the names from it, letter by letter"
        )
    faults.object()
    return Whole(
        digest=digest,
        people=known_people,
        places=known_places,
        themes=_themes(draft.themes),
        tone=one_line(draft.tone, most=_MOST_TONE_CHARS),
        unknown=tuple(one_line(name, most=MOST_NAME_CHARS) for name in unknown),
    )


def _known(entries: Sequence[Merged], names: Sequence[str], unknown: list[str]) -> tuple[Merged, ...]:
    """Entries whose names are in the table, each name used once; a main name is nobody else's alias."""
    spelled = {name.casefold(): name for name in names}
    first = {one_line(entry.name[:400]).casefold() for entry in entries}
    used: set[str] = set()
    found = []
    for entry in entries:
        key = one_line(entry.name[:400]).casefold()
        if key not in spelled:
            unknown.append(entry.name)
            continue
        if key in used:
            continue
        used.add(key)
        aliases = []
        for alias in entry.also_called:
            other = one_line(alias[:400]).casefold()
            if other in spelled and other not in used and other not in first:
                used.add(other)
                aliases.append(spelled[other])
        what = one_line(entry.what, most=_MOST_WHAT_CHARS)
        found.append(Merged(name=spelled[key], also_called=tuple(aliases), what=what))
    return tuple(found)


def _told(faults: Faults, where: str, text: str, most: int) -> str:
    cleaned = faults.line(where, text, most=most)
    if cleaned and not any(char.isalnum() for char in cleaned):
        faults.add(f"{where} has no words")
    return cleaned


def _themes(themes: Iterable[str]) -> tuple[str, ...]:
    lines = (one_line(theme[: 4 * _MOST_THEME_CHARS]) for theme in themes)
    return tuple(dict.fromkeys(line for line in lines if line and len(line) <= _MOST_THEME_CHARS))[:_MOST_THEMES]
