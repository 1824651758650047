"""The mood of a passage, from its words, its neighbours and its place in the film; and the palette moods ask for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

from studio_pipeline.film.script import Mood

MOODS: tuple[Mood, ...] = get_args(Mood)

_STEMS: dict[Mood, str] = {
    "calm": r"\bquiet\w*|\bcalm\w*|\bstill\b|\bgentl\w*|\bsleep\w*|\bslept|\bsoft\w*|\bwarm\w*|\bslow\w*|\bpeace\w*|"
    r"\bevening|\bkettle|\bbread|\brest(?:ed|s)?\b|\bpolished|\bmorning|शांत|धीरे|चुप|安静|平静|静か|ruhig|leise|tranquil|"
    r"calme|هدوء",
    "wonder": r"\bwonder\w*|\bstar(?:s|lit)?\b|\bglow\w*|\bshin\w*|\bsecret\w*|\bstrange\w*|\bmagic\w*|\bdream\w*|"
    r"\bgold\w*|\blens|\bimagin\w*|\bfirst time|\bnever (?:seen|before)|\bdiscover\w*|\bsky\b|\bmoon\w*|\bglass\b|"
    r"\basked\b|\bcurious|तारे|चाँद|सपन|जादू|रोशनी|चमक|星|梦|夢|光|Wunder|Stern|rêve|étoile|estrella|sueñ|نجوم|حلم",
    "tension": r"\bstorm\w*|\bdark\w*|\bfear\w*|\bafraid|\bdanger\w*|\brun\b|\bran\b|\bscream\w*|\bfell\b|\bbroke\w*|"
    r"\bthunder|\bwolf|\bwolves|\bchase\w*|\bhid\b|\bthrew|\bblack\b|\bwent out|\bswallowed|\bbled\b|\bshook|"
    r"\btrembl\w*|\bcrack\w*|\bfight\w*|\bfought|\balarm|तूफ़ान|तूफान|डर|अँधेर|अंधेर|काँप|黑|怕|暴|嵐|恐|Sturm|Angst|peur|"
    r"tempête|miedo|tormenta|خوف|عاصفة",
    "joy": r"\blaugh\w*|\bsmil\w*|\bjoy\w*|\bhappy|\bhappi\w*|\bdanc\w*|\bsang\b|\bsing\w*|\bsong|\bcheer\w*|"
    r"\bdelight\w*|\bfeast\w*|\bbright\w*|\bcelebrat\w*|\bhug\w*|\bran up|\bplay\w*|हँस|हंस|मुस्कु|खुश|ख़ुश|नाच|गीत|"
    r"笑|高兴|喜|lach|froh|sourire|joie|riend|alegr|فرح|ضحك",
    "sorrow": r"\bsad\w*|\bwept|\btear(?:s|ful)\b|\bcr(?:y|ied|ying)\b|\balone|\blonel\w*|\blost\b|\bgone\b|\bempty|"
    r"\bgrief|\bmourn\w*|\bgrave\b|\bdied|\bdeath|\bgoodbye|\bfarewell|\bnever again|\bno one\b|\btired|\bput out|"
    r"\bcold\b|\bmiss(?:ed|ing)\b|आँसू|आंसू|रो\s|रोने|रोई|उदास|अकेल|खाली|哭|泪|悲|孤|涙|traurig|weint|triste|larme|llor|"
    r"حزن|بك",
    "resolve": r"\bpromis\w*|\bdecid\w*|\bturn\w* (?:the|around|back)|\bmust\b|\bstood\b|\bheld\b|\bkept\b|\bagain\b|"
    r"\btogether|\bclimbed|\bjumped|\breturn\w*|\bsafe\w*|\bhome\b|\bbuilt|\bbegan|\bcarr(?:y|ied)|"
    r"\bcount(?:ed|ing)?\b|\bawake|\bhope\w*|वादा|ठान|उठ|साथ|घर|लौट|决|回|一起|約束|帰|versprach|promi|decid|ensemble|juntos|وعد|معا",
}
_FINDERS = {mood: re.compile(stems, re.IGNORECASE) for mood, stems in _STEMS.items()}
Beat: TypeAlias = Literal["hook", "setup", "rise", "turn", "climax", "fall", "end"]
_BY_BEAT: dict[Beat, dict[Mood, float]] = {
    "hook": {"wonder": 0.5},
    "setup": {"calm": 0.5},
    "rise": {"wonder": 0.2},
    "turn": {"tension": 0.4, "sorrow": 0.2},
    "climax": {"tension": 0.5},
    "fall": {"resolve": 0.4},
    "end": {"resolve": 0.6, "calm": 0.2},
}
_GENTLER: dict[Mood, float] = {"joy": 0.5, "wonder": 0.4}

_PALETTES: dict[Mood, tuple[str, ...]] = {
    "calm": ("#1b2a3a", "#3d5a6c", "#7fa0a8", "#d9c9a8", "#f4ecdc"),
    "wonder": ("#1a1b41", "#3b3b7a", "#7a6fb0", "#e0a458", "#fbeed3"),
    "tension": ("#12161c", "#2c3640", "#56646b", "#c2542d", "#e8dcc8"),
    "joy": ("#3a2a4d", "#b4436c", "#f2a65a", "#f7d488", "#fff6e0"),
    "sorrow": ("#1d2430", "#3e4a5c", "#6f7f92", "#a8a39a", "#dfdbd2"),
    "resolve": ("#14213d", "#2f5d62", "#5e8b7e", "#e9a03b", "#f6ead2"),
}
_BRIGHT: dict[Mood, tuple[str, ...]] = {
    "calm": ("#2a4d69", "#4b86b4", "#8fd3c8", "#ffe0a3", "#fff8ea"),
    "wonder": ("#35307a", "#6a5acd", "#b79ced", "#ffd166", "#fff4db"),
    "tension": ("#233d5c", "#3f6b8f", "#7fb3c8", "#ff9f68", "#fff0df"),
    "joy": ("#5b2a86", "#e4572e", "#ffa62b", "#ffe066", "#fffbe6"),
    "sorrow": ("#34495e", "#5d7fa3", "#9fc0d6", "#e5cdb9", "#f8f1e7"),
    "resolve": ("#1f4068", "#2a9d8f", "#8ab17d", "#f4a261", "#fff1d6"),
}
_STYLED: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"noir|black[ -]and[ -]white|monochrom", ("#0e0e10", "#2b2b2f", "#5f5f66", "#a9a9ae", "#efefec")),
    (r"sepia|vintage|daguerreo", ("#2b1d0e", "#5c4326", "#93724a", "#c9ab7c", "#f2e4c9")),
    (r"neon|cyberpunk|synthwave", ("#0d0221", "#261447", "#7209b7", "#f72585", "#9bf6ff")),
    (r"pastel|candy", ("#5b5f97", "#9d8df1", "#b8e1dd", "#ffc4a3", "#fff5e4")),
    (r"water-?colou?r|ghibli|gouache", ("#26413c", "#4d7c8a", "#8fad88", "#f1c77b", "#fbf3df")),
    (r"ink|woodcut|engrav|lino", ("#16161a", "#3a3d44", "#7d7f83", "#c7a76c", "#f5efe1")),
)
_COLOURS_BY_NAME = _STYLED[:4]


_BEATS: tuple[tuple[float, Beat], ...] = ((0.25, "setup"), (0.5, "rise"), (0.65, "turn"), (0.82, "climax"))
"""Up to which share of the film each beat lasts; between the last of them and the end it falls."""


def beat_of(order: int, count: int) -> Beat:
    """What scene ``order`` of ``count`` is for."""
    if order == 0:
        return "hook"
    if order == count - 1:
        return "end"
    for until, beat in _BEATS:
        if order / (count - 1) < until:
            return beat
    return "fall"


def mood_of(text: str, around: str, beat: Beat, *, kid: bool) -> Mood:
    """The strongest mood of ``text``; ``around`` (the sentences beside it) counts a quarter."""

    def strength(mood: Mood) -> float:
        finder = _FINDERS[mood]
        said = len(finder.findall(text)) + 0.25 * len(finder.findall(around))
        return said + _BY_BEAT[beat].get(mood, 0.0) + (_GENTLER.get(mood, 0.0) if kid else 0.0)

    return max(MOODS, key=strength)


def palette_of(moods: list[Mood], style: str, *, kid: bool) -> tuple[str, ...]:
    """Five anchors, dark to light: what the style names, or else what most of the film feels like."""
    if styled := _styled(style, _STYLED):
        return styled
    leading = max(MOODS, key=lambda mood: (moods.count(mood), -MOODS.index(mood)))
    return (_BRIGHT if kid else _PALETTES)[leading]


def named_palette(style: str) -> tuple[str, ...]:
    """The anchors of a style that is one of colours (noir, sepia, neon, pastel); empty for any other."""
    return _styled(style, _COLOURS_BY_NAME)


def _styled(style: str, known: Sequence[tuple[str, tuple[str, ...]]]) -> tuple[str, ...]:
    return next((colours for named, colours in known if re.search(rf"\b(?:{named})", style, re.IGNORECASE)), ())
