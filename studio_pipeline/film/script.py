"""The script of one pilot: scenes with narration and visual direction, and the bible that keeps faces the same."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.rate import Rate

Mood = Literal["calm", "wonder", "tension", "joy", "sorrow", "resolve"]


class Character(Frozen):
    """One entry of the bible: the same words go into every prompt the character appears in."""

    name: str
    tag: str = Field(max_length=3)
    """One to three letters drawn on the storyboard figure."""
    look: str
    colour: str = Field(pattern=r"^#[0-9a-f]{6}$")


class Scene(Frozen):
    """One scene. ``frames`` is its length in the film."""

    number: int = Field(ge=1, le=99)
    heading: str
    """Short title, drawn on the storyboard, e.g. ``The lamp goes dark``."""
    place: str
    frames: int = Field(gt=0)
    narration: str
    direction: str
    """What is seen, one or two sentences."""
    prompt_hints: tuple[str, ...] = ()
    characters: tuple[str, ...] = ()
    """Names from the bible, most important first."""
    mood: Mood = "calm"
    beat: Literal["hook", "setup", "rise", "turn", "climax", "fall", "end"] = "rise"
    continuity: str = ""


class Script(Frozen):
    """Scenes that add up to the film, the bible, and which scenes are shot first as the test."""

    title: str
    logline: str
    rate: Rate
    language: str
    scenes: tuple[Scene, ...] = Field(min_length=1, max_length=99)
    test_scenes: tuple[int, ...] = Field(min_length=1)
    """Consecutive scene numbers, so that the joints between them can be judged too."""
    characters: tuple[Character, ...] = ()
    look: str = ""
    palette: tuple[str, ...] = ()
    """``#rrggbb`` anchors of the film, dark to light."""
    notes: tuple[str, ...] = ()
    """What a person should know about how the script came to be, e.g. that it is in another language than asked for."""
    events: tuple[str, ...] = ()
    """What did not go as planned, for people."""

    @model_validator(mode="after")
    def _numbered(self) -> Script:
        if [scene.number for scene in self.scenes] != list(range(1, len(self.scenes) + 1)):
            raise ValueError("scenes must be numbered 1, 2, 3 … without gaps")
        if not set(self.test_scenes) <= {scene.number for scene in self.scenes}:
            raise ValueError("test scenes must be scenes of the script")
        return self

    @property
    def frames(self) -> int:
        return sum(scene.frames for scene in self.scenes)

    def scene(self, number: int) -> Scene | None:
        return self.scenes[number - 1] if 1 <= number <= len(self.scenes) else None

    def part(self, number: int) -> dict[str, object]:
        """What the work on one scene depends on: that scene and the bible, not its neighbours."""
        return {
            "scene": self.scenes[number - 1],
            "rate": self.rate,
            "language": self.language,
            "characters": self.characters,
            "look": self.look,
            "palette": self.palette,
        }
