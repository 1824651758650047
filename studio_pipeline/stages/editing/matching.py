"""Bringing together the colours of takes that show one view: by rule, limited, and undone by leaving it out. Pure.

Two vendors, or two takes of one, give the same view in another light or tint, and the cut between them is seen. Shots
count as one view when their fingerprints agree well enough, in which colours play no part: on drawn films, shots that
move on by 16 frames differ in 28 % of theirs at most, 5 % closer in 35 %, and other framings of a scene in 53 % and
more (48 % on storyboard sheets, which share their paper). They are matched to the best rated of them where the
difference is seen. From its first frame to its last a drawn shot changes by up to 13 levels of luma and 2 of chroma
by itself, so small differences are left as they are. A correction has the clip encoded again,
so what matches is never touched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Protocol

from studio_pipeline.editorial.timeline import ColourMatch, Timeline, TimelineClip
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.stages.editing.repeats import Fingerprint, sample_frames

SAME_VIEW = 0.4
SEEN_LUMA = 8.0
SEEN_CHROMA = 4.0
"""8-bit levels between the means of two clips. Chroma is seen sooner: 4 levels are a tint."""
MOST_GAIN = 1.2
MOST_LUMA = 20.0
MOST_CHROMA = 10.0


class Colours(Protocol):
    """Means and spread of a clip; ``media.looking.colour.Colours`` fits."""

    @property
    def y(self) -> float: ...
    @property
    def y_spread(self) -> float: ...
    @property
    def cb(self) -> float: ...
    @property
    def cr(self) -> float: ...


def colours_matched(
    timeline: Timeline,
    fingerprint: Callable[[MediaRef, int], Fingerprint | None],
    colours: Callable[[MediaRef, Sequence[int]], Colours | None],
) -> tuple[Timeline, tuple[str, ...]]:
    """The timeline with the clips of one view brought to the colours of its best rated one, and what was done."""
    matched: dict[str, ColourMatch] = {}
    notes: list[str] = []
    for _, group in groupby(timeline.clips, key=lambda clip: clip.scene):
        clips = list(group)
        looks = {clip.name: colours(clip.media, sample_frames(clip, timeline.rate)) for clip in clips}
        # Best first; of two rated alike the one that comes first.
        ranked = sorted(clips, key=lambda clip: -(clip.rating or 0))
        for at, clip in enumerate(ranked):
            like = next((best for best in ranked[:at] if _one_view(best, clip, timeline.rate, fingerprint)), None)
            look, wanted = looks[clip.name], looks[like.name] if like else None
            # One that has been brought to another itself is as that one is now.
            if like is None or look is None or wanted is None or like.name in matched or not _seen(look, wanted):
                continue
            matched[clip.name] = _match(look, wanted)
            notes.append(f"{clip.name} is brought to the colours of {like.name}: {_said(look, wanted)}.")
    if not matched:
        return timeline, ()
    clips = tuple(clip.model_copy(update={"colour": matched.get(clip.name)}) for clip in timeline.clips)
    return Timeline(**{**dict(timeline), "clips": clips}), tuple(notes)


def _one_view(
    one: TimelineClip, other: TimelineClip, rate: Rate, fingerprint: Callable[[MediaRef, int], Fingerprint | None]
) -> bool:
    distances = [
        first.distance(second)
        for frame in sample_frames(one, rate)
        for again in sample_frames(other, rate)
        if (first := fingerprint(one.media, frame)) and (second := fingerprint(other.media, again))
    ]
    return bool(distances) and min(distances) <= SAME_VIEW


def _seen(look: Colours, wanted: Colours) -> bool:
    return abs(look.y - wanted.y) > SEEN_LUMA or max(abs(look.cb - wanted.cb), abs(look.cr - wanted.cr)) > SEEN_CHROMA


def _match(look: Colours, wanted: Colours) -> ColourMatch:
    gain = _held(wanted.y_spread / look.y_spread if look.y_spread else 1, 1 / MOST_GAIN, MOST_GAIN)
    return ColourMatch(
        y_gain=round(gain, 3),
        y_offset=_limited(wanted.y - (16 + (look.y - 16) * gain), MOST_LUMA),
        cb_offset=_limited(wanted.cb - look.cb, MOST_CHROMA),
        cr_offset=_limited(wanted.cr - look.cr, MOST_CHROMA),
    )


def _said(look: Colours, wanted: Colours) -> str:
    light = "darker" if look.y < wanted.y else "lighter"
    steps = f"it was {abs(look.y - wanted.y):.0f} levels {light}"
    tint = f"its tint was off by {abs(look.cb - wanted.cb):.0f} (blue) and {abs(look.cr - wanted.cr):.0f} (red)"
    return f"{steps}, {tint}"


def _limited(value: float, most: float) -> float:
    return round(_held(value, -most, most), 1)


def _held(value: float, least: float, most: float) -> float:
    return min(most, max(least, value))
