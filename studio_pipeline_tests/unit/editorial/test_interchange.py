"""A cut leaves in five formats, and each of them, read by other means, shows the same frame at the same place.

The readers here know the formats (from their specifications and the files of the editors that own them), and nothing of
our writers. Each makes a table: for every frame of the film, which frames of which media it shows, and which transition
runs there. What a frame *should* show is taken from ``pieces.py``, the contract that the renderers follow, too.
"""

from __future__ import annotations

import csv
import itertools
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path, PureWindowsPath
from urllib.parse import unquote, unquote_to_bytes, urlparse
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


def otio_table(track: otio.schema.Track) -> Table:
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
                return lambda _: None
            return lambda j: (reels[event[2]], start + j * speed.numerator // speed.denominator)

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
    said: Table = []
    for _, fade in itertools.groupby(numbered_fades(table), key=lambda one: one[0]):
        shown = [one for _, one in fade]
        if shown[0].joint is None or shown[0].joint[0] not in ("in", "out"):
            said += shown
            continue
        lit = [one.layers for one in shown if one.joint is not None and one.joint[2] != 0]
        mixed = [Shown(layers, ("dissolve", k, len(lit))) for k, layers in enumerate(lit)]
        dark = [Shown(())] * (len(shown) - len(lit))
        said += [*dark, *mixed] if shown[0].joint[0] == "in" else [*mixed, *dark]
    return said


def numbered_fades(table: Table) -> Iterator[tuple[int, Shown]]:
    """Every frame with the number of its fade: one ends where the light no longer goes the same way."""
    number = 0
    for before, shown in zip([Shown(()), *table], table, strict=False):
        goes_on = (
            before.joint is not None
            and shown.joint is not None
            and before.joint[0] == shown.joint[0] in ("in", "out")
            and (shown.joint[2] > before.joint[2]) == (shown.joint[0] == "in")
        )
        number += not goes_on
        yield number, shown


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
    for (when, value), (later, there) in itertools.pairwise(points):
        if own <= later:
            return int((value + (there - value) * (own - when) / (later - when)) // 1)
    raise AssertionError("after the last keyframe")


def there(frames: int, items: Iterable[tuple[ET.Element, int, int]]) -> list[list[tuple[ET.Element, int, int]]]:
    """For each frame what lies there, in the order of ``items``: (element, first frame, the frame after its last)."""
    lying: list[list[tuple[ET.Element, int, int]]] = [[] for _ in range(frames)]
    for item, start, end in items:
        for r in range(start, end):
            lying[r].append((item, start, end))
    return lying


def fcp7_table(root: ET.Element, frames: int) -> Table:
    files = {file.get("id"): file.findtext("pathurl") for file in root.iter("file") if file.find("pathurl") is not None}
    tracks = root.findall("sequence/media/video/track")
    picture = list(fcp7_items(tracks[-1]))
    below = list(fcp7_items(tracks[0])) if len(tracks) > 1 else []
    table = []
    lying = there(frames, picture)
    for r in range(frames):
        layers = tuple(
            (media_name(files[item.find("file").get("id")]), fcp7_source(item, r - start))
            for item, start, _ in lying[r]
            if item.tag == "clipitem"
        )
        running = [one for one in lying[r] if one[0].tag == "transitionitem"]
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
        self.sequence = root.find("library/event/project/sequence")
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
        for (when, value), (later, there) in itertools.pairwise(points):
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
                    joint = coming(k, ins, self.solids.get(first + k, "#000000"))
                elif length - k <= outs:
                    joint = going(outs - (length - k), outs, self.solids.get(first + k, "#000000"))
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

    @cached_property
    def solids(self) -> dict[int, str]:
        """The colour under each frame that has one."""
        found = {}
        for clip in self.clips:
            for solid in clip.findall("video"):
                start = self.frames(clip, "offset") + self.frames(solid, "offset") - self.frames(clip, "start")
                levels = [float(level) for level in solid.find("param").get("value").split()]
                for r in range(start, start + self.frames(solid, "duration")):
                    found[r] = "#" + "".join(f"{round(level * 255):02x}" for level in levels)
        return found


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
        sides = {id(entry): side for side, _, entry in entries}
        lying = there(
            frames, ((entry, at, at + int(entry.get("out")) - int(entry.get("in")) + 1) for _, at, entry in entries)
        )
        running = there(frames + 1, ((mix, int(mix.get("in")), int(mix.get("out"))) for mix in mixes))
        table = []
        for r in range(frames):
            here = [(sides[id(entry)], at, entry) for entry, at, _ in lying[r]]
            joint: tuple[object, ...] | None = None
            if len(here) == 2:
                ((mix, _, _),) = running[r]
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
    for (when, value), (later, there) in itertools.pairwise(points):
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
        assert all(int(end <= start) for (_, end), (start, _) in itertools.pairwise(spans))


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


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), report_multiple_bugs=False)
@given(data=st.data())
def test_every_format_shows_every_frame_where_the_timeline_has_it(timelines, tmp_path_factory, data):
    timeline = data.draw(anything(timelines))
    check_everything(timeline, tmp_path_factory.mktemp("cut"), drop=data.draw(st.booleans()))


def film(
    clips: list[dict[str, object]], transitions: list[Transition] | None = None, fps: float = 24, **more: object
) -> Timeline:
    """A cut of ``clips``: each of its own media unless it says otherwise, with a handle of 6 frames."""
    made = []
    for n, said_of_clip in enumerate(clips, start=1):
        plain = {
            "name": f"animated.s{n:02d}.k1",
            "media": MediaRef(sha256=f"{n:064x}", suffix=".mp4", size_bytes=1),
            "source_frame": 6,
            "media_frames": int(str(said_of_clip["frames"])) * 2 + 200,
            "scene": n,
            "take": 1,
        }
        made.append(TimelineClip.model_validate(plain | said_of_clip))
    facts = {"name": "balanced", "title": "Sea", "language": "en", "rate": Rate.of(fps), "size": (1280, 720)}
    return Timeline.model_validate(facts | {"clips": tuple(made), "transitions": tuple(transitions or ())} | more)


def joint(at: int, kind: str, out_frames: int, in_frames: int, **more: str) -> Transition:
    return Transition.model_validate({"at": at, "kind": kind, "out_frames": out_frames, "in_frames": in_frames} | more)


HARD = {
    "one-frame clips in a row": film([{"frames": 1}] * 5),
    "a one-frame clip that a dissolve takes whole": film(
        [{"frames": 9}, {"frames": 1}, {"frames": 9}], [joint(1, "dissolve", 1, 4), joint(2, "dissolve", 2, 0)]
    ),
    "transitions that touch": film(
        [{"frames": 9}, {"frames": 6}, {"frames": 9}],
        [joint(1, "wipe", 4, 2), joint(2, "wipe", 3, 2, direction="bottom_to_top")],
    ),
    "wipes one way in a chain": film(
        [{"frames": 12}] * 4, [joint(n, "wipe", 2, 3, direction="right_to_left") for n in (1, 2, 3)]
    ),
    "transitions of no length": film(
        [{"frames": 5}] * 3, [joint(1, "dissolve", 0, 0), joint(2, "dip", 0, 0), joint(3, "fade_black", 0, 0)]
    ),
    "one-sided dissolves": film([{"frames": 9}] * 3, [joint(1, "dissolve", 0, 5), joint(2, "dissolve", 5, 0)]),
    "a clip that is nothing but fades": film(
        [{"frames": 6}, {"frames": 8}], [joint(0, "fade_white", 0, 3), joint(1, "dip", 3, 8, colour="#c81e1e")]
    ),
    "fades of one frame": film([{"frames": 4}] * 2, [joint(n, "fade_black", 1, 1) for n in (0, 1, 2)]),
    "a picture that stops within a dissolve": film(
        [{"frames": 12, "hold": 2}, {"frames": 12}], [joint(1, "dissolve", 4, 5)]
    ),
    "a picture that stops while it comes": film(
        [{"frames": 12}, {"frames": 12, "hold": 11}], [joint(1, "wipe", 4, 5, direction="top_to_bottom")]
    ),
    "a held slow clip between dissolves": film(
        [{"frames": 20}, {"frames": 21, "hold": 7, "speed": Speed(num=3, den=7)}, {"frames": 20}],
        [joint(1, "dissolve", 5, 3), joint(2, "dissolve", 4, 6)],
    ),
    "a hold much longer than its media": film(
        [{"frames": 300, "hold": 290, "media_frames": 16}, {"frames": 60}], [joint(1, "dissolve", 40, 2)]
    ),
    "very slow and very fast": film(
        [{"frames": 90, "speed": Speed(num=1, den=100)}, {"frames": 9, "speed": Speed(num=100), "media_frames": 4000}]
    ),
    "a slow clip from its media's first frame": film(
        [{"frames": 9}, {"frames": 9, "source_frame": 0, "speed": Speed(den=2)}], [joint(1, "dissolve", 3, 0)]
    ),
}


@pytest.mark.parametrize("fps,drop", [(24, True), (29.97, True), (29.97, False)])
@pytest.mark.parametrize("case", HARD)
def test_hard_cases_come_through_too(case, fps, drop, tmp_path):
    check_everything(HARD[case].model_copy(update={"rate": Rate.of(fps)}), tmp_path, drop=drop)


@pytest.mark.parametrize("fps,drop", RATES)
def test_an_hour_does_not_drift_at_any_rate(fps, drop, tmp_path):
    """Late record times and long sources: where a rounded rate or a number left out wrongly would show."""
    hour = round(fps) * 3600
    cut = film([{"frames": hour}, {"frames": 7}, {"frames": 9}], [joint(1, "dissolve", 2, 3)], fps)
    resolve = resolve_in(tmp_path)
    written = write_all(cut, tmp_path, "film", resolve)
    assert written.left_out == () and len(written.names) == len(FORMATS)
    write_edl(cut, tmp_path / "film.edl", resolve, drop_frame=drop)
    lines = (tmp_path / "film.edl").read_text(encoding="utf-8").splitlines()
    drops = "FCM: DROP FRAME" in lines
    assert drops == (drop and fps in (29.97, 59.94))
    times = [[clock(tc, round(fps), drop=drops) for tc in line.split()[-4:]] for line in lines if EVENT.match(line)]
    assert times == [
        [6, hour + 3, 0, hour - 3],
        [hour + 3, hour + 3, hour - 3, hour - 3],
        [3, 13, hour - 3, hour + 7],
        [6, 15, hour + 7, hour + 16],
    ]
    track = otio.adapters.read_from_file(str(tmp_path / "film.otio")).video_tracks()[0]
    assert frames_of(track.range_of_child(track[-1]).start_time) == hour + 7
    items = list(fcp7_items(ET.parse(tmp_path / "film.xml").getroot().find("sequence/media/video/track")))
    assert [(start, end) for _, start, end in items] == [
        (0, hour + 2),
        (hour - 3, hour + 2),
        (hour - 3, hour + 7),
        (hour + 7, hour + 16),
    ]
    document = Fcpxml(ET.parse(tmp_path / "film.fcpxml").getroot())
    last = document.clips[-1]
    assert document.frames(last, "offset") == hour + 7 and document.source(last, hour + 7) == 6
    project = Mlt(ET.parse(tmp_path / "film.kdenlive").getroot())
    assert max((at, entry.get("in")) for _, at, entry in project.entries(project.picture)) == (hour + 7, "6")


# -- what the readers of others see ------------------------------------------------------------------------------------


@st.composite
def plain_cut(draw: st.DrawFn) -> Timeline:
    """Cuts and dissolves only: what the public adapters of FCP7 XML and CMX3600 can read."""
    lengths = draw(st.lists(st.integers(13, 40), min_size=1, max_size=5))
    rate, _ = draw(st.sampled_from(RATES))
    used, joints = 0, []
    for at in range(1, len(lengths)):
        out_frames = draw(st.integers(0, min(6, lengths[at] // 2)))
        in_frames = draw(st.integers(0, min(6, lengths[at - 1] - used)))
        used = 0
        if draw(st.booleans()):
            joints.append(joint(at, "dissolve", out_frames, in_frames))
            used = out_frames
    return film([{"frames": frames} for frames in lengths], joints, rate)


def told(track: otio.schema.Track, media: Callable[[otio.schema.Clip], str]) -> list[tuple[tuple[str, int], ...]]:
    """What each frame shows, by a public adapter's clips and transitions."""
    items = [item for item in track if not isinstance(item, otio.schema.Transition)]
    table: list[tuple[tuple[str, int], ...]] = []
    cuts = [0]
    for item in items:
        start = frames_of(item.source_range.start_time)
        table += [((media(item), start + k),) for k in range(frames_of(item.duration()))]
        cuts.append(len(table))
    at = 0
    for item in track:
        if not isinstance(item, otio.schema.Transition):
            at += 1
            continue
        outgoing, incoming = items[at - 1], items[at]
        tail = frames_of(outgoing.source_range.end_time_exclusive())
        head = frames_of(incoming.source_range.start_time)
        for k in range(-frames_of(item.in_offset), frames_of(item.out_offset)):
            table[cuts[at] + k] = ((media(outgoing), tail + k), (media(incoming), head + k))
    return table


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), report_multiple_bugs=False)
@given(cut=plain_cut(), drop=st.booleans())
def test_the_public_readers_see_cuts_and_dissolves_as_the_timeline_has_them(cut, drop, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cut")
    resolve = resolve_in(folder)
    want = [shown.layers for shown in wanted(cut)]

    def named(clip: otio.schema.Clip) -> str:
        return media_name(clip.media_reference.target_url)

    write_fcp7(cut, folder / "film.xml", resolve, drop_frame=drop)
    film_ = otio.adapters.read_from_file(str(folder / "film.xml"), adapter_name="fcp_xml")
    assert told(film_.video_tracks()[0], named) == want
    assert film_.duration().rate == pytest.approx(cut.rate.fps, abs=0.01)

    write_edl(cut, folder / "film.edl", resolve, drop_frame=drop)
    text = (folder / "film.edl").read_text(encoding="utf-8")
    reels = reels_by_file(text)
    film_ = otio.adapters.read_from_string(text, "cmx_3600", rate=cut.rate.num / cut.rate.den)
    assert told(film_.video_tracks()[0], lambda clip: reels[clip.metadata["cmx_3600"]["reel"]]) == want


@pytest.mark.parametrize("fps,_drop", RATES)
def test_kdenlives_public_reader_opens_the_project(fps, _drop, tmp_path, capsys):
    """A single dissolve: with more clips than two around its mixes that reader, no longer cared for, goes astray."""
    cut = film([{"frames": 20}, {"frames": 30}], [joint(1, "dissolve", 4, 5)], fps)
    write_kdenlive(cut, tmp_path / "film.kdenlive", resolve_in(tmp_path))
    film_ = otio.adapters.read_from_file(str(tmp_path / "film.kdenlive"), adapter_name="kdenlive")
    capsys.readouterr()  # it prints an advertisement
    table = told(film_.video_tracks()[0], lambda clip: media_name(clip.media_reference.target_url))
    assert table == [shown.layers for shown in wanted(cut)]
    assert film_.duration().rate == pytest.approx(cut.rate.fps)


# -- large and odd -----------------------------------------------------------------------------------------------------


def test_five_hundred_clips_leave_in_every_format(tmp_path):
    joints = [joint(at, "dissolve" if at % 2 else "fade_black", 2, 2) for at in range(1, 500, 3)]
    check_everything(film([{"frames": 6 + n % 5} for n in range(500)], joints), tmp_path, drop=True)


def test_a_format_that_cannot_hold_a_cut_does_not_stop_the_others(tmp_path):
    written = write_all(film([{"frames": 2}] * 1000), tmp_path, "film", resolve_in(tmp_path))
    assert set(written.names) == {f"film{suffix}" for suffix in FORMATS} - {"film.edl"}
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(written.names)
    (why,) = written.left_out
    assert why.startswith("film.edl is left out. An EDL holds 999 edits and this cut has 1000")


def test_what_no_format_can_show_is_left_out_and_said(tmp_path):
    crowded = film(
        [{"frames": 9}, {"frames": 4}, {"frames": 9}], [joint(1, "dissolve", 3, 3), joint(2, "dissolve", 3, 3)]
    )
    written = write_all(crowded, tmp_path, "film", resolve_in(tmp_path))
    assert written.names == ("film.otio", "film.ale", "film.csv")
    assert len(written.left_out) == 4 and all("animated.s02.k1 is shorter" in why for why in written.left_out)


def test_the_same_cut_is_written_the_same(tmp_path):
    contents = []
    for _ in range(2):
        write_all(HARD["a held slow clip between dissolves"], tmp_path, "film", resolve_in(tmp_path))
        contents.append({path.name: path.read_bytes() for path in tmp_path.iterdir()})
    assert contents[0] == contents[1]


PLACES = {
    "spaces and signs": Path("/films/My 50% #1 & <sea>/q'uo\"te"),
    "other scripts": Path("/films/海の灯台/Café/سفينة"),
    "a drive": PureWindowsPath("D:/My Films/ü"),
    "a share": PureWindowsPath("//server/share/My Films"),
}


@pytest.mark.parametrize("kind", PLACES)
def test_links_lead_to_media_wherever_they_lie(kind, tmp_path):
    """Every link is a valid URL (or, in Kdenlive, a plain path) of the very file."""
    place = PLACES[kind]
    cut = film([{"frames": 5}, {"frames": 5, "speed": Speed(den=2)}])
    write_all(cut, tmp_path, "film", lambda media: place / f"{media.sha256}.mp4")
    where = place / f"{cut.clips[0].media.sha256}.mp4"
    windows = isinstance(place, PureWindowsPath)

    otio_url = next(
        iter(otio.adapters.read_from_file(str(tmp_path / "film.otio")).find_clips())
    ).media_reference.target_url
    fcp7_url = ET.parse(tmp_path / "film.xml").getroot().findtext(".//pathurl")
    fcpx_url = ET.parse(tmp_path / "film.fcpxml").getroot().find(".//media-rep").get("src")
    kdenlive = said(ET.parse(tmp_path / "film.kdenlive").getroot().find("producer"), "resource")
    for url in (otio_url, fcp7_url, fcpx_url):
        assert url.isascii() and re.fullmatch(r"[A-Za-z0-9%/:._~!$'()*+,;=@&-]+", url)
    if windows:
        assert kdenlive == str(where)
        assert otio_url == fcpx_url == where.as_uri()
        host, path = urlparse(fcp7_url).netloc, unquote(urlparse(fcp7_url).path)
        assert host == "localhost" and PureWindowsPath(path.lstrip("/") if place.drive == "D:" else path) == where
    else:
        assert (tmp_path / unquote(otio_url)).resolve() == (tmp_path / kdenlive).resolve() == where
        assert fcpx_url.startswith("../") and (tmp_path / unquote(fcpx_url)).resolve() == where
        assert fcp7_url.startswith("file://localhost/") and unquote(urlparse(fcp7_url).path) == str(where)


def test_a_folder_whose_name_is_no_text_is_linked_where_links_are_bytes(tmp_path):
    """Disks hold any bytes; where a format writes paths as text, it is left out and says why."""
    place = tmp_path / os.fsdecode(b"caf\xe9")
    cut = film([{"frames": 5}])
    written = write_all(cut, tmp_path, "film", lambda media: place / f"{media.sha256}.mp4")
    where = place / f"{cut.clips[0].media.sha256}.mp4"
    otio_url = next(
        iter(otio.adapters.read_from_file(str(tmp_path / "film.otio")).find_clips())
    ).media_reference.target_url
    fcpx_url = ET.parse(tmp_path / "film.fcpxml").getroot().find(".//media-rep").get("src")
    for url in (otio_url, fcpx_url):
        assert os.fsencode(tmp_path) + b"/" + unquote_to_bytes(url.removeprefix("./")) == os.fsencode(where)
    assert [line.partition(" ")[0] for line in written.left_out] == ["film.kdenlive"]
    assert "cannot write" in written.left_out[0]


def test_marks_ratings_and_makers_are_where_an_editor_looks(tmp_path):
    origin = Origin(role="clip", vendor="runway", model="gen4.5", identity="x", simulated=False)
    said_of_clip = {
        "frames": 20,
        "rating": 81.4,
        "marks": (Mark(source_frame=9, name="a third hand", note="left edge"),),
        "origins": (origin,),
    }
    cut = film([said_of_clip, {"frames": 9, "speed": Speed(num=2), "marks": (Mark(source_frame=12, name="jump"),)}])
    write_all(cut, tmp_path, "film", resolve_in(tmp_path))

    first, _ = otio.adapters.read_from_file(str(tmp_path / "film.otio")).find_clips()
    assert [(m.name, m.comment, m.color, m.marked_range.start_time.value) for m in first.markers] == [
        ("rating 81", "", "GREEN", 6),
        ("a third hand", "left edge", "ORANGE", 9),
    ]
    assert dict(first.metadata["studio_pipeline"]["origins"][0])["model"] == "gen4.5"
    root = ET.parse(tmp_path / "film.xml").getroot()
    assert [(m.findtext("name"), number(m, "in")) for m in root.iter("marker")] == [
        ("rating 81", 6),
        ("a third hand", 9),
        ("jump", 12),
    ]
    document = Fcpxml(ET.parse(tmp_path / "film.fcpxml").getroot())
    for clip, frame in ((document.clips[0], 9), (document.clips[1], 12)):
        marker = clip.findall("marker")[-1]
        local = document.frames(marker, "start") - document.frames(clip, "start") + document.frames(clip, "offset")
        assert document.source(clip, local) == frame
    assert document.clips[0].findtext("note") == "clip: runway gen4.5"
    project = ET.parse(tmp_path / "film.kdenlive").getroot()
    assert json.loads(said(project.find("producer"), "kdenlive:markers"))[1] == {
        "comment": "a third hand: left edge",
        "pos": 9,
        "type": 0,
    }
    (row, _) = csv.DictReader((tmp_path / "film.csv").read_text(encoding="utf-8-sig").splitlines())
    assert (row["vendor"], row["model"], row["issues"]) == ("runway", "gen4.5", "a third hand: left edge")


def test_music_fades_leave_with_the_music(tmp_path):
    music = MusicSpan(
        media=MediaRef(sha256="c" * 64, suffix=".wav", size_bytes=1),
        record_frame=4,
        frames=20,
        source_frame=3,
        fade_in=5,
        fade_out=7,
        mood="calm",
    )
    write_all(film([{"frames": 30}], music=(music,)), tmp_path, "film", resolve_in(tmp_path))
    (track,) = otio.adapters.read_from_file(str(tmp_path / "film.otio")).audio_tracks()
    said_of_it = dict(track[1].metadata["studio_pipeline"])
    assert (track[1].name, said_of_it["fade_in"], said_of_it["fade_out"]) == ("music calm", 5, 7)
    tracks = ET.parse(tmp_path / "film.xml").getroot().findall("sequence/media/audio/track")
    assert len(tracks) == 2  # stereo
    for one in tracks:
        fades = [(number(t, "start"), number(t, "end"), t.findtext("alignment")) for t in one.iter("transitionitem")]
        assert fades == [(4, 9, "start-black"), (17, 24, "end-black")]
        assert {link.findtext("linkclipref") for link in one.iter("link")} == {
            item.get("id") for both in tracks for item in both.iter("clipitem")
        }
    document = Fcpxml(ET.parse(tmp_path / "film.fcpxml").getroot())
    fades = document.clips[0].find("asset-clip/adjust-volume/param")
    assert [(fade.tag, document.frames(fade, "duration")) for fade in fades] == [("fadeIn", 5), ("fadeOut", 7)]
    entry = next(
        e for e in ET.parse(tmp_path / "film.kdenlive").getroot().iter("entry") if e.find("filter") is not None
    )
    assert [(said(f, "kdenlive_id"), f.get("in"), f.get("out")) for f in entry.findall("filter")] == [
        ("fadein", "3", "7"),
        ("fadeout", "16", "22"),
    ]


def test_every_format_says_what_opens_it():
    assert list(FORMATS) == [".otio", ".edl", ".xml", ".fcpxml", ".ale", ".csv", ".kdenlive"]
    assert all(format_.opens_in and "\n" not in format_.opens_in for format_ in FORMATS.values())
