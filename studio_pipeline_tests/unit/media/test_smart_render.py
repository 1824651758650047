"""A film of copied packets is the timeline, frame for frame; its untouched frames are the clips' own, bit for bit."""

from __future__ import annotations

import resource
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio_pipeline.editorial.pieces import crowded
from studio_pipeline.editorial.timeline import ColourMatch, Delivery, Speech, Speed, Timeline, Transition
from studio_pipeline.errors import BadInput, HomeFull, MediaDamaged
from studio_pipeline.media import packets
from studio_pipeline.media.ffmpeg import as_argument, run_ffmpeg
from studio_pipeline.media.filter_graph import render_picture
from studio_pipeline.media.render_cache import RenderCache
from studio_pipeline.media.smart_render import smart_render

RATES = [24, 23.976, 25, 29.97, 30, 60]
LENGTHS = [50, 45, 42, 44, 46]
JOINTS = (
    Transition(at=0, kind="fade_black", out_frames=0, in_frames=6),
    Transition(at=1, kind="dissolve", out_frames=3, in_frames=4),
    Transition(at=2, kind="dip", colour="#20c040", out_frames=5, in_frames=4),
    Transition(at=4, kind="wipe", out_frames=6, in_frames=5),
    Transition(at=5, kind="fade_white", out_frames=8, in_frames=0),
)
"""Something at every cut but one, which is plain."""


@pytest.mark.parametrize("fps", RATES)
def test_every_frame_shows_what_the_timeline_says_at_every_rate(library, light, tmp_path, fps):
    shows, should_show = light
    shelf = library(fps)
    timeline = shelf.timeline(LENGTHS, JOINTS)
    report = smart_render(timeline, shelf.resolve, tmp_path / "film.mp4")
    film = shows(tmp_path / "film.mp4")
    assert len(film) == timeline.frames == report.frames
    assert np.abs(film - should_show(timeline)).max() < 0.03
    assert report.copied_frames > timeline.frames / 2 and not report.fallback


def test_clips_that_play_otherwise_are_drawn_and_the_others_copied(library, light, tmp_path):
    shows, should_show = light
    shelf = library()
    looks = {
        1: {"speed": Speed(num=1, den=2)},
        2: {"hold": 9},
        3: {"colour": ColourMatch(y_gain=0.8, y_offset=10)},
    }
    timeline = shelf.timeline([20, 25, 20, 50], [JOINTS[1]], looks=looks)
    report = smart_render(timeline, shelf.resolve, tmp_path / "film.mp4")
    assert np.abs(shows(tmp_path / "film.mp4") - should_show(timeline)).max() < 0.03
    assert 45 <= report.copied_frames <= 50


@st.composite
def cuts(draw: st.DrawFn) -> tuple[list[int], list[Transition], int]:
    sizes = draw(st.lists(st.integers(1, 40), min_size=1, max_size=5))
    joints = []
    for at in range(1, len(sizes)):
        kind = draw(st.sampled_from(["cut", "dissolve", "fade_black", "wipe"]))
        room = [min(6, sizes[at - 1] // 2), min(6, sizes[at] // 2)]
        if kind != "cut" and min(room):
            out_frames, in_frames = (draw(st.integers(1, most)) for most in room)
            joints.append(Transition(at=at, kind=kind, out_frames=out_frames, in_frames=in_frames))
    return sizes, joints, draw(st.integers(0, 8))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=cuts())
def test_any_cut_comes_out_right(library, light, tmp_path, cut):
    shows, should_show = light
    sizes, joints, handle = cut
    shelf = library(25)
    joints = [joint for joint in joints if not joint.mixes or max(joint.out_frames, joint.in_frames) <= handle]
    timeline = shelf.timeline(sizes, joints, handle=handle)
    while crowded(timeline):
        timeline = timeline.model_copy(update={"transitions": timeline.transitions[1:]})
    smart_render(timeline, shelf.resolve, tmp_path / "film.mp4")
    film = shows(tmp_path / "film.mp4")
    assert len(film) == timeline.frames
    assert np.abs(film - should_show(timeline)).max() < 0.03
    _check_packets(tmp_path / "film.mp4", timeline)


def test_untouched_frames_are_the_clips_packets_and_decode_to_the_clips_pictures(library, what_shows, tmp_path):
    shelf = library()
    timeline = shelf.timeline(LENGTHS, JOINTS)
    report = smart_render(timeline, shelf.resolve, tmp_path / "film.mp4")
    packets_of, pictures_of = {}, {}
    for number, clip in enumerate(timeline.clips):
        packets_of[number], pictures_of[number] = _packets(shelf.resolve(clip.media)), _pictures(shelf, clip.media)
    film, pictures = _packets(tmp_path / "film.mp4"), _decoded(tmp_path / "film.mp4")
    equal = 0
    for frame in range(timeline.frames):
        shown = what_shows(timeline, frame)
        if len(shown) == 1 and film[frame] == packets_of[shown[0][0]][shown[0][1]]:
            equal += 1
            assert (pictures[frame] == pictures_of[shown[0][0]][shown[0][1]]).all()
    assert equal == report.copied_frames > timeline.frames / 2


@pytest.mark.parametrize("fps", [24, 29.97])
def test_time_stamps_are_whole_start_at_frame_0_and_never_run_backwards(library, tmp_path, fps):
    shelf = library(fps)
    timeline = shelf.timeline(LENGTHS, JOINTS)
    smart_render(timeline, shelf.resolve, tmp_path / "film.mp4")
    _check_packets(tmp_path / "film.mp4", timeline)
    with av.open(str(tmp_path / "film.mp4")) as media:
        stream = media.streams.video[0]
        assert stream.start_time == 0 and stream.average_rate == timeline.rate.fraction
        assert stream.duration * stream.time_base == timeline.frames / timeline.rate.fraction
        context = stream.codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (1, 1, 1, 1)
    content = (tmp_path / "film.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    assert content[content.index(b"colr") + 4 :][:4] == b"nclx"


def test_a_player_may_jump_to_any_seam(library, light, tmp_path):
    _, should_show = light
    shelf = library()
    timeline = shelf.timeline(LENGTHS, JOINTS)
    smart_render(timeline, shelf.resolve, tmp_path / "film.mp4")
    wanted = should_show(timeline)
    with av.open(str(tmp_path / "film.mp4")) as media:
        stream = media.streams.video[0]
        tick = int(1 / (timeline.rate.fraction * stream.time_base))
        for frame in _near_seams(tmp_path / "film.mp4", timeline):
            media.seek(frame * tick, stream=stream)
            picture = next(shown for shown in media.decode(stream) if shown.pts >= frame * tick)
            assert picture.pts == frame * tick
            grey = np.asarray(picture.to_ndarray(format="yuv420p")[:96], float).reshape(3, 32, 4, 32)[:, 8:-8, :, 8:-8]
            assert np.abs((grey.mean(axis=(1, 3)) - 16) / 219 - wanted[frame]).max() < 0.03


def test_only_plain_cuts_hardly_encode_anything(library, tmp_path):
    shelf = library()
    report = smart_render(shelf.timeline([30, 40, 50]), shelf.resolve, tmp_path / "film.mp4")
    assert report.encoded_frames <= 9


def test_with_or_without_a_cache_the_same_cut_gives_the_same_bytes(library, tmp_path):
    shelf, cache = library(), RenderCache(tmp_path / "cache")
    timeline = shelf.timeline(LENGTHS, JOINTS)
    reports = [
        smart_render(timeline, shelf.resolve, tmp_path / name, cache=kept)
        for name, kept in (("one", None), ("two", cache), ("three", cache))
    ]
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes() == (tmp_path / "three").read_bytes()
    assert [report.cached_frames for report in reports] == [0, 0, reports[0].encoded_frames]
    assert reports[2].encoded_frames == 0


def test_a_changed_shot_has_only_its_own_joints_drawn_again(library, light, tmp_path):
    shows, should_show = light
    shelf, cache = library(), RenderCache(tmp_path / "cache")
    timeline = shelf.timeline(LENGTHS, JOINTS)
    before = smart_render(timeline, shelf.resolve, tmp_path / "film.mp4", cache=cache)
    retaken = timeline.clips[1].model_copy(update={"media": shelf.clip(9, 57), "name": "animated.s02.k9"})
    changed = timeline.model_copy(update={"clips": (timeline.clips[0], retaken, *timeline.clips[2:])})
    report = smart_render(changed, shelf.resolve, tmp_path / "film.mp4", cache=cache)
    assert np.abs(shows(tmp_path / "film.mp4") - should_show(changed)).max() < 0.03
    # A dissolve of 7 frames and a dip of 9, each with up to 8 frames to where the next clip can be entered.
    assert 16 <= report.encoded_frames <= 16 + 2 * 8 + 2 * 3
    assert report.cached_frames > 0 and before.encoded_frames - report.cached_frames < 32


def test_a_longer_first_shot_leaves_everything_behind_its_joint_as_it_was(library, tmp_path):
    shelf, cache = library(), RenderCache(tmp_path / "cache")
    smart_render(shelf.timeline(LENGTHS, JOINTS), shelf.resolve, tmp_path / "film.mp4", cache=cache)
    timeline = shelf.timeline([LENGTHS[0] + 3, *LENGTHS[1:]], JOINTS)
    report = smart_render(timeline, shelf.resolve, tmp_path / "film.mp4", cache=cache)
    assert report.encoded_frames <= 6 + 8 + 7 + 8 + 3


def test_a_kept_stretch_that_somebody_has_damaged_is_drawn_again(library, light, tmp_path):
    shows, should_show = light
    shelf, cache = library(), RenderCache(tmp_path / "cache")
    timeline = shelf.timeline([30, 30], [JOINTS[1]])
    smart_render(timeline, shelf.resolve, tmp_path / "film.mp4", cache=cache)
    for kept in (tmp_path / "cache").glob("*/*.mp4"):
        kept.write_bytes(kept.read_bytes()[:50])
    report = smart_render(timeline, shelf.resolve, tmp_path / "film.mp4", cache=cache)
    assert report.cached_frames == 0
    assert np.abs(shows(tmp_path / "film.mp4") - should_show(timeline)).max() < 0.03


def test_a_clip_from_another_encoder_is_encoded_again_and_the_report_says_so(library, light, tmp_path):
    shows, should_show = light
    shelf = library()
    timeline = shelf.timeline([30, 30, 30])
    path = shelf.paths[timeline.clips[1].media]
    foreign = tmp_path / "foreign.mp4"
    run_ffmpeg(
        [
            "-i",
            as_argument(path),
            "-c:v",
            "libx264",
            "-crf",
            "12",
            "-video_track_timescale",
            "12288",
            as_argument(foreign),
        ]
    )
    shelf.paths[timeline.clips[1].media] = foreign
    report = smart_render(timeline, shelf.resolve, tmp_path / "film.mp4")
    assert np.abs(shows(tmp_path / "film.mp4") - should_show(timeline)).max() < 0.03
    assert 30 <= report.encoded_frames <= 36
    assert report.fallback == "Not in the house format, so all their frames were encoded again: animated.s02.k2."


def test_a_film_whose_stretches_do_not_fit_is_drawn_whole_and_the_report_says_why(
    library, light, tmp_path, monkeypatch
):
    shows, should_show = light
    shelf = library()
    timeline = shelf.timeline([30, 30], [JOINTS[1]])
    monkeypatch.setattr(packets, "house_header", lambda size, rate: b"another encoder's")
    report = smart_render(timeline, shelf.resolve, tmp_path / "film.mp4")
    assert np.abs(shows(tmp_path / "film.mp4") - should_show(timeline)).max() < 0.03
    assert report.copied_frames == 0 and "the whole film was encoded in one" in report.fallback


def test_frames_with_burnt_in_captions_are_those_of_the_graph_and_the_others_are_copied(library, tmp_path):
    shelf = library()
    timeline = shelf.timeline([60, 60])
    speech = Speech(scene=1, media=shelf.clip(1, 72), record_frame=10, frames=30, text="The sea is calm.")
    timeline = timeline.model_copy(update={"narration": (speech,), "delivery": Delivery(burn_in=True)})
    report = smart_render(timeline, shelf.resolve, tmp_path / "film.mp4")
    render_picture(timeline, shelf.resolve, tmp_path / "graph.mp4")
    film, graph = _decoded(tmp_path / "film.mp4"), _decoded(tmp_path / "graph.mp4")
    assert np.abs(film.astype(int) - graph).mean(axis=(1, 2)).max() < 1.5
    assert 60 < report.copied_frames < 100


def test_a_render_that_is_stopped_leaves_the_old_film_and_nothing_else(library, tmp_path):
    shelf = library()
    (tmp_path / "out").mkdir()
    film = tmp_path / "out" / "film.mp4"
    film.write_bytes(b"the old film")

    def stop(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        smart_render(shelf.timeline(LENGTHS, JOINTS), shelf.resolve, film, progress=stop)
    assert [path.name for path in film.parent.iterdir()] == ["film.mp4"]
    assert film.read_bytes() == b"the old film"


def test_a_full_disk_is_said_in_words_and_leaves_nothing(library, tmp_path):
    shelf, cache = library(), RenderCache(tmp_path / "cache")
    timeline = shelf.timeline(LENGTHS, JOINTS)
    smart_render(timeline, shelf.resolve, tmp_path / "film.mp4", cache=cache)
    (tmp_path / "out").mkdir()
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, usual[1]))
    try:
        with pytest.raises(HomeFull, match="The film cannot be written: File too large"):
            smart_render(timeline, shelf.resolve, tmp_path / "out" / "film.mp4", cache=cache)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert not list((tmp_path / "out").iterdir())


def test_progress_is_told_and_ends_at_one(library, tmp_path):
    shelf = library()
    heard: list[float] = []
    smart_render(shelf.timeline(LENGTHS, JOINTS), shelf.resolve, tmp_path / "film.mp4", progress=heard.append)
    assert heard == sorted(heard) and heard[-1] == 1.0 and len(heard) > 3


def test_transitions_that_meet_are_refused(library, tmp_path):
    shelf = library()
    both = [Transition(at=at, kind="dissolve", out_frames=4, in_frames=4) for at in (1, 2)]
    with pytest.raises(BadInput, match=r"animated\.s02\.k2 is shorter"):
        smart_render(shelf.timeline([12, 7, 12], both), shelf.resolve, tmp_path / "film.mp4")


def test_a_clip_shorter_than_it_says_is_an_error_and_leaves_no_film(library, tmp_path):
    shelf = library()
    timeline = shelf.timeline([12, 12])
    shelf.paths[timeline.clips[1].media] = shelf.paths[shelf.clip(9, 15)]
    with pytest.raises(MediaDamaged, match=r"came out with"):
        smart_render(timeline, shelf.resolve, tmp_path / "film.mp4")
    assert not (tmp_path / "film.mp4").exists()


def _decoded(path: Path) -> np.ndarray:
    with av.open(str(path)) as media:
        return np.array([frame.to_ndarray(format="yuv420p") for frame in media.decode(video=0)])


def _pictures(shelf, media) -> np.ndarray:
    return _decoded(shelf.resolve(media))


def _packets(path: Path) -> dict[int, bytes]:
    """What lies in the file for each frame."""
    with av.open(str(path)) as media:
        stream = media.streams.video[0]
        tick = int(1 / (stream.average_rate * stream.time_base))
        return {packet.pts // tick: bytes(packet) for packet in media.demux(stream) if packet.size}


def _check_packets(path: Path, timeline: Timeline) -> None:
    with av.open(str(path)) as media:
        stream = media.streams.video[0]
        tick = int(1 / (timeline.rate.fraction * stream.time_base))
        found = [(packet.dts, packet.pts, packet.is_keyframe) for packet in media.demux(stream) if packet.size]
    assert sorted(pts for _, pts, _ in found) == [frame * tick for frame in range(timeline.frames)]
    assert [dts for dts, _, _ in found] == [(number - 1) * tick for number in range(timeline.frames)]
    assert all(dts <= pts for dts, pts, _ in found)
    # Two groups of pictures from different encodings may be counted alike: a decoder could take them for one picture.
    assert not any(first[2] and second[2] for first, second in pairwise(found))


def _near_seams(path: Path, timeline: Timeline) -> list[int]:
    """Frames around every place where decoding can begin."""
    with av.open(str(path)) as media:
        stream = media.streams.video[0]
        tick = int(1 / (timeline.rate.fraction * stream.time_base))
        begins = [packet.pts // tick for packet in media.demux(stream) if packet.size and packet.is_keyframe]
    near = {frame + step for frame in begins for step in range(-2, 3)}
    return sorted(frame for frame in near if 0 <= frame < timeline.frames)
