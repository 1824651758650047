"""Whether a clip is in the house format already, and if not, what is strange about it, in words.

Only looks: bringing a clip into the format is ``fit.py``'s work, what the format is ``encode.py``'s. Packets are
counted and one picture is decoded, some ten milliseconds a clip.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from studio_pipeline.film.rate import Rate
from studio_pipeline.media.arrival import check_coding, damaged, opened_media
from studio_pipeline.media.encode import house_header, timescale

_BT709 = (1, 1, 1, 1)
"""Limited range; matrix, primaries and transfer of BT.709 (ISO/IEC 23091-2)."""


def picture_stream(media: InputContainer, source: Path) -> VideoStream:
    """The stream that has the pictures; the cover of a piece of music is none.

    Raises:
        MediaDamaged: there is no such stream, or nobody knows its coding.
    """
    for stream in media.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            check_coding(source, stream)
            return stream
    raise damaged(source, "has no pictures in it")


def strange(source: Path, *, frames: int, rate: Rate, size: tuple[int, int]) -> tuple[str, ...]:
    """Everything in which ``source`` is unlike what ``encode_clip`` writes, each a piece of a sentence about a clip;
    empty when it has exactly ``frames`` frames and can be cut as it is.

    Raises:
        MediaDamaged: it is no clip, it is cut off, or its first picture does not decode.
    """
    found: list[str] = []
    with opened_media(source, "clip") as media:
        stream = picture_stream(media, source)
        context = stream.codec_context
        if (context.width, context.height) != size:
            found.append(f"has {context.width}×{context.height} pixels where the film has {size[0]}×{size[1]}")
        if stream.sample_aspect_ratio not in (None, 0, 1):
            found.append("has pixels that are not square")
        if (context.name, context.pix_fmt) != ("h264", "yuv420p"):
            found.append(f"is {context.name} in {context.pix_fmt}")
        colours = (context.color_range, context.colorspace, context.color_primaries, context.color_trc)
        if tuple(map(int, colours)) != _BT709:
            found.append("has other colours than BT.709 in limited range")
        if stream.average_rate != rate.fraction:
            given = f"{float(stream.average_rate):.5g}" if stream.average_rate else "an unknown number of"
            found.append(f"runs at {given} frames a second, the film at {rate.fps:.5g}")
        found += _times(media, stream, source, frames, rate)
        if not found and (len(media.streams) > 1 or context.extradata != house_header(size, rate)):
            found.append("comes from another encoder")
    with opened_media(source, "clip") as media:
        first = next(media.decode(picture_stream(media, source)), None)
        if first is None:
            raise damaged(source, "has no pictures in it")
        if first.rotation:
            found.append(f"is turned by {abs(first.rotation)}°")
    return tuple(found)


def _times(media: InputContainer, stream: VideoStream, source: Path, frames: int, rate: Rate) -> list[str]:
    """What is strange about how many frames there are, and when."""
    times: list[int] = []
    for packet in media.demux(stream):
        if packet.is_corrupt:  # ffmpeg reads on to it where nothing of it is shown, and stops
            raise damaged(source, f"is cut off inside its frame {len(times)}")
        if packet.size:
            times.append(packet.pts or 0)
    times.sort()
    if len(times) < stream.frames:
        raise damaged(source, f"is cut off: {len(times)} of {stream.frames} frames are there")
    if len(times) != frames:
        return [f"has {len(times)} frames of its own, the film counts {frames}"]
    steps = {after - before for before, after in pairwise(times)}
    if len(steps) > 1 and max(steps) - min(steps) > 1:  # a coarse clock rounds every other step
        return ["has frames of unequal length"]
    ticks = timescale(rate) * rate.den // rate.num
    if stream.time_base != Fraction(1, timescale(rate)) or times != [frame * ticks for frame in range(frames)]:
        return ["counts its time otherwise"]
    return []
