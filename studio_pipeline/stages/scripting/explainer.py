"""A film from an idea: which scenes it has and what they say, chosen from a structure and filled with the idea's words.

Two ideas give two films: the idea decides the structure (a question, a subject, a tale), its own sentences come
first, and among equals the digest of the idea chooses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from studio_pipeline.film.frozen import digest_of
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.script import Mood
from studio_pipeline.prose.pace import speaking_s
from studio_pipeline.prose.sentences import capitalised
from studio_pipeline.stages.scripting.idea import Idea, asks
from studio_pipeline.stages.scripting.timing import needed_frames


@dataclass(frozen=True)
class Slot:
    """One possible scene. ``rank`` 1 is kept in the shortest film. A variant is a sentence and a second, or ``""``.

    A slot with ``needs_other`` is only for ideas that name two things.
    """

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
"""Share of the film that words and their air may take; the rest lets pictures breathe."""
_SPOKEN = 0.5
"""Share of the film in which somebody should be speaking."""
_LONGEST_TOPIC_WORDS = 24
"""A topic longer than this (ten seconds) fits into no sentence; the thing it is about stands for it."""
_HEADING_CHARS = 40


def tell(
    idea: Idea, structure: Structure, scenes: int, frames: int, rate: Rate, language: str, seed: int
) -> list[Told]:
    """At most ``scenes`` scenes that fit into ``frames``. Deterministic in the idea and the seed.

    A film too short to speak in each of that many gets fewer. Where even one scene cannot say the idea, it names the
    thing that the idea is about; where it cannot do that either, the film is told by its pictures.
    """
    draw = int(digest_of({"topic": idea.topic, "more": idea.more, "seed": seed})[:12], 16)
    usable = [slot for slot in structure.slots if idea.other or not slot.needs_other]
    by_rank = sorted(usable, key=lambda slot: (slot.rank, digest_of([slot.key, draw])))

    def fits(said: list[str]) -> bool:
        return sum(needed_frames(text, language, rate) for text in said) <= round(frames * _FILL)

    def spoken(said: list[str]) -> float:
        return sum(speaking_s(text, language) for text in said) / rate.seconds(frames)

    tried: list[tuple[list[Slot], dict[str, str], list[str]]] = []
    for words, more in _wordings(idea):
        tried.clear()
        for count in range(min(scenes, len(usable)), 0, -1):
            slots = [slot for slot in usable if slot in by_rank[:count]]
            said = _said(slots, words, more, draw, fits)
            if spoken(said) < _SPOKEN:
                said = _with_lent(said, slots, by_rank[count:], usable, words, fits)
            if all(said) and spoken(said) >= _SPOKEN:
                return _told(slots, words, said)
            tried.append((slots, words, said))
        whole = [film for film in tried if all(film[2])]
        if whole:
            return _told(*max(whole, key=lambda film: spoken(film[2])))
    return _told(*max(tried, key=lambda film: spoken(film[2])))


def _wordings(idea: Idea) -> Iterator[tuple[dict[str, str], tuple[str, ...]]]:
    """The idea's words for a template and its further sentences: all there is first, then as little as can be said."""
    yield _words(idea), idea.more
    brief = _words(replace(idea, topic=idea.thing, opening=""))
    yield brief, idea.more
    yield brief, ()


def _words(idea: Idea) -> dict[str, str]:
    topic = idea.topic if len(idea.topic.split()) <= _LONGEST_TOPIC_WORDS else idea.thing
    wondered = topic if asks(topic) else f"about {topic}"
    return {
        "topic": topic,
        "thing": idea.thing,
        "other": idea.other,
        "thing_title": capitalised(idea.thing),
        "other_title": capitalised(idea.other),
        "opening": idea.opening or f"Meet {topic}.",
        "asked": idea.opening or f"Have you ever wondered {wondered}?",
    }


def _said(
    slots: list[Slot], words: dict[str, str], more: tuple[str, ...], draw: int, fits: Callable[[list[str]], bool]
) -> list[str]:
    """What each of the scenes says: its own sentence or one of the idea's, and a second one where there is time."""
    variants = [slot.variants[(draw >> order) % len(slot.variants)] for order, slot in enumerate(slots)]
    said = [capitalised(variant[0].format_map(words)) for variant in variants]
    between = slice(1, max(1, len(slots) - 1))  # the hook and the end keep their words
    own = [False] * len(slots)
    for order, sentence in zip(range(len(slots))[between], more, strict=False):
        said[order], own[order] = sentence, True
    said = _shortened(said, slots, own, words, fits)
    for order in sorted(range(len(slots)), key=lambda order: (slots[order].rank, order)):
        first, second = (sentence.format_map(words) for sentence in variants[order])
        if second and said[order] == capitalised(first):
            said = _if_it_fits(said, order, second, fits)
    return said


def _shortened(
    said: list[str], slots: list[Slot], own: list[bool], words: dict[str, str], fits: Callable[[list[str]], bool]
) -> list[str]:
    """``said`` made to fit, the least important scenes first: a shorter variant, then no words at all.

    A scene without words keeps its picture. The idea's own sentences (``own``) have no shorter variant.
    """
    said = list(said)
    briefest = [min((capitalised(v[0].format_map(words)) for v in slot.variants), key=len) for slot in slots]
    order_of_loss = sorted(range(len(said)), key=lambda order: (-slots[order].rank, order))
    for replacement in (briefest, [""] * len(said)):
        for order in order_of_loss:
            if fits(said):
                return said
            if not replacement[order] or not own[order]:
                said[order] = replacement[order]
    return said


def _with_lent(
    said: list[str],
    slots: list[Slot],
    left_out: list[Slot],
    usable: list[Slot],
    words: dict[str, str],
    fits: Callable[[list[str]], bool],
) -> list[str]:
    """``said``, with the sentence of one slot that has no scene of its own said in the scene before it."""
    for slot in left_out:
        before = [order for order, kept in enumerate(slots) if usable.index(kept) < usable.index(slot)]
        for variant in slot.variants if before and said[before[-1]] else ():
            longer = _if_it_fits(said, before[-1], capitalised(variant[0].format_map(words)), fits)
            if longer != said:
                return longer
    return said


def _if_it_fits(said: list[str], order: int, sentence: str, fits: Callable[[list[str]], bool]) -> list[str]:
    longer = [*said[:order], f"{said[order]} {sentence}", *said[order + 1 :]]
    return longer if fits(longer) else said


def _told(slots: list[Slot], words: dict[str, str], said: list[str]) -> list[Told]:
    return [
        Told(
            narration=text,
            heading=slot.heading.format_map(words)[:_HEADING_CHARS].rstrip(),
            place=slot.place,
            direction=capitalised(slot.direction.format_map(words)),
            mood=slot.mood,
        )
        for slot, text in zip(slots, said, strict=True)
    ]
