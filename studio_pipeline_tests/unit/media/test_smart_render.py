"""A film made of copied packets is the timeline, frame for frame, and its untouched frames are the clips' own."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from studio_pipeline.editorial.timeline import Transition
from studio_pipeline.media.smart_render import smart_render

EVERYTHING = (
    Transition(at=0, kind="fade_black", out_frames=0, in_frames=6),
    Transition(at=1, kind="dissolve", out_frames=3, in_frames=4),
    Transition(at=2, kind="fade_black", out_frames=5, in_frames=4),
    Transition(at=4, kind="dissolve", out_frames=0, in_frames=5),
    Transition(at=5, kind="fade_black", out_frames=8, in_frames=0),
)


@pytest.mark.parametrize("fps", [24, 23.976, 25, 29.97, 30, 60])
def test_every_frame_shows_what_the_timeline_says(library, light, tmp_path, fps):
    shows, should_show = light
    shelf = library(fps)
    timeline = shelf.timeline([50, 45, 42, 44, 46], EVERYTHING)
    report = smart_render(timeline, shelf.resolve, tmp_path / "film.mp4")
    film, wanted = shows(tmp_path / "film.mp4"), should_show(timeline)
    assert len(film) == timeline.frames
    assert np.abs(film - wanted).max() < 0.03
    print(report)
