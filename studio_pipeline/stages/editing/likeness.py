"""How much two cuts are the same film: the frames they share, and the joints. Pure arithmetic on timelines."""

from __future__ import annotations

from studio_pipeline.editorial.timeline import Timeline

ALIKE = 0.95
"""Two cuts that share more than this part of their frames and joints are no choice between two."""


def likeness(one: Timeline, other: Timeline) -> float:
    """0 for two cuts without a frame in common, 1 for the same film: the mean of the part of their frames that both
    have, and of the part of their joints (which clips meet, and how) that both have."""
    return (_frames_shared(one, other) + _joints_shared(one, other)) / 2


def _frames_shared(one: Timeline, other: Timeline) -> float:
    shared = 0
    for clip in one.clips:
        for match in other.clips:
            if clip.media == match.media:
                first = max(clip.source_frame, match.source_frame)
                last = min(clip.source_frame + clip.frames, match.source_frame + match.frames)
                shared += max(0, last - first)
    return shared / (one.frames + other.frames - shared)


def _joints_shared(one: Timeline, other: Timeline) -> float:
    first, second = _joints(one), _joints(other)
    either = first | second
    return len(first & second) / len(either) if either else 1.0


def _joints(timeline: Timeline) -> set[tuple[str, str, str]]:
    joints = set()
    for at in range(1, len(timeline.clips)):
        transition = timeline.transition_at(at)
        before, after = timeline.clips[at - 1].name, timeline.clips[at].name
        joints.add((before, after, transition.kind if transition else "cut"))
    return joints
