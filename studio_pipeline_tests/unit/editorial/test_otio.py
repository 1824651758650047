"""A cut written as OTIO and opened again is the same cut, frame for frame."""

from __future__ import annotations

from pathlib import Path

import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio_pipeline.editorial.links import linked
from studio_pipeline.editorial.otio import to_otio, write_otio
from studio_pipeline.editorial.timeline import Transition

FADE = "fade through black"


def frames_of(film: otio.schema.Timeline) -> list[list[tuple[str, int, float]]]:
    """What each frame of the picture shows, read from OTIO's structure alone."""
    track = film.video_tracks()[0]
    lanes: list[list[tuple[str, int, float]]] = []
    for clip in track.find_clips():
        start = int(clip.source_range.start_time.value)
        lanes += [[(clip.name, start + n, 1.0)] for n in range(int(clip.source_range.duration.value))]
    at = 0
    for place, item in enumerate(track):
        if not isinstance(item, otio.schema.Transition):
            at += int(item.duration().value)
            continue
        before, after = int(item.in_offset.value), int(item.out_offset.value)
        outer = place in (0, len(track) - 1)
        if item.name == FADE or outer:
            for n in range(before):
                lanes[at - before + n] = [(*lanes[at - before + n][0][:2], (before - n - 1) / before)]
            for n in range(after):
                lanes[at + n] = [(*lanes[at + n][0][:2], n / after)]
            continue
        outgoing, incoming = track[place - 1], track[place + 1]
        tail = int(outgoing.source_range.end_time_exclusive().value)
        head = int(incoming.source_range.start_time.value)
        for n in range(-before, after):
            share = (n + before + 1) / (before + after + 1)
            lanes[at + n] = [(outgoing.name, tail + n, 1 - share), (incoming.name, head + n, share)]
    return lanes


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_frame_survives_the_way_out_and_back(timelines, what_shows, data):
    timeline = data.draw(timelines)
    text = to_otio(timeline, lambda media: f"media/{media.sha256}{media.suffix}").to_json_string()
    film = otio.adapters.read_from_string(text, "otio_json")
    names = [clip.name for clip in timeline.clips]
    wanted = [
        [(names[clip], frame, pytest.approx(share)) for clip, frame, share in what_shows(timeline, record_frame)]
        for record_frame in range(timeline.frames)
    ]
    assert frames_of(film) == wanted
    assert film.duration().value == timeline.frames
    assert film.duration().rate == timeline.rate.num / timeline.rate.den


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_sound_lies_where_the_cut_lays_it(timelines, data):
    timeline = data.draw(timelines)
    film = to_otio(timeline, lambda media: media.sha256)
    laid = []
    for track in film.audio_tracks():
        for clip in track.find_clips():
            span = track.range_of_child(clip)
            laid.append((clip.media_reference.target_url, int(span.start_time.value), int(span.duration.value)))
    sounds = (*timeline.narration, *timeline.music)
    assert sorted(laid) == sorted((sound.media.sha256, sound.record_frame, sound.frames) for sound in sounds)


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
    assert dict(transition.metadata["studio_pipeline"]) == {"kind": "fade_black", "out_frames": 6, "in_frames": 4}
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
