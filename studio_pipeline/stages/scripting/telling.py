"""How much of the story a sentence tells: who acts, what comes in for the first time, what turns.

Only judged here; what can be said at all is in ``sayable.py``, what is chosen in ``selection.py``.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable

from studio_pipeline.prose.clauses import is_finite
from studio_pipeline.prose.languages import word_set, words

CONCEPTS = 60
"""Words the story comes back to; telling each of them at least once is what makes a film of it."""

_SHORT_STORY = 150
"""Sentences below which a word that comes back once is already a thread of the story."""
_JOINING = re.compile(
    r"^(?:(?:and|but|then|so|or|nor|for|yet|और|लेकिन|फिर|und|aber|et|mais|y|pero)\s|"
    r"(?P<hangs>便|又|也|才|就|却|所以|而且|但|于是|因为|如是|然而))",
    re.IGNORECASE,
)
_LEANING = re.compile(r"^(?:(?!\b(?:the|a|an)\s).)*?\b(?:it|them)\b(?! (?:of|was|is)\b)", re.IGNORECASE)
"""“After it”, before anything was named that it could be."""
_TURNS = re.compile(
    r"\b(?:suddenly|at last|at once|all at once|just then|for the (?:first|last) time|in another moment|finally|"
    r"the next (?:day|morning|evening|night)|(?:that|one) (?:night|evening|morning|day)|on the last|the last|"
    r"once upon|storm|there (?:was|lived|were) (?:once )?(?:a|an|two|three)|opened|found|discovered|arrived|letter|"
    r"secret)\b"
    r"|^(?:then|soon|when|after)\b",
    re.IGNORECASE,
)
_CHANGES = re.compile(
    r"\b(?:(?:was|were|is|are) now|until there (?:was|were)|became|grew|growing|turned into|shr[iau]nk\w*|vanished|"
    r"disappeared|died|dead|born|married|burned|broke|went out|gone|lost|escaped|fell|climbed|jumped|ran|cried out|"
    r"came out|came back)\b",
    re.IGNORECASE,
)
_PLANS = re.compile(
    r"\b(?:(?:was|were) (?:going )?to(?! be seen)|decided|promised|ordered|agreed|swore|resolved|commanded|set out|"
    r"set off)\b",
    re.IGNORECASE,
)
"""What is going to happen is what the rest of a story is about."""
_MIND = re.compile(
    r"\b(?:thought(?! of the)|felt|wondered?|wondering|seem\w*|suppos\w*|consider\w*|fanc\w+|knew|remember\w*|"
    r"wish\w*|believ\w+|hoped|imagin\w+|understood|idea|flashed across)\b",
    re.IGNORECASE,
)
_TALKS = re.compile(
    r"^[^“\"‘«]*\b(?:said|replied|answered|remarked|exclaimed|added|went on)\b[^“\"‘«']*$", re.IGNORECASE
)
"""Somebody says something, and what it was is not told."""
_DENIES = re.compile(r"\b(?:not|no|never|nothing|nobody|neither|nor|none|\w+n['’]t)\b", re.IGNORECASE)
_HABIT = re.compile(
    r"\b(?:would|could|should|might|must|may|ought|perhaps|probably|certainly|of course|indeed|quite|rather)\b",
    re.IGNORECASE,
)
_OFTEN = re.compile(r"\b(?:generally|usually|always|sometimes|often|used to|seldom|never)\b", re.IGNORECASE)
_ME = re.compile(
    r"\b(?:I|me|my|mine|we|us|our|ours|myself)\b|我们?|(?<![\u0900-\u097f])(?:मैं|मैंने|मेर[ाेी]|हम)(?![\u0900-\u097f])"
)
_YOU = re.compile(r"\b(?:you|your|yours|thou|thee|thy)\b", re.IGNORECASE)
_VAGUE = frozenset(
    ("little", "great", "good", "old", "like", "way", "time", "thing", "things", "going", "moment", "day")
)
_STATE = word_set("was were is are am be been had has have did do does would could should might must may can will")
_KNOWN = re.compile(r"\b(?:the|this|that|these|those)\s(?:[a-z][\w’'-]*\s)??([a-z][\w’'-]+)\b", re.IGNORECASE)
_NOW = word_set("is are am has have does do doesn't don't can cannot will shall may must")
_WORD = re.compile(r"[^\W\d_][\w’'-]*")


def _is_small(word: str) -> bool:
    """Words that come back in every story and tell nothing of this one."""
    return is_finite(word) or word.endswith("ly") or word in _VAGUE


def _is_now(text: str) -> bool:
    """Whether nothing in ``text`` is past: a stage direction, or a saying."""
    return all(word.lower() in _NOW for word in _WORD.findall(text) if is_finite(word))


def hangs(text: str) -> bool:
    """Whether it begins with “and” or “but”."""
    return bool(_JOINING.match(text))


def leans(text: str) -> bool:
    return bool(_LEANING.search(text))


class Reader:
    """Reads the told sentences of a story once, then says of each how much it tells."""

    def __init__(
        self, bags: list[list[str]], texts: list[str], title: str, small: frozenset[str], *, english: bool
    ) -> None:
        self.counts = Counter(word for bag in bags for word in bag if word not in small and len(word) > 1)
        self._top = math.log1p(max(self.counts.values(), default=1))
        self._first: dict[str, int] = {}
        for at, bag in enumerate(bags):
            for word in bag:
                self._first.setdefault(word, at)
        self._english = english
        of_title = {word.lower() for word in words(title)} - small
        self._title = {word for word in of_title if 0 < self.counts[word] * 4 < max(4, len(bags))}
        self._often = 2 if len(bags) < _SHORT_STORY else 3
        self._of_me = sum(bool(_ME.search(text)) for text in texts) * 7 >= len(texts)
        self._of_now = english and 3 * sum(map(_is_now, texts)) > len(texts)
        often = sorted(
            (word for word, n in self.counts.items() if n > 1 and not (english and _is_small(word))),
            key=lambda word: (-self.counts[word], word),
        )
        self._bits = {word: 1 << bit for bit, word in enumerate(often[:CONCEPTS])}

    def concepts(self, bag: Iterable[str]) -> int:
        """The words of the story that ``bag`` tells of, as a set of bits."""
        told = 0
        for word in bag:
            told |= self._bits.get(word, 0)
        return told

    def assumed(self, at: int, text: str) -> int:
        """The words of the story that sentence ``at`` says “the” to because an earlier one told of them."""
        known = (word.lower() for word in _KNOWN.findall(text))
        return self.concepts(word for word in known if self._first.get(word, at) < at)

    def weight(self, at: int, text: str, bag: list[str], named: int) -> float:
        """Between 0.05 and about 2. ``at`` is the sentence's order among the told ones."""
        present = sorted(set(bag))
        frequent = sorted((math.log1p(self.counts[w]) / self._top for w in present if w in self.counts), reverse=True)
        new = sum(
            math.log1p(self.counts[w]) / self._top
            for w in present
            if self._first.get(w) == at and self.counts[w] >= self._often
        )
        weight = 0.2 + sum(frequent[:5]) / 6 + 0.15 * min(2, named) + 0.1 * bool(named) + 0.6 * min(1.5, new)
        if len(bag) < 5 and len(text) < 24:
            weight -= 0.35 if len(bag) > 3 else 0.6
        weight -= 0.5 * (text.rstrip("”’\"'」』»")[-1:].isalnum())  # it was broken off
        if len(text) > 170:
            weight -= 0.25
        joins = _JOINING.match(text)
        weight -= (0.4 if joins and joins["hangs"] else 0.1) * bool(joins) + 0.25 * leans(text)
        weight -= 0.4 * text.rstrip("”’\"'」").endswith(("?", "？", "؟")) + 0.2 * ("!" in text)
        if not self._of_me:
            weight -= 0.6 * bool(_ME.search(text))
        weight += 0.2 * min(2, sum(word in self._title for word in present))
        weight += self._english_weight(text) if self._english else 0.0
        return max(0.05, weight)

    def _english_weight(self, text: str) -> float:
        verbs = [word.lower() for word in _WORD.findall(text) if is_finite(word)]
        now = any(map(is_finite, _WORD.findall(text)[:6])) and _is_now(text)
        acts = bool(verbs) and verbs[0] not in _STATE and not _MIND.fullmatch(verbs[0])
        return (
            0.25 * acts
            + 0.15 * bool(_TURNS.search(text))
            + 0.2 * bool(_CHANGES.search(text))
            + 0.4 * bool(_PLANS.search(text))
            - 0.25 * bool(_MIND.search(text))
            - 0.5 * bool(_TALKS.match(text))
            - 0.15 * bool(_DENIES.search(text))
            - 0.2 * bool(_HABIT.search(text))
            - 0.5 * bool(_OFTEN.search(text))
            - 0.4 * (now and not self._of_now)
            - 0.4 * bool(_YOU.search(text))
        )
