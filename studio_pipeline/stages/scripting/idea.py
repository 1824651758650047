"""Understanding an idea of a line or two: what it asks, what it is about, the things it names. By rules, in English.

Nothing is invented here; ``explainer.py`` writes from what this finds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from studio_pipeline.prose.languages import small_words, word_set
from studio_pipeline.prose.sentences import sentences

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
_INVERTED = re.compile(
    r"^(?:why|how|what|where|when|who|which)\s+(?:\w+\s+)?(?:do|does|did|is|are|was|were|can|could|will|would|should|"
    r"has|have)\b"
    r"|^(?:do|does|did|is|are|was|were|can|could|will|would|should|has|have)\b",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    r"^((?:an?|the|two|three|one)\s+(?:[\w’'-]+\s+){1,4}?)(?:who|that|which|whose|and (?:his|her|their|its))\b",
    re.IGNORECASE,
)
_ABSTRACT_HEADS = word_set(
    """
    history art science story life making importance beauty secret secrets future meaning power world origin origins
    rise fall birth benefits value role joy magic basics structure role idea legend
    """
)
_VERBS = word_set(
    """
    is are was were am be has have had do does did can could will would may might must find finds turn turns make
    makes work works learn learns live lives sing sings purr purrs fly flies swim swims travel travels become
    becomes discover discovers build builds meet meets lose loses go goes come comes fall falls grow grows try tries
    want wants dream dreams save saves change changes move moves need needs help helps teach teaches get gets take
    takes give gives keep keeps begin begins start starts end ends see sees hear hears know knows think thinks love
    loves hate hates eat eats sleep sleeps form forms shine shines glow glows burn burns run runs rise rises float
    floats sink sinks migrate migrates communicate communicates train trains protect protects connect connects open
    opens close closes decide decides return returns wake wakes search searches repair repairs collect collects
    paint paints follow follows cross crosses leave leaves matter matters happen happens exist exists dance dances
    smell smells taste tastes cook cooks bake bakes write writes read reads play plays fight fights win wins hide
    hides break breaks carry carries plant plants wait waits sail sails
    """
)
_BEFORE_NOUN_ONLY = word_set(
    """
    the a an his her their its my our your this that these those two three some every each one
    """
)
_TOKEN = re.compile(r"[\w’'-]+|[,.;:!?()—–]")


def read_idea(concept: str, language: str) -> Idea:
    """The idea behind ``concept``. Grammar is read where ``language`` is ``en``; else the words stay whole."""
    told = sentences(concept) or [concept.strip()]
    first, rest = told[0], told[1:]
    if language != "en":
        return Idea("subject", first.strip(" .।!?。"), first.strip(" .।!?。"), "", first, tuple(rest))
    more = tuple(sentence for sentence in rest if not _INSTRUCTION.match(sentence) and len(sentence.split()) >= 4)
    asked = _REQUEST.sub("", first) if _REQUEST.match(first) else _EXPLAIN.sub("", first)
    asked = _AUDIENCE.sub("", asked.strip().rstrip(" ."))
    bare = asked.strip().strip(' .!"“”')
    if not bare:
        bare = first.strip(' .!"“”') or "this"
    question = bare.rstrip("?").strip()
    if _INVERTED.match(bare):
        things = things_of(re.sub(_INVERTED, "", question).strip(), leading=True)
        return Idea(
            "question", _subject_words(question, things), *_pair(things, question), f"{_upper(question)}?", more
        )
    if _WH.match(bare):
        things = things_of(_WH.sub("", question).strip(), leading=True)
        topic = question[0].lower() + question[1:]
        return Idea("question", topic, *_pair(things, question), "", more)
    relative = _RELATIVE.match(bare)
    things = things_of(bare, leading=True)
    if relative or _has_verb(bare, things):
        subject = relative[1].strip() if relative else things[0] if things else bare
        others = [
            thing for thing in things if thing.lower() not in subject.lower() and subject.lower() not in thing.lower()
        ]
        opening = "" if relative and not _main_verb_after(bare, relative.end()) else f"{_upper(bare)}."
        return Idea("tale", _inner(bare), _definite(subject), _definite(others[0]) if others else "", opening, more)
    return Idea("subject", _inner(bare), *_pair(_beyond_heads(things, bare), bare), "", more)


def things_of(text: str, *, leading: bool) -> list[str]:
    """Noun phrases of ``text``. ``leading``: the text begins with one, also without an article (“bees find …”)."""
    small = small_words("en")
    tokens = _TOKEN.findall(text)
    found: list[str] = []
    at = 0
    while at < len(tokens):
        token = tokens[at].lower()
        opens = token in _BEFORE_NOUN_ONLY
        proper = tokens[at][:1].isupper() and token not in small and at > 0
        follows = (at == 0 and leading) or (at > 0 and tokens[at - 1].lower() in _NOUN_AFTER and token not in small)
        if not (opens or proper or follows) or (token in small and not opens):
            at += 1
            continue
        phrase = [tokens[at]]
        at += 1
        while at < len(tokens) and len(phrase) < 5 and _continues(tokens, at, phrase, small):
            phrase.append(tokens[at])
            at += 1
        if not (len(phrase) == 1 and (opens or (phrase[0].lower() in _VERBS and not follows))):
            found.append(" ".join(phrase))
    return found


_NOUN_AFTER = word_set(
    """
    of in on at to from by for with without into about under over through between and behind near inside like
    """
)


def _continues(tokens: list[str], at: int, phrase: list[str], small: frozenset[str]) -> bool:
    word = tokens[at].lower()
    in_name = tokens[at][:1].isupper() and phrase[-1][:1].isupper() and phrase[-1].lower() not in _BEFORE_NOUN_ONLY
    if not word[0].isalnum() or (word in small and not in_name):
        return False
    has_noun = len(phrase) > 1 or phrase[0].lower() not in _BEFORE_NOUN_ONLY
    if has_noun and word in _VERBS:
        return False
    nothing_after = at + 1 == len(tokens)
    after = tokens[at + 1].lower() if not nothing_after else ""
    looks_like_verb = word.endswith("s") and not word.endswith("ss") and not phrase[-1].lower().endswith("s")
    if has_noun and looks_like_verb and phrase[0].lower() in ("a", "an", "the", "one") and after in _BEFORE_NOUN_ONLY:
        return False
    return not (has_noun and word.endswith("ly"))


def _has_verb(text: str, things: list[str]) -> bool:
    """Whether the idea is a sentence: a thing, and then a verb."""
    if not things:
        return False
    tail = text[text.lower().find(things[0].lower()) + len(things[0]) :].split()
    joined = " and " in f" {' '.join(tail[:3])} "
    nearby = tail[:6] if joined else tail[:2]
    return any(word.lower().strip(",") in _VERBS for word in nearby)


def _main_verb_after(text: str, at: int) -> bool:
    """Whether a relative opening still gets a main verb: “A girl and her dog travel …”, not “A robot who is …”."""
    return bool(re.search(r"\band (?:his|her|their|its)\s*$", text[:at])) and any(
        word.strip(",.").lower() in _VERBS for word in text[at:].split()
    )


def _beyond_heads(things: list[str], text: str) -> list[str]:
    """“The history of the bicycle” is about the bicycle."""
    if len(things) > 1 and things[0].split()[-1].lower() in _ABSTRACT_HEADS and " of " in text:
        return things[1:]
    return things


def _pair(things: list[str], text: str) -> tuple[str, str]:
    short = text if len(text.split()) <= 6 else " ".join(text.split()[:4])
    thing = _inner(things[0]) if things else _inner(short)
    other = next(
        (_inner(t) for t in things[1:] if t.lower() not in thing.lower() and thing.lower() not in t.lower()), ""
    )
    return thing, other


def _subject_words(question: str, things: list[str]) -> str:
    return _inner(things[0]) if things else question


def _definite(phrase: str) -> str:
    inner = _inner(phrase)
    return re.sub(r"^(?:an?|one)\s", "the ", re.sub(r"^(?=(?:two|three)\s)", "the ", inner))


def _inner(phrase: str) -> str:
    """``phrase`` as it is written inside a sentence: a leading article loses its capital, a name keeps it."""
    first, _, rest = phrase.partition(" ")
    keep = (len(first) > 1 and first[1:] != first[1:].lower()) or (
        rest[:1].isupper() and first.lower() not in _BEFORE_NOUN_ONLY
    )
    plain = first.lower() in _BEFORE_NOUN_ONLY or first.lower() in small_words("en") or not keep
    return (first[:1].lower() + first[1:] if plain and not keep else first) + (f" {rest}" if rest else "")


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
