"""Which language a text is in, by its script and by its small words. Also lists those small words.

The verdict is made for narration: a wrong language means a voice that cannot pronounce the film.
"""

from __future__ import annotations

import re
from collections import Counter

_SAMPLE_CHARS = 20_000
_WORD = re.compile(r"(?:[^\W\d_][\u0300-\u036f\u0900-\u0903\u093a-\u094f\u200c\u200d]*)+(?:['’][^\W\d_]+)*")

_SCRIPTS: tuple[tuple[str, str, tuple[tuple[int, int], ...]], ...] = (
    ("latin", "", ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x24F), (0x1E00, 0x1EFF))),
    ("devanagari", "hi", ((0x900, 0x97F),)),
    ("han", "zh", ((0x4E00, 0x9FFF), (0x3400, 0x4DBF))),
    ("kana", "ja", ((0x3041, 0x30FF),)),
    ("hangul", "ko", ((0xAC00, 0xD7AF), (0x1100, 0x11FF))),
    ("arabic", "ar", ((0x600, 0x6FF), (0x750, 0x77F), (0xFB50, 0xFDFF), (0xFE70, 0xFEFF))),
    ("cyrillic", "ru", ((0x400, 0x4FF),)),
    ("greek", "el", ((0x370, 0x3FF),)),
    ("hebrew", "he", ((0x590, 0x5FF),)),
    ("thai", "th", ((0xE00, 0xE7F),)),
    ("bengali", "bn", ((0x980, 0x9FF),)),
    ("gurmukhi", "pa", ((0xA00, 0xA7F),)),
    ("gujarati", "gu", ((0xA80, 0xAFF),)),
    ("tamil", "ta", ((0xB80, 0xBFF),)),
    ("telugu", "te", ((0xC00, 0xC7F),)),
    ("kannada", "kn", ((0xC80, 0xCFF),)),
    ("malayalam", "ml", ((0xD00, 0xD7F),)),
    ("georgian", "ka", ((0x10A0, 0x10FF),)),
    ("armenian", "hy", ((0x530, 0x58F),)),
)
"""Script, the language it most often means, and its code points."""

_SCRIPT_OF_LANGUAGE = {
    **{code: name for name, code, _ in _SCRIPTS if code},
    "mr": "devanagari",
    "ne": "devanagari",
    "sa": "devanagari",
    "fa": "arabic",
    "ur": "arabic",
    "ps": "arabic",
    "uk": "cyrillic",
    "bg": "cyrillic",
    "be": "cyrillic",
    "mk": "cyrillic",
    "kk": "cyrillic",
    "mn": "cyrillic",
    "yi": "hebrew",
    "as": "bengali",
    "yue": "han",
}

SMALL_WORDS: dict[str, frozenset[str]] = {
    code: frozenset(words.split())
    for code, words in {
        "en": """
            a an the and or but if then so as at by for from in into of off on onto out over to up with within
            without under upon about above after again against all also am any are around be became because been
            before began behind being below beneath between beyond both came can cannot could did do does done down
            each either else even ever every few had has have having he her here hers herself him himself his how i
            i'd i'll i'm i've it it's its itself just let like may me might mine more most much must my myself near
            neither never no nor not nothing now once one only other others our ours out own per perhaps quite
            rather same shall she should since some someone something still such than that that's their theirs them
            themselves there there's these they this those though through till too toward towards two until us very
            was we were what when where whether which while who whole whom whose why will would yes yet you your
            yours don't didn't wasn't couldn't wouldn't
        """,
        "de": """
            der die das den dem des ein eine einen einem einer und oder aber nicht ist war sie er es ich wir ihr
            sich mit von zu zum zur im in am auf aus bei nach für über unter vor als wie wenn dass daß auch noch nur
            so sein seine seinen seiner ihre ihren ihrer hatte hat haben wurde werden kann da dann doch man um an
            durch sehr
        """,
        "fr": """
            le la les un une des et ou mais ne pas est était il elle ils elles je tu nous vous on se sa son ses ce
            cette ces de du au aux à en dans par pour sur avec sans sous qui que quoi dont où si plus comme tout
            tous leur leurs avait ont été être fait d'une d'un l'on c'est n'est qu'il qu'elle pourquoi comment
        """,
        "es": """
            el la los las un una unos unas y o pero no es era él ella ellos yo tú nosotros se su sus este esta estos
            de del al a en por para con sin sobre bajo que quien cuando donde si más como todo todos había ha han
            fue ser muy lo le les ya también porque qué cómo
        """,
        "it": """
            il lo la i gli le un uno una e o ma non è era lui lei loro io tu noi si suo sua questo questa di del
            della dei delle al alla a in nel nella per con senza su sotto che chi quando dove se più come tutto
            aveva ha hanno fu essere molto anche perché
        """,
        "pt": """
            o a os as um uma uns umas e ou mas não é era ele ela eles eu tu nós se seu sua este esta de do da dos
            das ao à em no na nos nas por para com sem sobre que quem quando onde mais como tudo havia tinha foi ser
            muito também
        """,
        "nl": """
            de het een en of maar niet is was zij hij ik wij jullie zich met van naar in op uit bij voor over onder
            als toen dat die deze dit ook nog maar zijn haar hun had heeft hebben werd worden kan er dan toch door
            te aan
        """,
        "sv": """
            och att det som en på är av för med den till inte om ett men var jag han hon de sig så från vi hade när
            också efter här där bara sin sina över under
        """,
        "pl": """
            i w na z się nie do że to jest był była o jak ale po co tak za od przez przy dla już tylko jego jej
            który która
        """,
        "tr": """
            ve bir bu da de için ile çok ama ne o gibi daha var yok olarak sonra kadar her mi değil ben sen onun
        """,
        "id": """
            yang dan di ke dari ini itu dengan untuk tidak adalah pada dia mereka kami akan sudah telah ada oleh
            sebuah
        """,
        "hi": """
            का की के को ने से में पर और या भी ही तो है हैं था थी थे हो गया गई गए वह वे यह ये उस उसके उसकी उसका उसने
            उसे उन उनके उनकी इस इसके मैं हम तुम आप अपने अपनी अपना एक जो जब तब कि नहीं न कुछ सब बहुत फिर अब कर करके
            लिए साथ तक कहा बोला बोली रहा रही रहे दिया दी दिए लगा लगी लगे हुआ हुई हुए था। है। क्या क्यों कैसे कौन मैंने
            हमने तुमने इसने जिसने
        """,
        "ru": """
            и в не на я он она они мы вы что это как с по но из у за от до так же бы его её их к о при для был была
            было были только ещё уже когда где то все
        """,
    }.items()
}
"""Words that carry grammar rather than meaning. ``hi`` and ``en`` also steer what counts as a name."""


def word_set(text: str) -> frozenset[str]:
    """The words of a list written as running text."""
    return frozenset(text.split())


def primary(language: str) -> str:
    """``pt`` of ``pt-BR``."""
    return language.split("-")[0].lower()


def small_words(language: str) -> frozenset[str]:
    return SMALL_WORDS.get(primary(language), frozenset())


def words(text: str) -> list[str]:
    """Words without digits and punctuation, as written. Devanagari vowel signs stay with their word."""
    return _WORD.findall(text)


def script_of(text: str) -> str:
    """The script most letters of ``text`` (its first 20,000 characters) are in; ``""`` when there is no letter.

    Japanese is called ``kana`` as soon as a twentieth of its Han and kana letters are kana.
    """
    counts: Counter[str] = Counter()
    for char, times in Counter(text[:_SAMPLE_CHARS]).items():
        point = ord(char)
        if not (char.isalpha() or 0x900 <= point <= 0x97F):
            continue
        for name, _, ranges in _SCRIPTS:
            if any(low <= point <= high for low, high in ranges):
                counts[name] += times
                break
    if not counts:
        return ""
    if counts["kana"] * 20 > counts["han"] + counts["kana"] > 0:
        counts["kana"] += counts.pop("han", 0)
    return max(sorted(counts), key=lambda name: counts[name])


def spoken_instead(text: str, wanted: str) -> str:
    """The language that ``text`` is in when it clearly is not in ``wanted``; ``""`` when it is, or may be.

    Of a language whose words are not listed here only English is told apart: it may be nearest to any other.
    """
    found = detect_language(text, wanted)
    if primary(found) == primary(wanted):
        return ""
    known = primary(wanted) in SMALL_WORDS or primary(wanted) in _SCRIPT_OF_LANGUAGE
    return found if known or primary(found) == "en" else ""


def detect_language(text: str, hint: str) -> str:
    """The language of ``text``. ``hint`` (what the brief says) stands unless the text clearly speaks against it.

    Another script always speaks against it. In the Latin script another language must win by its small words:
    twice as many as the hint's language, and at least three.
    """
    script = script_of(text)
    if not script:
        return hint
    by_script = next((code for name, code, _ in _SCRIPTS if name == script), "")
    if script != "latin":
        return hint if _SCRIPT_OF_LANGUAGE.get(primary(hint), "latin") == script else by_script
    found = Counter(word.lower() for word in _WORD.findall(text[:_SAMPLE_CHARS]))
    hits = {
        code: sum(found[word] for word in listed)
        for code, listed in SMALL_WORDS.items()
        if _SCRIPT_OF_LANGUAGE.get(code, "latin") == "latin"
    }
    best = max(sorted(hits), key=lambda code: hits[code])
    hinted = primary(hint)
    if _SCRIPT_OF_LANGUAGE.get(hinted, "latin") != "latin":
        return best if hits[best] else "en"
    if hinted not in hits and hits[best] < 0.25 * sum(found.values()):
        return hint
    return best if hits[best] >= 3 and hits[best] > 2 * hits.get(hinted, 0) else hint
