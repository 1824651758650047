"""The timeline as Final Cut Pro 7 XML (xmeml), which Premiere Pro and DaVinci Resolve import.

Our own writer: the public adapter knows no speed and no wipes, and takes every transition for a dissolve in the middle
of its cut. Its *reader* opens these files, and a test holds plain cuts and dissolves to it.

- ``timebase`` and ``ntsc`` name the rate (23.976 is 24 and TRUE), ``displayformat`` says whether timecode drops.
- Media are ``file://localhost/…``: Premiere and Resolve want whole paths. Who moves the folder is asked for them once.
- A clip at a transition has ``-1`` for that edge, and its ``in`` or ``out`` reaches to the transition's other end. So
  every frame is told, also where a dissolve does not lie in the middle of its cut.
- A fade is a one-sided ``Cross Dissolve`` (``end-black``, ``start-black``), out of and into nothing. Another colour
  than black is a colour generator on the track below, which shows where the clip is gone.
- A wipe is an ``Edge Wipe`` with its SMPTE number and ``reverse``. No public file of an editor has one to compare with.
- Speed is a ``timeremap``: ``speed`` in per cent for who reads only that; its ``graphdict`` says exactly which source
  frame stands at the clip's first frame and where the line goes. A held picture is a piece at speed 0; where a
  transition reaches across the frame on which it stops, it is one clip whose line ends level (``variablespeed``).
- Narration is mono, music two linked tracks with its fades as one-sided cross fades. Ratings and what is to be looked
  at are markers, in source frames.

Elements are as in Apple's "Final Cut Pro XML Interchange Format"; there is no room to say who made a clip but its log
notes.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

from studio_pipeline.editorial.links import Resolve, local_url, one_line, xml_document
from studio_pipeline.editorial.parts import Part, borrowed, colours_below, parts
from studio_pipeline.editorial.pieces import edges, pieces
from studio_pipeline.editorial.sound_lanes import Lane, Sound, sound_lanes, sound_lengths
from studio_pipeline.editorial.timecode import Timecode
from studio_pipeline.editorial.timeline import Timeline, TimelineClip, Transition
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.whole_file import write_whole

_WIPE_CODES = {"left_to_right": 1, "right_to_left": 1, "top_to_bottom": 2, "bottom_to_top": 2}
_REVERSED = ("right_to_left", "bottom_to_top")
_AUDIO_RATE = 48_000


def write_fcp7(timeline: Timeline, into: Path, resolve: Resolve, *, drop_frame: bool = True) -> None:
    """Write ``timeline`` to ``into``.

    Raises:
        BadInput: two transitions meet inside one clip.
    """
    pieces(timeline)
    root = ET.Element("xmeml", version="4")
    root.append(_Sequence(timeline, resolve, Timecode.of(timeline.rate, drop_frame=drop_frame)).element())
    write_whole(into, xml_document(root, "<!DOCTYPE xmeml>"))


class _Sequence:
    """One sequence while it is written: it remembers which files it has described and numbers its clips."""

    def __init__(self, timeline: Timeline, resolve: Resolve, timecode: Timecode) -> None:
        self._timeline = timeline
        self._resolve = resolve
        self._timecode = timecode
        self._files: dict[MediaRef, str] = {}
        self._clips = 0
        self._sound_lengths = sound_lengths(timeline)

    def element(self) -> ET.Element:
        timeline = self._timeline
        sequence = _tagged("sequence", id="sequence-1")
        _say(sequence, name=one_line(timeline.title) or timeline.name, duration=timeline.frames)
        sequence.append(self._rate())
        sequence.append(self._start())
        media = ET.SubElement(sequence, "media")
        video = ET.SubElement(media, "video")
        video.append(self._picture_format())
        colours = self._colours()
        if len(colours):
            video.append(colours)
        video.append(self._picture())
        audio = ET.SubElement(media, "audio")
        _say(audio, numOutputChannels=2)
        characteristics = ET.SubElement(ET.SubElement(audio, "format"), "samplecharacteristics")
        _say(characteristics, depth=16, samplerate=_AUDIO_RATE)
        number = 1
        for lane in sound_lanes(timeline):
            tracks = self._sound_tracks(lane, number)
            audio.extend(tracks)
            number += len(tracks)
        return sequence

    def _rate(self) -> ET.Element:
        rate = ET.Element("rate")
        ntsc = self._timeline.rate.fraction.denominator == 1001
        return _say(rate, timebase=self._timecode.base, ntsc=ntsc)

    def _start(self) -> ET.Element:
        timecode = ET.Element("timecode")
        timecode.append(self._rate())
        shown = "DF" if self._timecode.drop_frame else "NDF"
        return _say(timecode, string=self._timecode.at(0), frame=0, displayformat=shown)

    def _picture_format(self) -> ET.Element:
        wrapped = ET.Element("format")
        characteristics = ET.SubElement(wrapped, "samplecharacteristics")
        characteristics.append(self._rate())
        _say_size(characteristics, self._timeline)
        return wrapped

    def _picture(self) -> ET.Element:
        track = ET.Element("track")
        starts = self._timeline.record_frames()
        for cut_point in range(len(self._timeline.clips) + 1):
            track.extend(self._transitions(cut_point))
            if cut_point == len(self._timeline.clips):
                break
            pieces_of_clip = parts(self._timeline, cut_point)
            for part in pieces_of_clip:
                track.append(
                    self._clip(
                        cut_point,
                        part,
                        starts[cut_point] + part.first,
                        at_head=part is pieces_of_clip[0],
                        at_tail=part is pieces_of_clip[-1],
                    )
                )
        return _say(track, enabled=True, locked=False)

    def _clip(self, index: int, part: Part, start: int, *, at_head: bool, at_tail: bool) -> ET.Element:
        clip, edge = self._timeline.clips[index], edges(self._timeline, index)
        head, tail = borrowed(self._timeline, index)
        head, tail = head if at_head else 0, tail if at_tail else 0
        line = _Line.of(clip, part, head, tail)
        item = self._new_item(clip.name, line.duration)
        item.append(self._rate())
        joined_before, joined_after = at_head and (edge.head or head), at_tail and (edge.tail or tail)
        _say(
            item,
            start=-1 if joined_before else start,
            end=-1 if joined_after else start + part.frames,
            **{"in": line.first, "out": line.last},
        )
        item.append(self._file(clip.media, clip.media_frames, channels=0))
        if line.remapped:
            item.append(line.filter())
        for marker in _markers(clip) if part.still is None else []:
            item.append(marker)
        notes = ET.SubElement(item, "logginginfo")
        _say(notes, scene=str(clip.scene), shottake=str(clip.take), lognote=one_line(_made_by(clip)))
        return item

    def _new_item(self, name: str, duration: int) -> ET.Element:
        self._clips += 1
        item = _tagged("clipitem", id=f"clipitem-{self._clips}")
        return _say(item, name=one_line(name) or f"clip {self._clips}", enabled=True, duration=duration)

    def _file(self, media: MediaRef, frames: int, *, channels: int) -> ET.Element:
        known = media in self._files
        name = self._files.setdefault(media, f"file-{len(self._files) + 1}")
        file = _tagged("file", id=name)
        if known:
            return file
        place = self._resolve(media)
        _say(file, name=one_line(place.name), pathurl=local_url(place))
        file.append(self._rate())
        _say(file, duration=frames)
        file.append(self._start())
        described = ET.SubElement(file, "media")
        if channels:
            _say(ET.SubElement(described, "audio"), channelcount=channels)
        else:
            _say_size(ET.SubElement(ET.SubElement(described, "video"), "samplecharacteristics"), self._timeline)
        return file

    def _transitions(self, cut_point: int) -> list[ET.Element]:
        transition = self._timeline.transition_at(cut_point)
        if transition is None:
            return []
        cut = (*self._timeline.record_frames(), self._timeline.frames)[cut_point]
        if transition.mixes:
            if not transition.in_frames + transition.out_frames:
                return []
            aligned = "center" if transition.in_frames and transition.out_frames else None
            aligned = aligned or ("end" if transition.in_frames else "start")
            return [
                self._transition(cut - transition.in_frames, cut + transition.out_frames, aligned, _effect(transition))
            ]
        made = []
        if cut_point > 0 and transition.out_frames:
            made.append(self._transition(cut - transition.out_frames, cut, "end-black", _effect(transition)))
        if cut_point < len(self._timeline.clips) and transition.in_frames:
            made.append(self._transition(cut, cut + transition.in_frames, "start-black", _effect(transition)))
        return made

    def _transition(self, start: int, end: int, alignment: str, effect: ET.Element) -> ET.Element:
        item = ET.Element("transitionitem")
        item.append(self._rate())
        _say(item, start=start, end=end, alignment=alignment)
        item.append(effect)
        return item

    def _colours(self) -> ET.Element:
        """The track below the picture: the colours that fades go through, where they are not black."""
        track = ET.Element("track")
        for first, frames, colour in colours_below(self._timeline):
            track.append(self._colour(colour, first, first + frames))
        return _say(track, enabled=True, locked=False) if len(track) else track

    def _colour(self, colour: str, start: int, end: int) -> ET.Element:
        self._clips += 1
        item = _tagged("generatoritem", id=f"clipitem-{self._clips}")
        _say(item, name=f"Color {colour}", enabled=True, duration=end - start)
        item.append(self._rate())
        _say(item, start=start, end=end, **{"in": 0, "out": end - start})
        effect = ET.SubElement(item, "effect")
        _say(effect, name="Color", effectid="Color", effectcategory="Matte", effecttype="generator", mediatype="video")
        parameter = ET.SubElement(effect, "parameter")
        _say(parameter, parameterid="fillcolor", name="Color")
        red, green, blue = bytes.fromhex(colour[1:])
        _say(ET.SubElement(parameter, "value"), alpha=255, red=red, green=green, blue=blue)
        return item

    def _sound_tracks(self, lane: Lane, first_number: int) -> list[ET.Element]:
        """One track a channel, the same clips on each, linked."""
        channels = lane.sounds[0].channels
        first_clip = self._clips + 1
        tracks = []
        for channel in range(channels):
            track = _tagged(
                "track",
                currentExplodedTrackIndex=str(channel),
                totalExplodedTrackCount=str(channels),
                premiereTrackType="Stereo" if channels == 2 else "Mono",
            )
            for number, sound in enumerate(lane.sounds):
                if sound.fade_in:
                    track.append(
                        self._transition(
                            sound.record_frame, sound.record_frame + sound.fade_in, "start-black", _cross_fade()
                        )
                    )
                item = self._sound(sound, channel)
                for other in range(channels) if channels > 1 else ():
                    link = ET.SubElement(item, "link")
                    clip = first_clip + other * len(lane.sounds) + number
                    _say(link, linkclipref=f"clipitem-{clip}", mediatype="audio")
                    _say(link, trackindex=first_number + other, clipindex=number + 1, groupindex=1)
                track.append(item)
                if sound.fade_out:
                    track.append(self._transition(sound.end - sound.fade_out, sound.end, "end-black", _cross_fade()))
            _say(track, enabled=True, locked=False, outputchannelindex=channel + 1)
            tracks.append(track)
        return tracks

    def _sound(self, sound: Sound, channel: int) -> ET.Element:
        length = self._sound_lengths[sound.media]
        item = self._new_item(sound.name, length)
        item.append(self._rate())
        _say(
            item,
            start=-1 if sound.fade_in else sound.record_frame,
            end=-1 if sound.fade_out else sound.end,
            **{"in": sound.source_frame, "out": sound.source_frame + sound.frames},
        )
        item.append(self._file(sound.media, length, channels=sound.channels))
        _say(ET.SubElement(item, "sourcetrack"), mediatype="audio", trackindex=channel + 1)
        return item


class _Line:
    """Which source frame stands where in a piece: a line through (its own frame, source frame), perhaps ending level.

    Own frames count as a remapped clip's do: at the clip's speed from the media's first frame.
    """

    def __init__(self, points: list[tuple[int, Fraction]], speed: Fraction, media_frames: int) -> None:
        self._points = points
        self._speed = speed
        self.first, self.last = points[0][0], points[-1][0]
        self.duration = max(self.last, -(-media_frames // speed) if speed else media_frames)

    @classmethod
    def of(cls, clip: TimelineClip, part: Part, head: int, tail: int) -> _Line:
        """The line of ``part``, and ``head`` and ``tail`` frames more at its ends for transitions."""
        if part.still is not None:
            still = Fraction(part.still)
            ends = [(part.still - head, still), (part.still + part.frames + tail, still)]
            return cls(ends, Fraction(0), clip.media_frames)
        speed, source = clip.speed.fraction, Fraction(clip.source_frame)
        own = -(-clip.source_frame // speed)  # where the media, played at this speed, has come to the clip's first
        stop = part.frames - 1 - clip.hold if clip.hold and part.frames == clip.frames else part.frames + tail
        points = [(own - head, source - head * speed), (own + stop, source + stop * speed)]
        if head + stop == 0:  # it never moves
            return cls([points[0], (own + part.frames + tail, points[0][1])], Fraction(0), clip.media_frames)
        if stop < part.frames:
            points.append((own + part.frames + tail, points[-1][1]))
        return cls(points, speed, clip.media_frames)

    @property
    def remapped(self) -> bool:
        return self._speed != 1 or len(self._points) > 2

    def filter(self) -> ET.Element:
        wrapped = ET.Element("filter")
        effect = ET.SubElement(wrapped, "effect")
        _say(effect, name="Time Remap", effectid="timeremap", effectcategory="motion", effecttype="motion")
        _say(effect, mediatype="video")
        ramp = len(self._points) > 2
        for name, value in (
            ("variablespeed", int(ramp)),
            ("speed", _decimal(self._speed * 100)),
            ("reverse", False),
            ("frameblending", False),
        ):
            _say(ET.SubElement(effect, "parameter"), parameterid=name, name=name, value=value)
        graph = _say(ET.SubElement(effect, "parameter"), parameterid="graphdict", name="graphdict")
        flags = ("speedkfin", *("speedkf" for _ in self._points[1:-1]), "speedkfout")
        for (when, value), flag in zip(self._points, flags, strict=True):
            keyframe = _say(ET.SubElement(graph, "keyframe"), when=when, value=_decimal(value))
            if flag != "speedkf":
                _say(keyframe, speedvirtualkf=not ramp, **{flag: True})
        _say(ET.SubElement(graph, "interpolation"), name="FCPCurve" if not ramp else "linear")
        return wrapped


def _effect(transition: Transition) -> ET.Element:
    """What a transition does to the picture."""
    wipe = transition.kind == "wipe"
    name = "Edge Wipe" if wipe else "Cross Dissolve"
    effect = ET.Element("effect")
    _say(effect, name=name, effectid=name, effectcategory="Wipe" if wipe else "Dissolve", effecttype="transition")
    _say(effect, mediatype="video", wipecode=_WIPE_CODES[transition.direction] if wipe else 0, wipeaccuracy=100)
    return _say(effect, startratio=0, endratio=1, reverse=wipe and transition.direction in _REVERSED)


def _cross_fade() -> ET.Element:
    """A fade of sound at equal power."""
    effect = ET.Element("effect")
    _say(effect, name="Cross Fade (+3dB)", effectid="KGAudioTransCrossFade3dB", effecttype="transition")
    return _say(effect, mediatype="audio", wipecode=0, wipeaccuracy=100, startratio=0, endratio=1, reverse=False)


def _markers(clip: TimelineClip) -> list[ET.Element]:
    said = [(f"rating {clip.rating:.0f}", "", clip.source_frame)] if clip.rating is not None else []
    said += [(mark.name, mark.note, mark.source_frame) for mark in clip.marks]
    return [
        _say(ET.Element("marker"), comment=one_line(note), name=one_line(name), **{"in": frame, "out": -1})
        for name, note, frame in said
    ]


def _made_by(clip: TimelineClip) -> str:
    return ", ".join(f"{origin.role}: {origin.vendor} {origin.model}" for origin in clip.origins)


def _say_size(element: ET.Element, timeline: Timeline) -> None:
    width, height = timeline.size
    _say(element, width=width, height=height, anamorphic=False, pixelaspectratio="square", fielddominance="none")


def _decimal(value: Fraction) -> str:
    """``value`` in twelve decimals at most, which round back to the fraction it is."""
    return f"{value.numerator}" if value.denominator == 1 else f"{value.numerator / value.denominator:.12f}"


def _tagged(tag: str, **attributes: str) -> ET.Element:
    return ET.Element(tag, attributes)


def _say(element: ET.Element, **values: str | int | bool) -> ET.Element:
    """Give ``element`` a child for each value, in order."""
    for tag, value in values.items():
        ET.SubElement(element, tag).text = str(value).upper() if isinstance(value, bool) else str(value)
    return element
