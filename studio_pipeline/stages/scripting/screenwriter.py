"""The screenwriter: a brief, its story and a pilot in, a script out.

Narration does not depend on the pilot, so that pilots share it and it is bought once; the pilot decides the look. How
a mind writes is in ``screenwriter_mind.py``. By rules, the same every time, what is said is chosen in
``adaptation.py`` (a story) or ``explainer.py`` (an idea).
"""

from __future__ import annotations

from studio_pipeline.film.brief import Brief
from studio_pipeline.film.pilot import Pilot
from studio_pipeline.film.script import Mood, Script
from studio_pipeline.film.story import Story
from studio_pipeline.orchestration.minds import Mind, thought
from studio_pipeline.prose.languages import detect_language, primary
from studio_pipeline.prose.sentences import capitalised, sentences
from studio_pipeline.stages.scripting import bible, explainer, explainer_en, explainer_hi, screenwriter_mind
from studio_pipeline.stages.scripting.adaptation import Draft, adapted
from studio_pipeline.stages.scripting.idea import read_idea
from studio_pipeline.stages.scripting.layout import look_of, script_of
from studio_pipeline.stages.scripting.moods import palette_of
from studio_pipeline.stages.scripting.timing import scene_count

_STRUCTURES = {"en": explainer_en.STRUCTURES, "hi": explainer_hi.STRUCTURES}


def write_script(brief: Brief, story: Story, pilot: Pilot, *, max_scenes: int, mind: Mind | None = None) -> Script:
    """The script of ``pilot``. Scenes add up to ``brief.frames`` exactly; every line fits its scene at a calm pace.

    Args:
        mind: who writes it; the rules where there is none. All pilots of a production ask it the very same question, so
            one answer is bought for all of them.

    Raises:
        AnswerUnusable, ProviderFailed: when no model wrote a script that can be used.
    """
    return thought(
        mind,
        lambda asked: screenwriter_mind.write(asked, brief, story, pilot, max_scenes=max_scenes),
        lambda: _by_rules(brief, story, pilot, max_scenes=max_scenes),
        lambda script, why: script.model_copy(update={"notes": (*script.notes, why)}),
    )


def _by_rules(brief: Brief, story: Story, pilot: Pilot, *, max_scenes: int) -> Script:
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
    seen = {name for draft in drafts for name in draft.people}
    cast = bible.cast([p for p in story.characters if p.name in seen], story.passages, brief.seed, kid=kid)
    moods: list[Mood] = [draft.mood for draft in drafts]
    return script_of(
        drafts,
        brief,
        cast=cast,
        logline=logline,
        language=language,
        look=look_of(brief, pilot),
        palette=palette_of(moods, f"{brief.style} {pilot.look}", kid=kid),
        notes=notes,
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
