"""What of a story can be said aloud, sentence by sentence, and how much of the story each sentence carries.

Choosing among them is in ``selection.py``.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass

from studio_pipeline.prose.languages import primary, small_words, words
from studio_pipeline.prose.pace import speaking_s
from studio_pipeline.prose.sentences import open_quotes

_EDGE = 0.9
"""Extra worth of the first and the last sentence: a film should begin and end where its story does."""
_DANGLING: dict[str, str] = {
    "en": r"(?:(?:and|but|then|so|still|yet)\s+)?(?:he|she|it|they|him|her|his|hers|its|their|theirs|them|this|"
    r"that|these|"
    r"those|both|neither|such|one of them|the other|the others|the second|here|there)\b",
    "hi": r"(?:वह|वे|उसने|उसकी|उसका|उसके|उसे|उन्होंने|उनके|उनकी|यह|इसने|इसके|दोनों)(?=\s)",
    "de": r"(?:er|sie|es|ihr|ihre|sein|seine|dies|diese|das)\b",
    "fr": r"(?:il|elle|ils|elles|lui|son|sa|ses|leur|leurs|cela|c'est)\b",
    "es": r"(?:él|ella|ellos|ellas|su|sus|esto|eso)\b",
    "it": r"(?:lui|lei|loro|suo|sua|questo|quello)\b",
    "pt": r"(?:ele|ela|eles|elas|seu|sua|isto|isso)\b",
    "zh": r"[他她它这那]",
    "ja": r"(?:彼|彼女|それ|これ)",
}
_JOINING = re.compile(r"^(?:and|but|then|so|or|nor|for|और|लेकिन|फिर|und|aber|et|mais|y|pero)\s", re.IGNORECASE)
_LEANING = re.compile(
    r"\b(?:it|them|that|this|those|these)\b(?=[\s,.;!?]+(?:for|twice|again|out|up|in|on|and|then|as|she|he|very|"
    r"by)?\b)",
    re.I,
)
_GOES_ON = re.compile(
    r",?\s(?:until|so that)\s"
    r"|,\s(?:and|but|so)\s(?=(?:he|she|it|they|we|I|you|there|nobody|no one|everyone|somebody)\s)"
    r"|,\s(?:and|but|so)\s(?=(?:the|no|a|an|his|her|their|every)\s[\w’'-]+\s(?:\w+ed|could|would|was|were|had|did|came|went|"
    r"ran|sat|stood|fell|rose|took|said|saw|lay|knew|began)\b)"
    r"|,\s(?:which|who|whose|as though|as if|because|with|where)\s(?=[^,;:]+[.!]$)"
)
_LEANS_ON_REST = re.compile(
    r"(?:if|when|as|while|after|before|though|although|since|once|because|unless|either|neither|not only)\b", re.I
)
_SPEECH = '“"«「„—'
_ASIDE = re.compile(r"\s*\([^()]{1,160}\)|\s*—[^—.!?“”\"]{3,120}—(?=\s?\w)")
_HARSH = re.compile(
    r"\b(?:kill\w*|murder\w*|blood\w*|bled|bleed\w*|corpse\w*|dead|died|dies|dying|death|gun\w*|shot|stab\w*|"
    r"knife|knives|"
    r"torture\w*|hang(?:ed|ing) (?:him|her|them)|suicide|drunk\w*|rape\w*|hell|damn\w*|devil\w*|skull\w*|"
    r"slaughter\w*|"
    r"drown\w*|strangl\w*|burn(?:ed|t) alive|whip\w*|beat (?:him|her|them)|hate[ds]?)\b"
    r"|ख़ून|खून|मौत|मर गय|मार डाल|हत्या|लाश|बंदूक",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Line:
    """One sentence that can be narrated, and the passage of the story it comes from."""

    text: str
    passage: int
    weight: float
    edge: float
    """Extra worth of the story's first and last sentence."""
    dangling: bool
    named: tuple[str, ...]
    speaking_s: float
    shorter: str = ""
    """The sentence up to where it is complete for the first time, when it goes on after that."""
    shorter_s: float = 0.0


def lines_of(
    passages: tuple[str, ...], names: dict[str, re.Pattern[str]], language: str, *, gentle: bool
) -> list[Line]:
    """What of the story can be said aloud. ``names`` maps a character to the pattern that finds it."""
    texts = [(short, at) for at, passage in enumerate(passages) for short in _speakable(passage)]
    texts = [(text, at) for text, at in texts if not (gentle and _HARSH.search(text))]
    small = small_words(language)
    bags = [[word.lower() for word in words(text)] for text, _ in texts]
    counts = Counter(word for bag in bags for word in bag if word not in small and len(word) > 1)
    top = math.log1p(max(counts.values(), default=1))
    dangling = re.compile(_DANGLING.get(primary(language), r"(?!)"), re.IGNORECASE)
    lines = []
    for order, ((text, at), bag) in enumerate(zip(texts, bags, strict=True)):
        shorter = _shorter(text) if primary(language) == "en" else ""
        named = tuple(name for name, pattern in names.items() if pattern.search(text))
        lines.append(
            Line(
                text=text,
                passage=at,
                weight=_weight(text, bag, counts, top, named),
                edge=_EDGE if order in (0, len(texts) - 1) else 0.0,
                dangling=bool(dangling.match(text.lstrip(_SPEECH + " "))) and order > 0,
                named=named,
                speaking_s=speaking_s(text, language),
                shorter=shorter,
                shorter_s=speaking_s(shorter, language) if shorter else 0.0,
            )
        )
    return lines


def _speakable(passage: str) -> list[str]:
    """``passage`` as the narrator says it: asides of long sentences left out, long sentences parted at semicolons."""
    if sum(char.isalpha() for char in passage) < 2:
        return []
    if len(passage) > 140:
        shorter = _ASIDE.sub("", passage).strip()
        if open_quotes(shorter) == 0 and len(shorter) > 30:
            passage = shorter
    halves = [half.strip() for half in passage.split("; ")]
    parted = len(passage) > 150 and len(halves) > 1 and all(len(h.split()) >= 5 and not open_quotes(h) for h in halves)
    if not parted:
        return [passage]
    return [
        (half[0].upper() + half[1:]) + ("" if half[-1] in '.!?…”"’' else ".")
        for half in (_JOINING.sub("", half, count=1) for half in halves)
    ]


def _shorter(sentence: str) -> str:
    """The first part of ``sentence`` that is a sentence by itself: up to “, and she …” or “, which …”."""
    match = _GOES_ON.search(sentence)
    head = sentence[: match.start()] if match else ""
    if len(head.split()) < 6 or open_quotes(head) or head[0] in _SPEECH or _LEANS_ON_REST.match(head):
        return ""
    return f"{head}."


def _weight(text: str, bag: list[str], counts: Counter[str], top: float, named: tuple[str, ...]) -> float:
    """How much of the story the sentence carries: its frequent words and people; less for what leans on others."""
    frequent = sorted((math.log1p(counts[word]) / top for word in set(bag) if word in counts), reverse=True)[:5]
    weight = 0.2 + sum(frequent) / 6 + 0.25 * min(2, len(named))
    if text[0] in _SPEECH:
        weight -= 0.1 if text[-1] in ".!?" else 0.4
    if len(bag) < 5 and len(text) < 24:
        weight -= 0.35
    if len(text) > 170:
        weight -= 0.25
    if _JOINING.match(text):
        weight -= 0.1
    weight -= 0.12 * min(2, len(_LEANING.findall(text)))
    return max(0.05, weight)
