"""A text of somebody else's made fit to be shown and spoken: one line, and nothing in it that is not seen.

What a language model says is only ever shown, and this is what makes that harmless: no control characters, nothing
that turns the direction of what follows, no invisible letters that only a machine reads. What a script needs to be
written right stays: the joiners of Persian and Hindi, combining marks, the selectors of emoji.
"""

from __future__ import annotations

import re

from studio_pipeline.wording import plain

_UNSEEN = re.compile(
    "[\u00ad\u061c\u200b\u200e\u200f\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb\ufdd0-\ufdef"
    "\U000e0000-\U000e007f" + "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF)) + "]"
)
"""Soft hyphens, zero-width spaces, marks and isolates of direction, tags, and code points that are no characters."""


_LOOKED_AT = 4
"""Times as many characters as are wanted are looked at: what is beyond them would not be seen."""


def one_line(text: str, *, most: int | None = None) -> str:
    """``text`` without what is not seen, every run of white space one space; cut to ``most`` characters, with ``…``."""
    if most is None:
        return " ".join(_UNSEEN.sub("", plain(text)).split())
    line = one_line(text[: _LOOKED_AT * most])
    return line if len(line) <= most else f"{line[: most - 1]}…"
