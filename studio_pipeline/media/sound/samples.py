"""Sound as arrays: reading and writing wav, changing the sampling rate, measuring level.

A sound is a float32 array of shape (samples, channels), full scale ±1. Files are plain PCM wav without metadata;
they are whole or not there. Mixing is in ``mix.py``, loudness by the broadcast standard in ``loudness.py``; compressed
formats are ffmpeg's business.
"""

from __future__ import annotations

import math
import struct
import wave
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from studio_pipeline.errors import MediaDamaged
from studio_pipeline.whole_file import disk_errors_told, whole_file

RATE_HZ = 48_000
"""The studio's sampling rate."""

_BLOCK = 10 * RATE_HZ


class WavFacts(NamedTuple):
    """What a wav says it is."""

    samples: int
    rate_hz: int
    channels: int


def wav_facts(path: Path) -> WavFacts:
    """What the head of the wav ``path`` says; whether all of it is there shows when it is read.

    Raises:
        MediaDamaged: not a PCM wav.
    """
    with _opened(path) as file:
        return WavFacts(file.getnframes(), file.getframerate(), file.getnchannels())


def read_wav(path: Path) -> tuple[np.ndarray, int]:
    """The sound in ``path`` and its sampling rate in Hz.

    Raises:
        MediaDamaged: not a PCM wav, or cut off.
    """
    blocks = list(read_blocks(path))
    return np.concatenate([block for block, _ in blocks]), blocks[0][1]


def read_blocks(path: Path) -> Iterator[tuple[np.ndarray, int]]:
    """The sound in ``path``, ten seconds or less at a time, each with the sampling rate in Hz; at least one block."""
    with _opened(path) as file:
        left, first = file.getnframes(), True
        while left or first:
            block = _read(file, min(left, _BLOCK))
            left -= len(block)
            first = False
            yield block, file.getframerate()


def read_range(path: Path, first: int, last: int) -> np.ndarray:
    """Samples ``first`` up to, not including, ``last`` of the wav ``path``, which must have them.

    Raises:
        MediaDamaged: not a PCM wav, or cut off before ``last``.
    """
    with _opened(path) as file:
        if last > file.getnframes():
            raise EOFError(f"{last - file.getnframes()} samples are missing")
        file.setpos(first)
        return _read(file, last - first)


@contextmanager
def _opened(path: Path) -> Iterator[wave.Wave_read]:
    try:
        with wave.open(str(path), "rb") as file:
            yield file
    except (wave.Error, EOFError, ValueError) as error:
        raise MediaDamaged(
            "A sound cannot be read", where=f"{path.name}: {error}", todo="It must be PCM wav; make it again."
        ) from error


def _read(file: wave.Wave_read, samples: int) -> np.ndarray:
    """The next ``samples`` of ``file``."""
    block = _floats(file.readframes(samples), file.getsampwidth()).reshape(-1, file.getnchannels())
    if len(block) < samples:
        raise EOFError(f"{samples - len(block)} samples are missing")
    return block


def write_wav(path: Path, sound: np.ndarray, *, rate_hz: int = RATE_HZ, bits: int = 16) -> None:
    """Write ``sound``, shape (samples,) or (samples, channels), as PCM of 16 or 24 bits."""
    channels = 1 if sound.ndim == 1 else sound.shape[1]
    write_blocks(path, [sound.reshape(-1, channels)], channels=channels, rate_hz=rate_hz, bits=bits)


def write_blocks(
    path: Path, blocks: Iterable[np.ndarray], *, channels: int, rate_hz: int = RATE_HZ, bits: int = 16
) -> None:
    """Write blocks of shape (samples, channels) one after another, never all in memory.

    Raises:
        HomeFull: no space left.
    """
    told = disk_errors_told(path, "A sound")
    with told, whole_file(path) as unfinished, unfinished.open("wb") as raw, wave.open(raw, "wb") as file:
        file.setparams((channels, bits // 8, rate_hz, 0, "NONE", "not compressed"))
        for block in blocks:
            file.writeframes(packed(whole(block, bits), bits))


def wav_head(samples: int, channels: int, bits: int) -> bytes:
    """The 44 bytes that stand before so many samples of PCM at the studio's rate, for whoever writes a long wav as it
    comes into being (RIFF WAVE, format 1)."""
    frame = channels * bits // 8
    size = samples * frame
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, RATE_HZ, RATE_HZ * frame, frame, bits)
    return struct.pack("<4sI4s", b"RIFF", 36 + size, b"WAVE") + form + struct.pack("<4sI", b"data", size)


def _floats(raw: bytes, width: int) -> np.ndarray:
    if width == 1:  # the one width that has no sign
        return np.frombuffer(raw, np.uint8).astype(np.float32) / 128 - 1
    if width == 2:
        return np.frombuffer(raw, "<i2").astype(np.float32) / 32768
    if width == 3:
        return unpacked(raw).astype(np.float32) / 2**23
    if width == 4:
        return (np.frombuffer(raw, "<i4") / 2**31).astype(np.float32)
    raise ValueError(f"{8 * width}-bit samples are not read here")


def whole(sound: np.ndarray, bits: int) -> np.ndarray:
    """``sound`` in whole numbers of 16 or 24 bits; what is over full scale is held there."""
    return np.rint(np.clip(sound, -1, 1).astype(np.float32) * np.float32(2 ** (bits - 1) - 1)).astype("<i4")


def packed(samples: np.ndarray, bits: int) -> bytes:
    """Whole numbers as the bytes of a wav."""
    if bits == 16:
        return samples.astype("<i2").tobytes()
    wide = np.ascontiguousarray(samples, "<i4").view(np.uint8).reshape(-1, 4)
    raw = np.empty((len(wide), 3), np.uint8)
    for byte in range(3):  # column by column is four times as fast as all at once
        raw[:, byte] = wide[:, byte]
    return raw.tobytes()


def unpacked(raw: bytes) -> np.ndarray:
    """The whole numbers in the bytes of a wav of 24 bits."""
    narrow = np.frombuffer(raw, np.uint8).reshape(-1, 3)
    wide = np.zeros((len(narrow), 4), np.uint8)
    for byte in range(3):
        wide[:, byte + 1] = narrow[:, byte]
    return wide.view("<i4")[:, 0] >> 8


def resample(sound: np.ndarray, from_hz: int, to_hz: int) -> np.ndarray:
    """``sound`` (samples, …) at another rate, band-limited, through the spectrum of the whole sound.

    Exact for the short sounds it is meant for (lines of narration); silence is put around so that the ends do not
    leak into each other.
    """
    if from_hz == to_hz or not len(sound):
        return sound
    divisor = math.gcd(from_hz, to_hz)
    down, up = from_hz // divisor, to_hz // divisor
    wanted = round(len(sound) * to_hz / from_hz)
    pieces = -(-(len(sound) + from_hz // 5) // down)
    padded = np.zeros((pieces * down, *sound.shape[1:]), np.float64)
    padded[: len(sound)] = sound
    spectrum = np.fft.rfft(padded, axis=0)
    return (np.fft.irfft(spectrum, pieces * up, axis=0)[:wanted] * (up / down)).astype(np.float32)


def ratio(db: float) -> float:
    """The factor of amplitude that ``db`` decibels are."""
    return 10 ** (db / 20)


def decibels(amplitude: float) -> float:
    """The level of ``amplitude`` against full scale; minus infinity for silence."""
    return 20 * math.log10(amplitude) if amplitude > 0 else -math.inf


def rms(sound: np.ndarray) -> float:
    """Root mean square over all samples and channels; 0 for an empty sound."""
    return math.sqrt(float(np.mean(np.square(sound, dtype=np.float64)))) if sound.size else 0.0


def fade_edges(sound: np.ndarray, samples: int) -> np.ndarray:
    """A copy whose first and last ``samples`` rise from and fall to silence, so that neither edge clicks."""
    faded = sound.astype(np.float32, copy=True)
    samples = min(samples, len(faded) // 2)
    if samples:
        ramp = np.sin(np.linspace(0, np.pi / 2, samples, endpoint=False, dtype=np.float32)) ** 2
        ramp = ramp.reshape(-1, *(1,) * (faded.ndim - 1))
        faded[:samples] *= ramp
        faded[-samples:] *= ramp[::-1]
    return faded
