"""Music under a cut: it covers the film, changes with the scenes, keeps its beat, and ends with the film."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_pipeline.editorial.music_cues import LEAST_CUE_S
from studio_pipeline.editorial.timeline import MusicSpan
from studio_pipeline.film.brief import FRAME_RATES
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.script import Mood
from studio_pipeline.film.takes import Music, MusicCue
from studio_pipeline.stages.editing.music import film_beats, place_music
from studio_pipeline_tests.unit.stages.editing.shot_footage import RATE, music_track

MOODS: tuple[Mood, ...] = get_args(Mood)


def music(lengths_s: dict[Mood, float], *cues: tuple[int, Mood], beat_s: float = 0.0) -> Music:
    tracks = []
    for at, (mood, seconds) in enumerate(lengths_s.items()):
        step = beat_s * (1 + at / 7)  # no two tempos are alike
        beats = tuple(step * n for n in range(int(max(0.0, seconds - 3) / step) + 1)) if beat_s else ()
        tracks.append(music_track(mood, seconds, beats))
    return Music(tracks=tuple(tracks), cues=tuple(MusicCue(first_scene=n, mood=mood) for n, mood in cues))


def placed(score: Music, *seconds: float, rate: Rate = RATE) -> tuple[MusicSpan, ...]:
    return place_music(score, [(n, rate.frames(s)) for n, s in enumerate(seconds, start=1)], rate)


def check_cover(spans: Sequence[MusicSpan], score: Music, film: int, rate: Rate) -> None:
    """No hole, no overlap that is no crossfade, no frame outside a track, and the end is an ending."""
    assert spans[0].record_frame == 0
    assert spans[-1].record_frame + spans[-1].frames == film
    assert spans[-1].fade_out == 0
    for before, after in pairwise(spans):
        overlap = before.record_frame + before.frames - after.record_frame
        assert overlap == before.fade_out == after.fade_in, "as much as the one goes, the other comes"
        assert overlap > 0
    for one, next_but_one in zip(spans, spans[2:], strict=False):
        assert one.record_frame + one.frames <= next_but_one.record_frame, "never three at once"
    tracks = {track.sound: track for track in score.tracks}
    for span in spans:
        track = tracks[span.media]
        assert rate.seconds(span.source_frame + span.frames) <= track.duration_s + 1e-4
        assert span.fade_in + span.fade_out <= span.frames
        assert span.mood == track.mood
        assert span.origins == (track.receipt.origin("music"),)
    last = tracks[spans[-1].media]
    assert rate.seconds(spans[-1].source_frame + spans[-1].frames + 1) > last.duration_s, "ends with its track"


@settings(max_examples=120, deadline=None)
@given(
    fps=st.sampled_from(FRAME_RATES),
    scenes=st.lists(st.tuples(st.sampled_from(MOODS), st.floats(0.2, 40)), min_size=1, max_size=12),
    share=st.floats(0.1, 1.6),
    beat_s=st.sampled_from([0.0, 0.508, 0.857, 1.0345]),
)
def test_spans_cover_the_film_inside_their_tracks_at_every_rate(
    fps: float, scenes: list[tuple[Mood, float]], share: float, beat_s: float
) -> None:
    rate = Rate.of(fps)
    lengths: dict[Mood, float] = {}
    for mood, seconds in scenes:
        lengths[mood] = max(3.0, lengths.get(mood, 0.0) + seconds * share)
    cues = [(n, mood) for n, (mood, _) in enumerate(scenes, start=1)]
    score = music(lengths, *cues, beat_s=beat_s)
    cut = [(n, max(1, rate.frames(seconds))) for n, (_, seconds) in enumerate(scenes, start=1)]
    spans = place_music(score, cut, rate)
    check_cover(spans, score, sum(frames for _, frames in cut), rate)
    beats = film_beats(score, spans, rate)
    assert list(beats) == sorted(set(beats))
    assert not beats or (beats[0] >= 0 and beats[-1] < sum(frames for _, frames in cut))


def test_a_film_of_its_tracks_length_has_the_whole_track() -> None:
    (span,) = placed(music({"calm": 30}, (1, "calm")), 15, 15)
    assert (span.source_frame, span.frames, span.fade_in, span.fade_out) == (0, 720, 0, 0)


def test_a_shorter_film_comes_in_later_and_has_the_tracks_ending() -> None:
    (span,) = placed(music({"calm": 30}, (1, "calm")), 20)
    assert (span.source_frame, span.frames, span.fade_in) == (240, 480, 24)


def test_music_changes_around_the_joint_of_the_scenes() -> None:
    first, second = placed(music({"calm": 30, "joy": 30}, (1, "calm"), (3, "joy")), 10, 10, 20)
    assert (first.mood, second.mood) == ("calm", "joy")
    assert (second.record_frame, first.record_frame + first.frames) == (480 - 18, 480 + 18)
    assert first.source_frame == 0, "the film begins with the beginning"


def test_what_comes_in_has_a_beat_on_the_joint() -> None:
    score = music({"calm": 40, "joy": 40, "wonder": 40}, (1, "calm"), (2, "joy"), (3, "wonder"), beat_s=0.857)
    spans = placed(score, 20, 20, 20.3)
    assert 480 in film_beats(score, spans, RATE), "to the frame, where the next joint leaves it free"
    joint = spans[2].record_frame + spans[2].fade_in // 2
    assert joint in film_beats(score, spans, RATE)
    assert abs(joint - 960) <= 10, "and near it where the end of the film says where the beats are"


def test_a_scene_left_out_brings_two_runs_of_one_mood_together() -> None:
    score = music({"calm": 60, "joy": 30}, (1, "calm"), (3, "joy"), (4, "calm"))
    assert [span.mood for span in place_music(score, [(1, 240), (2, 240), (4, 480)], RATE)] == ["calm"]


def test_a_run_trimmed_to_a_moment_joins_its_neighbour() -> None:
    score = music({"calm": 60, "joy": 30}, (1, "calm"), (2, "joy"))
    short = round(LEAST_CUE_S) - 1
    assert [span.mood for span in placed(score, 20, short)] == ["calm"]


def test_a_loop_is_a_whole_number_of_bars() -> None:
    beat_s = 0.857
    score = music({"calm": 30}, (1, "calm"), beat_s=beat_s)
    spans = placed(score, 80)
    assert len(spans) >= 4
    for before, after in pairwise(spans):
        back = before.source_frame + before.frames - before.fade_out - after.source_frame
        bars = RATE.seconds(back) / (4 * beat_s)
        assert abs(bars - round(bars)) * 4 * beat_s < 0.5 / 24
        assert before.fade_out == round(0.4 * 24), "short, as it is on the beat"
    beats = film_beats(score, spans, RATE)
    steps = [after - before for before, after in pairwise(beats)]
    assert set(steps) <= {20, 21, 22}, "the beat goes on through every seam"


def test_without_beats_a_loop_is_a_long_crossfade() -> None:
    for before, after in pairwise(placed(music({"calm": 30}, (1, "calm")), 80)):
        assert before.fade_out == after.fade_in == 36


@pytest.mark.parametrize("beat_s", [0.0, 0.6])
def test_a_repeat_leaves_out_the_tracks_own_beginning_and_ending(beat_s: float) -> None:
    spans = placed(music({"calm": 30}, (1, "calm"), beat_s=beat_s), 100)
    for before, after in pairwise(spans):
        assert before.source_frame + before.frames <= (30 - 3) * 24
        assert after.source_frame >= 1.5 * 24


def test_a_cue_with_a_film_after_it_does_not_end_before_it() -> None:
    first, *_ = placed(music({"calm": 25.5, "joy": 25.5}, (1, "calm"), (2, "joy")), 20, 20)
    assert first.source_frame + first.frames <= (25.5 - 3) * 24, "its own ending is not heard"


def test_no_music_and_no_scenes_are_no_spans() -> None:
    assert place_music(None, [(1, 48)], RATE) == ()
    assert place_music(music({"calm": 30}, (1, "calm")), [], RATE) == ()
    assert film_beats(None, (), RATE) == ()


def test_a_scrap_of_sound_is_played_once() -> None:
    (span,) = placed(music({"calm": 0.5}, (1, "calm")), 20)
    assert (span.record_frame, span.frames) == (0, 12)
