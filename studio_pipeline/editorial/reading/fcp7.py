"""Reading Final Cut Pro 7 XML (xmeml), of ours and as Premiere Pro and DaVinci Resolve write it.

The lowest picture track with clips on it is the film; a track of colours below it tells what fades go through. Edges of
clips that lie under a transition are ``-1``: there the clip reaches to the transition's other end. What plays at
another speed is told by its ``timeremap``, best by its graph. Our own reader, since the public one knows no speed, no
wipes and no fades.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
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

_NUMBER = re.compile(r"-?\d{1,12}(?:\.\d{1,20})?")
_WIPES: dict[int, tuple[Direction, Direction]] = {
    1: ("left_to_right", "right_to_left"),
    2: ("top_to_bottom", "bottom_to_top"),
}
_DISSOLVES = ("dissolve", "fade", "blend")
_QUIET_EFFECTS = frozenset({"timeremap", "audiolevels", "audiopan"})
"""Effects that are read, or that every editor writes on every clip of a sound."""


@dataclass(frozen=True)
class _Placed:
    """An item of a track: where it lies with all that transitions show of it."""

    element: ET.Element
    start: Fraction
    end: Fraction
    joined_start: bool = False
    joined_end: bool = False


@dataclass(frozen=True)
class _Transition:
    element: ET.Element
    start: Fraction
    end: Fraction

    @property
    def cut(self) -> Fraction:
        """Where the two clips meet."""
        alignment = self.element.findtext("alignment", "center")
        if alignment.startswith("start"):
            return self.start
        if alignment.startswith("end"):
            return self.end
        return self.start + (self.end - self.start) // 2

    @property
    def comes(self) -> bool:
        """Whether it opens a clip out of nothing."""
        return self.element.findtext("alignment", "") == "start-black"

    @property
    def goes(self) -> bool:
        """Whether it ends a clip in nothing."""
        return self.element.findtext("alignment", "") == "end-black"


def read_fcp7(data: bytes, margin: Margin) -> Edit:
    """What an xmeml document says.

    Raises:
        BadInput: it is none, or has no sequence with pictures.
    """
    root = parsed(data)
    if root.tag != "xmeml":
        raise BadInput(
            f"The file is XML, but neither Final Cut Pro 7 XML nor FCPXML: it begins with <{clipped(root.tag, 40)}>"
        )
    inside = {id(inner) for clip in root.iter("clipitem") for inner in clip.iter("sequence")}
    films = [
        s for s in root.iter("sequence") if id(s) not in inside and s.find("media/video/track/clipitem") is not None
    ]
    if not films:
        raise BadInput("There is no sequence with pictures in the file")
    for other in films[1:]:
        name = clipped(other.findtext("name", ""), 40)
        margin.note("There are further sequences in the file; the first one is read", f"“{name}”")
    return _Reader(root, films[0], margin).edit()


class _Reader:
    def __init__(self, root: ET.Element, sequence: ET.Element, margin: Margin) -> None:
        self._sequence = sequence
        self._margin = margin
        self._rate = _rate(sequence) or exact_rate(0)
        self._files = {file.get("id", ""): file for file in root.iter("file") if len(file)}

    def edit(self) -> Edit:
        tracks = self._sequence.findall("media/video/track")
        with_clips = [n for n, track in enumerate(tracks) if track.find("clipitem") is not None]
        lowest = with_clips[0]
        colours = [placed for track in tracks[:lowest] for placed in self._placed(track)[0] if _colour(placed.element)]
        for n, track in enumerate(tracks):
            clips = len(track.findall("clipitem")) + len(track.findall("generatoritem"))
            if n > lowest and clips:
                self._margin.note(
                    "Only the lowest picture track is the film; what lies above it is left out",
                    f"track {n + 1} with {clips} clip{'s' * (clips != 1)}",
                )
        items, joints = self._picture(tracks[lowest], colours)
        for name in ("filter", "effect"):
            if self._sequence.find(name) is not None:
                self._margin.note("An effect on the whole sequence is not taken over")
        return Edit(
            title=self._sequence.findtext("name", ""),
            rate=self._rate,
            items=self._with_marks(items),
            joints=tuple(joints),
            sounds=self._sounds(),
        )

    def _placed(self, track: ET.Element) -> tuple[list[_Placed], list[_Transition]]:
        """What lies on a track, in the order of its elements."""
        children = [child for child in track if child.tag in ("clipitem", "generatoritem", "transitionitem")]
        check_number_of_shots(len(children))
        spans = [(_number(child, "start"), _number(child, "end")) for child in children]
        placed: list[_Placed] = []
        transitions: list[_Transition] = []
        for n, child in enumerate(children):
            start, end = spans[n]
            if child.tag == "transitionitem":
                if end > start >= 0:
                    transitions.append(_Transition(child, start, end))
                continue
            place = self._place(child, start)
            joined_start, joined_end = start == -1, end == -1
            if joined_start and n and children[n - 1].tag == "transitionitem":
                start = spans[n - 1][0]
            if joined_end and n + 1 < len(children) and children[n + 1].tag == "transitionitem":
                end = spans[n + 1][1]
            if start < 0 or end <= start:
                self._margin.note("What has no length, or no place, is left out", place)
                continue
            placed.append(_Placed(child, start, end, joined_start, joined_end))
        return placed, transitions

    def _place(self, item: ET.Element, record: Fraction) -> str:
        return named(item.findtext("name", ""), at_timecode(record, self._rate))

    # Pictures.

    def _picture(self, track: ET.Element, colours: list[_Placed]) -> tuple[list[Item], list[Joint]]:
        placed, transitions = self._placed(track)
        starts = {t.start: t for t in transitions}
        ends = {t.end: t for t in transitions}
        items: list[Item] = []
        joints: list[Joint] = []
        at = Fraction(0)
        """The cut point that has been reached."""
        for n, one in enumerate(placed):
            opened, closed = starts.get(one.start), ends.get(one.end)
            opened = opened if opened and (one.joined_start or opened.comes) and not opened.goes else None
            closed = closed if closed and (one.joined_end or closed.goes) and not closed.comes else None
            first = opened.cut if opened else one.start
            last = closed.cut if closed else one.end
            place = self._place(one.element, one.start)
            if first < at or last < first:
                self._margin.note("A clip that lies over the one before it is left out", place)
                continue
            before = placed[n - 1] if n else None
            alone = opened is not None and (opened.comes or before is None or before.end != opened.end)
            if opened and alone:  # it comes from a colour
                colour = self._below(colours, opened)
                if first > at or not items or not isinstance(items[-1], Gap):
                    items.append(Gap(first - at, place, colour, said=True))
                joints.append(Joint(len(items), Fraction(0), opened.end - first))
            elif first > at:
                items.append(Gap(first - at, place))
            if opened and not alone:
                joints.append(self._joint(opened, len(items)))
            items.append(self._item(one, first, last, place))
            at = last
            after = placed[n + 1] if n + 1 < len(placed) else None
            if closed and (closed.goes or after is None or after.start != closed.start):  # it goes to a colour
                joints.append(Joint(len(items), last - closed.start, Fraction(0)))
                items.append(Gap(Fraction(0), place, self._below(colours, closed), said=True))
        return items, joints

    def _below(self, colours: list[_Placed], transition: _Transition) -> str:
        return next(
            (_colour(c.element) for c in colours if c.start < transition.end and transition.start < c.end), BLACK
        )

    def _joint(self, transition: _Transition, border: int) -> Joint:
        before, after = transition.cut - transition.start, transition.end - transition.cut
        effect = transition.element.find("effect")
        name = effect.findtext("effectid", effect.findtext("name", "")) if effect is not None else ""
        code = _number(effect, "wipecode", 0) if effect is not None else 0
        if effect is not None and ("wipe" in name.lower() or effect.findtext("effectcategory") == "Wipe"):
            if int(code) not in _WIPES:
                place = at_timecode(transition.start, self._rate)
                self._margin.note(f"The wipe “{clipped(name, 40)}” is not known and runs from left to right", place)
            backwards = effect.findtext("reverse", "").upper() == "TRUE"
            return Joint(border, before, after, "wipe", _WIPES.get(int(code), _WIPES[1])[backwards])
        if not any(word in name.lower() for word in _DISSOLVES):
            self._margin.note(
                f"The transition “{clipped(name, 40)}” is not known and becomes a dissolve",
                at_timecode(transition.start, self._rate),
            )
        return Joint(border, before, after)

    def _item(self, placed: _Placed, first: Fraction, last: Fraction, place: str) -> Item:
        element, frames = placed.element, last - first
        if element.tag == "generatoritem":
            self._margin.note("A generator or title is left out", place)
            return Gap(frames, place)
        if element.findtext("enabled", "TRUE").upper() == "FALSE":
            self._margin.note("A clip that is switched off is left out", place)
            return Gap(frames, place)
        if element.find("sequence") is not None:
            self._margin.note("A compound clip (a sequence in a sequence) is left out", place)
            return Gap(frames, place)
        self._name_effects(element, place)
        moved = self._motion(element, placed).later(first - placed.start)
        if moved.ramp:
            self._margin.note("A speed that changes within a clip is played at its first speed", place)
        source, speed = moved.source, moved.speed
        if speed < 0:
            self._margin.note("A clip that runs backwards is played forwards", place)
            source, speed = source + (frames - 1) * speed, -speed
        marks = tuple(
            Marked(_number(m, "in", 0), m.findtext("name", ""), m.findtext("comment", "") or "")
            for m in element.findall("marker")
        )
        return Shot(self._link(element), place, frames, source, speed, moved.moves, marks)

    def _motion(self, element: ET.Element, placed: _Placed) -> Motion:
        """What the item's time does, from the first frame that is seen of it."""
        begin, end = _number(element, "in", 0), _number(element, "out", -1)
        own_rate = _rate(element) or self._rate
        factor = self._rate / own_rate  # frames of the clip's own rate in frames of the film's
        begin, end = begin * factor, end * factor
        remap = next((f for f in element.findall("filter/effect") if f.findtext("effectid") == "timeremap"), None)
        if remap is None:
            length = placed.end - placed.start
            if end > begin and end - begin != length:  # told by its edges alone
                speed = ((end - begin) / length).limit_denominator(100)
                return Motion(begin, speed)
            return Motion(begin, Fraction(1))
        points = [
            (_number(key, "when", 0), _number(key, "value", 0).limit_denominator(10_000))
            for key in remap.findall("parameter[parameterid='graphdict']/keyframe")
        ]
        if len(points) > 1:
            moved = motion(points, begin, placed.end - placed.start)
            return replace(moved, speed=moved.speed.limit_denominator(100))
        value = remap.find("parameter[parameterid='speed']")
        speed = (_number(value, "value", 100) / 100 if value is not None else Fraction(1)).limit_denominator(100)
        backwards = remap.findtext("parameter[parameterid='reverse']/value", "").upper() == "TRUE"
        return Motion(begin * abs(speed), -abs(speed) if backwards else speed)

    def _name_effects(self, element: ET.Element, place: str) -> None:
        for effect in element.findall("filter/effect"):
            if effect.findtext("effectid", "").lower() not in _QUIET_EFFECTS:
                name = effect.findtext("name", "") or effect.findtext("effectid", "")
                self._margin.note(f"The effect “{clipped(name, 40)}” is not taken over", place)

    def _link(self, element: ET.Element) -> Link:
        reference = element.find("file")
        file = self._files.get(reference.get("id", ""), reference) if reference is not None else None
        url = file.findtext("pathurl", "") or file.findtext("name", "") if file is not None else ""
        return Link(element.findtext("name", ""), url)

    def _with_marks(self, items: list[Item]) -> tuple[Item, ...]:
        """Markers of the sequence go to the clips below them."""
        markers = [(_number(m, "in", -1), m) for m in self._sequence.findall("marker")]
        made: list[Item] = []
        at = Fraction(0)
        for item in items:
            if isinstance(item, Shot) and markers:
                here = [(frame, m) for frame, m in markers if at <= frame < at + item.frames]
                marks = tuple(
                    Marked(
                        item.source + (frame - at) * item.speed, m.findtext("name", ""), m.findtext("comment", "") or ""
                    )
                    for frame, m in here
                )
                item = replace(item, marks=(*item.marks, *marks))
            made.append(item)
            at += item.frames
        return tuple(made)

    # Sounds.

    def _sounds(self) -> tuple[Sound, ...] | None:
        tracks = self._sequence.findall("media/audio/track")
        if not tracks:
            return None
        found: dict[tuple[object, ...], Sound] = {}  # both channels of a stereo sound are one
        for track in tracks:
            if track.findtext("enabled", "TRUE").upper() == "FALSE":
                if track.find("clipitem") is not None:
                    self._margin.note("A sound track that is switched off is left out")
                continue
            for sound in self._sounds_of(track):
                found.setdefault((sound.link, sound.record, sound.frames, sound.source), sound)
        return tuple(sorted(found.values(), key=lambda sound: sound.record))

    def _sounds_of(self, track: ET.Element) -> Iterator[Sound]:
        placed, transitions = self._placed(track)
        for one in placed:
            element, place = one.element, self._place(one.element, one.start)
            if element.tag != "clipitem":
                continue
            if element.findtext("enabled", "TRUE").upper() == "FALSE":
                self._margin.note("A sound that is switched off is left out", place)
                continue
            if element.find("sequence") is not None:
                self._margin.note("A compound sound (a sequence in a sequence) is left out", place)
                continue
            self._name_effects(element, place)
            moved = self._motion(element, one)
            if moved.speed != 1:
                self._margin.note("A sound is played at normal speed", place)
            opened = next((t for t in transitions if t.start == one.start and not t.goes), None)
            closed = next((t for t in transitions if t.end == one.end and not t.comes and t is not opened), None)
            yield Sound(
                link=self._link(element),
                place=place,
                record=one.start,
                frames=one.end - one.start,
                source=moved.source,
                fade_in=opened.end - opened.start if opened else Fraction(0),
                fade_out=closed.end - closed.start if closed else Fraction(0),
            )


def _colour(generator: ET.Element) -> str:
    """What a colour generator shows; empty for any other."""
    if generator.tag != "generatoritem" or generator.findtext("effect/effectid") != "Color":
        return ""
    value = generator.find("effect/parameter/value")
    if value is None:
        return ""
    levels = [max(0, min(255, int(_number(value, part, 0)))) for part in ("red", "green", "blue")]
    return "#" + "".join(f"{level:02x}" for level in levels)


def _rate(element: ET.Element) -> Fraction | None:
    rate = element.find("rate")
    base = _number(rate, "timebase", 0) if rate is not None else Fraction(0)
    if rate is None or base <= 0:
        return None
    ntsc = rate.findtext("ntsc", "").upper() == "TRUE"
    return exact_rate(base * 1000 / 1001 if ntsc else base)


def _number(element: ET.Element, tag: str, otherwise: int | None = None) -> Fraction:
    text = (element.findtext(tag) or "").strip()
    if _NUMBER.fullmatch(text):
        return Fraction(text)
    if otherwise is None:
        raise BadInput(f"A <{element.tag}> of the file has no <{tag}> that is a number")
    return Fraction(otherwise)
