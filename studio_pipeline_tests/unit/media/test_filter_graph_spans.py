"""A stretch of a film is drawn as it is drawn in the whole."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from studio_pipeline.editorial.timeline import Transition
from studio_pipeline.errors import BadInput, HomeFull, MediaDamaged
from studio_pipeline.media.filter_graph import render_picture

CUT = (
    Transition(at=0, kind="fade_black", out_frames=0, in_frames=6),
    Transition(at=1, kind="dissolve", out_frames=3, in_frames=4),
    Transition(at=2, kind="fade_black", out_frames=5, in_frames=4),
    Transition(at=4, kind="fade_black", out_frames=8, in_frames=0),
)
SPANS = ((0, 3), (3, 20), (17, 19), (19, 60), (44, 49), (70, 88), (45, 70), (88, 89), (95, 96))


@pytest.mark.parametrize("fps", [24, 23.976, 29.97, 60])
def test_any_span_shows_the_same_frames_as_the_whole_film(library, light, tmp_path, fps):
    shows, should_show = light
    shelf = library(fps)
    timeline = shelf.timeline([20, 28, 20, 28], CUT, handle=40)
    wanted = should_show(timeline)
    for a, b in SPANS:
        render_picture(timeline, shelf.resolve, tmp_path / "span.mp4", span=(a, b))
        drawn = shows(tmp_path / "span.mp4")
        assert len(drawn) == b - a
        assert np.abs(drawn - wanted[a:b]).max() < 0.03, (a, b)


def test_a_span_opens_only_the_clips_it_touches(library, tmp_path):
    shelf = library()
    timeline = shelf.timeline([10, 10, 10])
    del shelf.paths[timeline.clips[0].media], shelf.paths[timeline.clips[2].media]
    render_picture(timeline, shelf.resolve, tmp_path / "span.mp4", span=(10, 20))


@pytest.mark.parametrize("wrapped", ["later.mp4", "tenths.mkv"])
def test_a_clip_whose_clock_does_not_start_at_zero_is_still_cut_to_the_frame(library, light, tmp_path, wrapped):
    shows, should_show = light
    shelf = library()
    timeline = shelf.timeline([60], handle=30)
    ref = timeline.clips[0].media
    with av.open(str(shelf.resolve(ref))) as given, av.open(str(tmp_path / wrapped), "w") as taken:
        stream = taken.add_stream_from_template(given.streams.video[0])
        for packet in given.demux(video=0):
            if packet.pts is not None and packet.dts is not None:
                packet.pts, packet.dts, packet.stream = packet.pts + 3 * 12288, packet.dts + 3 * 12288, stream
                taken.mux(packet)
    shelf.paths[ref] = tmp_path / wrapped
    render_picture(timeline, shelf.resolve, tmp_path / "span.mp4", span=(40, 50))
    assert np.abs(shows(tmp_path / "span.mp4") - should_show(timeline)[40:50]).max() < 0.03


@pytest.mark.parametrize("span", [(5, 5), (-1, 4), (0, 11), (7, 3)])
def test_a_span_that_is_no_part_of_the_film_is_refused(library, tmp_path, span):
    shelf = library()
    with pytest.raises(BadInput, match="cannot be drawn"):
        render_picture(shelf.timeline([10]), shelf.resolve, tmp_path / "span.mp4", span=span)


def test_a_film_of_many_clips_is_drawn_by_several_graphs_and_nobody_can_tell(library, light, tmp_path):
    shows, should_show = light
    shelf = library()
    joints = [Transition(at=at, kind="dissolve", out_frames=2, in_frames=2) for at in range(1, 13)]
    timeline = shelf.timeline([6] * 13, [Transition(at=0, kind="dip", out_frames=0, in_frames=2), *joints])
    heard: list[float] = []
    render_picture(timeline, shelf.resolve, tmp_path / "one.mp4", progress=heard.append)
    render_picture(timeline, shelf.resolve, tmp_path / "two.mp4")
    assert np.abs(shows(tmp_path / "one.mp4") - should_show(timeline)).max() < 0.03
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()
    assert heard[-1] == 1.0


def test_what_goes_wrong_in_one_of_several_graphs_is_said_as_in_one(library, tmp_path):
    shelf = library()
    timeline = shelf.timeline([6] * 13)
    with pytest.raises(HomeFull, match="no space"):
        render_picture(timeline, shelf.resolve, Path("/dev/full"))
    shelf.resolve(timeline.clips[11].media).write_bytes(b"<html>")
    with pytest.raises(MediaDamaged, match="cannot be read"):
        render_picture(timeline, shelf.resolve, tmp_path / "film.mp4")
