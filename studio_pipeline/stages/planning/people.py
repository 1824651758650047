"""Who is in a story: names and roles, each with the sentence that proves it.

One way a family of scripts: capital letters where a script has them, the words around a name where it has none.
Places are found first (``places.py``) and are no people.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from studio_pipeline.film.story import Entity
from studio_pipeline.prose.languages import SMALL_WORDS, primary, small_words, word_set
from studio_pipeline.prose.roles import ROLES
from studio_pipeline.prose.speech import told

MOST_PEOPLE = 12
_EVIDENCE_CHARS = 200

_TITLES = word_set(
    """
    Mr Mrs Ms Miss Dr Sir Lady Lord Captain Old Young Little Aunt Uncle Father Mother Brother Sister King Queen
    Prince Princess Professor Doctor Saint St Grandmother Grandfather Granny Herr Frau Monsieur Madame Señor Señora
    Don Doña
    """
)
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
    total: int = 0
    inside: int = 0
    speaks: int = 0
    articled: int = 0
    first_at: int = 0
    told: int = 0
    """Mentions by the narrator, not in anybody's speech."""


def find_people(passages: list[str], language: str, not_people: set[str]) -> list[Entity]:
    """The people of the story, most mentioned first, at most twelve."""
    patterns = _BY_CONTEXT.get(primary(language))
    if patterns:
        return _by_context(passages, patterns, language)
    named = _by_capitals(passages, language, not_people)
    if primary(language) == "en":
        named = _with_roles(named, _roles(passages, at_least=2 if len(named) < 2 else 5))
    return sorted(named, key=lambda person: -person.mentions)[:MOST_PEOPLE]


def _by_capitals(passages: list[str], language: str, not_people: set[str]) -> list[Entity]:
    small = small_words(language) | SMALL_WORDS["en"]
    lower: Counter[str] = Counter()
    seen: dict[str, _Seen] = {}
    for at, passage in enumerate(passages):
        narrated = told(passage)
        for run, starts, before, after in _capital_runs(passage, lower):
            key = " ".join(run)
            entry = seen.setdefault(key, _Seen(first_at=at))
            entry.total += 1
            entry.told += key in narrated
            entry.inside += not starts
            entry.speaks += before in _SAYING or after in _SAYING or before in ("named", "called")
            entry.articled += before in _DETERMINERS
    _quiet(seen)
    has_narrator = any(entry.told for entry in seen.values())
    places = {part.lower() for place in not_people for part in (place, *place.split()) if part[:1].isupper()}
    merged = _merged({key: e for key, e in seen.items() if not _is_common(key, e, lower, small, places)})
    long_text = len(passages) > 300
    people = []
    for key, entry in merged.items():
        titled = key.split()[0] in _TITLES
        enough = entry.total >= (4 if long_text else 2) or (not long_text and (entry.speaks or titled))
        proven = entry.inside or entry.speaks or titled or entry.total >= 3
        by_name = entry.articled * 3 <= entry.total or (" " in key and key.split()[-1].lower() in ROLES)
        if enough and proven and by_name and (entry.told or not has_narrator):
            people.append(_entity(key, entry.total, passages, entry.first_at))
    return people


def _quiet(seen: dict[str, _Seen]) -> None:
    """“NORA” is Nora where the text also writes her so."""
    for loud in [key for key in seen if key.isupper() and key != key.title() and key.title() in seen]:
        gone, kept = seen.pop(loud), seen[loud.title()]
        kept.total += gone.total
        kept.inside += gone.inside
        kept.told += gone.told


def _is_capital(word: str) -> bool:
    return len(word) > 1 and word[0].isupper() and word[1] not in "'’"


def _capital_runs(passage: str, lower: Counter[str]) -> Iterator[tuple[list[str], bool, str, str]]:
    """Runs of capitalised words: the words, whether they open a sentence, the word before and the word after."""
    tokens = [(_POSSESSIVE.sub("", m.group()), m.group()) for m in _TOKEN.finditer(passage)]
    at = 0
    opens = True
    while at < len(tokens):
        word = tokens[at][0]
        if not word or not word[0].isalpha():
            opens = opens or tokens[at][1] in '.!?…:“"«„—–'
            at += 1
            continue
        if not word[0].isupper() or word == "I" or word.startswith(("I'", "I’")):
            lower[word.lower()] += 1
            opens = False
            at += 1
            continue
        end = at + 1
        possessive = tokens[at][1] != word
        while end < len(tokens) and not possessive and _is_capital(tokens[end][0]):
            possessive = tokens[end][1] != tokens[end][0]
            end += 1
        if tokens[at][0] in ("Mr", "Mrs", "Ms", "Dr", "St") and end < len(tokens) and tokens[end][0] == ".":
            after_dot = end + 1
            if after_dot < len(tokens) and tokens[after_dot][0][:1].isupper():
                yield [word, tokens[after_dot][0]], False, "", _word_at(tokens, after_dot + 1)
                at, opens = after_dot + 1, False
                continue
        run = [token[0] for token in tokens[at:end]]
        before = tokens[at - 1][0].lower() if at else ""
        if before in ("”", '"', "»") and at > 1:
            before = ""
        while len(run) > 1 and run[0] in _EPITHETS:
            before, run = run[0].lower(), run[1:]
        while len(run) > 1 and opens and (run[0].lower() in SMALL_WORDS["en"] or run[0].lower() in _NEVER):
            before, run, opens = run[0].lower(), run[1:], False
        yield run, opens, before, _word_at(tokens, end)
        opens = False
        at = end


def _word_at(tokens: list[tuple[str, str]], at: int) -> str:
    return tokens[at][0].lower() if at < len(tokens) else ""


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
    merged = dict(seen)
    for key in sorted(seen, key=lambda key: (key.count(" "), key)):
        bare = [word for word in key.split() if word not in _TITLES]
        if not bare or (" " in key and key.split()[0] not in _TITLES):
            continue
        homes = [
            other
            for other in full
            if other != key
            and other in merged
            and (set(bare) <= set(other.split()))
            and len(other) > len(" ".join(bare))
            and not (
                other.split()[0] in _TITLES and seen[other].total * 10 < seen[key].total
            )  # Alice, once “Miss Alice”
        ]
        people = {" ".join(w for w in home.split() if w not in _TITLES): home for home in reversed(homes)}
        if len(people) == 1 and key in merged:
            home = next(iter(people.values()))
            gone, kept = merged.pop(key), merged[home]
            merged[home] = _Seen(
                total=kept.total + gone.total,
                inside=kept.inside + gone.inside,
                speaks=kept.speaks + gone.speaks,
                articled=kept.articled + gone.articled,
                told=kept.told + gone.told,
                first_at=kept.first_at,
            )
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
        _entity(name[0].upper() + name[1:], count, passages, first[name])
        for name, count in sorted(counts.items())
        if count >= at_least
    ]


def _entity(name: str, mentions: int, passages: list[str], first_at: int) -> Entity:
    evidence = passages[first_at]
    if len(evidence) > _EVIDENCE_CHARS:
        place = max(0, evidence.lower().find(name.lower()) - _EVIDENCE_CHARS // 3)
        start = evidence.rfind(" ", 0, place) + 1 if place else 0
        evidence = evidence[start : start + _EVIDENCE_CHARS]
    return Entity(name=name, mentions=mentions, evidence=evidence)


_HI_ROLES = re.compile(
    r"(?<![\u0900-\u097f])(दादी|दादा|नानी|नाना|माँ|मां|पिता|पिताजी|राजा|रानी|राजकुमार|राजकुमारी|लड़का|लड़की|बच्चा|बच्ची|भाई|बहन|"
    r"किसान|मछुआरा|बूढ़ा|बुढ़िया|चिड़िया|शेर|लोमड़ी|ख़रगोश|खरगोश|हाथी|बंदर|कौआ)(?![\u0900-\u097f])"
).findall
_HI_ACTS = re.compile(r"([\u0904-\u0939][\u0900-\u0963]{1,14})\s+(?:ने(?=\s)|बोला|बोली)").findall
_HI_NOT = word_set(
    """
    उस इस किस जिस सब हम तुम आप मैं उन इन किसी लोगों सबने दोनों एक वहाँ यहाँ बाद पास
    हवा पानी समय बारिश नदी सूरज रात डर आँधी लहर लहरों चाँद
    """
)
_ZH_NOT = word_set(
    """
    他 她 它 我 你 您 他们 她们 我们 你们 自己 大家 有人 人们 对他 对她 一声 只是 就是 还是 什么 怎么 这么 那么
    """
)
_JA_NOT = word_set(
    """
    私 僕 俺 彼 彼女 それ これ あれ 誰 何 今 皆
    """
)
_AR_NOT = word_set(
    """
    له لها لهم في من على إن أن هو هي لي لك نفسه بصوت الرجل
    """
)
_HAN = "\u4e00-\u9fff"

_BY_CONTEXT: dict[str, tuple[Callable[[str], list[str]], frozenset[str]]] = {
    # The postposition ने marks who acts; nothing that does not act carries it.
    "hi": (lambda text: [*_HI_ACTS(text), *_HI_ROLES(text)], _HI_NOT),
    "zh": (
        re.compile(rf"(?:^|[，。！？：；“”、「」\s])([{_HAN}]{{2,3}}?)(?:说|說|问|問|笑|喊|答|想|看着)").findall,
        _ZH_NOT,
    ),
    "ja": (
        lambda text: [
            name
            for pair in re.findall(
                rf"([{_HAN}\u30a1-\u30fc]{{1,6}})(?:さん|くん|ちゃん|様)|"
                rf"([{_HAN}\u30a1-\u30fc]{{2,6}})[はが](?=[^。]{{0,12}}(?:言|聞|答|笑|叫))",
                text,
            )
            for name in pair
            if name
        ],
        _JA_NOT,
    ),
    "ar": (re.compile(r"(?:قالت?|سألت?|أجابت?|صاحت?|همست?|ابتسمت?)\s+([\u0621-\u064a]{2,14})").findall, _AR_NOT),
}


def _by_context(
    passages: list[str], rule: tuple[Callable[[str], list[str]], frozenset[str]], language: str
) -> list[Entity]:
    find, never = rule
    small = small_words(language)
    first: dict[str, int] = {}
    for at, passage in enumerate(passages):
        for name in find(passage):
            if name not in never and name not in small:
                first.setdefault(name, at)
    text = "\n".join(passages)
    counts = {name: text.count(name) for name in list(first)[:400]}
    people = [_entity(name, counts[name], passages, first[name]) for name in counts if counts[name] >= 2]
    return sorted(people, key=lambda person: -person.mentions)[:MOST_PEOPLE]
