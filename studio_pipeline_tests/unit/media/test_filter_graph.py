"""The rendered picture is the timeline, frame for frame."""

from __future__ import annotations

import re
from pathlib import Path

import av
import numpy as np
import pytest

from studio_pipeline.editorial.timeline import Transition
from studio_pipeline.errors import BadInput, HomeFull, MediaDamaged
from studio_pipeline.media.filter_graph import render_picture
from studio_pipeline.media.picture_graph import picture_graph

EVERYTHING = (
    Transition(at=0, kind="fade_black", out_frames=0, in_frames=6),
    Transition(at=1, kind="dissolve", out_frames=3, in_frames=4),
    Transition(at=2, kind="fade_black", out_frames=5, in_frames=4),
    Transition(at=4, kind="dissolve", out_frames=0, in_frames=5),
    Transition(at=5, kind="fade_black", out_frames=8, in_frames=0),
)
"""Fades at both ends and between, a dissolve on the cut, a plain cut, a dissolve before the cut."""


@pytest.mark.parametrize("fps", [24, 23.976, 25, 29.97, 30])
def test_every_frame_shows_what_the_timeline_says(library, light, tmp_path, fps):
    shows, should_show = light
    shelf = library(fps)
    timeline = shelf.timeline([20, 15, 12, 14, 16], EVERYTHING)
    render_picture(timeline, shelf.resolve, tmp_path / "film.mp4")
    film, wanted = shows(tmp_path / "film.mp4"), should_show(timeline)
    assert len(film) == timeline.frames
    assert np.abs(film - wanted).max() < 0.03


def test_transitions_may_take_whole_clips(library, light, tmp_path):
    shows, should_show = light
    shelf = library()
    timeline = shelf.timeline(
        [4, 6, 5, 3],
        [
            Transition(at=0, kind="fade_black", out_frames=0, in_frames=1),
            Transition(at=1, kind="dissolve", out_frames=3, in_frames=3),
            Transition(at=2, kind="dissolve", out_frames=1, in_frames=3),
            Transition(at=3, kind="fade_black", out_frames=4, in_frames=0),
            Transition(at=4, kind="fade_black", out_frames=3, in_frames=0),
        ],
    )
    render_picture(timeline, shelf.resolve, tmp_path / "film.mp4")
    assert np.abs(shows(tmp_path / "film.mp4") - should_show(timeline)).max() < 0.03


def test_a_fade_ends_on_black_even_when_it_takes_a_clip_without_handles(library, light, tmp_path):
    shows, _ = light
    shelf = library()
    timeline = shelf.timeline([6], [Transition(at=1, kind="fade_black", out_frames=6, in_frames=0)], handle=0)
    render_picture(timeline, shelf.resolve, tmp_path / "film.mp4")
    assert np.abs(shows(tmp_path / "film.mp4")[-1]).max() < 0.01


@pytest.mark.parametrize("fps", [24, 23.976])
def test_frames_lie_exactly_on_their_ticks_and_the_colours_are_named(library, tmp_path, fps):
    shelf = library(fps)
    timeline = shelf.timeline([10, 10], [Transition(at=1, kind="dissolve", out_frames=3, in_frames=3)])
    render_picture(timeline, shelf.resolve, tmp_path / "film.mp4")
    with av.open(str(tmp_path / "film.mp4")) as media:
        stream = media.streams.video[0]
        assert stream.average_rate == timeline.rate.fraction
        assert stream.duration * stream.time_base == 20 / timeline.rate.fraction
        tick = 1 / (timeline.rate.fraction * stream.time_base)
        assert sorted(p.pts for p in media.demux(stream) if p.size) == [n * tick for n in range(20)]
        context = stream.codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (1, 1, 1, 1)


def test_the_same_cut_gives_the_same_bytes(library, tmp_path):
    shelf = library()
    timeline = shelf.timeline([12, 12, 12], EVERYTHING[:2])
    render_picture(timeline, shelf.resolve, tmp_path / "one.mp4")
    render_picture(timeline, shelf.resolve, tmp_path / "two.mp4")
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()


def test_no_name_or_text_enters_the_graph(library):
    timeline = library().timeline([12, 12], title="[0:v]movie=/etc/passwd,")
    words = set(re.findall(r"[a-z_]{3,}", picture_graph(timeline)))
    assert words <= {
        *("setparams", "range", "colorspace", "color_primaries", "color_trc", "bt", "format", "yuv", "split", "trim"),
        *("start_frame", "end_frame", "settb", "setpts", "fps", "concat", "film"),
    }


def test_progress_is_told_and_ends_at_one(library, tmp_path):
    shelf = library()
    heard: list[float] = []
    render_picture(shelf.timeline([12, 12]), shelf.resolve, tmp_path / "film.mp4", progress=heard.append)
    assert heard == sorted(heard) and heard[-1] == 1.0


def test_transitions_that_meet_are_refused(library, tmp_path):
    shelf = library()
    both = [Transition(at=at, kind="dissolve", out_frames=4, in_frames=4) for at in (1, 2)]
    with pytest.raises(BadInput, match=r"animated\.s02\.k2 is shorter"):
        render_picture(shelf.timeline([12, 7, 12], both), shelf.resolve, tmp_path / "film.mp4")


def test_a_clip_shorter_than_it_says_is_an_error_and_not_a_shorter_film(library, tmp_path):
    shelf = library()
    timeline = shelf.timeline([12, 12])
    shelf.paths[timeline.clips[1].media] = shelf.paths[shelf.clip(9, 15)]
    with pytest.raises(MediaDamaged, match="came out with 21 frames"):
        render_picture(timeline, shelf.resolve, tmp_path / "film.mp4")


def test_a_full_disk_is_said_in_words(library):
    shelf = library()
    with pytest.raises(HomeFull, match="no space"):
        render_picture(shelf.timeline([12]), shelf.resolve, Path("/dev/full"))
