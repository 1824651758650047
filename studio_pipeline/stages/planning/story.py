"""Ingesting a story: its chapters, passages, people, places, themes and a digest, by rules.

Reading the file is in ``story_file.py``, finding names in ``people.py`` and ``places.py``. Every name comes with
the words of the text that prove it, so nobody appears in a film who is not in its story.
"""

from __future__ import annotations

import math
import re
from collections import Counter

from studio_pipeline.film.story import Entity, Story
from studio_pipeline.prose.languages import detect_language, small_words, words
from studio_pipeline.prose.pace import speaking_s
from studio_pipeline.prose.sentences import sentences
from studio_pipeline.stages.planning.people import find_people
from studio_pipeline.stages.planning.places import find_places
from studio_pipeline.stages.planning.themes import find_themes

DIGEST_S = 90.0
"""Length of the digest, as time to say it: about 200 English words."""

_GUTENBERG_START = re.compile(r"^[^\w\n]{0,20}START OF (?:THE|THIS) PROJECT GUTENBERG.*$", re.IGNORECASE | re.MULTILINE)
_GUTENBERG_END = re.compile(
    r"^[^\w\n]{0,20}(?:END OF (?:THE|THIS) PROJECT GUTENBERG|End of (?:the )?Project Gutenberg).*",
    re.IGNORECASE | re.MULTILINE,
)
_FRONT_MATTER = re.compile(r"\A---\n.{0,4000}?\n---\n", re.DOTALL)
_MARKDOWN = (
    (re.compile(r"<!--.{0,4000}?-->", re.DOTALL), ""),
    (re.compile(r"!\[[^\]\n]{0,300}\]\([^)\n]{0,600}\)"), ""),
    (re.compile(r"\[([^\]\n]{1,300})\]\([^)\n]{0,600}\)"), r"\1"),
    (re.compile(r"(\*\*|__)(?=\S)([^\n]{1,400}?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])[*_](?=[^\s*_])([^*_\n]{1,400}?)(?<=[^\s*_])[*_](?![\w*])"), r"\1"),
    (re.compile(r"^[ \t]{0,3}>[ \t]?", re.MULTILINE), ""),
    (re.compile(r"</?[a-zA-Z][^<>\n]{0,80}>"), ""),
    (re.compile(r"`{1,3}"), ""),
)
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u00ad\u200b\u2060\u2066-\u2069\u202a-\u202e\ufeff]")
_HEADING = re.compile(
    r"#{1,6}\s+(?P<md>.{1,160}?)\s*#*"
    r"|(?P<chapter>(?:chapter|part|book|act|prologue|epilogue|kapitel|chapitre|cap[ií]tulo|capitolo|अध्याय|глава)\b.{0,80})"
    r"|(?P<act>(?:act|scene)\s+(?:[ivxlc]+|\d+|one|two|three|four|five)\b.{0,120})"
    r"|(?P<cjk>第[一二三四五六七八九十百零〇0-9]{1,6}[章回節节].{0,40})"
    r"|(?P<scene>(?:INT|EXT|INT\./EXT|I/E)[. ].{1,100})"
    r"|(?P<roman>[IVXLC]{1,7}\.?)",
    re.IGNORECASE,
)
_SPEAKER = re.compile(r"(?P<name>[A-Z][A-Z'’-]+(?: [A-Z][A-Z'’-]+){0,2})(?:[.:]\s+|\n)(?=\S)")
_BREAK = re.compile(r"[*#·•~\-–—_=⁂❧◆◇○●☆★. ]{1,40}")


def ingest(text: str, language_hint: str) -> Story:
    """What the studio understood of ``text``. ``language_hint`` is the brief's language (see ``detect_language``)."""
    chapters, paragraphs = _chapters(_cleaned(text))
    passages = [passage for paragraph in _as_speech(paragraphs) for passage in sentences(paragraph)]
    passages = [passage for passage in passages if any(char.isalnum() for char in passage)]
    language = detect_language(" ".join(passages[:400]), language_hint)
    places = find_places(passages, language)
    people = find_people(passages, language, not_people={place.name for place in places})
    return Story(
        language=language,
        chars=len(text),
        chapters=tuple(chapters),
        digest=_digest(passages, people, language),
        passages=tuple(passages),
        characters=tuple(people),
        places=tuple(places),
        themes=find_themes(passages, language),
    )


def _cleaned(text: str) -> str:
    """``text`` without licence headers, front matter, markup and invisible characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\f", "\n\n")
    text = _INVISIBLE.sub("", text)
    start = _GUTENBERG_START.search(text[:40_000])
    if start:
        text = text[start.end() :]
    end = _GUTENBERG_END.search(text)
    if end and end.start() > len(text) // 4:
        text = text[: end.start()]
    text = _FRONT_MATTER.sub("", text)
    for rule, replacement in _MARKDOWN:
        text = rule.sub(replacement, text)
    return text


def _chapters(text: str) -> tuple[list[str], list[str]]:
    """Titles of the chapters, and all paragraphs. Headings are no paragraphs: nobody narrates “Chapter Two”."""
    titles: list[str] = []
    paragraphs: list[str] = []
    for block in re.split(r"\n[ \t]*\n+", text):
        kept: list[str] = []
        for line in block.split("\n"):
            bare = line.strip()
            heading = _HEADING.fullmatch(bare) if len(bare) <= 170 else None
            opens = not kept and (heading is None or heading["md"] or not bare[0].islower())
            if bare and heading and opens and (heading["md"] or heading["act"] or _stands_alone(bare)):
                titles.append((heading["md"] or bare).strip())
                paragraphs.append("\n".join(kept))
                kept = []
            elif bare and not _BREAK.fullmatch(bare):
                kept.append(bare)
        paragraphs.append("\n".join(kept))
    return titles, [paragraph for paragraph in paragraphs if paragraph.strip()]


def _as_speech(paragraphs: list[str]) -> list[str]:
    """A play's “NORA. I know.” with quotation marks, so that what its people say is no narration."""
    heads = [_SPEAKER.match(paragraph) for paragraph in paragraphs]
    often = Counter(head["name"] for head in heads if head)
    return [
        f"{head['name']}: “{paragraph[head.end() :]}”" if head and often[head["name"]] > 1 else paragraph
        for head, paragraph in zip(heads, paragraphs, strict=True)
    ]


def _stands_alone(line: str) -> bool:
    """A chapter heading, not a sentence that happens to begin with “Part”."""
    return not line.endswith((",", ";")) and (len(line) < 40 or line.isupper() or not line.endswith((".", "!", "?")))


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
