"""A cut in further languages: the same pictures, held only where words need it, and no film with words missing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_pipeline.editorial.cut import Cut
from studio_pipeline.editorial.pieces import pieces
from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.film.takes import Narration, Word
from studio_pipeline.stages.editing.dubs import MOST_HOLD_S, with_dubs
from studio_pipeline.stages.editing.editor import propose_cuts
from studio_pipeline.stages.editing.footage import PilotFootage
from studio_pipeline.stages.editing.sound import LEAD_S
from studio_pipeline_tests.unit.stages.editing.shot_footage import RATE, brief, check_sound, footage, media, receipt


def in_language(own: Narration, language: str, seconds: float | None) -> Narration:
    """The same words in another language; without a sound where they could not be made."""
    if seconds is None:
        why = f"nobody was there, so there are no words in {language}."
        return Narration(
            scene=own.scene, text="", language=language, sound=None, duration_s=0, events=("A model was away.", why)
        )
    return Narration(
        scene=own.scene,
        text=f"{language} of scene {own.scene}",
        language=language,
        sound=media(f"{language}{own.scene}", ".wav"),
        duration_s=seconds,
        words=(Word(text=language, start_s=0, end_s=max(0.05, seconds - 0.05)),),
        receipt=receipt("0.1"),
    )


def dubbed(pilot: PilotFootage, **seconds: dict[int, float | None]) -> PilotFootage:
    """``pilot`` with dubs; ``seconds`` are theirs by language and scene, and 3.5 where nothing is said."""
    narration = {
        number: own.model_copy(
            update={
                "dubs": tuple(in_language(own, language, given.get(number, 3.5)) for language, given in seconds.items())
            }
        )
        for number, own in pilot.narration.items()
    }
    return replace(pilot, narration=narration)


def cut_of(pilot: PilotFootage, *languages: str, name: str = "balanced") -> Cut:
    order = brief(dubs=languages)
    pilots = {pilot.tier: pilot}
    found = with_dubs(propose_cuts(order, pilots), order, pilots).cut(name)
    assert found is not None
    return found


def pictures(timeline: Timeline) -> list[tuple[str, int, int]]:
    return [(clip.name, clip.source_frame, clip.take) for clip in timeline.clips]


def test_words_that_fit_change_nothing_but_the_words() -> None:
    cut = cut_of(dubbed(footage(), hi={}), "hi")
    (hindi,) = cut.dubs
    own = cut.timeline
    assert hindi.language == "hi"
    assert hindi.model_copy(update={"language": "en", "narration": own.narration}) == own
    assert [(speech.scene, speech.text, speech.record_frame) for speech in hindi.narration] == [
        (speech.scene, f"hi of scene {speech.scene}", speech.record_frame) for speech in own.narration
    ]
    assert all(speech.origins[0].role == "voice" for speech in hindi.narration)
    assert cut.notes == () and not any("hi" in words.split() for words in cut.missing)


def test_a_brief_without_dubs_has_cuts_as_they_were() -> None:
    pilots = {"animated": dubbed(footage(), hi={})}
    cuts = propose_cuts(brief(), pilots)
    assert with_dubs(cuts, brief(), pilots) is cuts


def test_longer_words_hold_the_last_picture_of_their_scene_and_only_that() -> None:
    cut = cut_of(dubbed(footage(handle=0), hi={3: 6.0}), "hi")
    (hindi,) = cut.dubs
    own = cut.timeline
    assert pictures(hindi) == pictures(own) and hindi.transitions == own.transitions
    held = {clip.name: clip.hold for clip in hindi.clips if clip.hold}
    assert list(held) == ["animated.s03.k2"]
    assert hindi.frames == own.frames + held["animated.s03.k2"]
    check_sound(hindi)
    pieces(hindi)
    third, fourth = (next(s for s in hindi.narration if s.scene == scene) for scene in (3, 4))
    assert third.frames == 144 and third.record_frame + third.frames < fourth.record_frame
    moved = held["animated.s03.k2"]
    before = next(s for s in own.narration if s.scene == 4)
    assert fourth.record_frame == before.record_frame + moved, "what follows moves with its picture"
    told = f"{moved / 24:.1f} s"
    assert cut.notes == (f"in hi, for its words: animated.s03.k2 lasts {told} longer, {told} of it standing still",)


def test_footage_that_was_left_over_is_shown_before_anything_stands_still() -> None:
    cut = cut_of(dubbed(footage(handle=12), hi={3: 5.2}), "hi", name="pace")
    (hindi,) = cut.dubs
    longer = [(one, two) for one, two in zip(cut.timeline.clips, hindi.clips, strict=True) if one != two]
    ((before, after),) = longer
    assert after.frames > before.frames and after.hold < after.frames - before.frames
    assert after.source_at(after.frames - 1) == after.media_frames - 1, "all of it is shown"


def test_frames_that_a_dissolve_borrows_are_left_to_it() -> None:
    cut = cut_of(dubbed(footage(handle=12), hi={3: 6.0}), "hi", name="quality")
    (hindi,) = cut.dubs
    pieces(hindi)
    assert hindi.transitions == cut.timeline.transitions


def test_words_may_run_on_into_a_scene_that_says_nothing() -> None:
    silent = footage(speech_s={1: 3.5, 3: 3.5}, scenes=3)
    (hindi,) = cut_of(dubbed(silent, hi={1: 7.0}), "hi").dubs
    assert not any(clip.hold for clip in hindi.clips)
    check_sound_without_scenes(hindi)


def check_sound_without_scenes(timeline: Timeline) -> None:
    ends = 0
    for speech in timeline.narration:
        assert ends <= speech.record_frame
        ends = speech.record_frame + speech.frames
    assert ends <= timeline.frames


def test_the_last_words_are_never_cut_off_by_the_end_of_the_film() -> None:
    cut = cut_of(dubbed(footage(scenes=2, handle=0), hi={2: 6.5}), "hi")
    (hindi,) = cut.dubs
    last = hindi.narration[-1]
    assert last.record_frame + round(6.45 * 24) <= hindi.frames
    assert hindi.frames > cut.timeline.frames


@pytest.mark.parametrize("missing", [None, 0.0])
def test_a_language_without_all_its_words_is_left_out_and_the_others_are_not(missing: float | None) -> None:
    cut = cut_of(dubbed(footage(), hi={2: missing}, de={}), "hi", "de")
    assert [timeline.language for timeline in cut.dubs] == ["de"]
    (why,) = [words for words in cut.missing if words.startswith("the film in hi")]
    assert "scene 2" in why and (missing is not None or "nobody was there" in why)


def test_a_language_that_was_never_dubbed_is_missing() -> None:
    cut = cut_of(footage(), "hi")
    assert cut.dubs == () and "nobody has dubbed it" in cut.missing[-1]


def test_words_of_a_scene_that_the_cut_leaves_out_are_not_missed() -> None:
    weak = footage(ratings={1: 90, 2: 90, 3: 20, 4: 90, 5: 90, 6: 90})
    pilot = dubbed(weak, hi={3: None})
    whole, quality = cut_of(pilot, "hi"), cut_of(pilot, "hi", name="quality")
    assert whole.dubs == ()
    assert 3 not in {clip.scene for clip in quality.timeline.clips}
    assert [timeline.language for timeline in quality.dubs] == ["hi"]


def test_words_far_too_long_for_any_still_picture_find_no_room() -> None:
    cut = cut_of(dubbed(footage(), hi={3: 30.0}), "hi")
    assert cut.dubs == ()
    assert "its words find no room: scene 3 would stand still" in cut.missing[-1]


def test_a_film_that_is_told_in_that_language_anyway_needs_no_dub() -> None:
    hindi = footage()
    own = {number: narration.model_copy(update={"language": "hi"}) for number, narration in hindi.narration.items()}
    cut = cut_of(replace(hindi, narration=own), "hi")
    assert cut.dubs == () and not any("the film in hi" in words for words in cut.missing)


def test_music_covers_the_longer_film_and_ends_with_it() -> None:
    cut = cut_of(dubbed(footage(handle=0), hi={3: 7.0}), "hi")
    (hindi,) = cut.dubs
    assert hindi.frames > cut.timeline.frames
    assert hindi.music[0].record_frame == 0
    assert max(span.record_frame + span.frames for span in hindi.music) == hindi.frames


@settings(max_examples=25)
@given(
    st.lists(st.floats(0.3, 4.8), min_size=5, max_size=5),
    st.lists(st.floats(0.3, 8.5), min_size=5, max_size=5),
    st.sampled_from(["balanced", "quality", "pace", "story"]),
    st.integers(0, 12),
)
def test_whatever_is_said_no_two_dubs_overlap_and_every_timeline_can_be_drawn(
    own: list[float], other: list[float], name: str, handle: int
) -> None:
    pilot = footage(scenes=5, handle=handle, speech_s=dict(enumerate(own, start=1)))
    cut = cut_of(dubbed(pilot, hi=dict(enumerate(other, start=1))), "hi", name=name)
    if not cut.dubs:
        assert any("find no room" in words for words in cut.missing)
        return
    (hindi,) = cut.dubs
    check_sound_without_scenes(hindi)
    pieces(hindi)
    assert pictures(hindi) == pictures(cut.timeline)
    for before, after in zip(cut.timeline.clips, hindi.clips, strict=True):
        assert after.frames >= before.frames
        assert after.hold - before.hold <= RATE.frames(MOST_HOLD_S)
    for speech, dub in zip(cut.timeline.narration, hindi.narration, strict=True):
        assert dub.record_frame >= speech.record_frame - RATE.frames(LEAD_S), "no more than the lead is given up"
        spoken = round((other[speech.scene - 1] - 0.05) * 24)
        assert dub.record_frame + spoken <= hindi.frames + 1
