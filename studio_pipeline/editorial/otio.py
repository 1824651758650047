"""The timeline as OpenTimelineIO, for editors of other houses. Writing only: what comes back is read elsewhere.

How our words become OTIO's:

- Clips keep their ranges; ``available_range`` is the whole media with its handles. Every time counts frames at the
  film's exact rate (24000/1001 is not 23.98) and media start at 0.
- A dissolve is an ``SMPTE_Dissolve``, a wipe an ``SMPTE_Wipe`` (the word of the public CMX adapter). OTIO's
  ``in_offset`` is what the transition takes *before* the cut point, ``out_offset`` what it takes after it.
- A fade at the film's first or last frame is an ``SMPTE_Dissolve`` with nothing on its outer side, which is how OTIO
  and the editors reading it say "from black" and "to black".
- Every other way through a colour is a ``Custom_Transition`` that says so in its name (``fade through black``, ``dip
  from #c81e1e``). It says how many frames go to the colour before the cut and come from it after, no clip gets
  shorter and the film keeps its length. (A colour laid between two dissolves would need clips of other lengths than
  the cut has; a reader that does not know the name shows a dissolve.)
- Speed is a ``LinearTimeWarp``: frame ``n`` of the clip shows media frame ``start + n × time_scalar``, rounded down.
- A held picture is a piece of its own, a ``FreezeFrame`` of the last moving picture. Where a transition reaches across
  the place where the picture stops, no transition could say so: then the moving and the standing piece lie in a track
  of their own, which is the clip.
- Narration, dialogue and music are audio tracks (``sound_lanes.py``); how music fades is metadata.
- What OTIO has no word for is metadata under ``studio_pipeline``; a shot's rating and what is to be looked at in it
  are markers, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import opentimelineio as otio
from opentimelineio.opentime import RationalTime, TimeRange

from studio_pipeline import __version__
from studio_pipeline.editorial.links import Resolve, linked
from studio_pipeline.editorial.parts import borrowed, parts
from studio_pipeline.editorial.sound_lanes import Lane, sound_lanes, sound_lengths
from studio_pipeline.editorial.timeline import Timeline, TimelineClip, Transition
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.whole_file import write_whole

METADATA = "studio_pipeline"
"""The key all our metadata lies under."""

_GOOD, _FAIR = 75, 50
"""Ratings from which a marker is green, or yellow; below it is red."""
_Colour = otio.schema.MarkerColor


def write_otio(timeline: Timeline, into: Path, resolve: Resolve) -> None:
    """Write ``timeline`` to ``into``, its media linked relative to the folder of ``into`` where that is possible."""
    film = to_otio(timeline, lambda media: linked(resolve(media), into.parent))
    write_whole(into, film.to_json_string(indent=2) + "\n")


def to_otio(timeline: Timeline, media_url: Callable[[MediaRef], str]) -> otio.schema.Timeline:
    """``timeline`` in OTIO's words; ``media_url`` says where each media is."""
    film = otio.schema.Timeline(name=_text(timeline.title), global_start_time=_time(timeline, 0))
    film.metadata[METADATA] = {
        "generator": {"name": METADATA, "version": __version__},
        "cut": timeline.name,
        "language": timeline.language,
        "rate": [timeline.rate.num, timeline.rate.den],
        "size": list(timeline.size),
        "frames": timeline.frames,
        "delivery": timeline.delivery.model_dump(mode="json"),
        "ai_generated": True,
    }
    film.tracks.append(_picture(timeline, media_url))
    lengths = sound_lengths(timeline)
    for lane in sound_lanes(timeline):
        film.tracks.append(_sound_track(timeline, lane, lengths, media_url))
    return film


def _picture(timeline: Timeline, media_url: Callable[[MediaRef], str]) -> otio.schema.Track:
    track = otio.schema.Track(name="Picture", kind=otio.schema.TrackKind.Video)
    for cut_point in range(len(timeline.clips) + 1):
        transition = timeline.transition_at(cut_point)
        if transition is not None and sum(_reach(transition, timeline)) > 0:
            track.append(_transition(timeline, transition))
        if cut_point < len(timeline.clips):
            track.extend(_shown(timeline, cut_point, media_url))
    return track


def _shown(timeline: Timeline, index: int, media_url: Callable[[MediaRef], str]) -> list[otio.core.Item]:
    """Clip number ``index`` as what lies on the picture track: one clip, a moving and a standing one, or both in a
    track of their own."""
    clip, url = timeline.clips[index], media_url(timeline.clips[index].media)
    if not clip.hold:
        return [_moving(timeline, clip, url, 0, clip.frames)]
    moves = clip.frames - clip.hold
    if len(parts(timeline, index)) == 2:
        return [_moving(timeline, clip, url, 0, moves), _standing(timeline, clip, url, clip.hold)]
    head, tail = borrowed(timeline, index)
    inside = otio.schema.Track(name=_text(clip.name), kind=otio.schema.TrackKind.Video)
    inside.append(_moving(timeline, clip, url, -head, head + moves))
    inside.append(_standing(timeline, clip, url, clip.hold + tail))
    inside.source_range = _range(timeline, head, clip.frames)
    return [inside]


def _moving(timeline: Timeline, clip: TimelineClip, url: str, first: int, frames: int) -> otio.schema.Clip:
    """``frames`` frames of ``clip`` from ``first`` on, counted from its own first frame."""
    made = _piece(timeline, clip, url)
    # Backwards from the clip's first frame a slow clip may begin between two source frames.
    made.source_range = _range(timeline, clip.source_frame + first * clip.speed.num / clip.speed.den, frames)
    if clip.speed.fraction != 1:
        made.effects.append(otio.schema.LinearTimeWarp(name="speed", time_scalar=clip.speed.num / clip.speed.den))
    made.markers.extend(_markers(timeline, clip))
    return made


def _standing(timeline: Timeline, clip: TimelineClip, url: str, frames: int) -> otio.schema.Clip:
    made = _piece(timeline, clip, url)
    made.name = f"{made.name} (held)"
    made.source_range = _range(timeline, clip.source_at(clip.frames - 1), frames)
    made.effects.append(otio.schema.FreezeFrame(name="hold"))
    return made


def _piece(timeline: Timeline, clip: TimelineClip, url: str) -> otio.schema.Clip:
    made = otio.schema.Clip(
        name=_text(clip.name),
        media_reference=otio.schema.ExternalReference(
            target_url=url, available_range=_range(timeline, 0, clip.media_frames)
        ),
    )
    made.metadata[METADATA] = {
        "shot": _text(clip.name),
        "scene": clip.scene,
        "take": clip.take,
        "sha256": clip.media.sha256,
        "speed": [clip.speed.num, clip.speed.den],
        "hold": clip.hold,
        "origins": _plain(clip.origins),
    }
    if clip.rating is not None:
        made.metadata[METADATA]["rating"] = clip.rating
    if clip.colour is not None:
        made.metadata[METADATA]["colour"] = clip.colour.model_dump(mode="json")
    return made


def _markers(timeline: Timeline, clip: TimelineClip) -> list[otio.schema.Marker]:
    markers = []
    if clip.rating is not None:
        colour = _Colour.GREEN if clip.rating >= _GOOD else _Colour.YELLOW if clip.rating >= _FAIR else _Colour.RED
        marked = _range(timeline, clip.source_frame, 1)
        markers.append(otio.schema.Marker(name=f"rating {clip.rating:.0f}", marked_range=marked, color=colour))
        markers[-1].metadata[METADATA] = {"rating": clip.rating}
    for mark in clip.marks:
        marked = _range(timeline, mark.source_frame, 1)
        markers.append(otio.schema.Marker(name=_text(mark.name), marked_range=marked, color=_Colour.ORANGE))
        markers[-1].comment = _text(mark.note)
        markers[-1].metadata[METADATA] = {"mark": _text(mark.name)}
    return markers


def _reach(transition: Transition, timeline: Timeline) -> tuple[int, int]:
    """How many frames of the film before its cut point a transition takes, and how many after."""
    if transition.mixes:
        return transition.in_frames, transition.out_frames
    return (
        transition.out_frames if transition.at > 0 else 0,
        transition.in_frames if transition.at < len(timeline.clips) else 0,
    )


def _transition(timeline: Timeline, transition: Transition) -> otio.schema.Transition:
    types = otio.schema.TransitionTypes
    before, after = _reach(transition, timeline)
    if transition.kind == "wipe":
        name, kind = f"wipe {transition.direction.replace('_', ' ')}", "SMPTE_Wipe"
    elif transition.through is None:
        name, kind = "dissolve", types.SMPTE_Dissolve
    else:
        way = "from" if transition.at == 0 else "to" if transition.at == len(timeline.clips) else "through"
        colour = transition.kind.removeprefix("fade_") if transition.kind != "dip" else transition.through
        name = f"{transition.kind.partition('_')[0]} {way} {colour}"
        ends = way != "through" and transition.through == "#000000"
        kind = types.SMPTE_Dissolve if ends else types.Custom
    made = otio.schema.Transition(
        name=name,
        transition_type=kind,
        in_offset=_time(timeline, before),
        out_offset=_time(timeline, after),
    )
    said = {"kind": transition.kind, "out_frames": transition.out_frames, "in_frames": transition.in_frames}
    if transition.kind == "wipe":
        said["direction"] = transition.direction
    if transition.through is not None:
        said["colour"] = transition.through
    made.metadata[METADATA] = said
    return made


def _sound_track(
    timeline: Timeline, lane: Lane, lengths: Mapping[MediaRef, int], media_url: Callable[[MediaRef], str]
) -> otio.schema.Track:
    track = otio.schema.Track(name=lane.name, kind=otio.schema.TrackKind.Audio)
    at = 0
    for sound in lane.sounds:
        if sound.record_frame > at:
            track.append(otio.schema.Gap(source_range=_range(timeline, 0, sound.record_frame - at)))
        clip = otio.schema.Clip(
            name=_text(sound.name),
            media_reference=otio.schema.ExternalReference(
                target_url=media_url(sound.media), available_range=_range(timeline, 0, lengths[sound.media])
            ),
            source_range=_range(timeline, sound.source_frame, sound.frames),
        )
        said: dict[str, Any] = {"role": sound.role, "sha256": sound.media.sha256, "origins": _plain(sound.origins)}
        if sound.role == "music":
            said |= {"fade_in": sound.fade_in, "fade_out": sound.fade_out, "mood": _text(sound.mood)}
        else:
            said |= {"scene": sound.scene, "text": _text(sound.text)}
        clip.metadata[METADATA] = said
        track.append(clip)
        at = sound.end
    track.metadata[METADATA] = {"role": lane.role}
    return track


def _plain(values: tuple[Frozen, ...]) -> list[dict[str, Any]]:
    return [value.model_dump(mode="json") for value in values]


def _text(text: str) -> str:
    """What every reader of the file can hold: line breaks and all, but no lone surrogates."""
    return text.encode("utf-8", "replace").decode()


def _time(timeline: Timeline, frame: float) -> RationalTime:
    return RationalTime(frame, timeline.rate.num / timeline.rate.den)


def _range(timeline: Timeline, start: float, frames: int) -> TimeRange:
    return TimeRange(start_time=_time(timeline, start), duration=_time(timeline, frames))
