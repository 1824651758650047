"""What a model answers when it is asked for a script. Shapes only; what may stand in them is checked in
``script_check.py``, and ``screenwriter_mind.py`` turns a draft into a script.
"""

from __future__ import annotations

from pydantic import Field

from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.script import Mood
from studio_pipeline.stages.scripting.moods import Beat


class CharacterDraft(Frozen):
    """One entry of the bible."""

    name: str = Field(description="As the story calls them, spelled the same everywhere in the answer.")
    look: str = Field(
        description="English. What a stranger would recognise them by in every picture: age, build, hair, clothes, and "
        "one mark that never changes. No action, no mood, no light."
    )
    colour: str = Field(description="#rrggbb, their main colour; no two characters share one.")


class SceneDraft(Frozen):
    """One scene."""

    heading: str = Field(description="Two to six words in the film's language, as on a storyboard card.")
    place: str = Field(description="English. Where it plays; the same words each time it is the same place.")
    narration: str = Field(description="What the narrator says here, in the film's language; may be empty.")
    direction: str = Field(description="English. What is seen, in one or two sentences, present tense.")
    prompt_hints: tuple[str, ...] = Field(description="English. Up to six things of the picture: hour, weather, props.")
    characters: tuple[str, ...] = Field(
        description="Names from the bible of those in the picture, most important first."
    )
    mood: Mood = Field(description="What the scene feels like.")
    beat: Beat | None = Field(
        default=None, description="What the scene is for; null for what its place in the film says."
    )
    continuity: str = Field(
        description="English. What must match the scenes before: hour, weather, clothes, props in hand."
    )


class ScriptDraft(Frozen):
    """The script."""

    logline: str = Field(description="The film in one sentence, in the film's language.")
    look: str = Field(
        description="English. What the film's world looks like, whatever it is drawn or shot with: period, materials, "
        "weather, quality of light."
    )
    palette: tuple[str, ...] = Field(description="Three to six colours of the film, #rrggbb, dark to light.")
    characters: tuple[CharacterDraft, ...] = Field(
        description="The bible: everybody who is seen, most important first."
    )
    scenes: tuple[SceneDraft, ...] = Field(description="The film, in order.")
