"""What of a passage is narrative: cleaned of brackets and shouting, and told from what its people say.

Which of it becomes a line of the film, and in which words, is in ``sayable.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from studio_pipeline.prose.clauses import is_sentence, shorter_forms
from studio_pipeline.prose.languages import primary, words
from studio_pipeline.prose.pace import speaking_s
from studio_pipeline.prose.speech import spans, told

_LONGEST_QUOTE_S = 5.0
_LABEL_WORDS = 3
_FEWEST_SAID = 3
_DASHES = re.compile(r"\s*--+\s*")
_STARS = re.compile(r"(?:\s*\*)+\s*|(?<!\w)_|_(?!\w)")
_ASIDE = re.compile(r"\s*—[^—.!?“”\"]{3,120}—(?=\s?\w)")
_SPACES = re.compile(r"\s+")
_ALAS = re.compile(
    r"^(?:(?:and|but|so|for),?\s+)?(?:alas|oh|ah|well|however|indeed|you see)[,!]\s+"
    r"|^for\s+(?=(?:he|she|it|they|there|this)\s|the\s(?-i:[A-Z]))"
    r"|^(?:and|but|so)\s+(?=(?:when|as|after|if|while)\s)",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r"\b(?:said|says?|saying|cried|cries|asked|asks|called|answered|replied|began|muttered|shouted|went on|whispered|"
    r"exclaimed|remarked|murmured|added)(?:\s(?:out|again|aloud|on|too|\w+ly|"
    r"to\s(?:the\s|her|him|them)?[\w ]{0,24}))*[.:,]$",
    re.IGNORECASE,
)
_LOUD = re.compile(r"\b[A-Z]{2,}(?:-[A-Z]+)*\b")
_KEPT_LOUD = frozenset(("US", "IT", "WHO", "AI", "OK", "TV", "AM", "PM"))
_END = re.compile(r"[.!?…。！？।॥؟]['’”\"」』»]*$")


def clean(passage: str, lower: set[str]) -> str:
    """``passage`` as the narrator says it: no brackets, no asides, no markup, nothing shouted."""
    text = _STARS.sub(" ", _DASHES.sub("—", passage))
    text = "".join(_without_brackets(text))
    if len(text) > 140:
        text = _ASIDE.sub("", text)
    text = _SPACES.sub(" ", text).strip()
    if lower and sum(char.isupper() for char in text) * 2 < sum(char.isalpha() for char in text):
        marked = spans(text)
        text = _LOUD.sub(
            lambda m: m[0] if any(s.start <= m.start() < s.end for s in marked) else _quiet(m[0], lower), text
        )
        text = re.sub(r"(?<=[a-z] )A(?= [a-z])", "a", text)
    return re.sub(r",\s*(?=[,.;:!?])", "", re.sub(r"\s+([,.;:!?])", r"\1", text)).lstrip(" ,;:")


def calmed(part: str) -> str:
    """``part`` without the word that hangs it on the sentence before."""
    calm = _ALAS.sub("", part)
    return part if calm == part or not calm else calm[:1].upper() + calm[1:]


def _without_brackets(text: str) -> Iterator[str]:
    at = 0
    for span in spans(text):
        if span.bracket:
            yield text[at : span.start].rstrip() + " "
            at = span.end
    yield text[at:]


def _quiet(word: str, lower: set[str]) -> str:
    return word.lower() if word not in _KEPT_LOUD and all(p.lower() in lower for p in word.split("-")) else word


def kind_of(text: str, language: str) -> str:
    """``told``, ``quoted`` (a short speech and who says it), ``speech``, or nothing for what is no sentence."""
    if sum(char.isalpha() for char in text) < 2 or text[0].islower():
        return ""
    speech = [span for span in spans(text) if not span.bracket and not _is_label(text, span.start, span.end)]
    said_s = sum(speaking_s(text[span.start : span.end], language) for span in speech)
    frame, english = told(text), primary(language) == "en"
    opening, dash, _ = text.partition("—")
    if not speech and (text.endswith(":") or _SAYS.search(text) or (dash and english and not is_sentence(opening))):
        return ""  # what was said, or meant, does not follow
    if not speech:
        whole = not english or (is_sentence(text) and not text.isupper())
        return "told" if whole or (_is_present(text)) else ""
    if english and sum(len(words(text[span.start : span.end])) for span in speech) < _FEWEST_SAID:
        return "speech"
    if (
        said_s <= _LONGEST_QUOTE_S
        and speaking_s(text, language) <= 1.5 * _LONGEST_QUOTE_S
        and len(words(frame)) >= 2
        and _END.search(text)
    ):
        return "quoted"
    return "speech"


def _is_present(text: str) -> bool:
    """“Nora takes his coat.”: a sentence in the present tense, as stage directions are."""
    return bool(
        re.match(
            r"(?!Wh|How|If|Th(?:is|at|en)\b)(?:[A-Z][\w’'-]+|(?:He|She|It|The \w+))(?: [A-Z]\w+)?"
            r" [a-z]{2,}s\b(?! of\b)",
            text,
        )
    ) and bool(_END.search(text))


def _is_label(text: str, start: int, end: int) -> bool:
    """The words 'DRINK ME' on a bottle are not spoken by anybody."""
    inside = text[start + 1 : end - 1].rstrip(",")
    lead = text[:start].rstrip()
    return (
        start > 0
        and not lead.endswith((",", ":", "：", "，"))
        and len(inside.split()) <= _LABEL_WORDS
        and inside[-1:].isalnum()
    )


def before_speech(part: str) -> str:
    """The longest beginning of ``part`` that is a sentence and holds no speech; else ``""``."""
    first = min((s.start for s in spans(part) if not s.bracket and not _is_label(part, s.start, s.end)), default=0)
    heads = (form for form in shorter_forms(part) if len(form) <= first) if first > 20 else ()
    return next((head for head in heads if not _SAYS.search(head)), "")
