"""Tiny films for tests: clips whose every frame says which frame it is, and what a film must show.

Each frame is 12 blocks, black or white: 4 say the clip, 8 the frame. A block survives encoding, and in a transition
its grey is the mix of two blocks, so a whole film can be checked frame by frame against the timeline's words.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from studio_pipeline.editorial.timeline import NORMAL, Timeline, TimelineClip, Transition
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
    """(clip, source frame, share of the light) at a frame of the film, straight from the timeline's docstring.

    In a wipe the share is that of the picture; what is missing to 1 is the colour that a fade or dip goes through.
    """
    starts = timeline.record_frames()
    here = max(index for index, start in enumerate(starts) if start <= record_frame)

    def source(index: int) -> int:
        return timeline.clips[index].source_at(record_frame - starts[index])

    if (found := _under_way(timeline, record_frame)) is None:
        return [(here, source(here), 1.0)]
    t, since = found
    if t.mixes:
        share = (since + t.in_frames + 1) / (t.in_frames + t.out_frames + 1)
        return [(t.at - 1, source(t.at - 1), 1 - share), (t.at, source(t.at), share)]
    return [(here, source(here), (-since - 1) / t.out_frames if since < 0 else since / t.in_frames)]


def _under_way(timeline: Timeline, record_frame: int) -> tuple[Transition, int] | None:
    """The transition that a frame lies in, and its frames since the cut point, negative before it."""
    ends = [*timeline.record_frames(), timeline.frames]
    for t in timeline.transitions:
        since = record_frame - ends[t.at]
        before, after = (t.in_frames, t.out_frames) if t.mixes else (t.out_frames, t.in_frames)
        if -before <= since < after and 0 <= record_frame < timeline.frames:
            return t, since
    return None


def luma(path: Path) -> np.ndarray:
    """Grey of every block of every frame, as (frames, 3, 4), 0 for black to 1 for white."""
    grey = []
    with av.open(str(path)) as media:
        for frame in media.decode(video=0):
            plane = np.asarray(frame.to_ndarray(format="yuv420p")[: SIZE[1]], float)
            grey.append((_cells(plane) - BLACK) / (WHITE - BLACK))
    return np.array(grey)


def expected_luma(timeline: Timeline) -> np.ndarray:
    """What ``luma`` reads of the film of ``timeline``: every transition, speed, hold and colour match."""
    return np.array([_cells(_expected(timeline, frame)) for frame in range(timeline.frames)])


def _expected(timeline: Timeline, record_frame: int) -> np.ndarray:
    """The light of every pixel at a frame of the film."""
    sides = [(_light(timeline.clips[index], source), share) for index, source, share in shown(timeline, record_frame)]
    found = _under_way(timeline, record_frame)
    if found and found[0].kind == "wipe":
        return np.where(_wiped(found[0], sides[1][1]), sides[1][0], sides[0][0])
    picture = sum((light * share for light, share in sides), np.zeros(SIZE[::-1]))
    if found and (colour := found[0].through):
        red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        picture += (1 - sides[0][1]) * (0.2126 * red + 0.7152 * green + 0.0722 * blue)
    return picture


def _light(clip: TimelineClip, source_frame: int) -> np.ndarray:
    """The pixels of a barcode clip; its number is the last one in its name."""
    light = np.kron(blocks(int(clip.name.rsplit("k", 1)[1]), source_frame), np.ones((BLOCK, BLOCK)))
    if clip.colour is not None:
        grey = np.round(light * (WHITE - BLACK) * clip.colour.y_gain + clip.colour.y_offset)
        light = np.clip(grey / (WHITE - BLACK), 0, 1)
    return light


def _wiped(t: Transition, share: float) -> np.ndarray:
    """Which pixels show the incoming clip."""
    rows, columns = np.indices(SIZE[::-1])
    at = columns if t.direction in ("left_to_right", "right_to_left") else rows
    side = SIZE[0] if at is columns else SIZE[1]
    edge = 2 * math.floor(share * side / 2 + 0.5)
    return at < edge if t.direction in ("left_to_right", "top_to_bottom") else at >= side - edge


def _cells(picture: np.ndarray) -> np.ndarray:
    """The middle of every block."""
    return picture.reshape(3, BLOCK, 4, BLOCK)[:, 8:-8, :, 8:-8].mean(axis=(1, 3))


@dataclass
class Library:
    """A media store of barcode clips."""

    folder: Path
    rate: Rate
    paths: dict[MediaRef, Path] = field(default_factory=dict)
    made: dict[tuple[int, int], MediaRef] = field(default_factory=dict)

    def resolve(self, media: MediaRef) -> Path:
        return self.paths[media]

    def clip(self, number: int, media_frames: int) -> MediaRef:
        """The clip of this number and length; its frames say both. Made once."""
        if (number, media_frames) not in self.made:
            path = self.folder / f"clip {number};[0]'q {media_frames}.mp4"
            encode_clip(
                [_drawn(number, frame) for frame in range(media_frames)], SIZE, self.rate, path, pixels="yuv420p"
            )
            self.made[number, media_frames] = self.put(path)
        return self.made[number, media_frames]

    def put(self, path: Path) -> MediaRef:
        """Take a file in as it is."""
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        ref = MediaRef(sha256=digest, suffix=path.suffix, size_bytes=len(content))
        self.paths[ref] = path
        return ref

    def timeline(
        self,
        lengths: Sequence[int],
        transitions: Sequence[Transition] = (),
        *,
        handle: int = 6,
        title: str = "Sea",
        looks: Mapping[int, Mapping[str, Any]] | None = None,
    ) -> Timeline:
        """A film of clips number 1, 2, … of these lengths, each with ``handle`` frames of media around what it shows.

        ``looks`` says by a clip's number what else it does: ``{2: {"speed": Speed(num=2), "hold": 3}}``.
        """
        clips = []
        for number, frames in enumerate(lengths, start=1):
            look = (looks or {}).get(number, {})
            speed = look.get("speed", NORMAL)
            moving = frames - look.get("hold", 0)
            media_frames = 2 * handle + (moving - 1) * speed.num // speed.den + 1
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
                    **look,
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
