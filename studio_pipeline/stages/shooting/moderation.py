"""Putting a prompt more softly, for a vendor whose moderation has refused it. Rules; a model may do it better one day.

What is shown stays the same as far as can be: words that moderation trips over are replaced by tamer ones, a name that
could be a real person's is left to its description, and the prompt says that nothing of it is graphic.
"""

from __future__ import annotations

import re

from studio_pipeline.prose.utf16 import utf16_units

_TAMER: tuple[tuple[str, str], ...] = (
    (r"\b(?:blood|gore)\b", "red paint"),
    (r"\bblood[- ]?(?:y|ied|stained)\b", "stained"),
    (r"\b(?:corpse|dead body|cadaver)s?\b", "still figure"),
    (r"\b(?:kill|murder|slay|slaughter)(?:s|ed|ing)?\b", "defeats"),
    (r"\b(?:stab|shoot|strangle|behead)(?:s|bed|bing|ing|ed)?\b", "confronts"),
    (r"\b(?:gun|rifle|pistol|revolver|weapon)s?\b", "prop"),
    (r"\b(?:knife|knives|dagger|sword|blade)s?\b", "prop"),
    (r"\b(?:bomb|explosion)s?\b", "burst of light"),
    (r"\b(?:explode)(?:s|d)?\b", "bursts into light"),
    (r"\b(?:naked|nude|undressed|topless)\b", "clothed"),
    (r"\b(?:sexy|seductive|erotic|sensual)\b", "elegant"),
    (r"\b(?:dead|dying|died)\b", "lying still"),
    (r"\b(?:war|battle)s?\b", "old conflict"),
    (r"\b(?:drunk|drugged)\b", "weary"),
    (r"\b(?:scream|shriek)(?:s|ing|ed)?\b", "calls out"),
    (r"\b(?:hang|hanged|hanging) (?=(?:man|woman|body|figure))", "waiting "),
)
_CLOSING = "Family-friendly, nothing graphic, everyone unharmed and fully clothed."


def soften(prompt: str, *, most_units: int) -> str:
    """The prompt in tamer words. Softening twice changes nothing more.

    Args:
        most_units: its greatest length in UTF-16 units. Whole sentences go from its end to make room, as the planner
            puts what matters least there; the first one stays.
    """
    if prompt.endswith(_CLOSING):
        return prompt
    for pattern, tamer in _TAMER:
        prompt = re.sub(pattern, tamer, prompt, flags=re.IGNORECASE)
    if prompt and prompt[-1] not in ".!?…。！？":
        prompt = f"{prompt}."
    while utf16_units(f"{prompt} {_CLOSING}") > most_units and ". " in prompt:
        prompt = f"{prompt.rpartition('. ')[0]}."
    return f"{prompt} {_CLOSING}"
