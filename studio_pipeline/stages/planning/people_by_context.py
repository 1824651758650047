"""Who is in a story whose script has no capital letters, by the words around a name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from studio_pipeline.film.story import Entity
from studio_pipeline.prose.languages import primary, small_words, word_set
from studio_pipeline.stages.planning.evidence import proven

_FEWEST_MENTIONS = 2
_MOST_COUNTED = 400
"""How many names are counted; in a long text the patterns also find what is no name."""
_HAN = "\u4e00-\u9fff"
_KATAKANA = "\u30a1-\u30fc"


@dataclass(frozen=True)
class _Rule:
    """``patterns`` find a name in one of their groups; words of ``never`` stand in such places and are no names."""

    patterns: tuple[re.Pattern[str], ...]
    never: frozenset[str]

    def names(self, passage: str) -> list[str]:
        matches = (match for pattern in self.patterns for match in pattern.finditer(passage))
        found = (next(group for group in match.groups() if group) for match in matches)
        return [name for name in found if name not in self.never]


RULES = {
    "hi": _Rule(
        (
            # The postposition ने marks who acts; nothing that does not act carries it.
            re.compile(r"([\u0904-\u0939][\u0900-\u0963]{1,14})\s+(?:ने(?=\s)|बोला|बोली)"),
            re.compile(
                r"(?<![\u0900-\u097f])(दादी|दादा|नानी|नाना|माँ|मां|पिता|पिताजी|राजा|रानी|राजकुमार|राजकुमारी|लड़का|लड़की|"
                r"बच्चा|बच्ची|भाई|बहन|किसान|मछुआरा|बूढ़ा|बुढ़िया|चिड़िया|शेर|लोमड़ी|ख़रगोश|खरगोश|हाथी|बंदर|कौआ)"
                r"(?![\u0900-\u097f])"
            ),
        ),
        word_set(
            """
            उस इस किस जिस सब हम तुम आप मैं उन इन किसी लोगों सबने दोनों एक वहाँ यहाँ बाद पास
            हवा पानी समय बारिश नदी सूरज रात डर आँधी लहर लहरों चाँद
            """
        ),
    ),
    "zh": _Rule(
        (re.compile(rf"(?:^|[，。！？：；“”、「」\s])([{_HAN}]{{2,3}}?)(?:说|說|问|問|笑|喊|答|想|看着)"),),
        word_set(
            """
            他 她 它 我 你 您 他们 她们 我们 你们 自己 大家 有人 人们 对他 对她 一声 只是 就是 还是 什么 怎么 这么 那么
            """
        ),
    ),
    "ja": _Rule(
        (
            re.compile(
                rf"([{_HAN}{_KATAKANA}]{{1,6}})(?:さん|くん|ちゃん|様)|"
                rf"([{_HAN}{_KATAKANA}]{{2,6}})[はが](?=[^。]{{0,12}}(?:言|聞|答|笑|叫))"
            ),
        ),
        word_set("私 僕 俺 彼 彼女 それ これ あれ 誰 何 今 皆"),
    ),
    "ar": _Rule(
        (re.compile(r"(?:قالت?|سألت?|أجابت?|صاحت?|همست?|ابتسمت?)\s+([\u0621-\u064a]{2,14})"),),
        word_set("له لها لهم في من على إن أن هو هي لي لك نفسه بصوت الرجل"),
    ),
}
"""How names are found, by language."""


def people_by_context(passages: list[str], language: str) -> list[Entity]:
    """The people of a story in one of the languages of ``RULES``, most mentioned first."""
    rule, small = RULES[primary(language)], small_words(language)
    first: dict[str, int] = {}
    for at, passage in enumerate(passages):
        for name in rule.names(passage):
            if name not in small:
                first.setdefault(name, at)
    text = "\n".join(passages)
    counts = {name: text.count(name) for name in list(first)[:_MOST_COUNTED]}
    people = [proven(name, n, passages[first[name]]) for name, n in counts.items() if n >= _FEWEST_MENTIONS]
    return sorted(people, key=lambda person: -person.mentions)
