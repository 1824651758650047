"""Whether a joint jumps, and what mends it. Pure: measures and bridges come in as functions.

A straight cut to another framing is a cut, and so is one to another scene. A straight cut inside a scene that shows
nearly the same view at another moment is a *jump*: it looks like a fault. Measured on 22 joints of two drawn films, and
on pairs made of their shots (pictures of 160 pixels; 5 % and 95 % of the pairs):

=================================  =============  ============  ================
joint                              SSIM           blurred SSIM  colours
=================================  =============  ============  ================
frame to frame in a shot           0.99 … 1.00    1.00          1.00
4 frames later in a shot           0.91 … 0.99    1.00          1.00
16 frames later                    0.66 … 0.91    0.93 … 1.00   1.00
45 frames later                    0.48 … 0.70    0.66 … 0.99   0.98 … 1.00
the same view 5 % closer           0.62 … 0.83    0.97 … 0.99   1.00
the same view 20 % closer          0.37 … 0.61    0.75 … 0.88   0.97 … 1.00
the same view moved by 8 %         0.44 … 0.77    0.57 … 0.84   1.00
the same view 30 % closer          0.34 … 0.55    0.57 … 0.81   0.93 … 1.00
another framing in the scene, all  0.32 … 0.51    0.27 … 0.69   0.35 … 0.97
another one, drawn on equal sheets  0.68 … 0.79    0.79 … 0.82   1.00
=================================  =============  ============  ================

So it is the blurred picture and its colours that say “the same view”, and the sharp one that says “the same moment”,
held against what the shot's own frames differ by. Where the blurred pictures leave a doubt (storyboards share their
paper), the flow decides: it finds 0.48 to 0.56 between two of these sheets.

A jump is bridged by a few frames along its optical flow where that may be believed. Of shots moved on by 4 to 45 frames
0.84 to 1.00 of the picture was found again, of two different pictures 0.05 at most. Else it is dissolved as shortly as
the handles allow, else left and named. A bridge is footage like any other: it takes the place of frames on both sides,
so that the film keeps its length.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from studio_pipeline.editorial.pieces import edges
from studio_pipeline.editorial.timeline import ColourMatch, Timeline, TimelineClip, Transition
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.takes import STUDIO, Origin
from studio_pipeline.stages.editing.joining import mix_frames

SAME_MOMENT_SSIM = 0.97
STEP_SSIM = 0.02
"""A joint is no jump either where it differs by at most this more than the shot's last two frames do."""
SAME_VIEW_SSIM = 0.9
"""Blurred; from here on it is the same view. From ``LIKE_VIEW_SSIM`` on it is only where a sure flow leads there."""
LIKE_VIEW_SSIM = 0.5
SAME_VIEW_COLOURS = 0.97
SAME_VIEW_LEVELS = 12.0
"""A view that is lighter or darker by more has another time of day: that is a cut."""
BRIDGE_HALF_S = 1 / 8
"""What a bridge takes on each side; at 24 frames a second it is 6 frames long."""
LEAST_CERTAIN = 0.8
MOST_MOVE_PERMILLE = 80.0
"""In six frames that is 17 pixels a frame at 720p; faster looks like a blow."""


BY_FLOW = Origin(role="clip", vendor=STUDIO, model=f"{STUDIO}/optical-flow", identity="", simulated=True)
"""Who makes bridges."""


class JointFacts(Protocol):
    """What a joint measures; ``media.looking.joints.JointFacts`` fits and says what each is."""

    @property
    def ssim(self) -> float: ...
    @property
    def blurred_ssim(self) -> float: ...
    @property
    def hsv_correlation(self) -> float: ...
    @property
    def luma_step(self) -> float: ...


class Flow(Protocol):
    """How one picture moves into another; ``media.bridge.Flow`` fits."""

    @property
    def certain(self) -> float: ...
    @property
    def move_permille(self) -> float: ...


@dataclass(frozen=True)
class Shown:
    """A frame as the film shows it."""

    media: MediaRef
    frame: int
    colour: ColourMatch | None = None


class Joints(Protocol):
    """Measures joints, and makes bridges."""

    can_bridge: bool
    """Whether there is something to find the flow with."""

    def joint(self, before: Shown, after: Shown) -> JointFacts | None:
        """How two frames go together; ``None`` where one of them cannot be read."""
        ...

    def flow(self, before: Shown, after: Shown) -> Flow | None:
        """How one frame moves into the other; ``None`` where one of them cannot be read."""
        ...

    def bridge(self, before: Shown, after: Shown, frames: int, timeline: Timeline) -> MediaRef:
        """A clip of so many frames between the two, of the size and rate of ``timeline``."""
        ...


@dataclass(frozen=True)
class _Bridge:
    clip: TimelineClip
    half: int


def straight_joints(timeline: Timeline) -> Iterator[int]:
    """The cut points inside scenes at which nothing softens the joint."""
    for at in range(1, len(timeline.clips)):
        before, after = timeline.clips[at - 1], timeline.clips[at]
        if before.scene == after.scene and timeline.transition_at(at) is None:
            yield at


def joint_frames(timeline: Timeline) -> Iterator[Shown]:
    """The frames that ``mended`` will ask for."""
    for at in straight_joints(timeline):
        before, after = timeline.clips[at - 1], timeline.clips[at]
        yield from (_last(before, 1), _last(before), _first(after))


def mended(timeline: Timeline, joints: Joints) -> tuple[Timeline, tuple[str, ...]]:
    """The timeline with its jumps mended as well as they can be, and what was done, in words."""
    notes: list[str] = []
    bridges: dict[int, _Bridge] = {}
    dissolves: dict[int, Transition] = {}
    for at in straight_joints(timeline):
        before, after = timeline.clips[at - 1], timeline.clips[at]
        facts = joints.joint(_last(before), _first(after))
        if facts is None or facts.blurred_ssim < LIKE_VIEW_SSIM or not _jumps(facts, before, joints):
            continue
        measures = f"{before.name} and {after.name} show the same view at two moments (SSIM {facts.ssim:.2f}, "
        measures += f"{facts.blurred_ssim:.2f} blurred, colours {facts.hsv_correlation:.2f})"
        bridged = bridges[at - 1].half if at - 1 in bridges else 0
        dissolved = dissolves[at - 1].out_frames if at - 1 in dissolves else 0
        made, why = _bridged(timeline, at, bridged + dissolved, joints)
        if made:
            bridges[at] = made
        elif facts.blurred_ssim < SAME_VIEW_SSIM:
            continue  # no flow from the one to the other: they may as well be two framings
        elif frames := mix_frames(_shortened(before, bridged, 0), after, timeline.rate):
            dissolves[at] = Transition(at=at, kind="dissolve", out_frames=frames[0], in_frames=frames[1])
            why = f"{why}, so they are dissolved over {sum(frames)} frames"
        else:
            why = f"{why}, and they have no handles to be dissolved: the joint jumps"
        notes.append(f"{measures}: {why}.")
    return _rebuilt(timeline, bridges, tuple(dissolves.values())), tuple(notes)


def _jumps(facts: JointFacts, before: TimelineClip, joints: Joints) -> bool:
    same_colours = facts.hsv_correlation >= SAME_VIEW_COLOURS and abs(facts.luma_step) <= SAME_VIEW_LEVELS
    if not same_colours or facts.ssim >= SAME_MOMENT_SSIM:
        return False
    step = joints.joint(_last(before, 1), _last(before)) if before.frames > 1 else None
    return step is None or facts.ssim < step.ssim - STEP_SSIM


def _bridged(timeline: Timeline, at: int, mended_head: int, joints: Joints) -> tuple[_Bridge | None, str]:
    """A bridge over cut point ``at``, or ``None``; and the words for the one or the other.

    Args:
        mended_head: how many frames of the clip before it what mended the joint at its other end takes.
    """
    before, after = timeline.clips[at - 1], timeline.clips[at]
    half = max(2, timeline.rate.frames(BRIDGE_HALF_S))
    taken = edges(timeline, at - 1).head + mended_head
    if not joints.can_bridge:
        return None, "OpenCV (extra “continuity”) is not installed to draw what lies between"
    if before.hold or before.frames - taken <= half or after.frames - edges(timeline, at).tail <= half:
        return None, "they are too short to be bridged"
    first, last = _last(before, half), Shown(after.media, after.source_at(half), after.colour)
    flow = joints.flow(first, last)
    if flow is None or flow.certain < LEAST_CERTAIN:
        certain = f"only {flow.certain:.0%} of it" if flow else "nothing of it"
        return None, f"how the one moves into the other cannot be known ({certain} is found again)"
    if flow.move_permille > MOST_MOVE_PERMILLE:
        return None, f"the way from the one to the other is too far ({flow.move_permille / 10:.0f} % of the picture)"
    clip = TimelineClip(
        name=f"{before.name}-{after.name.rpartition('.')[2]}",
        media=joints.bridge(first, last, 2 * half, timeline),
        media_frames=2 * half,
        source_frame=0,
        frames=2 * half,
        scene=before.scene,
        take=before.take,
        origins=(BY_FLOW,),
    )
    return _Bridge(clip, half), (
        f"{2 * half} frames between them are drawn along the movement, of which {flow.certain:.0%} is certain "
        f"({clip.name})"
    )


def _rebuilt(timeline: Timeline, bridges: Mapping[int, _Bridge], dissolves: Sequence[Transition]) -> Timeline:
    if not bridges and not dissolves:
        return timeline
    clips: list[TimelineClip] = []
    for index, clip in enumerate(timeline.clips):
        head, tail = bridges.get(index), bridges.get(index + 1)
        if head:
            clips.append(head.clip)
        clips.append(_shortened(clip, head.half if head else 0, tail.half if tail else 0))
    moved = [
        each.model_copy(update={"at": each.at + sum(at < each.at for at in bridges)})
        for each in sorted((*timeline.transitions, *dissolves), key=lambda each: each.at)
    ]
    return Timeline(**{**dict(timeline), "clips": tuple(clips), "transitions": tuple(moved)})


def _shortened(clip: TimelineClip, head: int, tail: int) -> TimelineClip:
    """The clip without so many frames at its two ends, which are handles now."""
    if not head and not tail:
        return clip
    first, last = clip.source_at(head), clip.source_at(clip.frames - tail - 1)
    marks = tuple(mark for mark in clip.marks if first <= mark.source_frame <= last)
    changed = {"source_frame": first, "frames": clip.frames - head - tail, "marks": marks}
    return TimelineClip(**{**dict(clip), **changed})


def _last(clip: TimelineClip, before: int = 0) -> Shown:
    """The frame so many before the clip's last one."""
    return Shown(clip.media, clip.source_at(max(0, clip.frames - 1 - before)), clip.colour)


def _first(clip: TimelineClip) -> Shown:
    return Shown(clip.media, clip.source_frame, clip.colour)
