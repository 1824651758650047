"""Tiny films for tests: clips whose every frame says which frame it is, and what a film must show.

Each frame is 12 blocks, black or white: 4 say the clip, 8 the frame. A block survives encoding, and in a transition
its grey is the mix of two blocks, so a whole film can be checked frame by frame against the timeline's words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
import pytest

from studio_pipeline.editorial.timeline import Timeline, TimelineClip, Transition
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.encode import encode_clip

SIZE = (128, 96)
BLOCK = 32
BLACK, WHITE = 16, 235


def blocks(clip: int, frame: int) -> np.ndarray:
    """The 3 × 4 blocks of one frame, 0 for black and 1 for white."""
    bits = [(clip >> n) & 1 for n in range(4)] + [(frame >> n) & 1 for n in range(8)]
    return np.array(bits, float).reshape(3, 4)


def shown(timeline: Timeline, record_frame: int) -> list[tuple[int, int, float]]:
    """(clip, source frame, share of the light) at a frame of the film, straight from the timeline's docstring."""
    starts = timeline.record_frames()
    here = max(index for index, start in enumerate(starts) if start <= record_frame)

    def source(index: int) -> int:
        return timeline.clips[index].source_frame + record_frame - starts[index]

    ends = [*starts, timeline.frames]
    for t in timeline.transitions:
        since = record_frame - ends[t.at]  # frames since the cut point, negative before it
        length = t.out_frames + t.in_frames
        if t.kind == "dissolve" and -t.in_frames <= since < t.out_frames:
            share = (since + t.in_frames + 1) / (length + 1)
            return [(t.at - 1, source(t.at - 1), 1 - share), (t.at, source(t.at), share)]
        if t.kind == "fade_black" and t.at > 0 and -t.out_frames <= since < 0:
            return [(here, source(here), (-since - 1) / t.out_frames)]
        if t.kind == "fade_black" and t.at < len(starts) and 0 <= since < t.in_frames:
            return [(here, source(here), since / t.in_frames)]
    return [(here, source(here), 1.0)]


def luma(path: Path) -> np.ndarray:
    """Grey of every block of every frame, as (frames, 3, 4), 0 for black to 1 for white."""
    grey = []
    with av.open(str(path)) as media:
        for frame in media.decode(video=0):
            plane = np.asarray(frame.to_ndarray(format="yuv420p")[: SIZE[1]], float)
            cells = plane.reshape(3, BLOCK, 4, BLOCK)[:, 8:-8, :, 8:-8]
            grey.append((cells.mean(axis=(1, 3)) - BLACK) / (WHITE - BLACK))
    return np.array(grey)


def expected_luma(timeline: Timeline) -> np.ndarray:
    numbers = {clip.name: int(clip.name.rsplit("k", 1)[1]) for clip in timeline.clips}
    film = []
    for record_frame in range(timeline.frames):
        light = np.zeros((3, 4))
        for index, source_frame, share in shown(timeline, record_frame):
            light += share * blocks(numbers[timeline.clips[index].name], source_frame)
        film.append(light)
    return np.array(film)


@dataclass
class Library:
    """A media store of barcode clips."""

    folder: Path
    rate: Rate
    paths: dict[MediaRef, Path] = field(default_factory=dict)

    def resolve(self, media: MediaRef) -> Path:
        return self.paths[media]

    def clip(self, number: int, media_frames: int) -> MediaRef:
        path = self.folder / f"clip {number};[0]'q.mp4"
        ref = MediaRef(sha256=hashlib.sha256(path.name.encode()).hexdigest(), suffix=".mp4", size_bytes=1)
        if ref not in self.paths:
            frames = [_drawn(number, frame) for frame in range(media_frames)]
            encode_clip(frames, SIZE, self.rate, path, pixels="yuv420p")
            self.paths[ref] = path
        return ref

    def timeline(
        self, lengths: Sequence[int], transitions: Sequence[Transition] = (), *, handle: int = 6, title: str = "Sea"
    ) -> Timeline:
        clips = []
        for number, frames in enumerate(lengths, start=1):
            media_frames = frames + 2 * handle
            clips.append(
                TimelineClip(
                    name=f"animated.s{number:02d}.k{number}",
                    media=self.clip(number, media_frames),
                    media_frames=media_frames,
                    source_frame=handle,
                    frames=frames,
                    scene=number,
                    take=1,
                    rating=70.0 + number,
                )
            )
        return Timeline(
            name="balanced",
            title=title,
            language="en",
            rate=self.rate,
            size=SIZE,
            clips=tuple(clips),
            transitions=tuple(transitions),
        )


def _drawn(clip: int, frame: int) -> bytes:
    grey = np.where(np.kron(blocks(clip, frame), np.ones((BLOCK, BLOCK))) > 0, WHITE, BLACK).astype(np.uint8)
    return grey.tobytes() + bytes([128]) * (SIZE[0] * SIZE[1] // 2)


@pytest.fixture
def library(tmp_path: Path) -> Callable[..., Library]:
    """Makes a library of barcode clips at a frame rate."""

    def make(fps: float = 24) -> Library:
        folder = tmp_path / f"media {fps}"
        folder.mkdir(exist_ok=True)
        return Library(folder=folder, rate=Rate.of(fps))

    return make


@pytest.fixture
def light() -> tuple[Callable[[Path], np.ndarray], Callable[[Timeline], np.ndarray]]:
    """(what a film shows, what its timeline says it shows), both as grey of blocks."""
    return luma, expected_luma


@pytest.fixture
def what_shows() -> Callable[[Timeline, int], list[tuple[int, int, float]]]:
    return shown
