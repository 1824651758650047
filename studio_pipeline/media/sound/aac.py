"""AAC in pieces: a sound of any length encoded ten seconds at a time, joined so that nobody can tell.

An AAC frame overlaps its neighbours by half; two frames that were encoded apart still fit when both saw the same sound
and chose the same window before the joint. So every piece is encoded with some frames around it that are thrown away,
and a joint lies where both pieces agree. A piece follows from its own sound only: pieces are encoded side by side, and
one that was encoded before is read back. What the sound is, is decided in ``loudness.py``.

**Length.** AAC starts with 1,024 samples of priming and fills its last packet. The .m4a written here carries an edit
list that hides the priming, and its track lasts exactly as many samples as the sound (a decoder may hand out the
filling too, at most 1,023 samples of silence). Whoever copies its packets into the film must keep their timestamps:
the first packet has a *negative* time (−1,024 samples), which the mp4 muxer turns into the same edit list. Shifting
packets to start at 0 makes sound 21 ms late.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.codec.context import Flags

from studio_pipeline.media.render_cache import RenderCache
from studio_pipeline.media.sound.samples import RATE_HZ

FRAME = 1024
PIECE = 470
"""Frames of a piece, ten seconds."""
BIT_RATE = 192_000

_MADE_BY = f"aac 1 {version('av')} {BIT_RATE} ".encode()
_OVERLAP = 8
"""Frames before and after the border of two pieces among which they are joined."""
_LEAD = 12
"""Frames before those that are only heard: after two or three the encoder chooses windows as it would have."""
_WORKERS = 4

Read = Callable[[int, int], np.ndarray]
"""The samples from one number to another, shape (samples, 2), float32."""


def encode_aac(read: Read, samples: int, into: Path, kept: RenderCache) -> None:
    """Write so many samples to ``into`` as AAC-LC in .m4a, 192 kbit/s; pieces that ``kept`` has are not made again.

    ``read`` is called from several threads. The same sound gives the same bytes.
    """
    frames = -(-samples // FRAME) + 1
    starts = list(range(0, frames, PIECE))
    with ThreadPoolExecutor(min(_WORKERS, os.cpu_count() or 1, len(starts))) as workers:
        made = workers.map(lambda start: _piece(read, samples, start, min(start + PIECE, frames), kept), starts)
        _write(_joined(list(made), starts), samples, into)


def _piece(read: Read, samples: int, first: int, last: int, kept: RenderCache) -> dict[int, bytes]:
    """Packets ``first`` to ``last`` and those around them, by number; packet 0 is the priming."""
    begin = max(first - _OVERLAP - _LEAD, 0)
    sound = np.ascontiguousarray(read(begin * FRAME, min((last + _OVERLAP) * FRAME, samples)), np.float32)
    key = hashlib.sha256(_MADE_BY + sound.tobytes()).hexdigest()
    raw = kept.get(key, ".aac", lambda into: into.write_bytes(_strung(_encoded(sound)))).read_bytes()
    packets = dict(enumerate(_unstrung(raw), begin))
    return {number: packet for number, packet in packets.items() if number >= max(first - _OVERLAP, 0)}


def _encoded(sound: np.ndarray) -> Iterator[bytes]:
    codec = _codec()
    for start in range(0, len(sound), FRAME):
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(sound[start : start + FRAME].T), format="fltp", layout="stereo"
        )
        frame.sample_rate, frame.pts = RATE_HZ, start
        yield from map(bytes, codec.encode(frame))
    yield from map(bytes, codec.encode(None))


def _codec() -> AudioCodecContext:
    codec = av.CodecContext.create("aac", "w")
    codec.sample_rate, codec.layout, codec.format, codec.bit_rate = RATE_HZ, "stereo", "fltp", BIT_RATE
    codec.time_base = Fraction(1, RATE_HZ)
    codec.flags |= Flags.bitexact
    return codec


def _strung(packets: Iterator[bytes]) -> bytes:
    return b"".join(struct.pack("<I", len(packet)) + packet for packet in packets)


def _unstrung(raw: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(raw):
        (size,) = struct.unpack_from("<I", raw, at)
        yield raw[at + 4 : at + 4 + size]
        at += 4 + size


def _joined(pieces: Sequence[dict[int, bytes]], starts: Sequence[int]) -> list[bytes]:
    """The packets of the whole sound."""
    film: list[bytes] = []
    for number, piece in enumerate(pieces):
        end = _joint(piece, pieces[number + 1], starts[number + 1]) if number + 1 < len(pieces) else max(piece) + 1
        film += [piece[at] for at in range(len(film), end)]
    return film


def _joint(before: dict[int, bytes], after: dict[int, bytes], border: int) -> int:
    """The first packet to take from the later piece: about ``border``, where both chose the same window before it."""
    for distance in range(_OVERLAP):
        for at in (border + distance, border - distance):
            one, other = before.get(at - 1), after.get(at - 1)
            if one is not None and other is not None and at in after and _window(one) == _window(other) is not None:
                return at
    return border


def _window(packet: bytes) -> int | None:
    """Sequence and shape of the window of both channels of a frame; ``None`` where they differ or it begins with
    something else (ISO/IEC 14496-3, tables 4.4 to 4.6: a channel pair element with a common window)."""
    pair, common = packet[0] >> 5 == 1, packet[0] & 1
    return packet[1] >> 4 & 7 if pair and common else None


def _write(packets: Sequence[bytes], samples: int, into: Path) -> None:
    # The edit list counts in the movie's ticks; by default these are milliseconds, and the sound would end early.
    options = {"fflags": "+bitexact", "movie_timescale": str(RATE_HZ)}
    with av.open(str(into), "w", format="ipod", options=options) as media:
        track = media.add_stream("aac", rate=RATE_HZ)
        track.codec_context.layout, track.codec_context.bit_rate = "stereo", BIT_RATE
        track.codec_context.flags |= Flags.bitexact
        track.time_base = Fraction(1, RATE_HZ)
        for number, data in enumerate(packets):
            packet = av.Packet(data)
            packet.stream, packet.time_base = track, track.time_base
            packet.pts = packet.dts = (number - 1) * FRAME
            packet.duration = min(FRAME, samples - packet.pts)
            media.mux(packet)
