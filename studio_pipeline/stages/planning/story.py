"""Ingesting a story: its chapters, passages, people, places, themes and a digest, by rules or by models.

Reading the file is in ``story_file.py``, finding names in ``people.py`` and ``places.py``, what models are asked in
``story_mind.py``. Every name comes with the words of the text that prove it, so nobody appears in a film who is not in
its story.
"""

from __future__ import annotations

import math
import re
from collections import Counter

from studio_pipeline.film.story import Entity, Story
from studio_pipeline.orchestration.minds import Mind, thought
from studio_pipeline.prose.languages import detect_language, small_words, words
from studio_pipeline.prose.pace import speaking_s
from studio_pipeline.prose.sentences import sentences
from studio_pipeline.stages.planning.chapters import chapters
from studio_pipeline.stages.planning.people import find_people
from studio_pipeline.stages.planning.places import find_places
from studio_pipeline.stages.planning.story_mind import by_mind
from studio_pipeline.stages.planning.themes import find_themes

DIGEST_S = 90.0
"""Length of the digest, as time to say it: about 200 English words."""

_SPEAKER = re.compile(r"(?P<name>[A-Z][A-Z'’-]+(?: [A-Z][A-Z'’-]+){0,2})(?:[.:]\s+|\n)(?=\S)")


def ingest(
    text: str,
    language_hint: str,
    *,
    reader: Mind | None = None,
    merger: Mind | None = None,
    at_once: int = 1,
    notes: tuple[str, ...] = (),
) -> Story:
    """What the studio understood of ``text``; an empty story of an empty one.

    Args:
        language_hint: the brief's language (see ``detect_language``).
        reader, merger: who reads the parts and puts the notes on them together; the rules without them.
        at_once: how many parts are read at the same time.
        notes: what was done to the text before, for people.

    Raises:
        AnswerUnusable, ProviderFailed: when a part could not be read; nothing is made up in its place.
    """
    if not text:
        return Story()
    by_rules = _by_rules(text, language_hint).model_copy(update={"events": notes})
    if merger is None or not by_rules.passages:
        return by_rules
    return thought(
        reader,
        lambda mind: by_mind(mind, merger, text, by_rules, language_hint, at_once=at_once),
        lambda: by_rules,
        lambda story, why: story.model_copy(update={"events": (*story.events, why)}),
    )


def _by_rules(text: str, language_hint: str) -> Story:
    found = chapters(text)
    paragraphs = [paragraph for chapter in found for group in chapter.groups for paragraph in group]
    passages = [passage for paragraph in _as_speech(paragraphs) for passage in sentences(paragraph)]
    passages = [passage for passage in passages if any(char.isalnum() for char in passage)]
    language = detect_language(" ".join(passages[:400]), language_hint)
    places = find_places(passages, language)
    people = find_people(passages, language, not_people={place.name for place in places})
    return Story(
        language=language,
        chars=len(text),
        chapters=tuple(chapter.title for chapter in found if chapter.title),
        digest=_digest(passages, people, language),
        passages=tuple(passages),
        characters=tuple(people),
        places=tuple(places),
        themes=find_themes(passages, language),
    )


def _as_speech(paragraphs: list[str]) -> list[str]:
    """A play's “NORA. I know.” with quotation marks, so that what its people say is no narration."""
    heads = [_SPEAKER.match(paragraph) for paragraph in paragraphs]
    often = Counter(head["name"] for head in heads if head)
    return [
        f"{head['name']}: “{paragraph[head.end() :]}”" if head and often[head["name"]] > 1 else paragraph
        for head, paragraph in zip(heads, paragraphs, strict=True)
    ]


def _digest(passages: list[str], people: list[Entity], language: str) -> str:
    """The sentences that carry most of the story, in its order: by frequent words, by its people, by position."""
    if not passages:
        return ""
    small = small_words(language)
    bags = [[word.lower() for word in words(passage)] for passage in passages]
    counts = Counter(word for bag in bags for word in bag if word not in small and len(word) > 1)
    names = {part.lower() for person in people for part in person.name.split()}
    count = len(passages)

    def weight(at: int) -> float:
        bag = bags[at]
        if not 5 <= len(bag) <= 60:
            return 0.1
        frequent = sum(math.log1p(counts[word]) for word in set(bag) if word in counts) / math.sqrt(len(bag))
        named = sum(1.0 for word in set(bag) if word in names)
        edge = 1.6 if at < max(1, count // 25) else 1.2 if at >= count - max(1, count // 25) else 0.0
        spoken = 1.0 if passages[at][0] in '“"«「„—' else 0.0
        return frequent + named + edge - spoken

    left = DIGEST_S
    chosen: list[int] = []
    for at in sorted(range(count), key=lambda at: (-weight(at), at)):
        needed = speaking_s(passages[at], language) + 0.3
        if needed <= left:
            chosen.append(at)
            left -= needed
        if left < 2 or len(chosen) >= 40:
            break
    return " ".join(passages[at] for at in sorted(chosen))
