"""A story read by a model: part by part at once, then put together; every name with words of the text for it.

What lives here: who is asked what, in which order, and the story that comes of it. What is taken from an answer is in
``story_draft.py``, how the text is parted in ``chapters.py``. The passages stay those of the rules (``story.py``): a
film narrates from the text, not from what a model says of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TypeVar

from studio_pipeline.film.story import Entity, Story
from studio_pipeline.orchestration.minds import Mind
from studio_pipeline.prompting.tokens import estimated_tokens
from studio_pipeline.prose.languages import detect_language, primary
from studio_pipeline.providers.language.asking import Answer
from studio_pipeline.stages.planning.chapters import Part, parts
from studio_pipeline.stages.planning.evidence import proven
from studio_pipeline.stages.planning.people import MOST_PEOPLE
from studio_pipeline.stages.planning.places import MOST_PLACES
from studio_pipeline.stages.planning.quotes import Source
from studio_pipeline.stages.planning.story_draft import (
    MOST_DIGEST_CHARS,
    MOST_SUMMARY_CHARS,
    ChapterDigest,
    Merged,
    Notes,
    Seen,
    StoryDigest,
    Whole,
    notes_from,
    whole_from,
)
from studio_pipeline.wording import clipped

PART_TOKENS = 12_000
"""Most tokens of the story in one question: about 6,000 English words. A model finds everything in that much."""
MERGE_TOKENS = 24_000
"""Most tokens of notes in one question: half of them for what happens, the rest for people and places."""
_WORDS_AROUND_TOKENS = 2_500
"""What a prompt says besides; the rest of a model's room is for the story, or for the notes."""
_LEAST_TOKENS = 1_000
_FEWEST_MERGED = 2
_SHOWN_UNPROVEN = 3
_LANGUAGE_SAMPLE = 400
"""Passages that the rules look at to tell the language."""

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Told:
    """What happens in a part of the story, as somebody was told it."""

    title: str
    summary: str

    def row(self, number: int) -> dict[str, object]:
        return {"part": number, "heading": self.title, "what_happens": self.summary}


def by_mind(reader: Mind, merger: Mind, text: str, by_rules: Story, language_hint: str, *, at_once: int) -> Story:
    """``by_rules`` with what two minds made of ``text``.

    Args:
        at_once: how many parts are read at the same time.

    Raises:
        AnswerUnusable, OutOfBudget, ProviderFailed: what ``Mind.ask`` raises; what was read until then is kept by the
            ledger and costs nothing when it is asked again.
    """
    pieces = parts(text, _room(reader, PART_TOKENS))
    if not pieces:
        return by_rules
    numbers = range(len(pieces))
    answers = at_the_same_time(lambda at: _read(reader, pieces, at), numbers, at_once)
    notes = [answer.value for answer in answers]
    events = _once(event for answer in answers for event in answer.events)
    if unproven := [name for note in notes for name in note.unproven]:
        events.append(_left_out(unproven, "that no words of the story speak for"))
    language, doubts = _language(notes, by_rules, language_hint)
    whole = Source("\n\n".join(piece.text for piece in pieces))
    people, places = _sorted(notes, whole, "people"), _sorted(notes, whole, "places")
    told = [Told(piece.title, note.summary) for piece, note in zip(pieces, notes, strict=True)]
    merging = _Merging(merger, language, at_once)
    merged = merging.merged(told, people, places)
    return by_rules.model_copy(
        update={
            "language": language,
            "digest": merged.digest,
            "characters": _entities(merged.people, people, whole),
            "places": _entities(merged.places, places, whole),
            "themes": merged.themes or by_rules.themes,
            "tone": merged.tone,
            "chapter_digests": tuple(f"{line.title}: {line.summary}" if line.title else line.summary for line in told),
            "events": (*by_rules.events, *events, *doubts, *merging.events),
        }
    )


def _room(mind: Mind, most_tokens: int) -> int:
    """``most_tokens``, or what the smallest of a mind's models has room for."""
    if mind.room_tokens is None:
        return most_tokens
    return max(_LEAST_TOKENS, min(most_tokens, mind.room_tokens - _WORDS_AROUND_TOKENS))


def _read(reader: Mind, pieces: Sequence[Part], at: int) -> Answer[Notes]:
    source = Source(pieces[at].text)
    values = {
        "title": pieces[at].title,
        "number": at + 1,
        "parts": len(pieces),
        "text": pieces[at].text,
        "most_summary_characters": MOST_SUMMARY_CHARS,
        "most_people": MOST_PEOPLE,
        "most_places": MOST_PLACES,
    }
    return reader.ask(values, ChapterDigest, make=lambda draft: notes_from(draft, source))


def at_the_same_time(work: Callable[[T], R], items: Sequence[T], at_once: int) -> list[R]:
    """``work`` of each item, in their order. Once one has failed no other is begun, and the first failure is raised."""
    with ThreadPoolExecutor(max_workers=max(1, min(at_once, len(items)))) as pool:
        pending = [pool.submit(work, item) for item in items]
        wait(pending, return_when=FIRST_EXCEPTION)
        for future in pending:
            future.cancel()
    for future in pending:
        if not future.cancelled() and (failure := future.exception()) is not None:
            raise failure
    return [future.result() for future in pending]


@dataclass(frozen=True)
class _Known:
    """A person or a place of all notes."""

    seen: Seen
    mentions: int

    def row(self) -> dict[str, object]:
        return {"name": self.seen.name, "mentions": self.mentions, "what": self.seen.what}


def _sorted(notes: Sequence[Notes], whole: Source, kind: str) -> dict[str, _Known]:
    """Everybody of all notes by name, the most mentioned first; the narrator, who has no name, first of all."""
    met: dict[str, list[Seen]] = {}
    for note in notes:
        for seen in note.people if kind == "people" else note.places:
            met.setdefault(seen.name.casefold(), []).append(seen)
    found = []
    for same in met.values():
        fullest = max(same, key=lambda seen: len(seen.what))
        first = Seen(same[0].name, same[0].evidence, fullest.what, any(seen.narrator for seen in same))
        found.append(_Known(first, whole.mentions([first.name]) or len(same)))
    found.sort(key=lambda known: (not known.seen.narrator, -known.mentions))
    return {known.seen.name: known for known in found}


def _entities(merged: Iterable[Merged], known: Mapping[str, _Known], whole: Source) -> tuple[Entity, ...]:
    found = []
    for entry in merged:
        names = (entry.name, *entry.also_called)
        mentions = max(
            whole.mentions(names), sum(known[name].mentions for name in names if known[name].seen.narrator), 1
        )
        bare = proven(entry.name, mentions, known[entry.name].seen.evidence)
        found.append(
            bare.model_copy(update={"aliases": entry.also_called, "what": entry.what or known[entry.name].seen.what})
        )
    return tuple(found)


class _Merging:
    """Puts notes together, in groups first where all of them are too long for one question."""

    def __init__(self, merger: Mind, language: str, at_once: int) -> None:
        self.events: list[str] = []
        self._merger = merger
        self._language = language
        self._at_once = at_once
        self._room_tokens = _room(merger, MERGE_TOKENS)

    def merged(self, told: list[Told], people: Mapping[str, _Known], places: Mapping[str, _Known]) -> Whole:
        while len(groups := _groups(told, self._room_tokens // 2)) > 1:
            told = at_the_same_time(self._shortened, groups, self._at_once)
        shown_people = _fitting(people, self._room_tokens // 3)
        shown_places = _fitting(places, self._room_tokens // 6)
        answer = self._ask(told, shown_people, shown_places, first=False)
        if answer.value.unknown:
            self.events.append(_left_out(answer.value.unknown, "that are in none of the notes on the story"))
        self.events += answer.events
        return answer.value

    def _shortened(self, group: list[Told]) -> Told:
        answer = self._ask(group, {}, {}, first=True)
        self.events += answer.events
        titles = [line.title for line in group if line.title]
        return Told(" – ".join(dict.fromkeys((titles[0], titles[-1]))) if titles else "", answer.value.digest)

    def _ask(
        self, told: list[Told], people: Mapping[str, _Known], places: Mapping[str, _Known], *, first: bool
    ) -> Answer[Whole]:
        values = {
            "chapters": [line.row(number) for number, line in enumerate(told, 1)],
            "people": [known.row() for known in people.values()],
            "places": [{"name": known.seen.name, "mentions": known.mentions} for known in places.values()],
            "language": self._language,
            "first": first,
            "most_digest_characters": MOST_DIGEST_CHARS,
            "most_people": MOST_PEOPLE,
            "most_places": MOST_PLACES,
        }
        return self._merger.ask(values, StoryDigest, make=lambda draft: whole_from(draft, tuple(people), tuple(places)))


def _groups(told: list[Told], most_tokens: int) -> list[list[Told]]:
    """``told`` in groups of at most ``most_tokens``, but of two at least: else it would never come to an end."""
    groups: list[list[Told]] = [[]]
    used = 0
    for line in told:
        needed = estimated_tokens(f"{line.title}{line.summary}") + 20
        if used + needed > most_tokens and len(groups[-1]) >= _FEWEST_MERGED:
            groups.append([])
            used = 0
        groups[-1].append(line)
        used += needed
    if len(groups) > 1 and len(groups[-1]) < _FEWEST_MERGED:
        groups[-2] += groups.pop()
    return groups


def _fitting(known: Mapping[str, _Known], most_tokens: int) -> dict[str, _Known]:
    """As many as fit, the most mentioned ones."""
    found, used = {}, 0
    for name, entry in known.items():
        used += estimated_tokens(f"{name}{entry.seen.what}") + 12
        if used > most_tokens:
            break
        found[name] = entry
    return found


def _language(notes: Sequence[Notes], by_rules: Story, hint: str) -> tuple[str, tuple[str, ...]]:
    """The language that most of the text was said to be in, unless the rules see that it cannot be.

    Rules tell scripts apart and a dozen languages by their small words; a model also tells Persian from Arabic.
    """
    votes = Counter(primary(note.language) for note in notes if note.language.isascii())
    said = votes.most_common(1)[0][0] if votes else ""
    if not (said.isalpha() and 2 <= len(said) <= 3) or said == primary(by_rules.language):
        return by_rules.language, ()
    if said == primary(hint):
        said = hint
    sample = " ".join(by_rules.passages[:_LANGUAGE_SAMPLE])
    if detect_language(sample, said) != said:
        return by_rules.language, (f"A model took the story's language to be {said}; it reads as {by_rules.language}.",)
    return said, ()


def _left_out(names: Sequence[str], why: str) -> str:
    shown = ", ".join(f"“{clipped(name, 40)}”" for name in names[:_SHOWN_UNPROVEN])
    more = f" and {len(names) - _SHOWN_UNPROVEN} more" if len(names) > _SHOWN_UNPROVEN else ""
    return f"{len(names)} of the people and places a model named, {why}, were left out: {shown}{more}."


def _once(events: Iterable[str]) -> list[str]:
    """Each event once, with how often it happened."""
    counted = Counter(events)
    return [event if times == 1 else f"{event} ({times} times)" for event, times in counted.items()]
