"""What of a story the narrator can say, sentence by sentence: its narrative, shortened where that is grammatical.

Direct speech is no narration, except a short one with the name of who says it. Choosing is in ``selection.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from studio_pipeline.prose.clauses import parted, shorter_forms
from studio_pipeline.prose.gentle import harsh_word
from studio_pipeline.prose.languages import primary, small_words, words
from studio_pipeline.prose.pace import speaking_s
from studio_pipeline.prose.speech import told
from studio_pipeline.stages.scripting.naming import Listener, genders
from studio_pipeline.stages.scripting.narrative import before_speech, calmed, clean, kind_of
from studio_pipeline.stages.scripting.telling import Reader, hangs, leans

_OPENINGS, _ENDINGS = (4.0, 1.0, 0.6), (2.0, 1.0, 0.6)
"""Extra worth of the first sentences, and of the last: a film should begin and end where its story does."""
_ENOUGH_OF_AN_END = 0.3
"""Share of the usual weight that a first or last sentence must have."""
_ENOUGH = 0.7
"""Share of the film that narrative must be able to fill before speech is left to itself."""
_DANGLING: dict[str, str] = {
    "en": r"(?:(?:and|but|then|so|still|yet)\s+)?(?:he|she|it|they|him|her|his|hers|its|their|theirs|them|this|that|"
    r"these|those|both|neither|such|one of them|the other|the others|the second|here|"
    r"there(?!\s(?:was|were|lived|stood|came)\b))\b",
    "hi": r"(?:वह|वे|उसने|उसकी|उसका|उसके|उसे|उन्होंने|उनके|उनकी|यह|इसने|इसके|दोनों)(?=\s)",
    "de": r"(?:er|sie|es|ihr|ihre|sein|seine|dies|diese|das)\b",
    "fr": r"(?:il|elle|ils|elles|lui|son|sa|ses|leur|leurs|cela|c'est)\b",
    "es": r"(?:él|ella|ellos|ellas|su|sus|esto|eso)\b",
    "it": r"(?:lui|lei|loro|suo|sua|questo|quello)\b",
    "pt": r"(?:ele|ela|eles|elas|seu|sua|isto|isso)\b",
    "zh": r"[他她它这那]",
    "ja": r"(?:彼|彼女|それ|これ)",
}
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class Form:
    """A shorter way to say a line."""

    text: str
    speaking_s: float
    weight: float
    concepts: int


@dataclass(frozen=True)
class Line:
    """One sentence that can be narrated, and the passage of the story it comes from."""

    text: str
    passage: int
    weight: float
    dangling: bool
    named: tuple[str, ...]
    speaking_s: float
    concepts: int
    """Which of the words that the story comes back to it tells of, as bits."""
    assumes: int = 0
    """Which of them it takes for known: “the machine”, when the story spoke of one before."""
    leans: bool = False
    """Whether it says “it” or “them” of something that only the sentence before names."""
    quoted: bool = False
    opening: float = 0.0
    """Extra worth in the film's first scene."""
    ending: float = 0.0
    """Extra worth in its last."""
    forms: tuple[Form, ...] = ()
    """The sentence up to where it is complete before its end, longest first."""


def lines_of(
    passages: tuple[str, ...],
    names: dict[str, re.Pattern[str]],
    language: str,
    *,
    title: str,
    gentle: bool,
    film_s: float,
) -> list[Line]:
    """What of the story can be said aloud in a film of ``film_s`` that is called ``title``.

    ``names`` maps a character to the pattern that finds it.
    """
    english = primary(language) == "en"
    small = small_words(language)
    heard = [_SPACES.sub(" ", told(passage)).strip() for passage in passages]
    spoken_in = {word for text in heard for word in words(text) if word.islower()} if english else set[str]()
    gender = genders(heard, names) if english else {}
    mentions = {name: sum(bool(finder.search(text)) for text in heard) for name, finder in names.items()}
    listener = Listener(names, gender, mentions)
    narrated: list[tuple[str, int]] = []
    quotes: list[tuple[str, int]] = []
    speeches: list[tuple[str, int]] = []
    for at, passage in enumerate(passages):
        whole = clean(passage, spoken_in)
        for part in map(calmed, parted(whole)) if english else [whole]:
            kind = kind_of(part, language)
            alone = part if kind == "told" else before_speech(part) if english else ""
            if alone:
                narrated.append((listener.named(alone) if english else alone, at))
            elif kind == "quoted":
                quotes.append((part, at))
            elif kind == "speech":
                speeches.append((part, at))
            listener.hear(_SPACES.sub(" ", told(part)))
    if gentle:
        narrated, quotes, speeches = (
            [(text, at) for text, at in kept if not harsh_word(text)] for kept in (narrated, quotes, speeches)
        )
    has_enough = sum(speaking_s(text, language) for text, _ in narrated) >= _ENOUGH * film_s
    chosen = [(text, at, False) for text, at in narrated] + [(text, at, has_enough) for text, at in quotes]
    if not has_enough and sum(speaking_s(text, language) for text, *_ in chosen) < _ENOUGH * film_s:
        chosen += [(text, at, False) for text, at in speeches]
    chosen.sort(key=lambda item: item[1])  # stable: inside a passage narrative stays before speech
    return _weighed(chosen, names, title, language, small)


def _weighed(
    chosen: list[tuple[str, int, bool]],
    names: dict[str, re.Pattern[str]],
    title: str,
    language: str,
    small: frozenset[str],
) -> list[Line]:
    english = primary(language) == "en"
    bags = [[word.lower() for word in words(text)] for text, *_ in chosen]
    reader = Reader(bags, [text for text, *_ in chosen], title, small, english=english)
    dangling = re.compile(_DANGLING.get(primary(language), r"(?!)"), re.IGNORECASE)
    lines: list[Line] = []
    for order, ((text, at, quoted), bag) in enumerate(zip(chosen, bags, strict=True)):
        named = _named(text, names)
        shorter = shorter_forms(text) if english and not quoted else []
        lines.append(
            Line(
                text=text,
                passage=at,
                weight=reader.weight(order, text, bag, len(named)),
                dangling=bool(dangling.match(text.lstrip("“\"«「„—'‘ "))) and order > 0,
                named=named,
                speaking_s=speaking_s(text, language),
                concepts=reader.concepts(bag),
                assumes=reader.assumed(order, text) if english else 0,
                leans=leans(text),
                quoted=quoted,
                forms=tuple(_form(form, order, reader, {n: names[n] for n in named}, language) for form in shorter),
            )
        )
    return _edged(lines)


def _named(text: str, names: dict[str, re.Pattern[str]]) -> tuple[str, ...]:
    return tuple(name for name, pattern in names.items() if pattern.search(text))


def _form(text: str, order: int, reader: Reader, names: dict[str, re.Pattern[str]], language: str) -> Form:
    bag = [word.lower() for word in words(text)]
    weight = reader.weight(order, text, bag, len(_named(text, names)))
    return Form(text, speaking_s(text, language), weight, reader.concepts(bag))


def _edged(lines: list[Line]) -> list[Line]:
    """The first and the last lines that tell something get the worth of an opening and of an ending."""
    telling = sorted(line.weight for line in lines if not line.quoted)
    enough = _ENOUGH_OF_AN_END * telling[len(telling) // 2] if telling else 0.0
    good = [at for at, line in enumerate(lines) if not line.quoted and line.weight >= enough and not line.leans]
    opening = [at for at in good if not lines[at].dangling and not hangs(lines[at].text)]
    for at, worth in zip(opening, _OPENINGS, strict=False):
        lines[at] = replace(lines[at], opening=worth)
    for at, worth in zip(reversed(good), _ENDINGS, strict=False):
        lines[at] = replace(lines[at], ending=worth)
    return lines
