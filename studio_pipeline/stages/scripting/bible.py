"""The bible: who is in the film, how to recognise them in a sentence, and how each looks in every picture.

A look is designed, not guessed: a silhouette, a garment and a colour per person, so that two people are never
mistaken for each other. What the story itself says about somebody (“the one-eyed gull”) is added in its own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from studio_pipeline.film.script import Character
from studio_pipeline.film.story import Entity
from studio_pipeline.prose.languages import primary, word_set, words
from studio_pipeline.prose.roles import ANIMALS, ROLES

MOST_CHARACTERS = 8

_COLOURS = ("#2f6690", "#d1495b", "#e0a030", "#3a7d44", "#7b4b94", "#00798c", "#8d5524", "#5c677d")
_BRIGHT = ("#1e88e5", "#e53935", "#f9a825", "#43a047", "#8e24aa", "#00acc1", "#fb8c00", "#6d4c41")
_COLOUR_WORDS = {
    **dict(
        zip(
            _COLOURS,
            ("deep blue", "brick red", "ochre", "moss green", "plum", "teal", "umber", "slate grey"),
            strict=True,
        )
    ),
    **dict(
        zip(
            _BRIGHT,
            ("bright blue", "red", "sunny yellow", "leaf green", "violet", "cyan", "orange", "cocoa brown"),
            strict=True,
        )
    ),
}
_FIGURES = (
    "tall, upright figure in a long {} coat, collar turned up",
    "broad-shouldered figure in a {} knitted jersey and a flat cap",
    "wiry figure in a {} oilskin, sleeves pushed up",
    "slender figure in a {} cloak with a hood",
    "round, unhurried figure in a {} waistcoat, sleeves rolled",
    "lanky figure in {} overalls, hair tied back",
    "stooped figure in a {} shawl over plain clothes",
    "square-built figure in a {} work apron",
)
_ANIMAL = re.compile(rf"\b({'|'.join(sorted(ANIMALS | {'robot'}))})\b", re.IGNORECASE)
_TITLES = word_set(
    """
    Mr Mrs Ms Miss Dr Sir Lady Lord Captain Old Young Little Aunt Uncle The Herr Frau Madame Monsieur
    """
)
_TITLES_ONLY_WITH_NAME = word_set(
    """
    Father Mother Brother Sister King Queen Prince Princess Professor Doctor
    """
)


def finders(people: tuple[Entity, ...], language: str) -> dict[str, re.Pattern[str]]:
    """For each person a pattern that finds them in a sentence, by full name or by any part only they have."""
    spaced = primary(language) not in ("zh", "ja", "th")
    parts = {person.name: _parts(person.name) for person in people}
    found = {}
    for name, own in parts.items():
        others = {part for other, theirs in parts.items() if other != name for part in theirs}
        usable = sorted({name, *(part for part in own if part not in others)}, key=lambda part: (-len(part), part))
        words = "|".join(map(re.escape, usable))
        role = name.split()[-1].islower() or _is_role(name)
        found[name] = re.compile(
            rf"(?<![\w\u0900-\u097f])(?:{words})(?![\w\u0900-\u097f])" if spaced else words,
            re.IGNORECASE if role else 0,
        )
    return found


def _parts(name: str) -> set[str]:
    words = name.split()
    return {
        word
        for word in words
        if word not in _TITLES and (len(words) == 1 or word not in _TITLES_ONLY_WITH_NAME) and word[:1].isupper()
    }


def _is_role(name: str) -> bool:
    return " " not in name and name.isascii() and name.lower() in ROLES


def cast(people: list[Entity], passages: tuple[str, ...], seed: int, *, kid: bool) -> tuple[Character, ...]:
    """The bible's characters, in order of importance. The same people and seed give the same looks."""
    colours = _BRIGHT if kid else _COLOURS
    tags: set[str] = set()
    members = []
    for order, person in enumerate(people[:MOST_CHARACTERS]):
        colour = colours[(order + seed) % len(colours)]
        tag = _tag(person.name, tags)
        tags.add(tag)
        members.append(
            Character(name=person.name, tag=tag, look=_look(person, passages, order + seed, colour), colour=colour)
        )
    return tuple(members)


def designed(people: Iterable[tuple[str, str, str]], *, kid: bool) -> tuple[Character, ...]:
    """The bible of people whose name, look and colour (``#rrggbb``) are known. Nobody shares a tag or a colour: who
    comes later gets another one. At most ``MOST_CHARACTERS``, with different names."""
    tags: set[str] = set()
    members: list[Character] = []
    for name, look, colour in people:
        taken = [member.colour for member in members]
        free = (colour, *(_BRIGHT + _COLOURS if kid else _COLOURS + _BRIGHT))
        unlike = next((one for one in free if not any(_alike(one, other) for other in taken)), colour)
        tag = _tag(name, tags)
        tags.add(tag)
        members.append(Character(name=name, tag=tag, look=look, colour=unlike))
    return tuple(members)


def names_not_in(name: str, text: str) -> str:
    """The part of a name that ``text`` (in case-folded letters) does not have; ``""`` where all that is strange about
    it is what somebody is: “the young fisherman”.

    In a script without capitals nothing tells a name from a role: there one word, or two characters of a language
    without spaces, must be in the text.
    """
    words_of = words(name)
    if any(word[:1].isupper() for word in words_of):
        proper = [word for word in words_of if word[:1].isupper() and word not in _TITLES | _TITLES_ONLY_WITH_NAME]
        return " ".join(word for word in proper if not _is_role(word) and not _begins_a_word(word.casefold(), text))
    if any(word.isascii() for word in words_of):  # small letters where there are capitals: a role
        return ""
    parts = words_of if " " in name else [name[at : at + 2] for at in range(max(1, len(name) - 1))]
    return "" if any(part.casefold() in text for part in parts) else name


def _begins_a_word(word: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}", text) is not None


def _alike(one: str, other: str) -> bool:
    """Whether two colours are taken for each other on a small figure."""
    return max(abs(int(one[at : at + 2], 16) - int(other[at : at + 2], 16)) for at in (1, 3, 5)) < 24


def _look(person: Entity, passages: tuple[str, ...], order: int, colour: str) -> str:
    said = _epithet(person, passages)
    child = re.search(
        r"\b(?:child|girl|boy|five|six|seven|eight|nine|ten|granddaughter|grandson)\b", f"{person.name} {said}".lower()
    )
    animal = _ANIMAL.search(f"{person.name} {said}")
    word = _COLOUR_WORDS[colour]
    if animal:
        design = f"a {animal[1].lower()} with one {word} marking that never changes"
    elif child:
        design = f"small, quick child in a {word} scarf and a jacket a size too large"
    else:
        design = _FIGURES[order % len(_FIGURES)].format(word)
    design = design.replace(" a ochre", " an ochre").replace(" a umber", " an umber").replace(" a orange", " an orange")
    return f"{design}; {said}" if said else design


def _epithet(person: Entity, passages: tuple[str, ...]) -> str:
    """What the text calls the person right beside the name: “the one-eyed gull”, “his granddaughter”."""
    names = "|".join(
        re.escape(part) for part in sorted({person.name, *_parts(person.name)}, key=lambda p: (-len(p), p))
    )
    beside = (
        re.compile(rf"\b((?:his|her|their) (?:[a-z][\w’'-]* ){{1,2}})(?:named |called )?(?:{names})\b"),
        re.compile(rf"\b(?:{names}), ((?:the|an?|his|her|their) (?:[a-z][\w’'-]*(?:[ ](?!who|that|which))?){{1,4}})"),
        re.compile(rf"\b(?:{names}), (who (?:was|is) (?:[a-z][\w’'-]* ?){{1,5}})"),
    )
    found = []
    for pattern in beside:
        match = next(filter(None, map(pattern.search, passages[:4000])), None)
        words = re.split(r"\s(?:who|that|which|and|but|said|as|when)\b", match[1])[0].strip() if match else ""
        if len(words.split()) >= 2 and words.split()[-1] not in ("the", "of", "in", "a", "his", "her"):
            found.append(words)
    return ", ".join(found)


def _tag(name: str, taken: set[str]) -> str:
    words = [word for word in name.split() if word not in _TITLES] or name.split()
    first = _letter(words[0])
    initials = "".join(_letter(word) for word in words[:2])
    longer = words[0][:2]
    options = [first, initials if len(words) > 1 else longer, words[0][:3], *(f"{first[:1]}{n}" for n in range(2, 10))]
    return next(option.upper()[:3] for option in options if option and option.upper()[:3] not in taken)


def _letter(word: str) -> str:
    """The first letter with the vowel signs written on it."""
    marks = re.match(r".[\u0300-\u036f\u0900-\u0903\u093a-\u094f]{0,2}", word)
    return marks[0] if marks else word[:1]
