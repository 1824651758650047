"""Shots: what the camera shows, for how many frames, framed and moved how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.script import Character, Mood

Framing = Literal["extreme_wide", "wide", "medium", "close", "extreme_close", "insert"]
Move = Literal["hold", "push_in", "pull_out", "pan_left", "pan_right", "tilt_up", "tilt_down", "drift"]


class Board(Frozen):
    """What a shot shows, as structured facts: enough to draw a storyboard frame, or to write a prompt from."""

    heading: str
    action: str
    """One sentence: what is seen. May be in any script."""
    place: str
    framing: Framing
    characters: tuple[Character, ...] = ()
    mood: Mood = "calm"
    palette: tuple[str, ...] = ()
    language: str = "en"
    slate: str = ""
    """What the corner tag says, e.g. ``S03 · K2``."""

    if TYPE_CHECKING:

        def __hash__(self) -> int:
            """Pydantic hashes frozen models; type checkers do not see it."""
            ...


HANDLE_FRAMES = 6
"""Frames made extra on each side of every shot, for dissolves."""


class Shot(Frozen):
    """One planned shot. ``frames`` is what the cut uses; ``handle`` frames are made extra on *each* side.

    A delivered clip therefore has ``handle + frames + handle`` frames, the cut's first frame being frame number
    ``handle`` (counting from 0). Handles are what a dissolve eats.
    """

    number: int = Field(ge=1, le=9)
    frames: int = Field(gt=0)
    handle: int = Field(ge=0)
    move: Move
    board: Board
    prompt: str
    negative_prompt: str = ""
    continuity: str = ""
    refusal: str = ""
    """Why no model in use can make the shot; empty for a shot that can be made."""

    @property
    def clip_frames(self) -> int:
        return self.frames + 2 * self.handle


class ShotPlan(Frozen):
    """The shots of one scene, in order; they add up to the scene."""

    scene: int
    rate: Rate
    size: tuple[int, int]
    shots: tuple[Shot, ...] = Field(min_length=1, max_length=9)
    events: tuple[str, ...] = ()
    """What did not go as planned, for people."""

    @property
    def frames(self) -> int:
        return sum(shot.frames for shot in self.shots)

    def shot(self, number: int) -> Shot | None:
        return self.shots[number - 1] if 1 <= number <= len(self.shots) else None
