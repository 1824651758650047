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

_SURNAMES = (
    "赵钱孙李吴郑王冯陈卫蒋沈韩杨朱秦吕张孔曹魏陶姜谢邹苏潘葛范彭鲁韦柳鲍唐薛雷贺倪汤罗郝傅康伍余顾孟萧尹姚邵汪毛贾丁邓郭"
    "林徐胡刘宋梁黄曾程蔡叶阎趙錢孫吳鄭馮陳衛蔣韓楊呂張陶謝鄒蘇魯韋鮑賀湯羅顧蕭賈鄧劉葉閻"
)
"""Frequent surnames that seldom begin another word."""


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
        (
            re.compile(rf"(?:^|[，。！？：；“”、「」\s])([{_HAN}]{{2,3}}?)(?:说|說|问|問|笑|喊|答|想|看着)"),
            # Somebody with a surname does something, or something is done to them.
            re.compile(
                rf"(?:^|[，。！？：；“”、「」\s])([{_SURNAMES}][{_HAN}]{{1,2}}?)"
                "(?:便|又|也|就|却|卻|才|已|是|在|把|被|从|從|向|到|走|站|坐|睁|低|抬|一|听|聽|看|见|見|拿|笑|哭|的确)"
            ),
        ),
        word_set(
            """
            他 她 它 我 你 您 他们 她们 我们 你们 自己 大家 有人 人们 对他 对她 一声 只是 就是 还是 什么 怎么 这么 那么
            忽然 突然 于是 后来 然后 仍然 终于 大约 有的 一个 慢慢 有时 果然 随后 接着 不由 不禁 又是 也是
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
        (
            re.compile(
                r"(?:قالت?|سألت?|أجابت?|صاحت?|همست?|ابتسمت?|انطلقت?|أقبلت?|جاءت?|ذهبت?|انقلبت?)\s+([\u0621-\u064a]{2,14})"
            ),
        ),
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
