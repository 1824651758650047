"""Who is in a story: names and roles, each with the sentence that proves it.

Here by capital letters; scripts without them are read in ``people_by_context.py``. Places are found first
(``places.py``) and are no people.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from studio_pipeline.film.story import Entity
from studio_pipeline.prose.languages import SMALL_WORDS, primary, small_words, word_set
from studio_pipeline.prose.roles import ROLES
from studio_pipeline.prose.speech import told
from studio_pipeline.stages.planning.evidence import proven
from studio_pipeline.stages.planning.people_by_context import RULES, people_by_context

MOST_PEOPLE = 12
_LONG_TEXT = 300
"""Passages from which on somebody must be named four times to be one of the people."""

_TITLES = word_set(
    """
    Mr Mrs Ms Miss Dr Sir Lady Lord Captain Old Young Little Aunt Uncle Father Mother Brother Sister King Queen
    Prince Princess Professor Doctor Saint St Grandmother Grandfather Granny Herr Frau Monsieur Madame Señor Señora
    Don Doña
    """
)
_DOTTED = ("Mr", "Mrs", "Ms", "Dr", "St")
"""Titles that are written with a full stop, which ends no sentence."""
_EPITHETS = ("Poor", "Dear", "O")
_NEVER = word_set(
    """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december christmas easter spring summer autumn winter english french german god lord
    yes no oh ah well hello goodbye chapter part book act north south east west earth sun moon mr mrs ms dr sir i
    i'm i'll i've i'd okay ok please thank thanks today tomorrow yesterday tonight everyone everybody nobody
    somebody int ext day night dawn dusk continuous later cut fade
    """
)
_SAYING = word_set(
    """
    said says asked asks answered whispered shouted cried replied called muttered laughed smiled nodded told thought
    sagte fragte rief antwortete flüsterte dit demanda répondit cria murmura dijo preguntó respondió gritó disse
    chiese rispose perguntou respondeu сказал сказала спросил спросила ответил ответила
    """
)
_DETERMINERS = word_set(
    """
    the a an this that these those every each some any no der die das den dem des ein eine einen einem einer kein
    keine mein meine sein seine ihr ihre diese dieser jeder jede zum zur im am vom beim
    """
)
_ROLE = re.compile(
    r"\b(?:the|a|an)\s+((?:old|young|little|youngest|eldest|small|blind)\s+)?"
    rf"({'|'.join(sorted(ROLES))})\b(?!-)",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"[^\W\d_][\w’'-]*|[.!?…:;,“”\"«»„()—–]")
_POSSESSIVE = re.compile(r"[’']s?$")


@dataclass
class _Seen:
    """How a run of capitalised words was met: how often, and in which company."""

    first_at: int
    """The passage it was met in first."""
    total: int = 0
    inside: int = 0
    """Mentions not at the beginning of a sentence, where every word has a capital."""
    speaks: int = 0
    """Mentions beside “said” or “called”."""
    articled: int = 0
    """Mentions after “the” or another determiner."""
    told: int = 0
    """Mentions by the narrator, not in anybody's speech."""

    def add(self, other: _Seen) -> None:
        """``other`` is the same person under another name."""
        self.total += other.total
        self.inside += other.inside
        self.speaks += other.speaks
        self.articled += other.articled
        self.told += other.told


class _Token(NamedTuple):
    """A word as written, and without the “’s” at its end; or a mark."""

    word: str
    written: str

    @property
    def is_possessive(self) -> bool:
        return self.word != self.written


class _Run(NamedTuple):
    """Capitalised words in a row, whether they open a sentence, and the words beside them in small letters."""

    words: list[str]
    opens: bool
    before: str
    after: str


def find_people(passages: list[str], language: str, not_people: set[str]) -> list[Entity]:
    """The people of the story, most mentioned first, at most twelve."""
    if primary(language) in RULES:
        return people_by_context(passages, language)[:MOST_PEOPLE]
    named = _by_capitals(passages, language, not_people)
    if primary(language) == "en":
        nearly_nameless = len(named) < 2  # a fairy tale: its people are roles
        named = _with_roles(named, _roles(passages, at_least=2 if nearly_nameless else 5))
    return sorted(named, key=lambda person: -person.mentions)[:MOST_PEOPLE]


def _by_capitals(passages: list[str], language: str, not_people: set[str]) -> list[Entity]:
    small = small_words(language) | SMALL_WORDS["en"]
    lower: Counter[str] = Counter()
    seen: dict[str, _Seen] = {}
    for at, passage in enumerate(passages):
        narrated = told(passage)
        for run in _capital_runs(passage, lower):
            key = " ".join(run.words)
            entry = seen.setdefault(key, _Seen(first_at=at))
            entry.total += 1
            entry.told += key in narrated
            entry.inside += not run.opens
            entry.speaks += run.before in _SAYING or run.after in _SAYING or run.before in ("named", "called")
            entry.articled += run.before in _DETERMINERS
    _quiet(seen)
    has_narrator = any(entry.told for entry in seen.values())
    places = {part.lower() for place in not_people for part in (place, *place.split()) if part[:1].isupper()}
    merged = _merged({key: e for key, e in seen.items() if not _is_common(key, e, lower, small, places)})
    long_text = len(passages) > _LONG_TEXT
    people = []
    for key, entry in merged.items():
        titled = key.split()[0] in _TITLES
        enough = entry.total >= (4 if long_text else 2) or (not long_text and (entry.speaks or titled))
        is_name = entry.inside or entry.speaks or titled or entry.total >= 3
        by_name = entry.articled * 3 <= entry.total or (" " in key and key.split()[-1].lower() in ROLES)
        if enough and is_name and by_name and (entry.told or not has_narrator):
            people.append(proven(key, entry.total, passages[entry.first_at]))
    return people


def _quiet(seen: dict[str, _Seen]) -> None:
    """“NORA” is Nora where the text also writes her so."""
    for loud in [key for key in seen if key.isupper() and key != key.title() and key.title() in seen]:
        seen[loud.title()].add(seen.pop(loud))


def _is_capital(word: str) -> bool:
    return len(word) > 1 and word[0].isupper() and word[1] not in "'’"


def _capital_runs(passage: str, lower: Counter[str]) -> Iterator[_Run]:
    """Runs of capitalised words in ``passage``; its other words are counted in ``lower``."""
    tokens = [_Token(_POSSESSIVE.sub("", match.group()), match.group()) for match in _TOKEN.finditer(passage)]
    at = 0
    opens = True
    while at < len(tokens):
        word, written = tokens[at]
        if not word or not word[0].isalpha():
            opens = opens or written in '.!?…:“"«„—–'
            at += 1
            continue
        if not word[0].isupper() or word == "I" or word.startswith(("I'", "I’")):
            lower[word.lower()] += 1
            opens = False
            at += 1
            continue
        dotted = word in _DOTTED and [token.word[:1].isupper() for token in tokens[at + 1 : at + 3]] == [False, True]
        end = at + 3 if dotted else at + 1
        while end < len(tokens) and not tokens[end - 1].is_possessive and _is_capital(tokens[end].word):
            end += 1
        run = [token.word for token in tokens[at:end] if token.word != "."]
        opens = opens and not dotted
        before = _word_at(tokens, at - 1) if at else ""
        if before in ("”", '"', "»") and at > 1:
            before = ""
        while len(run) > 1 and run[0] in _EPITHETS:
            before, run = run[0].lower(), run[1:]
        while len(run) > 1 and opens and (run[0].lower() in SMALL_WORDS["en"] or run[0].lower() in _NEVER):
            before, run, opens = run[0].lower(), run[1:], False
        yield _Run(run, opens, before, _word_at(tokens, end))
        opens = False
        at = end


def _word_at(tokens: list[_Token], at: int) -> str:
    return tokens[at].word.lower() if at < len(tokens) else ""


def _is_common(key: str, seen: _Seen, lower: Counter[str], small: frozenset[str], places: set[str]) -> bool:
    first = key.split()[0].lower()
    if key.lower() in places or len(key) < 2 or len(key) > 60 or (key.isupper() and len(key) > 4):
        return True
    if " " in key:
        return all(word.lower() in _NEVER or word.lower() in small for word in key.split())
    if first in small or first in _NEVER or key in _TITLES:
        return True
    return lower[first] > 0 and seen.inside <= max(1, lower[first]) and not seen.speaks


def _merged(seen: dict[str, _Seen]) -> dict[str, _Seen]:
    """``Ines`` and ``Mrs Calloway`` become ``Ines Calloway`` where the text leaves no doubt."""
    full = sorted(
        (key for key in seen if " " in key), key=lambda key: (key.split()[0] in _TITLES, -seen[key].total, key)
    )
    merged = {key: replace(entry) for key, entry in seen.items()}
    for key in sorted(seen, key=lambda key: (key.count(" "), key)):
        bare = [word for word in key.split() if word not in _TITLES]
        if not bare or (" " in key and key.split()[0] not in _TITLES):
            continue
        homes = [
            other
            for other in full
            if other != key
            and other in merged
            and set(bare) <= set(other.split())
            and len(other) > len(" ".join(bare))
            and not (other.split()[0] in _TITLES and seen[other].total * 10 < seen[key].total)  # once “Miss Alice”
        ]
        people = {" ".join(word for word in home.split() if word not in _TITLES): home for home in reversed(homes)}
        if len(people) > 1:  # “Mr Holmes” is no other person than the “Sherlock Holmes” there is
            people.pop(" ".join(bare), None)
        if len(people) == 1 and key in merged:
            merged[next(iter(people.values()))].add(merged.pop(key))
    return merged


def _with_roles(named: list[Entity], roles: list[Entity]) -> list[Entity]:
    """Names and roles; “the Rabbit” of a story with a White Rabbit is him."""
    kept = {person.name: person for person in named}
    for role in roles:
        home = next((name for name in kept if " " in name and name.split()[-1].lower() == role.name.lower()), "")
        if home:
            kept[home] = kept[home].model_copy(update={"mentions": max(kept[home].mentions, role.mentions)})
        elif role.name not in kept:
            kept[role.name] = role
    return list(kept.values())


def _roles(passages: list[str], at_least: int) -> list[Entity]:
    counts: Counter[str] = Counter()
    first: dict[str, int] = {}
    for at, passage in enumerate(passages):
        for adjective, role in _ROLE.findall(passage):
            name = f"{adjective.lower()}{role.lower()}"
            counts[name] += 1
            first.setdefault(name, at)
    for name in [name for name in sorted(counts) if " " in name and name.split()[1] in counts]:
        adjective, role = name.split()
        if adjective in ("old", "young", "little", "small"):  # “the old miller” is “the miller”
            counts[role] += counts.pop(name)
            first[role] = min(first[role], first[name])
    return [
        proven(name[0].upper() + name[1:], count, passages[first[name]])
        for name, count in sorted(counts.items())
        if count >= at_least
    ]
