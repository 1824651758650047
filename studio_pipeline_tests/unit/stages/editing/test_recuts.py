"""A person's cut among the editor's: as it was made, rated from its shots, and never put first."""

from __future__ import annotations

import pytest

from studio_pipeline.editorial.cut import CutSet
from studio_pipeline.editorial.pieces import pieces
from studio_pipeline.editorial.timeline import Timeline, TimelineClip
from studio_pipeline.orchestration.orders import Recut
from studio_pipeline.stages.editing.editor import propose_cuts
from studio_pipeline.stages.editing.prediction import UNRATED
from studio_pipeline.stages.editing.recut_sound import with_sound_of
from studio_pipeline.stages.editing.recuts import with_recuts
from studio_pipeline.stages.editing.sound import GAP_S
from studio_pipeline_tests.unit.stages.editing.shot_footage import RATE, brief, check_sound, footage

PILOTS = {"animated": footage(ratings={1: 90, 2: 70, 3: 70, 4: 70, 5: 70, 6: 70})}
CUTS: CutSet = propose_cuts(brief(), PILOTS)
BASE: Timeline = CUTS.cuts[0].timeline


def of_scenes(*scenes: int, base: Timeline = BASE, name: str = "recut", **changes: object) -> Timeline:
    """A cut of whole scenes of ``base``, in that order, without transitions and without sound."""
    clips: list[TimelineClip] = []
    for scene in scenes:
        for clip in (clip for clip in base.clips if clip.scene == scene):
            again = sum(each.media == clip.media for each in clips)
            clips.append(clip.model_copy(update={"name": f"{clip.name}~{again + 1}"}) if again else clip)
    silent = {"transitions": (), "narration": (), "music": ()}
    made = base.model_copy(update={"name": name, "clips": tuple(clips), **silent, **changes})
    return Timeline.model_validate(made.model_dump())


def candidates(*recuts: Recut) -> CutSet:
    return with_recuts(CUTS, recuts, PILOTS)


def test_it_stands_after_the_editor_s_cuts_and_says_where_it_came_from():
    cuts = candidates(Recut(timeline=of_scenes(1, 2), source="mine.otio", notes=("A title is left out.",)))
    assert cuts.cuts[:-1] == CUTS.cuts and cuts.recommended == CUTS.recommended
    cut = cuts.cuts[-1]
    assert cut.name == "recut" and cut.notes == ("A title is left out.",)
    assert "mine.otio" in cut.rationale and "4 of 12 shots of animated" in cut.rationale
    assert f"{cut.timeline.duration_s:.1f} s" in cut.rationale
    assert [words.split()[1] for words in cut.missing] == ["3", "4", "5", "6"]
    assert cut.timeline.clips == of_scenes(1, 2).clips, "nobody mends a person's cut"


def test_its_rating_is_that_of_its_shots_by_length_and_unknown_is_not_good():
    timeline = of_scenes(1, 2)
    first, *rest = timeline.clips
    unrated = (first.model_copy(update={"rating": None}), *rest)
    frames = [clip.frames for clip in timeline.clips]
    ratings = [UNRATED, *(clip.rating or 0.0 for clip in rest)]
    wanted = sum(n * rating for n, rating in zip(frames, ratings, strict=True)) / sum(frames)
    cut = candidates(Recut(timeline=timeline.model_copy(update={"clips": unrated}), source="a.edl")).cuts[-1]
    assert cut.rating == pytest.approx(wanted, abs=0.05)


def test_it_is_handed_over_as_the_brief_says_today():
    louder = BASE.delivery.model_copy(update={"loudness_lufs": -23})
    cut = candidates(Recut(timeline=of_scenes(1, delivery=louder), source="a.edl")).cuts[-1]
    assert cut.timeline.delivery == BASE.delivery


def test_a_cut_of_a_film_of_another_size_is_left_out_and_said():
    cuts = candidates(Recut(timeline=of_scenes(1, size=(640, 360)), source="a.edl"))
    assert cuts.cuts == CUTS.cuts
    assert "recut was made for 640×360" in cuts.events[-1]


def test_without_a_sound_track_every_narration_stays_with_its_scene_and_music_is_laid_anew():
    timeline, notes = with_sound_of(of_scenes(3, 1), BASE, [PILOTS["animated"].music])
    check_sound(timeline)
    assert [speech.scene for speech in timeline.narration] == [3, 1]
    starts = dict(zip((clip.name for clip in BASE.clips), BASE.record_frames(), strict=True))
    said = {speech.scene: speech for speech in BASE.narration}
    offset = said[3].record_frame - starts["animated.s03.k1"]
    assert timeline.narration[0].record_frame == offset
    assert timeline.music and timeline.music[-1].record_frame + timeline.music[-1].frames == timeline.frames
    told = " ".join(notes)
    assert "no sound" in told and "scene 2 is left out" in told and "music is laid anew" in told


def test_narrations_never_lie_over_each_other_nor_after_the_end():
    clips = [clip.model_copy(update={"frames": 30}) for clip in of_scenes(1, 2, 3, 4).clips if clip.name.endswith("k1")]
    short = of_scenes(1).model_copy(update={"clips": tuple(clips)})
    timeline, notes = with_sound_of(short, BASE, [])
    ends = [speech.record_frame + speech.frames for speech in timeline.narration]
    begins = [speech.record_frame for speech in timeline.narration]
    assert all(b >= e + RATE.frames(GAP_S) for e, b in zip(ends, begins[1:], strict=False))
    assert ends[-1] <= timeline.frames == 120
    assert any("loses its last" in note or "finds no room" in note for note in notes)


def test_the_same_pictures_keep_their_sound_to_the_frame():
    silent = BASE.model_copy(update={"narration": (), "music": (), "name": "recut"})
    timeline, notes = with_sound_of(silent, BASE, [PILOTS["animated"].music])
    assert (timeline.narration, timeline.music) == (BASE.narration, BASE.music)
    assert notes == ("The file has no sound; that of the cut it was made from is kept.",)
    assert pieces(timeline) == pieces(BASE)
