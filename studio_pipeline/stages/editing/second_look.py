"""The second look: what is done to planned cuts once their pictures are seen.

Colours of one view are matched (``matching.py``), footage that comes twice is named (``repeats.py``), and then joints
that jump are mended (``continuity.py``), in the colours they will have. Pure: who looks at the files comes in as a
``Viewing``. What is found goes into the cuts' notes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from typing import Protocol

from studio_pipeline.editorial.cut import Cut, CutSet
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.stages.editing.continuity import Joints, joint_frames, mended
from studio_pipeline.stages.editing.matching import Colours, colours_matched
from studio_pipeline.stages.editing.repeats import Fingerprint, repeats_told, sample_frames


class Viewing(Joints, Protocol):
    """Looks at frames of clips. What cannot be read measures nothing; conform will say so."""

    def look(self, frames: Mapping[MediaRef, Set[int]]) -> None:
        """Read all these frames at once, which is cheaper than one by one when they are asked for."""
        ...

    def fingerprint(self, media: MediaRef, frame: int) -> Fingerprint | None: ...

    def colours(self, media: MediaRef, frames: Sequence[int]) -> Colours | None: ...


def looked_over(cuts: CutSet, viewing: Viewing) -> CutSet:
    """The cuts, seen and seen to."""
    wanted: defaultdict[MediaRef, set[int]] = defaultdict(set)
    for cut in cuts.cuts:
        for clip in cut.timeline.clips:
            wanted[clip.media].update(sample_frames(clip, cut.timeline.rate))
        for shown in joint_frames(cut.timeline):
            wanted[shown.media].add(shown.frame)
    viewing.look(wanted)
    return cuts.model_copy(update={"cuts": tuple(_looked_over(cut, viewing) for cut in cuts.cuts)})


def _looked_over(cut: Cut, viewing: Viewing) -> Cut:
    timeline, matched = colours_matched(cut.timeline, viewing.fingerprint, viewing.colours)
    timeline, repeated = repeats_told(timeline, viewing.fingerprint)
    timeline, smoothed = mended(timeline, viewing)
    return cut.model_copy(update={"timeline": timeline, "notes": (*cut.notes, *matched, *smoothed, *repeated)})
