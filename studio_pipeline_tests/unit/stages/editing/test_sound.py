"""Narration in a cut: its first word is where it should be, it finds room or is named, and what was done is told."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_pipeline.film.brief import FRAME_RATES
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.script import Scene
from studio_pipeline.film.takes import Narration, Word
from studio_pipeline.stages.editing.footage import Piece, SceneCut
from studio_pipeline.stages.editing.sound import (
    GAP_S,
    LEAD_S,
    LONGEST_HOLD_S,
    Narrated,
    narrated,
    needed_frames,
    spoken_frames,
    unspoken_frames,
)
from studio_pipeline_tests.unit.stages.editing.shot_footage import RATE, media


def said(scene: int, first_s: float, last_s: float, file_s: float | None = None) -> Narration:
    """Two words from ``first_s`` until ``last_s``, in a sound of ``file_s``; or of a second more."""
    middle_s = (first_s + last_s) / 2
    words = (Word(text="Sea", start_s=first_s, end_s=middle_s), Word(text="birds.", start_s=middle_s, end_s=last_s))
    sound = media(f"n{scene}", ".wav")
    return Narration(
        scene=scene, text="Sea birds.", language="en", sound=sound, duration_s=file_s or last_s + 1, words=words
    )


def scene_of(
    number: int, frames: int, narration: Narration | None = None, *, handle: int = 0, moves: bool = True, shots: int = 1
) -> SceneCut:
    scene = Scene(number=number, heading="", place="", frames=frames, narration="Sea birds.", direction="")
    pieces = tuple(
        Piece(
            name=f"animated.s{number:02d}.k{k}",
            scene=number,
            media=media(f"{number}.{k}"),
            media_frames=frames // shots + 2 * handle,
            source_frame=handle,
            frames=frames // shots,
            take=1,
            rating=None,
            framing="wide",
            moves=moves,
        )
        for k in range(1, shots + 1)
    )
    return SceneCut("animated", scene, pieces, narration)


def first_words(scenes: Sequence[SceneCut], rate: Rate = RATE) -> list[float]:
    """Film seconds at which the first word of each placed narration is said."""
    speeches = narrated(scenes, rate).speeches
    return [rate.seconds(speech.record_frame) + speech.words[0].start_s for speech in speeches]


# Where the words are


def test_the_first_word_is_said_at_the_lead_however_long_its_sound_is_silent_before() -> None:
    scenes = [scene_of(1, 120), scene_of(2, 120, said(2, 0.25, 3))]
    (speech,) = narrated(scenes, RATE).speeches
    assert speech.record_frame == 120 + round(LEAD_S * 24) - 6
    assert first_words(scenes) == [pytest.approx(5 + LEAD_S, abs=1 / 24)]


def test_a_sounds_silence_may_lie_over_the_scene_before_but_not_before_the_film() -> None:
    assert first_words([scene_of(1, 240), scene_of(2, 240, said(2, 1.5, 4))])[0] == pytest.approx(10.3, abs=1 / 24)
    assert first_words([scene_of(1, 240, said(1, 1.5, 4))]) == [1.5], "its sound begins with the film"


def test_a_line_ends_with_its_last_word() -> None:
    (speech,) = narrated([scene_of(1, 240, said(1, 0.0, 3.0, file_s=7.5))], RATE).speeches
    assert speech.frames == math.ceil(3.1 * 24)


def test_who_has_spoken_is_kept() -> None:
    narration = said(1, 0, 2)
    assert narrated([scene_of(1, 240, narration)], RATE).speeches[0].origins == ()


# What is done for a narration that is longer than its pictures


def untouched(*scenes: SceneCut) -> bool:
    done = heard(*scenes)
    return (done.scenes, done.notes) == (scenes, ())


def heard(*scenes: SceneCut) -> Narrated:
    done = narrated(scenes, RATE)
    assert done.missing == ()
    return done


def test_where_there_is_room_nothing_is_done() -> None:
    scenes = (scene_of(1, 120, said(1, 0, 4.5)), scene_of(2, 120, said(2, 0, 3)))
    assert untouched(*scenes)


def test_it_may_run_on_into_the_next_scenes_air() -> None:
    scenes = (scene_of(1, 120, said(1, 0, 6)), scene_of(2, 120, said(2, 0, 3)))
    assert untouched(*scenes)


def test_handles_come_first() -> None:
    done = heard(scene_of(1, 120, said(1, 0, 5), handle=12))
    (piece,) = done.scenes[0].pieces
    assert piece.clip.plain
    assert piece.frames == needed_frames(said(1, 0, 5), RATE)
    assert done.notes == ("scene 1 lasts 0.4 s longer for its narration: 0.4 s of its shots that were to spare",)


def test_the_lead_is_given_up_before_a_picture_is_bent() -> None:
    scene = scene_of(1, 120, said(1, 0, 4.7))
    assert untouched(scene)
    assert first_words([scene]) == [pytest.approx(0.18, abs=0.03)]


@pytest.mark.parametrize(("words_s", "speed"), [(5.3, "9/10"), (5.7, "5/6"), (6.1, "4/5")])
def test_then_the_last_shot_plays_slower_by_a_fraction_of_whole_frames(words_s: float, speed: str) -> None:
    done = heard(scene_of(1, 120, said(1, 0, words_s), shots=1))
    (piece,) = done.scenes[0].pieces
    assert str(piece.speed.fraction) == speed
    assert piece.hold == 0
    assert done.notes[0].endswith(f"animated.s01.k1 at {speed} of its speed")
    assert piece.frames == math.ceil((words_s + 0.1) * 24)


def test_then_its_last_picture_stands_still() -> None:
    done = heard(scene_of(1, 120, said(1, 0, 7.9)))
    (piece,) = done.scenes[0].pieces
    assert (str(piece.speed.fraction), piece.frames - piece.hold) == ("4/5", 150)
    assert piece.hold == 192 - 150
    assert "the last picture of animated.s01.k1 held for 1.8 s" in done.notes[0]


def test_a_shot_that_does_not_move_only_stands_still() -> None:
    done = heard(scene_of(1, 120, said(1, 0, 6.4), moves=False))
    (piece,) = done.scenes[0].pieces
    assert (piece.speed.fraction, piece.hold) == (1, 156 - 120)


def test_only_then_is_it_left_out_and_named_and_its_pictures_stay_as_they_are() -> None:
    scenes = (scene_of(1, 120, said(1, 0, 12), handle=6), scene_of(2, 120, said(2, 0, 3)))
    done = narrated(scenes, RATE)
    assert done.missing == ("the narration of scene 1 (12.1 s) finds no room",)
    assert done.notes == ()
    assert done.scenes[0].pieces == scenes[0].pieces
    assert [speech.scene for speech in done.speeches] == [2]


def test_a_line_that_is_too_long_costs_no_other_line() -> None:
    lines = [said(1, 0, 12), *(said(n, 0, 4.5) for n in range(2, 6))]
    done = narrated([scene_of(n, 120, line) for n, line in enumerate(lines, start=1)], RATE)
    assert [speech.scene for speech in done.speeches] == [2, 3, 4, 5]


def test_only_the_last_shot_of_a_scene_is_touched() -> None:
    done = heard(scene_of(1, 120, said(1, 0, 6), shots=3))
    *others, last = done.scenes[0].pieces
    assert all(piece.clip.plain and piece.frames == 40 for piece in others)
    assert not last.clip.plain


def test_what_was_not_spoken_is_named() -> None:
    silent = said(1, 0, 2).model_copy(update={"sound": None})
    assert narrated([scene_of(1, 120, silent)], RATE).missing == ("the narration of scene 1 was not spoken",)


@settings(max_examples=150, deadline=None)
@given(
    fps=st.sampled_from(FRAME_RATES),
    film=st.lists(
        st.tuples(
            st.floats(0.1, 12),  # length of the scene
            st.one_of(st.none(), st.tuples(st.floats(0, 2), st.floats(0.05, 14), st.floats(0, 3))),
            st.integers(0, 8),
            st.integers(1, 3),
            st.booleans(),
        ),
        min_size=1,
        max_size=8,
    ),
)
def test_whatever_is_said_it_is_heard_whole_or_named(
    fps: float, film: list[tuple[float, tuple[float, float, float] | None, int, int, bool]]
) -> None:
    rate = Rate.of(fps)
    scenes = []
    for number, (seconds, line, handle, shots, moves) in enumerate(film, start=1):
        words = said(number, line[0], line[0] + line[1], sum(line)) if line else None
        frames = max(shots, rate.frames(seconds)) // shots * shots
        scenes.append(scene_of(number, frames, words, handle=handle, moves=moves, shots=shots))
    done = narrated(scenes, rate)
    assert len(done.speeches) + len(done.missing) == sum(scene.narration is not None for scene in scenes)
    spoken = {speech.scene for speech in done.speeches}
    length = sum(scene.frames for scene in done.scenes)
    starts = {}
    at = 0
    for before, after in zip(scenes, done.scenes, strict=True):
        starts[after.scene.number] = at
        at += after.frames
        for piece in after.pieces:
            assert Fraction(4, 5) <= piece.clip.speed.fraction <= 1  # and the clip is valid: it stays inside its media
            assert piece.hold <= rate.frames(LONGEST_HOLD_S)
        if after.scene.number not in spoken:
            assert after == before, "nothing is done for words that are not heard"
    for one, next_one in pairwise(done.speeches):
        assert one.record_frame + one.frames <= next_one.record_frame
        gap = rate.seconds(next_one.record_frame) + next_one.words[0].start_s
        assert gap - rate.seconds(one.record_frame + one.frames) >= GAP_S - 1 / rate.fps
    for speech in done.speeches:
        narration = next(scene.narration for scene in scenes if scene.scene.number == speech.scene)
        assert speech.record_frame + speech.frames <= length
        assert speech.frames == spoken_frames(narration, rate), "until its last word is said"
        first_word = speech.record_frame + unspoken_frames(narration, rate)
        assert first_word >= starts[speech.scene], "no word is said before its scene"
    assert (len(done.notes) > 0) == any(
        scene.frames != before.frames for scene, before in zip(done.scenes, scenes, strict=True)
    )
