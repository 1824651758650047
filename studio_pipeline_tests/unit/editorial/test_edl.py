"""An EDL opened by the public reader is the same cut, frame for frame, at every rate."""

from __future__ import annotations

import re

import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio_pipeline.editorial.edl import reel_names, to_edl, write_edl
from studio_pipeline.editorial.timeline import Transition
from studio_pipeline.errors import BadInput


def frames_of(edl: str, fps: float) -> list[list[tuple[str, int, float]]]:
    """What each frame shows, by the reading of the public adapter; black shows nothing and gives no light."""
    track = otio.adapters.read_from_string(edl, "cmx_3600", rate=fps).video_tracks()[0]
    lanes: list[list[tuple[str, int, float]]] = []
    for place, item in enumerate(track):
        if isinstance(item, otio.schema.Transition):
            continue
        start, length = int(item.source_range.start_time.value), int(item.source_range.duration.value)
        joint = track[place - 1] if place and isinstance(track[place - 1], otio.schema.Transition) else None
        mixed = int(joint.out_offset.value) if joint else 0
        before = track[place - 2] if joint else None
        for n in range(length):
            layers = []
            if n < mixed and before is not None:
                share = (n + 1) / (mixed + 1)
                tail = int(before.source_range.end_time_exclusive().value)
                layers = [(before, tail + n, 1 - share), (item, start + n, share)]
            else:
                layers = [(item, start + n, 1.0)]
            lanes.append([(clip.name, frame, share) for clip, frame, share in layers if not is_black(clip)])
    return lanes


def is_black(clip: otio.schema.Clip) -> bool:
    return isinstance(clip.media_reference, otio.schema.GeneratorReference)


def wanted_of(timeline, what_shows):
    names = [clip.name for clip in timeline.clips]
    return [
        [(names[clip], frame, pytest.approx(share)) for clip, frame, share in what_shows(timeline, n) if share > 0]
        for n in range(timeline.frames)
    ]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_frame_survives_the_way_out_and_back(timelines, what_shows, data):
    timeline = data.draw(timelines)
    fps = timeline.rate.num / timeline.rate.den
    assert frames_of(to_edl(timeline), fps) == wanted_of(timeline, what_shows)


@pytest.mark.parametrize("fps", [24, 25, 30, 23.976, 29.97, 50, 60])
def test_an_hour_of_film_does_not_drift(library, what_shows, fps):
    """Long sources and late record times: where a dropped frame or a rounded rate would show."""
    shelf = library(fps)
    short = shelf.timeline([3, 3, 3], [Transition(at=2, kind="dissolve", out_frames=2, in_frames=1)])
    hour = round(shelf.rate.fps) * 3600
    long = short.clips[0].model_copy(update={"frames": hour, "media_frames": hour + 12, "source_frame": 6})
    timeline = short.model_copy(update={"clips": (long, *short.clips[1:])})
    lines = to_edl(timeline).splitlines()
    assert lines[2].split()[-4:] == [_tc(6, fps), _tc(hour + 6, fps), "00:00:00:00", "01:00:00:00"]
    film = otio.adapters.read_from_string(to_edl(timeline), "cmx_3600", rate=timeline.rate.fps)
    assert film.duration().value == timeline.frames


def _tc(frame: int, fps: float) -> str:
    base = round(fps)
    seconds = frame // base
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{frame % base:02d}"


def test_a_list_reads_as_an_editor_expects_it(library):
    timeline = library().timeline(
        [24, 24, 24],
        [
            Transition(at=0, kind="fade_black", out_frames=0, in_frames=12),
            Transition(at=1, kind="dissolve", out_frames=6, in_frames=6),
            Transition(at=2, kind="fade_black", out_frames=8, in_frames=8),
        ],
    )
    assert to_edl(timeline).splitlines() == [
        "TITLE: Sea",
        "FCM: NON-DROP FRAME",
        "001  BL       V     C        00:00:00:00 00:00:00:01 00:00:00:00 00:00:00:01",
        "002  BL       V     C        00:00:00:01 00:00:00:01 00:00:00:01 00:00:00:01",
        "002  S01K1T1  V     D    011 00:00:00:07 00:00:01:00 00:00:00:01 00:00:00:18",
        "* TO CLIP NAME: animated.s01.k1",
        "003  S01K1T1  V     C        00:00:01:00 00:00:01:00 00:00:00:18 00:00:00:18",
        "003  S02K2T1  V     D    012 00:00:00:00 00:00:00:22 00:00:00:18 00:00:01:16",
        "* FROM CLIP NAME: animated.s01.k1",
        "* TO CLIP NAME: animated.s02.k2",
        "004  S02K2T1  V     C        00:00:00:22 00:00:00:22 00:00:01:16 00:00:01:16",
        "004  BL       V     D    007 00:00:00:00 00:00:00:09 00:00:01:16 00:00:02:01",
        "* FROM CLIP NAME: animated.s02.k2",
        "005  BL       V     C        00:00:00:09 00:00:00:09 00:00:02:01 00:00:02:01",
        "005  S03K3T1  V     D    007 00:00:00:07 00:00:01:06 00:00:02:01 00:00:03:00",
        "* TO CLIP NAME: animated.s03.k3",
    ]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_reel_is_one_media_and_fits_the_column(timelines, data):
    timeline = data.draw(timelines)
    reels = reel_names(timeline)
    assert set(reels) == {clip.media for clip in timeline.clips}
    assert len(set(reels.values())) == len(reels)
    assert all(re.fullmatch(r"[A-Z0-9]{3,8}", reel) for reel in reels.values())


def test_equal_shots_of_two_pilots_get_different_reels(library, ref):
    timeline = library().timeline([5, 5])
    other = timeline.clips[1].model_copy(update={"name": "generated.s01.k1", "media": ref("other")})
    timeline = timeline.model_copy(update={"clips": (timeline.clips[0], other)})
    assert list(reel_names(timeline).values()) == ["S01K1T1", "R00002"]


def test_a_hostile_title_stays_one_line(library, tmp_path):
    hostile = "A\r\n001  EVIL V C 00:00:00:00 00:00:00:05 00:00:00:00 00:00:00:05\u2028* x\x00" + "long " * 40
    timeline = library().timeline([5], title=hostile)
    write_edl(timeline, tmp_path / "film.edl")
    lines = (tmp_path / "film.edl").read_bytes().decode().split("\r\n")
    assert len(lines) == 5 and len(lines[0]) <= 80
    assert [line[:3] for line in lines] == ["TIT", "FCM", "001", "* F", ""]


def test_more_edits_than_the_format_numbers_is_said_in_words(library):
    one = library().timeline([5])
    clips = [one.clips[0].model_copy(update={"name": f"animated.s01.k{n}"}) for n in range(1000)]
    with pytest.raises(BadInput, match="999 edits"):
        to_edl(one.model_copy(update={"clips": tuple(clips)}))
