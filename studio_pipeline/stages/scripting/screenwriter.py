"""The screenwriter: a brief, its story and a pilot in, a script out. By rules, the same every time.

Narration does not depend on the pilot, so that pilots share it and it is bought once; the pilot decides the look.
What is said is chosen in ``selection.py`` (a story) or ``explainer.py`` (an idea), what is seen in ``seeing.py``.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

from studio_pipeline.film.brief import Brief
from studio_pipeline.film.pilot import Pilot
from studio_pipeline.film.script import Mood, Scene, Script
from studio_pipeline.film.story import Story
from studio_pipeline.prose.languages import detect_language, primary
from studio_pipeline.prose.sentences import sentences
from studio_pipeline.stages.scripting import bible, explainer, explainer_en, explainer_hi
from studio_pipeline.stages.scripting.idea import read_idea
from studio_pipeline.stages.scripting.moods import Beat, mood_of, palette_of
from studio_pipeline.stages.scripting.sayable import Line, lines_of
from studio_pipeline.stages.scripting.seeing import direction_of, heading_of, hour_of, things_in, weather_of
from studio_pipeline.stages.scripting.selection import Chunk, chosen_chunks
from studio_pipeline.stages.scripting.timing import needed_frames, scene_count, shared_out
from studio_pipeline.stages.scripting.whereabouts import Whereabouts

_STRUCTURES = {"en": explainer_en.STRUCTURES, "hi": explainer_hi.STRUCTURES}
_CARRY_LINES = 5
"""How many sentences back an hour, the weather, or who is meant by “she” is still taken to hold."""


@dataclass(frozen=True)
class _Draft:
    """A scene before it has a length."""

    narration: str
    heading: str
    place: str
    direction: str
    mood: Mood
    hints: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    hour: str = ""


def write_script(brief: Brief, story: Story, pilot: Pilot, *, max_scenes: int) -> Script:
    """The script of ``pilot``. Scenes add up to ``brief.frames`` exactly; every line fits its scene at a calm pace."""
    kid = brief.content_mode == "kid"
    count = scene_count(brief.duration_s, max_scenes)
    notes: list[str] = []
    if brief.story is not None or story.passages:
        language = story.language or brief.language
        if primary(language) != primary(brief.language) and story.passages:
            notes.append(
                f"The story is in “{language}”, not in “{brief.language}”: the film is told in the story's language."
            )
        drafts, logline = _from_story(story, brief, count, language)
        if not any(draft.narration for draft in drafts):
            notes.append("Nothing in the story can be narrated: the film is made from its title.")
            language = detect_language(brief.title, brief.language)
            drafts, logline = _from_idea(brief.title, brief, count, language, notes)
    else:
        concept = brief.concept or brief.title
        language = _idea_language(concept, brief.language)
        drafts, logline = _from_idea(concept, brief, count, language, notes)
    lengths = shared_out(brief.frames, [needed_frames(draft.narration, language, brief.rate) for draft in drafts])
    seen = {name for draft in drafts for name in draft.people}
    cast = bible.cast([p for p in story.characters if p.name in seen], story.passages, brief.seed, kid=kid)
    known = {member.name for member in cast}
    beats: list[Beat] = [_beat(order, len(drafts)) for order in range(len(drafts))]
    scenes = tuple(
        Scene(
            number=order + 1,
            heading=draft.heading,
            place=draft.place,
            frames=lengths[order],
            narration=draft.narration,
            direction=draft.direction,
            prompt_hints=draft.hints,
            characters=tuple(name for name in draft.people if name in known),
            mood=draft.mood,
            beat=beats[order],
            continuity=_continuity(drafts, order),
        )
        for order, draft in enumerate(drafts)
    )
    return Script(
        title=brief.title,
        logline=logline,
        rate=brief.rate,
        language=language,
        scenes=scenes,
        test_scenes=test_window(scenes),
        characters=cast,
        look=_look(brief, pilot),
        palette=palette_of([scene.mood for scene in scenes], f"{brief.style} {pilot.look}", kid=kid),
        notes=tuple(notes),
    )


def _from_story(story: Story, brief: Brief, count: int, language: str) -> tuple[list[_Draft], str]:
    names = bible.finders(story.characters, language)
    kid = brief.content_mode == "kid"
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
    drafts: list[_Draft] = []
    for order, chunk in enumerate(chunks):
        if chunk is not None:
            drafts.append(_narrated(chunk, lines, where, language, _beat(order, len(chunks)), kid=kid))
        elif drafts:
            before = drafts[-1]
            silent = _silence(before) if primary(language) == "en" else before.direction
            drafts.append(replace(before, narration="", direction=silent))
        else:
            place = story.places[0].name if story.places else ""
            drafts.append(
                _Draft("", heading_of(brief.title, language), _title(place), _title(f"{place or brief.title}."), "calm")
            )
    return drafts, _logline(story, lines, language) or brief.title


def _narrated(chunk: Chunk, lines: list[Line], where: Whereabouts, language: str, beat: Beat, *, kid: bool) -> _Draft:
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
    return _Draft(
        narration=chunk.text,
        heading=heading_of(told, language),
        place=_title(place),
        direction=direction_of(told, _title(place), people, things, *((hour, weather) if english else ("", ""))),
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
    return tuple(named)[:4]


def _silence(before: _Draft) -> str:
    return (
        f"{before.place}, a moment without words: what the last line said, held in the picture."
        if before.place
        else before.direction
    )


def _logline(story: Story, lines: list[Line], language: str) -> str:
    """One sentence of the digest that can stand alone, the one with most people in it."""
    digest = sentences(story.digest)
    standing = [line for line in lines if not line.dangling and 40 <= len(line.text) <= 200 and line.text in digest]
    if not standing:
        return digest[0] if digest else ""
    return max(standing, key=lambda line: (len(line.named), line.weight)).text


def _idea_language(concept: str, wanted: str) -> str:
    """English ideas are told in Hindi's structure when the brief asks for it; else an idea speaks its own language."""
    found = detect_language(concept, wanted)
    return wanted if primary(wanted) == "hi" else found


def _from_idea(concept: str, brief: Brief, count: int, language: str, notes: list[str]) -> tuple[list[_Draft], str]:
    own = tuple(sentences(concept))
    structures = _STRUCTURES.get(primary(language))
    if structures is None or len(own) >= max(4, count):
        if structures is None:
            notes.append(
                f"The offline screenwriter writes English and Hindi: in “{language}” it speaks the brief's own "
                "sentences and no others. Hand in a story for a full narration."
            )
        from_own = Story(language=language, passages=own, digest=concept[:300])
        return _from_story(from_own, brief, count, language)
    idea = read_idea(concept, primary(language))
    told = explainer.tell(idea, structures[idea.kind], count, brief.frames, brief.rate, language, brief.seed)
    drafts = [
        _Draft(
            narration=scene.narration,
            heading=scene.heading,
            place=_title(scene.place),
            direction=scene.direction,
            mood=scene.mood,
            hints=tuple(dict.fromkeys((scene.place, idea.thing, *([idea.other] if idea.other else [])))),
        )
        for scene in told
    ]
    return drafts, own[0] if own else concept


def _beat(order: int, count: int) -> Beat:
    if order == 0:
        return "hook"
    if order == count - 1:
        return "end"
    at = order / (count - 1)
    return "setup" if at < 0.25 else "rise" if at < 0.5 else "turn" if at < 0.65 else "climax" if at < 0.82 else "fall"


def test_window(scenes: tuple[Scene, ...]) -> tuple[int, ...]:
    """The consecutive scenes that tell most about a pilot: most people, places, changes of mood, and words."""
    size = min(len(scenes), 2 if len(scenes) < 8 else 3)

    def worth(first: int) -> float:
        window = scenes[first : first + size]
        people = {name for scene in window for name in scene.characters}
        places = {scene.place for scene in window}
        changes = sum(one.mood != two.mood for one, two in itertools.pairwise(window))
        return len(people) + len(places) + changes - 3 * sum(not scene.narration for scene in window)

    best = max(range(len(scenes) - size + 1), key=lambda first: (worth(first), -first))
    return tuple(range(best + 1, best + size + 1))


def _continuity(drafts: list[_Draft], order: int) -> str:
    """What must match the scene before."""
    if order == 0:
        return "Opens the film: sets the light and the colours."
    here, before = drafts[order], drafts[order - 1]
    stays = [name for name in here.people if name in before.people]
    parts = [
        f"Same place as scene {order}" if here.place == before.place else f"From “{before.place}” to “{here.place}”"
    ]
    if stays:
        parts.append(f"{', '.join(stays)} as in scene {order}: same clothes, same colours")
    if here.hour and here.hour != before.hour:
        parts.append(f"the hour changes to {here.hour}")
    return "; ".join(parts) + "."


def _look(brief: Brief, pilot: Pilot) -> str:
    gentle = "soft shapes, bright friendly colours, nothing frightening" if brief.content_mode == "kid" else ""
    return "; ".join(part.strip().rstrip(".;") for part in (pilot.look, brief.style, gentle) if part.strip())


def _title(text: str) -> str:
    return text[:1].upper() + text[1:]
