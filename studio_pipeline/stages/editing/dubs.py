"""The same cut in further languages: the pictures of a cut, with its words in another language laid on them.

A dub says what its cut says: every speech of the cut is replaced by its translation, which begins where the speech did,
or as soon as the one before it is over. Where words need more room than the pictures give, the last picture of their
scene goes on, with footage that the cut had left unused and then standing still; nothing else of the picture changes,
and music is laid anew where a scene got longer.

A language in which anything is missing that the cut says is left out, and said to be; the others are not touched by it.
What lives here is pure; translating and speaking is ``shooting/dubbing.py``'s.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from studio_pipeline.editorial.cut import Cut, CutSet
from studio_pipeline.editorial.timeline import Speech, Timeline, TimelineClip
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.takes import Music, Narration
from studio_pipeline.stages.editing.footage import PilotFootage
from studio_pipeline.stages.editing.music import place_music
from studio_pipeline.stages.editing.sound import GAP_S, spoken_frames

MOST_LONGER_S = 5.0
"""How much longer a scene may get for its words. A voice that needs more has not said what was translated."""


@dataclass(frozen=True)
class Dubbed:
    """A cut's timeline in another language, or why there is none, in words."""

    timeline: Timeline | None
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def with_dubs(cuts: CutSet, brief: Brief, pilots: Mapping[str, PilotFootage]) -> CutSet:
    """The cuts, each in all languages that the brief asks for and the footage has words in."""
    if not brief.dubs:
        return cuts
    said = {n.sound: n for pilot in pilots.values() for n in pilot.narration.values() if n.sound is not None}
    music = [pilot.music for pilot in pilots.values() if pilot.music is not None]
    return cuts.model_copy(update={"cuts": tuple(_in_all(cut, brief.dubs, said, music) for cut in cuts.cuts)})


def _in_all(cut: Cut, languages: Sequence[str], said: Mapping[MediaRef, Narration], music: Sequence[Music]) -> Cut:
    own = {said[speech.media].language for speech in cut.timeline.narration if speech.media in said}
    made = [dub(cut.timeline, language, said, music) for language in languages if {language} != own]
    return cut.model_copy(
        update={
            "dubs": tuple(one.timeline for one in made if one.timeline is not None),
            "missing": (*cut.missing, *(words for one in made for words in one.missing)),
            "notes": (*cut.notes, *(words for one in made for words in one.notes)),
        }
    )


def dub(timeline: Timeline, language: str, said: Mapping[MediaRef, Narration], music: Sequence[Music] = ()) -> Dubbed:
    """``timeline`` in ``language``.

    Args:
        said: the narrations that it may hold, by their sounds.
        music: what its music was laid from, to lay it anew where scenes get longer.
    """
    words: list[tuple[Speech, Narration]] = []
    lacking: dict[str, list[int]] = defaultdict(list)
    """Scenes without words, by the reason."""
    for speech in sorted(timeline.narration, key=lambda speech: speech.record_frame):
        own = said.get(speech.media)
        there = own.dub(language) if own else None
        if there is None or not spoken_frames(there, timeline.rate):
            reason = there.events[-1] if there and there.events else "nobody has dubbed it"
            lacking[reason.rstrip(".")].append(speech.scene)
        else:
            words.append((speech, there))
    if lacking:
        told = "; ".join(f"{_scenes(numbers)}: {reason}" for reason, numbers in lacking.items())
        return Dubbed(None, (f"the film in {language}, {told}",))
    laid = _laid(timeline, words)
    limit = timeline.rate.frames(MOST_LONGER_S)
    if long := [run for run in laid.runs if run.more > limit]:
        told = ", ".join(f"scene {run.scene} would be {timeline.rate.seconds(run.more):.1f} s longer" for run in long)
        return Dubbed(None, (f"the film in {language}, its words find no room: {told}",))
    return _assembled(timeline, language, laid, music)


def _scenes(numbers: Sequence[int]) -> str:
    return f"scene{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers))}"


@dataclass(frozen=True)
class _Run:
    """Neighbouring clips of one scene: clips ``first`` up to, not including, ``end``; ``more`` frames longer."""

    scene: int
    first: int
    end: int
    frames: int
    more: int = 0


@dataclass(frozen=True)
class _Laid:
    runs: tuple[_Run, ...]
    starts: tuple[int, ...]
    """Record frame of each translation, in the order of the speeches."""
    words: tuple[tuple[Speech, Narration], ...]


def _laid(timeline: Timeline, words: Sequence[tuple[Speech, Narration]]) -> _Laid:
    """Where translations begin, and which runs get longer for them. Words may run on into what follows, up to the
    next."""
    gap = timeline.rate.frames(GAP_S)
    waiting = list(words)
    runs: list[_Run] = []
    starts: list[int] = []
    before, here, free_from = 0, 0, 0  # where the run begins in the cut and in the dub; from when on it is quiet
    for run in _runs(timeline):
        said_until = 0
        while waiting and waiting[0][0].record_frame < before + run.frames:
            speech, translated = waiting.pop(0)
            start = max(here + speech.record_frame - before, free_from)
            said_until = start + spoken_frames(translated, timeline.rate)
            free_from = start + _ringing_frames(translated, timeline.rate) + gap
            starts.append(start)
        quiet = waiting[0][0].record_frame - before - gap if waiting else timeline.frames - before
        more = max(0, said_until - here - max(run.frames, quiet))
        runs.append(_Run(run.scene, run.first, run.end, run.frames, more))
        before, here = before + run.frames, here + run.frames + more
    return _Laid(tuple(runs), tuple(starts), tuple(words))


def _runs(timeline: Timeline) -> list[_Run]:
    numbered = groupby(enumerate(timeline.clips), key=lambda one: one[1].scene)
    found: list[_Run] = []
    for scene, clips in numbered:
        run = list(clips)
        found.append(_Run(scene, run[0][0], run[-1][0] + 1, sum(clip.frames for _, clip in run)))
    return found


def _assembled(timeline: Timeline, language: str, laid: _Laid, music: Sequence[Music]) -> Dubbed:
    clips, notes = list(timeline.clips), []
    for run in laid.runs:
        if run.more:
            at = run.end - 1
            after = timeline.transition_at(run.end)
            clips[at] = _longer(clips[at], run.more, borrowed=after.out_frames if after and after.mixes else 0)
            notes.append(_told(timeline.clips[at], clips[at], timeline))
    film = sum(clip.frames for clip in clips)
    spans = timeline.music
    if notes:
        scenes = [(run.scene, run.frames + run.more) for run in laid.runs]
        spans = place_music(_played(timeline, music), scenes, timeline.rate)
    dubbed = timeline.model_copy(
        update={
            "language": language,
            "clips": tuple(clips),
            "music": spans,
            "narration": tuple(
                _speech(speech, there, start, film, timeline)
                for (speech, there), start in zip(laid.words, laid.starts, strict=True)
            ),
        }
    )
    note = f"in {language}: {'; '.join(notes)}, for the words"
    return Dubbed(Timeline.model_validate(dubbed.model_dump()), notes=(note,) if notes else ())


def _longer(clip: TimelineClip, more: int, *, borrowed: int) -> TimelineClip:
    """``clip`` with ``more`` frames: what its media has left behind it, and then its last picture, standing still.

    Args:
        borrowed: frames behind it that a transition shows.
    """
    moving = 0 if clip.hold else min(more, max(0, clip.tail - borrowed))
    return clip.model_copy(update={"frames": clip.frames + more, "hold": clip.hold + more - moving})


def _told(before: TimelineClip, after: TimelineClip, timeline: Timeline) -> str:
    seconds = timeline.rate.seconds
    still = after.hold - before.hold
    words = f"{after.name} lasts {seconds(after.frames - before.frames):.1f} s longer"
    return f"{words}, {seconds(still):.1f} s of it standing still" if still else words


def _played(timeline: Timeline, music: Sequence[Music]) -> Music | None:
    """Which of ``music`` the timeline plays."""
    played = [span.media for span in timeline.music]
    return next((one for one in music if any(track.sound in played for track in one.tracks)), None)


def _speech(speech: Speech, there: Narration, start: int, film: int, timeline: Timeline) -> Speech:
    """``there`` instead of ``speech``, from ``start`` on, as long as it rings or as the film lasts."""
    if there.sound is None:
        raise ValueError("a dub without a sound is laid on nothing")
    return Speech(
        scene=speech.scene,
        media=there.sound,
        record_frame=start,
        frames=min(_ringing_frames(there, timeline.rate), film - start),
        text=there.text,
        words=there.words,
        origins=(there.receipt.origin("voice"),) if there.receipt else (),
    )


def _ringing_frames(narration: Narration, rate: Rate) -> int:
    """Frames until its sound is over, which may be after its last word."""
    return max(spoken_frames(narration, rate), math.ceil(narration.duration_s * rate.fps))
