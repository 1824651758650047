"""What each measured weakness costs, as data: a rating is 100 minus these points.

The numbers are calibrated on the studio's own clips (see ``test_inspector.py``, which holds the outcome): a picture
held still for its whole length lands in the fifties and is no film; a clean board in smooth motion lands in the
eighties; nothing an offline vendor draws reaches 95. They know nothing of tiers: equal files get equal ratings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studio_pipeline.film.ratings import Issue
from studio_pipeline.media.looking.measure import PictureMeasures


@dataclass(frozen=True)
class Grade:
    """A weakness that grows with one measure: nothing at ``good``, ``points`` at ``bad``, in proportion between."""

    code: str
    measure: str
    good: float
    bad: float
    points: float
    words: str

    def issue(self, numbers: dict[str, float]) -> Issue | None:
        value = numbers[self.measure]
        cost = round(self.points * min(1.0, max(0.0, (value - self.good) / (self.bad - self.good))), 1)
        if cost <= 0:
            return None
        side = "at least" if self.bad < self.good else "at most"
        unit = self.measure.rsplit("_", 1)[-1] if "_" in self.measure else ""
        message = f"{self.words}: {value:.4g} {unit}".rstrip() + f", {side} {self.good:g} would be good"
        return Issue(code=self.code, severity="warning" if cost >= 5 else "note", message=message, points=cost)


GRADES: tuple[Grade, ...] = (
    Grade("low_contrast", "contrast_levels", good=80, bad=20, points=12, words="The picture has little contrast"),
    Grade("too_dark", "luma_mean_levels", good=40, bad=10, points=20, words="The picture is too dark"),
    Grade("too_bright", "luma_mean_levels", good=225, bad=250, points=15, words="The picture is too bright"),
    Grade("soft", "sharpness_laplacian_variance", good=100, bad=20, points=16, words="The picture is soft"),
    Grade("colourless", "colourfulness", good=15, bad=0, points=3, words="The picture has little colour"),
    Grade("grain", "grain_levels", good=0.9, bad=1.9, points=15, words="The picture is grainy"),
    Grade("flicker", "flicker_levels", good=0.5, bad=6, points=25, words="The light flickers"),
    Grade("jumpy_motion", "jitter_permille", good=0.12, bad=1.2, points=22, words="The camera moves unevenly"),
    Grade(
        "caption_ground",
        "caption_contrast_ratio",
        good=3,
        bad=1,
        points=2,
        words="White captions would be hard to read",
    ),
)
"""Weaknesses of a clip as a whole. 3 : 1 is WCAG's least contrast for large letters."""

LIFE = Grade(
    "little_life", "inner_motion_levels", good=6, bad=0.3, points=12, words="Hardly anything but the camera moves"
)
"""Counted only while the picture moves at all: a freeze is charged as one."""

FREEZE_POINTS = 41.0
"""A clip frozen throughout loses this many; part of a clip, its share. With nothing else wrong 59 are left: a film of
held pictures is under the 60 that lets a pilot live."""
SHORTEST_FREEZE_S = 0.5
"""Shorter holds are beats, not faults."""
BLACK_POINTS = 60.0
LEAST_BLACK_POINTS = 8.0
"""Even one black frame inside a shot is seen as a flash."""
JUMP_POINTS = 8.0
MOST_JUMP_POINTS = 24.0
WRONG_SHAPE_POINTS = 25.0
"""A clip of the wrong size, rate or length can be conformed, but never without loss."""
MISSING_SHOT_POINTS = 50.0
"""A scene without any of its shots' frames loses this and has no picture rating; a part, its share."""
OVERRUN_POINTS_PER_S = 5.0
MOST_OVERRUN_POINTS = 25.0
NARRATION_POINTS = 6.0
"""Narration that is silent, too quiet, clipped, or was written but not spoken."""
VENDOR_EVENT_POINTS = 2.0
MOST_VENDOR_EVENT_POINTS = 6.0
"""What the vendor told about the take itself: words that had to be cut, a smaller size, no depth."""
JOINT_POINTS = 2.0
JOINT_LEVELS = 80.0
"""Two neighbouring shots whose mean light differs by more do not seem to be at the same place."""


def grade_issues(measures: PictureMeasures) -> list[Issue]:
    """What the clip as a whole lacks."""
    numbers = measures.numbers()
    issues = [issue for grade in GRADES if (issue := grade.issue(numbers))]
    moving = 1 - measures.frozen_frames / max(1, measures.frames - 1)
    life = LIFE.issue(numbers)
    if life is not None and moving > 0.5:
        issues.append(life)
    return issues


def event_issues(events: Sequence[str]) -> list[Issue]:
    """The events on a take's receipts, as they were told."""
    return [
        Issue(
            code="vendor_event",
            severity="note",
            message=event,
            points=VENDOR_EVENT_POINTS if count * VENDOR_EVENT_POINTS <= MOST_VENDOR_EVENT_POINTS else 0,
        )
        for count, event in enumerate(events, start=1)
    ]


def run_issues(measures: PictureMeasures) -> list[Issue]:
    """Freezes, black and jumps, each with its frames."""
    issues = []
    for run in measures.frozen_runs:
        seconds = run.frames / measures.rate_fps
        if seconds >= SHORTEST_FREEZE_S:
            issues.append(
                Issue(
                    code="freeze",
                    severity="fault",
                    message=f"The picture stands still for {seconds:.1f} s",
                    first_frame=run.first_frame,
                    last_frame=run.last_frame,
                    points=round(FREEZE_POINTS * run.frames / max(1, measures.frames - 1), 1),
                )
            )
    for run in measures.black_runs:
        issues.append(
            Issue(
                code="black",
                severity="fault",
                message=f"{run.frames} black frame{'s' if run.frames > 1 else ''}",
                first_frame=run.first_frame,
                last_frame=run.last_frame,
                points=round(max(LEAST_BLACK_POINTS, BLACK_POINTS * run.frames / measures.frames), 1),
            )
        )
    for count, frame in enumerate(measures.jump_frames, start=1):
        issues.append(
            Issue(
                code="jump",
                severity="fault",
                message="The picture jumps, as if cut inside the shot",
                first_frame=frame,
                last_frame=frame,
                points=JUMP_POINTS if count * JUMP_POINTS <= MOST_JUMP_POINTS else 0,
            )
        )
    return issues
