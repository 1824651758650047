"""Footage that comes twice in a cut: the same frames, or two clips with nearly the same pictures. Pure rules.

Shots of one scene and one look are alike by design, and nobody wants to hear of that. So pictures count as the same
only when their fingerprints nearly agree, wherever one looks. Measured on four drawn films (21, 21, 8 and 8 shots):
the nearest two different shots differ in 41 % of what their fingerprints say (views of one shore in one look),
storyboard sheets in 45 %, animated shots in 55 %; the same take scaled, darkened or tinted in 9 % at most, the same
take 8 frames later in 17 %, 5 % closer in 35 %. What nearly agrees within ``MOST_DIFFERENT`` is a repeat.

Of a film with many repeats the worst are told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

from studio_pipeline.editorial.timeline import Mark, Timeline, TimelineClip
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.encode import entries

MOST_DIFFERENT = 0.25
LEAST_TOLD = 24
"""Tiles of 256 that have to say something: a black or foggy picture is like every other one."""
MOST_NOTES = 3

_Print = TypeVar("_Print", bound="Fingerprint")


class Fingerprint(Protocol):
    """``media.looking.fingerprint.Fingerprint`` fits."""

    @property
    def told(self) -> int: ...
    def distance(self: _Print, other: _Print) -> float: ...


@dataclass(frozen=True)
class _Repeat:
    at: int
    """Which clip, counted from 0, shows what was seen before."""
    before: int
    different: float
    frames: int
    """How many of the same frames; 0 where it is another media."""

    @property
    def rank(self) -> tuple[int, float, int]:
        return (-self.frames, self.different, self.at)


def sample_frames(clip: TimelineClip, rate: Rate) -> tuple[int, ...]:
    """The source frames that stand for a clip: the first, middle and last of those where a clip can be entered, as
    these cost least to look at. They are the same for the same media, whichever part of it a cut shows."""
    used = range(clip.source_frame, clip.source_frame + clip.source_frames)
    there = [frame for frame in entries(rate, clip.media_frames) if frame in used]
    if not there:
        return (used[len(used) // 2],)
    return tuple(sorted({there[0], there[len(there) // 2], there[-1]}))


def repeats_told(
    timeline: Timeline, fingerprint: Callable[[MediaRef, int], Fingerprint | None]
) -> tuple[Timeline, tuple[str, ...]]:
    """The timeline with a mark on each clip that shows again what was seen before, and the worst of it in words.

    Args:
        fingerprint: that of a frame; ``None`` where it cannot be read.
    """
    prints = [_prints(clip, timeline.rate, fingerprint) for clip in timeline.clips]
    found = sorted(_repeats(timeline, prints), key=lambda repeat: repeat.rank)
    if not found:
        return timeline, ()
    starts, clips = timeline.record_frames(), list(timeline.clips)
    words = {}
    for repeat in found:
        clip, earlier = clips[repeat.at], timeline.clips[repeat.before]
        apart_s = timeline.rate.seconds(starts[repeat.at] - starts[repeat.before])
        what = (
            f"{repeat.frames} frames of {earlier.name} again"
            if repeat.frames
            else f"nearly what {earlier.name} did (fingerprints differ in {repeat.different:.0%})"
        )
        words[repeat.at] = f"shows {what}, {apart_s:.1f} s after it began"
        mark = Mark(
            source_frame=clip.source_at(clip.frames // 2), name="repeated", note=f"{clip.name} {words[repeat.at]}"
        )
        clips[repeat.at] = clip.model_copy(update={"marks": (*clip.marks, mark)})
    notes = [f"{timeline.clips[repeat.at].name} {words[repeat.at]}." for repeat in found[:MOST_NOTES]]
    if len(found) > MOST_NOTES:
        more = len(found) - MOST_NOTES
        notes.append(f"{more} more of its {len(clips)} clips show what was seen before; they are marked.")
    return Timeline(**{**dict(timeline), "clips": tuple(clips)}), tuple(notes)


def _prints(
    clip: TimelineClip, rate: Rate, fingerprint: Callable[[MediaRef, int], Fingerprint | None]
) -> list[Fingerprint]:
    found = [fingerprint(clip.media, frame) for frame in sample_frames(clip, rate)]
    return [each for each in found if each is not None and each.told >= LEAST_TOLD]


def _repeats(timeline: Timeline, prints: list[list[Fingerprint]]) -> Iterator[_Repeat]:
    """For each clip the earlier one that it repeats most."""
    for at in range(len(timeline.clips)):
        seen = [_repeat(timeline, at, before, prints) for before in range(at)]
        worst = min((each for each in seen if each), key=lambda each: each.rank, default=None)
        if worst is not None:
            yield worst


def _repeat(timeline: Timeline, at: int, before: int, prints: list[list[Fingerprint]]) -> _Repeat | None:
    clip, earlier = timeline.clips[at], timeline.clips[before]
    if clip.media == earlier.media:
        first = max(clip.source_frame, earlier.source_frame)
        ends = (each.source_frame + each.source_frames for each in (clip, earlier))
        frames = min(ends) - first
        return _Repeat(at, before, 0.0, frames) if frames > 0 else None
    if at - before == 1 and clip.scene == earlier.scene:
        return None  # one view that goes on: ``continuity`` looks at such joints
    if not prints[at] or not prints[before]:
        return None
    different = max(min(one.distance(other) for other in prints[before]) for one in prints[at])
    return _Repeat(at, before, different, 0) if different <= MOST_DIFFERENT else None
