"""What a sentence shows: its heading, the things in it, the hour and the weather, and the direction made of them."""

from __future__ import annotations

import re

from studio_pipeline.prose.languages import primary, small_words, word_set
from studio_pipeline.prose.sentences import balanced

HEADING_CHARS = 40
_CJK_HEADING_CHARS = 16

_LEAD_IN = re.compile(
    r"(?:on|in|at|by|when|as|after|before|while|from|under|through|during|far|once|every|one|that|these|somewhere|"
    r"until|for|with|because|if|though|although|then|next|later|meanwhile|all along|down|up|at first|at last|and|but|"
    r"so|still|yet)\b",
    re.IGNORECASE,
)
_CONJUNCTION = re.compile(r"^(?:and|but|so|then|yet|still)\s+", re.IGNORECASE)
_CLAUSE_END = re.compile(
    r"[,;:!?…।॥。，！？；：、،؛؟“”«»\"]|(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bDr)(?<!\bSt)\.|\s[—–-]\s|—"
)
_SIDE_CLAUSE = re.compile(r"\s(?=(?:who|which|that|when|while|until|because|before|after|where|as|and|but|if)\s)")
_DETERMINER = word_set(
    """
    the a an his her their its my your our this that these those
    """
)
_NUMBER = word_set(
    """
    one two three four five six seven eight nine ten twenty thirty forty hundred thousand
    """
)
_TIMES = (
    ("night", r"\bnight\b|\bmidnight|\bmoonlight|\bstars\b|\bin the dark\b|\bdarkness\b|रात|夜|nuit|Nacht|noche|ليل"),
    (
        "dawn",
        r"\bdawn\b|\bsunrise|\bdaybreak|\bfirst light\b|\bten minutes past four\b|भोर|सवेर|黎明|aube|Morgendämmerung|"
        r"فجر",
    ),
    ("morning", r"(?<!that )\bmorning\b|सुबह|早上|早晨|朝|matin|Morgen|mañana|صباح"),
    ("noon", r"\bnoon\b|\bmidday|\bafternoon|दोपहर|中午|昼|midi|Mittag|mediodía"),
    ("evening", r"\bevening\b|\bdusk\b|\btwilight|\bsunset|शाम|साँझ|黄昏|傍晚|夕|soir|Abend|tarde|مساء"),
)
_WEATHERS = (
    ("storm", r"\bstorm|\bthunder|\blightning|\bgale\b|तूफ़ान|तूफान|आँधी|आंधी|暴风|嵐|tempête|Sturm|tormenta|عاصفة"),
    ("rain", r"\brain|बारिश|वर्षा|雨|pluie|Regen|lluvia|مطر"),
    ("snow", r"\bsnow|\bfrost|\bice\b|बर्फ|雪|neige|Schnee|nieve|ثلج"),
    ("fog", r"\bfog|\bmist\b|कोहरा|雾|霧|brouillard|Nebel|niebla|ضباب"),
    ("wind", r"\bwind\b|\bbreeze|हवा|风|風|\bvent\b|\bWind\b|viento|ريح"),
    ("sun", r"\bsun\b|\bsunlight|\bsunny|धूप|सूरज|太阳|陽|soleil|Sonne|\bsol\b|شمس"),
)
_TIME_FINDERS = [(name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _TIMES]
_WEATHER_FINDERS = [(name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _WEATHERS]

_ABSTRACT = word_set(
    """
    time moment way day night morning evening afternoon month year hour minute minutes end first last hundred
    thousand side rest world thing things idea reason answer question word words while lot bit kind sort part second
    third turn same other others own course fact matter case name names order orders life truth one ones story long
    few inside outside piece silence fear sound voice dark darkness light middle top bottom place front back orders
    week
    """
)
_PAST = word_set(
    """
    twice went came ran sat stood fell rose took threw held kept said saw knew thought made gave found left felt burned
    lay broke drew hung was were had has is are did does could would began became got let put read sent set spoke
    told wore woke won wrote blew brought caught grew heard led lost met rang sang sank shook shone slept spread
    swam wept looked came tells goes comes makes takes leaves stays keeps turns says knows asks whose who that which
    where when as than now then again once still always never only just almost away down up out off back forward
    together
    """
)
_NOUN_PHRASE = re.compile(
    r"\b(?:the|a|an|his|her|their|its)\s+((?:[a-zà-ÿ][\w’'-]*\s+){0,3}[a-zà-ÿ][\w’'-]*)", re.IGNORECASE
)


def heading_of(text: str, language: str) -> str:
    """A short title for the scene: the main clause of ``text`` as far as it fits, never ending on a small word."""
    body = re.sub(r"\s+", " ", text).strip()
    quoted = re.match(r"[“\"«「]([^”\"»」]{3,})[”\"»」]", body)
    if quoted:
        body = quoted[1].strip()
    if primary(language) in ("zh", "ja"):
        return _CLAUSE_END.split(body.strip("“”「」"), maxsplit=1)[0][:_CJK_HEADING_CHARS] or body[:_CJK_HEADING_CHARS]
    if primary(language) == "en":
        body = _CONJUNCTION.sub("", body, count=1)
        lead, comma, rest = body.partition(", ")
        if comma and len(lead) < 60 and _LEAD_IN.match(lead) and len(rest.split()) >= 3:
            body = _CONJUNCTION.sub("", rest, count=1)
    clause = _CLAUSE_END.split(body, maxsplit=1)[0].strip() or body
    if len(clause.split()) < 2 and len(body) <= HEADING_CHARS:
        clause = body
    if len(clause) > HEADING_CHARS and primary(language) == "en":
        main = _SIDE_CLAUSE.split(clause, maxsplit=1)[0]
        clause = main if len(main.split()) >= 4 and main.split()[-1].lower() not in _NUMBER else clause
    heading = _fitted(clause.split(), small_words(language))
    heading = balanced(heading.strip(' ,;:.!।…—–-“”"«»')).strip() or body[:HEADING_CHARS].strip()
    return heading[:1].upper() + heading[1:]


def _fitted(words: list[str], small: frozenset[str]) -> str:
    kept: list[str] = []
    for word in words:
        if len(" ".join([*kept, word])) > HEADING_CHARS:
            break
        kept.append(word)
    if not kept:
        return words[0][:HEADING_CHARS] if words else ""
    if len(kept) < len(words):
        inside_phrase = words[len(kept)].lower().strip(",.") not in small
        for back in range(1, min(4, len(kept))):
            if inside_phrase and kept[-back].lower() in _DETERMINER and len(kept) - back >= 2:
                kept = kept[:-back]
                break
        while len(kept) > 2 and (kept[-1].lower().strip(",") in small or kept[-1].lower() in _NUMBER):
            kept.pop()
        if len(kept) > 3 and kept[-1][:1].isupper() and words[len(kept)][:1].isupper():
            kept.pop()
            while len(kept) > 2 and kept[-1].lower() in small:
                kept.pop()
    return " ".join(kept)


def things_in(text: str, language: str, most: int = 4) -> list[str]:
    """Things one could point a camera at: English noun phrases that open with an article or a possessive."""
    if primary(language) != "en":
        return []
    small = small_words("en")
    found: list[str] = []
    for phrase in _NOUN_PHRASE.findall(text):
        kept: list[str] = []
        for word in phrase.split():
            low = word.lower().removesuffix("’s").removesuffix("'s")
            if low in ("own", "great", "whole", "very", "same") and not kept:
                continue
            if low in small or low in _PAST or low.endswith("ly") or (kept and low.endswith(("ed", "ing"))):
                break
            kept.append(word)
        name = re.sub(r"[’']s?$", "", " ".join(kept))
        last = name.split()[-1] if name else ""
        if (
            len(last) > 2
            and last.lower() not in _ABSTRACT
            and last.lower() not in _NUMBER
            and name.split()[0].lower() not in _ABSTRACT
        ):
            shown = name
            if not any(shown in other or other in shown for other in found):
                found.append(shown)
    return found[:most]


_CUES = (
    ("At sea", r"\b(?:oars?|wave|waves|reef|sail|sails|rowed|rowing|deck|the boat|foam|ashore)\b"),
    (
        "Indoors",
        r"\b(?:beds?|walls?|table|chairs?|shelf|shelves|hearth|kettle|curtains?|upstairs|doorway|floor|stove|desk|lens)\b",
    ),
    ("Among trees", r"\b(?:trees?|branches|leaves|roots|moss)\b"),
    ("On the road", r"\b(?:path|walked|road|rode|journey|wheels|miles)\b"),
    ("Under the open sky", r"\b(?:sky|stars|clouds|sunrise|sunset|horizon)\b"),
)
_CUE_FINDERS = [(place, re.compile(pattern)) for place, pattern in _CUES]


def cued_place(text: str) -> str:
    """Where an English sentence plays when it names no place but gives it away (“oars”, “table”); else ``""``."""
    return next((place for place, finder in _CUE_FINDERS if finder.search(text)), "")


def at_sea(text: str) -> str:
    """“At sea” where an English sentence has oars or waves in it, whatever place was named before."""
    return _CUES[0][0] if _CUE_FINDERS[0][1].search(text) else ""


def hour_of(text: str) -> str:
    """``night``, ``dawn`` …; the one named last, or ``""``."""
    return _last_named(text, _TIME_FINDERS)


def weather_of(text: str) -> str:
    return _last_named(text, _WEATHER_FINDERS)


def _last_named(text: str, finders: list[tuple[str, re.Pattern[str]]]) -> str:
    best, at = "", -1
    for name, pattern in finders:
        for match in pattern.finditer(text):
            if match.start() > at:
                best, at = name, match.start()
    return best


def direction_of(action: str, place: str, people: tuple[str, ...], things: list[str], hour: str, weather: str) -> str:
    """Two sentences: what happens, and what stands around it."""
    sky = " in ".join(part for part in (hour, weather if weather != "sun" else "sunlight") if part)
    where = ", ".join(part for part in (place, sky) if part)
    seen = [*people[:3], *things]
    around = (
        f"{where}: {_listed(seen)}."
        if where and seen
        else f"{where}."
        if where
        else f"In view: {_listed(seen)}."
        if seen
        else ""
    )
    told = action.strip()
    told = told if told[-1:] in '.!?…。！？।” "»」' else f"{told}."
    return f"{told} {around}".strip()


def _listed(names: list[str]) -> str:
    return ", ".join(names)
