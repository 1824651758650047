"""What a vendor delivered made into what the film needs: exactly so many frames, so many seconds, that size.

Costs only time, so it is done anew rather than stored with the purchase. Whether a file is whole is looked at in
``arrival.py``; the house format is ``encode.py``'s. Files are written where they are told to be; making them durable
is the caller's work.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from studio_pipeline.errors import BadInput
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.arrival import check_coding, damaged, opened_media
from studio_pipeline.media.encode import encode_clip
from studio_pipeline.media.fit_frame import FrameFitter, is_hdr
from studio_pipeline.media.house import picture_stream, strange
from studio_pipeline.media.sound.samples import RATE_HZ, write_blocks

UNSEEN_FRAMES = 2
"""Vendors round lengths: so many frames held at the end are seen by nobody and said to nobody."""
FADE_S = 1.5
_ROUNDING_S = Fraction(2, 1000)
"""Times in files are rounded, to a millisecond in some: a frame that comes this late was meant to be there."""


def fit_clip(source: Path, into: Path, *, frames: int, rate: Rate, size: tuple[int, int]) -> tuple[str, ...]:
    """Write ``source`` to ``into`` in the house format, silent, with exactly ``frames`` frames.

    Frame ``i`` shows the picture of the source at ``i / rate``; none is blended with another. A longer source ends
    early, a shorter one holds its last picture.

    Returns:
        Events that a person should see, in plain words.

    Raises:
        MediaDamaged: the source does not decode, or there are no pictures in it.
    """
    if not strange(source, frames=frames, rate=rate, size=size):
        shutil.copyfile(source, into)
        return ()
    picking = _Picking(source, frames, rate, size)
    encode_clip(picking.fitted(), size, rate, into, pixels="yuv420p", count=frames)
    return tuple(picking.events)


class _Picking:
    """The frames of a fitted clip, one after another; afterwards ``events`` says what happened."""

    def __init__(self, source: Path, frames: int, rate: Rate, size: tuple[int, int]) -> None:
        self._source = source
        self._frames = frames
        self._rate = rate
        self._size = size
        self.events: list[str] = []

    def fitted(self) -> Iterator[bytes]:
        with opened_media(self._source, "clip") as media:
            stream = picture_stream(media, self._source)
            stream.thread_type = "AUTO"
            aspect = Fraction(stream.sample_aspect_ratio or 1) or Fraction(1)
            fitter = FrameFitter(self._source, self._size, aspect)
            made, end_s, shown = 0, Fraction(0), b""
            for frame, starts_s, ends_s in _timed(media, stream):
                if frame.is_corrupt:
                    raise damaged(self._source, "is damaged inside")
                if not end_s and is_hdr(frame):
                    self.events.append("The clip is made for HDR screens; its colours look paler in this film.")
                # Whatever is due before this frame starts still shows the one before.
                while shown and made < self._frames and self._time_s(made) + _ROUNDING_S < starts_s:
                    yield shown
                    made += 1
                end_s = ends_s
                if made == self._frames:
                    return
                if not shown or self._time_s(made) + _ROUNDING_S < ends_s:  # else nobody will ever see it
                    shown = fitter.fit(frame)
            if not shown:
                raise damaged(self._source, "has no pictures in it")
            self._tell_held(made, end_s)
            for _ in range(made, self._frames):
                yield shown

    def _time_s(self, frame: int) -> Fraction:
        return frame / self._rate.fraction

    def _tell_held(self, made: int, end_s: Fraction) -> None:
        """Say so when the last picture stands after the source has ended."""
        held = sum(1 for frame in range(made, self._frames) if self._time_s(frame) + _ROUNDING_S >= end_s)
        if held > UNSEEN_FRAMES:
            self.events.append(
                f"The clip came {self._rate.seconds(held):.2f} s too short ({float(end_s):.2f} s): its last picture "
                f"is held for {held} frames."
            )


def _timed(media: InputContainer, stream: VideoStream) -> Iterator[tuple[VideoFrame, Fraction, Fraction]]:
    """Frames with the time each starts and ends at, in seconds from the first one's start."""
    usual_s = 1 / Fraction(stream.average_rate) if stream.average_rate else Fraction(1, 24)
    zero: Fraction | None = None
    start_s = end_s = Fraction(0)
    for frame in media.decode(stream):
        time_s = frame.pts * Fraction(frame.time_base) if frame.pts is not None and frame.time_base else None
        if zero is None:
            zero = time_s or Fraction(0)
        start_s = max(start_s, time_s - zero) if time_s is not None else end_s
        lasts_s = frame.duration * Fraction(frame.time_base) if frame.duration and frame.time_base else usual_s
        end_s = start_s + lasts_s
        yield frame, start_s, end_s


def fit_sound(source: Path, into: Path, *, channels: int, seconds: float | None = None) -> float:
    """Write ``source`` to ``into`` as 48 kHz PCM wav of one or two channels; returns its length in seconds.

    With ``seconds`` it is exactly that long: a longer one fades out, a shorter one is followed by silence.

    Raises:
        MediaDamaged: the source does not decode.
    """
    if channels not in (1, 2) or (seconds is not None and not 0 < seconds <= 24 * 3600):
        raise BadInput(f"A sound cannot have {channels} channels and {seconds} s", todo="Use 1 or 2 channels.")
    blocks = _sound(source, channels)
    if seconds is not None:
        blocks = _exactly(blocks, round(seconds * RATE_HZ), channels)
    written = 0

    def counted() -> Iterator[np.ndarray]:
        nonlocal written
        for block in blocks:
            written += len(block)
            yield block

    write_blocks(into, counted(), channels=channels)
    return written / RATE_HZ


def _sound(source: Path, channels: int) -> Iterator[np.ndarray]:
    """The first sound of ``source`` at the studio's rate, in blocks (samples, channels) of a second or so."""
    with opened_media(source, "sound") as media:
        if not media.streams.audio:
            raise damaged(source, "has no sound in it")
        stream = media.streams.audio[0]
        check_coding(source, stream)
        # One and two channels are mixed here, at full level; more go through the standard's downmix.
        given = stream.codec_context.channels
        layout = stream.codec_context.layout if given <= 2 else ("mono" if channels == 1 else "stereo")
        to_float = av.AudioResampler(format="flt", layout=layout, rate=RATE_HZ)
        width = given if given <= 2 else channels
        heard, gathered = False, []
        for frame in chain(media.decode(stream), [None]):
            gathered += [part.to_ndarray().reshape(-1, width) for part in to_float.resample(frame)]
            if frame is not None and sum(map(len, gathered)) < RATE_HZ:
                continue
            block = np.nan_to_num(np.concatenate([*gathered, np.zeros((0, width), np.float32)]))
            heard, gathered = heard or len(block) > 0, []
            yield block.mean(axis=1, keepdims=True) if width > channels else np.repeat(block, channels // width, axis=1)
        if not heard:
            raise damaged(source, "has no sound in it")


def _exactly(blocks: Iterator[np.ndarray], samples: int, channels: int) -> Iterator[np.ndarray]:
    """``blocks`` as exactly so many samples. Holds back only what a fade at the end would change."""
    fade = min(round(FADE_S * RATE_HZ), samples)
    seen, last = 0, [np.zeros((0, channels), np.float32)]
    for block in blocks:
        clear = min(max(samples - fade - seen, 0), len(block))
        if clear:
            yield block[:clear]
        if clear < len(block):
            last.append(block[clear:])
        seen += len(block)
        if seen > samples:
            break
    end = np.concatenate(last)[: samples - max(samples - fade, 0)]
    if seen > samples:
        end = end * (np.cos(np.linspace(0, np.pi, len(end), dtype=np.float32))[:, None] + 1) / 2
    yield end
    for start in range(seen, samples, 10 * RATE_HZ):
        yield np.zeros((min(10 * RATE_HZ, samples - start), channels), np.float32)
