"""The story as the studio understood it: digest, characters, places, themes, each with its evidence."""

from __future__ import annotations

from studio_pipeline.film.frozen import Frozen


class Entity(Frozen):
    """A character or a place, with the words of the text that prove it."""

    name: str
    mentions: int
    evidence: str


class Story(Frozen):
    """An ingested story. All fields are empty for a brief that is only an idea."""

    language: str = ""
    chars: int = 0
    chapters: tuple[str, ...] = ()
    digest: str = ""
    """A summary in sentences of the text itself, at most a few hundred words."""
    passages: tuple[str, ...] = ()
    """Sentences or short paragraphs in story order: what a screenwriter may narrate from."""
    characters: tuple[Entity, ...] = ()
    places: tuple[Entity, ...] = ()
    themes: tuple[str, ...] = ()
    chapter_digests: tuple[str, ...] = ()
    """What happens in each chapter (or part of a long one), in order, as a model told it; empty without one."""
    events: tuple[str, ...] = ()
    """What did not go as planned, for people."""
