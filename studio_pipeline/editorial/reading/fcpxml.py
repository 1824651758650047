"""Reading FCPXML, of ours and as Final Cut Pro and DaVinci Resolve write it.

The spine is the film. What hangs on its clips is a sound, a colour below a fade, or is named. Times are fractions of a
second; a clip's own time begins with its ``start``, and a ``timeMap`` says what of its media it shows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from xml.etree import ElementTree as ET

from studio_pipeline.editorial.reading.edit import (
    BLACK,
    Edit,
    Gap,
    Item,
    Joint,
    Link,
    Margin,
    Marked,
    Motion,
    Shot,
    Sound,
    at_timecode,
    check_number_of_shots,
    exact_rate,
    motion,
    named,
)
from studio_pipeline.editorial.reading.markup import parsed
from studio_pipeline.editorial.timeline import Direction
from studio_pipeline.errors import BadInput
from studio_pipeline.wording import clipped

_TIME = re.compile(r"(-?\d{1,15})(?:/(\d{1,15}))?s")
_CLIPS = ("asset-clip", "clip", "video", "audio")
_COMPOUND = {
    "ref-clip": "A compound clip",
    "sync-clip": "A synchronised clip",
    "mc-clip": "A clip of several cameras",
    "audition": "An audition",
    "title": "A title",
}
_EFFECTS = re.compile(r"filter-(?:video|audio)(?:-mask)?|adjust-(?!blend$|volume$|conform$).*")
_WAYS: dict[str, Direction] = {
    "Right": "left_to_right",
    "Left": "right_to_left",
    "Down": "top_to_bottom",
    "Up": "bottom_to_top",
}


@dataclass(frozen=True)
class _Clip:
    """An element of a spine: where it lies in it, and in its own time; what transitions show of it beyond its ends."""

    element: ET.Element
    record: Fraction
    frames: Fraction
    start: Fraction
    before: Fraction = Fraction(0)
    after: Fraction = Fraction(0)


def read_fcpxml(data: bytes, margin: Margin) -> Edit:
    """What an FCPXML document says.

    Raises:
        BadInput: it is none, or has no project.
    """
    root = parsed(data)
    if root.tag != "fcpxml":
        raise BadInput(f"The file is XML, but no FCPXML: it begins with <{clipped(root.tag, 40)}>")
    projects = [project for project in root.iter("project") if project.find("sequence/spine") is not None]
    if not projects:
        raise BadInput("There is no project with a storyline in the file")
    for other in projects[1:]:
        name = clipped(other.get("name", ""), 40)
        margin.note("There are further projects in the file; the first one is read", f"“{name}”")
    return _Reader(root, projects[0], margin).edit()


class _Reader:
    def __init__(self, root: ET.Element, project: ET.Element, margin: Margin) -> None:
        self._margin = margin
        self._project = project
        self._sequence = next(project.iter("sequence"))
        self._resources = {resource.get("id", ""): resource for resource in root.iterfind("resources/*")}
        form = self._resources.get(self._sequence.get("format", ""))
        duration = _seconds(form.get("frameDuration", "")) if form is not None else None
        if not duration or duration < 0:
            raise BadInput("The file does not say how long a frame of its project lasts")
        self._rate = exact_rate(1 / duration)

    def edit(self) -> Edit:
        spine = next(self._sequence.iter("spine"))
        items: list[Item] = []
        joints: list[Joint] = []
        sounds: list[Sound] = []
        at = Fraction(0)
        check_number_of_shots(len(spine))
        for n, element in enumerate(spine):
            if element.tag == "transition":
                joints += self._transition(element, at, len(items))
                continue
            frames = self._time(element, "duration")
            place = named(element.get("name", ""), at_timecode(at, self._rate))
            if element.tag not in (*_CLIPS, *_COMPOUND, "gap"):
                self._margin.note(f"<{clipped(element.tag, 40)}> is not understood", place)
                continue
            if frames is None:
                frames = self._length_of_asset(element)
            if frames <= 0:
                self._margin.note("What has no length is left out", place)
                continue
            before = joints[-1].before if joints and joints[-1].at == len(items) else Fraction(0)
            after = self._reach(spine[n + 1] if n + 1 < len(spine) else None, at + frames)
            clip = _Clip(element, at, frames, self._time(element, "start") or Fraction(0), before, after)
            solids: list[tuple[Fraction, Fraction, str]] = []
            for hanging in element:
                self._hanging(clip, hanging, sounds, solids)
            self._laid(clip, place, solids, items, joints)
            at += frames
        return Edit(
            title=self._project.get("name", ""),
            rate=self._rate,
            items=tuple(items),
            joints=tuple(joints),
            sounds=tuple(sorted(sounds, key=lambda sound: sound.record)) or None,
        )

    # Pictures.

    def _laid(
        self,
        clip: _Clip,
        place: str,
        solids: list[tuple[Fraction, Fraction, str]],
        items: list[Item],
        joints: list[Joint],
    ) -> None:
        fade_in, fade_out = self._fades(clip.element, "adjust-blend/param")
        nothing = Fraction(0)

        def colour(first: Fraction, last: Fraction) -> str:
            return next((c for start, end, c in solids if start < last and first < end), BLACK)

        if fade_in:
            come = colour(clip.record, clip.record + fade_in)
            if not items or not isinstance(items[-1], Gap):
                items.append(Gap(nothing, place, come, said=True))
            joints.append(Joint(len(items), nothing, fade_in))
        items.append(self._item(clip, place))
        if fade_out:
            end = clip.record + clip.frames
            joints.append(Joint(len(items), fade_out, nothing))
            items.append(Gap(nothing, place, colour(end - fade_out, end), said=True))

    def _item(self, clip: _Clip, place: str) -> Item:
        element = clip.element
        if element.tag == "gap":
            return Gap(clip.frames, place)
        if element.tag in _COMPOUND:
            self._margin.note(f"{_COMPOUND[element.tag]} is left out", place)
            return Gap(clip.frames, place)
        if element.get("enabled") == "0":
            self._margin.note("A clip that is switched off is left out", place)
            return Gap(clip.frames, place)
        media, begins = self._media(element)
        if media is None or media.tag != "asset":
            self._margin.note("A generator is left out", place)
            return Gap(clip.frames, place)
        self._name_effects(element, place)
        moved = self._motion(clip, begins)
        if moved.ramp:
            self._margin.note("A speed that changes within a clip is played at its first speed", place)
        source, speed = moved.source, moved.speed
        if speed < 0:
            self._margin.note("A clip that runs backwards is played forwards", place)
            source, speed = source + (clip.frames - 1) * speed, -speed
        marks = tuple(
            Marked(
                moved.source + ((self._time(m, "start") or clip.start) - clip.start) * speed,
                m.get("value", ""),
                m.get("note", ""),
            )
            for m in element.iterfind("marker")
        )
        return Shot(
            self._link(element, media), place, clip.frames, source, speed.limit_denominator(100), moved.moves, marks
        )

    def _media(self, element: ET.Element) -> tuple[ET.Element | None, Fraction]:
        """The resource that a clip shows, and the clip's own time at the media's first frame."""
        if element.tag == "clip":  # its picture is inside
            inner = element.find("video") if element.find("video") is not None else element.find("audio")
            if inner is None:
                return None, Fraction(0)
            media = self._resources.get(inner.get("ref", ""))
            inside = (self._time(inner, "offset") or Fraction(0)) - (self._time(inner, "start") or Fraction(0))
            return media, inside + (self._time(media, "start") or Fraction(0) if media is not None else Fraction(0))
        media = self._resources.get(element.get("ref", ""))
        return media, (self._time(media, "start") if media is not None else None) or Fraction(0)

    def _motion(self, clip: _Clip, begins: Fraction) -> Motion:
        points = [
            (
                (_seconds(point.get("time", "")) or Fraction(0)) * self._rate,
                (_seconds(point.get("value", "")) or Fraction(0)) * self._rate,
            )
            for point in clip.element.iterfind("timeMap/timept")
        ]
        if not points:
            return Motion(clip.start - begins, Fraction(1))
        # All that is seen of it, also where a transition shows it before the cut or after.
        seen = clip.before + clip.frames + clip.after
        moved = motion(points, clip.start - clip.before, seen).later(clip.before)
        return Motion(moved.source - begins, moved.speed, moved.moves, moved.ramp)

    def _reach(self, element: ET.Element | None, cut: Fraction) -> Fraction:
        """For how many frames after ``cut`` a transition there goes on."""
        if element is None or element.tag != "transition":
            return Fraction(0)
        first, frames = self._time(element, "offset"), self._time(element, "duration") or Fraction(0)
        if first is None:
            return frames / 2
        return max(Fraction(0), first - (self._time(self._sequence, "tcStart") or Fraction(0)) + frames - cut)

    def _transition(self, element: ET.Element, at: Fraction, border: int) -> list[Joint]:
        first, frames = self._time(element, "offset"), self._time(element, "duration") or Fraction(0)
        begins = self._time(self._sequence, "tcStart") or Fraction(0)
        before = at - (first - begins) if first is not None else frames / 2
        place = at_timecode(at, self._rate)
        if not 0 <= before <= frames or not frames:
            self._margin.note("A transition that does not lie over a cut is left out", place)
            return []
        effect = element.find("filter-video")
        name = effect.get("name", "") if effect is not None else element.get("name", "Cross Dissolve")
        joint = Joint(border, before, frames - before)
        if "wipe" in name.lower() and effect is not None:
            words = [param.get("value", "") for param in effect.iterfind("param") if param.get("name") == "Direction"]
            found: Direction | None = next((way for word, way in _WAYS.items() if words and word in words[0]), None)
            if found is None:
                self._margin.note("A wipe that does not say its way runs from left to right", place)
            return [Joint(border, before, frames - before, "wipe", found or "left_to_right")]
        if "dissolve" not in name.lower():
            self._margin.note(f"The transition “{clipped(name, 40)}” is not known and becomes a dissolve", place)
        return [joint]

    def _name_effects(self, element: ET.Element, place: str) -> None:
        for child in element:
            if _EFFECTS.fullmatch(child.tag):
                name = child.get("name", "") or child.tag
                self._margin.note(f"The effect “{clipped(name, 40)}” is not taken over", place)

    def _link(self, element: ET.Element, media: ET.Element) -> Link:
        rep = media.find("media-rep")
        url = rep.get("src", "") if rep is not None else media.get("src", "")
        return Link(element.get("name", "") or media.get("name", ""), url)

    def _fades(self, element: ET.Element, path: str) -> tuple[Fraction, Fraction]:
        found = element.find(path)
        if found is None:
            return Fraction(0), Fraction(0)
        ends = (found.find("fadeIn"), found.find("fadeOut"))
        in_, out = (
            max(Fraction(0), (self._time(end, "duration") or Fraction(0))) if end is not None else Fraction(0)
            for end in ends
        )
        return in_, out

    # What hangs on the clips of the spine.

    def _hanging(
        self, clip: _Clip, element: ET.Element, sounds: list[Sound], solids: list[tuple[Fraction, Fraction, str]]
    ) -> None:
        if element.tag == "spine":
            self._margin.note("A storyline beside the main one is left out", at_timecode(clip.record, self._rate))
            return
        if element.tag not in (*_CLIPS, *_COMPOUND) or not element.get("lane"):
            return
        offset = self._time(element, "offset")
        record = clip.record + (offset if offset is not None else clip.start) - clip.start
        frames = self._time(element, "duration") or self._length_of_asset(element)
        place = named(element.get("name", ""), at_timecode(record, self._rate))
        media, begins = self._media(element)
        if frames <= 0:
            self._margin.note("What has no length is left out", place)
        elif element.get("enabled") == "0":
            self._margin.note("A clip that is switched off is left out", place)
        elif media is not None and media.tag == "asset" and (element.tag == "audio" or media.get("hasVideo") != "1"):
            self._name_effects(element, place)
            if element.find("timeMap") is not None:
                self._margin.note("A sound is played at normal speed", place)
            fade_in, fade_out = self._fades(element, "adjust-volume/param")
            source = (self._time(element, "start") or Fraction(0)) - begins
            sounds.append(Sound(self._link(element, media), place, record, frames, source, fade_in, fade_out))
        elif levels := self._solid(element, media):
            solids.append((record, record + frames, levels))
        else:
            self._margin.note("What lies above or below the main storyline is left out", place)

    def _solid(self, element: ET.Element, media: ET.Element | None) -> str:
        if media is None or media.tag != "effect" or not element.get("lane", "").startswith("-"):
            return ""
        for param in element.iterfind("param"):
            numbers = re.findall(r"\d+(?:\.\d+)?", param.get("value", ""))
            if param.get("name") == "Color" and len(numbers) >= 3:
                return "#" + "".join(f"{min(255, round(float(level) * 255)):02x}" for level in numbers[:3])
        return ""

    def _length_of_asset(self, element: ET.Element) -> Fraction:
        media = self._resources.get(element.get("ref", ""))
        return (self._time(media, "duration") if media is not None else None) or Fraction(0)

    def _time(self, element: ET.Element, name: str) -> Fraction | None:
        """An attribute in frames of the film; ``None`` where it is not there."""
        text = element.get(name)
        if text is None:
            return None
        seconds = _seconds(text)
        if seconds is None:
            raise BadInput(f"“{clipped(text, 40)}” of the file is no time (<{element.tag}> {name})")
        return seconds * self._rate


def _seconds(text: str) -> Fraction | None:
    match = _TIME.fullmatch(text.strip())
    if match is None or (match[2] is not None and int(match[2]) == 0):
        return None
    return Fraction(int(match[1]), int(match[2] or 1))
