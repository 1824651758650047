"""The inspector's eyes: a vision model looks at film strips of a scene's takes and rates what measures cannot see.

What lives here: which takes are worth a judge's time, the question, and where its pages are kept. What does not:
measuring (``inspector.py``), what becomes of an answer (``judgement.py``), drawing the pages (``media/filmstrip.py``).

*One question a scene.* It holds all takes of the scene's shots, circled or not, by shot and number. So the takes of a
shot are compared by one judge in one sitting; circling another one changes no word of the question, and its answer is
found again for $0; only a new take makes a new question. Broken takes are left out: where all are, nothing is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from studio_pipeline.film.brief import Brief
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.ratings import Issue, ShotRating
from studio_pipeline.film.script import Script
from studio_pipeline.film.shots import Shot, ShotPlan
from studio_pipeline.media.filmstrip import Strip, film_pages, pages_of
from studio_pipeline.media.store import MediaStore
from studio_pipeline.orchestration.minds import Mind, thought
from studio_pipeline.orchestration.quality import Calibration, Inspection
from studio_pipeline.prompting import library
from studio_pipeline.stages.reviewing.judgement import Checked, SceneJudgement, Seen, checked, combined

FUNCTION = "video_evaluator"
"""As ``prompts/variants.yaml`` calls the question."""


@dataclass(frozen=True)
class Judged:
    """What came of looking. ``ratings`` are in the order in which the takes were given."""

    ratings: tuple[ShotRating, ...]
    issues: tuple[Issue, ...] = ()
    """Of the scene as a whole."""
    events: tuple[str, ...] = ()
    pages: tuple[MediaRef, ...] = ()
    """What the judge was shown."""
    model: str = ""
    """Who judged; empty when nobody did."""
    unseen: tuple[str, ...] = ()
    """Takes that were not shown to a judge, and why: as planned, so no event."""


def judge_scene(
    mind: Mind | None,
    takes: Sequence[Seen],
    *,
    about: Mapping[str, Any],
    store: MediaStore,
    rules: Inspection,
    calibration: Calibration | None = None,
) -> Judged:
    """Rate the measured takes of one scene by eye, too, where there is a mind for it and something to look at.

    Args:
        about: what was planned (``about_scene``).
        store: where the pages that a judge is shown are kept.

    Raises:
        AnswerUnusable, ProviderFailed: when nobody gave an answer that can be used and no rules are named last.
    """
    measured = Judged(tuple(seen.measured for seen in takes))
    if mind is None or not takes:
        return measured
    if not mind.sees:
        return _note(measured, "Rated by measures alone: no language model in use takes pictures.")
    worth, left_out = worth_looking_at(takes, rules)
    if not worth:
        return replace(measured, unseen=left_out)

    def by_mind(mind: Mind) -> Judged:
        said, model, pages, events = look(mind, worth, about, store)
        curve = calibration
        if curve is not None and not curve.is_of(model, library.digest(mind.variant.prompt)):
            curve, events = None, (*events, _stale(curve, model))
        judgements, breaks = said
        rated = {seen.key: combined(seen, judgements[seen.key], rules, curve) for seen in worth}
        ratings = tuple(rated.get(seen.key) or _not_above(seen, rated) for seen in takes)
        return Judged(ratings, breaks, events, pages, model, left_out)

    return thought(mind, by_mind, lambda: measured, _note)


def look(
    mind: Mind, takes: Sequence[Seen], about: Mapping[str, Any], store: MediaStore
) -> tuple[Checked, str, tuple[MediaRef, ...], tuple[str, ...]]:
    """Ask the judge about ``takes``: what it says, who it is, the pages that it saw, and what did not go as planned."""
    strips = [Strip(seen.clip, seen.name, seen.shown) for seen in takes]
    with store.workdir() as work:
        pages = tuple(store.put_file(page, ".jpg") for page in film_pages(strips, work))
    answer = mind.ask(
        {**about, **_about_takes(takes)}, SceneJudgement, images=pages, make=lambda draft: checked(draft, takes)
    )
    return answer.value, answer.model, pages, answer.events


def _note(judged: Judged, words: str) -> Judged:
    return replace(judged, events=(*judged.events, words))


def why_broken(measured: ShotRating, rules: Inspection) -> str | None:
    """Why a take is not worth a judge's time, in words; ``None`` when it is."""
    if not measured.measures:
        return "it does not decode"
    frames = max(1.0, measured.measures["frames"])
    for code, words in (("black", "it is black"), ("freeze", "it stands still")):
        runs = [issue for issue in measured.issues if issue.code == code]
        spoilt = sum((i.last_frame or 0) - (i.first_frame or 0) + 1 for i in runs)
        if spoilt / frames >= rules.broken_share:
            return f"{words} from end to end"
    if measured.rating < rules.broken_below:
        return f"it measures {measured.rating:g}, under {rules.broken_below:g}"
    return None


def worth_looking_at(takes: Sequence[Seen], rules: Inspection) -> tuple[list[Seen], tuple[str, ...]]:
    """Takes to show, by shot and number, and a sentence for each that is not shown.

    Where there are too many, every shot keeps its best measured takes, in turn. Which one is circled plays no part.
    """
    events, whole = [], []
    for seen in takes:
        why = why_broken(seen.measured, rules)
        if why is None:
            whole.append(seen)
        else:
            events.append(f"No judge was asked about {seen.name}: {why}.")
    rank = {
        id(seen): place
        for number in {seen.shot.number for seen in whole}
        for place, seen in enumerate(
            sorted((s for s in whole if s.shot.number == number), key=lambda s: (-s.measured.rating, -s.take))
        )
    }
    kept = sorted(whole, key=lambda seen: (rank[id(seen)], seen.shot.number))[: rules.most_takes]
    events += [
        f"No judge was asked about {seen.name}: {rules.most_takes} takes of a scene are shown at once."
        for seen in whole
        if not any(seen is one for one in kept)
    ]
    return sorted(kept, key=lambda seen: (seen.shot.number, seen.take)), tuple(events)


def _stale(calibration: Calibration, model: str) -> str:
    if calibration.judge != model:
        return f"Rated without the calibration: it is of {calibration.judge}, and {model} was the judge."
    return "Rated without the calibration: the judge's prompt has changed since. Make it anew with `studio calibrate`."


def _not_above(seen: Seen, rated: Mapping[tuple[int, int], ShotRating]) -> ShotRating:
    """A take that was not shown is rated no better than the worst of its shot that was: measures alone flatter."""
    of_shot = [rating.rating for (shot, _), rating in rated.items() if shot == seen.shot.number]
    off = seen.measured.rating - min(of_shot, default=100.0)
    if off <= 0:
        return seen.measured
    words = "The take was not shown to the judge: it counts no more than the worst of its shot that was"
    issue = Issue(code="not_judged", severity="note", message=words, points=round(off, 1))
    return seen.measured.model_copy(
        update={"rating": round(seen.measured.rating - off, 1), "issues": (*seen.measured.issues, issue)}
    )


def values(brief: Brief, script: Script, plan: ShotPlan, takes: Sequence[Seen]) -> dict[str, Any]:
    """All that the prompt is filled with."""
    return {**about_scene(brief, script, plan), **_about_takes(takes)}


def about_scene(brief: Brief, script: Script, plan: ShotPlan) -> dict[str, Any]:
    """What a judge is told of what was planned: neither tier, vendor nor price."""
    scene = script.scenes[plan.scene - 1]
    return {
        "title": script.title,
        "look": script.look,
        "content_mode": brief.content_mode,
        "characters": [{"name": one.name, "look": one.look, "colour": one.colour} for one in script.characters],
        "heading": scene.heading,
        "place": scene.place,
        "direction": scene.direction,
        "continuity": scene.continuity,
        "shots": [_planned(shot, plan.rate) for shot in plan.shots],
    }


def about_clip(plan: str, seconds: float) -> dict[str, Any]:
    """What a judge is told of a clip that belongs to no film: what it was to show, where that is known."""
    return {
        "title": "",
        "look": "",
        "content_mode": "general",
        "characters": [],
        "heading": "",
        "place": "",
        "direction": "",
        "continuity": "",
        "shots": [{"shot": 1, "seconds": round(seconds, 1), "action": plan}] if plan else [],
    }


def _about_takes(takes: Sequence[Seen]) -> dict[str, Any]:
    rows = [
        {
            "shot": seen.shot.number,
            "take": seen.take,
            "first_frame": 0,
            "last_frame": seen.frames - 1,
            "shown": " ".join(map(str, seen.shown)),
        }
        for seen in takes
    ]
    return {"takes": rows, "pages": pages_of(len(takes))}


def _planned(shot: Shot, rate: Rate) -> dict[str, Any]:
    return {
        "shot": shot.number,
        "seconds": round(rate.seconds(shot.frames), 1),
        "framing": shot.board.framing,
        "move": shot.move,
        "people": ", ".join(one.name for one in shot.board.characters),
        "action": shot.board.action,
        "continuity": shot.continuity,
    }
