"""Encoded frames as they lie in files: where a clip can be cut without decoding, and films made of copied packets.

What lives here: PyAV on packets. What does not: which frames are copied (``segments.py``) and who draws the others.

A film's packets are counted, never timed: the picture shown at frame ``n`` has the time stamp ``n`` ticks, the n-th
packet is decoded ``n - 1`` ticks in (a decoder of the house format keeps one picture back, so the first is decoded one
tick before the film begins; an edit list says so, and players begin with frame 0). Joining files with ffmpeg's concat
demuxer instead gave 1,386 frames of 1,380, and time stamps that run backwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream

from studio_pipeline.errors import MediaDamaged
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.encode import house_header, timescale
from studio_pipeline.media.ffmpeg import as_argument
from studio_pipeline.media.opening import open_to_read
from studio_pipeline.media.segments import Seams

_KEPT_BACK = 1
"""Pictures that may lie between where a picture is decoded and where it is shown: the house format has two between
references, and none of them is a reference (``bframes=2:b-pyramid=0``)."""
_IDR, _LENGTH_BYTES = 5, 4


@dataclass(frozen=True)
class HouseFormat:
    """What all packets of a film have in common: size in pixels, rate, and parameter sets (``avcC``)."""

    size: tuple[int, int]
    rate: Rate
    header: bytes

    @classmethod
    def of(cls, size: tuple[int, int], rate: Rate) -> HouseFormat:
        return cls(size, rate, house_header(size, rate))

    @property
    def time_base(self) -> Fraction:
        return Fraction(1, timescale(self.rate))

    @property
    def tick(self) -> int:
        """Length of a frame in units of ``time_base``."""
        return timescale(self.rate) * self.rate.den // self.rate.num

    def stream(self, media: InputContainer) -> VideoStream | None:
        """The pictures of ``media``, when their packets can be part of a film."""
        video = media.streams.video
        if len(video) != 1 or video[0].time_base != self.time_base:
            return None
        context = video[0].codec_context
        if context is None:  # a coding that PyAV does not know, which its types do not say
            return None
        known = (context.name, context.pix_fmt, (context.width, context.height), context.extradata)
        return video[0] if known == ("h264", "yuv420p", self.size, self.header) else None


@dataclass(frozen=True)
class Stretch:
    """``frames`` frames of the file at ``path``, from ``first`` on, with which a group of pictures begins."""

    path: Path
    first: int
    frames: int


def read_seams(path: Path, frames: int, house: HouseFormat) -> Seams | None:
    """Where the clip at ``path`` can be cut; ``None`` when it is not of ``frames`` frames in the house format."""
    try:
        with open_to_read(path) as media:
            stream = house.stream(media)
            if stream is None:
                return None
            shown = [(packet.pts, _begins_anew(packet)) for packet in media.demux(stream) if packet.size]
    except (FFmpegError, OSError):
        return None  # whoever draws it will say what is wrong with it
    order = [pts // house.tick for pts, _ in shown if pts is not None and pts % house.tick == 0]
    if len(order) < len(shown) or sorted(order) != list(range(frames)):
        return None
    return _seams(order, [anew for _, anew in shown])


def _seams(order: list[int], anew: list[bool]) -> Seams | None:
    """Seams of a clip whose packets show the frames ``order``, with ``anew`` where nothing before is needed."""
    entries: list[int] = []
    exits: list[int] = []
    latest = -1
    for number, (frame, begins) in enumerate(zip(order, anew, strict=True)):
        whole_before = latest == number - 1  # whether what was decoded so far is all that is shown before
        if number - frame > _KEPT_BACK or (number == 0 and not begins):
            return None
        if begins and whole_before and frame == number:
            entries.append(frame)
        latest = max(latest, frame)
        if latest == number and number > entries[-1]:
            exits.append(number + 1)
    return Seams(tuple(entries), tuple(exits))


def fits(path: Path, frames: int, house: HouseFormat) -> bool:
    """Whether the file at ``path`` can be a stretch of ``frames`` frames."""
    try:
        with open_to_read(path) as media:
            stream = house.stream(media)
            return stream is not None and stream.frames == frames
    except (FFmpegError, OSError):
        return False


def write_film(into: Path, stretches: Iterable[Stretch], house: HouseFormat) -> None:
    """Write ``stretches``, one after another, to ``into`` as one MP4. A single packet is held at a time.

    Raises:
        MediaDamaged: a stretch has not the frames it should have, or not in the house format.
        FFmpegError: the film cannot be written.
    """
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    with av.open(as_argument(into), "w", format="mp4", options=options) as film:
        track: VideoStream | None = None
        written = 0
        for stretch in stretches:
            with _opened(stretch.path) as media:
                stream = house.stream(media)
                if stream is None:
                    raise _damaged(stretch, "is not in the house format any more")
                if track is None:
                    track = film.add_stream_from_template(stream)
                    track.time_base = house.time_base
                for number, packet in enumerate(_packets(media, stream, stretch, house)):
                    frame = (packet.pts or 0) // house.tick - stretch.first
                    packet.stream, packet.time_base = track, house.time_base
                    packet.pts = (written + frame) * house.tick
                    packet.dts = (written + number - _KEPT_BACK) * house.tick
                    packet.duration = house.tick
                    film.mux_one(packet)
                written += stretch.frames


def _opened(path: Path) -> InputContainer:
    try:
        return open_to_read(path)
    except FFmpegError as bad:
        raise MediaDamaged(
            f"{path.name} cannot be read as media: {bad.strerror}", where=str(path), todo="Make or fetch it again."
        ) from bad


def _packets(media: InputContainer, stream: VideoStream, stretch: Stretch, house: HouseFormat) -> Iterator[Packet]:
    """The packets of ``stretch`` in the order they are decoded."""
    wanted = stretch.first * house.tick
    if stretch.first:
        # A packet is found by when it is decoded, which is up to a frame before it is shown.
        media.seek(wanted - _KEPT_BACK * house.tick, stream=stream)
    found = 0
    for packet in media.demux(stream):
        if found == stretch.frames or not packet.size:
            break
        if found or packet.pts == wanted:
            yield packet
            found += 1
    if found < stretch.frames:
        raise _damaged(stretch, f"is cut off: {found} of {stretch.frames} frames from {stretch.first} on are there")


def _damaged(stretch: Stretch, problem: str) -> MediaDamaged:
    return MediaDamaged(f"{stretch.path.name} {problem}", where=str(stretch.path), todo="Make or fetch it again.")


def _begins_anew(packet: Packet) -> bool:
    """Whether it is an IDR picture, after which nothing refers to what was before."""
    if not packet.is_keyframe:
        return False
    content, at = memoryview(packet), 0
    while at + _LENGTH_BYTES < len(content):
        if content[at + _LENGTH_BYTES] & 31 == _IDR:
            return True
        at += _LENGTH_BYTES + int.from_bytes(content[at : at + _LENGTH_BYTES], "big")
    return False
