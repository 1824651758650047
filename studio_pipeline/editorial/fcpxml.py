"""The timeline as FCPXML 1.10, for Final Cut Pro; Resolve and Premiere (through converters) read it, too.

Our own writer: the public adapter drops transitions and writes a wrong frame duration at 24000/1001.

- Every time is a whole number of frames, written as the exact fraction of a second it is (``frameDuration`` is
  1001/24000s at 23.976). Media start at 0s; their links lead from the document's own folder (``./media/…``), as Apple's
  reference allows, so that the folder can move.
- Clips of the spine touch each other; a transition lies over the place where they do, offset and duration in the
  spine's time, and takes its frames from their handles. Final Cut Pro's own files have it lie evenly over the cut (the
  odd frame before it), and so do these: where ours does not, the cut between the two clips is moved to the middle of
  the transition. What every frame shows stays the same, which is what counts in a dissolve.
- A fade is the clip's opacity (``adjust-blend``, ``fadeIn``/``fadeOut``), over nothing or, for another colour than
  black, over a solid on the lane below. Final Cut Pro's ``Fade To Color`` would need handles that a fade does not have.
- Speed and held pictures are one ``timeMap``, exact to the frame, rounded down (``frameSampling`` is ``floor``). The
  clip's own time is then counted from the first point of the map.
- Sounds are connected clips on lanes below, with roles ``dialogue.narration``, ``dialogue.dialogue`` and ``music``,
  each held by the clip of the spine over which it begins.
- Elements come in the order of the DTD. The identifiers of effects are Final Cut Pro's own, as its exports have them
  (``Cross Dissolve``, ``Wipe``, ``Custom`` solids); a wipe's direction and a solid's colour are parameters that no
  export we could find shows, so check those two after an import.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

from studio_pipeline.editorial.links import Resolve, linked, one_line, xml_document
from studio_pipeline.editorial.parts import borrowed, colours_below
from studio_pipeline.editorial.pieces import edges, pieces
from studio_pipeline.editorial.sound_lanes import Role, Sound, sound_lanes, sound_lengths
from studio_pipeline.editorial.timecode import Timecode
from studio_pipeline.editorial.timeline import Timeline, TimelineClip, Transition
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.whole_file import write_whole

_EFFECTS = {
    "Cross Dissolve": "FxPlug:4731E73A-8DAC-4113-9A30-AE85B1761265",
    "Wipe": "FxPlug:857E2FBA-98DB-411B-A88C-CE6ABC1F65D8",
    "Custom": ".../Generators.localized/Solids.localized/Custom.localized/Custom.motn",
}
_WIPE_DIRECTIONS = {"right_to_left": "0 (Left)", "bottom_to_top": "1 (Up)", "left_to_right": "2 (Right)"}
_ROLES: dict[Role, str] = {"narration": "dialogue.narration", "dialogue": "dialogue.dialogue", "music": "music.music-1"}
_SOLID_START_S = 3600
"""Generators of Final Cut Pro begin at one hour of their own time."""


def write_fcpxml(timeline: Timeline, into: Path, resolve: Resolve, *, drop_frame: bool = True) -> None:
    """Write ``timeline`` to ``into``.

    Raises:
        BadInput: two transitions meet inside one clip.
    """
    pieces(timeline)
    counting = "DF" if Timecode.of(timeline.rate, drop_frame=drop_frame).drop_frame else "NDF"
    root = _Document(timeline, lambda media: linked(resolve(media), into.parent), counting).element()
    write_whole(into, xml_document(root, "<!DOCTYPE fcpxml>"))


@dataclass(frozen=True)
class _Placed:
    """A clip of the spine: where it lies, and where in its own time it begins (frames)."""

    index: int
    record_frame: int
    frames: int
    start: int
    points: tuple[tuple[int, Fraction], ...] = ()
    """Of a clip that does not play straight: own time → source frame."""


class _Document:
    """One document while it is written."""

    def __init__(self, timeline: Timeline, media_url: Callable[[MediaRef], str], counting: str) -> None:
        self._timeline = timeline
        self._media_url = media_url
        self._counting = counting
        self._frame = 1 / timeline.rate.fraction
        self._placed = _placed(timeline)
        self._ids: dict[MediaRef | str, str] = {}
        self._solids = colours_below(timeline)
        self._sounds = [(-2 - n, sound) for n, lane in enumerate(sound_lanes(timeline)) for sound in lane.sounds]

    def element(self) -> ET.Element:
        timeline = self._timeline
        root = ET.Element("fcpxml", version="1.10")
        root.append(self._resources())
        event = ET.SubElement(ET.SubElement(root, "library"), "event", name="studio_pipeline")
        project = ET.SubElement(event, "project", name=one_line(timeline.title) or timeline.name)
        sequence = ET.SubElement(
            project,
            "sequence",
            format="r1",
            duration=self._time(timeline.frames),
            tcStart="0s",
            tcFormat=self._counting,
            audioLayout="stereo",
            audioRate="48k",
        )
        spine = ET.SubElement(sequence, "spine")
        for placed in self._placed:
            transition = timeline.transition_at(placed.index)
            if transition is not None and transition.mixes and transition.in_frames + transition.out_frames:
                spine.append(self._transition(transition, timeline.record_frames()[transition.at]))
            spine.append(self._clip(placed))
        return root

    def _resources(self) -> ET.Element:
        timeline = self._timeline
        resources = ET.Element("resources")
        width, height = timeline.size
        ET.SubElement(
            resources,
            "format",
            id="r1",
            frameDuration=self._frame_duration(),
            width=str(width),
            height=str(height),
            colorSpace="1-1-1 (Rec. 709)",
        )
        pictures = {clip.media: clip for clip in reversed(timeline.clips)}  # a media is named after its first use
        for media, clip in reversed(pictures.items()):
            self._asset(resources, media, clip.name, clip.media_frames, hasVideo="1", format="r1", videoSources="1")
        sounds = {sound.media: sound for _, sound in reversed(self._sounds)}
        for media, frames in sound_lengths(timeline).items():
            self._asset(
                resources,
                media,
                sounds[media].name,
                frames,
                hasAudio="1",
                audioSources="1",
                audioChannels=str(sounds[media].channels),
            )
        kinds = {transition.kind for transition in timeline.transitions}
        used = {"Cross Dissolve": "dissolve" in kinds, "Wipe": "wipe" in kinds, "Custom": bool(self._solids)}
        for name in (name for name in _EFFECTS if used[name]):
            self._ids[name] = f"r{len(self._ids) + 2}"
            ET.SubElement(resources, "effect", id=self._ids[name], name=name, uid=_EFFECTS[name])
        return resources

    def _asset(self, resources: ET.Element, media: MediaRef, name: str, frames: int, **facts: str) -> None:
        self._ids[media] = f"r{len(self._ids) + 2}"
        said = {"id": self._ids[media], "name": one_line(name), "start": "0s", "duration": self._time(frames)}
        asset = ET.SubElement(resources, "asset", said | facts)
        url = self._media_url(media)
        here = not url.startswith(("../", "file:"))
        ET.SubElement(asset, "media-rep", kind="original-media", src=f"./{url}" if here else url)

    def _transition(self, transition: Transition, cut: int) -> ET.Element:
        name = "Wipe" if transition.kind == "wipe" else "Cross Dissolve"
        element = ET.Element(
            "transition",
            name=name,
            offset=self._time(cut - transition.in_frames),
            duration=self._time(transition.in_frames + transition.out_frames),
        )
        effect = ET.SubElement(element, "filter-video", ref=self._ids[name], name=name)
        if transition.kind == "wipe":
            direction = _WIPE_DIRECTIONS.get(transition.direction, "3 (Down)")
            ET.SubElement(effect, "param", name="Direction", key="13", value=direction)
        return element

    def _clip(self, placed: _Placed) -> ET.Element:
        clip = self._timeline.clips[placed.index]
        element = ET.Element(
            "asset-clip",
            ref=self._ids[clip.media],
            offset=self._time(placed.record_frame),
            name=one_line(clip.name),
            start=self._time(placed.start),
            duration=self._time(placed.frames),
            tcFormat=self._counting,
            videoRole="video",
        )
        made_by = ", ".join(f"{origin.role}: {origin.vendor} {origin.model}" for origin in clip.origins)
        if made_by:
            ET.SubElement(element, "note").text = one_line(made_by)
        if placed.points:
            time_map = ET.SubElement(element, "timeMap", frameSampling="floor")
            for own, source in placed.points:
                ET.SubElement(time_map, "timept", time=self._time(own), value=self._time(source), interp="linear")
        edge = edges(self._timeline, placed.index)
        if edge.fade_in or edge.fade_out:
            amount = ET.SubElement(ET.SubElement(element, "adjust-blend"), "param", name="amount")
            self._fades(amount, edge.fade_in, edge.fade_out, "linear", "linear")
        for first, frames, colour in self._solids:
            if placed.record_frame <= first < placed.record_frame + placed.frames:
                element.append(self._solid(placed, first, frames, colour))
        for lane, sound in self._sounds:
            if placed.record_frame <= sound.record_frame < placed.record_frame + placed.frames:
                element.append(self._sound(placed, sound, lane))
        element.extend(self._markers(clip, placed))
        return element

    def _fades(self, parent: ET.Element, fade_in: int, fade_out: int, in_kind: str, out_kind: str) -> None:
        if fade_in:
            ET.SubElement(parent, "fadeIn", type=in_kind, duration=self._time(fade_in))
        if fade_out:
            ET.SubElement(parent, "fadeOut", type=out_kind, duration=self._time(fade_out))

    def _solid(self, placed: _Placed, first: int, frames: int, colour: str) -> ET.Element:
        element = ET.Element(
            "video",
            ref=self._ids["Custom"],
            lane="-1",
            offset=self._time(placed.start + first - placed.record_frame),
            name=f"Color {colour}",
            start=f"{_SOLID_START_S}s",
            duration=self._time(frames),
        )
        levels = " ".join(f"{level / 255:.6g}" for level in bytes.fromhex(colour[1:]))
        ET.SubElement(element, "param", name="Color", value=levels)
        return element

    def _sound(self, placed: _Placed, sound: Sound, lane: int) -> ET.Element:
        element = ET.Element(
            "asset-clip",
            ref=self._ids[sound.media],
            lane=str(lane),
            offset=self._time(placed.start + sound.record_frame - placed.record_frame),
            name=one_line(sound.name),
            start=self._time(sound.source_frame),
            duration=self._time(sound.frames),
            audioRole=_ROLES[sound.role],
        )
        if sound.fade_in or sound.fade_out:
            amount = ET.SubElement(ET.SubElement(element, "adjust-volume"), "param", name="amount")
            self._fades(amount, sound.fade_in, sound.fade_out, "easeIn", "easeOut")
        return element

    def _markers(self, clip: TimelineClip, placed: _Placed) -> list[ET.Element]:
        said = [(f"rating {clip.rating:.0f}", "", clip.source_frame)] if clip.rating is not None else []
        said += [(mark.name, mark.note, mark.source_frame) for mark in clip.marks]
        made = []
        for name, note, frame in said:
            marker = ET.Element(
                "marker",
                start=self._time(_own_time(placed, frame)),
                duration=self._time(1),
                value=one_line(name) or "mark",
            )
            if note:
                marker.set("note", one_line(note))
            made.append(marker)
        return made

    def _frame_duration(self) -> str:
        """As Final Cut Pro writes it: 100/2400s, 1001/24000s."""
        scale = 100 if self._frame.numerator == 1 else 1
        return f"{self._frame.numerator * scale}/{self._frame.denominator * scale}s"

    def _time(self, frames: int | Fraction) -> str:
        """``frames`` frames as seconds: over the same denominator as a frame's duration where they are whole."""
        if frames == 0:
            return "0s"
        scale = 100 if self._frame.numerator == 1 else 1
        if frames == int(frames):
            return f"{int(frames) * self._frame.numerator * scale}/{self._frame.denominator * scale}s"
        seconds = frames * self._frame
        return f"{seconds.numerator}/{seconds.denominator}s"


def _placed(timeline: Timeline) -> tuple[_Placed, ...]:
    """The clips as they lie in the spine, cuts moved to the middle of what mixes over them."""
    cuts = [*timeline.record_frames(), timeline.frames]
    starts = list(cuts)
    for transition in timeline.transitions:
        frames = transition.in_frames + transition.out_frames
        if transition.mixes and frames > 1:  # a single frame has no middle
            starts[transition.at] = cuts[transition.at] - transition.in_frames + -(-frames // 2)
    made = []
    for index, clip in enumerate(timeline.clips):
        frames, moved = starts[index + 1] - starts[index], starts[index] - cuts[index]
        if clip.speed.fraction == 1 and not clip.hold:
            made.append(_Placed(index, starts[index], frames, clip.source_frame + moved))
            continue
        points, own = _time_map(clip, *borrowed(timeline, index))
        made.append(_Placed(index, starts[index], frames, own + moved, points))
    return tuple(made)


def _time_map(clip: TimelineClip, head: int, tail: int) -> tuple[tuple[tuple[int, Fraction], ...], int]:
    """The clip's map, and its own time at its first frame: as far into the map as the media has frames before it, in
    whole steps, so that the map begins on a frame of the media."""
    speed = clip.speed.fraction
    own = max(clip.source_frame // clip.speed.num * clip.speed.den, head)

    def source(offset: int) -> Fraction:
        return clip.source_frame + offset * speed

    stop = clip.frames - clip.hold - 1 if clip.hold else clip.frames + tail
    points = [(0, source(-own)), (own + stop, source(stop))]
    if clip.hold:
        points.append((own + clip.frames + tail, source(stop)))
    return tuple(point for n, point in enumerate(points) if n == 0 or point[0] > points[n - 1][0]), own


def _own_time(placed: _Placed, source_frame: int) -> int:
    """The first frame of the clip's own time that shows ``source_frame``."""
    if not placed.points:
        return source_frame
    (first, value), (second, later) = placed.points[0], placed.points[1]
    if later == value:
        return placed.start
    return first + -(-(source_frame - value) * (second - first) // (later - value))
