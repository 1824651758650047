"""Conform: before anything is rendered, every media of a timeline is held against what the timeline says of it.

Pure: what a file *is* comes in as a function (``media/probe.py`` has the real ones), because the cutting room opens
no files. Everything wrong is found in one pass, each problem naming its shot; nothing is repaired here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from studio_pipeline.editorial.pieces import crowded
from studio_pipeline.editorial.timeline import Timeline, TimelineClip
from studio_pipeline.errors import StudioError
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate

Facts = TypeVar("Facts")


class PictureFacts(Protocol):
    """What a probed clip can say; ``media.probe.ClipFacts`` fits."""

    @property
    def frames(self) -> int: ...
    @property
    def rate(self) -> Rate: ...
    @property
    def size(self) -> tuple[int, int]: ...


class Problem(Frozen):
    """One thing wrong. ``shot`` names the piece of the timeline: a shot, a narration or the music."""

    shot: str
    message: str

    def __str__(self) -> str:
        return f"{self.shot}: {self.message}"


def conform(
    timeline: Timeline,
    picture_facts: Callable[[MediaRef], PictureFacts],
    sound_facts: Callable[[MediaRef], object] | None = None,
) -> tuple[Problem, ...]:
    """Everything that keeps ``timeline`` from being rendered as it stands, in film order; empty when it is sound.

    Args:
        picture_facts: says what a clip is, or raises a ``StudioError`` when it is missing or damaged.
        sound_facts: the same for narration and music; they only have to open. ``None`` leaves sounds unchecked.
    """
    problems: list[Problem] = []
    known: dict[MediaRef, PictureFacts | StudioError] = {}
    for clip in timeline.clips:
        if clip.media not in known:
            known[clip.media] = _asked(picture_facts, clip.media)
        facts = known[clip.media]
        messages = [str(facts)] if isinstance(facts, StudioError) else _differences(timeline, clip, facts)
        problems += (Problem(shot=clip.name, message=message) for message in messages)
    problems += (
        Problem(shot=timeline.clips[index].name, message="is shorter than the transitions at its two ends together")
        for index in crowded(timeline)
    )
    if sound_facts is not None:
        sounds = [(f"narration of scene {speech.scene}", speech.media) for speech in timeline.narration]
        sounds += [("music", span.media) for span in timeline.music]
        for name, media in sounds:
            heard = _asked(sound_facts, media)
            if isinstance(heard, StudioError):
                problems.append(Problem(shot=name, message=str(heard)))
    return tuple(problems)


def with_room(timeline: Timeline) -> tuple[Timeline, tuple[Problem, ...]]:
    """``timeline`` without the transitions that leave a clip no frame of its own, and which those were."""
    problems: list[Problem] = []
    while too_short := crowded(timeline):
        clip = too_short[0]
        # The one at its end goes first: what opens a clip is seen sooner.
        gone = timeline.transition_at(clip + 1) or timeline.transition_at(clip)
        kind = gone.kind.replace("_", " to ") if gone else ""
        where = "at its end" if gone and gone.at == clip + 1 else "at its start"
        problems.append(
            Problem(
                shot=timeline.clips[clip].name,
                message=f"is shorter than the transitions at its two ends together; the {kind} {where} is a plain cut",
            )
        )
        timeline = timeline.model_copy(
            update={"transitions": tuple(other for other in timeline.transitions if other != gone)}
        )
    return timeline, tuple(problems)


def _asked(ask: Callable[[MediaRef], Facts], media: MediaRef) -> Facts | StudioError:
    try:
        return ask(media)
    except StudioError as problem:
        return problem


def _differences(timeline: Timeline, clip: TimelineClip, facts: PictureFacts) -> list[str]:
    wrong = []
    if facts.frames != clip.media_frames:
        wrong.append(f"its media has {facts.frames} frames, the timeline says {clip.media_frames}")
    if tuple(facts.size) != tuple(timeline.size):
        wrong.append(f"its media is {_by(facts.size)} pixels, the film is {_by(timeline.size)}")
    if facts.rate.fraction != timeline.rate.fraction:
        wrong.append(f"its media runs at {facts.rate.fps:.5g} frames a second, the film at {timeline.rate.fps:.5g}")
    return wrong


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]}×{size[1]}"
