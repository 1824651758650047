"""Glances: single frames of clips, very small, for measures that need no more (``joints``, ``colour``, …).

A clip is read once for all the frames that are asked for together, and of the others only those are decoded that these
are built from: about a third of a clip in the house format. Frames count from 0. What a picture means for a cut is
decided in ``stages/editing``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from av.error import FFmpegError
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from studio_pipeline.errors import MediaDamaged
from studio_pipeline.media.arrival import check_coding
from studio_pipeline.media.opening import open_to_read

LONG_SIDE_PX = 160


@dataclass(frozen=True)
class Glance:
    """One frame, 160 pixels on its long side: Y, Cb and Cr as stored (BT.709, limited range), 8-bit."""

    planes: np.ndarray
    """3 × height × width."""

    @classmethod
    def of(cls, planes: tuple[np.ndarray, np.ndarray, np.ndarray]) -> Glance:
        return cls(np.stack(planes))

    @property
    def parts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        y, cb, cr = self.planes
        return y, cb, cr

    @cached_property
    def luma(self) -> np.ndarray:
        return self.planes[0].astype(np.float32)

    @cached_property
    def rgb(self) -> np.ndarray:
        """Height × width × 3, from 0 to 1."""
        y, cb, cr = self.planes.astype(np.float32)
        y, cb, cr = (y - 16) / 219, (cb - 128) / 224, (cr - 128) / 224
        red, blue = y + 1.5748 * cr, y + 1.8556 * cb  # ITU-R BT.709-6
        return np.clip(np.stack((red, (y - 0.2126 * red - 0.0722 * blue) / 0.7152, blue), axis=-1), 0, 1)


class Glances:
    """The frames that have been looked at. Keeps some 43 kB of each for as long as it lives."""

    def __init__(self) -> None:
        self._seen: dict[tuple[Path, int], Glance] = {}

    def look(self, path: Path, frames: Iterable[int]) -> dict[int, Glance]:
        """The frames of the clip ``path`` that are asked for.

        Raises:
            MediaDamaged: it is not a clip, does not decode, or has no such frame.
        """
        wanted = set(frames)
        unseen = {frame for frame in wanted if (path, frame) not in self._seen}
        if unseen:
            for number, frame in frames_of(path, unseen):
                self._seen[path, number] = _glance(frame)
        return {frame: self._seen[path, frame] for frame in sorted(wanted)}


def frames_of(path: Path, wanted: Iterable[int]) -> Iterator[tuple[int, VideoFrame]]:
    """The frames of the clip ``path`` that are asked for, in order, each with its number.

    Raises:
        MediaDamaged: it is not a clip, does not decode, or has no such frame.
    """
    missing = set(wanted)
    try:
        with open_to_read(path) as media:
            if not media.streams.video:
                raise MediaDamaged(
                    f"{path.name} has no pictures in it", where=str(path), todo="Make or fetch it again."
                )
            stream = media.streams.video[0]
            check_coding(path, stream)
            stream.thread_count = 1  # frames in other threads would come after what to skip was said of later ones
            numbered = _Numbers(stream)
            for group in _groups(media.demux(stream)):
                for frame in _decoded(stream.codec_context, group, frozenset(missing), numbered):
                    number = numbered(frame.pts)
                    if number in missing:
                        missing.remove(number)
                        yield number, frame
                if not missing:
                    return
    except (FFmpegError, ValueError) as bad:
        raise MediaDamaged(f"{path.name} cannot be read", where=str(path), todo="Make or fetch it again.") from bad
    raise MediaDamaged(f"{path.name} has no frame {min(missing)}", where=str(path), todo="Make or fetch it again.")


class _Numbers:
    """The number of a frame from its time."""

    def __init__(self, stream: VideoStream) -> None:
        self._start = stream.start_time or 0
        self._per_tick = (stream.time_base or 0) * (stream.average_rate or 0)

    def __call__(self, pts: int | None) -> int:
        return -1 if pts is None else round((pts - self._start) * self._per_tick)


def _groups(packets: Iterable[Packet]) -> Iterator[list[Packet]]:
    """Packets by groups of pictures: what begins with a keyframe can be decoded by itself."""
    group: list[Packet] = []
    for packet in packets:
        if packet.is_keyframe and group:
            yield group
            group = []
        if packet.pts is not None:
            group.append(packet)
    if group:
        yield group


def _decoded(
    codec: VideoCodecContext, group: list[Packet], wanted: frozenset[int], numbered: _Numbers
) -> Iterator[VideoFrame]:
    """Frames of a group up to the last that is wanted; those that nobody wants and no other frame is built from are
    left out. Packets come in the order of decoding, in which a frame stands after those it is built from."""
    asked = [at for at, packet in enumerate(group) if numbered(packet.pts) in wanted]
    if not asked:
        return
    for at, packet in enumerate(group[: asked[-1] + 1]):
        codec.skip_frame = "DEFAULT" if at in asked else "NONREF"
        yield from codec.decode(packet)
    yield from codec.decode(None)
    codec.flush_buffers()


def _glance(frame: VideoFrame) -> Glance:
    scale = LONG_SIDE_PX / max(frame.width, frame.height)
    width, height = (max(8, round(side * scale)) for side in (frame.width, frame.height))
    small = frame.reformat(width=width, height=height, format="yuv444p", interpolation="AREA", threads=1)
    return Glance(small.to_ndarray())
