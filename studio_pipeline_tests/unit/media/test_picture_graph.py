"""What is written into a filter graph: numbers, and words of our own."""

from __future__ import annotations

import re
from pathlib import Path

import av
import numpy as np
import pytest

from studio_pipeline.editorial.timeline import ColourMatch, Delivery, Speech, Speed, Transition
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.encode import encode_clip
from studio_pipeline.media.ffmpeg import run_ffmpeg
from studio_pipeline.media.picture_graph import picture_graph, yuv

HOSTILE = "[0:v]movie=/etc/passwd,"


def test_no_name_or_text_enters_the_graph(library):
    timeline = library().timeline(
        [12, 12, 12, 12],
        [
            Transition(at=1, kind="wipe", out_frames=3, in_frames=3, direction="right_to_left"),
            Transition(at=2, kind="dissolve", out_frames=3, in_frames=3),
            Transition(at=3, kind="dip", out_frames=3, in_frames=3, colour="#123456"),
        ],
        title=HOSTILE,
        looks={2: {"speed": Speed(num=2), "hold": 2, "colour": ColourMatch(y_gain=1.1)}},
    )
    speech = Speech(scene=1, media=timeline.clips[0].media, record_frame=0, frames=9, text=HOSTILE)
    spoken = timeline.model_copy(
        update={"language": HOSTILE, "narration": (speech,), "delivery": Delivery(burn_in=True)}
    )
    words = set(re.findall(r"[a-z_]{3,}", picture_graph(spoken, burn_in=True)))
    assert words <= {
        *("setparams", "range", "colorspace", "color_primaries", "color_trc", "format", "yuv", "split", "trim"),
        *("start_frame", "end_frame", "settb", "setpts", "fps", "concat", "film", "xfade", "transition", "fade"),
        *("duration", "offset", "lutyuv", "clip", "round", "val", "tpad", "stop", "stop_mode", "clone", "max", "ceil"),
        *(
            "hstack",
            "extractplanes",
            "mergeplanes",
            "map",
            "swaprect",
            "floor",
            "crop",
            "ass",
            "captions",
            "fontsdir",
            "fonts",
        ),
    }


@pytest.mark.parametrize(
    "colour, planes",
    [
        ("#000000", (16, 128, 128)),
        ("#ffffff", (235, 128, 128)),
        ("#ff0000", (63, 102, 240)),
        ("#00ff00", (173, 42, 26)),
        ("#0000ff", (32, 240, 118)),
    ],
)
def test_colours_are_those_of_bt_709(colour, planes):
    assert yuv(colour) == planes


WIDTH, HEIGHT = 64, 48
NOISE = np.random.default_rng(7)


def noisy(path: Path) -> np.ndarray:
    """A clip of 24 frames in which no two pixels agree; returns what it shows, planes one above the other."""
    frames = (NOISE.integers(16, 236, (HEIGHT * 3 // 2, WIDTH), np.uint8) for _ in range(24))
    encode_clip(frames, (WIDTH, HEIGHT), Rate.of(24), path, pixels="yuv420p")
    with av.open(str(path)) as media:
        return np.array([frame.to_ndarray(format="yuv420p") for frame in media.decode(video=0)])


def test_frames_without_a_transition_are_not_changed_by_a_bit_and_the_others_by_rounding_only(library, tmp_path):
    timeline = library().timeline(
        [12, 12],
        [
            Transition(at=0, kind="fade_white", out_frames=0, in_frames=4),
            Transition(at=1, kind="dissolve", out_frames=2, in_frames=2),
            Transition(at=2, kind="dip", out_frames=4, in_frames=0, colour="#208040"),
        ],
    )
    first, second = noisy(tmp_path / "1.mp4"), noisy(tmp_path / "2.mp4")
    (tmp_path / "graph.txt").write_text(picture_graph(timeline))
    run_ffmpeg(
        [
            *("-i", "1.mp4", "-i", "2.mp4", "-/filter_complex", "graph.txt", "-map", "[film]"),
            *("-fps_mode", "passthrough", "-f", "rawvideo", "film.yuv"),
        ],
        folder=tmp_path,
    )
    film = np.fromfile(tmp_path / "film.yuv", np.uint8).reshape(24, HEIGHT * 3 // 2, WIDTH)
    assert np.array_equal(film[4:10], first[10:16])
    assert np.array_equal(film[14:20], second[8:14])
    for step in (1, 2, 3, 4):
        mixed = first[16 + step - 1] * (1 - step / 5) + second[4 + step - 1] * (step / 5)
        assert np.abs(film[10 + step - 1] - mixed).max() <= 1
    assert (film[0][:HEIGHT] == 235).all() and (film[0][HEIGHT:] == 128).all()
    green = np.concatenate([np.full(area, value) for area, value in zip((3072, 768, 768), yuv("#208040"), strict=True)])
    assert np.array_equal(film[23].ravel(), green)
