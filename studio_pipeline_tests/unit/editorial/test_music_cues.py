"""Which scenes share a music: no run is restlessly short, none of the film is left out, the mood is the usual one."""

from __future__ import annotations

from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_pipeline.editorial.music_cues import CROSSFADE_S, SPARE_S, runs, track_s, without
from studio_pipeline.film.script import Mood

MOODS: tuple[Mood, ...] = get_args(Mood)
FILMS = st.lists(st.tuples(st.sampled_from(MOODS), st.integers(1, 400)), min_size=1, max_size=20)


def moods(*scenes: tuple[Mood, int], least: int = 8) -> list[tuple[Mood, int]]:
    return [(run.mood, run.count) for run in runs(scenes, least)]


def test_neighbours_in_one_mood_are_one_run() -> None:
    assert moods(("calm", 5), ("calm", 5), ("joy", 9)) == [("calm", 2), ("joy", 1)]


def test_a_short_run_joins_the_longer_one_of_its_neighbours() -> None:
    assert moods(("calm", 9), ("joy", 3), ("tension", 30)) == [("calm", 1), ("tension", 2)]


def test_a_moment_between_two_runs_in_one_mood_makes_them_one() -> None:
    assert moods(("calm", 9), ("joy", 3), ("calm", 30)) == [("calm", 3)]


def test_what_has_joined_is_in_the_mood_that_most_of_it_has() -> None:
    assert moods(("joy", 7), ("calm", 5), ("joy", 7), ("sorrow", 20), least=15) == [("joy", 3), ("sorrow", 1)]


@given(scenes=FILMS, least=st.integers(1, 300))
def test_every_scene_is_in_one_run_and_no_run_is_too_short(scenes: list[tuple[Mood, int]], least: int) -> None:
    found = runs(scenes, least)
    assert [run.first for run in found] == [sum(run.count for run in found[:at]) for at in range(len(found))]
    assert sum(run.count for run in found) == len(scenes)
    for run in found:
        part = scenes[run.first : run.first + run.count]
        assert run.frames == sum(frames for _, frames in part)
        assert run.mood in {mood for mood, _ in part}
        assert run.frames >= least or len(found) == 1
    assert all(before.mood != after.mood for before, after in pairwise(found))


@given(scenes=FILMS, lost=st.sets(st.sampled_from(MOODS)))
def test_a_mood_that_is_not_played_leaves_its_scenes_to_others(scenes: list[tuple[Mood, int]], lost: set[Mood]) -> None:
    found = without(runs(scenes, 8), tuple(lost))
    assert bool(found) == bool({run.mood for run in runs(scenes, 8)} - lost)
    assert not {run.mood for run in found} & lost
    assert sum(run.count for run in found) in (0, len(scenes))


@pytest.mark.parametrize(("longest_s", "wanted_s"), [(30, 30), (12, 12 + CROSSFADE_S + SPARE_S)])
def test_the_only_track_is_as_long_as_the_film_and_others_have_something_to_spare(
    longest_s: float, wanted_s: float
) -> None:
    assert track_s(longest_s, 30) == wanted_s
