"""The words of a text that prove somebody, or a place, to be in it."""

from __future__ import annotations

from studio_pipeline.film.story import Entity

_EVIDENCE_CHARS = 200


def proven(name: str, mentions: int, passage: str) -> Entity:
    """``name`` as an entity of the story; ``passage`` is where it is named first."""
    if len(passage) > _EVIDENCE_CHARS:
        place = max(0, passage.lower().find(name.lower()) - _EVIDENCE_CHARS // 3)
        start = passage.rfind(" ", 0, place) + 1 if place else 0
        passage = passage[start : start + _EVIDENCE_CHARS]
    return Entity(name=name, mentions=mentions, evidence=passage)
