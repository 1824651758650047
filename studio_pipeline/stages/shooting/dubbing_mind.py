"""The translator's mind: what a model is asked for a scene's words in another language, and what its draft must be.

The question knows nothing of the pilot, so pilots that share a script buy one answer. A model translates; how long that
takes to say, in which script it is and whether its people are still called what they are called, rules hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import Field

from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.script import Scene, Script
from studio_pipeline.orchestration.minds import Mind
from studio_pipeline.prose.gentle import harsh_word
from studio_pipeline.prose.languages import primary, script_of, spoken_instead, words
from studio_pipeline.prose.one_line import one_line
from studio_pipeline.prose.pace import MOST_CHARACTERS_PER_S, amount_in, speaking_s, unit_of
from studio_pipeline.prose.roles import ROLES
from studio_pipeline.prose.sentences import balanced
from studio_pipeline.providers.language.reading import Objection
from studio_pipeline.wording import clipped

HOLD_S = 1.5
"""How much longer than its room a translation may take to say: so long a picture can stand still."""
_MOST_SPOKEN_CHARS = 5000
"""What a voice takes as one line (``SpeechRequest``)."""
_MOST_READ = 20_000
_AIM = 0.95
"""Share of the room that the translator is told to fill at most: voices differ."""
_LEAST_STEM = 3
"""Letters of a name that its endings leave alone, at least."""


class DubDraft(Frozen):
    """One scene's narration in another language."""

    text: str = Field(description="The narration in the language that is asked for, as it is to be spoken.")


def translate(
    mind: Mind, script: Script, scene: Scene, language: str, *, room_s: float, kid: bool
) -> tuple[str, tuple[str, ...]]:
    """What ``scene`` says, in ``language``, and what went otherwise than planned.

    Args:
        room_s: seconds that the words may take to say without the picture waiting for them.
    """
    answer = mind.ask(
        values(script, scene, language, room_s=room_s, kid=kid),
        DubDraft,
        make=lambda draft: text_from(draft, script, scene, language, room_s=room_s, kid=kid),
    )
    return answer.value, answer.events


def values(script: Script, scene: Scene, language: str, *, room_s: float, kid: bool) -> dict[str, Any]:
    """What the prompt ``translator`` is filled with."""
    return {
        "title": script.title,
        "logline": script.logline,
        "content_mode": "kid" if kid else "general",
        "source_language": script.language,
        "language": language,
        "cast": [{"name": member.name, "look": member.look} for member in script.characters],
        "film": [{"scene": one.number, "narration": one.narration} for one in script.scenes if one.narration],
        "number": scene.number,
        "mood": scene.mood,
        "people": ", ".join(scene.characters),
        "narration": scene.narration,
        "own_s": f"{speaking_s(scene.narration, script.language):.1f}",
        "room_s": f"{room_s:.1f}",
        "unit": unit_of(language),
        "aim": max(1, amount_in(_AIM * room_s, language)),
        "pace": amount_in(10, language),
        "most_characters": _most_characters(room_s),
    }


def _most_characters(room_s: float) -> int:
    return min(_MOST_SPOKEN_CHARS, int(MOST_CHARACTERS_PER_S * room_s))


def text_from(draft: DubDraft, script: Script, scene: Scene, language: str, *, room_s: float, kid: bool) -> str:
    """The words of a draft, on one line, without what is not seen.

    Raises:
        Objection: with everything that is wrong with them.
    """
    text = balanced(one_line(draft.text[:_MOST_READ]))
    if not any(char.isalnum() for char in text):
        raise Objection(f"text is empty; say in {language} what the narration says")
    most = _most_characters(room_s)
    if len(text) > most:
        raise Objection(f"text has {len(draft.text)} characters; at most {most} can be said in this scene")
    if wrong := [*_wrong_length(text, language, room_s), *_wrong_words(text, script, scene, language, kid=kid)]:
        raise Objection(*wrong)
    return text


def _wrong_length(text: str, language: str, room_s: float) -> Iterator[str]:
    needed_s = speaking_s(text, language)
    if needed_s > room_s + HOLD_S:
        yield (
            f"text takes about {needed_s:.1f} s to say and the scene has {room_s:.1f} s: say it in about "
            f"{max(1, amount_in(_AIM * room_s, language))} {unit_of(language)}, keeping what the story needs"
        )


def _wrong_words(text: str, script: Script, scene: Scene, language: str, *, kid: bool) -> Iterator[str]:
    other = primary(language) != primary(script.language)
    names = {word.casefold() for member in script.characters for word in words(member.name)}
    if other and (same := _told(text, names)) and same == _told(scene.narration, names):
        yield f"text is the narration itself, left as it was; translate it into {language}"
    elif instead := spoken_instead(text, language):
        yield f"text is in {instead}; write it in {language}, in the script that is usual there"
    else:
        for name in _kept_names(script, scene, text):
            yield f"“{clipped(name, 40)}” is named in the narration and not in text; keep the name as it is written"
    if kid and (word := harsh_word(text)):
        yield f"“{word}” is not for children: say it another way"


def _told(text: str, names: set[str]) -> list[str]:
    """The words of a text but for names, which are the same in many languages."""
    return [word for word in map(str.casefold, words(text)) if word not in names]


def _kept_names(script: Script, scene: Scene, text: str) -> Iterator[str]:
    """Names in the narration of which nothing is left in ``text``.

    Looked for only where both are written in one script, and the narration in English, of which it is known what is a
    name and what only a word for somebody: “the Fox” is translated. An ending may differ.
    """
    if primary(script.language) != "en" or script_of(text) != script_of(scene.narration):
        return
    said = [word.casefold() for word in words(text)]
    for member in script.characters:
        own = [word for word in words(member.name) if word[:1].isupper() and word.casefold() not in ROLES]
        if not own or not re.search(rf"\b{re.escape(member.name)}\b", scene.narration):
            continue
        stems = tuple(word.casefold()[: max(_LEAST_STEM, len(word) - 2)] for word in own)
        if not any(word.startswith(stems) for word in said):
            yield member.name
