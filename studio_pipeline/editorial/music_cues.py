"""Which scenes share one music: runs of scenes in one mood, none of them restlessly short.

The rule only, the same for whoever has music made (``stages/shooting/sound.py``), prices it
(``orchestration/estimate.py``) or lays it under a cut (``stages/editing/music.py``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from studio_pipeline.film.script import Mood

LEAST_CUE_S = 8.0
"""A run shorter than this joins its neighbour: restless music is worse than none."""
CROSSFADE_S = 1.5
"""From one music to the next, around the joint of two scenes."""
SPARE_S = 4.0
"""What a track is made longer by where the film goes on after it: its own ending is for the end of the film, and a cut
may be a little longer than its script."""


@dataclass(frozen=True)
class Run:
    """``count`` scenes in one mood, the first of them being number ``first`` of those asked about, from 0."""

    first: int
    count: int
    frames: int
    mood: Mood


def runs(scenes: Sequence[tuple[Mood, int]], least_frames: int) -> tuple[Run, ...]:
    """Scenes, as mood and frames each, in runs of at least ``least_frames``; fewer frames are one run.

    The shortest run joins the longer one of its neighbours until none is too short. What has joined is in the mood
    that most of its frames have.
    """
    found = _together([_Weighed(Run(at, 1, frames, mood), {mood: frames}) for at, (mood, frames) in enumerate(scenes)])
    while len(found) > 1:
        short = min(range(len(found)), key=lambda at: (found[at].run.frames, at))
        if found[short].run.frames >= least_frames:
            break
        beside = [at for at in (short - 1, short + 1) if 0 <= at < len(found)]
        at = min(short, max(beside, key=lambda near: (found[near].run.frames, -near)))
        found = _together([*found[:at], found[at].joined(found[at + 1]), *found[at + 2 :]])
    return tuple(each.run for each in found)


@dataclass(frozen=True)
class _Weighed:
    run: Run
    moods: dict[Mood, int]

    def joined(self, after: _Weighed) -> _Weighed:
        one, other = self.run, after.run
        moods = dict(Counter(self.moods) + Counter(after.moods))
        longer = one.mood if one.frames >= other.frames else other.mood
        mood = max(moods, key=lambda mood: (moods[mood], mood == longer, mood))
        return _Weighed(Run(one.first, one.count + other.count, one.frames + other.frames, mood), moods)


def _together(found: Sequence[_Weighed]) -> list[_Weighed]:
    """The same with neighbours in one mood as one."""
    merged: list[_Weighed] = []
    for each in found:
        if merged and merged[-1].run.mood == each.run.mood:
            each = merged.pop().joined(each)
        merged.append(each)
    return merged


def track_s(longest_s: float, film_s: float) -> float:
    """How long a track has to be, in seconds, whose longest run is ``longest_s`` of a film of ``film_s``."""
    return film_s if longest_s >= film_s else longest_s + CROSSFADE_S + SPARE_S


def without(found: Sequence[Run], lost: Sequence[Mood]) -> tuple[Run, ...]:
    """``found`` with every run in a mood of ``lost`` in that of the nearest other one; empty when there is none."""
    kept = [at for at, run in enumerate(found) if run.mood not in lost]
    if not kept:
        return ()
    near = [min(kept, key=lambda there: (abs(there - at), there)) for at in range(len(found))]
    given = [replace(run, mood=found[there].mood) for run, there in zip(found, near, strict=True)]
    return tuple(each.run for each in _together([_Weighed(run, {run.mood: run.frames}) for run in given]))
