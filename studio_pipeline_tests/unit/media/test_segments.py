"""The plan of a smart render: everything is there once, copies keep to their seams, and joints stay small."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from studio_pipeline.editorial.pieces import Straight, crowded, pieces
from studio_pipeline.editorial.timeline import Speed, Timeline, TimelineClip, Transition
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.segments import LONGEST_DRAWN, Copied, Drawn, Seams, segments

HANDLE = 6


def film(lengths: list[int], transitions: list[Transition] | None = None, **look: Any) -> Timeline:
    clips = [
        TimelineClip(
            name=f"animated.s01.k{number}",
            media=MediaRef(sha256=f"{number:064x}", suffix=".mp4", size_bytes=1),
            media_frames=100 * frames,
            source_frame=HANDLE,
            frames=frames,
            scene=1,
            take=1,
            **look,
        )
        for number, frames in enumerate(lengths)
    ]
    return Timeline(
        name="balanced",
        title="Sea",
        language="en",
        rate=Rate.of(24),
        size=(128, 96),
        clips=tuple(clips),
        transitions=tuple(transitions or ()),
    )


def every_frame(entries: tuple[int, ...] = (0, HANDLE)) -> Seams:
    """A clip without pictures that wait for later ones."""
    return Seams(entries, tuple(range(2, 10_000)))


def test_plain_cuts_of_clips_that_end_on_a_seam_need_no_encoder() -> None:
    plan = segments(film([40, 50, 30]), lambda _: every_frame())
    assert plan == (Copied(0, 40, 0, HANDLE), Copied(40, 50, 1, HANDLE), Copied(90, 30, 2, HANDLE))


def test_copying_begins_at_the_first_seam_after_a_transition_and_ends_at_the_last_before_one() -> None:
    dissolve = Transition(at=1, kind="dissolve", out_frames=4, in_frames=4)
    seams = Seams((0, 6, 14), (3, 6, 9, 12, 14, 17, 20, 40, 43))
    assert segments(film([40, 40], [dissolve]), lambda _: seams) == (
        Copied(0, 34, 0, 6),  # source frames 6 to 40; the dissolve begins at 42
        Drawn(34, 14),  # and ends at source frame 10 of the other, which can be entered at 14
        Copied(48, 29, 1, 14),
        Drawn(77, 3),
    )


def test_what_changes_a_clip_all_over_is_drawn() -> None:
    assert segments(film([40], speed=Speed(num=2)), lambda _: every_frame()) == (Drawn(0, 40),)
    assert segments(film([40]), lambda _: None) == (Drawn(0, 40),)


def test_frames_with_captions_are_drawn_and_those_between_are_copied_where_the_clip_can_be_entered() -> None:
    plan = segments(film([100]), lambda _: every_frame((0, 6, 46)), [range(10, 31), range(80, 90)])
    assert plan == (Copied(0, 10, 0, 6), Drawn(10, 30), Copied(40, 40, 0, 46), Drawn(80, 20))


def test_a_few_frames_between_two_transitions_are_not_worth_a_stretch_of_their_own() -> None:
    fades = [
        Transition(at=0, kind="fade_black", out_frames=0, in_frames=10),
        Transition(at=1, kind="fade_black", out_frames=10, in_frames=0),
    ]
    anywhere = every_frame(tuple(range(100)))
    assert segments(film([25], fades), lambda _: anywhere) == (Drawn(0, 25),)
    assert segments(film([26], fades), lambda _: anywhere) == (Drawn(0, 10), Copied(10, 6, 0, 16), Drawn(16, 10))


def test_a_long_film_without_a_single_copy_is_drawn_shot_by_shot() -> None:
    dissolve = Transition(at=1, kind="dissolve", out_frames=4, in_frames=4)
    plan = segments(film([100, 600, 30], [dissolve]), lambda _: None)
    assert [(part.record_frame, part.frames) for part in plan] == [
        (0, 96),
        (96, 8),
        (104, 198),
        (302, 199),
        (501, 199),
        (700, 30),
    ]


def test_many_short_shots_are_drawn_a_few_at_a_time_and_no_stretch_ends_with_a_picture_of_its_own() -> None:
    """One stretch of all of them would be drawn again for each shot that changes, by one processor; and of 241 frames
    the last would be a group of pictures by itself."""
    plan = segments(film([45] * 7 + [16, 60]), lambda clip: every_frame() if clip == 8 else None)
    assert [part.frames for part in plan] == [135, 135, 61, 60]
    for frames in range(239, 245):
        stretches = segments(film([1] * frames), lambda _: None)
        assert all(1 < part.frames <= LONGEST_DRAWN for part in stretches), frames


lengths = st.lists(st.integers(1, 60), min_size=1, max_size=6)


@st.composite
def films(draw: st.DrawFn) -> Timeline:
    sizes = draw(lengths)
    made = []
    for at in range(len(sizes) + 1):
        kind = draw(st.sampled_from(["cut", "dissolve", "wipe", "fade_black", "dip"]))
        out_frames, in_frames = draw(st.integers(0, 9)), draw(st.integers(0, 6))
        if kind == "cut":
            continue
        outer = at in (0, len(sizes))
        if outer:
            kind = "fade_white"
            out_frames, in_frames = (0, in_frames) if at == 0 else (out_frames, 0)
        made.append(Transition(at=at, kind=kind, out_frames=out_frames, in_frames=in_frames))
    kept: list[Transition] = []
    for transition in made:
        try:
            if not crowded(film(sizes, [*kept, transition])):
                kept.append(transition)
        except ValueError:
            continue  # longer than the clips beside it
    return film(sizes, kept)


@st.composite
def any_seams(draw: st.DrawFn) -> Seams:
    entries = sorted({0, *draw(st.lists(st.integers(1, 70), max_size=8))})
    exits = draw(st.sets(st.integers(2, 80), max_size=40))
    return Seams(tuple(entries), tuple(sorted(end for end in exits if end - 1 not in entries)))


@settings(max_examples=200, deadline=None)
@given(
    films(),
    st.lists(any_seams() | st.none(), min_size=6, max_size=6),
    st.lists(st.tuples(st.integers(0, 200), st.integers(1, 30)), max_size=3),
)
def test_every_plan_covers_the_film_once_and_copies_only_what_can_be_cut_out(
    timeline: Timeline, of_clips: list[Seams | None], cues: list[tuple[int, int]]
) -> None:
    captioned = [range(start, start + frames) for start, frames in cues]
    plan = segments(timeline, of_clips.__getitem__, captioned)
    at = 0
    for part in plan:
        assert part.record_frame == at and part.frames > 0
        at = part.end
    assert at == timeline.frames
    straight = {piece.clip: piece for piece in pieces(timeline) if isinstance(piece, Straight)}
    for part in plan:
        if isinstance(part, Drawn):
            assert part.frames <= LONGEST_DRAWN
            assert part.frames > 1 or timeline.frames == 1
            continue
        seams, piece = of_clips[part.clip], straight[part.clip]
        assert seams is not None
        assert part.source_frame in seams.entries and part.source_frame + part.frames in seams.exits
        assert part.source_frame - HANDLE == part.record_frame - timeline.record_frames()[part.clip]
        assert piece.record_frame + piece.fade_in <= part.record_frame
        assert part.end <= piece.record_frame + piece.frames - piece.fade_out
        assert not any(cue.start < part.end and part.record_frame < cue.stop for cue in captioned)
    assert not any(isinstance(a, Copied) and isinstance(b, Copied) and a.clip == b.clip for a, b in pairwise(plan))
