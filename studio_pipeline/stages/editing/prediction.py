"""Predicting how a cut will rate, from its shots' ratings and from what the cutting added or took away.

A sum of documented points; nothing is measured here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studio_pipeline.stages.editing.footage import SceneCut

UNRATED = 50.0
"""What a shot that nobody inspected is taken for: unknown is not good."""
MISSING_POINTS = 30.0
"""A cut that has pictures for nothing of the script would lose this; a part of it, its share."""
DURATION_POINTS = 15.0
"""A cut of half the asked length loses half of this. The first 5 % are free."""
UNPLACED_NARRATION_POINTS = 3.0
CHANGE_OF_LOOK_POINTS = 1.5
MOST_CHANGE_OF_LOOK_POINTS = 6.0
ON_BEAT_POINTS = 2.0
"""Bonus of a cut with every cut point on a beat."""


@dataclass(frozen=True)
class Traits:
    """What the prediction needs to know about a cut beside its shots."""

    shot_share: float
    """How much of the script, by length, was shot at all: 0 to 1. What a cut leaves out by choice costs length only."""
    asked_duration_s: float
    duration_s: float
    unplaced_narrations: int = 0
    changes_of_look: int = 0
    on_beat_share: float = 0.0


@dataclass(frozen=True)
class Prediction:
    """A rating 0 to 100 and how it came about, as part of a sentence."""

    rating: float
    words: str


def predict(scenes: Sequence[SceneCut], traits: Traits) -> Prediction:
    """Mean rating of the shots by length, with bonuses and penalties."""
    pieces = [piece for scene in scenes for piece in scene.pieces]
    frames = sum(piece.frames for piece in pieces)
    mean = sum((UNRATED if p.rating is None else p.rating) * p.frames for p in pieces) / frames
    off = abs(1 - traits.duration_s / traits.asked_duration_s)
    points = {
        "missing pictures": -MISSING_POINTS * (1 - traits.shot_share),
        "length": -DURATION_POINTS * max(0.0, off - 0.05),
        "narration without room": -UNPLACED_NARRATION_POINTS * traits.unplaced_narrations,
        "changes of look": -min(MOST_CHANGE_OF_LOOK_POINTS, CHANGE_OF_LOOK_POINTS * traits.changes_of_look),
        "cuts on the beat": ON_BEAT_POINTS * traits.on_beat_share,
    }
    rating = round(min(100.0, max(0.0, mean + sum(points.values()))), 1)
    parts = [f"{value:+.1f} for {name}" for name, value in points.items() if abs(value) >= 0.05]
    return Prediction(rating, f"shots average {mean:.1f}" + (f", {', '.join(parts)}" if parts else ""))
