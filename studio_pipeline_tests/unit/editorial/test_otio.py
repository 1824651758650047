"""A cut written as OTIO reads as editors expect it. That every frame comes through is held in test_interchange.py."""

from __future__ import annotations

from pathlib import Path

import opentimelineio as otio

from studio_pipeline.editorial.links import linked
from studio_pipeline.editorial.otio import to_otio, write_otio
from studio_pipeline.editorial.timeline import Transition

FADE = "fade through black"


def test_handles_are_there_to_be_pulled_out(library):
    timeline = library().timeline([20, 20], [Transition(at=1, kind="dissolve", out_frames=2, in_frames=3)], handle=7)
    first, transition, second = to_otio(timeline, lambda media: "x").video_tracks()[0]
    assert first.available_range().duration.value == second.available_range().duration.value == 34
    assert (first.source_range.start_time.value, first.source_range.duration.value) == (7, 20)
    assert (transition.in_offset.value, transition.out_offset.value) == (3, 2)
    assert transition.transition_type == otio.schema.TransitionTypes.SMPTE_Dissolve


def test_a_fade_through_black_keeps_the_films_length_and_can_be_told_from_a_dissolve(library):
    fade = Transition(at=1, kind="fade_black", out_frames=6, in_frames=4)
    film = to_otio(library().timeline([20, 20], [fade]), lambda media: "x")
    transition = film.video_tracks()[0][1]
    assert (transition.name, transition.transition_type) == (FADE, otio.schema.TransitionTypes.Custom)
    assert (transition.in_offset.value, transition.out_offset.value) == (6, 4)
    assert dict(transition.metadata["studio_pipeline"]) == {
        "kind": "fade_black",
        "out_frames": 6,
        "in_frames": 4,
        "colour": "#000000",
    }
    assert film.duration().value == 40


def test_a_rating_is_a_marker_and_an_unknown_one_is_none(library):
    timeline = library().timeline([5, 5])
    unrated = timeline.clips[1].model_copy(update={"rating": None})
    timeline = timeline.model_copy(update={"clips": (timeline.clips[0], unrated)})
    rated, bare = to_otio(timeline, lambda media: "x").find_clips()
    assert [marker.name for marker in rated.markers] == ["rating 71"]
    assert not bare.markers and "rating" not in bare.metadata["studio_pipeline"]


def test_the_written_file_links_media_relative_to_itself_and_is_the_same_each_time(library, tmp_path):
    shelf = library()
    timeline = shelf.timeline([5, 5], title='Sea "of"\n%s ü')
    (tmp_path / "films" / "sea").mkdir(parents=True)
    into = tmp_path / "films" / "sea" / "film.otio"
    write_otio(timeline, into, shelf.resolve)
    once = into.read_bytes()
    write_otio(timeline, into, shelf.resolve)
    assert into.read_bytes() == once
    film = otio.adapters.read_from_file(str(into))
    assert film.name == timeline.title
    for clip, source in zip(film.find_clips(), timeline.clips, strict=True):
        there = into.parent / otio.url_utils.filepath_from_url(clip.media_reference.target_url)
        assert there.resolve() == shelf.resolve(source.media).resolve()


def test_a_link_is_a_url_whatever_the_folder_is_called():
    assert linked(Path("/a/my media/50%#1.mp4"), Path("/a/films")) == "../my%20media/50%25%231.mp4"


def test_a_fade_at_the_films_end_is_the_dissolve_that_editors_know_and_another_colour_is_named(library):
    ends = [
        Transition(at=0, kind="fade_black", out_frames=0, in_frames=4),
        Transition(at=2, kind="dip", out_frames=5, in_frames=0, colour="#c81e1e"),
    ]
    track = to_otio(library().timeline([20, 20], ends), lambda media: "x").video_tracks()[0]
    types = otio.schema.TransitionTypes
    assert (track[0].name, track[0].transition_type) == ("fade from black", types.SMPTE_Dissolve)
    assert (track[-1].name, track[-1].transition_type) == ("dip to #c81e1e", types.Custom)


def test_a_held_picture_is_a_piece_of_its_own_that_stands(library):
    timeline = library().timeline([20, 20], [Transition(at=1, kind="dissolve", out_frames=2, in_frames=3)])
    held = timeline.clips[0].model_copy(update={"hold": 5})
    track = to_otio(timeline.model_copy(update={"clips": (held, timeline.clips[1])}), lambda media: "x").video_tracks()[
        0
    ]
    moving, standing = track[0], track[1]
    assert (moving.name, moving.source_range.duration.value, list(moving.effects)) == (held.name, 15, [])
    assert (standing.name, standing.source_range.start_time.value) == (f"{held.name} (held)", 20)
    assert isinstance(standing.effects[0], otio.schema.FreezeFrame) and standing.source_range.duration.value == 5


def test_a_picture_that_stops_within_a_dissolve_is_moving_and_standing_inside_one_clip(library):
    timeline = library().timeline([20, 20], [Transition(at=1, kind="dissolve", out_frames=2, in_frames=6)])
    held = timeline.clips[0].model_copy(update={"hold": 5})
    track = to_otio(timeline.model_copy(update={"clips": (held, timeline.clips[1])}), lambda media: "x").video_tracks()[
        0
    ]
    assert isinstance(track[0], otio.schema.Track) and track[0].name == held.name
    assert [int(item.source_range.duration.value) for item in track[0]] == [15, 7]
    assert track[0].source_range.duration.value == 20


def test_the_file_says_who_wrote_it_and_how_the_film_is_to_be_handed_over(library):
    film = to_otio(library().timeline([5]), lambda media: "x")
    said = film.metadata["studio_pipeline"]
    assert said["generator"]["name"] == "studio_pipeline" and said["generator"]["version"]
    assert dict(said["delivery"]) == {"loudness_lufs": -16, "burn_in": False}
