"""Understanding an idea of a line or two: what it asks, what it is about, the things it names. By rules, in English.

Nothing is invented here; ``explainer.py`` writes from what this finds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from studio_pipeline.prose.languages import word_set
from studio_pipeline.prose.sentences import capitalised, sentences
from studio_pipeline.stages.scripting.noun_phrases import VERBS, definite, inside, things_of

Kind = Literal["question", "subject", "tale"]


@dataclass(frozen=True)
class Idea:
    """``topic`` fits inside a sentence (“why the sky turns red”, “a robot who is afraid of the dark”)."""

    kind: Kind
    topic: str
    thing: str
    """The main thing, with an article where the idea gives one: “the sky”, “bees”, “the robot”."""
    other: str
    """A second thing, or ``""``."""
    opening: str
    """The idea's own sentence, when it is one that can be spoken."""
    more: tuple[str, ...]
    """Further sentences of the idea that tell something (instructions to the film-maker are left out)."""


_REQUEST = re.compile(
    r"^\W*(?:please\s+)?(?:(?:i\s+(?:want|would like|need)|make|create|produce|write|do|give\s+(?:me|us)|show|film|"
    r"shoot)\s+)?"
    r"(?:me\s+|us\s+)?(?:(?:an?|the|my|our)\s+)?(?:(?:very|short|brief|little|quick|simple|nice|beautiful|calm|funny|"
    r"animated|educational|explainer|documentary|one-minute|\d+[- ]?(?:s|sec|seconds?|minutes?|min)\b)[\s,]+){0,5}"
    r"(?:film|movie|video|explainer|documentary|clip|short|animation|story|tale|fable|advert|ad|commercial|trailer|"
    r"piece|essay)\s*"
    r"(?:about|on|of|explaining|showing|that explains|that shows|for|:|—|-)\s+",
    re.IGNORECASE,
)
_EXPLAIN = re.compile(
    r"^(?:please\s+)?(?:explain|show|tell (?:me|us) (?:about )?|describe|teach (?:me|us))\s+(?=\w)", re.IGNORECASE
)
_AUDIENCE = re.compile(
    r"\s+(?:to|for)\s+(?:my\s+|our\s+|young\s+)?(?:children|kids|beginners|students|everyone|adults)$", re.I
)
_INSTRUCTION = re.compile(
    r"^(?:make|create|use|keep|show|include|write|add|please|style|tone|no|avoid|don't|do not|target|audience|length|"
    r"format|the (?:film|video|tone|style|mood|audience)|it should|this should|should)\b",
    re.IGNORECASE,
)
_WH = re.compile(r"^(why|how|what|where|when|who|whether|which)\b", re.IGNORECASE)
_TELLING = re.compile(r"^(?:when|where|whenever|wherever)\b[^,?]*,[^?]*$", re.IGNORECASE)
"""“When the moon is gone, the sea forgets its tides”: no question."""
_AUXILIARY = r"(?:do|does|did|is|are|was|were|can|could|will|would|should|has|have)\b"
_INVERTED = re.compile(
    rf"^(?:(?:why|how|what|where|when|who|which)\s+(?:(?!{_AUXILIARY})\w+\s+)?)?{_AUXILIARY}", re.IGNORECASE
)
"""“Why do”, “how often is”: a question as one asks it."""
_WHICH = re.compile(rf"^(?:what|which)\s+(?!{_AUXILIARY})(\w+)", re.IGNORECASE)
_RELATIVE = re.compile(
    r"^((?:an?|the|two|three|one)\s+(?:[\w’'-]+\s+){1,4}?)(?:who|that|which|whose|and (?:his|her|their|its))\b",
    re.IGNORECASE,
)
_HINDI_CLAUSE_END = re.compile(
    r",\s|\s(?=(?:जो|जिस\S*|जिन\S*|कि)\s)|(?:(?<=है)|(?<=हैं)|(?<=था)|(?<=थी)|(?<=थे))\s(?=(?:और|लेकिन|फिर)\s)"
)
_LONGEST_THING_WORDS = 6
_CUT_THING_WORDS = 4
_ABSTRACT_HEADS = word_set(
    """
    history art science story life making importance beauty secret secrets future meaning power world origin origins
    rise fall birth benefits value role joy magic basics structure role idea legend
    """
)


def read_idea(concept: str, language: str) -> Idea:
    """The idea behind ``concept``. Grammar is read where ``language`` is ``en``; else the words stay whole."""
    told = sentences(concept) or [concept.strip()]
    first, rest = told[0], told[1:]
    if language != "en":
        topic = first.strip(" .।!?。")
        return Idea("subject", topic, _HINDI_CLAUSE_END.split(topic, maxsplit=1)[0], "", first, tuple(rest))
    more = tuple(sentence for sentence in rest if not _INSTRUCTION.match(sentence) and len(sentence.split()) >= 4)
    asked = _REQUEST.sub("", first) if _REQUEST.match(first) else _EXPLAIN.sub("", first)
    asked = _AUDIENCE.sub("", asked.strip().rstrip(" ."))
    bare = asked.strip().strip(' .!"“”')
    if not bare:
        bare = first.strip(' .!"“”') or "this"
    question = bare.rstrip("?").strip()
    if _INVERTED.match(bare):
        which = _WHICH.match(bare)
        things = [which[1]] if which else things_of(_INVERTED.sub("", question).strip(), leading=True)
        topic = inside(things[0], question) if things else question
        return Idea("question", topic, *_pair(things, question), f"{capitalised(question)}?", more)
    if asks(bare):
        asked_of = _WH.sub("", question).strip()
        leading = asked_of.partition(" ")[0] not in VERBS and not question.lower().startswith("who")
        things = things_of(asked_of, leading=leading)  # not of “what happens in …”, “who made …”
        return Idea("question", question[0].lower() + question[1:], *_pair(things, question), "", more)
    relative = _RELATIVE.match(bare)
    things = things_of(bare, leading=True)
    if relative or _has_verb(bare, things):
        subject = relative[1].strip() if relative else things[0] if things else bare
        other = next((thing for thing in things if not _overlap(thing, subject)), "")
        opening = "" if relative and not _main_verb_after(bare, relative.end()) else f"{capitalised(bare)}."
        return Idea("tale", inside(bare, bare), definite(subject, bare), definite(other, bare), opening, more)
    return Idea("subject", inside(bare, bare), *_pair(_beyond_heads(things, bare), bare), "", more)


def asks(text: str) -> bool:
    """Whether ``text`` opens as a question does: “why the sky turns red”."""
    return bool(_WH.match(text)) and not _TELLING.match(text)


def _has_verb(text: str, things: list[str]) -> bool:
    """Whether the idea is a sentence: a thing, and then a verb."""
    if not things:
        return False
    tail = text[text.lower().find(things[0].lower()) + len(things[0]) :].split()
    joined = " and " in f" {' '.join(tail[:3])} "
    nearby = tail[:6] if joined else tail[:2]
    return any(word.lower().strip(",") in VERBS for word in nearby)


def _main_verb_after(text: str, at: int) -> bool:
    """Whether a relative opening still gets a main verb: “A girl and her dog travel …”, not “A robot who is …”."""
    return bool(re.search(r"\band (?:his|her|their|its)\s*$", text[:at])) and any(
        word.strip(",.").lower() in VERBS for word in text[at:].split()
    )


def _beyond_heads(things: list[str], text: str) -> list[str]:
    """“The history of the bicycle” is about the bicycle."""
    if len(things) > 1 and things[0].split()[-1].lower() in _ABSTRACT_HEADS and " of " in text:
        return things[1:]
    return things


def _pair(things: list[str], text: str) -> tuple[str, str]:
    """The main thing of ``text`` and a second one; where it names none, its own first words are the thing."""
    named = things or [text if len(text.split()) <= _LONGEST_THING_WORDS else " ".join(text.split()[:_CUT_THING_WORDS])]
    other = next((thing for thing in named[1:] if not _overlap(thing, named[0])), "")
    return inside(named[0], text), inside(other, text)


def _overlap(one: str, two: str) -> bool:
    return one.lower() in two.lower() or two.lower() in one.lower()
