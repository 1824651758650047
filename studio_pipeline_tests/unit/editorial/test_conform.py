"""A cut whose transitions run into each other is still a film, and the person is told which one had no room."""

from __future__ import annotations

from studio_pipeline.editorial.conform import with_room
from studio_pipeline.editorial.timeline import Transition


def test_only_transitions_without_room_are_taken_out_of_a_cut(library):
    dissolves = [Transition(at=at, kind="dissolve", out_frames=3, in_frames=3) for at in (1, 2, 3)]
    cut = library().timeline([12, 5, 12, 12], dissolves)
    mended, problems = with_room(cut)
    assert mended.transitions == (dissolves[0], dissolves[2])
    assert [str(problem) for problem in problems] == [
        "animated.s02.k2: is shorter than the transitions at its two ends together; the dissolve at its end is a plain "
        "cut"
    ]


def test_a_cut_with_room_for_all_stays_as_it_is(library):
    cut = library().timeline([12, 7], [Transition(at=1, kind="wipe", out_frames=3, in_frames=3)])
    assert with_room(cut) == (cut, ())
