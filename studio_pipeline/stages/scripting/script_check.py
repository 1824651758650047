"""What can be wrong with the draft of a script, in words that its writer can act on.

Nothing here depends on the pilot: all of them must get the same answer to the same question. Every check looks at
cleaned text (``screenwriter_mind.py``), and sizes come first, so that nothing huge is ever measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from studio_pipeline.film.brief import Brief
from studio_pipeline.film.story import Story
from studio_pipeline.prose.gentle import harsh_word
from studio_pipeline.prose.languages import primary, spoken_instead
from studio_pipeline.prose.one_line import one_line
from studio_pipeline.prose.pace import AIR_S, amount_in, amount_of, speaking_s, unit_of
from studio_pipeline.prose.utf16 import utf16_units
from studio_pipeline.stages.scripting import bible
from studio_pipeline.stages.scripting.script_draft import CharacterDraft, SceneDraft, ScriptDraft
from studio_pipeline.stages.scripting.timing import most_frames, needed_frames
from studio_pipeline.wording import clipped

MOST_IN_A_SCENE = 4
_MOST_HINTS = 6
MOST_CHARS = {"heading": 80, "place": 80, "direction": 400, "continuity": 300}
_MOST_HINT_CHARS = 80
_MOST_NAME_CHARS, _MOST_LOOK_CHARS = 40, 200
_MOST_LOGLINE_CHARS, _MOST_WORLD_CHARS = 300, 300
_PICTURE_UNITS = 880
"""UTF-16 units that a scene's direction and the looks of everybody in it may have together, so that one prompt of 1,000
(``cinematographer.PROMPT_LIMIT``) can hold them."""
_COLOURS = range(3, 7)
_LEAST_TOLD = 0.35
"""Share of the film that the narration has to fill: the studio makes narrated films."""
_CHARS_A_SECOND = 30
"""More than any voice says in a second, in any script: what is longer is not even measured."""
_COLOUR = re.compile(r"#[0-9a-f]{6}")
MOST_READ = 60_000
"""Characters of any one text that are looked at; what is longer is too long for its place all the same."""


def wrong_with(
    draft: ScriptDraft, scenes: list[SceneDraft], people: list[CharacterDraft], brief: Brief, story: Story
) -> list[str]:
    """Everything that is wrong with a draft, the worst first; empty when it can be used.

    Args:
        scenes, people: those of the draft, cleaned.
    """
    if wrong := [*_wrong_with_sizes(draft, scenes, people, brief), *_wrong_with_names(scenes, people)]:
        return wrong
    wrong = [*_wrong_with_words(scenes, brief), *_wrong_with_pictures(scenes, people), *_invented(people, brief, story)]
    return [*wrong, *_not_for_children(scenes, people)] if brief.content_mode == "kid" else wrong


def _wrong_with_sizes(
    draft: ScriptDraft, scenes: list[SceneDraft], people: list[CharacterDraft], brief: Brief
) -> Iterator[str]:
    """Lengths and numbers; without these in order nothing else is looked at."""
    most_narration = int(_CHARS_A_SECOND * brief.duration_s)
    for number, scene in enumerate(scenes, start=1):
        if len(scene.narration) > most_narration:
            yield f"scene {number}: its narration has {len(scene.narration)} characters, more than the film can hold"
        for field, most in MOST_CHARS.items():
            text = getattr(scene, field)
            if len(text) > most:
                yield f"scene {number}: {field} has {len(text)} characters; at most {most}"
            if not text and field != "continuity":
                yield f"scene {number}: {field} is empty"
        if len(scene.prompt_hints) > _MOST_HINTS:
            yield f"scene {number}: {len(scene.prompt_hints)} prompt_hints; at most {_MOST_HINTS}"
        if any(len(hint) > _MOST_HINT_CHARS for hint in scene.prompt_hints):
            yield f"scene {number}: a prompt hint has more than {_MOST_HINT_CHARS} characters"
        if len(scene.characters) > MOST_IN_A_SCENE:
            yield f"scene {number}: {len(scene.characters)} characters; one picture keeps {MOST_IN_A_SCENE} apart"
    if len(draft.characters) > bible.MOST_CHARACTERS:
        yield f"characters: there are {len(draft.characters)}; at most {bible.MOST_CHARACTERS}"
    if not 0 < len(one_line(draft.logline[:MOST_READ])) <= _MOST_LOGLINE_CHARS:
        yield f"logline: one sentence of at most {_MOST_LOGLINE_CHARS} characters"
    if len(one_line(draft.look[:MOST_READ])) > _MOST_WORLD_CHARS:
        yield f"look: at most {_MOST_WORLD_CHARS} characters"
    wrong = [clipped(colour, 20) for colour in draft.palette if not _COLOUR.fullmatch(colour.strip().lower())]
    if wrong or len(draft.palette) not in _COLOURS:
        yield "palette: three to six colours such as #1b2a3a" + (f", not “{wrong[0]}”" if wrong else "")


def _wrong_with_names(scenes: list[SceneDraft], people: list[CharacterDraft]) -> Iterator[str]:
    """Whether everybody who is seen is in the bible, once, and can be recognised."""
    names = [member.name for member in people]
    for member in people:
        shown = clipped(member.name, _MOST_NAME_CHARS)
        if not any(char.isalnum() for char in member.name) or len(member.name) > _MOST_NAME_CHARS:
            yield f"characters: “{shown}” is no name; give one of at most {_MOST_NAME_CHARS} characters"
        elif not 0 < len(member.look) <= _MOST_LOOK_CHARS:
            yield f"characters: the look of {shown} has {len(member.look)} characters; 1 to {_MOST_LOOK_CHARS}"
        if not _COLOUR.fullmatch(member.colour):
            yield f"characters: the colour of {shown} is not like #1b2a3a"
        if names.count(member.name) > 1 and member.name == shown:
            yield f"characters: {shown} is there {names.count(member.name)} times"
    there = ", ".join(clipped(name, _MOST_NAME_CHARS) for name in dict.fromkeys(names)) or "nobody"
    for number, scene in enumerate(scenes, start=1):
        for name in scene.characters:
            if name not in names:
                yield f"scene {number}: “{clipped(name, 40)}” is not in the bible; there are: {there}"


def _wrong_with_words(scenes: list[SceneDraft], brief: Brief) -> Iterator[str]:
    """Whether the narration is in the film's language, and fits its time."""
    language, rate = brief.language, brief.rate
    said = [scene.narration for scene in scenes]
    other = spoken_instead(" ".join(said), language)
    if other:
        yield f"the narration is in “{other}”; this film is told in “{language}”: write every narration in it"
        return  # how long another language takes says nothing
    spoken_s = [speaking_s(text, language) if text else 0.0 for text in said]
    unit = unit_of(language)
    if sum(spoken_s) < _LEAST_TOLD * brief.duration_s:
        least = amount_in(_LEAST_TOLD * brief.duration_s, language)
        yield (
            f"the narrations together take {sum(spoken_s):.0f} s of a film of {brief.duration_s:g} s: tell more of it, "
            f"at least {least} {unit} in all"
        )
    needs = [needed_frames(text, language, rate) for text in said]
    if sum(needs) <= brief.frames:
        return
    most = most_frames(brief.frames, needs)
    room_s = rate.seconds(most) - AIR_S
    cuts = {
        at: max(1, -int(-amount_of(said[at], language) * (spoken_s[at] - room_s) // spoken_s[at]))
        for at, need in enumerate(needs)
        if need > most
    }
    yield (
        f"the scenes need {rate.seconds(sum(needs)):.1f} s for their narration, the film has {brief.duration_s:g} s: "
        f"cut about {sum(cuts.values())} {unit} in all, as follows, and add none elsewhere"
    )
    for at, cut in cuts.items():
        yield (
            f"scene {at + 1}: its narration takes {spoken_s[at]:.1f} s and may take {room_s:.1f} s: cut about {cut} of "
            f"its {amount_of(said[at], language)} {unit}"
        )


def _wrong_with_pictures(scenes: list[SceneDraft], people: list[CharacterDraft]) -> Iterator[str]:
    """Whether one prompt can hold what is seen and the looks of all who are in it."""
    looks = {member.name: utf16_units(f"{member.name}: {member.look}. ") for member in people}
    for number, scene in enumerate(scenes, start=1):
        units = utf16_units(scene.direction) + sum(looks[name] for name in scene.characters)
        if units > _PICTURE_UNITS:
            yield (
                f"scene {number}: its direction and the looks of its characters have {units} characters together, and "
                f"one picture has room for {_PICTURE_UNITS}: shorten the looks, or show fewer people"
            )


def _invented(people: list[CharacterDraft], brief: Brief, story: Story) -> Iterator[str]:
    """Who has a name that the story does not know. A role (“a fisherman”) may be added, a name may not.

    Not asked where the film is told in another language than the story: a name may be spelled in another script then.
    """
    if not story.passages or primary(story.language) != primary(brief.language):
        return
    known = {entity.name.casefold() for entity in story.characters}
    text = " ".join((*story.passages, *story.chapter_digests, story.digest)).casefold()
    for member in people:
        strange = "" if member.name.casefold() in known else bible.names_not_in(member.name, text)
        if strange:
            yield (
                f"characters: “{clipped(strange, 40)}” is not in the story: take its own people, or call them by "
                "what they are, without a name"
            )


def _not_for_children(scenes: list[SceneDraft], people: list[CharacterDraft]) -> Iterator[str]:
    for number, scene in enumerate(scenes, start=1):
        for field in ("narration", "direction", "heading", "place"):
            if word := harsh_word(getattr(scene, field)):
                yield f"scene {number}: “{word}” in {field} is not for children: show or say it another way"
        if word := harsh_word(" ".join(scene.prompt_hints)):
            yield f"scene {number}: “{word}” in prompt_hints is not for children"
    for member in people:
        if word := harsh_word(member.look):
            yield f"characters: “{word}” in the look of {clipped(member.name, 40)} is not for children"
