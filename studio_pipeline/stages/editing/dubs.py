"""The same cut in further languages: the pictures of a cut, with its words in another language laid on them.

A dub says what its cut says: every speech of the cut is replaced by its translation, whose first word falls where the
speech's did, or as soon as the one before it is over. Where words need more room than their pictures give, the last one
of their scene goes on with footage that the cut had left unused, then the words begin sooner, then the picture stands
still. Nothing else of the picture changes, so nothing else is drawn again; music is laid anew where a scene got longer.

A language in which anything is missing that the cut says is left out, and said to be; the others are not touched by it.
What lives here is pure; translating and speaking is ``shooting/dubbing.py``'s.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from studio_pipeline.editorial.cut import Cut, CutSet
from studio_pipeline.editorial.timeline import Speech, Timeline, TimelineClip
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.takes import Music, Narration
from studio_pipeline.stages.editing.dialogue import with_quotes
from studio_pipeline.stages.editing.footage import PilotFootage
from studio_pipeline.stages.editing.music import place_music
from studio_pipeline.stages.editing.sound import GAP_S, spoken_frames, unspoken_frames

MOST_HOLD_S = 4.0
"""How long a picture may stand still for a translation: twice what it may for the narration that the film was made for,
since without it there would be no film in that language at all."""


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
    words: list[_Translated] = []
    lacking: dict[str, list[int]] = defaultdict(list)
    """Scenes without words, by the reason."""
    for speech in sorted(timeline.narration, key=lambda speech: speech.record_frame):
        own = said.get(speech.media)
        there = own.dub(language) if own else None
        if own is not None and there is not None and spoken_frames(there, timeline.rate):
            words.append(_Translated(speech, own, there))
        else:
            reason = there.events[-1] if there and there.events else "nobody has dubbed it"
            lacking[reason.rstrip(".")].append(speech.scene)
    if lacking:
        told = "; ".join(f"{_scenes(numbers)}: {reason}" for reason, numbers in lacking.items())
        return Dubbed(None, (f"the film in {language}, {told}",))
    laid, rate = _laid(timeline, words), timeline.rate
    if long := [run for run in laid.runs if run.hold > rate.frames(MOST_HOLD_S)]:
        told = ", ".join(f"scene {run.scene} would stand still for {rate.seconds(run.hold):.1f} s" for run in long)
        return Dubbed(None, (f"the film in {language}, its words find no room: {told}",))
    return _assembled(timeline, language, laid, music)


@dataclass(frozen=True)
class _Translated:
    """A speech of the cut, what it says, and that in the other language."""

    speech: Speech
    own: Narration
    narration: Narration


def _scenes(numbers: Sequence[int]) -> str:
    return f"scene{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers))}"


@dataclass(frozen=True)
class _Run:
    """Neighbouring clips of one scene: clips ``first`` up to, not including, ``end``, which are ``frames`` in the cut.

    In the dub their last clip shows ``spare`` frames more of its media, and then stands still for ``hold`` frames.
    """

    scene: int
    first: int
    end: int
    frames: int
    spare: int = 0
    hold: int = 0

    @property
    def length(self) -> int:
        return self.frames + self.spare + self.hold


@dataclass(frozen=True)
class _Line:
    """A translation on the film: the frame of its first word, and of the sound before it and from it on."""

    speech: Speech
    narration: Narration
    word: int
    before: int
    frames: int


@dataclass(frozen=True)
class _Laid:
    runs: tuple[_Run, ...]
    lines: tuple[_Line, ...]


def _laid(timeline: Timeline, words: Sequence[_Translated]) -> _Laid:
    """Where translations are said, and which runs get longer for them.

    As in the cut itself, words may run on into what follows, up to the next ones; a lead is given up before a picture
    stands still.
    """
    rate = timeline.rate
    gap = rate.frames(GAP_S)
    waiting = [(one, _first_word(one.speech, one.own, rate)) for one in words]
    runs: list[_Run] = []
    lines: list[_Line] = []
    before, here, quiet_from = 0, 0, 0  # where the run begins in the cut and in the dub; when the last words are over
    for run in _runs(timeline):
        over = lead = 0
        while waiting and waiting[0][1] < before + run.frames:
            one, word = waiting.pop(0)
            silent = unspoken_frames(one.narration, rate)
            earliest = max(here, quiet_from + max(gap if lines else 0, silent))
            said_at = max(here + word - before, earliest)
            line = _Line(one.speech, one.narration, said_at, silent, spoken_frames(one.narration, rate) - silent)
            lines.append(line)
            lead, quiet_from = said_at - earliest, said_at + line.frames
            limit = _until(waiting, timeline, rate, gap) - before
            over = max(0, quiet_from - here - max(run.frames, limit))
        if over:
            spare = min(over, _spare(timeline, run))
            given = min(over - spare, lead)
            run = replace(run, spare=spare, hold=over - spare - given)
            lines[-1] = replace(lines[-1], word=lines[-1].word - given)
            quiet_from -= given
        runs.append(run)
        before, here = before + run.frames, here + run.length
    return _Laid(tuple(runs), tuple(lines))


def _until(waiting: Sequence[tuple[_Translated, int]], timeline: Timeline, rate: Rate, gap: int) -> int:
    """The frame of the cut up to which words may run on: the next ones, or the end of the film."""
    if not waiting:
        return timeline.frames
    following, word = waiting[0]
    return word - max(gap, unspoken_frames(following.narration, rate))


def _first_word(speech: Speech, own: Narration, rate: Rate) -> int:
    return speech.record_frame + min(unspoken_frames(own, rate), speech.frames - 1)


def _runs(timeline: Timeline) -> list[_Run]:
    found: list[_Run] = []
    for scene, clips in groupby(enumerate(timeline.clips), key=lambda one: one[1].scene):
        run = list(clips)
        found.append(_Run(scene, run[0][0], run[-1][0] + 1, sum(clip.frames for _, clip in run)))
    return found


def _spare(timeline: Timeline, run: _Run) -> int:
    """Frames that the last clip of ``run`` has left behind it, and that no transition shows."""
    clip, after = timeline.clips[run.end - 1], timeline.transition_at(run.end)
    if clip.hold:
        return 0
    return max(0, clip.tail - (after.out_frames if after is not None and after.mixes else 0))


def _assembled(timeline: Timeline, language: str, laid: _Laid, music: Sequence[Music]) -> Dubbed:
    clips = list(timeline.clips)
    notes = []
    for run in laid.runs:
        if run.length > run.frames:
            clips[run.end - 1] = longer = _longer(clips[run.end - 1], run)
            notes.append(_told(longer, run, timeline.rate))
    spans = timeline.music
    if notes:
        spans = place_music(_played(timeline, music), [(run.scene, run.length) for run in laid.runs], timeline.rate)
    dubbed = timeline.model_copy(
        update={
            "language": language,
            "clips": tuple(clips),
            "music": spans,
            "narration": tuple(_speech(line, timeline.rate) for line in laid.lines),
        }
    )
    note = f"in {language}, for its words: {'; '.join(notes)}"
    return Dubbed(Timeline.model_validate(dubbed.model_dump()), notes=(note,) if notes else ())


def _longer(clip: TimelineClip, run: _Run) -> TimelineClip:
    more = run.spare + run.hold
    return clip.model_copy(update={"frames": clip.frames + more, "hold": clip.hold + run.hold})


def _told(clip: TimelineClip, run: _Run, rate: Rate) -> str:
    words = f"{clip.name} lasts {rate.seconds(run.spare + run.hold):.1f} s longer"
    return f"{words}, {rate.seconds(run.hold):.1f} s of it standing still" if run.hold else words


def _played(timeline: Timeline, music: Sequence[Music]) -> Music | None:
    """Which of ``music`` the timeline plays."""
    played = [span.media for span in timeline.music]
    return next((one for one in music if any(track.sound in played for track in one.tracks)), None)


def _speech(line: _Line, rate: Rate) -> Speech:
    narration = line.narration
    speech = line.speech.model_copy(
        update={
            "media": narration.sound,
            "record_frame": line.word - line.before,
            "frames": line.before + line.frames,
            "text": narration.text,
            "words": narration.words,
            "quotes": (),
            "origins": (narration.receipt.origin("voice"),) if narration.receipt else (),
        }
    )
    return with_quotes(speech, rate)
