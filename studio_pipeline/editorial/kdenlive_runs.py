"""How the clips of a timeline lie on a Kdenlive track: on which of its two playlists, and as which stretches.

Frames only; what they are written as is in ``kdenlive.py`` and ``mlt.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

from studio_pipeline.editorial.parts import borrowed
from studio_pipeline.editorial.timeline import Timeline, TimelineClip, Transition


@dataclass(frozen=True)
class Run:
    """``frames`` frames of a clip on a playlist from ``first`` on, counted from its own first frame; ``still`` is the
    source frame it stands on, ``None`` where it moves."""

    first: int
    frames: int
    still: int | None = None


def mixing(timeline: Timeline, cut_point: int) -> Transition | None:
    """What mixes the clips around ``cut_point``, if anything does."""
    transition = timeline.transition_at(cut_point)
    mixes = transition is not None and transition.mixes and transition.in_frames + transition.out_frames > 0
    return transition if mixes else None


def leaving(mix: Transition | None) -> int | None:
    """The playlist on which a clip must lie for the mix after it; ``None`` where either will do.

    A wipe runs left to right, or down, from the first playlist to the second, and the other way back: the map of a
    same-track wipe cannot be turned. So where two wipes around a clip want it on both, it is cut in two.
    """
    if mix is None or mix.kind != "wipe":
        return None
    return 0 if mix.direction in ("left_to_right", "top_to_bottom") else 1


def runs_of(timeline: Timeline, index: int, parting: int | None) -> list[Run]:
    """Clip number ``index`` with what its mixes borrow, as moving and standing stretches; none reaches across frame
    ``parting``."""
    clip, (head, tail) = timeline.clips[index], borrowed(timeline, index)
    before, after = mixing(timeline, index), mixing(timeline, index + 1)
    moves = clip.frames - clip.hold
    if not clip.hold:
        runs = [Run(-head, head + clip.frames + tail)]
    elif before is not None and before.out_frames > moves:
        runs = [Run(-head, head + clip.frames + tail, still=clip.source_at(clip.frames - 1))]
    else:
        stop = min(moves, clip.frames - (after.in_frames if after is not None else 0))
        runs = [Run(-head, head + stop)] if head + stop else []
        runs.append(Run(stop, clip.frames - stop + tail, still=clip.source_at(stop)))
    if parting is None:
        return runs
    parted = []
    for run in runs:
        here = parting - run.first
        if 0 < here < run.frames:
            parted += [replace(run, frames=here), replace(run, first=parting, frames=run.frames - here)]
        else:
            parted.append(run)
    return parted


def own_frame(clip: TimelineClip, speed: Fraction, run: Run) -> int:
    """The first frame of ``run`` in a producer that plays the clip's media at ``speed``.

    A ``timewarp`` shows frame ``n × speed`` of its media, rounded half up (measured, MLT 7.12); a clip of ours rounds
    down from its own first frame. The place found is where the two part least, and never to show a frame too early.
    """
    if run.still is not None:
        return int(run.still / speed)
    if speed == 1:
        return clip.source_frame + run.first
    return max(0, ceil((clip.source_frame - Fraction(1, 2)) / speed) + run.first)


def slowness(frames: int) -> int:
    """How many times slower a media must play for half of one of its frames to outlast ``frames``: a power of ten."""
    return int(10 ** max(2, len(str(2 * frames))))
