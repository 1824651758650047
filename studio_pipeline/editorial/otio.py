"""The timeline as OpenTimelineIO, for editors of other houses. Writing only: nothing here is ever read back in.

How our words become OTIO's:

- Clips keep their ranges; ``available_range`` is the whole media with its handles. Every time counts frames at the
  film's exact rate (24000/1001 is not 23.98) and media start at 0.
- A dissolve is an ``SMPTE_Dissolve``. OTIO's ``in_offset`` is what the transition takes *before* the cut point,
  ``out_offset`` what it takes after it.
- A fade at the film's first or last frame is an ``SMPTE_Dissolve`` with nothing on its outer side, which is how OTIO
  and the editors reading it say "from black" and "to black".
- A fade through black between two clips is a ``Custom_Transition`` named ``fade through black``. It says how many
  frames darken before the cut and lighten after it, no clip gets shorter and the film keeps its length. (Black laid
  between two dissolves would need clips of other lengths than the cut has; a reader that does not know the name
  shows a dissolve.)
- Narration and music are audio tracks, gaps between; speeches that overlap lie on further tracks.
- What OTIO has no word for is metadata under ``studio_pipeline``; a shot's rating is a marker, too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import quote

import opentimelineio as otio
from opentimelineio.opentime import RationalTime, TimeRange

from studio_pipeline.editorial.timeline import MusicSpan, Speech, Timeline, TimelineClip, Transition
from studio_pipeline.film.media_ref import MediaRef

METADATA = "studio_pipeline"
"""The key all our metadata lies under."""

_GOOD, _FAIR = 75, 50
"""Ratings from which a marker is green, or yellow; below it is red."""


def write_otio(timeline: Timeline, into: Path, resolve: Callable[[MediaRef], Path]) -> None:
    """Write ``timeline`` to ``into``, its media linked relative to the folder of ``into`` where that is possible."""
    film = to_otio(timeline, lambda media: linked(resolve(media), into.parent))
    into.write_text(film.to_json_string(indent=2) + "\n", encoding="utf-8")


def linked(media: Path, folder: Path) -> str:
    """The URL of ``media`` as seen from ``folder``: relative, so that both can move together."""
    try:
        return quote(Path(os.path.relpath(media.absolute(), folder.absolute())).as_posix())
    except ValueError:  # another drive: no relative path leads there
        return media.absolute().as_uri()


def to_otio(timeline: Timeline, media_url: Callable[[MediaRef], str]) -> otio.schema.Timeline:
    """``timeline`` in OTIO's words; ``media_url`` says where each media is."""
    fps = timeline.rate.num / timeline.rate.den
    film = otio.schema.Timeline(name=timeline.title, global_start_time=RationalTime(0, fps))
    film.metadata[METADATA] = {
        "cut": timeline.name,
        "language": timeline.language,
        "rate": [timeline.rate.num, timeline.rate.den],
        "size": list(timeline.size),
        "frames": timeline.frames,
        "ai_generated": True,
    }
    film.tracks.append(_picture(timeline, media_url, fps))
    for number, lane in enumerate(_lanes(timeline.narration), start=1):
        name = "Narration" if number == 1 else f"Narration {number}"
        film.tracks.append(_sound_track(name, lane, media_url, fps))
    for number, lane in enumerate(_lanes(timeline.music), start=1):
        film.tracks.append(_sound_track("Music" if number == 1 else f"Music {number}", lane, media_url, fps))
    return film


def _picture(timeline: Timeline, media_url: Callable[[MediaRef], str], fps: float) -> otio.schema.Track:
    track = otio.schema.Track(name="Picture", kind=otio.schema.TrackKind.Video)
    for cut_point in range(len(timeline.clips) + 1):
        transition = timeline.transition_at(cut_point)
        if transition is not None and transition.out_frames + transition.in_frames > 0:
            track.append(_transition(transition, len(timeline.clips), fps))
        if cut_point < len(timeline.clips):
            track.append(_clip(timeline.clips[cut_point], media_url, fps))
    return track


def _clip(clip: TimelineClip, media_url: Callable[[MediaRef], str], fps: float) -> otio.schema.Clip:
    made = otio.schema.Clip(
        name=clip.name,
        media_reference=otio.schema.ExternalReference(
            target_url=media_url(clip.media), available_range=_range(0, clip.media_frames, fps)
        ),
        source_range=_range(clip.source_frame, clip.frames, fps),
    )
    made.metadata[METADATA] = {"scene": clip.scene, "take": clip.take, "sha256": clip.media.sha256}
    if clip.rating is not None:
        made.metadata[METADATA]["rating"] = clip.rating
        colours = otio.schema.MarkerColor
        colour = colours.GREEN if clip.rating >= _GOOD else colours.YELLOW if clip.rating >= _FAIR else colours.RED
        marker = otio.schema.Marker(
            name=f"rating {clip.rating:.0f}", marked_range=_range(clip.source_frame, 1, fps), color=colour
        )
        marker.metadata[METADATA] = {"rating": clip.rating}
        made.markers.append(marker)
    return made


def _transition(transition: Transition, clips: int, fps: float) -> otio.schema.Transition:
    types = otio.schema.TransitionTypes
    if transition.mixes:
        name, kind = "dissolve", types.SMPTE_Dissolve
        before, after = transition.in_frames, transition.out_frames
    else:
        before = transition.out_frames if transition.at > 0 else 0
        after = transition.in_frames if transition.at < clips else 0
        if transition.at == 0:
            name, kind = "fade from black", types.SMPTE_Dissolve
        elif transition.at == clips:
            name, kind = "fade to black", types.SMPTE_Dissolve
        else:
            name, kind = "fade through black", types.Custom
    made = otio.schema.Transition(
        name=name,
        transition_type=kind,
        in_offset=RationalTime(before, fps),
        out_offset=RationalTime(after, fps),
    )
    made.metadata[METADATA] = {
        "kind": transition.kind,
        "out_frames": transition.out_frames,
        "in_frames": transition.in_frames,
    }
    return made


def _lanes(sounds: Iterable[Speech] | Iterable[MusicSpan]) -> list[list[Speech | MusicSpan]]:
    """Sounds in as few tracks as they fit without overlapping."""
    lanes: list[list[Speech | MusicSpan]] = []
    for sound in sorted(sounds, key=lambda sound: sound.record_frame):
        free = (lane for lane in lanes if lane[-1].record_frame + lane[-1].frames <= sound.record_frame)
        lane = next(free, None)
        if lane is None:
            lanes.append([sound])
        else:
            lane.append(sound)
    return lanes


def _sound_track(
    name: str, lane: list[Speech | MusicSpan], media_url: Callable[[MediaRef], str], fps: float
) -> otio.schema.Track:
    track = otio.schema.Track(name=name, kind=otio.schema.TrackKind.Audio)
    at = 0
    for sound in lane:
        if sound.record_frame > at:
            track.append(otio.schema.Gap(source_range=_range(0, sound.record_frame - at, fps)))
        span = _range(0, sound.frames, fps)
        clip = otio.schema.Clip(
            name=f"narration s{sound.scene:02d}" if isinstance(sound, Speech) else "music",
            media_reference=otio.schema.ExternalReference(target_url=media_url(sound.media), available_range=span),
            source_range=span,
        )
        said = {"scene": sound.scene, "text": sound.text} if isinstance(sound, Speech) else {}
        clip.metadata[METADATA] = {"sha256": sound.media.sha256, **said}
        track.append(clip)
        at = sound.record_frame + sound.frames
    return track


def _range(start: int, frames: int, fps: float) -> TimeRange:
    return TimeRange(start_time=RationalTime(start, fps), duration=RationalTime(frames, fps))
