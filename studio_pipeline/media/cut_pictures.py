"""What a cut looks and sounds like without playing it: its shots on one page, its sound with the joints marked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from studio_pipeline.media.conformed import Conformed
from studio_pipeline.media.contact_sheet import contact_sheet, tiles_of
from studio_pipeline.media.sound.mix import Mixed
from studio_pipeline.media.sound.waveform import waveform


def cut_pictures(
    room: Conformed, mixed: Mixed, *, sheet: Path, sound: Path, clips: Sequence[Path] | None = None
) -> None:
    """Draw the contact sheet of what is in ``room`` to ``sheet``, a JPEG, and the mix of it to ``sound``, a PNG.

    Args:
        clips: where each clip lies, in a size that is good enough for a page; as they are without it.
    """
    timeline = room.timeline
    lost = [problem.shot for problem in room.flagged]
    clips = clips or [room.resolve(clip.media) for clip in timeline.clips]
    contact_sheet(timeline.title, tiles_of(timeline, clips, lost), sheet)
    joints_s = [timeline.rate.seconds(frame) for frame in timeline.record_frames()[1:]]
    waveform(mixed.mix, sound, marks=[(at_s, "") for at_s in joints_s], stems=mixed.stems)
