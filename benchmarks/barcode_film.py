"""Material for renderers: textured clips in motion whose every frame says which it is, and cuts of them.

Sixteen blocks in the upper left corner are black or white: six bits for the clip's file, ten for the frame. A block
survives encoding, and in a transition its grey is the mix of two, so each frame of a film can be held against its
timeline. The pictures are soft noise at several scales, panned over by two pixels a frame, with grain on top.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from studio_pipeline.editorial.pieces import Mix, Straight, pieces
from studio_pipeline.editorial.timeline import MusicSpan, Speech, Timeline, TimelineClip, Transition
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.shots import HANDLE_FRAMES
from studio_pipeline.media.encode import encode_clip
from studio_pipeline.media.sound.samples import RATE_HZ, write_blocks

SIZE, RATE = (1280, 720), Rate(num=24)
FILES, SHOT_FRAMES = 16, 120
_BLOCK, _ACROSS, _BITS = 32, 8, 16
_BLACK, _WHITE = 16, 235
_LIGHT_OFF = 0.12
"""Nearer to what a block should be than this is right: a transition of 12 frames has steps of 0.08, and MoviePy begins
it a step earlier than the timeline's words say."""


_GRAIN = 2.2
"""Standard deviation of luma. A frame has some 25 kB then, as in the clips of the studio's own animated tier."""
_SPEECH_S, _MUSIC_S = 3.5, 30
_MUSIC = FILES


@dataclass(frozen=True)
class Material:
    """Clips, lines and music in a folder; a media is one of its files under a name of its own, so that no two shots
    or lines are alike for a cache. Its ``size_bytes`` says which file."""

    folder: Path

    def make(self) -> None:
        """Encode the clips that are not there yet, about a second each."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for number in range(FILES):
            place = self._file(number)
            if not place.exists():
                unfinished = place.with_suffix(".part")
                frames = SHOT_FRAMES + 2 * HANDLE_FRAMES
                encode_clip(_pictures(number, frames), SIZE, RATE, unfinished, pixels="yuv420p", count=frames)
                unfinished.replace(place)
        write_blocks(self._file(0, ".wav"), [_spoken()], channels=1)
        write_blocks(self._file(_MUSIC, ".wav"), [_played()], channels=2)

    def resolve(self, media: MediaRef) -> Path:
        return self._file(media.size_bytes, media.suffix)

    def media(self, use: int) -> MediaRef:
        """The media for the shot that is made as number ``use``, from 0."""
        return _media(f"shot {use}", ".mp4", use % FILES)

    def cut(self, seconds: float, transitions: int) -> Timeline:
        """A film of so many seconds; its transitions, dissolves and fades by turns, are spread over the cuts."""
        shots = max(2, round(seconds * RATE.num / SHOT_FRAMES))
        count = min(transitions, shots - 1)
        places = [round((k + 0.5) * (shots - 1) / count + 0.5) for k in range(count)]
        made = []
        for turn, at in enumerate(sorted(set(places))):
            kind, half = ("dissolve", 6) if turn % 4 else ("fade_black", 8)
            made.append(Transition(at=min(at, shots - 1), kind=kind, out_frames=half, in_frames=half))
        return Timeline(
            name="bench",
            title="Bench",
            language="en",
            rate=RATE,
            size=SIZE,
            clips=tuple(_clip(number, self.media(number)) for number in range(shots)),
            transitions=tuple(made),
        )

    def with_sound(self, timeline: Timeline) -> Timeline:
        """The same cut with a line over each shot, and music from end to end."""
        lines = [
            Speech(
                scene=clip.scene,
                media=_media(f"line of {clip.media.sha256}", ".wav", 0),
                record_frame=start + 12,
                frames=timeline.rate.frames(_SPEECH_S),
                text="The sea is calm tonight.",
            )
            for clip, start in zip(timeline.clips, timeline.record_frames(), strict=True)
        ]
        whole, step = timeline.frames, timeline.rate.frames(_MUSIC_S)
        music = [
            MusicSpan(media=_media("music", ".wav", _MUSIC), record_frame=start, frames=min(step, whole - start))
            for start in range(0, whole, step)
        ]
        return timeline.model_copy(update={"narration": tuple(lines), "music": tuple(music)})

    def retaken(self, timeline: Timeline) -> Timeline:
        """The same cut with another take of a shot in its middle that has a transition, and another line over it."""
        joined = [t.at for t in timeline.transitions] or [len(timeline.clips) // 2]
        number = min(joined, key=lambda at: abs(at - len(timeline.clips) // 2))
        clip = timeline.clips[number].model_copy(update={"media": self.media(1001), "take": 2})
        changed = timeline.model_copy(update={"clips": (*timeline.clips[:number], clip, *timeline.clips[number + 1 :])})
        return self.with_sound(changed) if timeline.narration else changed

    def _file(self, number: int, suffix: str = ".mp4") -> Path:
        return self.folder / f"{number:02d}{suffix}"


@dataclass(frozen=True)
class Looked:
    """A film held against its timeline."""

    frames: int
    wrong: int
    """Frames that do not show what they should, missing and surplus ones included."""
    untouched: int
    """Frames that show a source frame as it was shot."""
    identical: int
    """Those of them that are so to the bit."""
    psnr_db: float
    """Luma of the untouched frames against their source; infinite where all are identical."""


def look(film: Path, timeline: Timeline, material: Material) -> Looked:
    """Every frame of ``film`` against ``timeline``; holds three frames at a time."""
    wanted = list(_wanted(timeline))
    frames = wrong = untouched = identical = 0
    error = 0.0
    shots: dict[int, Iterator[tuple[int, np.ndarray]]] = {}
    for shown, picture in enumerate(_decoded(film)):
        frames += 1
        if shown >= len(wanted):
            wrong += 1
            continue
        light, source = wanted[shown]
        wrong += bool(np.abs(_read(picture) - light).max() > _LIGHT_OFF)
        if source is None:
            continue
        clip, frame = source
        if clip not in shots:
            shots = {clip: enumerate(_decoded(material.resolve(timeline.clips[clip].media)))}
        own = next(own for number, own in shots[clip] if number == frame)
        untouched += 1
        identical += bool((own == picture).all())
        error += float(np.mean((own[: SIZE[1]].astype(np.float32) - picture[: SIZE[1]]) ** 2))
    wrong += max(0, len(wanted) - frames)
    mean = error / max(1, untouched)
    return Looked(frames, wrong, untouched, identical, 10 * float(np.log10(255**2 / mean)) if mean else float("inf"))


def _clip(number: int, media: MediaRef) -> TimelineClip:
    return TimelineClip(
        name=f"bench.s{number + 1:03d}.k1",
        media=media,
        media_frames=SHOT_FRAMES + 2 * HANDLE_FRAMES,
        source_frame=HANDLE_FRAMES,
        frames=SHOT_FRAMES,
        scene=number + 1,
        take=1,
    )


def _wanted(timeline: Timeline) -> Iterator[tuple[np.ndarray, tuple[int, int] | None]]:
    """For each frame of the film: the light of its blocks, and the clip and source frame that it shows untouched."""

    def bits(clip: int, offset: int) -> np.ndarray:
        shot = timeline.clips[clip]
        return _bits(shot.media.size_bytes, shot.source_at(offset))

    for piece in pieces(timeline):
        for at in range(piece.frames):
            if isinstance(piece, Mix):
                share = (at + 1) / (piece.frames + 1)
                outgoing = bits(piece.outgoing, piece.outgoing_first + at)
                yield (1 - share) * outgoing + share * bits(piece.incoming, piece.incoming_first + at), None
                continue
            light = _light(piece, at)
            source = (piece.clip, timeline.clips[piece.clip].source_at(piece.first + at)) if light is None else None
            yield (1.0 if light is None else light) * bits(piece.clip, piece.first + at), source


def _light(piece: Straight, at: int) -> float | None:
    """How much of the clip is seen; ``None`` outside of its fades."""
    if at < piece.fade_in:
        return at / piece.fade_in
    left = piece.frames - at - 1
    return left / piece.fade_out if left < piece.fade_out else None


def _bits(file: int, frame: int) -> np.ndarray:
    code = file | frame << 6
    return np.array([code >> bit & 1 for bit in range(_BITS)], float)


def _read(picture: np.ndarray) -> np.ndarray:
    corner = picture[: _BITS // _ACROSS * _BLOCK, : _ACROSS * _BLOCK].astype(float)
    cells = corner.reshape(-1, _BLOCK, _ACROSS, _BLOCK)[:, 8:-8, :, 8:-8]
    return (cells.mean(axis=(1, 3)).reshape(-1) - _BLACK) / (_WHITE - _BLACK)


def _decoded(path: Path) -> Iterator[np.ndarray]:
    with av.open(str(path)) as media:
        for frame in media.decode(video=0):
            yield frame.to_ndarray(format="yuv420p")


def _pictures(number: int, frames: int) -> Iterator[bytes]:
    rng = np.random.default_rng(number)
    width, height = SIZE
    plate = np.sum([_noise(rng, (height, width + 2 * frames), cell) for cell in (8, 40, 200)], axis=0)
    luma = 125 + 30 * plate
    grain = rng.normal(0, _GRAIN, (height + 64, width + 64))
    chroma = bytes([118 + number]) * (width * height // 4) + bytes([138 - number]) * (width * height // 4)
    for frame in range(frames):
        down, across = rng.integers(0, 64, 2)
        light = luma[:, 2 * frame : 2 * frame + width] + grain[down : down + height, across : across + width]
        picture = np.clip(light, _BLACK, _WHITE).astype(np.uint8)
        code = _bits(number, frame).reshape(-1, _ACROSS) * (_WHITE - _BLACK) + _BLACK
        block = np.kron(code, np.ones((_BLOCK, _BLOCK))).astype(np.uint8)
        picture[: block.shape[0], : block.shape[1]] = block
        yield picture.tobytes() + chroma


def _media(name: str, suffix: str, file: int) -> MediaRef:
    return MediaRef(sha256=hashlib.sha256(name.encode()).hexdigest(), suffix=suffix, size_bytes=file)


def _spoken() -> np.ndarray:
    """A voice of a kind: a hum with its harmonics, in syllables."""
    at = np.arange(int(_SPEECH_S * RATE_HZ)) / RATE_HZ
    hum = np.sum([np.sin(2 * np.pi * 120 * k * at) / k for k in range(1, 12)], axis=0)
    return (0.15 * hum * np.clip(np.sin(2 * np.pi * 2 * at), 0, 1)).astype(np.float32)[:, None]


def _played() -> np.ndarray:
    at = np.arange(_MUSIC_S * RATE_HZ) / RATE_HZ
    chord = np.sum([np.sin(2 * np.pi * hz * at) for hz in (220, 277.2, 329.6)], axis=0)
    return (0.1 * chord[:, None] * np.array([1.0, 0.9])).astype(np.float32)


def _noise(rng: np.random.Generator, shape: tuple[int, int], cell: int) -> np.ndarray:
    """Soft noise: random values ``cell`` pixels apart, with straight ways between them."""
    rows, columns = (-(-side // cell) + 1 for side in shape)
    coarse = rng.normal(0, 1, (rows, columns))
    down = np.arange(shape[0]) / cell
    across = np.arange(shape[1]) / cell
    tall = np.array([np.interp(down, np.arange(rows), column) for column in coarse.T]).T
    return np.array([np.interp(across, np.arange(columns), row) for row in tall])
