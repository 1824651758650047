"""A story adapted: its chosen sentences as drafts of scenes, with who is in each, where it plays and what is seen.

What is said is chosen in ``selection.py``; how long a scene gets is the screenwriter's business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from studio_pipeline.film.brief import Brief
from studio_pipeline.film.script import Mood
from studio_pipeline.film.story import Story
from studio_pipeline.prose.languages import primary
from studio_pipeline.prose.sentences import capitalised, sentences
from studio_pipeline.stages.scripting import bible
from studio_pipeline.stages.scripting.moods import Beat, beat_of, mood_of
from studio_pipeline.stages.scripting.sayable import Line, lines_of
from studio_pipeline.stages.scripting.seeing import direction_of, heading_of, hour_of, things_in, weather_of
from studio_pipeline.stages.scripting.selection import Chunk, chosen_chunks
from studio_pipeline.stages.scripting.whereabouts import Whereabouts

_CARRY_LINES = 5
"""How many sentences back an hour, the weather, or who is meant by “she” is still taken to hold."""
_MOST_IN_A_SCENE = 4
"""People one picture can keep apart."""
_LOGLINE_CHARS = range(40, 201)
_JOINING = re.compile(r"^(?:And|But|So)\s+(?!that\b)")


@dataclass(frozen=True)
class Draft:
    """A scene before it has a length."""

    narration: str
    heading: str
    place: str
    direction: str
    mood: Mood
    hints: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    hour: str = ""
    beat: Beat | None = None
    """``None``: as its place in the film says."""
    continuity: str = ""
    """What must match the scenes before; empty for what can be seen from them."""


def adapted(story: Story, brief: Brief, count: int, language: str) -> tuple[list[Draft], str]:
    """``count`` scenes from ``story`` or fewer, and its logline. A scene may have no words."""
    names = bible.finders(story.characters, language)
    kid, english = brief.content_mode == "kid", primary(language) == "en"
    lines = lines_of(
        story.passages,
        names,
        language,
        title=f"{brief.title} {' '.join(story.chapters[:1])}",
        gentle=kid,
        film_s=brief.duration_s,
    )
    where = Whereabouts(story, language)
    chunks = chosen_chunks(lines, count, brief.frames, brief.rate, language)
    drafts: list[Draft] = []
    for order, chunk in enumerate(chunks):
        if chunk is not None:
            drafts.append(_narrated(chunk, lines, where, language, beat_of(order, len(chunks)), kid=kid))
        elif drafts:
            drafts.append(_silent(drafts[-1], english=english))
        else:
            place = story.places[0].name if story.places else ""
            seen = capitalised(f"{place or brief.title}.")
            drafts.append(Draft("", heading_of(brief.title, language), capitalised(place), seen, "calm"))
    if english:  # no film begins with “And”
        drafts[0] = replace(drafts[0], narration=capitalised(_JOINING.sub("", drafts[0].narration)))
    return drafts, _logline(story, lines, drafts) or brief.title


def _narrated(chunk: Chunk, lines: list[Line], where: Whereabouts, language: str, beat: Beat, *, kid: bool) -> Draft:
    run = lines[chunk.first : chunk.last + 1]
    before = " ".join(line.text for line in lines[max(0, chunk.first - 1) : chunk.first])
    after = " ".join(line.text for line in lines[chunk.last + 1 : chunk.last + 2])
    recent = [line.text for line in lines[max(0, chunk.first - _CARRY_LINES) : chunk.last + 1]]
    place = where.place_of(chunk.text, run[0].passage)
    people = _people(run, lines, chunk.first)
    things = [thing for thing in things_in(chunk.text, language) if thing.lower() != place.lower()]
    hour, weather = hour_of(" ".join(recent)), weather_of(" ".join(recent[-4:]))
    key = max(run, key=lambda line: (line.weight, -line.passage))
    told = next((text for text in (key.text, *(form.text for form in key.forms)) if text in chunk.text), chunk.text)
    mood = mood_of(chunk.text, f"{before} {after}", beat, kid=kid)
    english = primary(language) == "en"  # elsewhere English words for hour and weather stay in the hints
    hints = (*(part for part in (place, hour, weather) if part), *things)
    return Draft(
        narration=chunk.text,
        heading=heading_of(told, language),
        place=capitalised(place),
        direction=direction_of(told, capitalised(place), people, things, *((hour, weather) if english else ("", ""))),
        mood=mood,
        hints=tuple(dict.fromkeys(hints)),
        people=people,
        hour=hour,
    )


def _people(run: list[Line], lines: list[Line], first: int) -> tuple[str, ...]:
    """Who is in the scene: those it names; where it names none, those the sentences just before were about."""
    named = dict.fromkeys(name for line in run for name in line.named)
    if not named and run[0].dangling:
        nearest = next((line.named for line in reversed(lines[max(0, first - _CARRY_LINES) : first]) if line.named), ())
        named = dict.fromkeys(nearest)
    return tuple(named)[:_MOST_IN_A_SCENE]


def _silent(before: Draft, *, english: bool) -> Draft:
    """The scene after ``before`` when nothing is left to say."""
    held = f"{before.place}, a moment without words: what the last line said, held in the picture."
    return replace(before, narration="", direction=held if english and before.place else before.direction)


def _logline(story: Story, lines: list[Line], drafts: list[Draft]) -> str:
    """One sentence of the digest that can stand alone, the one with most people in it; else the film's first."""
    digest = sentences(story.digest)
    standing = [
        line for line in lines if not line.dangling and len(line.text) in _LOGLINE_CHARS and line.text in digest
    ]
    if not standing:
        return next((draft.narration for draft in drafts if draft.narration), "")
    return max(standing, key=lambda line: (len(line.named), line.weight)).text
