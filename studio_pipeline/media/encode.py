"""Frames to clips in the *house format*, the one format every clip is in before it is cut.

The house format is H.264 that can be cut without encoding again (``facts`` measured in smart rendering): equal
parameter sets in every clip (``stitchable``, fixed preset, profile, level, reference frames), closed groups of
pictures, constant frame rate, BT.709 limited range, and a track timescale in which a frame is a whole number of
ticks. Equal frames give equal bytes: the thread count is fixed and nothing is dated.

A clip is born cuttable: it can be entered without decoding where a cut begins with it, and where the transitions of
the cutting room are over.

Joining, cutting and sound are not here. Files are written where they are told to be; making them durable is the
caller's work.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

import av
import numpy as np
from PIL import Image

from studio_pipeline.errors import BadInput, ProviderFailed
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.shots import HANDLE_FRAMES
from studio_pipeline.media.ffmpeg import BITEXACT, as_argument, pipe_into_ffmpeg, run_ffmpeg

Frame: TypeAlias = bytes | np.ndarray
"""Packed bytes of one frame, or an array of them (height × width × 3 for ``rgb24``)."""
Use: TypeAlias = Literal["film", "clip", "still", "sketch"]
"""What the house format is encoded for; see ``house_video_args``."""
Pixels: TypeAlias = Literal["rgb24", "yuv420p"]
"""Layout of the frames handed in. ``yuv420p`` is already BT.709 limited range: planes Y, Cb, Cr one after another."""

X264_PARAMS = "stitchable=1:open-gop=0:scenecut=0:bframes=2:b-pyramid=0:ref=3:force-cfr=1:keyint=240:sync-lookahead=0"
"""``sync-lookahead=0`` keeps the encoder from looking ahead in a thread of its own, whose timing decides how bits are
spread: a film of 288 frames came out in 6 versions of 6 without it, in 1 of 25 with it."""
_CODED: dict[Use, tuple[str, ...]] = {
    "film": ("-preset", "veryfast", "-crf", "18", "-threads", "2"),
    "clip": ("-preset", "veryfast", "-crf", "18", "-threads", "1"),
    "still": ("-preset", "veryfast", "-qp", "18", "-threads", "2"),
    "sketch": ("-preset", "superfast", "-crf", "23", "-threads", "1"),
}
"""All of them give the same parameter sets, so packets of each may follow packets of another."""
_QUICKER = ":subme=1"
"""For clips, most of what a studio encodes: a coarser search for motion takes 28 % less time at the same PSNR and
SSIM. Clips of 96 frames at 720p grow by 7 % where they are grainy (2.7 MB), by 20 % where they are clean (0.45 MB).
Two clips are made at a time, each by one thread: two threads a clip cost 7 % more for the same pictures."""
_MOST_BLOCKS = 8704
"""Macroblocks of 16 × 16 in a picture of H.264 level 4.2, enough for 1920×1088 at 60 frames a second; level 5.2 is
enough for 4096×2160 at 60 (ITU-T H.264, table A-1)."""
_AFTER_HANDLE_S, _BEFORE_END_S, _EVERY_S, _WORTH_S = (0, 0.35), 0.75, 2.0, 0.5
"""Where a clip can be entered: at its handle, where a plain cut begins with it; where a dissolve or a fade between
scenes is over (``stages/editing``); a little before the end, so that what leads out of it is decoded from near; every
two seconds between these, for people who cut elsewhere; and where the handle at its end begins, for only before such a
frame is a copy sure to be able to end. Nowhere else that is followed by next to nothing.

Drawn clips of 80 frames at 720p pay for each entry with 0.1 MB: of 2.2 MB where they are grainy, of 0.5 MB where they
are clean. What an entry saves: the first a stretch of 8 frames at each plain cut, the second the rest of the clip
behind every other joint, the one before the end 0.1 to 0.25 CPU-s of the 0.3 to 0.8 that a joint cost without, the
last all that a plain cut still cost: 300 s of film without a transition took 14.1 CPU-s without it, and take 3.0, the
graph 154. One more, where a fade that opens a film is over, would save a second a film and was not worth 5 % of its
size.
"""
COLOUR_TAGS = "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
_TO_HOUSE_COLOUR = (
    "scale=in_range=pc:out_range=tv:out_color_matrix=bt709:flags=accurate_rnd+full_chroma_int+bitexact,format=yuv420p"
)


def timescale(rate: Rate) -> int:
    """Ticks per second of the video track: 12288 at 24 fps; a frame is a whole number of ticks at every rate."""
    ticks = rate.num
    while ticks < 10_000:
        ticks *= 2
    return ticks


def house_video_args(rate: Rate, size: tuple[int, int], use: Use = "film") -> list[str]:
    """ffmpeg output options of the house format, without the file. Add ``COLOUR_TAGS`` to the filter chain too.

    Args:
        use: a ``clip`` is encoded quicker than a ``film``, which costs bytes and no quality; a ``sketch`` to work with
            costs quality, too. In a ``still`` every frame is the same picture, and the quantiser is one number: at a
            constant quality x264 encodes the picture anew wherever the clip can be entered, each time a little
            otherwise, and a picture that stands still seems to twitch.
    """
    blocks = -(-size[0] // 16) * -(-size[1] // 16)
    level = "4.2" if blocks <= _MOST_BLOCKS else "5.2"
    return [
        *("-c:v", "libx264", *_CODED[use]),
        *("-profile:v", "high", "-level:v", level),
        *("-pix_fmt", "yuv420p", "-x264-params", X264_PARAMS + (_QUICKER if use == "clip" else "")),
        *("-fps_mode", "passthrough"),
        *("-video_track_timescale", str(timescale(rate)), *BITEXACT),
    ]


def entries(rate: Rate, count: int | None = None, *, still: bool = False) -> tuple[int, ...]:
    """Frames of a clip after its first at which it can be entered without decoding what is before. Why these, is said
    at ``_AFTER_HANDLE_S``.

    Args:
        count: of the clip's frames; where it is not known, there are entries near the head only.
        still: every frame is the same picture. Then only the head and the end have entries: each holds the whole
            picture again, and what stands is decoded fast.
    """
    head = tuple(HANDLE_FRAMES + rate.frames(seconds) for seconds in _AFTER_HANDLE_S)
    if count is None:
        return head
    end = count - HANDLE_FRAMES
    last = end - rate.frames(_BEFORE_END_S)
    way, step = last - head[-1], rate.frames(_EVERY_S)
    parts = max(1, round(way / step)) if way >= step // 2 and not still else 0
    between = (head[-1] + way * part // parts for part in range(1, parts + 1))
    before_end = (frame for frame in (*head, *between) if end - frame >= rate.frames(_WORTH_S))
    return (*before_end, end) if end > 0 else ()


def _entry_args(rate: Rate, count: int | None, *, still: bool = False) -> list[str]:
    wanted = "+".join(f"eq(n,{frame})" for frame in entries(rate, count, still=still))
    return ["-forced-idr", "1", "-force_key_frames", f"expr:{wanted}"] if wanted else []


def house_header(size: tuple[int, int], rate: Rate) -> bytes:
    """The parameter sets (``avcC``) of every clip of this size and rate that this machine encodes."""
    return _header(size, rate.num, rate.den)


@lru_cache(maxsize=32)
def _header(size: tuple[int, int], num: int, den: int) -> bytes:
    with tempfile.TemporaryDirectory(prefix="header-") as folder:
        clip = Path(folder, "clip.mp4")
        encode_still(Image.new("RGB", size), 1, size, Rate(num=num, den=den), clip)
        with av.open(str(clip)) as media:
            return bytes(media.streams.video[0].codec_context.extradata or b"")


def encode_clip(
    frames: Iterable[Frame],
    size: tuple[int, int],
    rate: Rate,
    into: Path,
    *,
    pixels: Pixels = "rgb24",
    count: int | None = None,
) -> int:
    """Write ``frames`` to ``into`` as an MP4 of exactly that many frames; returns how many.

    Args:
        count: how many frames there will be, where that is known: decides where the clip can be entered.

    Raises:
        ProviderFailed: a frame is not of ``size``, there are none, or ffmpeg failed.
    """
    _check_size(size)
    made = 0
    frame_bytes = size[0] * size[1] * 3 // (1 if pixels == "rgb24" else 2)

    def chunks() -> Iterable[bytes | memoryview]:
        nonlocal made
        for frame in frames:
            chunk = frame if isinstance(frame, bytes) else np.ascontiguousarray(frame, np.uint8).data.cast("B")
            if len(chunk) != frame_bytes:
                raise ProviderFailed(
                    f"Frame {made} holds {len(chunk)} bytes where {size[0]}×{size[1]} needs {frame_bytes}",
                    where="encode",
                    todo="Make every frame in the clip's size.",
                )
            made += 1
            yield chunk

    colour = COLOUR_TAGS if pixels == "yuv420p" else f"{_TO_HOUSE_COLOUR},{COLOUR_TAGS}"
    source = [*raw_input(size, rate, pixels), "-i", "-"]
    args = [*source, "-vf", colour, *house_video_args(rate, size, "clip"), *_entry_args(rate, count)]
    pipe_into_ffmpeg([*args, *_mp4(into)], chunks())
    if made == 0:
        raise ProviderFailed("A clip without a single frame was asked for", where="encode")
    return made


def encode_still(image: Image.Image, frames: int, size: tuple[int, int], rate: Rate, into: Path) -> int:
    """Hold ``image`` for ``frames`` frames. Costs little more than one frame: colours are converted once.

    Raises:
        ProviderFailed: ``image`` is not of ``size``, or ffmpeg failed.
    """
    _check_size(size)
    if image.size != size or frames < 1:
        raise ProviderFailed(
            f"Asked to hold a {image.width}×{image.height} picture for {frames} frames of {size[0]}×{size[1]}",
            where="encode",
        )
    hold = f"{_TO_HOUSE_COLOUR},{COLOUR_TAGS},loop=loop={frames - 1}:size=1:start=0,setpts=N"
    args = [*raw_input(size, rate, "rgb24"), "-i", "-", "-vf", hold, "-frames:v", str(frames)]
    args += [*house_video_args(rate, size, "still"), *_entry_args(rate, frames, still=True), *_mp4(into)]
    run_ffmpeg(args, stdin=image.convert("RGB").tobytes())
    return frames


def raw_input(size: tuple[int, int], rate: Rate, pixels: Pixels) -> list[str]:
    """ffmpeg's options for an input of frames and nothing else."""
    return [
        *("-f", "rawvideo", "-pixel_format", pixels, "-video_size", f"{size[0]}x{size[1]}"),
        *("-framerate", f"{rate.num}/{rate.den}"),
    ]


def _mp4(into: Path) -> list[str]:
    return ["-movflags", "+faststart", "-f", "mp4", as_argument(into)]


def _check_size(size: tuple[int, int]) -> None:
    if min(size) < 16 or max(size) > 4096 or size[0] % 2 or size[1] % 2:
        raise BadInput(
            f"A clip cannot be {size[0]}×{size[1]} pixels", todo="Use even numbers from 16 to 4096 for both sides."
        )
