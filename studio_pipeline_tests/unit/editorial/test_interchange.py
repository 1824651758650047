"""A cut leaves in five formats, and each of them, read by other means, shows the same frame at the same place.

The readers here know the formats (from their specifications and the files of the editors that own them), and nothing of
our writers. Each makes a table: for every frame of the film, which frames of which media it shows, and which transition
runs there. What a frame *should* show is taken from ``pieces.py``, the contract that the renderers follow, too.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path, PureWindowsPath
from urllib.parse import unquote, urlparse
from xml.etree import ElementTree as ET

import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio_pipeline.editorial.edl import write_edl
from studio_pipeline.editorial.fcp7 import write_fcp7
from studio_pipeline.editorial.fcpxml import write_fcpxml
from studio_pipeline.editorial.interchange import FORMATS, write_all
from studio_pipeline.editorial.kdenlive import write_kdenlive
from studio_pipeline.editorial.otio import write_otio
from studio_pipeline.editorial.pieces import Mix, pieces
from studio_pipeline.editorial.shot_list import write_ale, write_csv
from studio_pipeline.editorial.timeline import (
    Mark,
    MusicSpan,
    Quote,
    Speech,
    Speed,
    Timeline,
    TimelineClip,
    Transition,
)
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.takes import Origin

RATES = [(24, True), (23.976, True), (25, True), (29.97, True), (29.97, False), (30, True), (59.94, True), (60, True)]


@dataclass(frozen=True)
class Shown:
    """One frame of a film: ``layers`` are (media, source frame), the outgoing first; ``joint`` is the transition:
    ("dissolve", frame of it, its length), ("wipe", direction, frame, length), ("in" or "out", colour, light)."""

    layers: tuple[tuple[str, int], ...]
    joint: tuple[object, ...] | None = None


Table = list[Shown]


def coming(k: int, n: int, colour: str) -> tuple[object, ...]:
    return ("in", colour, round(k / n, 5))


def going(k: int, n: int, colour: str) -> tuple[object, ...]:
    return ("out", colour, round((n - 1 - k) / n, 5))


def wanted(timeline: Timeline, *, stands: tuple[str, ...] = ()) -> Table:
    """The table the timeline itself asks for.

    ``stands`` is for formats that know one speed for each side of a mix: where a picture comes to stand within a
    transition of these kinds, they have it stand for the whole of it.
    """
    table: Table = []

    def frame(index: int, offset: int) -> tuple[str, int]:
        clip = timeline.clips[index]
        source, moves = clip.source_at(offset), clip.frames - clip.hold
        before, after = timeline.transition_at(index), timeline.transition_at(index + 1)
        if not clip.hold:
            return clip.media.sha256, source
        if after is not None and after.kind in stands:
            # The frame of a fade that is all colour shows nothing.
            taken, lit = (
                (after.in_frames, after.in_frames + after.out_frames)
                if after.mixes
                else (after.out_frames, after.out_frames - 1)
            )
            first = clip.frames - taken
            if first <= offset < first + lit and moves < first + lit:
                source = clip.source_at(first)
        if (
            before is not None
            and before.kind in stands
            and moves < (before.out_frames if before.mixes else before.in_frames)
        ):
            source = clip.source_at(clip.frames - 1)
        return clip.media.sha256, source

    for piece in pieces(timeline):
        for k in range(piece.frames):
            if isinstance(piece, Mix):
                t = piece.transition
                joint = ("wipe", t.direction, k, piece.frames) if t.kind == "wipe" else ("dissolve", k, piece.frames)
                layers = (
                    frame(piece.outgoing, piece.outgoing_first + k),
                    frame(piece.incoming, piece.incoming_first + k),
                )
                table.append(Shown(layers, joint))
                continue
            left = piece.frames - k
            joint = None
            if k < piece.fade_in:
                joint = coming(k, piece.fade_in, piece.in_colour)
            elif left <= piece.fade_out:
                joint = going(piece.fade_out - left, piece.fade_out, piece.out_colour)
            table.append(Shown((frame(piece.clip, piece.first + k),), joint))
    return table


def media_name(url: str) -> str:
    """The digest that our test media are called by."""
    return Path(unquote(urlparse(url).path)).stem


# -- OpenTimelineIO ----------------------------------------------------------------------------------------------------


def otio_table(track: otio.schema.Track, *, named: bool = True) -> Table:
    """What a picture track says, by OTIO's own structure: of our files and of what public adapters read."""
    items = [item for item in track if not isinstance(item, otio.schema.Transition)]
    table: Table = []
    cuts = [0]
    for item in items:
        length = frames_of(item.duration())
        table += [Shown((shown_by(item, k),)) for k in range(length)]
        cuts.append(cuts[-1] + length)
    at = 0
    for place, item in enumerate(track):
        if not isinstance(item, otio.schema.Transition):
            at += 1
            continue
        before, after, cut = frames_of(item.in_offset), frames_of(item.out_offset), cuts[at]
        said = dict(item.metadata.get("studio_pipeline", {}))
        one_sided = place == 0 or place == len(track) - 1
        if said.get("colour") or one_sided:
            colour = said.get("colour", "#000000")
            for k in range(before):
                table[cut - before + k] = Shown(table[cut - before + k].layers, going(k, before, colour))
            for k in range(after):
                table[cut + k] = Shown(table[cut + k].layers, coming(k, after, colour))
            continue
        outgoing, incoming = items[at - 1], items[at]
        for k in range(-before, after):
            layers = (shown_by(outgoing, frames_of(outgoing.duration()) + k), shown_by(incoming, k))
            joint: tuple[object, ...] = ("dissolve", k + before, before + after)
            if item.transition_type == "SMPTE_Wipe":
                joint = ("wipe", said["direction"], k + before, before + after)
            table[cut + k] = Shown(layers, joint)
    return table


def shown_by(item: otio.core.Item, k: int) -> tuple[str, int]:
    """Frame ``k`` of an item, also before its first and after its last."""
    start = item.source_range.start_time.value
    if isinstance(item, otio.schema.Track):
        place = int(start) + k
        for child in item:
            length = frames_of(child.duration())
            if place < length or child is item[-1]:
                return shown_by(child, place)
            place -= length
    speed = 1.0
    for effect in item.effects:
        if isinstance(effect, otio.schema.LinearTimeWarp):
            speed = effect.time_scalar
    return media_name(item.media_reference.target_url), int((start + k * speed + 1e-6) // 1)


def frames_of(time: otio.opentime.RationalTime) -> int:
    assert time.value == int(time.value)
    return int(time.value)


# -- CMX3600 -----------------------------------------------------------------------------------------------------------

EVENT = re.compile(
    r"(\d{3})  (\w+) +V     (C|D|W\d{3}) +(?:(\d{3}) )?([\d:;]{11}) ([\d:;]{11}) ([\d:;]{11}) ([\d:;]{11})"
)
MOTION = re.compile(r"M2   (\w+) +(\d+\.\d+) +([\d:]{11})")


def clock(text: str, base: int, *, drop: bool) -> int:
    """Frames of a timecode, counted minute by minute as the rule is told in words."""
    hours, minutes, seconds, frames = (int(part) for part in re.split("[:;]", text))
    whole_minutes = hours * 60 + minutes
    left_out = (2 if base == 30 else 4) * sum(1 for minute in range(1, whole_minutes + 1) if minute % 10) if drop else 0
    return ((whole_minutes * 60) + seconds) * base + frames - left_out


def edl_table(text: str, base: int, reels: dict[str, str]) -> Table:
    lines = text.replace("\r\n", "\n").splitlines()
    drop = lines[1] == "FCM: DROP FRAME"
    assert lines[0].startswith("TITLE: ") and lines[1] in ("FCM: DROP FRAME", "FCM: NON-DROP FRAME")
    assert all((";" in line) == drop for line in lines if EVENT.match(line))
    groups: list[list[str]] = []
    for line in lines[2:]:
        if EVENT.match(line) and (not groups or line[:3] != groups[-1][0][:3]):
            groups.append([])
        groups[-1].append(line)
    table: Table = []
    for group in groups:
        events = [match for line in group if (match := EVENT.match(line))]
        speeds = [
            (match[1], Fraction(match[2]) / base, clock(match[3], base, drop=drop))
            for line in group
            if (match := MOTION.match(line))
        ]
        notes = [line[2:] for line in group if line.startswith("* ")]

        def reading(
            event: re.Match[str], motions: list[tuple[str, Fraction, int]]
        ) -> Callable[[int], tuple[str, int] | None]:
            start = clock(event[5], base, drop=drop)
            # Three decimals a second: the nearest fraction that anybody would have meant.
            speed = next((s for reel, s, at in motions if reel == event[2] and at == start), Fraction(1))
            speed = speed.limit_denominator(100)
            if event[2] == "BL":
                return lambda k: None
            return lambda k: (reels[event[2]], start + k * speed.numerator // speed.denominator)

        last = events[-1]
        record_in, record_out = (clock(last[n], base, drop=drop) for n in (7, 8))
        assert record_in == len(table) and record_out > record_in
        frames = record_out - record_in
        mix = int(last[4]) if last[4] else 0
        assert mix <= frames and len(events) == (2 if mix else 1)
        comes = reading(last, speeds[-1:] if mix else speeds)
        goes = reading(events[0], speeds[:1]) if mix else None
        reverse = "WIPE REVERSED" in notes
        for k in range(frames):
            if k >= mix or goes is None:
                layer = comes(k)
                table.append(Shown((layer,) if layer else (), None))
                continue
            layers = tuple(layer for layer in (goes(k), comes(k)) if layer)
            directions = {"W001": ("left_to_right", "right_to_left"), "W002": ("top_to_bottom", "bottom_to_top")}
            joint = ("wipe", directions[last[3]][reverse], k, mix) if last[3] != "D" else ("dissolve", k, mix)
            table.append(Shown(layers, joint))
    return table


def as_edl(table: Table) -> Table:
    """``table`` in the words of a list: a fade is a dissolve with black, which has the frame without light alone; of
    another colour the list knows nothing in its events."""
    said = list(table)
    for n, shown in enumerate(table):
        if shown.joint is None or shown.joint[0] not in ("in", "out"):
            continue
        light = shown.joint[2]
        if light == 0:
            said[n] = Shown(())
            continue
        run = [m for m in range(n, -1, -1) if same_fade(table, m, n)]
        first = run[-1]
        last = max(m for m in range(n, len(table)) if same_fade(table, m, n))
        said[n] = Shown(shown.layers, ("dissolve", n - first, last - first + 1))
    return said


def same_fade(table: Table, m: int, n: int) -> bool:
    """Whether frames ``m`` and ``n`` lie in one fade, the frame without light apart."""
    low, high = min(m, n), max(m, n)
    joints = [table[k].joint for k in range(low, high + 1)]
    return all(j is not None and j[0] == table[n].joint[0] and j[2] != 0 for j in joints) and all(
        (table[k + 1].joint[2] > table[k].joint[2]) == (table[n].joint[0] == "in") for k in range(low, high)
    )


# -- Final Cut Pro 7 XML -----------------------------------------------------------------------------------------------


def number(element: ET.Element, tag: str) -> int:
    return int(element.findtext(tag, ""))


def fcp7_items(track: ET.Element) -> Iterator[tuple[ET.Element, int, int]]:
    """(item, first record frame, the frame after its last), what a transition shows of it included."""
    children = [child for child in track if child.tag in ("clipitem", "generatoritem", "transitionitem")]
    for n, item in enumerate(children):
        start, end = number(item, "start"), number(item, "end")
        if start == -1:
            assert children[n - 1].tag == "transitionitem"
            start = number(children[n - 1], "start")
        if end == -1:
            assert children[n + 1].tag == "transitionitem"
            end = number(children[n + 1], "end")
        if item.tag != "transitionitem":
            assert number(item, "out") - number(item, "in") == end - start > 0
        yield item, start, end


def fcp7_source(item: ET.Element, k: int) -> int:
    """The source frame ``k`` frames after the item's ``in``."""
    own = number(item, "in") + k
    graph = item.find("filter/effect/parameter[parameterid='graphdict']")
    if graph is None:
        return own
    points = [
        (Fraction(key.findtext("when", "")), Fraction(key.findtext("value", "")).limit_denominator(10_000))
        for key in graph.iter("keyframe")
    ]
    speed = Fraction(item.findtext("filter/effect/parameter[parameterid='speed']/value", "")) / 100
    first = points[0], points[1]
    assert abs((first[1][1] - first[0][1]) / (first[1][0] - first[0][0]) - speed) < Fraction(1, 10**9)
    for (when, value), (later, there) in zip(points, points[1:], strict=False):
        if own <= later:
            return int((value + (there - value) * (own - when) / (later - when)) // 1)
    raise AssertionError("after the last keyframe")


def fcp7_table(root: ET.Element, frames: int) -> Table:
    files = {file.get("id"): file.findtext("pathurl") for file in root.iter("file") if file.find("pathurl") is not None}
    tracks = root.findall("sequence/media/video/track")
    picture = list(fcp7_items(tracks[-1]))
    below = list(fcp7_items(tracks[0])) if len(tracks) > 1 else []
    table = []
    for r in range(frames):
        layers = tuple(
            (media_name(files[item.find("file").get("id")]), fcp7_source(item, r - start))
            for item, start, end in picture
            if item.tag == "clipitem" and start <= r < end
        )
        running = [
            (item, start, end) for item, start, end in picture if item.tag == "transitionitem" and start <= r < end
        ]
        joint: tuple[object, ...] | None = None
        for item, start, end in running:
            k, n, alignment = r - start, end - start, item.findtext("alignment")
            colours = [colour(one) for one, first, last in below if first <= r < last] or ["#000000"]
            if alignment == "end-black":
                joint = going(k, n, colours[0])
            elif alignment == "start-black":
                joint = coming(k, n, colours[0])
            elif item.findtext("effect/effectid") == "Cross Dissolve":
                joint = ("dissolve", k, n)
            else:
                reverse = item.findtext("effect/reverse") == "TRUE"
                ways = (("left_to_right", "right_to_left"), ("top_to_bottom", "bottom_to_top"))
                joint = ("wipe", ways[number(item.find("effect"), "wipecode") - 1][reverse], k, n)
        assert len(running) <= 1
        table.append(Shown(layers, joint))
    return table


def colour(generator: ET.Element) -> str:
    value = generator.find("effect/parameter/value")
    return "#" + "".join(f"{number(value, part):02x}" for part in ("red", "green", "blue"))


# -- FCPXML ------------------------------------------------------------------------------------------------------------


class Fcpxml:
    """A document, its times in frames."""

    def __init__(self, root: ET.Element) -> None:
        self.root = root
        self.frame = self.seconds(root.find("resources/format").get("frameDuration"))
        self.media = {asset.get("id"): media_name(asset.find("media-rep").get("src")) for asset in root.iter("asset")}
        self.sequence = root.find("event/project/sequence")
        self.spine = list(self.sequence.find("spine"))
        self.clips = [element for element in self.spine if element.tag == "asset-clip"]

    @staticmethod
    def seconds(text: str) -> Fraction:
        assert re.fullmatch(r"\d+(/\d+)?s", text)
        return Fraction(text[:-1])

    def frames(self, element: ET.Element, name: str) -> int:
        """An attribute that must lie on a frame."""
        count = self.seconds(element.get(name, "0s")) / self.frame
        assert count.denominator == 1
        return int(count)

    def source(self, clip: ET.Element, r: int) -> int:
        """The source frame at record frame ``r``, also outside the clip."""
        own = self.frames(clip, "start") + r - self.frames(clip, "offset")
        points = [
            (self.frames(point, "time"), self.seconds(point.get("value")) / self.frame) for point in clip.iter("timept")
        ]
        if not points:
            return own
        for (when, value), (later, there) in zip(points, points[1:], strict=False):
            if own <= later:
                assert own >= points[0][0]
                return int((value + (there - value) * (own - when) / (later - when)) // 1)
        raise AssertionError("after the end of the map")

    def table(self) -> Table:
        table: Table = []
        for clip in self.clips:
            first, length = self.frames(clip, "offset"), self.frames(clip, "duration")
            assert first == len(table) and length > 0  # clips of a spine touch
            fades = clip.find("adjust-blend/param")
            fade_in = fades.find("fadeIn") if fades is not None else None
            fade_out = fades.find("fadeOut") if fades is not None else None
            ins = self.frames(fade_in, "duration") if fade_in is not None else 0
            outs = self.frames(fade_out, "duration") if fade_out is not None else 0
            for k in range(length):
                joint = None
                if k < ins:
                    joint = coming(k, ins, self.colour_below(first + k))
                elif length - k <= outs:
                    joint = going(outs - (length - k), outs, self.colour_below(first + k))
                table.append(Shown(((self.media[clip.get("ref")], self.source(clip, first + k)),), joint))
        for place, transition in enumerate(self.spine):
            if transition.tag != "transition":
                continue
            outgoing, incoming = self.spine[place - 1], self.spine[place + 1]
            first, length = self.frames(transition, "offset"), self.frames(transition, "duration")
            cut = self.frames(incoming, "offset")
            assert abs((cut - first) - (first + length - cut)) <= 1  # Final Cut Pro lays them evenly over the cut
            for k in range(length):
                r = first + k
                layers = tuple((self.media[one.get("ref")], self.source(one, r)) for one in (outgoing, incoming))
                table[r] = Shown(layers, (*self.kind(transition), k, length))
        return table

    def kind(self, transition: ET.Element) -> tuple[str, ...]:
        effect = transition.find("filter-video")
        uid = next(e.get("uid") for e in self.root.iter("effect") if e.get("id") == effect.get("ref"))
        if uid == "FxPlug:4731E73A-8DAC-4113-9A30-AE85B1761265":
            return ("dissolve",)
        assert uid == "FxPlug:857E2FBA-98DB-411B-A88C-CE6ABC1F65D8"
        moves = effect.find("param").get("value").split("(")[1].rstrip(")")
        ways = {"Right": "left_to_right", "Left": "right_to_left", "Down": "top_to_bottom", "Up": "bottom_to_top"}
        return ("wipe", ways[moves])

    def colour_below(self, r: int) -> str:
        for clip in self.clips:
            for solid in clip.findall("video"):
                start = self.frames(clip, "offset") + self.frames(solid, "offset") - self.frames(clip, "start")
                if start <= r < start + self.frames(solid, "duration"):
                    levels = [float(level) for level in solid.find("param").get("value").split()]
                    return "#" + "".join(f"{round(level * 255):02x}" for level in levels)
        return "#000000"


# -- Kdenlive ----------------------------------------------------------------------------------------------------------


class Mlt:
    """A project, played as MLT 7 plays it (measured with ``melt`` on barcode clips)."""

    def __init__(self, root: ET.Element) -> None:
        self.by_id = {element.get("id"): element for element in root.iter() if element.get("id")}
        main = root.findall("tractor")[-1]
        names = [track.get("producer") for track in main.findall("track")]
        assert names[0] == "black_track"
        self.tracks = [self.by_id[name] for name in names[1:]]
        self.picture = next(track for track in self.tracks if said(track, "kdenlive:track_name") == "Picture")

    def entries(self, track: ET.Element) -> Iterator[tuple[int, int, ET.Element]]:
        """(playlist, record frame, entry)."""
        for side, sub in enumerate(track.findall("track")):
            at = 0
            for element in self.by_id[sub.get("producer")]:
                if element.tag == "blank":
                    assert int(element.get("length")) > 0
                    at += int(element.get("length"))
                elif element.tag == "entry":
                    assert int(element.get("out")) >= int(element.get("in")) >= 0
                    yield side, at, element
                    at += int(element.get("out")) - int(element.get("in")) + 1

    def source(self, entry: ET.Element, k: int) -> tuple[str, int]:
        producer = self.by_id[entry.get("producer")]
        place = int(entry.get("in")) + k
        if said(producer, "mlt_service") == "timewarp":
            speed = Fraction(said(producer, "warp_speed")).limit_denominator(10**6)
            return Path(said(producer, "warp_resource")).stem, int((place * speed + Fraction(1, 2)) // 1)
        return Path(said(producer, "resource")).stem, place

    def table(self, frames: int) -> Table:
        entries = list(self.entries(self.picture))
        mixes = self.picture.findall("transition")
        colours = [
            (at, at + int(e.get("out")) + 1, "#" + said(self.by_id[e.get("producer")], "resource")[2:8])
            for track in self.tracks
            if said(track, "kdenlive:track_name") == "Colours"
            for _, at, e in self.entries(track)
        ]
        table = []
        for r in range(frames):
            here = [
                (side, at, entry)
                for side, at, entry in entries
                if at <= r <= at + int(entry.get("out")) - int(entry.get("in"))
            ]
            joint: tuple[object, ...] | None = None
            if len(here) == 2:
                mix = next(m for m in mixes if int(m.get("in")) <= r < int(m.get("out")))
                k, n = r - int(mix.get("in")), int(mix.get("out")) - int(mix.get("in"))
                reverse = said(mix, "reverse") == "1"
                here.sort(key=lambda one: one[0], reverse=reverse)
                map_ = said(mix, "resource")
                ways = {
                    "%luma01.pgm": ("left_to_right", "right_to_left"),
                    "%luma02.pgm": ("top_to_bottom", "bottom_to_top"),
                }
                joint = ("wipe", ways[map_][reverse], k, n) if map_ else ("dissolve", k, n)
            for _, at, entry in here:
                for effect in entry.findall("filter"):
                    place = int(entry.get("in")) + r - at
                    if not int(effect.get("in")) <= place <= int(effect.get("out")):
                        continue
                    assert len(here) == 1
                    below = next((c for start, end, c in colours if start <= r < end), "#000000")
                    light = keyed(
                        said(effect, "level" if below == "#000000" else "alpha"), place - int(effect.get("in"))
                    )
                    way = "in" if said(effect, "kdenlive_id") == "fade_from_black" else "out"
                    joint = (way, below, round(light, 5))
            table.append(Shown(tuple(self.source(entry, r - at) for _, at, entry in here), joint))
        return table


def said(element: ET.Element, name: str) -> str:
    return element.findtext(f"property[@name='{name}']") or ""


def keyed(text: str, at: int) -> float:
    """The value of MLT keyframes (``0=0;5=1``) at a frame."""
    points = [(int(when), float(value)) for when, value in (point.split("=") for point in text.split(";"))]
    for (when, value), (later, there) in zip(points, points[1:], strict=False):
        if when <= at <= later:
            return value + (there - value) * (at - when) / (later - when)
    return points[0][1]


# -- the test ----------------------------------------------------------------------------------------------------------


def resolve_in(folder: Path) -> Callable[[MediaRef], Path]:
    return lambda media: folder / "media" / f"{media.sha256}{media.suffix}"


def sounds_wanted(timeline: Timeline) -> list[list[tuple[str, int, str]]]:
    """For each frame: (media, frame of it, role), straight from the timeline's words."""
    table: list[list[tuple[str, int, str]]] = [[] for _ in range(timeline.frames)]
    for speech in timeline.narration:
        quoted = {n for quote in speech.quotes for n in range(quote.first_frame, quote.first_frame + quote.frames)}
        for k in range(speech.frames):
            role = "dialogue" if k in quoted else "narration"
            table[speech.record_frame + k].append((speech.media.sha256, k, role))
    for span in timeline.music:
        for k in range(span.frames):
            table[span.record_frame + k].append((span.media.sha256, span.source_frame + k, "music"))
    return [sorted(heard) for heard in table]


def laid(frames: int, pieces_: Iterator[tuple[str, int, int, int, str]]) -> list[list[tuple[str, int, str]]]:
    table: list[list[tuple[str, int, str]]] = [[] for _ in range(frames)]
    for media, record, length, source, role in pieces_:
        assert length > 0
        for k in range(length):
            table[record + k].append((media, source + k, role))
    return [sorted(heard) for heard in table]


def check_everything(timeline: Timeline, folder: Path, *, drop: bool) -> None:
    """Write all five, read all five, and compare each with the timeline frame for frame."""
    resolve = resolve_in(folder)
    want, heard = wanted(timeline), sounds_wanted(timeline)
    base = round(timeline.rate.fps)
    drops = drop and timeline.rate.den == 1001 and base in (30, 60)

    write_otio(timeline, folder / "film.otio", resolve)
    film = otio.adapters.read_from_file(str(folder / "film.otio"))
    assert otio_table(film.video_tracks()[0]) == want
    assert film.duration() == otio.opentime.RationalTime(timeline.frames, timeline.rate.num / timeline.rate.den)
    assert laid(timeline.frames, otio_sounds(film)) == heard

    write_fcp7(timeline, folder / "film.xml", resolve, drop_frame=drop)
    root = ET.parse(folder / "film.xml").getroot()
    assert fcp7_table(root, timeline.frames) == want
    assert laid(timeline.frames, fcp7_sounds(root)) == heard
    assert [root.findtext(f"sequence/{tag}") for tag in ("duration", "rate/timebase", "rate/ntsc")] == [
        str(timeline.frames),
        str(base),
        "TRUE" if timeline.rate.den == 1001 else "FALSE",
    ]
    assert root.findtext("sequence/timecode/displayformat") == ("DF" if drops else "NDF")

    write_fcpxml(timeline, folder / "film.fcpxml", resolve, drop_frame=drop)
    document = Fcpxml(ET.parse(folder / "film.fcpxml").getroot())
    assert document.frame == 1 / timeline.rate.fraction
    assert document.table() == want
    assert laid(timeline.frames, fcpxml_sounds(document)) == heard
    assert document.frames(document.sequence, "duration") == timeline.frames
    assert document.sequence.get("tcFormat") == ("DF" if drops else "NDF")

    write_edl(timeline, folder / "film.edl", resolve, drop_frame=drop)
    text = (folder / "film.edl").read_text(encoding="utf-8")
    assert ("FCM: DROP FRAME" in text) == drops
    standing = wanted(timeline, stands=("dissolve", "wipe", "fade_black", "fade_white", "dip"))
    close(edl_table(text, base, reels_by_file(text)), as_edl(standing), timeline, early=1, late=0)

    write_kdenlive(timeline, folder / "film.kdenlive", resolve)
    root = ET.parse(folder / "film.kdenlive").getroot()
    profile = root.find("profile")
    assert Fraction(int(profile.get("frame_rate_num")), int(profile.get("frame_rate_den"))) == timeline.rate.fraction
    project = Mlt(root)
    close(project.table(timeline.frames), wanted(timeline, stands=("dissolve", "wipe")), timeline, early=0, late=1)
    assert laid(timeline.frames, mlt_sounds(project)) == heard
    assert max(int(track.get("out")) for track in (*project.tracks, root.findall("tractor")[-1])) == timeline.frames - 1

    check_shot_lists(timeline, folder, resolve, drop=drop)


def close(got: Table, want: Table, timeline: Timeline, *, early: int, late: int) -> None:
    """``got`` is ``want``; a clip that does not play at normal speed may be one step of its speed early, or late."""
    speeds: dict[str, Fraction] = {}
    for clip in timeline.clips:
        speeds[clip.media.sha256] = max(speeds.get(clip.media.sha256, Fraction(0)), clip.speed.fraction)
        if clip.speed.fraction < 1:
            speeds[clip.media.sha256] = max(speeds[clip.media.sha256], Fraction(1, 2))
    assert [shown.joint for shown in got] == [shown.joint for shown in want]
    assert [[media for media, _ in shown.layers] for shown in got] == [
        [media for media, _ in shown.layers] for shown in want
    ]
    retimed = {clip.media.sha256 for clip in timeline.clips if clip.speed.fraction != 1}
    for r, (one, other) in enumerate(zip(got, want, strict=True)):
        for (media, frame), (_, there) in zip(one.layers, other.layers, strict=True):
            step = -(-speeds[media] // 1) if media in retimed else 0
            assert -early * step <= frame - there <= late * step, (r, media, frame, there)


def reels_by_file(text: str) -> dict[str, str]:
    """Reel → media, as an assistant would find it: by the file that the event's comment names."""
    found, reel, before = {"BL": ""}, "", ""
    for line in text.splitlines():
        if match := EVENT.match(line):
            before, reel = reel, match[2]
        elif line.startswith("* FROM SOURCE FILE: "):
            found[before] = Path(line.removeprefix("* FROM SOURCE FILE: ")).stem
        elif line.startswith("* SOURCE FILE: "):
            media = Path(line.removeprefix("* SOURCE FILE: ")).stem
            assert found.setdefault(reel, media) == media
    return found


def otio_sounds(film: otio.schema.Timeline) -> Iterator[tuple[str, int, int, int, str]]:
    for track in film.audio_tracks():
        assert all(frames_of(item.duration()) > 0 for item in track)
        for clip in track.find_clips():
            record = frames_of(track.range_of_child(clip).start_time)
            span = clip.source_range
            role = {"N": "narration", "D": "dialogue", "M": "music"}[track.name[0]]
            yield (
                media_name(clip.media_reference.target_url),
                record,
                frames_of(span.duration),
                frames_of(span.start_time),
                role,
            )


def fcp7_sounds(root: ET.Element) -> Iterator[tuple[str, int, int, int, str]]:
    files = {file.get("id"): file.findtext("pathurl") for file in root.iter("file") if file.find("pathurl") is not None}
    for track in root.findall("sequence/media/audio/track"):
        if track.get("currentExplodedTrackIndex") != "0":
            continue
        for item, start, end in fcp7_items(track):
            if item.tag == "clipitem":
                role = item.findtext("name", "").split()[0]
                yield media_name(files[item.find("file").get("id")]), start, end - start, number(item, "in"), role


def fcpxml_sounds(document: Fcpxml) -> Iterator[tuple[str, int, int, int, str]]:
    lanes: dict[str, list[tuple[int, int]]] = {}
    for clip in document.clips:
        for sound in clip.findall("asset-clip"):
            start = document.frames(clip, "offset") + document.frames(sound, "offset") - document.frames(clip, "start")
            length = document.frames(sound, "duration")
            lanes.setdefault(sound.get("lane"), []).append((start, start + length))
            role = sound.get("audioRole").split(".")
            said_role = role[1] if role[0] == "dialogue" else role[0]
            yield document.media[sound.get("ref")], start, length, document.frames(sound, "start"), said_role
    for spans in lanes.values():
        spans.sort()
        assert all(int(end <= start) for (_, end), (start, _) in zip(spans, spans[1:], strict=False))


def mlt_sounds(project: Mlt) -> Iterator[tuple[str, int, int, int, str]]:
    for track in project.tracks:
        if said(track, "kdenlive:audio_track") == "1":
            role = said(track, "kdenlive:track_name").split()[0].lower()
            for _, at, entry in project.entries(track):
                media, first = project.source(entry, 0)
                yield media, at, int(entry.get("out")) - int(entry.get("in")) + 1, first, role


def check_shot_lists(timeline: Timeline, folder: Path, resolve: Callable[[MediaRef], Path], *, drop: bool) -> None:
    starts = timeline.record_frames()
    used = [
        (clip.name, clip.source_frame, clip.source_frame + clip.source_frames, start, start + clip.frames)
        for clip, start in zip(timeline.clips, starts, strict=True)
    ]
    base = round(timeline.rate.fps)
    drops = drop and timeline.rate.den == 1001 and base in (30, 60)
    write_csv(timeline, folder / "film.csv", resolve, drop_frame=drop)
    rows = list(csv.DictReader((folder / "film.csv").read_text(encoding="utf-8-sig").splitlines()))
    edges = ("source_in", "source_out", "record_in", "record_out")
    assert [(row["shot"], *(clock(row[edge], base, drop=drops) for edge in edges)) for row in rows] == used
    assert [(row["shot"], *(int(row[f"{edge}_frame"]) for edge in edges)) for row in rows] == used
    write_ale(timeline, folder / "film.ale", resolve, drop_frame=drop)
    shots = otio.adapters.read_from_file(str(folder / "film.ale"), adapter_name="ale")
    for clip, (name, first, last, record_in, record_out) in zip(shots, used, strict=True):
        span = clip.source_range
        assert (clip.metadata["ALE"]["Shot"], frames_of(span.start_time)) == (name, first)
        assert frames_of(span.duration) == last - first
        assert [clock(clip.metadata["ALE"][f"Record {edge}"], base, drop=drops) for edge in ("In", "Out")] == [
            record_in,
            record_out,
        ]


@st.composite
def anything(draw: st.DrawFn, timelines: st.SearchStrategy[Timeline]) -> Timeline:
    """Any cut, at any rate, with direct speech, overlapping music, marks and names that formats choke on."""
    timeline = draw(timelines)
    rate, _ = draw(st.sampled_from(RATES))
    spans = []
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, timeline.frames - 1))
        length = draw(st.integers(1, timeline.frames - start))
        fades = draw(st.tuples(st.integers(0, 60), st.integers(0, 60)))
        media = (
            timeline.music[0].media if draw(st.booleans()) else MediaRef(sha256="b" * 64, suffix=".wav", size_bytes=1)
        )
        spans.append(
            MusicSpan(
                media=media,
                record_frame=start,
                frames=length,
                source_frame=draw(st.integers(0, 500)),
                fade_in=fades[0],
                fade_out=fades[1],
                mood="calm",
            )
        )
    speeches = []
    for speech in timeline.narration:
        quotes = draw(st.lists(st.tuples(st.integers(0, speech.frames - 1), st.integers(1, 30)), max_size=3))
        quoted = tuple(Quote(first_frame=first, frames=min(length, speech.frames - first)) for first, length in quotes)
        speeches.append(speech.model_copy(update={"quotes": quoted}))
    clips = []
    for clip in timeline.clips:
        frame = draw(st.integers(clip.source_frame, clip.source_at(clip.frames - 1)))
        marks = (Mark(source_frame=frame, name=draw(hostile), note=draw(hostile)),) if draw(st.booleans()) else ()
        clips.append(clip.model_copy(update={"marks": marks}))
    return Timeline.model_validate(
        timeline.model_dump()
        | {
            "rate": Rate.of(rate).model_dump(),
            "title": draw(hostile),
            "clips": [clip.model_dump() for clip in clips],
            "music": [span.model_dump() for span in (*timeline.music, *spans)],
            "narration": [speech.model_dump() for speech in speeches],
        }
    )


hostile = st.text(alphabet=st.sampled_from("ab 9é語ع\n\t\x00\x1b\x7f\u2028\ufffe<&>\"']=;%*"), max_size=20) | st.just(
    "]]>"
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), report_multiple_bugs=False)
@given(data=st.data())
def test_every_format_shows_every_frame_where_the_timeline_has_it(timelines, tmp_path_factory, data):
    timeline = data.draw(anything(timelines))
    check_everything(timeline, tmp_path_factory.mktemp("cut"), drop=data.draw(st.booleans()))
