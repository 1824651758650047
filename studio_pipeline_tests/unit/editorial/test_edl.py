"""A list reads as an editing room expects it. That every frame comes through is held in test_interchange.py."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio_pipeline.editorial.edl import reel_names, to_edl, write_edl
from studio_pipeline.editorial.timeline import Speed, Transition
from studio_pipeline.errors import BadInput


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
        "002  A01K1T1  V     D    011 00:00:00:07 00:00:01:00 00:00:00:01 00:00:00:18",
        "* TO CLIP NAME: animated.s01.k1",
        "003  A01K1T1  V     C        00:00:01:00 00:00:01:00 00:00:00:18 00:00:00:18",
        "003  A02K2T1  V     D    012 00:00:00:00 00:00:00:22 00:00:00:18 00:00:01:16",
        "* FROM CLIP NAME: animated.s01.k1",
        "* TO CLIP NAME: animated.s02.k2",
        "004  A02K2T1  V     C        00:00:00:22 00:00:00:22 00:00:01:16 00:00:01:16",
        "004  BL       V     D    007 00:00:00:00 00:00:00:09 00:00:01:16 00:00:02:01",
        "* FROM CLIP NAME: animated.s02.k2",
        "005  BL       V     C        00:00:00:09 00:00:00:09 00:00:02:01 00:00:02:01",
        "005  A03K3T1  V     D    007 00:00:00:07 00:00:01:06 00:00:02:01 00:00:03:00",
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
    assert list(reel_names(timeline).values()) == ["A01K1T1", "G01K1T1"]


def test_one_name_never_means_two_media(library, ref):
    """Two cuts of a production lie in one project: a shot that another pilot has, too, and a name that is no shot's."""
    timeline = library().timeline([5, 5, 5, 5])
    names = ["animated.s01.k1", "amateur.s01.k1", "a bridge", "animated.s01.k2"]
    takes = [1, 1, 1, 100]
    clips = [
        clip.model_copy(update={"name": name, "take": take, "media": ref(name)})
        for clip, name, take in zip(timeline.clips, names, takes, strict=True)
    ]
    reels = list(reel_names(timeline.model_copy(update={"clips": tuple(clips)})).values())
    assert reels == [
        "A01K1T1",
        *(ref(name).sha256[:8].upper() for name in names[1:3]),
        ref(names[3]).sha256[:8].upper(),
    ]


def test_speed_and_a_held_picture_are_motion_lines(library):
    shelf = library(29.97)
    timeline = shelf.timeline([20, 20], [Transition(at=1, kind="dissolve", out_frames=2, in_frames=2)])
    slow = timeline.clips[0].model_copy(update={"speed": Speed(num=2, den=3), "hold": 6})
    timeline = timeline.model_copy(update={"clips": (slow, timeline.clips[1])})
    assert to_edl(timeline, shelf.resolve).splitlines() == [
        "TITLE: Sea",
        "FCM: DROP FRAME",
        "001  A01K1T1  V     C        00:00:00;06 00:00:00;15 00:00:00;00 00:00:00;14",
        "M2   A01K1T1        020.0                00:00:00:06",
        "* FROM CLIP NAME: animated.s01.k1",
        f"* SOURCE FILE: {shelf.resolve(slow.media).name}",
        "002  A01K1T1  V     C        00:00:00;14 00:00:00;15 00:00:00;14 00:00:00;18",
        "M2   A01K1T1        000.0                00:00:00:14",
        "* FROM CLIP NAME: animated.s01.k1",
        "* FREEZE FRAME",
        f"* SOURCE FILE: {shelf.resolve(slow.media).name}",
        "003  A01K1T1  V     C        00:00:00;14 00:00:00;14 00:00:00;18 00:00:00;18",
        "003  A02K2T1  V     D    004 00:00:00;04 00:00:00;26 00:00:00;18 00:00:01;10",
        "M2   A01K1T1        000.0                00:00:00:14",
        "* FROM CLIP NAME: animated.s01.k1",
        "* TO CLIP NAME: animated.s02.k2",
        f"* SOURCE FILE: {shelf.resolve(timeline.clips[1].media).name}",
    ]
    assert to_edl(timeline, drop_frame=False).splitlines()[1] == "FCM: NON-DROP FRAME"


def test_a_wipe_has_its_number_and_a_colour_is_told_in_words(library):
    joints = [
        Transition(at=1, kind="wipe", out_frames=3, in_frames=3, direction="bottom_to_top"),
        Transition(at=2, kind="dip", out_frames=4, in_frames=0, colour="#c81e1e"),
    ]
    lines = to_edl(library().timeline([20, 20], joints)).splitlines()
    assert [line.split()[3:5] for line in lines if line.startswith("002")][1] == ["W002", "006"]
    assert "* WIPE REVERSED" in lines and "* THROUGH COLOUR #C81E1E" in lines


def test_a_transition_that_is_too_long_to_number_is_said_in_words(library):
    timeline = library().timeline([5, 5])
    clips = [
        clip.model_copy(update={"frames": 1200, "media_frames": 4000, "source_frame": 900}) for clip in timeline.clips
    ]
    long = Transition(at=1, kind="dissolve", out_frames=500, in_frames=500)
    with pytest.raises(BadInput, match="999 frames"):
        to_edl(timeline.model_copy(update={"clips": tuple(clips), "transitions": (long,)}))


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
