"""What a vendor delivered, looked at before it counts: does it decode from end to end, and is it what was bought?

A web page with a nice apology, half a file, a clip of no length and a picture that would fill the memory are
``MediaDamaged`` here. Being strict costs money too: a file that is refused three times is given up, and was paid for.
So only what nobody could use is refused; making the rest fit the film is in ``fit.py``, judging it the inspector's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Stream
from PIL import Image, UnidentifiedImageError

from studio_pipeline.errors import MediaDamaged
from studio_pipeline.media.opening import open_to_read
from studio_pipeline.wording import clipped

MOST_PIXELS = 64_000_000
"""Of one picture or frame: 8K has 33 million."""
LEAST_SIDE_PX = 16
LEAST_SOUND_S = 0.05
PICTURE_FORMATS = ("PNG", "JPEG", "WEBP", "AVIF")
"""Pillow reads more, also formats that start other programs."""

_MISSING = 0.05
"""Edit lists and encoder delays make a whole file a little shorter than it promises; less than this is missing then."""
_KNOW_THEIR_LENGTH = ("mov", "matroska", "flac")
"""Containers that are told their length. Others (MP3 without an index) estimate it, and may be far off."""


def check_clip(path: Path, *, least_s: float) -> None:
    """Decode every frame of ``path``.

    Raises:
        MediaDamaged: it is no clip, a frame does not decode, its end is missing, or it is shorter than ``least_s``.
    """
    with opened_media(path, "clip") as media:
        if not media.streams.video:
            raise damaged(path, "has no pictures in it")
        stream = media.streams.video[0]
        check_coding(path, stream)
        stream.thread_type = "AUTO"
        check_pixels(path, stream.codec_context.width, stream.codec_context.height)
        frames, broken, first_s, last_s = 0, 0, 0.0, 0.0
        for frame in media.decode(stream):
            frames += 1
            broken += frame.is_corrupt
            last_s = frame.time if frame.time is not None else last_s
            first_s = last_s if frames == 1 else first_s
        if frames == 0:
            raise damaged(path, "has no pictures in it")
        if broken:
            raise damaged(path, f"is damaged inside: {broken} of {frames} frames do not decode")
        length_s = last_s - first_s + (1 / float(stream.average_rate) if stream.average_rate else 0.0)
        _check_end(path, media, stream, length_s)
        if length_s < least_s:
            raise damaged(path, f"is only {length_s:.2f} s long, and at least {least_s:.2f} s were bought")


def check_picture(path: Path) -> None:
    """Decode the picture in ``path``.

    Raises:
        MediaDamaged: it is no picture, its end is missing, or it is too large or too small for any use.
    """
    try:
        with Image.open(path, formats=PICTURE_FORMATS) as picture:
            check_pixels(path, *picture.size)
            picture.load()
    except UnidentifiedImageError as bad:
        raise damaged(path, f"is no picture: {_begins(path)}") from bad
    except Image.DecompressionBombError as bad:
        raise damaged(path, "is too large to be unpacked") from bad
    except (OSError, SyntaxError, ValueError) as bad:  # Pillow's words for bytes that break off or make no sense
        raise damaged(path, f"cannot be read as a picture: {clipped(str(bad), 120)}") from bad


def check_sound(path: Path) -> None:
    """Decode all of the sound in ``path``.

    Raises:
        MediaDamaged: it is no sound, it does not decode, its end is missing, or it is over before it began.
    """
    with opened_media(path, "sound") as media:
        if not media.streams.audio:
            raise damaged(path, "has no sound in it")
        stream = media.streams.audio[0]
        check_coding(path, stream)
        samples = sum(frame.samples for frame in media.decode(stream))
        length_s = samples / stream.codec_context.sample_rate
        _check_end(path, media, stream, length_s)
        if length_s < LEAST_SOUND_S:
            raise damaged(path, f"is only {length_s:.2f} s long")


@contextmanager
def opened_media(path: Path, what: str) -> Iterator[InputContainer]:
    """``path`` opened by PyAV; whatever does not decode in here is ``MediaDamaged``."""
    try:
        with open_to_read(path) as media:
            yield media
    except (FFmpegError, UnicodeDecodeError) as bad:
        reason = bad.strerror if isinstance(bad, FFmpegError) and bad.strerror else type(bad).__name__
        raise damaged(path, f"cannot be read as a {what} ({reason}): {_begins(path)}") from bad


def check_coding(path: Path, stream: Stream) -> None:
    """Raise ``MediaDamaged`` for a stream in a coding that is not known here: PyAV opens it and has nothing to decode
    it with, which its types do not say."""
    if stream.codec_context is None:
        raise damaged(path, "is in a coding that is not known here")


def check_pixels(path: Path, width: int, height: int) -> None:
    """Raise ``MediaDamaged`` for a picture size that nobody can use."""
    if min(width, height) < LEAST_SIDE_PX:
        raise damaged(path, f"is only {width}×{height} pixels")
    if width * height > MOST_PIXELS:
        raise damaged(path, f"is too large to be unpacked: {width}×{height} pixels")


def damaged(path: Path, problem: str) -> MediaDamaged:
    return MediaDamaged(f"What was delivered {problem}", where=path.name, todo="Fetch it again, or make a new take.")


def _check_end(path: Path, media: InputContainer, stream: Stream, length_s: float) -> None:
    """Whether it is about as long as its container says."""
    if not media.format.name.startswith(_KNOW_THEIR_LENGTH):
        return
    if stream.duration is not None and stream.time_base is not None:
        promised_s = float(stream.duration * stream.time_base)
    elif media.duration is not None and len(media.streams) == 1:  # else it may be the length of another stream
        promised_s = media.duration / 1_000_000
    else:
        return
    if length_s < promised_s * (1 - _MISSING) - 0.1:
        raise damaged(path, f"is cut off: {length_s:.1f} of {promised_s:.1f} s are there")


def _begins(path: Path) -> str:
    """How a file begins that is not what it should be: often it is a web page or an error in words."""
    with path.open("rb") as file:
        start = file.read(200)
    if not start:
        return "it is empty"
    text = start.decode("utf-8", "replace").strip()
    if text[:1] in "<{[" and text[1:2].isprintable():
        kind = "a web page or XML" if text[0] == "<" else "a message"
        return f"it is {kind}, “{clipped(text, 80)}”"
    return f"it begins with the bytes {start[:8].hex(' ')}"
