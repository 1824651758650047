"""What a media file is, read from its bytes by PyAV: frames counted, not believed.

Measuring how good a clip or a sound is belongs to the inspector; here is only what it *is*.
"""

from __future__ import annotations

from pathlib import Path

from av.error import FFmpegError

from studio_pipeline.errors import MediaDamaged
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.arrival import check_coding
from studio_pipeline.media.opening import open_to_read


class ClipFacts(Frozen):
    """A file with pictures. ``frames`` were counted; ``size`` is width, height in pixels."""

    frames: int
    rate: Rate
    size: tuple[int, int]
    duration_s: float
    has_audio: bool
    codec: str
    pixel_format: str


class SoundFacts(Frozen):
    """A file with sound. ``samples`` per channel were counted by decoding."""

    samples: int
    sample_rate_hz: int
    channels: int
    duration_s: float
    codec: str


def probe(path: Path, *, decode: bool = False) -> ClipFacts:
    """Facts about the first video stream of ``path``.

    Counts packets, which is cheap and finds a file that was cut off; ``decode=True`` decodes every frame too, which
    also finds damage inside (about 500 frames a second at 720p).

    Raises:
        MediaDamaged: not media, no pictures in it, cut off, or (when decoding) a frame that does not decode.
    """
    try:
        with open_to_read(path) as media:
            if not media.streams.video:
                raise _damaged(path, "has no pictures in it")
            stream = media.streams.video[0]
            check_coding(path, stream)
            promised, rate = stream.frames, stream.average_rate
            context = stream.codec_context
            if decode:
                frames = sum(1 for _ in media.decode(stream))
            else:
                frames = sum(1 for packet in media.demux(stream) if packet.size)
            if frames == 0 or frames < promised:
                raise _damaged(path, f"is cut off: {frames} of {promised or 'its'} frames are there")
            if rate is None or rate <= 0:
                raise _damaged(path, "does not say how many frames a second it has")
            return ClipFacts(
                frames=frames,
                rate=Rate(num=rate.numerator, den=rate.denominator),
                size=(context.width, context.height),
                duration_s=float(frames / rate),
                has_audio=bool(media.streams.audio),
                codec=context.name,
                pixel_format=context.pix_fmt or "",
            )
    except (FFmpegError, UnicodeDecodeError) as bad:
        raise _damaged(path, f"cannot be read as media: {_reason(bad)}") from bad


def probe_sound(path: Path) -> SoundFacts:
    """Facts about the first audio stream of ``path``.

    Raises:
        MediaDamaged: not media, no sound in it, or it does not decode.
    """
    try:
        with open_to_read(path) as media:
            if not media.streams.audio:
                raise _damaged(path, "has no sound in it")
            stream = media.streams.audio[0]
            check_coding(path, stream)
            context = stream.codec_context
            samples = sum(frame.samples for frame in media.decode(stream))
            if samples == 0:
                raise _damaged(path, "has no sound in it")
            return SoundFacts(
                samples=samples,
                sample_rate_hz=context.sample_rate,
                channels=context.channels,
                duration_s=samples / context.sample_rate,
                codec=context.name,
            )
    except (FFmpegError, UnicodeDecodeError) as bad:
        raise _damaged(path, f"cannot be read as media: {_reason(bad)}") from bad


def _reason(bad: Exception) -> str:
    return bad.strerror if isinstance(bad, FFmpegError) and bad.strerror else str(bad)


def _damaged(path: Path, problem: str) -> MediaDamaged:
    return MediaDamaged(f"{path.name} {problem}", where=str(path), todo="Make or fetch it again.")
