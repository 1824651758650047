"""Words that a film for children does without. The rubric for models is in ``prompts/parts/kid.md``."""

from __future__ import annotations

import re

_HARSH = re.compile(
    r"\b(?:kill\w*|murder\w*|blood\w*|bled|bleed\w*|corpse\w*|dead|died|dies|dying|death|gun\w*|shot|stab\w*|knife|"
    r"knives|torture\w*|hang(?:ed|ing) (?:him|her|them)|suicide|drunk\w*|rape\w*|hell|damn\w*|devil\w*|skull\w*|"
    r"slaughter\w*|drown\w*|strangl\w*|burn(?:ed|t) alive|whip\w*|beat (?:him|her|them)|hate[ds]?)\b"
    r"|ख़ून|खून|मौत|मर गय|मार डाल|हत्या|लाश|बंदूक",
    re.IGNORECASE,
)
_OF_THE_CAMERA = re.compile(
    r"\b(?:wide|medium|close|tracking|establishing|insert|this|the|next|same) shot\b", re.IGNORECASE
)


def harsh_word(text: str) -> str:
    """The first word of ``text`` that has no place in a film for children; ``""`` when there is none.

    Knows English and Hindi. A shot of the camera is none of a gun.
    """
    found = _HARSH.search(_OF_THE_CAMERA.sub("", text))
    return found[0] if found else ""
