"""Reading the note of a retake: which words change framing, move or light, and what is left for the prompt.

Rules, not a model: the same note always changes the same things, and the person is told what was understood. A note
is data; whatever the rules do not know is handed on as direction in the prompt, never interpreted.
"""

from __future__ import annotations

import re

from pydantic import Field

from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.shots import Framing, Move

_STRONG = {
    "closer": "closer",
    "nearer": "closer",
    "tighter": "closer",
    "wider": "wider",
    "farther": "wider",
    "further": "wider",
    "looser": "wider",
    "slower": "slower",
    "calmer": "slower",
    "gentler": "slower",
    "faster": "faster",
    "quicker": "faster",
    "static": "still",
    "motionless": "still",
    "brighter": "brighter",
    "lighter": "brighter",
    "sunnier": "brighter",
    "darker": "darker",
    "dimmer": "darker",
    "moodier": "darker",
}
"""Words that mean one thing wherever they stand."""

_WEAK = {
    "close": "closer",
    "near": "closer",
    "tight": "closer",
    "in": "closer",
    "wide": "wider",
    "far": "wider",
    "back": "wider",
    "out": "wider",
    "slow": "slower",
    "slowly": "slower",
    "gently": "slower",
    "fast": "faster",
    "quick": "faster",
    "quickly": "faster",
    "still": "still",
    "steady": "still",
    "fixed": "still",
    "left": "left",
    "right": "right",
    "up": "up",
    "down": "down",
    "bright": "brighter",
    "dark": "darker",
    "dim": "darker",
}
"""Words that mean it only in a short note, or after a word that speaks of the camera ("pan left", "too dark")."""

_OPPOSITE = {
    "closer": "wider",
    "wider": "closer",
    "slower": "faster",
    "faster": "slower",
    "still": "faster",
    "left": "right",
    "right": "left",
    "up": "down",
    "down": "up",
    "brighter": "darker",
    "darker": "brighter",
}
_REVERSING = ("less", "not", "too", "dont", "don't", "never", "no")
_CAMERA_WORDS = "camera pan tilt move go look zoom push pull hold keep stay come step make more much very"
_CAMERA = frozenset(_CAMERA_WORDS.split())
_FILLER_WORDS = "a an the and then it this that shot take frame framing picture image bit little please be is to of so"
_FILLER = frozenset(_FILLER_WORDS.split())
_SHORT = 3
"""Up to this many words a clause of a note is taken as camera direction as a whole."""

Wish = str


class Reading(Frozen):
    """What a note asks for: wishes by name in the order said, and whether it says more than the rules know."""

    wishes: tuple[Wish, ...] = Field(default=())
    rest: str = ""
    """The whole note, when some of it was not understood; it goes into the prompt as direction."""


def read_note(note: str) -> Reading:
    """Understand ``note``. "Too dark" means brighter; "less close" means wider; "no movement" means still."""
    said = " ".join(note.split())[:500]
    wishes: list[Wish] = []
    unknown = False
    for clause in re.split(r"[,.;:!?–—()]+", said.lower().replace("’", "'")):
        words = re.findall(r"[\w']+", clause)
        last_wish = -1
        for place, word in enumerate(words):
            # A "too" or "not" reaches two words far, but not over another wish ("too dark slower").
            before = words[max(last_wish + 1, place - 2) : place]
            wish = _wish(word, before, short=len(words) <= _SHORT)
            if wish is not None:
                last_wish = place
                if wish not in wishes:
                    wishes.append(wish)
            elif word not in _FILLER and word not in _CAMERA and word not in _REVERSING:
                unknown = True
    return Reading(wishes=tuple(wishes), rest=said if unknown or (said and not wishes) else "")


def _wish(word: str, before: list[str], *, short: bool) -> Wish | None:
    reversed_ = any(each in _REVERSING for each in before)
    if word in ("movement", "motion", "moving", "shake"):
        return "still" if reversed_ or "stop" in before else None
    wish = _STRONG.get(word)
    if wish is None and (short or reversed_ or _CAMERA & set(before)):
        wish = _WEAK.get(word)
    return _OPPOSITE[wish] if wish and reversed_ else wish


_NEARER: tuple[Framing, ...] = ("extreme_wide", "wide", "medium", "close", "extreme_close")
_LIVELIER: tuple[Move, ...] = ("hold", "drift", "push_in")
_TURN: dict[Wish, Move] = {
    "still": "hold",
    "left": "pan_left",
    "right": "pan_right",
    "up": "tilt_up",
    "down": "tilt_down",
}


def reframed(framing: Framing, wish: Wish) -> Framing:
    """One step nearer or farther; an insert steps to the close-up or the medium shot of its scene."""
    if wish not in ("closer", "wider"):
        return framing
    if framing == "insert":
        return "extreme_close" if wish == "closer" else "medium"
    step = _NEARER.index(framing) + (1 if wish == "closer" else -1)
    return _NEARER[max(0, min(step, len(_NEARER) - 1))]


def moved(move: Move, wish: Wish) -> Move:
    """The move a wish turns ``move`` into: a direction is taken as said, a pace is one step on the ladder."""
    if wish in _TURN:
        return _TURN[wish]
    if wish not in ("slower", "faster"):
        return move
    # Every travelling move (pan, tilt, pull) is as lively as a push in.
    rung = _LIVELIER.index(move) if move in _LIVELIER else 2
    if wish == "slower":
        return _LIVELIER[max(0, rung - 1)]
    return move if rung == 2 else _LIVELIER[rung + 1]


def relit(colour: str, wish: Wish) -> str:
    """``#rrggbb`` mixed a third with white or with black."""
    if wish not in ("brighter", "darker"):
        return colour
    target = 255 if wish == "brighter" else 0
    channels = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(value * 2 / 3 + target / 3):02x}" for value in channels)
