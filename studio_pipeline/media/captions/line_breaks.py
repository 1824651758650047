"""What it costs a reader when a line ends here: little after a sentence, much between an article and its noun.

Costs are in points; only their order matters. Words that lean on what follows must not end a line, words that lean on
what stands before must not begin one; both are listed for the languages that the studio's voices speak most. In Chinese
and Japanese, written without spaces, the kinds of characters tell. Where text may break at all: ``phrases.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

from studio_pipeline.media.captions.phrases import CLOSERS, NOT_FIRST, NOT_LAST, Atom, break_after, unspaced

SENTENCE, CLAUSE, WORD = 0.0, 1.0, 3.5
_NEVER = 60.0
_PAUSE_MS = 350
"""A voice that waits so long has ended a phrase."""

# Articles, possessives, auxiliaries and the like: they want the word after them.
_FORWARD = {
    "en": """a an the all both this that these those my your his her its our their no not every each some any very so
        too as i we you he she it they is are was were be been am has have had will would shall should can could may
        might must do does did don't hundred thousand mr mrs ms dr st""",
    "de": """alle der die das den dem des ein eine einen einem einer eines kein keine keinen mein dein sein ihr unser
        euer meine seine ihre seinen ihren ich du er sie es wir man ist sind war waren hat haben hatte hatten wird
        werden wurde kann konnte nicht sehr so zu jede jeder jedes diese dieser dieses dr""",
    "fr": """tout toute tous toutes le la les un une des du de l' d' au aux ce cet cette ces mon ma mes ton ta tes son
        sa ses notre nos votre vos leur leurs je tu il elle on nous vous ils elles ne se me te est sont était a ont
        avait très si plus m mme""",
    "es": """todo toda todos todas el la los las un una unos unas al del lo mi mis tu tus su sus este esta estos estas
        ese esa esos esas yo él ella no se me te le les nos es son era fue ha han había muy tan más sr sra""",
    "it": """il lo la i gli le un uno una l' un' mio mia suo sua nostro loro questo questa quel quella non si mi ti ci
        vi è sono era ha hanno aveva molto più""",
    "pt": """o a os as um uma uns umas ao aos à às do da dos das no na nos nas meu minha seu sua este esta esse essa
        não se me te é são era foi há tem tinha muito mais""",
    "hi": "एक यह वह ये वे इस उस इन उन मेरा मेरी मेरे तेरा उसका उसकी उसके अपना अपनी अपने हर कोई कुछ बहुत न नहीं मत",
    "ar": "لا لم لن ما قد سوف كل هذا هذه ذلك تلك يا غير سوى أي بعض",
    "fa": "این آن هر یک چند هیچ نه می خیلی بسیار",
    "ur": "ایک یہ وہ اس ان میرا میری میرے اپنا اپنی اپنے ہر کوئی کچھ بہت نہ نہیں",
}
# Prepositions and conjunctions: a line begins well with them, and ends badly.
_OPENING = {
    "en": """of to in on at by for from with without into onto over under after before between through across against
        about around beyond behind beside above below along until till since during like than and or but nor yet if
        because although though while when where who which whose whether unless""",
    "de": """und oder aber denn sondern doch dass weil wenn als ob während bis bevor nachdem damit in im an am auf aus
        bei beim mit nach seit von vom zum zur für durch gegen ohne um über unter vor hinter neben zwischen wie""",
    "fr": "et ou mais donc car que qu' qui quand si comme dans en sur sous avec sans pour par vers chez entre à où",
    "es": "y e o u pero sino que quien cuando si como porque en con sin por para de a desde hasta entre sobre bajo",
    "it": "e o ma che chi quando se come perché in con senza per di a da su tra fra nel nella del della al alla dal",
    "pt": "e ou mas que quem quando se como porque em com sem por para de a desde até entre sobre sob pelo pela",
    "hi": "और या लेकिन मगर पर कि जब तब तो क्योंकि ताकि अगर जो जिस फिर",
    "ar": "في من على إلى عن مع بعد قبل بين تحت فوق عند حتى ثم أو لكن ولكن أن إن التي الذي الذين حيث عندما بينما",
    "fa": "از به در با بر برای تا که و یا اما ولی وقتی چون اگر",
    "ur": "اور یا لیکن مگر کہ جب تب تو کیونکہ تاکہ اگر جو پھر",
}
# Postpositions, particles and the verb "to be" at the end: they belong to the word before.
_BACKWARD = {
    "en": "out up down off away back",
    "hi": """का की के को से में पर ने तक भी ही तो है हैं था थी थे हो हूँ गया गई गए रहा रही रहे साथ लिए बाद पास ओर तरफ़
        बीच ऊपर नीचे""",
    "fa": "را است بود هستند بودند ها",
    "ur": "کا کی کے کو سے میں پر نے تک بھی ہی ہے ہیں تھا تھی تھے ہو گیا گئی گئے رہا رہی رہے ساتھ لیے بعد پاس",
}
_Words = dict[str, frozenset[str]]
_FORWARD_WORDS: _Words = {language: frozenset(words.split()) for language, words in _FORWARD.items()}
_OPENING_WORDS: _Words = {language: frozenset(words.split()) for language, words in _OPENING.items()}
_BACKWARD_WORDS: _Words = {language: frozenset(words.split()) for language, words in _BACKWARD.items()}
_NONE: frozenset[str] = frozenset()

_CHINESE_ENDINGS = frozenset("的了着过们吗呢吧啊呀地得里么上下中")
_CHINESE_OPENINGS = frozenset("和与但而在从把被对向用跟因却才都也还又再就将让给是")
_JAPANESE_PREFIXES = frozenset("おごっ")
_JAPANESE_PARTICLES = frozenset("はがをにでともへのやなてばらかねよ")
_TIDY = "".join(CLOSERS | NOT_LAST) + ".,;:!?…،؛؟।"


def break_cost(atoms: Sequence[Atom], k: int, language: str, pause_ms: float = 0) -> float:
    """What it costs to end a line after ``atoms[k]``, which is not the last. ``pause_ms`` is how long the voice waits
    there."""
    before, after = atoms[k], atoms[k + 1]
    if _sticks(before.text, after.text):
        return _NEVER
    kind = break_after(before.text)
    if kind == "sentence":
        return SENTENCE
    if kind == "clause" or pause_ms > _PAUSE_MS:
        return CLAUSE
    if not after.spaced:
        return _between_characters(before.text[-1], after.text[0], language)
    return _between_words(_bare(atoms[k - 1].text) if k else "", _bare(before.text), _bare(after.text), language)


def _sticks(before: str, after: str) -> bool:
    """Whether a sign stands apart and still belongs to its neighbour, as in « Où ? » or 10 %."""
    return (after[0] in NOT_FIRST and after[0] not in "—–-~〜" and not after[1:].isalnum()) or before in NOT_LAST


def _between_words(earlier: str, before: str, after: str, language: str) -> float:
    forward, opening = _FORWARD_WORDS.get(language, _NONE), _OPENING_WORDS.get(language, _NONE)
    if after in _BACKWARD_WORDS.get(language, _NONE):
        return WORD + 4
    if before in _BACKWARD_WORDS.get(language, _NONE):
        return WORD - 0.8
    if before in opening or before.isdecimal():
        return WORD + 3
    if after in opening:
        return WORD if before in forward else WORD - 1  # “jumped after her / before anyone”
    if before in forward:
        return WORD + 3
    if after in forward:
        return WORD - 0.5
    if earlier in forward or earlier in opening:  # “the great / lens”
        return WORD + 3
    return WORD + 1.5 if not forward and len(before) <= 3 else WORD


def _between_characters(before: str, after: str, language: str) -> float:
    kinds = _kind(before), _kind(after)
    if kinds[0] == kinds[1] == "narrow":
        return _NEVER  # inside a word or number too long for a line
    if language == "ja":
        return _japanese(before, *kinds)
    if after in _CHINESE_ENDINGS:
        return WORD + 4
    if before in _CHINESE_ENDINGS or after in _CHINESE_OPENINGS:
        return WORD - 0.5
    return WORD + (2.5 if before in _CHINESE_OPENINGS else 1.2)


def _japanese(before: str, kind: str, next_kind: str) -> float:
    """A phrase begins with a kanji or katakana after hiragana, most surely after a particle; endings are hiragana."""
    if before == "を":
        return WORD - 0.5
    if kind == "hiragana" and next_kind != "hiragana":
        if before in _JAPANESE_PREFIXES:
            return WORD + 5
        return WORD - 0.5 if before in _JAPANESE_PARTICLES else WORD + 1
    if kind == "hiragana":
        return WORD + 2.5
    if kind != next_kind and next_kind != "hiragana":
        return WORD + 2
    return WORD + 6


def _kind(char: str) -> str:
    if not char.isalnum() and char not in "々ー":
        return "sign"
    if not unspaced(char):
        return "narrow"
    if "\u3041" <= char <= "\u309f":
        return "hiragana"
    return "katakana" if "\u30a0" <= char <= "\u30ff" else "kanji"


def _bare(text: str) -> str:
    return text.strip(_TIDY).lower()
