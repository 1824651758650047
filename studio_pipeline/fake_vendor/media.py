"""Real files, cheaply: clips by the packaged ffmpeg, stills by Pillow, sounds by numpy.

Equal orders give equal bytes. What is asked for by a picture shows that picture, so that a film made against the fake
vendor can be watched; the rest are tinted landscapes that a prompt's digest chooses.
"""

from __future__ import annotations

import hashlib
import io
import math
import tempfile
import wave
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from studio_pipeline.fake_vendor.orders import Damage, Order
from studio_pipeline.media.ffmpeg import BITEXACT, as_argument, run_ffmpeg

FPS = 24
_SLACK = 1.08
"""How much larger than the frame a picture is, so that the camera can move over it."""
_VOICE_HZ = 24_000
_MUSIC_HZ = 48_000
_CHARACTERS_PER_S = 15
_PAGE = b"<!doctype html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>"


def made_for(order: Order) -> tuple[bytes, str]:
    """The file an order is for, and its content type. ``sent["format"]`` may ask for ``mp3`` or ``pcm`` sound."""
    tint = int.from_bytes(hashlib.sha256(order.prompt.encode()).digest()[:4], "big")
    size = order.size if min(order.size) > 0 else (1280, 720)
    match order.kind:
        case "video":
            return clip(order.seconds or 5.0, size, tint, order.picture), "video/mp4"
        case "image":
            return still(size, tint), "image/png"
        case "voice":
            return _in_format(voice(order.seconds or spoken_s(len(order.prompt)), tint), order)
        case "music":
            return _in_format(music(order.seconds or 10.0, tint), order)
        case "text":
            return b"", "text/plain"


def damaged(how: Damage, made: bytes, kind: str) -> tuple[bytes, str]:
    """What is served in place of a good file."""
    return (_PAGE, "text/html") if how == "page" else (made[: len(made) // 2], kind)


def spoken_s(characters: int) -> float:
    """How long a text takes to say."""
    return max(0.6, characters / _CHARACTERS_PER_S)


@lru_cache(maxsize=32)
def clip(seconds: float, size: tuple[int, int], tint: int, picture: bytes | None = None) -> bytes:
    """An MP4 at 24 frames per second, at least ``seconds`` long: a slow move over a picture."""
    large = [math.ceil(edge * _SLACK / 2) * 2 for edge in size]
    still_picture = ImageOps.fit(
        _opened(picture) or _landscape(size, tint), (large[0], large[1]), Image.Resampling.BILINEAR
    )
    frames = math.ceil(seconds * FPS - 1e-6)
    over, down = large[0] - size[0], large[1] - size[1]
    way = f"n/{max(frames - 1, 1)}"
    move = f"crop={size[0]}:{size[1]}:{over}*{way if tint % 2 else f'(1-{way})'}:{down}*{way}:exact=1"
    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder) / "clip.mp4"
        run_ffmpeg(
            [
                *(
                    "-f",
                    "rawvideo",
                    "-pix_fmt",
                    "rgb24",
                    "-s",
                    f"{large[0]}x{large[1]}",
                    "-r",
                    str(FPS),
                    "-i",
                    "pipe:0",
                ),
                *("-vf", f"format=yuv420p,loop=loop=-1:size=1,setpts=N/{FPS}/TB,{move}", "-frames:v", str(frames)),
                *("-c:v", "libx264", "-preset", "ultrafast", "-crf", "26", "-threads", "2", "-pix_fmt", "yuv420p"),
                *(*BITEXACT, as_argument(into)),
            ],
            stdin=still_picture.tobytes(),
        )
        return into.read_bytes()


@lru_cache(maxsize=32)
def still(size: tuple[int, int], tint: int) -> bytes:
    """A PNG."""
    content = io.BytesIO()
    _landscape(size, tint).save(content, "PNG", compress_level=1)
    return content.getvalue()


@lru_cache(maxsize=64)
def voice(seconds: float, tint: int) -> bytes:
    """A wav, mono: something that hums in syllables."""
    time_s = np.arange(round(seconds * _VOICE_HZ)) / _VOICE_HZ
    pitch_hz = (110 + tint % 80) * (1 + 0.06 * np.sin(2 * np.pi * 0.7 * time_s))
    phase = 2 * np.pi * np.cumsum(pitch_hz) / _VOICE_HZ
    buzz = sum(np.sin(n * phase) / n for n in range(1, 7))
    return _wav(0.25 * buzz * np.clip(np.sin(np.pi * 4 * time_s) ** 2 * 1.4, 0, 1), _VOICE_HZ)


@lru_cache(maxsize=8)
def music(seconds: float, tint: int) -> bytes:
    """A wav, stereo: slow chords that end instead of stopping."""
    time_s = np.arange(round(seconds * _MUSIC_HZ)) / _MUSIC_HZ
    root_hz = 110 * 2 ** (tint % 12 / 12)
    step = (time_s / 2).astype(int)
    ends = np.clip(np.minimum(time_s / 0.5, (seconds - time_s) / 1.0), 0, 1)
    sides = []
    for shift in (0.0, 0.4):
        tone = np.zeros_like(time_s)
        for chord, notes in enumerate(((0, 4, 7), (9, 12, 16), (5, 9, 12), (7, 11, 14))):
            heard = step % 4 == chord
            for note in notes:
                tone[heard] += np.sin(2 * np.pi * root_hz * 2 ** (note / 12) * time_s[heard] + shift)
        sides.append(0.12 * tone * ends)
    return _wav(np.stack(sides, axis=1), _MUSIC_HZ)


def _in_format(sound: bytes, order: Order) -> tuple[bytes, str]:
    match order.sent.get("format", "wav"):
        case "mp3":
            return _mp3(sound), "audio/mpeg"
        case "pcm":
            with wave.open(io.BytesIO(sound)) as file:
                return file.readframes(file.getnframes()), "audio/pcm"
    return sound, "audio/wav"


@lru_cache(maxsize=16)
def _mp3(sound: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder) / "sound.mp3"
        run_ffmpeg(
            ["-f", "wav", "-i", "pipe:0", "-c:a", "libmp3lame", "-b:a", "128k", *BITEXACT, as_argument(into)],
            stdin=sound,
        )
        return into.read_bytes()


def _wav(sound: np.ndarray, rate_hz: int) -> bytes:
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1 if sound.ndim == 1 else sound.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return content.getvalue()


def _opened(picture: bytes | None) -> Image.Image | None:
    """A first frame that was sent; ``None`` when there is none or it is no picture."""
    if picture is None:
        return None
    try:
        return Image.open(io.BytesIO(picture)).convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError):
        return None


def _landscape(size: tuple[int, int], tint: int) -> Image.Image:
    """A sky, a sun and two hills, in colours of ``tint``."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x / width, y / height
    sky = np.array([tint >> 4 & 127, tint >> 11 & 127, 90 + (tint >> 18 & 127)], np.float32)
    picture = sky * (0.55 + 0.6 * y[..., None])
    sun = np.hypot((x - 0.2 - 0.6 * (tint % 97) / 97) * width / height, y - 0.3)
    picture += np.clip(0.5 - sun * 1.8, 0, 0.5)[..., None] * np.array([200, 170, 110], np.float32)
    for depth in (0.0, 1.0):
        hill = 0.62 + 0.16 * depth + 0.07 * np.sin(x * (5 - 2 * depth) + tint % 7 + 3 * depth)
        shade = (sky[::-1] * (0.5 - 0.25 * depth))[None, None]
        picture = np.where((y > hill)[..., None], shade, picture)
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
