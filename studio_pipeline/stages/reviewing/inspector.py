"""The inspector: rates the clips of a scene by measuring the files, and the scene by its shots, sound and joints.

Looks at pixels and samples only; it is not told the tier, the vendor or the price. What each weakness costs is in
``penalties.py``; how it is measured, in ``media/looking/measure.py``; what a model sees in the pictures, in
``inspector_mind.py``. It decides nothing (``critic.py`` does).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from studio_pipeline.errors import MediaDamaged
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.ratings import Issue, SceneRating, ShotRating
from studio_pipeline.film.shots import Shot, ShotPlan
from studio_pipeline.film.takes import Narration, Take
from studio_pipeline.media.looking.measure import PictureMeasures, measure_clip, measure_sound
from studio_pipeline.stages.reviewing import penalties

NARRATION_LEAD_S = 0.3
"""Air before the first word of a scene; the editor leaves the same."""
_QUIET_DBFS = -35.0
_CLIPPED_SAMPLES = 8


def inspect_shot(
    shot: Shot, take: Take, path: Path, *, rate: Rate, size: tuple[int, int], name: str = ""
) -> ShotRating:
    """Rate one take by its file.

    Args:
        path: the take's clip, handles included.
        rate: the frame rate the film has.
        size: width and height in pixels the film has.
        name: the shot's place, ``animated.s03.k2``; a label only. ``k2`` when it is not given.

    A file that does not decode is rated 0 rather than raised: the rest of the scene can still be judged.
    """
    name = name or f"k{shot.number}"
    try:
        measures = measure_clip(path)
    except MediaDamaged as damaged:
        issue = Issue(code="undecodable", severity="fault", message=damaged.what, points=100)
        return ShotRating(shot=name, take=take.number, rating=0, measures={}, issues=(issue,))
    issues = _shape_issues(measures, shot, rate, size) + penalties.run_issues(measures)
    issues += penalties.grade_issues(measures) + penalties.event_issues((*take.still.events, *take.video.events))
    issues.sort(key=lambda issue: (-issue.points, issue.code, issue.first_frame or 0))
    return ShotRating(
        shot=name, take=take.number, rating=_left(100, issues), measures=measures.numbers(), issues=tuple(issues)
    )


def inspect_scene(
    plan: ShotPlan,
    shots: Sequence[ShotRating],
    narration: Narration | None = None,
    sound: Path | None = None,
    *,
    others: Sequence[ShotRating] = (),
    seen: Sequence[Issue] = (),
    events: Sequence[str] = (),
) -> SceneRating:
    """Rate a scene: its shots weighed by length, less what is wrong with the scene as a whole.

    Args:
        shots: ratings of the circled takes, in order of the plan; planned shots without one are missing.
        narration: what was spoken for the scene, if anything.
        sound: the narration's wav.
        others: ratings of takes that are not circled; they do not count.
        seen: what a judge sees wrong with the scene as a whole.
        events: what did not go as planned on the way.
    """
    frames = {shot.number: shot.frames for shot in plan.shots}
    weights = [frames.get(shot_number(rating), 1) for rating in shots]
    pictures = sum(rating.rating * weight for rating, weight in zip(shots, weights, strict=True))
    base = pictures / sum(weights) if shots else 0.0
    there = {shot_number(rating) for rating in shots}
    issues = [_missing_issue(shot, plan) for shot in plan.shots if shot.number not in there]
    issues += [*_joint_issues(shots), *seen]
    if narration is not None:
        issues += _narration_issues(plan, narration, sound)
    return SceneRating(
        scene=plan.scene,
        rating=_left(base, issues),
        shots=tuple(shots),
        issues=tuple(issues),
        others=tuple(others),
        events=tuple(events),
    )


def shot_number(rating: ShotRating) -> int:
    """The number of the rated shot in its scene: 2 for ``animated.s03.k2``."""
    tail = rating.shot.rpartition("k")[2]
    return int(tail) if tail.isdecimal() else 0


def _left(base: float, issues: Sequence[Issue]) -> float:
    return round(max(0.0, base - sum(issue.points for issue in issues)), 1)


def _shape_issues(measures: PictureMeasures, shot: Shot, rate: Rate, size: tuple[int, int]) -> list[Issue]:
    found = []
    if measures.frames != shot.clip_frames:
        found.append(("wrong_length", f"{measures.frames} frames where {shot.clip_frames} were ordered"))
    if (measures.width_px, measures.height_px) != size:
        found.append(("wrong_size", f"{measures.width_px}×{measures.height_px} pixels, not {size[0]}×{size[1]}"))
    if abs(measures.rate_fps - rate.fps) > 0.001:
        found.append(("wrong_rate", f"{measures.rate_fps:.3f} frames a second, not {rate.fps:.3f}"))
    return [
        Issue(code=code, severity="fault", message=f"The clip has {words}", points=penalties.WRONG_SHAPE_POINTS)
        for code, words in found
    ]


def _missing_issue(shot: Shot, plan: ShotPlan) -> Issue:
    return Issue(
        code="missing_shot",
        severity="fault",
        message=f"Shot {shot.number} ({shot.board.framing.replace('_', ' ')}) was not shot",
        points=round(penalties.MISSING_SHOT_POINTS * shot.frames / plan.frames, 1),
    )


def _joint_issues(shots: Sequence[ShotRating]) -> list[Issue]:
    issues = []
    for before, after in pairwise(shots):
        if before.measures and after.measures:
            leap = abs(before.measures["luma_mean_levels"] - after.measures["luma_mean_levels"])
            if leap > penalties.JOINT_LEVELS:
                words = f"The light leaps by {leap:.0f} levels from {before.shot} to {after.shot}"
                issues.append(Issue(code="joint_light", severity="note", message=words, points=penalties.JOINT_POINTS))
    return issues


def _narration_issues(plan: ShotPlan, narration: Narration, sound: Path | None) -> list[Issue]:
    if not narration.text.strip():
        return []
    if narration.sound is None or sound is None:
        return [_narration_issue("narration_missing", "The narration was written but not spoken")]
    try:
        measures = measure_sound(sound)
    except MediaDamaged as damaged:
        return [_narration_issue("narration_damaged", damaged.what)]
    issues = []
    pictures_s = plan.rate.seconds(plan.frames)
    over_s = NARRATION_LEAD_S + measures.duration_s - pictures_s
    if over_s > 0.5 / plan.rate.fps:
        points = min(penalties.MOST_OVERRUN_POINTS, penalties.OVERRUN_POINTS_PER_S * over_s)
        words = (
            f"The narration needs {NARRATION_LEAD_S + measures.duration_s:.1f} s, its pictures last {pictures_s:.1f} s"
        )
        issues.append(Issue(code="narration_overrun", severity="warning", message=words, points=round(points, 1)))
    if measures.rms_dbfs is None:
        issues.append(_narration_issue("narration_silent", "The narration is silent"))
    elif measures.rms_dbfs < _QUIET_DBFS:
        issues.append(_narration_issue("narration_quiet", f"The narration is at {measures.rms_dbfs:.0f} dBFS"))
    if measures.clipped_samples > _CLIPPED_SAMPLES:
        words = f"The narration clips in {measures.clipped_samples} samples"
        issues.append(_narration_issue("narration_clipped", words))
    return issues


def _narration_issue(code: str, words: str) -> Issue:
    return Issue(code=code, severity="warning", message=words, points=penalties.NARRATION_POINTS)
