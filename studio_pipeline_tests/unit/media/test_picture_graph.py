"""What is written into a filter graph: numbers, and words of our own."""

from __future__ import annotations

import re

import pytest

from studio_pipeline.editorial.timeline import ColourMatch, Delivery, Speech, Speed, Transition
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
        *("hstack", "swaprect", "floor", "crop", "ass", "captions", "fontsdir", "fonts"),
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
