"""Ratings and verdicts: what the inspector measured, what the critic decided. A rating is a number 0 to 100."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from studio_pipeline.film.brief import QualityMode
from studio_pipeline.film.frozen import Frozen

QUALITY_BAR: Mapping[QualityMode, float] = {"draft": 55, "standard": 70, "high": 85}
"""The rating each quality mode of a brief hopes for."""


class Issue(Frozen):
    """One named problem. Frames count from 0 in the clip; ``None`` means the whole clip."""

    code: str
    """Stable name, e.g. ``freeze``, ``black``, ``narration_overrun``."""
    severity: Literal["note", "warning", "fault"]
    message: str
    first_frame: int | None = None
    last_frame: int | None = None
    points: float = 0
    """How many rating points it cost."""


class ShotRating(Frozen):
    """One inspected take. ``measures`` are raw numbers with the unit in their name."""

    shot: str
    take: int
    rating: float = Field(ge=0, le=100)
    measures: dict[str, float]
    issues: tuple[Issue, ...] = ()
    seen: str = ""
    """What a judge saw in it, in a sentence; empty where none looked."""


class SceneRating(Frozen):
    """One inspected scene: its shots, its sound, its joints."""

    scene: int
    rating: float = Field(ge=0, le=100)
    shots: tuple[ShotRating, ...]
    issues: tuple[Issue, ...] = ()
    """Problems of the scene as a whole, e.g. narration longer than its pictures, or a shot that was not shot."""
    others: tuple[ShotRating, ...] = ()
    """Takes that are not circled. They say nothing about the scene, and may be circled for what they are rated."""

    events: tuple[str, ...] = ()
    """What did not go as planned, for people: a judge that could not be asked, a downgrade."""

    def all_issues(self) -> tuple[Issue, ...]:
        return self.issues + tuple(issue for shot in self.shots for issue in shot.issues)


class Verdict(Frozen):
    """What the critic decided about one pilot after its test scenes."""

    tier: str
    rating: float = Field(ge=0, le=100)
    decision: Literal["continue", "cancel"]
    share_pct: int = Field(ge=0, le=100)
    """Share of its remaining budget that the pilot keeps: 100, 50 or 0."""
    gap: str
    """What lies between the brief and the test scenes."""
    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """What to change in the scenes still to be shot."""
    events: tuple[str, ...] = ()
    """What did not go as planned, for people."""
