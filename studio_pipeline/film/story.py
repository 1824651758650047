"""The story as the studio understood it: digest, characters, places, themes, each with its evidence."""

from __future__ import annotations

from studio_pipeline.film.frozen import Frozen


class Entity(Frozen):
    """A character or a place, with the words of the text that prove it."""

    name: str
    mentions: int
    evidence: str
    aliases: tuple[str, ...] = ()
    """What else the text calls them; all of it is in ``mentions``."""
    what: str = ""
    """Who or what it is and looks like, as a model put it; empty without one."""


class Story(Frozen):
    """An ingested story. All fields are empty for a brief that is only an idea."""

    language: str = ""
    chars: int = 0
    chapters: tuple[str, ...] = ()
    digest: str = ""
    """A summary, at most a few hundred words: in sentences of the text itself, or as a model told it."""
    passages: tuple[str, ...] = ()
    """Sentences or short paragraphs in story order: what a screenwriter may narrate from."""
    characters: tuple[Entity, ...] = ()
    places: tuple[Entity, ...] = ()
    themes: tuple[str, ...] = ()
    tone: str = ""
    """How it is told, in a few words, as a model put it; empty without one."""
    chapter_digests: tuple[str, ...] = ()
    """What happens in each chapter (or part of a long one), in order, as a model told it; empty without one."""
    events: tuple[str, ...] = ()
    """What did not go as planned, for people."""
