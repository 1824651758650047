"""What a producer expects of the cuts on offer. All footage here is made up; no file is opened."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_pipeline.editorial.cut import CUT_NAMES, Cut, CutSet
from studio_pipeline.editorial.pieces import pieces
from studio_pipeline.errors import ProviderFailed
from studio_pipeline.film.script import Mood
from studio_pipeline.stages.editing.editor import propose_cuts
from studio_pipeline.stages.editing.footage import PilotFootage
from studio_pipeline.stages.editing.likeness import ALIKE, likeness
from studio_pipeline.stages.editing.music import film_beats
from studio_pipeline_tests.unit.stages.editing.shot_footage import brief, check_sound, footage


def cuts_of(*pilots: PilotFootage, **changes: object) -> CutSet:
    return propose_cuts(brief(**changes), {pilot.tier: pilot for pilot in pilots})


def cut_named(cuts: CutSet, name: str) -> Cut:
    found = cuts.cut(name)
    assert found is not None
    return found


def test_one_surviving_pilot_still_gives_four_cuts_that_differ() -> None:
    cuts = cuts_of(footage())
    assert {cut.name for cut in cuts.cuts} == {"balanced", "quality", "pace", "story"}
    lengths = {cut.name: cut.timeline.frames for cut in cuts.cuts}
    assert lengths["balanced"] == 720
    assert len(set(lengths.values())) == 4
    joints = {cut.name: {t.kind for t in cut.timeline.transitions[1:-1]} for cut in cuts.cuts}
    assert joints == {
        "balanced": {"fade_black", "dissolve"},
        "story": {"dissolve"},
        "quality": {"dissolve"},
        "pace": set(),
    }


def test_balanced_goes_through_black_between_scenes_and_dissolves_softly_inside() -> None:
    timeline = cut_named(cuts_of(footage(shots=3)), "balanced").timeline
    scenes = [clip.scene for clip in timeline.clips]
    for at in range(1, len(scenes)):
        joint = timeline.transition_at(at)
        if scenes[at] != scenes[at - 1]:
            assert joint is not None and joint.kind == "fade_black"
        else:
            assert joint is not None and joint.kind == "dissolve"
    opening, closing = timeline.transition_at(0), timeline.transition_at(len(scenes))
    assert opening is not None and opening.in_frames > 0
    assert closing is not None and closing.out_frames > 0


def test_a_leap_of_framing_and_an_insert_are_cut_straight() -> None:
    timeline = cut_named(cuts_of(footage(shots=4, scene_frames=240), duration_s=60), "balanced").timeline
    inserts = [at for at in range(1, len(timeline.clips)) if timeline.clips[at].name.endswith("k4")]
    assert inserts and all(timeline.transition_at(at) is None for at in inserts)


def test_pace_is_cut_to_the_narration_on_the_beat() -> None:
    shot = footage(speech_s=3.0)
    pace = cut_named(cuts_of(shot), "pace").timeline
    assert pace.frames < 0.85 * cut_named(cuts_of(shot), "balanced").timeline.frames
    beats = film_beats(shot.music, pace.music, pace.rate)
    assert set(pace.record_frames()[1:]) <= set(beats), "the music's beats, where they lie in this film"
    assert not [t for t in pace.transitions if 0 < t.at < len(pace.clips)]
    assert len(pace.narration) == 6, "pace must never cost a narration its room"


def test_without_beats_pace_still_trims() -> None:
    pace = cut_named(cuts_of(footage(beats_s=())), "pace")
    assert pace.timeline.frames == 6 * (7 + 84 + 10)
    assert "0 of 11 on the beat" in pace.rationale


def test_quality_leaves_out_the_weak_scene_and_says_which() -> None:
    quality = cut_named(cuts_of(footage(scenes=8, ratings={4: 62.0}), duration_s=40), "quality")
    assert 4 not in {clip.scene for clip in quality.timeline.clips}
    assert any("scene 4" in words and "62" in words for words in quality.missing)
    assert 4 not in {speech.scene for speech in quality.timeline.narration}


def test_quality_keeps_opening_climax_and_ending_however_weak() -> None:
    weak = {1: 10.0, 6: 10.0, 8: 10.0}
    quality = cut_named(cuts_of(footage(scenes=8, ratings=weak), duration_s=40), "quality")
    assert {1, 6, 8} <= {clip.scene for clip in quality.timeline.clips}


def test_quality_leaves_weak_shots_out_of_scenes_that_have_better_ones_and_is_clearly_shorter() -> None:
    weak = {"animated.s02.k1": 40.0, "animated.s06.k1": 50.0}
    pilot = footage(speech_s={6: 4.0}, shot_ratings=weak)
    cuts = cuts_of(pilot, quality_mode="draft")
    quality, balanced = cut_named(cuts, "quality"), cut_named(cuts, "balanced")
    names = {clip.name for clip in quality.timeline.clips}
    assert "animated.s02.k1" not in names and "animated.s02.k2" in names
    assert "animated.s06.k1" in names, "the other shot alone is too short for what is said over it"
    assert "animated.s02.k1 is left out (rated 40)" in quality.missing
    assert "shot left out" in quality.rationale
    assert quality.timeline.frames <= 0.9 * balanced.timeline.frames
    assert min(clip.rating or 0 for clip in quality.timeline.clips if clip.scene != 6) == 80


def test_story_is_the_longest_and_shows_every_shot_with_its_handles() -> None:
    cuts = cuts_of(footage(shots=3, handle=12))
    story = cut_named(cuts, "story").timeline
    assert story.frames == max(cut.timeline.frames for cut in cuts.cuts)
    assert {clip.name for clip in story.clips} == {clip.name for clip in cut_named(cuts, "balanced").timeline.clips}
    assert all(t.kind == "dissolve" for t in story.transitions[1:-1]), "in one flow"
    assert {(t.out_frames, t.in_frames) for t in story.transitions[1:-1]} == {(4, 4)}
    first, *inner, last = story.clips
    assert (first.head, last.tail) == (0, 0), "nothing is joined there, so nothing has to be kept"
    assert {(clip.head, clip.tail) for clip in inner} == {(4, 4)}, "what the dissolves need"


def test_story_takes_the_scenes_that_nobody_shot_from_the_other_pilot_if_it_tells_the_same() -> None:
    lost = frozenset({"animated.s05.k1", "animated.s05.k2", "animated.s02.k1"})
    cuts = cuts_of(footage(lost=lost), footage("photoreal", ratings=dict.fromkeys(range(1, 7), 50.0)))
    tiers = {clip.scene: clip.name.partition(".")[0] for clip in cut_named(cuts, "story").timeline.clips}
    assert tiers == {1: "animated", 2: "animated", 3: "animated", 4: "animated", 5: "photoreal", 6: "animated"}
    assert 5 not in {clip.scene for clip in cut_named(cuts, "balanced").timeline.clips}
    assert "1 scene of them from another pilot" in cut_named(cuts, "story").rationale


def test_a_jump_to_another_place_and_act_is_dipped_or_wiped_and_only_that() -> None:
    shore = {1: "the shore", 2: "the shore", 3: "The  Shore", 4: "the sea", 5: "the sea", 6: "the sea"}
    places = {**shore, 7: "a kitchen", 8: "a kitchen"}
    cuts = cuts_of(footage(scenes=8, places=places, palette=("#EEEEEE", "#102030", "red")), duration_s=40)
    kinds = {
        name: {t.at: (t.kind, t.colour) for t in cut_named(cuts, name).timeline.transitions[1:-1]}
        for name in ("balanced", "story", "pace")
    }
    assert kinds["pace"] == {12: ("wipe", "")}, "scene 7 falls away after the climax; scene 3 is at the shore still"
    assert kinds["story"][12] == ("dip", "#102030")
    assert {kind for at, (kind, _) in kinds["story"].items() if at != 12} == {"dissolve"}
    assert {kind for kind, _ in kinds["balanced"].values()} == {"fade_black", "dissolve"}


def test_light_breaks_in_through_white_once_where_wonder_follows_the_dark() -> None:
    moods: dict[int, Mood] = {4: "tension", 5: "wonder", 6: "wonder", 7: "sorrow", 8: "wonder"}
    cuts = cuts_of(footage(scenes=8, moods=moods), duration_s=40)
    for name in ("balanced", "story"):
        timeline = cut_named(cuts, name).timeline
        assert [t.at for t in timeline.transitions if t.kind == "fade_white"] == [8], "into the turn; the end is calm"
    assert not [t for t in cut_named(cuts, "pace").timeline.transitions if t.kind == "fade_white"]


def test_two_survivors_give_an_alternate_and_the_better_one_leads() -> None:
    cuts = cuts_of(
        footage("animated", ratings=dict.fromkeys(range(1, 7), 85.0)),
        footage("photoreal", ratings=dict.fromkeys(range(1, 7), 72.0)),
    )
    assert cut_named(cuts, "balanced").timeline.clips[0].name.startswith("animated.")
    assert {cut.name for cut in cuts.cuts} == set(CUT_NAMES), "the names a person may ask for beforehand"
    assert cut_named(cuts, "alternate").timeline.clips[0].name.startswith("photoreal.")
    assert cut_named(cuts, "alternate").rating < cut_named(cuts, "balanced").rating
    assert cuts.cuts[0].rating == max(cut.rating for cut in cuts.cuts)


def test_quality_borrows_a_clearly_better_scene_from_the_other_pilot() -> None:
    high = dict.fromkeys(range(1, 7), 85.0)
    cuts = cuts_of(footage("animated", ratings={**high, 3: 60.0}), footage("photoreal", ratings={1: 60, 3: 90.0}))
    tiers = {clip.scene: clip.name.partition(".")[0] for clip in cut_named(cuts, "quality").timeline.clips}
    assert tiers[3] == "photoreal"
    assert tiers[1] == "animated"


def test_a_cancelled_pilot_is_not_cut() -> None:
    cuts = cuts_of(footage("animated"), footage("static", verdict="cancel"))
    assert {clip.name.partition(".")[0] for cut in cuts.cuts for clip in cut.timeline.clips} == {"animated"}
    assert cuts.cut("alternate") is None


@pytest.mark.parametrize(
    ("pilots", "words"),
    [
        ((), "no pilot survived"),
        ((footage(verdict="cancel"),), "no pilot survived"),
        ((footage(scenes=1, shots=1, lost=frozenset({"animated.s01.k1"})),), "have no takes"),
    ],
)
def test_nothing_to_cut_is_said_in_words(pilots: tuple[PilotFootage, ...], words: str) -> None:
    with pytest.raises(ProviderFailed, match=words):
        cuts_of(*pilots)


def test_missing_shots_and_scenes_are_skipped_and_named() -> None:
    lost = frozenset({"animated.s02.k2", "animated.s05.k1", "animated.s05.k2"})
    cut = cut_named(cuts_of(footage(lost=lost)), "balanced")
    assert not lost & {clip.name for clip in cut.timeline.clips}
    assert all(any(name in words for words in cut.missing) for name in lost)
    assert any("narration of scene 5 is dropped" in words for words in cut.missing)
    assert 5 not in {speech.scene for speech in cut.timeline.narration}
    whole = cut_named(cuts_of(footage()), "balanced")
    assert cut.rating < whole.rating
    assert not whole.missing


def test_a_scene_that_was_never_planned_is_named() -> None:
    partial = footage()
    del partial.plans[6]  # type: ignore[attr-defined]
    cut = cut_named(cuts_of(partial), "balanced")
    assert any("scene 6" in words for words in cut.missing)


def test_long_narration_runs_on_into_the_next_scenes_air() -> None:
    cut = cut_named(cuts_of(footage(speech_s={1: 5.4, 2: 2.0, 3: 3.0})), "balanced")
    assert [speech.scene for speech in cut.timeline.narration] == [1, 2, 3]
    assert cut.timeline.frames == 720, "there was air, nothing had to be stretched"
    assert not cut.missing


def test_narration_stretches_its_pictures_by_their_handles_when_there_is_no_air() -> None:
    cut = cut_named(cuts_of(footage(speech_s=dict.fromkeys(range(1, 7), 4.95))), "balanced")
    assert len(cut.timeline.narration) == 6
    assert 720 < cut.timeline.frames <= 720 + 6 * 12
    assert not cut.missing


def test_narration_without_room_is_dropped_and_named_not_overlapped() -> None:
    cut = cut_named(cuts_of(footage(scenes=2, speech_s={1: 9.0, 2: 9.0}), duration_s=10), "balanced")
    check_sound(cut.timeline)
    assert any("finds no room" in words for words in cut.missing)


def test_music_is_one_span_under_the_whole_film() -> None:
    for cut in cuts_of(footage()).cuts:
        if cut.name != "story":  # which is longer than the music
            (span,) = cut.timeline.music
            assert (span.record_frame, span.frames) == (0, cut.timeline.frames)
            assert span.source_frame + span.frames == 720, "it ends with the film"


def test_the_quality_mode_leans_the_recommendation_and_reasons_have_numbers() -> None:
    pilot = footage(scenes=8, ratings={4: 70.0})
    assert cuts_of(pilot, duration_s=40, quality_mode="standard").recommended == "balanced"
    assert cuts_of(pilot, duration_s=30, quality_mode="draft").recommended == "pace"
    assert cuts_of(pilot, duration_s=36, quality_mode="high").recommended == "quality"
    for cut in cuts_of(pilot).cuts:
        assert any(letter.isdigit() for letter in cut.rationale) and cut.rationale.endswith(".")


@settings(max_examples=120, deadline=None)
@given(
    scenes=st.integers(1, 9),
    scene_frames=st.integers(1, 260),
    shots=st.integers(1, 4),
    handle=st.integers(0, 8),
    speech=st.dictionaries(st.integers(1, 9), st.floats(0.05, 12), max_size=9),
    scores=st.dictionaries(st.integers(1, 9), st.floats(0, 100), max_size=9),
    lost=st.sets(st.tuples(st.integers(1, 9), st.integers(1, 4)), max_size=12),
    beat_s=st.sampled_from([0.0, 0.4, 0.517, 1.0]),
)
def test_whatever_was_shot_the_cuts_are_sound(
    scenes: int,
    scene_frames: int,
    shots: int,
    handle: int,
    speech: dict[int, float],
    scores: dict[int, float],
    lost: set[tuple[int, int]],
    beat_s: float,
) -> None:
    shots = min(shots, scene_frames)
    pilot = footage(
        scenes=scenes,
        scene_frames=scene_frames,
        shots=shots,
        handle=handle,
        speech_s={n: s for n, s in speech.items() if n <= scenes},
        ratings=scores,
        lost=frozenset(f"animated.s{n:02d}.k{k}" for n, k in lost),
        beats_s=tuple(at * beat_s for at in range(100)) if beat_s else (),
    )
    if not pilot.takes:
        with pytest.raises(ProviderFailed):
            cuts_of(pilot)
        return
    cuts = cuts_of(pilot)
    assert len(cuts.cuts) == 4
    for cut in cuts.cuts:
        check_sound(cut.timeline)
        pieces(cut.timeline)
        assert [clip.name for clip in cut.timeline.clips] == sorted(clip.name for clip in cut.timeline.clips)
    assert cuts == cuts_of(pilot), "the same footage must give the same cuts"


def test_cuts_that_would_be_the_same_film_are_cut_otherwise() -> None:
    cuts = cuts_of(footage(scenes=1, shots=3, scene_frames=720, speech_s=29.0, beats_s=()), duration_s=30)
    balanced, quality = cut_named(cuts, "balanced").timeline, cut_named(cuts, "quality").timeline
    assert balanced.frames == quality.frames, "one scene cannot be left out"
    assert likeness(balanced, quality) <= ALIKE
    assert "straight cuts" in cut_named(cuts, "quality").rationale


def test_where_there_is_nothing_to_cut_otherwise_that_is_said() -> None:
    cuts = cuts_of(footage(scenes=1, shots=1, scene_frames=720, speech_s=29.0, beats_s=()))
    assert len(cuts.cuts) == 4
    assert any("balanced and quality came out 100% the same" in words for words in cuts.events)
    assert cuts_of(footage()).events == ()


def test_likeness_counts_frames_and_joints() -> None:
    cuts = cuts_of(footage())
    balanced, pace = cut_named(cuts, "balanced").timeline, cut_named(cuts, "pace").timeline
    assert likeness(balanced, balanced) == 1.0
    assert 0.3 < likeness(balanced, pace) == likeness(pace, balanced) < 0.8, "the same shots, shorter, joined otherwise"
    other = cut_named(cuts_of(footage("photoreal")), "balanced").timeline
    assert likeness(balanced, other) == 0


def test_what_a_cut_would_still_need_is_priced_at_what_its_takes_have_cost() -> None:
    pilot = footage(
        scenes=8, ratings={4: 62.0}, lost=frozenset({"animated.s05.k1"}), still_usd="0.05", video_usd="0.25"
    )
    cuts = cuts_of(pilot, duration_s=40)
    assert cut_named(cuts, "balanced").needs_usd == Decimal("0.90"), "two shots under 70, and one that was not shot"
    assert cut_named(cuts, "quality").needs_usd == Decimal("0.30"), "the weak scene is not in it"
    assert cut_named(cuts_of(pilot, duration_s=40, quality_mode="draft"), "balanced").needs_usd == Decimal("0.30")
    assert cut_named(cuts_of(pilot, duration_s=40, quality_mode="high"), "balanced").needs_usd == Decimal("4.80")
    lower = propose_cuts(brief(duration_s=40), {pilot.tier: pilot}, bar=60)
    assert cut_named(lower, "balanced").needs_usd == Decimal("0.30"), "where the quality gates ask for less"


def test_what_nobody_can_know_the_price_of_is_unknown_and_nothing_needed_is_nothing() -> None:
    assert cut_named(cuts_of(footage(video_usd="1")), "balanced").needs_usd == 0
    partial = footage(video_usd="1")
    del partial.plans[6]  # type: ignore[attr-defined]
    assert cut_named(cuts_of(partial), "balanced").needs_usd is None
