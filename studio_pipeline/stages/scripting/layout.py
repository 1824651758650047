"""From drafts of scenes to the script: numbers, lengths, beats, continuity, the test, and the look of the pilot.

Both minds of the screenwriter end here, so frames add up the same way whoever wrote the scenes. What the scenes say is
decided before (``adaptation.py``, ``explainer.py``, ``screenwriter_mind.py``).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from studio_pipeline.film.brief import Brief
from studio_pipeline.film.pilot import Pilot
from studio_pipeline.film.script import Character, Scene, Script
from studio_pipeline.stages.scripting.adaptation import Draft
from studio_pipeline.stages.scripting.moods import beat_of
from studio_pipeline.stages.scripting.timing import needed_frames, shared_out


def script_of(
    drafts: list[Draft],
    brief: Brief,
    *,
    cast: tuple[Character, ...],
    logline: str,
    language: str,
    look: str,
    palette: tuple[str, ...],
    notes: Sequence[str],
) -> Script:
    """The script of these scenes, which add up to ``brief.frames`` exactly."""
    lengths = shared_out(brief.frames, [needed_frames(draft.narration, language, brief.rate) for draft in drafts])
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
            beat=draft.beat or beat_of(order, len(drafts)),
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
        look=look,
        palette=palette,
        notes=tuple(notes),
    )


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
    if drafts[order].continuity:
        return drafts[order].continuity
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


def look_of(brief: Brief, pilot: Pilot, world: str = "") -> str:
    """The look of a pilot's film: how it is made, what the brief asks for, and what the story's world looks like."""
    gentle = "soft shapes, bright friendly colours, nothing frightening" if brief.content_mode == "kid" else ""
    return "; ".join(part.strip().rstrip(".;") for part in (pilot.look, brief.style, world, gentle) if part.strip())
