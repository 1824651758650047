"""The viewing room: the files of the clips, looked at for ``second_look.py``. Measures are ``media``'s; no rules here.

Each frame is looked at once, however many cuts show it, for as long as the room is open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.errors import MediaDamaged
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.media.bridge import Between, Flow, can_bridge, picture, write_bridge
from studio_pipeline.media.looking.colour import Colours, corrected, measure_colours
from studio_pipeline.media.looking.fingerprint import Fingerprint, fingerprint
from studio_pipeline.media.looking.glances import Glance, Glances
from studio_pipeline.media.looking.joints import JointFacts, compare
from studio_pipeline.media.store import MediaStore
from studio_pipeline.stages.editing.continuity import Shown


class ViewingRoom:
    """Looks at clips of a media store, and puts bridges into it."""

    def __init__(self, media: MediaStore) -> None:
        self._media = media
        self._glances = Glances()
        self._prints: dict[tuple[MediaRef, int], Fingerprint | None] = {}
        self._joints: dict[tuple[Shown, Shown], JointFacts | None] = {}
        self._flows: dict[tuple[Shown, Shown], Flow | None] = {}
        self._bridges: dict[tuple[Shown, Shown, int], MediaRef] = {}
        self.can_bridge = can_bridge()

    def look(self, frames: Mapping[MediaRef, Set[int]]) -> None:
        for media, wanted in frames.items():
            self._seen(media, wanted)

    def fingerprint(self, media: MediaRef, frame: int) -> Fingerprint | None:
        if (media, frame) not in self._prints:
            seen = self._seen(media, {frame})
            self._prints[media, frame] = fingerprint(seen[frame]) if seen else None
        return self._prints[media, frame]

    def colours(self, media: MediaRef, frames: Sequence[int]) -> Colours | None:
        seen = self._seen(media, set(frames))
        return measure_colours(tuple(seen.values())) if seen else None

    def joint(self, before: Shown, after: Shown) -> JointFacts | None:
        if (before, after) not in self._joints:
            one, other = self._shown(before), self._shown(after)
            seen = one and other and one.planes.shape == other.planes.shape
            self._joints[before, after] = compare(one, other) if one and other and seen else None
        return self._joints[before, after]

    def flow(self, before: Shown, after: Shown) -> Flow | None:
        if (before, after) not in self._flows:
            between = self._between(before, after)
            self._flows[before, after] = between.facts() if between else None
        return self._flows[before, after]

    def bridge(self, before: Shown, after: Shown, frames: int, timeline: Timeline) -> MediaRef:
        if (before, after, frames) not in self._bridges:
            between = self._between(before, after)
            if between is None:
                raise MediaDamaged("A clip that could be read before cannot be read now", where=timeline.name)
            with self._media.workdir() as work:
                write_bridge(between, frames, timeline.size, timeline.rate, work / "bridge.mp4")
                self._bridges[before, after, frames] = self._media.put_file(work / "bridge.mp4", ".mp4")
        return self._bridges[before, after, frames]

    def _between(self, before: Shown, after: Shown) -> Between | None:
        try:
            pictures = [picture(self._media.path(each.media), each.frame, each.colour) for each in (before, after)]
        except MediaDamaged:
            return None
        return Between(*pictures) if pictures[0].y.shape == pictures[1].y.shape else None

    def _shown(self, shown: Shown) -> Glance | None:
        seen = self._seen(shown.media, {shown.frame})
        if seen is None:
            return None
        glance = seen[shown.frame]
        return Glance.of(corrected(glance.parts, shown.colour)) if shown.colour else glance

    def _seen(self, media: MediaRef, frames: Set[int]) -> dict[int, Glance] | None:
        try:
            return self._glances.look(self._media.path(media), frames)
        except MediaDamaged:
            return None
