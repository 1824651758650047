"""Conform finds everything that would spoil a render, and says in which shot."""

from __future__ import annotations

import pytest

from studio_pipeline.editorial.conform import conform, with_room
from studio_pipeline.editorial.timeline import MusicSpan, Speech, Transition
from studio_pipeline.errors import MediaDamaged
from studio_pipeline.media.probe import probe, probe_sound


@pytest.fixture
def shelf(library):
    return library()


def facts_from(shelf):
    def facts(media):
        if media not in shelf.paths:
            raise MediaDamaged("its media is gone", todo="Make the take again.")
        return probe(shelf.resolve(media))

    return facts


def test_a_sound_cut_has_no_problem(shelf):
    assert conform(shelf.timeline([5, 6]), facts_from(shelf)) == ()


def test_each_wrong_clip_is_named_with_what_is_wrong(shelf, library):
    timeline = shelf.timeline([5, 6, 7])
    first, second, third = (clip.media for clip in timeline.clips)
    slow = library(25)
    shelf.paths[first] = slow.paths[slow.clip(1, 17)]
    del shelf.paths[second]
    shelf.paths[third] = shelf.paths[shelf.clip(8, 18)]
    assert [str(problem) for problem in conform(timeline, facts_from(shelf))] == [
        "animated.s01.k1: its media runs at 25 frames a second, the film at 24",
        "animated.s02.k2: its media is gone. Make the take again.",
        "animated.s03.k3: its media has 18 frames, the timeline says 19",
    ]


def test_a_film_of_another_size_is_a_problem_of_every_clip(shelf):
    timeline = shelf.timeline([5, 6]).model_copy(update={"size": (1280, 720)})
    messages = [problem.message for problem in conform(timeline, facts_from(shelf))]
    assert messages == ["its media is 128×96 pixels, the film is 1280×720"] * 2


def test_transitions_that_meet_inside_a_clip_are_found(shelf):
    both = [Transition(at=at, kind="dissolve", out_frames=3, in_frames=3) for at in (1, 2)]
    problems = conform(shelf.timeline([8, 5, 8], both), facts_from(shelf))
    assert [problem.shot for problem in problems] == ["animated.s02.k2"]


def test_a_sound_that_does_not_open_is_found(shelf, ref, tmp_path):
    shelf.paths[ref("voice", ".wav")] = tmp_path / "voice.wav"
    (tmp_path / "voice.wav").write_bytes(b"not a sound")
    timeline = shelf.timeline([5, 6]).model_copy(
        update={
            "narration": (Speech(scene=2, media=ref("voice", ".wav"), record_frame=0, frames=5, text="Oh."),),
            "music": (MusicSpan(media=ref("voice", ".wav"), record_frame=0, frames=11),),
        }
    )
    problems = conform(timeline, facts_from(shelf), lambda media: probe_sound(shelf.resolve(media)))
    assert [problem.shot for problem in problems] == ["narration of scene 2", "music"]
    assert "cannot be read" in problems[0].message


def test_a_file_used_twice_is_opened_once(shelf):
    timeline = shelf.timeline([5, 6])
    same = timeline.clips[0].model_copy(update={"name": "animated.s09.k1"})
    opened = []

    def facts(media):
        opened.append(media)
        return probe(shelf.resolve(media))

    conform(timeline.model_copy(update={"clips": (*timeline.clips, same)}), facts)
    assert len(opened) == 2


def test_only_transitions_without_room_are_taken_out_of_a_cut(shelf):
    dissolves = [Transition(at=at, kind="dissolve", out_frames=3, in_frames=3) for at in (1, 2, 3)]
    cut = shelf.timeline([12, 5, 12, 12], dissolves)
    mended, problems = with_room(cut)
    assert mended.transitions == (dissolves[0], dissolves[2])
    assert [problem.shot for problem in problems] == ["animated.s02.k2"]
    assert with_room(mended) == (mended, ())
