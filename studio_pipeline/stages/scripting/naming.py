"""Who “she” is: the name a sentence gets for its first pronoun when the text leaves no doubt; else nothing changes.

English only. How to find a name in a sentence is the bible's business (``bible.finders``).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from studio_pipeline.prose.clauses import is_finite
from studio_pipeline.prose.languages import small_words, word_set
from studio_pipeline.prose.roles import FEMALE, MALE, ROLES

_WINDOW = 4
"""Clauses back in which everybody named must be told apart from the one who is meant."""
_FEMALE = FEMALE | word_set("miss mrs madame frau")
_MALE = MALE | word_set("mr sir lord monsieur herr fellow")
_PERSON = re.compile(r"\b(he|she|his|her(?=\s(?P<own>[a-z]+)))\b", re.IGNORECASE)
_THING = re.compile(r"\b(it)\s(?:was|had|is|said|could|would|\w+ed)\b", re.IGNORECASE)
_OPENS = re.compile(r"(?:[\w’'-]+,?\s){0,4}?(he|she|it(?=\s(?:was|had|said|\w+ed)))\b", re.IGNORECASE)
_AS_SUBJECT = {"his": "he", "her": "she"}
_SMALL = small_words("en")
_OPENING = re.compile(r"^((?:[\w’'-]+,?\s+){0,4}?)(he|she)\b", re.IGNORECASE)
_SIDE = re.compile(r"\b(?:who|which|whom|whose)\b|(?<!^)\bthat\b", re.IGNORECASE)
_ACTOR = re.compile(r"\b([A-Z][a-z’'-]+)\s(?:[a-z]+ly\s)?([a-z]+)\b")
_ROLE = re.compile(r"[a-z]+")


def genders(told: list[str], names: dict[str, re.Pattern[str]]) -> dict[str, str]:
    """``she``, ``he`` or ``it`` for those the text speaks of clearly: by title, or by the pronouns after the name."""
    votes: dict[str, Counter[str]] = {name: Counter() for name in names}
    for at, text in enumerate(told):
        present = [(match.end(), name) for name, finder in names.items() if (match := finder.search(text))]
        if len(present) != 1:
            continue
        end, name = present[0]
        by_name = name.lower() not in ROLES  # “the frog … her ball”: somebody else's
        after = next(
            (
                m
                for m in _PERSON.finditer(text, end)
                if m[1].lower() in ("he", "she") or (by_name and m["own"] not in _SMALL)
            ),
            None,
        )
        after = after or _THING.search(text, end)
        following = told[at + 1] if at + 1 < len(told) else ""
        opens = _OPENS.match(following)
        if opens and any(finder.search(opens[0]) for finder in names.values()):
            opens = None
        votes[name].update(_AS_SUBJECT.get(m[1].lower(), m[1].lower()) for m in (after, opens) if m and m[1])
    known: dict[str, str] = {}
    for name, counted in votes.items():
        words = set(_ROLE.findall(name.lower()))
        if words & (_FEMALE | _MALE):
            known[name] = "she" if words & _FEMALE else "he"
        elif counted:
            (best, most), *others = counted.most_common(2)
            if most >= 2 and most >= 3 * (others[0][1] if others else 0):
                known[name] = best
    return known


@dataclass
class Listener:
    """Hears the clauses of a story in order and remembers who was named."""

    names: dict[str, re.Pattern[str]]
    gender: dict[str, str]
    mentions: dict[str, int]
    heard: list[dict[str, str]] = field(default_factory=list)
    """For each clause who it names, and in which words."""
    roles: list[frozenset[str]] = field(default_factory=list)
    strangers: list[bool] = field(default_factory=list)
    """For each clause whether somebody acts in it whose name is not known."""

    def hear(self, text: str) -> None:
        self.heard.append({name: _as_named(match) for name, f in self.names.items() if (match := f.search(text))})
        self.strangers.append(any(self._is_stranger(match) for match in _ACTOR.finditer(text)))
        self.roles.append(frozenset(_ROLE.findall(text.lower())) & (_FEMALE | _MALE))

    def named(self, text: str) -> str:
        """``text`` with its first “he” or “she” named, where only one person can be meant."""
        match = _OPENING.match(text)
        if match is None or any(finder.search(match[1]) for finder in self.names.values()) or _SIDE.search(match[1]):
            return text
        who = self._meant(match[2].lower())
        if not who:
            return text
        shown = who if match[1] else who[:1].upper() + who[1:]
        return f"{match[1]}{shown}{text[match.end() :]}"

    def _is_stranger(self, match: re.Match[str]) -> bool:
        before = match.string[: match.start()].split()[-1:]
        subject = not before or before[0].endswith(",") or before[0].lower() in ("and", "but", "when", "as")
        if not subject or match[1].lower() in _SMALL or not is_finite(match[2]):
            return False
        return not any(finder.search(match[1]) for finder in self.names.values())

    def _meant(self, pronoun: str) -> str:
        recent = self.heard[-_WINDOW:]
        others = _FEMALE if pronoun == "she" else _MALE
        near = {name for named in recent for name in named if self.gender.get(name, pronoun) == pronoun}
        sure = [name for name in near if name in self.gender]
        if len(sure) == 1:  # a rabbit of nobody knows which gender does not rival the heroine
            near = {name for name in near if name in sure or self.mentions[name] * 4 > self.mentions[sure[0]]}
        role_words = {word for name in self.names for word in _ROLE.findall(name.lower())}
        if any(self.strangers[-2:]) or any(roles & others - role_words for roles in self.roles[-2:]):
            return ""
        if len(near) == 1 and self.gender.get(who := next(iter(near))) == pronoun:
            return next(named[who] for named in reversed(recent) if who in named)
        if near:
            return ""
        return self._only_one(pronoun)

    def _only_one(self, pronoun: str) -> str:
        """Long after the last name: whoever is the only “she” the story is about."""
        same = sorted((n for n in self.names if self.gender.get(n) == pronoun), key=lambda n: -self.mentions[n])
        if not same or any(self.mentions[other] * 5 > self.mentions[same[0]] for other in same[1:]):
            return ""
        return next((named[same[0]] for named in reversed(self.heard[-40:]) if same[0] in named), "")


def _as_named(match: re.Match[str]) -> str:
    """“Alice”; “the Mouse” where the text has an article there."""
    before = re.search(r"\b(?:the|a|an)\s(?:[a-z]+\s)?$", match.string[: match.start()], re.IGNORECASE)
    return f"the {match[0]}" if before else match[0]
