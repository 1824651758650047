"""The timeline as a Kdenlive project (MLT XML), which `melt` plays, too.

Not through the public OTIO adapter: that one is no longer cared for (Kdenlive opens ``.otio`` by itself since 25.04),
prints to standard output, and loses every transition, the fades, the frame size, held pictures, and rates it rounds.
Its *reader* opens these projects, and a test holds cuts and dissolves to it; another renders one with ``melt`` where
that is installed.

- The layout is that of Kdenlive 21.12 (document version 1.04), which later versions bring up to date by themselves:
  a bin, two playlists a track, a mix between the two wherever clips overlap.
- Positions are frames, the rate is the profile's exact fraction, links are relative to the project's folder.
- A dissolve is a ``luma`` mix, a wipe one with the built-in bar map. MLT begins a mix at its first frame with nothing
  of the incoming clip, we with a share of it.
- A fade is a brightness effect; another colour than black lies on the track below while the clip gets transparent.
- Speed is a ``timewarp`` of the whole media. It counts from the media's first frame, so where that does not come out
  even a clip shows frames up to one step of its speed later than the film.
- A held picture is a piece of a ``timewarp`` so slow that one frame lasts for all of it: Kdenlive knows no freeze that
  is longer than the rest of the media. A mix joins two clips: where a picture comes to stand while it is mixed, it
  stands for the whole of the mix.
- Narration, dialogue and music are audio tracks with fades; roles are the names of the tracks.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from fractions import Fraction
from math import gcd
from pathlib import Path
from xml.etree import ElementTree as ET

from studio_pipeline.editorial.kdenlive_runs import Run, leaving, mixing, own_frame, runs_of, slowness
from studio_pipeline.editorial.links import Resolve, one_line, path_in_xml, xml_document
from studio_pipeline.editorial.mlt import Playlist, light_fade, mixed, say, sound_fade
from studio_pipeline.editorial.parts import colours_below
from studio_pipeline.editorial.pieces import edges, pieces
from studio_pipeline.editorial.sound_lanes import Lane, sound_lanes, sound_lengths
from studio_pipeline.editorial.timeline import Timeline, TimelineClip
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.whole_file import write_whole

_DOCUMENT_VERSION = "1.04"
_KDENLIVE_VERSION = "21.12.3"
_MLT_VERSION = "7.4.0"
_FIRST_BIN_ID = 2
_OWN = "237"
"""Marks transitions that Kdenlive lays between tracks by itself."""


def write_kdenlive(timeline: Timeline, into: Path, resolve: Resolve) -> None:
    """Write ``timeline`` to ``into``.

    Raises:
        BadInput: two transitions meet inside one clip, or a path has something in it that XML cannot write.
    """
    pieces(timeline)
    write_whole(into, xml_document(_Project(timeline, resolve, into.parent).element(), ""))


class _Project:
    """One project while it is written: MLT wants everything described before it is used."""

    def __init__(self, timeline: Timeline, resolve: Resolve, folder: Path) -> None:
        self._timeline = timeline
        self._resolve = resolve
        self._folder = folder
        self._producers: dict[tuple[MediaRef | str, Fraction], ET.Element] = {}
        self._bin_ids: dict[MediaRef | str, str] = {}
        self._lists: list[ET.Element] = []
        """Playlists and the tractors of single tracks, in the order they must be written in."""
        self._tracks = 0
        lengths = {clip.media: clip.media_frames for clip in timeline.clips}
        self._lengths: dict[MediaRef, int] = lengths | sound_lengths(timeline)
        self._uses: dict[MediaRef, list[TimelineClip]] = {}
        for clip in timeline.clips:
            self._uses.setdefault(clip.media, []).append(clip)
        self._colours = colours_below(timeline)

    def element(self) -> ET.Element:
        timeline = self._timeline
        sounds = [self._sound_track(lane) for lane in reversed(sound_lanes(timeline))]
        pictures = [self._colour_track()] if self._colours else []
        pictures.append(self._picture_track())
        root = ET.Element(
            "mlt",
            LC_NUMERIC="C",
            producer="main_bin",
            version=_MLT_VERSION,
            title=one_line(timeline.title) or timeline.name,
        )
        root.append(self._profile())
        root.extend(self._producers.values())
        root.append(self._bin())
        black = say(
            ET.SubElement(root, "producer", id="black_track", out=str(timeline.frames - 1)), "length", "2147483647"
        )
        for name, value in (("eof", "continue"), ("resource", "black"), ("mlt_service", "color")):
            say(black, name, value)
        root.extend(self._lists)
        root.append(self._main(sounds, pictures))
        return root

    def _profile(self) -> ET.Element:
        rate, (width, height) = self._timeline.rate, self._timeline.size
        shared = gcd(width, height)
        facts = {
            "description": f"{width}x{height} {rate.fps:.5g} fps",
            "width": width,
            "height": height,
            "progressive": 1,
            "sample_aspect_num": 1,
            "sample_aspect_den": 1,
            "display_aspect_num": width // shared,
            "display_aspect_den": height // shared,
            "frame_rate_num": rate.num,
            "frame_rate_den": rate.den,
            "colorspace": 709,
        }
        return ET.Element("profile", {name: str(value) for name, value in facts.items()})

    def _bin(self) -> ET.Element:
        timeline = self._timeline
        identity = hashlib.sha256("/".join([timeline.name, *(clip.media.sha256 for clip in timeline.clips)]).encode())
        bin_ = ET.Element("playlist", id="main_bin")
        for name, value in (
            ("kdenliveversion", _KDENLIVE_VERSION),
            ("version", _DOCUMENT_VERSION),
            ("documentid", str(int(identity.hexdigest()[:10], 16))),
            ("audioChannels", "2"),
            ("decimalPoint", "."),
        ):
            say(bin_, f"kdenlive:docproperties.{name}", value)
        say(bin_, "xml_retain", "1")
        for (_, speed), producer in self._producers.items():
            if speed == 1:
                said = {name: producer.get(name, "0") for name in ("in", "out")}
                ET.SubElement(bin_, "entry", {"producer": producer.get("id", "")} | said)
        return bin_

    def _media(self, media: MediaRef, speed: Fraction = Fraction(1)) -> tuple[str, str]:
        """(producer, bin clip) of ``media`` played at ``speed``."""
        if speed != 1:
            self._media(media)  # the bin shows it as it was shot
        producer = self._producers.get((media, speed))
        if producer is None:
            place = self._resolve(media)
            way = path_in_xml(place, self._folder)
            length = -(-self._lengths[media] // speed)
            producer = self._producer(media, speed, length)
            if speed == 1:
                self._describe(producer, media, way, place.name)
            else:
                for name, value in (
                    ("mlt_service", "timewarp"),
                    ("resource", f"{float(speed):.9g}:{way}"),
                    ("warp_speed", f"{float(speed):.9g}"),
                    ("warp_resource", way),
                    ("warp_pitch", "0"),
                    ("set.test_audio", "1"),
                ):
                    say(producer, name, value)
        return producer.get("id", ""), self._bin_ids[media]

    def _describe(self, producer: ET.Element, media: MediaRef, way: str, name: str) -> None:
        clips = self._uses.get(media, [])
        shown = one_line(clips[0].name if clips else name)
        for key, value in (
            ("mlt_service", "avformat-novalidate"),
            ("resource", way),
            ("kdenlive:clipname", shown),
            ("seekable", "1"),
        ):
            say(producer, key, value)
        markers = [marker for clip in clips for marker in _markers(clip)]
        if markers:
            say(producer, "kdenlive:markers", json.dumps(markers, ensure_ascii=False))

    def _producer(self, media: MediaRef | str, speed: Fraction, length: int) -> ET.Element:
        bin_id = self._bin_ids.setdefault(media, str(len(self._bin_ids) + _FIRST_BIN_ID))
        producer = ET.Element("producer", {"id": f"producer{len(self._producers)}", "in": "0", "out": str(length - 1)})
        self._producers[media, speed] = producer
        for name, value in (("length", str(length)), ("eof", "pause"), ("kdenlive:id", bin_id)):
            say(producer, name, value)
        return producer

    def _track(self, name: str, *, audio: bool) -> tuple[list[Playlist], ET.Element]:
        """The two playlists of a new track, and its tractor, which is to be appended when they are full."""
        lists = [Playlist(f"playlist{2 * self._tracks + n}") for n in (0, 1)]
        tractor = ET.Element("tractor", id=f"tractor{self._tracks}")
        self._tracks += 1
        if audio:
            say(tractor, "kdenlive:audio_track", "1")
            for playlist in lists:
                say(playlist.element, "kdenlive:audio_track", "1")
        say(tractor, "kdenlive:track_name", one_line(name))
        for playlist in lists:
            ET.SubElement(tractor, "track", hide="video" if audio else "audio", producer=playlist.name)
        return lists, tractor

    def _close(self, lists: list[Playlist], tractor: ET.Element) -> str:
        tractor.set("in", "0")
        tractor.set("out", str(max(playlist.end for playlist in lists) - 1))
        self._lists += [*(playlist.element for playlist in lists), tractor]
        return tractor.get("id", "")

    def _sound_track(self, lane: Lane) -> str:
        lists, tractor = self._track(lane.name, audio=True)
        for sound in lane.sounds:
            producer, bin_id = self._media(sound.media)
            first, last = sound.source_frame, sound.source_frame + sound.frames - 1
            entry = lists[0].place(producer, bin_id, sound.record_frame, first, last)
            if sound.fade_in:
                entry.append(sound_fade("fadein", first, first + sound.fade_in - 1))
            if sound.fade_out:
                entry.append(sound_fade("fadeout", last - sound.fade_out + 1, last))
        return self._close(lists, tractor)

    def _colour_track(self) -> str:
        lists, tractor = self._track("Colours", audio=False)
        for record_frame, frames, colour in self._colours:
            key = (colour, Fraction(1))
            if key not in self._producers:
                producer = self._producer(colour, Fraction(1), self._timeline.frames)
                for name, value in (("mlt_service", "color"), ("resource", f"0x{colour[1:]}ff")):
                    say(producer, name, value)
                say(producer, "kdenlive:clipname", f"Color {colour}")
            lists[0].place(self._producers[key].get("id", ""), self._bin_ids[colour], record_frame, 0, frames - 1)
        return self._close(lists, tractor)

    def _picture_track(self) -> str:
        timeline, starts = self._timeline, self._timeline.record_frames()
        lists, tractor = self._track("Picture", audio=False)
        leaves_on, mixes = 0, []  # the playlist of the clip before, and the mixes so far
        for index, clip in enumerate(timeline.clips):
            before, after = mixing(timeline, index), mixing(timeline, index + 1)
            if before is not None:
                mixes.append(mixed(before, starts[index], incoming=1 - leaves_on))
            wanted = leaving(after)
            comes_on = 1 - leaves_on if before is not None else wanted or 0
            leaves_on = comes_on if wanted is None else wanted
            parting = clip.frames - (after.in_frames if after is not None else 0)
            for run in runs_of(timeline, index, parting if leaves_on != comes_on else None):
                speed = clip.speed.fraction if run.still is None else Fraction(1, slowness(run.frames))
                own = own_frame(clip, speed, run)
                producer, bin_id = self._media(clip.media, speed)
                side = leaves_on if run.first >= parting else comes_on
                entry = lists[side].place(producer, bin_id, starts[index] + run.first, own, own + run.frames - 1)
                entry.extend(self._fades(index, run, own))
        tractor.extend(mixes)
        return self._close(lists, tractor)

    def _fades(self, index: int, run: Run, own: int) -> Iterator[ET.Element]:
        """The parts of the clip's fades that lie in ``run``, whose first frame is ``own`` in its producer."""
        edge, frames = edges(self._timeline, index), self._timeline.clips[index].frames
        for name, first, last, colour in (
            ("fade_from_black", 0, edge.fade_in, edge.in_colour),
            ("fade_to_black", frames - edge.fade_out, frames, edge.out_colour),
        ):
            first_here, last_here = max(first, run.first), min(last, run.first + run.frames)
            if first_here >= last_here:
                continue
            whole = last - first

            def level(offset: int, first: int = first, last: int = last, whole: int = whole, name: str = name) -> float:
                return (offset - first if name == "fade_from_black" else last - 1 - offset) / whole

            yield light_fade(
                name,
                own + first_here - run.first,
                own + last_here - 1 - run.first,
                (level(first_here), level(last_here - 1)),
                through=colour,
            )

    def _main(self, sounds: list[str], pictures: list[str]) -> ET.Element:
        main = ET.Element("tractor", {"id": f"tractor{self._tracks}", "global_feed": "1", "in": "0"})
        main.set("out", str(self._timeline.frames - 1))
        ET.SubElement(main, "track", producer="black_track")
        for name in (*sounds, *pictures):
            ET.SubElement(main, "track", producer=name)
        for number in range(1, len(sounds) + len(pictures) + 1):
            service = "mix" if number <= len(sounds) else "qtblend"
            laid = ET.SubElement(main, "transition", id=f"transition{number}")
            for name, value in (
                ("a_track", "0"),
                ("b_track", str(number)),
                ("mlt_service", service),
                ("kdenlive_id", service),
                ("internal_added", _OWN),
                ("always_active", "1"),
            ):
                say(laid, name, value)
            if service == "mix":
                say(say(laid, "accepts_blanks", "1"), "sum", "1")
        return main


def _markers(clip: TimelineClip) -> list[dict[str, str | int]]:
    said = [(f"rating {clip.rating:.0f}", clip.source_frame)] if clip.rating is not None else []
    said += [(f"{mark.name}: {mark.note}" if mark.note else mark.name, mark.source_frame) for mark in clip.marks]
    return [{"comment": one_line(text), "pos": frame, "type": 0} for text, frame in said]
