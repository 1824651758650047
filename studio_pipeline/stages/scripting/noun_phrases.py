"""Noun phrases of English: the things an idea names, and how each is written inside a sentence."""

from __future__ import annotations

import re

from studio_pipeline.prose.languages import small_words, word_set

VERBS = word_set(
    """
    is are was were am be has have had do does did can could will would may might must find finds turn turns make
    makes work works learn learns live lives sing sings purr purrs fly flies swim swims travel travels become
    becomes discover discovers build builds meet meets lose loses go goes come comes fall falls grow grows try tries
    want wants dream dreams save saves change changes move moves need needs help helps teach teaches get gets take
    takes give gives keep keeps begin begins start starts end ends see sees hear hears know knows think thinks love
    loves hate hates eat eats sleep sleeps form forms shine shines glow glows burn burns run runs rise rises float
    floats sink sinks migrate migrates communicate communicates train trains protect protects connect connects open
    opens close closes decide decides return returns wake wakes search searches repair repairs collect collects
    paint paints follow follows cross crosses leave leaves matter matters happen happens exist exists dance dances
    smell smells taste tastes cook cooks bake bakes write writes read reads play plays fight fights win wins hide
    hides break breaks carry carries plant plants wait waits sail sails remember remembers
    forget forgets affect affects appear appears disappear disappears cause causes talk talks speak speaks walk walks
    jump jumps laugh laughs cry cries die dies hurt hurts melt melts freeze freezes invent invents invented
    """
)
_DETERMINERS = word_set(
    """
    the a an his her their its my our your this that these those two three some every each one
    """
)
_NOUN_AFTER = word_set(
    """
    of in on at to from by for with without into about under over through between and behind near inside like
    """
)
_MOST_WORDS = 5
"""A phrase longer than this is no name of a thing."""
_TOKEN = re.compile(r"[\w’'-]+|[,.;:!?()—–]")


def things_of(text: str, *, leading: bool) -> list[str]:
    """Noun phrases of ``text``. ``leading``: the text begins with one, also without an article (“bees find …”)."""
    small = small_words("en")
    tokens = _TOKEN.findall(text)
    found: list[str] = []
    at = 0
    while at < len(tokens):
        token = tokens[at].lower()
        opens = token in _DETERMINERS
        proper = tokens[at][:1].isupper() and token not in small and at > 0
        to_do = at > 0 and tokens[at - 1].lower() == "to" and token in VERBS
        after = at > 0 and tokens[at - 1].lower() in _NOUN_AFTER and token not in small and not to_do
        follows = (at == 0 and leading) or after
        if not (opens or proper or follows) or (token in small and not opens):
            at += 1
            continue
        phrase = [tokens[at]]
        at += 1
        while at < len(tokens) and len(phrase) < _MOST_WORDS and _continues(tokens, at, phrase, small):
            phrase.append(tokens[at])
            at += 1
        if not (len(phrase) == 1 and (opens or (phrase[0].lower() in VERBS and not follows))):
            found.append(" ".join(phrase))
    return found


def _continues(tokens: list[str], at: int, phrase: list[str], small: frozenset[str]) -> bool:
    word = tokens[at].lower()
    in_name = tokens[at][:1].isupper() and phrase[-1][:1].isupper() and phrase[-1].lower() not in _DETERMINERS
    if not word[0].isalnum() or (word in small and not in_name):
        return False
    has_noun = len(phrase) > 1 or phrase[0].lower() not in _DETERMINERS
    if has_noun and word in VERBS:
        return False
    nothing_after = at + 1 == len(tokens)
    after = tokens[at + 1].lower() if not nothing_after else ""
    looks_like_verb = word.endswith("s") and not word.endswith("ss") and not phrase[-1].lower().endswith("s")
    if has_noun and looks_like_verb and phrase[0].lower() in ("a", "an", "the", "one") and after in _DETERMINERS:
        return False
    return not (has_noun and word.endswith("ly"))


def inside(phrase: str, text: str) -> str:
    """``phrase`` of ``text`` as written inside a sentence: the capital that opened ``text`` goes, a name keeps its."""
    first, _, rest = phrase.partition(" ")
    is_name = rest[:1].isupper() or not text.startswith(phrase)
    is_abbreviation = first[1:] != first[1:].lower()
    if is_abbreviation or (is_name and first.lower() not in _DETERMINERS):
        return phrase
    return phrase[:1].lower() + phrase[1:]


def definite(phrase: str, text: str) -> str:
    """“the robot” for “A robot”: something that was named before."""
    return re.sub(r"^(?:an?|one)\s|^(?=(?:two|three)\s)", "the ", inside(phrase, text))
