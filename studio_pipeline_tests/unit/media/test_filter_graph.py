"""The rendered picture is the timeline, frame for frame."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from studio_pipeline.editorial.timeline import ColourMatch, Delivery, Speech, Speed, Transition
from studio_pipeline.errors import BadInput, HomeFull, MediaDamaged
from studio_pipeline.media.filter_graph import render_picture

EVERYTHING = (
    Transition(at=0, kind="fade_black", out_frames=0, in_frames=6),
    Transition(at=1, kind="dissolve", out_frames=3, in_frames=4),
    Transition(at=2, kind="fade_white", out_frames=5, in_frames=4),
    Transition(at=4, kind="dissolve", out_frames=0, in_frames=5),
    Transition(at=5, kind="wipe", out_frames=3, in_frames=4, direction="bottom_to_top"),
    Transition(at=6, kind="dip", out_frames=8, in_frames=0, colour="#ffa030"),
)
"""Fades at both ends and between, a dissolve on the cut, a plain cut, a dissolve before the cut, a wipe."""
LOOKS = {
    2: {"speed": Speed(num=3, den=2)},
    3: {"speed": Speed(num=1, den=2), "hold": 4},
    5: {"hold": 6},
    6: {"colour": ColourMatch(y_gain=0.8, y_offset=12.4)},
}
"""Faster into a dissolve, slow motion that stops, a hold that is wiped away, colours matched in a dip."""


def damage(path: Path) -> None:
    """Spoil the pictures, and leave the index of the file as it is."""
    content = bytearray(path.read_bytes())
    start = content.index(b"mdat")
    for at in range(start + 200, len(content), 97):
        content[at] ^= 0x5A
    path.write_bytes(content)


@pytest.mark.parametrize("fps", [24, 23.976, 25, 29.97, 30, 60])
def test_every_frame_shows_what_the_timeline_says(library, light, tmp_path, fps):
    shows, should_show = light
    shelf = library(fps)
    timeline = shelf.timeline([20, 15, 12, 14, 16, 12], EVERYTHING, looks=LOOKS, handle=8)
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


@pytest.mark.parametrize("direction", ["left_to_right", "right_to_left", "top_to_bottom", "bottom_to_top"])
def test_a_wipe_moves_where_it_says(library, light, tmp_path, direction):
    shows, should_show = light
    shelf = library()
    timeline = shelf.timeline([8, 8], [Transition(at=1, kind="wipe", out_frames=6, in_frames=5, direction=direction)])
    render_picture(timeline, shelf.resolve, tmp_path / "film.mp4")
    assert np.abs(shows(tmp_path / "film.mp4") - should_show(timeline)).max() < 0.03


@pytest.mark.parametrize("num, den", [(2, 1), (1, 2), (3, 2), (7, 5), (1, 3), (24, 1), (1, 100)])
@pytest.mark.parametrize("hold", [0, 5])
def test_a_clip_plays_at_any_speed_and_is_held_to_the_frame_also_where_a_transition_borrows(
    library, light, tmp_path, num, den, hold
):
    shows, should_show = light
    shelf = library(29.97)
    looks = {1: {"speed": Speed(num=num, den=den), "hold": hold}, 2: {"speed": Speed(num=num, den=den)}}
    timeline = shelf.timeline(
        [9, 7], [Transition(at=1, kind="dissolve", out_frames=2, in_frames=2)], looks=looks, handle=2 + 2 * num // den
    )
    render_picture(timeline, shelf.resolve, tmp_path / "film.mp4")
    assert np.abs(shows(tmp_path / "film.mp4") - should_show(timeline)).max() < 0.03


def test_clips_of_one_frame_may_stand_between_transitions(library, light, tmp_path):
    shows, should_show = light
    shelf = library()
    timeline = shelf.timeline(
        [6, 1, 1, 6],
        [
            Transition(at=0, kind="dip", out_frames=0, in_frames=3, colour="#808080"),
            Transition(at=1, kind="wipe", out_frames=1, in_frames=3),
            Transition(at=2, kind="dissolve", out_frames=1, in_frames=0),
            Transition(at=3, kind="dissolve", out_frames=2, in_frames=0),
            Transition(at=4, kind="fade_white", out_frames=4, in_frames=0),
        ],
    )
    render_picture(timeline, shelf.resolve, tmp_path / "film.mp4")
    assert np.abs(shows(tmp_path / "film.mp4") - should_show(timeline)).max() < 0.03


def test_a_dip_goes_through_its_colour_and_a_match_moves_the_colours(library, tmp_path):
    shelf = library()
    looks = {2: {"colour": ColourMatch(y_gain=0.5, y_offset=-8, cb_offset=12, cr_offset=-20.4)}}
    timeline = shelf.timeline(
        [6, 6], [Transition(at=1, kind="dip", out_frames=3, in_frames=3, colour="#c02040")], looks=looks
    )
    render_picture(timeline, shelf.resolve, tmp_path / "film.mp4")
    with av.open(str(tmp_path / "film.mp4")) as media:
        frames = [frame.to_ndarray(format="yuv420p") for frame in media.decode(video=0)]
    middle, matched = frames[5], frames[11]
    assert [round(plane.mean()) for plane in (middle[:96], middle[96:120], middle[120:])] == [75, 126, 197]
    assert sorted({round(value, -1) for value in matched[:96].flat}) == [20, 120]  # 16 and 117.5: held inside, halved
    assert [round(plane.mean()) for plane in (matched[96:120], matched[120:])] == [140, 108]


def test_captions_are_drawn_in_by_the_clock_of_the_film_whatever_the_media_are_called(library, tmp_path, monkeypatch):
    odd = tmp_path / "o'dd;[0:v],=\\:é"
    odd.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(odd))
    shelf = library(23.976)
    plain = shelf.timeline([60])
    spoken = plain.model_copy(
        update={
            "narration": (
                Speech(scene=1, media=plain.clips[0].media, record_frame=30, frames=24, text="Hm: [x] 100 %{n}"),
            ),
            "delivery": Delivery(burn_in=True),
        }
    )

    def drawn(timeline, span):
        render_picture(timeline, shelf.resolve, tmp_path / "film.mp4", span=span)
        with av.open(str(tmp_path / "film.mp4")) as media:
            return [frame.to_ndarray(format="gray").astype(int) for frame in media.decode(video=0)]

    bare, whole, part = drawn(plain, None), drawn(spoken, None), drawn(spoken, (25, 40))
    captioned = [bool(np.abs(one - other).max() > 60) for one, other in zip(bare, whole, strict=True)]
    assert captioned[:30] == [False] * 30 and captioned[30:54] == [True] * 24
    assert [bool(np.abs(one - other).max() > 60) for one, other in zip(bare[25:40], part, strict=True)] == (
        captioned[25:40]
    )


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


def test_a_frame_that_is_damaged_inside_is_an_error_and_not_a_smear(library, tmp_path):
    shelf = library()
    timeline = shelf.timeline([30, 30])
    damage(shelf.resolve(timeline.clips[1].media))
    with pytest.raises(MediaDamaged):
        render_picture(timeline, shelf.resolve, tmp_path / "film.mp4")
