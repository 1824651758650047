"""The sound of a person's cut whose file says nothing of it, as lists of edits do not: laid from the cut it came from.

A narration stays on its scene: as long after the first picture that is left of it as it was. Where the one before it is
still being said it waits, and what does not fit into the film is cut or left out. Music is laid anew for the scenes as
they are now; where nobody knows its tracks, it is cut where the film ends. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from studio_pipeline.editorial.reading.sameness import same_picture
from studio_pipeline.editorial.timeline import MusicSpan, Quote, Speech, Timeline
from studio_pipeline.film.takes import Music
from studio_pipeline.stages.editing.music import place_music
from studio_pipeline.stages.editing.sound import GAP_S


def with_sound_of(timeline: Timeline, base: Timeline, music: Sequence[Music] = ()) -> tuple[Timeline, tuple[str, ...]]:
    """``timeline`` with the narration and music of ``base``, and what a person should know of them.

    Args:
        music: what the music of ``base`` may have been laid from.
    """
    if same_picture(timeline, base):
        same = {"narration": base.narration, "music": base.music}
        return timeline.model_copy(update=same), ("The file has no sound; that of the cut it was made from is kept.",)
    notes = ["The file has no sound: every narration begins with what is left of its scene, as it did"]
    narration, lost = _narration(timeline, base)
    notes += lost
    spans, how = _music(timeline, base, music)
    if how:
        notes.append(how)
    laid = timeline.model_copy(update={"narration": narration, "music": spans})
    return Timeline.model_validate(laid.model_dump()), tuple(f"{note}." for note in notes)


def _scene_starts(timeline: Timeline) -> dict[int, int]:
    """The first frame of each scene."""
    starts: dict[int, int] = {}
    for clip, start in zip(timeline.clips, timeline.record_frames(), strict=True):
        starts.setdefault(clip.scene, start)
    return starts


def _narration(timeline: Timeline, base: Timeline) -> tuple[tuple[Speech, ...], list[str]]:
    before, now = _scene_starts(base), _scene_starts(timeline)
    gap = timeline.rate.frames(GAP_S)
    wanted: list[tuple[int, Speech]] = []
    lost: list[str] = []
    for speech in base.narration:
        if speech.scene not in now:
            lost.append(f"The narration of scene {speech.scene} is left out with its pictures")
            continue
        offset = speech.record_frame - before.get(speech.scene, speech.record_frame)
        wanted.append((max(0, now[speech.scene] + offset), speech))
    laid: list[Speech] = []
    for start, speech in sorted(wanted, key=lambda one: one[0]):
        if laid:
            start = max(start, laid[-1].record_frame + laid[-1].frames + gap)
        frames = min(speech.frames, timeline.frames - start)
        if frames <= 0:
            lost.append(f"The narration of scene {speech.scene} finds no room")
            continue
        if frames < speech.frames:
            cut_s = timeline.rate.seconds(speech.frames - frames)
            lost.append(f"The narration of scene {speech.scene} loses its last {cut_s:.1f} s to the end of the film")
        quotes = tuple(
            Quote(first_frame=quote.first_frame, frames=min(quote.frames, frames - quote.first_frame))
            for quote in speech.quotes
            if quote.first_frame < frames
        )
        laid.append(speech.model_copy(update={"record_frame": start, "frames": frames, "quotes": quotes}))
    return tuple(laid), lost


def _music(timeline: Timeline, base: Timeline, music: Sequence[Music]) -> tuple[tuple[MusicSpan, ...], str]:
    played = [span.media for span in base.music]
    known = next((one for one in music if any(track.sound in played for track in one.tracks)), None)
    if known is not None:
        scenes = [
            (scene, sum(clip.frames for clip in clips))
            for scene, clips in groupby(timeline.clips, key=lambda clip: clip.scene)
        ]
        return place_music(known, scenes, timeline.rate), "The music is laid anew for its scenes"
    cropped = []
    for span in base.music:
        frames = min(span.frames, timeline.frames - span.record_frame)
        if frames > 0:
            fades = {"fade_in": min(span.fade_in, frames), "fade_out": min(span.fade_out, frames)}
            cropped.append(span.model_copy(update={"frames": frames, **fades}))
    return tuple(cropped), "The music is as it was, up to the end of the film" if cropped else ""
