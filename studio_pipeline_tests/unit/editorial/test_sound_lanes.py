"""Sounds lie on tracks by who speaks, none on top of another, and every frame of them exactly once."""

from __future__ import annotations

from studio_pipeline.editorial.sound_lanes import sound_lanes, sound_lengths
from studio_pipeline.editorial.timeline import MusicSpan, Quote, Speech


def test_direct_speech_lies_on_a_track_of_its_own(library, ref):
    quotes = (Quote(first_frame=5, frames=4), Quote(first_frame=7, frames=6), Quote(first_frame=18, frames=9))
    speech = Speech(scene=1, media=ref("v", ".wav"), record_frame=10, frames=20, text="He said: come.", quotes=quotes)
    timeline = library().timeline([40]).model_copy(update={"narration": (speech,)})
    told = {
        lane.name: [(s.record_frame, s.frames, s.source_frame) for s in lane.sounds] for lane in sound_lanes(timeline)
    }
    assert told == {"Narration": [(10, 5, 0), (23, 5, 13)], "Dialogue": [(15, 8, 5), (28, 2, 18)]}


def test_what_overlaps_goes_to_a_further_track(library, ref):
    spans = tuple(
        MusicSpan(media=ref("m", ".wav"), record_frame=start, frames=12, source_frame=start * 2)
        for start in (0, 10, 12, 22)
    )
    timeline = library().timeline([40]).model_copy(update={"music": spans})
    lanes = sound_lanes(timeline)
    assert [(lane.name, [s.record_frame for s in lane.sounds]) for lane in lanes] == [
        ("Music", [0, 12]),
        ("Music 2", [10, 22]),
    ]
    assert sound_lengths(timeline) == {ref("m", ".wav"): 22 * 2 + 12}


def test_fades_longer_than_their_music_end_where_it_does(library, ref):
    span = MusicSpan(media=ref("m", ".wav"), record_frame=0, frames=10, fade_in=7, fade_out=40)
    ((sound,),) = [lane.sounds for lane in sound_lanes(library().timeline([10]).model_copy(update={"music": (span,)}))]
    assert (sound.fade_in, sound.fade_out) == (7, 3)
