"""English sentences as clauses: which part is a sentence by itself, so that a long one can be told shorter.

Grammar by word lists, careful rather than clever: where a part is not surely a whole sentence, it is not offered.
Speeches and brackets inside a sentence are never cut through.
"""

from __future__ import annotations

import re
from functools import lru_cache

from studio_pipeline.prose.languages import word_set
from studio_pipeline.prose.speech import spans

FEWEST_WORDS = 5
"""A part shorter than this says too little to be a sentence of the film."""
_LONG_WORDS = 22
"""A sentence longer than this is worth parting into its clauses."""

_AUXILIARY = word_set(
    """
    was were is are am has have had did does do could would should might must may can will shall wasn't weren't isn't
    aren't hasn't haven't hadn't didn't doesn't don't couldn't wouldn't shouldn't can't won't
    """
)
_PAST = word_set(
    """
    ate awoke beat became began bent blew bore bought bound broke brought built burnt came caught chose clung
    crept cried cut dealt drank drew drove dug dwelt fed fell felt fled flew flung forgot fought found froze gave got
    grew heard held hid hit hung hurt kept knelt knew laid lay leapt led left lent let lit lost made meant met paid
    put ran rang read rode rose said sang sank sat saw sent set shone shook shot showed shut slept slid smelt sold
    spent spoke sprang spread stole stood strode struck stuck swam swept swore swung taught thought threw told took
    tore trod understood went wept woke won wore wound wove wrote
    """
)
_NO_VERB = word_set(
    """
    bed red shed seed weed need deed feed speed indeed hundred wicked naked sacred kindred rugged ragged crooked
    aged blessed wretched learned beloved shred sled embed exceed tired
    """
)
_PRONOUNS = word_set("he she it they we i you there nobody everybody everyone somebody someone nothing something one")
_DETERMINERS = word_set(
    """
    the a an his her its their my our your this that these those no every each some all both another many several two
    three four five six seven eight nine ten
    """
)
_NO_VERB_AFTER = word_set("the a an his its my your our their no every each some any to of in with very")
_RELATIVE = word_set(
    """
    who which that whose whom where when while whilst as if though although because until till unless since before
    after whether what how why than so
    """
)
_SIDE = word_set(
    """
    with without like except between by in on at not never just only still even perhaps especially all half much
    whereupon wherein under over against among towards toward through across along down up out off from into
    """
)
_JOINING = word_set("and but so for yet or nor then")
_NO_END = (
    _DETERMINERS
    - word_set("her this these those all both each another many several two three four five six seven eight nine ten")
    | _AUXILIARY - word_set("is was were are had did do could would will can")
    | word_set("of and or but than as that with from into upon onto very too such quite rather not only being")
)
_LEADING = re.compile(
    r"(?:(?:and|but|so|for|yet)\s+)?(?:if|when|as|while|whilst|after|before|though|although|since|once|because|"
    r"unless|until|till|whenever|wherever|whether|not only|no sooner|hardly|scarcely|seeing|finding|having)\b",
    re.IGNORECASE,
)
_NEEDS_MORE = (
    (re.compile(r"\b(?:so|such)\b(?!\s+(?:he|she|it|they|i|we|the|that)\b)", re.I), re.compile(r",?\s*(?:that|as)\b")),
    (re.compile(r"\b(?:more|less|rather|other|else|better|worse|\w+er)\b", re.I), re.compile(r",?\s*than\b")),
    (re.compile(r"\beither\b", re.I), re.compile(r",?\s*or\b")),
    (re.compile(r"\bneither\b", re.I), re.compile(r",?\s*nor\b")),
    (re.compile(r"\bnot only\b", re.I), re.compile(r",?\s*but\b")),
    (
        re.compile(r"\b(?:not|no|never|nothing|scarcely|hardly|no sooner)\b", re.I),
        re.compile(r",?\s*(?:but|until|till|when)\b"),
    ),
    (re.compile(r"\bwhether\b", re.I), re.compile(r",?\s*or\b")),
    (
        re.compile(
            r"\b(?:say|says|said|cried|asked|called|answered|thought|know|knew|see|wonder\w*|ask|tell|remember\w*|"
            r"wait\w*|find out)\W*$",
            re.I,
        ),
        re.compile(r""),
    ),
)  # fmt: skip
_CUT = re.compile(
    r"(?P<strong>\s*(?:[;:—]|--)\s*)"
    r"|(?P<comma>,\s+)"
    r"|(?P<and>\s(?=(?:and|but)\s[a-z]))"
    r"|(?P<bare>\s(?:until|so that|because|while|whilst)\s"
    r"(?=(?:he|she|it|they|the|a|an|his|her|its|their|[A-Z]\w+)\b))"
)
_PART = re.compile(
    r"\s*(?:[;:—]|--)\s*(?:(?:and|but|so|for|yet|nor|or)\b,?\s+)?"
    r"|,\s+(?:and|but|so|yet|for)\s+(?=\w)"
    r"|,\s+(?:and\s+)?when\s+(?=(?:suddenly|all at once|at once|presently)\b)"
)
_ADVERBS = re.compile(r"\w+ly,?\s(?:and\s)?\w+ly\b")
"""“… long, carefully, and critically” is one list."""
_WORD = re.compile(r"[^\W\d_][\w’'-]*|\d[\d,.]*")


def is_finite(word: str) -> bool:
    """Whether ``word`` can be the verb of a sentence that tells what happened."""
    low = word.lower().replace("’", "'")
    if low in _AUXILIARY or low in _PAST:
        return True
    return len(low) > 3 and low.endswith("ed") and low not in _NO_VERB and "-" not in low


@lru_cache(maxsize=4096)
def is_sentence(text: str) -> bool:
    """Whether ``text`` has a subject and a verb of its own, outside of side clauses and lead-ins."""
    segments = [_WORD.findall(segment) for segment in re.split(r"[,;:—]|--", text)]
    for order, segment in enumerate(segments):
        if not segment:
            continue
        if order < len(segments) - 1 and (_LEADING.match(" ".join(segment)) or not _main_verb(segment)):
            continue
        if _LEADING.match(" ".join(segment)):
            return False
        if order and segment[0].lower() in ("with", "without", "by", "of", "like"):  # “with his head thrust forward”
            continue
        if _main_verb(segment):  # not “The princess, you may be sure”
            return order == 0 or segment[0].lower() not in ("you", "i", "we") or bool(_LEADING.match(text))
    return False


def _main_verb(segment: list[str]) -> bool:
    low = [word.lower() for word in segment]
    start = 1 if low[0] in _JOINING or low[0] == "when" else 0
    for at in range(start, len(segment)):
        if low[start] in ("a", "an") and at == start + 2 and low[at].endswith("ed") and _is_plain(low[at + 1 : at + 2]):
            continue  # “a square pierced bit of metal”
        if is_finite(segment[at]) and at > start and low[at - 1] not in _NO_VERB_AFTER:
            return True
        if at > start and low[at] in _RELATIVE:
            return False
        if at == start and low[at] in _RELATIVE - {"that", "so", "then"}:
            return False
    return False


def _is_plain(after: list[str]) -> bool:
    """Whether a noun may follow here, so that the “-ed” before it only describes it."""
    return (
        bool(after)
        and after[0] not in _DETERMINERS | _PRONOUNS | _RELATIVE | _JOINING | _SIDE
        and after[0][-2:] != "ly"
    )


def shorter_forms(sentence: str) -> list[str]:
    """What is left of ``sentence`` when it stops where a clause ends, longest first; each is a whole sentence."""
    marked = spans(sentence)
    long = len(_WORD.findall(sentence)) > _LONG_WORDS
    forms: list[str] = []
    for match in _CUT.finditer(sentence):
        if any(span.start < match.end() and match.start() < span.end for span in marked):
            continue
        head, rest = sentence[: match.start()].rstrip(), sentence[match.end() :]
        if match["and"] is not None and not (long and _acts_again(rest)):
            continue
        if not match["comma"] or _may_stop_at_comma(head, rest):
            kept = _finished(head, sentence[match.start() :], match)
            if kept and not any(span.start < len(head) < span.end for span in marked):
                forms.append(kept)
    return forms[::-1]


def _acts_again(rest: str) -> bool:
    """“… and found him”: a second verb of the same subject, which the sentence can do without."""
    words = _WORD.findall(rest[:40])
    return len(words) > 1 and is_finite(words[1]) and words[1].lower() not in _AUXILIARY


def _may_stop_at_comma(head: str, rest: str) -> bool:
    """Not inside a list of things, not between a side clause and its sentence."""
    first = (_WORD.findall(rest[:40]) or [""])[0].lower()
    before, comma, last = head.rpartition(",")
    words = _WORD.findall(last) or [""]
    tells = _main_verb(words)
    if comma and _LEADING.match(last.strip()):
        return False
    if comma and words[0].lower() in _JOINING and not tells and is_sentence(before):  # “…, and a man”
        return False
    if comma and words[0].lower() in _RELATIVE and is_finite(first):  # “a man, who smelled of tar, came in”
        return False
    if comma and first in ("and", "or") and not tells:
        return len(words) > 6
    if comma and not tells and words[0].lower() in _DETERMINERS and (is_finite(first) or first.endswith("ing")):
        return False
    if first in ("he", "she", "it", "they", "i", "we", "you"):  # after a lead-in the sentence only begins
        return tells and is_sentence(head)
    if _ADVERBS.match(rest):
        return False
    return first in _JOINING | _RELATIVE | _SIDE or first.endswith(("ing", "ly")) or is_finite(first)


def _finished(head: str, rest: str, match: re.Match[str]) -> str:
    words = _WORD.findall(head)
    if len(words) < FEWEST_WORDS or words[-1].lower() in _NO_END or not is_sentence(head):
        return ""
    after = rest.lstrip(" ,;:—-") if not match["bare"] else rest
    last_segment = re.split(r"[;:]", head)[-1]
    if not is_sentence(re.sub(r"^\s*(?:and|but|so|for|yet)\b,?", "", last_segment)):
        return ""
    last_words = _WORD.findall(last_segment.rsplit(",", 1)[-1])
    if len(last_words) < 3:
        return ""
    if any(opened.search(last_segment) and more.match(after) for opened, more in _NEEDS_MORE):
        return ""
    if re.search(r"\b(?:such as|these words?|as follows|was|were|is|are)$", head, re.IGNORECASE):
        return ""
    return f"{head}."


def parted(sentence: str) -> list[str]:
    """The clauses of a long sentence that are sentences themselves, each written as one; else the sentence alone."""
    if len(_WORD.findall(sentence)) <= _LONG_WORDS:
        return [sentence]
    marked = spans(sentence)
    parts: list[str] = []
    start = 0
    for match in _PART.finditer(sentence):
        if any(span.start < match.end() and match.start() < span.end for span in marked):
            continue
        left, right = sentence[start : match.start()], sentence[match.end() :]
        until = re.split(r"[;:—]|--", right, maxsplit=1)[0]
        if (
            right[:1] not in "“\"‘'«—"
            and _stands(left)
            and _begins_anew(until)
            and not _bound(left, sentence[match.start() : match.end() + 8])
        ):
            parts.append(_written(left))
            start = match.end()
    parts.append(_written(sentence[start:]))
    return parts


def _stands(left: str) -> bool:
    return len(_WORD.findall(left)) >= FEWEST_WORDS and is_sentence(left)


def _begins_anew(right: str) -> bool:
    """Whether ``right`` has a subject of its own first, and its verb soon after."""
    words = _WORD.findall(right)
    if len(words) < FEWEST_WORDS:
        return False
    if words[1].lower() == "that" or (
        words[0].lower() == "that" and words[1].lower() in _PRONOUNS | _RELATIVE | _DETERMINERS
    ):
        return False
    if words[0].lower().endswith("ing") and "," in right:  # “burning with curiosity, she ran …”
        return _begins_anew(right.partition(",")[2])
    if words[0].lower() in ("suddenly", "then", "at", "presently", "soon", "this", "here"):
        return is_sentence(right.split(",")[0])
    opens = words[0].lower() in _PRONOUNS | _DETERMINERS or words[0][0].isupper()
    return opens and _main_verb(_WORD.findall(right.split(",")[0]) or [""])


def _bound(left: str, rest: str) -> bool:
    after = rest.lstrip(" ,;:—-")
    return any(opened.search(left) and more.match(after) for opened, more in _NEEDS_MORE[:-1])


def _written(part: str) -> str:
    part = part.strip(" ,;:—-")
    return part[:1].upper() + part[1:] + ("" if part[-1:] in ".!?…”\"’'" else ".")
