"""The case of one pilot: what its rated test scenes say in figures, before anybody decides.

What lives here: the rating of the pilot, its gap to the brief, the reasons and the notes that follow from measures.
What does not: the decision (``critic.py`` by rules, ``critic_mind.py`` by a mind), which rating keeps how much money
(``budget/allocation.py``) and what a rating near a threshold may mean (``budget/tie.py``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from studio_pipeline.budget.halving import pilot_noise_points
from studio_pipeline.budget.tie import readings
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.pilot import Pilot
from studio_pipeline.film.ratings import QUALITY_BAR, Issue, SceneRating, ShotRating
from studio_pipeline.film.script import Script

WORST_SHOT_SHARE = 0.15
"""How much of the distance from the mean down to the worst shot is taken off: one broken shot is what people
remember, and a mean hides it."""
MOST_WORST_SHOT_POINTS = 8.0

_ADVICE = {
    "freeze": "Move the camera or the figures in every shot; nothing may stand still for half a second.",
    "black": "Make the shots with black frames again.",
    "jump": "Keep each shot one continuous take.",
    "low_contrast": "Open up the contrast: darker darks, a brighter subject.",
    "too_dark": "Light the scenes brighter.",
    "too_bright": "Take the light down.",
    "soft": "Ask for crisper pictures: sharper edges, more texture.",
    "colourless": "Bring in colour from the palette.",
    "flicker": "Keep the light even within a shot.",
    "jumpy_motion": "Move the camera more smoothly.",
    "little_life": "Let something move inside the picture, not only the camera.",
    "grain": "Take the grain down.",
    "caption_ground": "Keep the lower part of the picture dark and quiet, for the captions.",
    "vendor_event": "Read what the vendor told about the takes.",
    "narration_overrun": "Shorten the narration, or give the scene more seconds.",
    "narration_missing": "Have the narration spoken.",
    "narration_damaged": "Have the narration spoken again.",
    "narration_silent": "Choose a voice; the narration is silent.",
    "narration_quiet": "Speak up: the narration is too quiet.",
    "narration_clipped": "Turn the voice down; it clips.",
    "missing_shot": "Plan fewer or cheaper shots, so that the money reaches all of them.",
    "joint_light": "Match the light of neighbouring shots.",
    "wrong_length": "Make clips of exactly the ordered length.",
    "wrong_size": "Make clips in the film's size.",
    "wrong_rate": "Make clips at the film's frame rate.",
    "undecodable": "Make the shots that do not decode again.",
}
_STYLE_WISHES = (
    (("dark", "noir", "night"), "luma_mean_levels", "below", 110.0, "dark"),
    (("bright", "sunny", "light-filled"), "luma_mean_levels", "above", 110.0, "bright"),
    (("colourful", "colorful", "vivid"), "colourfulness", "above", 40.0, "colourful"),
    (("monochrome", "black and white", "black-and-white"), "colourfulness", "below", 12.0, "without colour"),
    (("dynamic", "energetic", "fast"), "camera_motion_permille_per_frame", "above", 0.8, "lively"),
)
"""Words of a style that can be held against a measure."""


@dataclass(frozen=True)
class Case:
    """One pilot after its test."""

    brief: Brief
    pilot: Pilot
    script: Script
    ratings: tuple[SceneRating, ...]
    rating: float
    bar: float
    """The rating that the brief hopes for."""
    noise_points: float
    """Standard deviation of ``rating``."""
    readings: tuple[int, ...]
    """Per cent of its money that the rating may mean, rising; more than one where it is a tie."""
    gap: str
    reasons: tuple[str, ...]
    notes: tuple[str, ...]


def case_of(
    brief: Brief,
    pilot: Pilot,
    script: Script,
    ratings: Sequence[SceneRating],
    noise_points: float | None,
    bar: float | None,
) -> Case:
    """The figures of a pilot whose test scenes are rated. Without ``noise_points`` they follow from its shots, without
    a ``bar`` it is that of the brief's quality mode."""
    rating = _rating(script, ratings)
    bar = QUALITY_BAR[brief.quality_mode] if bar is None else bar
    noise = pilot_noise_points(len(_shots(ratings))) if noise_points is None else noise_points
    return Case(
        brief=brief,
        pilot=pilot,
        script=script,
        ratings=tuple(ratings),
        rating=rating,
        bar=bar,
        noise_points=noise,
        readings=readings(rating, noise),
        gap=_gap(brief, script, ratings, rating, bar),
        reasons=_reasons(ratings, rating),
        notes=_notes(ratings),
    )


def _rating(script: Script, ratings: Sequence[SceneRating]) -> float:
    """Mean of the scenes by length, less a part of the distance down to the worst shot."""
    weights = [scene.frames if (scene := script.scene(rating.scene)) else 1 for rating in ratings]
    mean = sum(rating.rating * weight for rating, weight in zip(ratings, weights, strict=True)) / sum(weights)
    worst = min((shot.rating for shot in _shots(ratings)), default=mean)
    penalty = min(MOST_WORST_SHOT_POINTS, max(0.0, mean - worst) * WORST_SHOT_SHARE)
    return round(max(0.0, mean - penalty), 1)


def _shots(ratings: Sequence[SceneRating]) -> list[ShotRating]:
    return [shot for rating in ratings for shot in rating.shots]


def _gap(brief: Brief, script: Script, ratings: Sequence[SceneRating], rating: float, bar: float) -> str:
    distance = f"{bar - rating:.1f} short of it" if rating < bar else f"{rating - bar:.1f} above it"
    sentences = [
        f"The brief asks for {brief.quality_mode} quality, which hopes for {bar:g}: at {rating:.1f} the test scenes "
        f"are {distance}."
    ]
    tested = sum(scene.frames for r in ratings if (scene := script.scene(r.scene)))
    share = f"{script.rate.seconds(tested):.1f} s of the {brief.duration_s:g} s film"
    missing = sum(issue.code == "missing_shot" for rating in ratings for issue in rating.issues)
    shots = len(_shots(ratings))
    sentences.append(
        f"They show {share} in {shots} shots; {missing} planned {_plural('shot', missing)} could not be made."
        if missing
        else f"They show {share} in {shots} shots, none missing."
    )
    if script.frames != brief.frames:
        sentences.append(f"The script is {script.frames} frames long, the brief asks for {brief.frames}.")
    sentences += _style_gaps(brief, ratings)
    return " ".join(sentences)


def _style_gaps(brief: Brief, ratings: Sequence[SceneRating]) -> list[str]:
    style, found = f" {brief.style.lower()} ", []
    shots = [shot for shot in _shots(ratings) if shot.measures]
    for words, measure, side, bound, name in _STYLE_WISHES:
        asked = next((word for word in words if f" {word}" in style), None)
        values = [shot.measures[measure] for shot in shots if measure in shot.measures]
        if asked is None or not values:
            continue
        value = sum(values) / len(values)
        if (value < bound) if side == "above" else (value > bound):
            spoken = measure.replace("_", " ")
            found.append(
                f"The style asks for “{asked}”, yet {spoken} is {value:.3g}; {side} {bound:g} reads as {name}."
            )
    return found


def _reasons(ratings: Sequence[SceneRating], rating: float) -> tuple[str, ...]:
    """The verdict in figures, then each kind of issue with its count, an example with frames, and its cost."""
    kinds: dict[str, list[tuple[str, Issue]]] = defaultdict(list)
    for scene in ratings:
        for issue in scene.issues:
            kinds[issue.code].append((f"scene {scene.scene}", issue))
        for shot in scene.shots:
            for issue in shot.issues:
                kinds[issue.code].append((shot.shot, issue))
    scenes = ", ".join(f"scene {scene.scene} {scene.rating:.0f}" for scene in ratings)
    reasons = [f"Rated {rating:.1f} of 100 ({scenes})."]
    ranked = sorted(kinds.items(), key=lambda kind: (-sum(issue.points for _, issue in kind[1]), kind[0]))
    for code, issues in ranked:
        place, worst = max(issues, key=lambda pair: pair[1].points)
        cost = sum(issue.points for _, issue in issues)
        reasons.append(
            f"{code.replace('_', ' ')} × {len(issues)}, {cost:.1f} points in all; worst in {place}{_frames(worst)}: "
            f"{worst.message}."
        )
    return tuple(reasons)


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"


def _frames(issue: Issue) -> str:
    if issue.first_frame is None:
        return ""
    if issue.last_frame in (None, issue.first_frame):
        return f" at frame {issue.first_frame}"
    return f" at frames {issue.first_frame}–{issue.last_frame}"


def _notes(ratings: Sequence[SceneRating]) -> tuple[str, ...]:
    cost: dict[str, float] = defaultdict(float)
    for scene in ratings:
        for issue in scene.all_issues():
            cost[issue.code] += issue.points
    ranked = sorted(cost, key=lambda code: (-cost[code], code))
    return tuple(_ADVICE[code] for code in ranked if code in _ADVICE and cost[code] >= 1)
