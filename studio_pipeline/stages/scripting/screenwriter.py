"""The screenwriter: a brief, its story and a pilot in, a script out. By rules, the same every time.

Narration does not depend on the pilot, so that pilots share it and it is bought once; the pilot decides the look.
What is said is chosen in ``adaptation.py`` (a story) or ``explainer.py`` (an idea).
"""

from __future__ import annotations

import itertools

from studio_pipeline.film.brief import Brief
from studio_pipeline.film.pilot import Pilot
from studio_pipeline.film.script import Scene, Script
from studio_pipeline.film.story import Story
from studio_pipeline.prose.languages import detect_language, primary
from studio_pipeline.prose.sentences import capitalised, sentences
from studio_pipeline.stages.scripting import bible, explainer, explainer_en, explainer_hi
from studio_pipeline.stages.scripting.adaptation import Draft, adapted
from studio_pipeline.stages.scripting.idea import read_idea
from studio_pipeline.stages.scripting.moods import beat_of, palette_of
from studio_pipeline.stages.scripting.timing import needed_frames, scene_count, shared_out

_STRUCTURES = {"en": explainer_en.STRUCTURES, "hi": explainer_hi.STRUCTURES}


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
        drafts, logline = adapted(story, brief, count, language)
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
            beat=beat_of(order, len(drafts)),
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


def _idea_language(concept: str, wanted: str) -> str:
    """English ideas are told in Hindi's structure when the brief asks for it; else an idea speaks its own language."""
    found = detect_language(concept, wanted)
    return wanted if primary(wanted) == "hi" else found


def _from_idea(concept: str, brief: Brief, count: int, language: str, notes: list[str]) -> tuple[list[Draft], str]:
    own = tuple(sentences(concept))
    structures = _STRUCTURES.get(primary(language))
    if structures is None or len(own) >= max(4, count):
        if structures is None:
            notes.append(
                f"The offline screenwriter writes English and Hindi: in “{language}” it speaks the brief's own "
                "sentences and no others. Hand in a story for a full narration."
            )
        from_own = Story(language=language, passages=own, digest=concept[:300])
        return adapted(from_own, brief, count, language)
    idea = read_idea(concept, primary(language))
    told = explainer.tell(idea, structures[idea.kind], count, brief.frames, brief.rate, language, brief.seed)
    drafts = [
        Draft(
            narration=scene.narration,
            heading=scene.heading,
            place=capitalised(scene.place),
            direction=scene.direction,
            mood=scene.mood,
            hints=tuple(dict.fromkeys((scene.place, idea.thing, *([idea.other] if idea.other else [])))),
        )
        for scene in told
    ]
    return drafts, own[0] if own else concept


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


def _continuity(drafts: list[Draft], order: int) -> str:
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
