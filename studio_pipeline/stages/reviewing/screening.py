"""Screening: clips that people have rated are inspected as shots are, measured and, where a judge is in use, seen.

What lives here: from clips to what the studio says of them, and the calibration that is kept. What does not: the
mathematics in between (``calibration.py``).
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from studio_pipeline.errors import BadInput, MediaDamaged, OutOfBudget
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.shots import Board, Shot
from studio_pipeline.film.takes import Receipt, Take
from studio_pipeline.media.probe import ClipFacts, probe
from studio_pipeline.media.store import MediaStore
from studio_pipeline.orchestration.minds import Mind
from studio_pipeline.orchestration.quality import MEASURES, Calibration, Inspection, RatedClip
from studio_pipeline.prompting import library
from studio_pipeline.stages.reviewing.calibration import Fit, Sample, check_enough, rater_sd
from studio_pipeline.stages.reviewing.inspector import inspect_shot
from studio_pipeline.stages.reviewing.inspector_mind import about_clip, look, why_broken
from studio_pipeline.stages.reviewing.judgement import Seen, beside_points, said_rating
from studio_pipeline.stages.reviewing.ratings_file import RatedByPeople

LONGEST_CLIP_S = 60.0
"""A shot is no longer; a whole film is none."""
_NOWHERE = MediaRef(sha256="0" * 64, suffix=".mp4", size_bytes=0)
_FREE = Receipt(entry="", identity="", vendor="", model="", price_usd=Decimal(0), simulated=True)


@dataclass(frozen=True)
class Screened:
    """One clip, as the studio sees it."""

    clip: RatedByPeople
    sample: Sample
    judge: str
    """The model that looked; empty where none did."""


def check_clips(clips: Sequence[RatedByPeople], *, where: Path) -> list[ClipFacts]:
    """What the files are, all looked at before anything is paid.

    Raises:
        BadInput: that names the line whose clip is missing, unreadable or too long.
    """
    return [_facts(clip, where) for clip in clips]


def _facts(clip: RatedByPeople, where: Path) -> ClipFacts:
    line = f"{where}, line {clip.line}"
    if not clip.path.is_file():
        raise BadInput(f"There is no clip {clip.clip[:120]}", where=line, todo="Paths start from the file's folder.")
    try:
        facts = probe(clip.path)
    except MediaDamaged as damaged:
        raise BadInput(damaged.what, where=line, todo="Give a file that plays, or take it out.") from damaged
    if facts.duration_s > LONGEST_CLIP_S:
        words = f"{clip.clip[:120]} is {facts.duration_s:.0f} s long"
        raise BadInput(words, where=line, todo=f"A shot has at most {LONGEST_CLIP_S:.0f} s.")
    return facts


def screen(
    clips: Sequence[RatedByPeople],
    facts: Sequence[ClipFacts],
    *,
    mind: Mind | None,
    store: MediaStore,
    rules: Inspection,
    on_clip: Callable[[int], None] = lambda done: None,
) -> list[Screened]:
    """Inspect the clips. One question each, of a scene of one shot: a clip's rating owes nothing to its neighbours'.

    Raises:
        BadInput: when nothing can come of it, before a judge is asked.
        OutOfBudget: names how many were judged; they are kept, and judged for nothing the next time.
        ProviderFailed: when the judge gave no answer that can be used.
    """
    measured = [_measured(clip, fact) for clip, fact in zip(clips, facts, strict=True)]
    whole = [why_broken(seen.measured, rules) is None for seen in measured]
    if mind is not None:
        check_enough([clip.rating for clip in clips], sum(whole))
    found = []
    for number, (clip, seen, worth) in enumerate(zip(clips, measured, whole, strict=True)):
        try:
            found.append(_screened(clip, seen, mind if worth else None, store, rules))
        except OutOfBudget as broke:
            raise OutOfBudget(
                f"The money ended after {number} of {len(clips)} clips: {broke.what}",
                todo="Give more with --budget-usd; the clips that were judged cost nothing again.",
            ) from broke
        on_clip(number + 1)
    return found


def _measured(clip: RatedByPeople, facts: ClipFacts) -> Seen:
    board = Board(heading="", action=clip.plan, place="", framing="medium")
    shot = Shot(number=1, frames=facts.frames, handle=0, move="hold", board=board, prompt="")
    take = Take(number=1, clip=_NOWHERE, poster=_NOWHERE, frames=facts.frames, plan_digest="", still=_FREE, video=_FREE)
    return Seen(shot, 1, clip.path, inspect_shot(shot, take, clip.path, rate=facts.rate, size=facts.size))


def _screened(clip: RatedByPeople, seen: Seen, mind: Mind | None, store: MediaStore, rules: Inspection) -> Screened:
    measured = seen.measured
    if mind is None:
        return Screened(clip, Sample(clip.rating, measured.rating), "")
    seconds = seen.frames / measured.measures["rate_fps"]
    said, model, _, _ = look(mind, [seen], about_clip(clip.plan, seconds), store)
    by_eye = said_rating(said[0][seen.key], rules)
    return Screened(clip, Sample(clip.rating, measured.rating, by_eye, beside_points(measured, rules)), model)


def calibrated(fitted: Fit, screened: Sequence[Screened], *, mind: Mind | None, raters: Iterable[str]) -> Calibration:
    """What is kept: the curve, how far it can be trusted, and every clip that it comes from.

    Raises:
        BadInput: when several judges had a hand in it, as when one was away for a while.
    """
    judges = sorted({one.judge for one in screened if one.judge})
    if len(judges) > 1:
        raise BadInput(
            f"Several judges answered: {', '.join(judges)}",
            todo="A calibration is of one: name it in LANGUAGE_PROVIDER. What it has judged costs nothing again.",
        )
    return Calibration(
        judge=judges[0] if judges else MEASURES,
        prompt=library.digest(mind.variant.prompt) if judges and mind is not None else "",
        knots=fitted.knots,
        fit=fitted.kind,
        noise_points=fitted.noise_points,
        rank_correlation=fitted.rank_correlation,
        rank_interval=fitted.rank_interval,
        rater_sd_points=rater_sd([one.clip.ratings for one in screened]),
        raters=tuple(sorted({rater for rater in raters if rater})),
        clips=tuple(
            RatedClip(
                clip=one.clip.clip,
                sha256=hashlib.sha256(one.clip.path.read_bytes()).hexdigest(),
                people=one.sample.people,
                judge=one.sample.judge,
                measured=one.sample.measured,
                rating=rating,
            )
            for one, rating in zip(screened, fitted.ratings, strict=True)
        ),
        made_at=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    )
