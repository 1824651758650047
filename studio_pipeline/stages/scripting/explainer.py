"""A film from an idea: which scenes it has and what they say, chosen from a structure and filled with the idea's words.

Two ideas give two films: the idea decides the structure (a question, a subject, a tale), its own sentences come
first, and among equals the digest of the idea chooses.
"""

from __future__ import annotations

from dataclasses import dataclass

from studio_pipeline.film.frozen import digest_of
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.script import Mood
from studio_pipeline.stages.scripting.idea import Idea
from studio_pipeline.stages.scripting.timing import needed_frames


@dataclass(frozen=True)
class Slot:
    """One possible scene. ``rank`` 1 is kept in the shortest film. A variant is a sentence and a second, or ``""``."""

    key: str
    rank: int
    heading: str
    place: str
    mood: Mood
    direction: str
    variants: tuple[tuple[str, str], ...]
    needs_other: bool = False


@dataclass(frozen=True)
class Structure:
    slots: tuple[Slot, ...]


@dataclass(frozen=True)
class Told:
    """One scene of the film as the structure tells it."""

    narration: str
    heading: str
    place: str
    direction: str
    mood: Mood


_FILL = 0.97
_LONGEST_TOPIC_WORDS = 16


def tell(
    idea: Idea, structure: Structure, scenes: int, frames: int, rate: Rate, language: str, seed: int
) -> list[Told]:
    """``scenes`` scenes that fit into ``frames``. Deterministic in the idea and the seed."""
    draw = int(digest_of({"topic": idea.topic, "more": idea.more, "seed": seed})[:12], 16)
    slots = _slots(structure, idea, scenes, draw)
    words = _words(idea)
    told = [_told(slot, words, (draw >> order) % len(slot.variants)) for order, slot in enumerate(slots)]
    said = [scene.narration for scene in told]
    for order, sentence in zip(_open_orders(slots), idea.more, strict=False):
        said[order] = sentence
    extras = [
        _filled(slot.variants[(draw >> order) % len(slot.variants)][1], words) for order, slot in enumerate(slots)
    ]
    room = round(frames * _FILL)
    briefest = [_briefest(slot, words) for slot in slots]
    own = [text != scene.narration for text, scene in zip(said, told, strict=True)]
    said = _shortened(said, briefest, own, [slot.rank for slot in slots], room, rate, language)
    for order in sorted(range(len(slots)), key=lambda order: (slots[order].rank, order)):
        longer = [*said[:order], f"{said[order]} {extras[order]}".strip(), *said[order + 1 :]]
        if extras[order] and said[order] == told[order].narration and _needed(longer, rate, language) <= room:
            said = longer
    return [
        Told(narration=text, heading=scene.heading, place=scene.place, direction=scene.direction, mood=scene.mood)
        for text, scene in zip(said, told, strict=True)
    ]


def _slots(structure: Structure, idea: Idea, scenes: int, draw: int) -> list[Slot]:
    """The slots for so many scenes: the ones that matter most, ties decided by the draw, in the structure's order."""
    usable = [slot for slot in structure.slots if idea.other or not slot.needs_other]
    by_rank = sorted(usable, key=lambda slot: (slot.rank, digest_of([slot.key, draw])))
    kept = {slot.key for slot in by_rank[:scenes]}
    return [slot for slot in usable if slot.key in kept]


def _open_orders(slots: list[Slot]) -> list[int]:
    """Scenes whose words may be replaced by the idea's own further sentences: after the hook, before the end."""
    return list(range(1, len(slots) - 1))


def _words(idea: Idea) -> dict[str, str]:
    topic = idea.topic if len(idea.topic.split()) <= _LONGEST_TOPIC_WORDS else idea.thing
    return {
        "topic": topic,
        "thing": idea.thing,
        "other": idea.other,
        "thing_title": _title(idea.thing),
        "other_title": _title(idea.other),
        "opening": idea.opening or f"Meet {idea.topic}.",
        "asked": idea.opening or f"Have you ever wondered {topic}?",
    }


def _title(phrase: str) -> str:
    return phrase[:1].upper() + phrase[1:]


def _filled(template: str, words: dict[str, str]) -> str:
    return template.format_map(words)


def _told(slot: Slot, words: dict[str, str], variant: int) -> Told:
    return Told(
        narration=_title(_filled(slot.variants[variant][0], words)),
        heading=_filled(slot.heading, words)[:40].rstrip(),
        place=slot.place,
        direction=_title(_filled(slot.direction, words)),
        mood=slot.mood,
    )


def _needed(said: list[str], rate: Rate, language: str) -> int:
    return sum(needed_frames(text, language, rate) for text in said)


def _briefest(slot: Slot, words: dict[str, str]) -> str:
    return min((_title(_filled(variant[0], words)) for variant in slot.variants), key=len)


def _shortened(
    said: list[str], briefest: list[str], own: list[bool], ranks: list[int], room: int, rate: Rate, language: str
) -> list[str]:
    """``said`` made to fit, the least important scenes first: a shorter variant, then no words at all.

    A scene without words keeps its picture. The idea's own sentences (``own``) have no shorter variant.
    """
    said = list(said)
    order_of_loss = sorted(range(len(said)), key=lambda order: (-ranks[order], order))
    for replacement in (briefest, [""] * len(said)):
        for order in order_of_loss:
            if _needed(said, rate, language) <= room:
                return said
            if not replacement[order] or not own[order]:
                said[order] = replacement[order]
    return said
