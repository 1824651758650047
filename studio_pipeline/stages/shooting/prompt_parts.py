"""How the prompt of a shot is put together from its parts, and how single parts of it are put in another's place.

Framing, what is seen, faces, place, move, light, style: most important first, each a sentence of its own, so that a
note or a rewriting can change one and leave the rest word for word. The bible's words are never anything but verbatim.
What the parts are for a shot is decided in ``cinematographer.py``, who rewrites what is seen, in
``prompt_enhancement.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

from studio_pipeline.film.script import Character, Mood
from studio_pipeline.film.shots import Board, Framing, Move, Shot
from studio_pipeline.prose.sentences import capitalised
from studio_pipeline.prose.utf16 import utf16_units
from studio_pipeline.providers.capabilities import Model
from studio_pipeline.stages.shooting import grammar

PROMPT_LIMIT = 1000
"""Longest prompt in UTF-16 units: the tightest vendor's (Runway gen4.5), so that no prompt is cut off unseen."""

MOST_SEEN = 500
"""Longest description of what is seen, in UTF-16 units. Beyond it models of clips attend to less and less."""

_MOOD_WORDS: dict[Mood, str] = {
    "calm": "calm, soft even light",
    "wonder": "wonder, luminous light",
    "tension": "tension, hard low-key light",
    "joy": "joy, warm bright light",
    "sorrow": "sorrow, muted cool light",
    "resolve": "resolve, clear directional light",
}


def limit_of(models: Sequence[Model]) -> int:
    """Longest prompt, in UTF-16 units, that each of ``models`` takes; never more than ``PROMPT_LIMIT``."""
    return min((PROMPT_LIMIT, *(model.prompt_limit for model in models if model.prompt_limit is not None)))


def framing_clause(framing: Framing) -> str:
    words = grammar.FRAMING_WORDS[framing]
    return f"{words[0].upper()}{words[1:]}."


def face_clause(character: Character) -> str:
    """One entry of the bible, as it stands in every prompt that shows the character."""
    return f"{character.name}: {character.look}."


def move_clause(move: Move) -> str:
    return f"Camera: {grammar.MOVE_WORDS[move]}."


def light_clause(mood: Mood) -> str:
    return f"Mood: {_MOOD_WORDS[mood]}."


def place_clause(place: str) -> str:
    return f"Place: {place}."


def style_clauses(tier_look: str, look: str) -> tuple[str, ...]:
    """How the pilot is made, and what its film looks like beyond that; a script's look begins with its pilot's."""
    beyond = look.removeprefix(tier_look).lstrip(" ;.,")
    return (_ended(f"Style: {tier_look}"), *([_ended(capitalised(beyond))] if beyond else []))


def _ended(sentence: str) -> str:
    return sentence if not sentence or sentence[-1] in ".!?…。！？।" else f"{sentence}."


def composed(board: Board, move: Move, style: Sequence[str], hints: Sequence[str], *, limit: int) -> str:
    """The prompt of a shot. When it gets longer than ``limit``, whole parts go, the least important first; faces stay.

    Args:
        style: its ``style_clauses``.
    """
    faces = [face_clause(character) for character in board.characters]
    parts = [
        framing_clause(board.framing),
        _ended(board.action),
        *faces,
        place_clause(board.place),
        move_clause(move),
        light_clause(board.mood),
        *style,
        f"Details: {', '.join(hints)}." if hints else "",
        f"Palette: {', '.join(board.palette)}." if board.palette else "",
    ]
    parts = [part for part in parts if part.strip()]
    must_stay = 2 + len(faces)
    while len(parts) > must_stay and utf16_units(" ".join(parts)) > limit:
        parts.pop()
    return " ".join(parts)


def room_for_seen(board: Board, move: Move, tier_look: str, limit: int) -> int:
    """How long the description of what is seen may be, in UTF-16 units, beside faces, place, camera, light and the look
    of the tier; 0 or less where the faces alone fill the prompt."""
    faces = [face_clause(character) for character in board.characters]
    camera = (place_clause(board.place), move_clause(move), light_clause(board.mood))
    others = " ".join((framing_clause(board.framing), *faces, *camera, *style_clauses(tier_look, "")))
    return min(MOST_SEEN, limit - utf16_units(others) - 2)


def seen_in(shot: Shot) -> str:
    """What a shot's prompt says is seen: all between its framing and the first part that code adds."""
    return shot.prompt[slice(*_seen_span(shot))].strip()


def with_seen(shot: Shot, seen: str, *, limit: int) -> str:
    """The shot's prompt with another description of what is seen, the rest word for word.

    Parts go from its end, sentence by sentence, when it gets longer than ``limit``; the faces stay.
    """
    start, end = _seen_span(shot)
    parts = (shot.prompt[:start].strip(), _ended(seen), shot.prompt[end:].strip())
    prompt = " ".join(part for part in parts if part)
    return shortened(shot, prompt, limit=limit)


def with_direction(shot: Shot, words: str, *, limit: int) -> str:
    """The shot's prompt with a direction for one take at its end, where it is not cut off: planned parts go for it."""
    direction = f" Direction for this take: {words}"
    return shortened(shot, shot.prompt, limit=limit - utf16_units(direction)) + direction


def shortened(shot: Shot, prompt: str, *, limit: int) -> str:
    """``prompt`` without as many sentences from its end as it needs to; never without a face of ``shot``."""
    faces = [prompt.find(face_clause(one)) + len(face_clause(one)) for one in shot.board.characters]
    must_stay = max([len(framing_clause(shot.board.framing)), *faces])
    while utf16_units(prompt) > limit:
        end = max(prompt.rfind(". ", must_stay, len(prompt) - 1), prompt.rfind("。", must_stay, len(prompt) - 1))
        if end < must_stay - 1:
            break
        prompt = prompt[: end + 1]
    return prompt


def reworded(shot: Shot, board: Board, move: Move) -> str:
    """The prompt with the clauses that a note changed; every other word stays, so the face stays too."""
    prompt = shot.prompt.replace(framing_clause(shot.board.framing), framing_clause(board.framing), 1)
    prompt = prompt.replace(move_clause(shot.move), move_clause(move), 1)
    prompt = prompt.replace(light_clause(shot.board.mood), light_clause(board.mood), 1)
    if shot.board.palette:
        prompt = prompt.replace(", ".join(shot.board.palette), ", ".join(board.palette), 1)
    return prompt


def _seen_span(shot: Shot) -> tuple[int, int]:
    board, prompt = shot.board, shot.prompt
    head = framing_clause(board.framing)
    start = len(head) if prompt.startswith(head) else 0
    nexts = (*map(face_clause, board.characters), place_clause(board.place), move_clause(shot.move))
    found = [at for at in (prompt.find(clause, start) for clause in nexts) if at >= 0]
    return start, min(found, default=len(prompt))
