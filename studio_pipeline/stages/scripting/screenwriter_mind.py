"""The screenwriter's mind: what a model is asked for a script, and what its draft must be to become one.

The question knows nothing of the pilot. So all pilots of a production ask the very same one, which is bought once and
answered from the store for the others, and their narration is the same, word for word and frame for frame; what is
the pilot's own (its look) is put in by code. For the same reason nothing here objects to a draft because of the pilot.

A model writes; frames, tags and the test are computed. The draft's shape is in ``script_draft.py``, what can be wrong
with it in ``script_check.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from studio_pipeline.film.brief import Brief
from studio_pipeline.film.pilot import Pilot
from studio_pipeline.film.script import Script
from studio_pipeline.film.story import Entity, Story
from studio_pipeline.orchestration.minds import Mind
from studio_pipeline.prose.languages import primary
from studio_pipeline.prose.one_line import one_line
from studio_pipeline.prose.pace import AIR_S, amount_in, unit_of
from studio_pipeline.prose.sentences import balanced
from studio_pipeline.providers.language.reading import Objection
from studio_pipeline.stages.scripting import bible
from studio_pipeline.stages.scripting.adaptation import Draft
from studio_pipeline.stages.scripting.excerpts import passages_shown, spread
from studio_pipeline.stages.scripting.layout import look_of, script_of
from studio_pipeline.stages.scripting.moods import named_palette
from studio_pipeline.stages.scripting.script_check import MOST_CHARS, MOST_READ, wrong_with
from studio_pipeline.stages.scripting.script_draft import CharacterDraft, SceneDraft, ScriptDraft
from studio_pipeline.stages.scripting.timing import scene_range
from studio_pipeline.wording import clipped

CHAPTER_TOKENS = 8_000
PASSAGE_TOKENS = 10_000
"""What a question may have of a story, at most; about 2 cents of a writing model."""
_SHOWN_PEOPLE, _SHOWN_PLACES, _SHOWN_CHARS = 24, 16, 160

_AIM = 0.9
"""Share of the room for words that the writer is told to aim at."""


def write(mind: Mind, brief: Brief, story: Story, pilot: Pilot, *, max_scenes: int) -> Script:
    """The script that ``mind`` wrote, with the look of ``pilot``; what went otherwise than planned is in its notes."""
    answer = mind.ask(
        values(brief, story, max_scenes=max_scenes),
        ScriptDraft,
        make=lambda draft: script_from(draft, brief, story, pilot, max_scenes=max_scenes),
    )
    return answer.value.model_copy(update={"notes": (*answer.value.notes, *answer.events)})


def values(brief: Brief, story: Story, *, max_scenes: int) -> dict[str, Any]:
    """What the prompt ``screenwriter`` is filled with."""
    count = _count(brief, max_scenes)
    room_s = brief.duration_s - AIR_S * (count.start + count.stop - 1) / 2
    passages = passages_shown(story.passages, PASSAGE_TOKENS)
    cut = passages != story.passages  # then “…” stands where some are left out
    chapters = spread(story.chapter_digests, CHAPTER_TOKENS)
    return {
        "title": brief.title,
        "concept": brief.concept or "",
        "style": brief.style,
        "language": brief.language,
        "content_mode": brief.content_mode,
        "duration_s": f"{brief.duration_s:g}",
        "fewest": count.start,
        "most": count.stop - 1,
        "unit": unit_of(brief.language),
        "in_all": amount_in(_AIM * room_s, brief.language),
        "in_a_scene": amount_in(_AIM * 2 * room_s / (count.start + count.stop - 1), brief.language),
        "pace": amount_in(10, brief.language),
        "story": bool(story.passages),
        "digest": story.digest if cut else "",
        "chapters": [{"chapter": at + 1, "what_happens": story.chapter_digests[at]} for at in chapters],
        "people": _rows(story.characters[:_SHOWN_PEOPLE]),
        "places": _rows(story.places[:_SHOWN_PLACES]),
        "themes": ", ".join(story.themes),
        "passages": "\n".join(passages),
        "cut": cut,
    }


def _rows(entities: Sequence[Entity]) -> list[dict[str, object]]:
    return [
        {"name": entity.name, "mentions": entity.mentions, "evidence": clipped(entity.evidence, _SHOWN_CHARS)}
        for entity in entities
    ]


def _count(brief: Brief, max_scenes: int) -> range:
    return scene_range(brief.frames, brief.rate, max_scenes)


def script_from(draft: ScriptDraft, brief: Brief, story: Story, pilot: Pilot, *, max_scenes: int) -> Script:
    """The script of a draft.

    Raises:
        Objection: with everything that is wrong with the draft, the same for every pilot.
    """
    count = _count(brief, max_scenes)
    if len(draft.scenes) not in count:
        wanted = f"{count.start}" if len(count) == 1 else f"{count.start} to {count.stop - 1}"
        raise Objection(f"scenes: there are {len(draft.scenes)}, and a film of {brief.duration_s:g} s has {wanted}")
    scenes = [_cleaned(scene) for scene in draft.scenes]
    people = [_cleaned_member(member) for member in draft.characters[: bible.MOST_CHARACTERS + 1]]
    if wrong := wrong_with(draft, scenes, people, brief, story):
        raise Objection(*wrong)
    drafts = [_as_draft(scene, order, len(scenes)) for order, scene in enumerate(scenes)]
    seen = {name for one in drafts for name in one.people}
    kid = brief.content_mode == "kid"
    return script_of(
        drafts,
        brief,
        cast=bible.designed(((p.name, p.look, p.colour) for p in people if p.name in seen), kid=kid),
        logline=one_line(draft.logline),
        language=brief.language,
        look=look_of(brief, pilot, one_line(draft.look)),
        palette=named_palette(pilot.look) or _dark_to_light(draft.palette),
        notes=_notes(brief, story),
    )


def _notes(brief: Brief, story: Story) -> list[str]:
    if not story.passages or primary(story.language) == primary(brief.language):
        return []
    return [f"The story is in “{story.language}”: the film is told in “{brief.language}”, as the brief asks."]


def _cleaned(scene: SceneDraft) -> SceneDraft:
    """The scene with its texts on one line each; a narration that says nothing is none."""
    narration = balanced(one_line(scene.narration[:MOST_READ]))
    return scene.model_copy(
        update={
            **{field: one_line(getattr(scene, field)[:MOST_READ]) for field in MOST_CHARS},
            "narration": narration if any(char.isalnum() for char in narration) else "",
            "prompt_hints": tuple(filter(None, (one_line(hint[:MOST_READ]) for hint in scene.prompt_hints))),
            "characters": tuple(dict.fromkeys(one_line(name[:MOST_READ]) for name in scene.characters)),
        }
    )


def _cleaned_member(member: CharacterDraft) -> CharacterDraft:
    return CharacterDraft(
        name=one_line(member.name[:MOST_READ]),
        look=one_line(member.look[:MOST_READ]).rstrip(" .;,"),
        colour=member.colour.strip().lower()[:20],
    )


# What becomes of it


def _as_draft(scene: SceneDraft, order: int, count: int) -> Draft:
    edge = order in (0, count - 1) or scene.beat in ("hook", "end")  # a film has one opening and one end
    return Draft(
        narration=scene.narration,
        heading=scene.heading,
        place=scene.place,
        direction=scene.direction,
        mood=scene.mood,
        hints=scene.prompt_hints,
        people=scene.characters,
        beat=None if edge else scene.beat,
        continuity=scene.continuity,
    )


def _dark_to_light(palette: Sequence[str]) -> tuple[str, ...]:
    """The colours by their luma (Rec. 709), each once."""

    def luma(colour: str) -> float:
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    return tuple(sorted(dict.fromkeys(colour.strip().lower() for colour in palette), key=luma))
