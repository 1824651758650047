"""What a judge says about takes, and what becomes of it: draft, checks, and one rating of measures and eyes. Pure.

What lives here: the form of a judgement, what is wrong with one, and how its ratings and the measured ones become one.
What does not: the question (``inspector_mind.py``), measuring (``inspector.py``), and how far a judge can be trusted
(``calibration.py``).

With ``w`` the judge's weight, ``judged`` its calibrated rating, ``weak`` the points of measured weaknesses and
``faults`` those of measured faults::

    rating = 100 − w · (100 − judged) − (1 − w) · weak − faults

A measured fault counts in full, whatever the judge thinks. The points of a take's issues add up to what it lost: those
of measured weaknesses shrink by ``1 − w``, and what the judge takes off is shared among what it names, by severity.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.ratings import Issue, ShotRating
from studio_pipeline.film.shots import Shot
from studio_pipeline.media.filmstrip import frames_between
from studio_pipeline.orchestration.quality import Calibration, Inspection
from studio_pipeline.prose.one_line import one_line
from studio_pipeline.providers.language.reading import Objection
from studio_pipeline.wording import clipped

SEEN = "seen_"
"""Codes of issues that a judge names begin with it."""
CONTINUITY_POINTS, MOST_BREAKS = 3.0, 3
"""What a break from shot to shot costs the scene, and how many are counted."""
_MOST_ISSUES = 6
_LONGEST = 240
_SHARE = {"note": 1.0, "warning": 2.0, "fault": 4.0}
"""How what the judge takes off is shared among the issues that it names."""


class SeenIssue(Frozen):
    """Something that is wrong with a take."""

    code: str = Field(description="What it is, in small_letters_with_underscores")
    severity: Literal["note", "warning", "fault"] = Field(description="fault: the take cannot be used for it")
    message: str = Field(description="One sentence: what is seen, and what should be seen")
    first_frame: int | None = Field(description="The first frame where it is seen; null for all of the take")
    last_frame: int | None = Field(description="The last frame where it is seen; null for all of the take")


class ShotJudgement(Frozen):
    """One take."""

    shot: int = Field(description="Number of the shot")
    take: int = Field(description="Number of the take")
    what_is_seen: str = Field(description="One sentence, before anything is rated")
    issues: list[SeenIssue] = Field(description="What is wrong with it, the worst first; may be empty")
    rating: float = Field(description="0 to 100")


class SceneJudgement(Frozen):
    """All takes of a scene."""

    shots: list[ShotJudgement] = Field(description="Every take on the pages, once")
    continuity: list[str] = Field(description="What does not match from shot to shot; empty when all matches")


@dataclass(frozen=True)
class Seen:
    """One take of a scene, measured."""

    shot: Shot
    take: int
    clip: Path
    measured: ShotRating

    @property
    def key(self) -> tuple[int, int]:
        return self.shot.number, self.take

    @property
    def name(self) -> str:
        return f"shot {self.shot.number} take {self.take}"

    @property
    def frames(self) -> int:
        return max(1, round(self.measured.measures.get("frames", self.shot.clip_frames)))

    @property
    def shown(self) -> tuple[int, ...]:
        """The frames that a judge is shown: of the part that a cut uses."""
        handle = self.shot.handle if self.frames > 2 * self.shot.handle else 0
        return frames_between(handle, self.frames - 1 - handle)


Checked = tuple[dict[tuple[int, int], ShotJudgement], tuple[Issue, ...]]


def checked(draft: SceneJudgement, takes: Sequence[Seen]) -> Checked:
    """The judgements by shot and take, and the issues of the scene.

    Raises:
        Objection: with every take that is not rated, is rated twice, is unknown, or has a rating that is none.
    """
    wanted = [seen.key for seen in takes]
    wrong, found = [], {}
    for said in draft.shots:
        key = (said.shot, said.take)
        name = f"shot {said.shot} take {said.take}"
        if key not in wanted:
            wrong.append(f"there is no {clipped(name)} on the pages")
        elif key in found:
            wrong.append(f"{name} is rated twice; rate it once")
        elif not 0 <= said.rating <= 100:
            wrong.append(f"{name} is rated {said.rating:g}; a rating is a number from 0 to 100")
        elif not one_line(said.what_is_seen, most=_LONGEST):
            wrong.append(f"{name}: say in what_is_seen what is seen in it")
        found.setdefault(key, said)
    wrong += [f"shot {shot} take {take} is not rated" for shot, take in wanted if (shot, take) not in found]
    if wrong:
        raise Objection(*wrong)
    breaks = [words for line in draft.continuity if (words := one_line(line, most=_LONGEST))]
    return found, tuple(
        Issue(code=f"{SEEN}continuity", severity="warning", message=words, points=CONTINUITY_POINTS)
        for words in breaks[:MOST_BREAKS]
    )


def beside_points(measured: ShotRating, rules: Inspection) -> float:
    """What measures take off beside a judge: weaknesses by what is left of the weight, faults in full."""
    return sum(_counted(issue, rules) for issue in measured.issues)


def _counted(issue: Issue, rules: Inspection) -> float:
    return issue.points if issue.severity == "fault" else (1 - rules.judge_weight) * issue.points


def said_rating(said: ShotJudgement, rules: Inspection) -> float:
    """The judge's rating: no good one for a take that it finds a fault in."""
    faulty = any(issue.severity == "fault" for issue in said.issues)
    return min(said.rating, rules.most_with_fault) if faulty else said.rating


def combined(seen: Seen, said: ShotJudgement, rules: Inspection, calibration: Calibration | None = None) -> ShotRating:
    """The take's one rating, by measures and by eye: the formula stands at the head of this file."""
    measured, raw = seen.measured, said_rating(said, rules)
    judged = calibration.of(raw) if calibration else raw
    by_eye = rules.judge_weight * (100 - judged)
    issues = [
        issue.model_copy(update={"points": round(_counted(issue, rules), 1)}) for issue in measured.issues
    ] + _shared(_named(said, seen.frames), by_eye, judged)
    issues.sort(key=lambda issue: (-issue.points, issue.code, issue.first_frame or 0))
    lost = by_eye + beside_points(measured, rules)
    looked = {"measured_rating": measured.rating, "judge_rating": round(raw, 1), "judged_rating": round(judged, 1)}
    return measured.model_copy(
        update={
            "rating": round(max(0.0, 100 - lost), 1),
            "measures": {**measured.measures, **looked},
            "issues": tuple(issues),
            "seen": one_line(said.what_is_seen, most=_LONGEST),
        }
    )


def _named(said: ShotJudgement, frames: int) -> list[Issue]:
    """What the judge names, as issues: codes and words cleaned, frames within the clip, the worst first."""
    found = []
    for issue in said.issues:
        ends = [end for end in (issue.first_frame, issue.last_frame) if end is not None]
        within = sorted(min(max(0, end), frames - 1) for end in ends)
        found.append(
            Issue(
                code=SEEN + (re.sub(r"[^a-z]+", "_", issue.code[:40].lower()).strip("_") or "other"),
                severity=issue.severity,
                message=one_line(issue.message, most=_LONGEST) or "The judge gives no reason",
                first_frame=within[0] if within else None,
                last_frame=within[-1] if within else None,
            )
        )
    return sorted(found, key=lambda issue: -_SHARE[issue.severity])[:_MOST_ISSUES]


def _shared(named: Sequence[Issue], points: float, judged: float) -> list[Issue]:
    """``points`` shared among what was named; on one line that names nothing, where there is nothing else."""
    if not named:
        words = f"The judge rates the take {judged:.0f} and names nothing"
        return [Issue(code=f"{SEEN}overall", severity="note", message=words, points=round(points, 1))] if points else []
    parts = sum(_SHARE[issue.severity] for issue in named)
    return [issue.model_copy(update={"points": round(points * _SHARE[issue.severity] / parts, 1)}) for issue in named]
