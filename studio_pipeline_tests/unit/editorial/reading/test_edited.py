"""What a person did in their editor is what the film shows, frame for frame.

Random cuts leave as OTIO, are edited as OTIO objects (another order, shots trimmed, slipped, repeated, removed, other
transitions), and come back. What the film shall show is read from the edited objects by ``otio_table``, which knows
OTIO and nothing of our readers.
"""

from __future__ import annotations

from pathlib import Path

import opentimelineio as otio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentimelineio.opentime import RationalTime, TimeRange

from studio_pipeline.editorial.otio import to_otio
from studio_pipeline.editorial.reading.edit import Margin
from studio_pipeline.editorial.reading.files import read_edit
from studio_pipeline.editorial.reading.material import Material
from studio_pipeline.editorial.reading.recut import recut
from studio_pipeline.editorial.timeline import MusicSpan, Quote, Speech, Timeline
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline_tests.unit.editorial.reading.frame_tables import film, heard, shown
from studio_pipeline_tests.unit.editorial.test_interchange import otio_table, wanted


def brought_back(edited: otio.schema.Timeline, folder: Path, cut: Timeline) -> tuple[Timeline, tuple[str, ...]]:
    file = folder / "edited.otio"
    file.write_text(edited.to_json_string())
    margin = Margin()
    made = recut(read_edit(file, cut.rate, margin), Material([cut]), "recut", margin)
    return made.timeline, margin.lines


def exported(cut: Timeline) -> otio.schema.Timeline:
    return to_otio(cut, lambda media: f"media/{media.sha256}{media.suffix}")


def seconds(frames: float, cut: Timeline) -> RationalTime:
    return RationalTime(frames, cut.rate.num / cut.rate.den)


def handles(item: otio.core.Item, media_frames: int) -> tuple[int, int]:
    """Frames that a plain clip has before and after it; none for anything else."""
    if not isinstance(item, otio.schema.Clip) or item.effects:
        return 0, 0
    span = item.source_range
    return int(span.start_time.value), media_frames - int(span.end_time_exclusive().value)


@st.composite
def edited(draw: st.DrawFn, timelines: st.SearchStrategy[Timeline]) -> tuple[Timeline, otio.schema.Timeline]:
    """A cut, and what somebody made of it."""
    cut = draw(timelines)
    there = exported(cut)
    track = there.video_tracks()[0]
    lengths = {clip.media.sha256: clip.media_frames for clip in cut.clips}
    items = [item.deepcopy() for item in track if isinstance(item, otio.core.Item)]
    items = draw(st.lists(st.sampled_from(items), min_size=1, max_size=8))  # left out, repeated, in another order
    items = [item.deepcopy() for item in items]

    def media_frames(item: otio.core.Item) -> int:
        clip = item if isinstance(item, otio.schema.Clip) else item[0]
        return lengths[clip.metadata["studio_pipeline"]["sha256"]]

    for item in items:
        before, after = handles(item, media_frames(item))
        if before + after == 0:
            continue
        span = item.source_range
        first = draw(st.integers(-before, int(span.duration.value) - 1))  # trimmed, or longer
        last = draw(st.integers(first + 1, int(span.duration.value) + after))
        item.source_range = TimeRange(span.start_time + seconds(first, cut), seconds(last - first, cut))
    made = otio.schema.Track(kind="Video", name="V1")
    free = 0
    for n, item in enumerate(items):
        if n:
            head, tail = handles(item, media_frames(item))[0], handles(items[n - 1], media_frames(items[n - 1]))[1]
            room = int(items[n - 1].duration().value) - free, int(item.duration().value) // 2
            into, out = draw(st.integers(0, min(head, room[0]))), draw(st.integers(0, min(tail, room[1])))
            free = 0
            if into + out and draw(st.booleans()):
                kind = draw(st.sampled_from(["SMPTE_Dissolve", "SMPTE_Dissolve", "SMPTE_Wipe"]))
                mix = otio.schema.Transition(
                    transition_type=kind, in_offset=seconds(into, cut), out_offset=seconds(out, cut)
                )
                if kind == "SMPTE_Wipe":
                    mix.metadata["studio_pipeline"] = {"direction": "top_to_bottom"}
                made.append(mix)
                free = out
        made.append(item)
    there.tracks[0] = made
    return cut, there


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), report_multiple_bugs=False)
@given(data=st.data())
def test_the_film_shows_exactly_what_was_edited(timelines, tmp_path_factory, data):
    cut, changed = data.draw(edited(timelines))
    timeline, notes = brought_back(changed, tmp_path_factory.mktemp("cut"), cut)
    table = otio_table(changed.video_tracks()[0])
    assert timeline.frames == len(table)
    short = [note for note in notes if "there is room for" in note or "Within a mix" in note]
    assert short or wanted(timeline) == table
    # A shorter film cuts its sounds; next to a clip of one frame a long mix is shortened,
    # or what stands still in it moves. Nothing else is remarked.
    assert [note for note in notes if note not in short and "sound" not in note and "narration" not in note] == []


# What is heard.

VOICES = [MediaRef(sha256=letter * 64, suffix=".wav", size_bytes=1) for letter in "ab"]
SCORE = MediaRef(sha256="c" * 64, suffix=".wav", size_bytes=1)
SPOKEN = film(
    [{"frames": 60}, {"frames": 60}],
    narration=(
        Speech(
            scene=1, media=VOICES[0], record_frame=5, frames=40, text="One.", quotes=(Quote(first_frame=9, frames=8),)
        ),
        Speech(scene=2, media=VOICES[1], record_frame=70, frames=30, text="Two."),
    ),
    music=(
        MusicSpan(media=SCORE, record_frame=0, frames=70, fade_out=10, mood="calm"),
        MusicSpan(media=SCORE, record_frame=60, frames=60, source_frame=200, fade_in=10, mood="calm"),
    ),
)


def track_of(edited: otio.schema.Timeline, name: str) -> otio.schema.Track:
    return next(track for track in edited.audio_tracks() if track.name == name)


def test_a_narration_that_was_moved_is_heard_where_it_was_moved_to(tmp_path):
    edited = exported(SPOKEN)
    for name in ("Narration", "Dialogue"):  # ten frames later, with the character that speaks in it
        track_of(edited, name).insert(0, otio.schema.Gap(source_range=TimeRange(duration=RationalTime(10, 24))))
    timeline, notes = brought_back(edited, tmp_path, SPOKEN)
    assert [(speech.record_frame, speech.frames, speech.text) for speech in timeline.narration] == [
        (15, 40, "One."),
        (80, 30, "Two."),
    ]
    assert timeline.narration[0].quotes == SPOKEN.narration[0].quotes
    assert timeline.music == SPOKEN.music and notes == ()


def test_what_was_removed_or_trimmed_is_not_heard(tmp_path):
    edited = exported(SPOKEN)
    edited.tracks.remove(track_of(edited, "Music 2"))
    narration = track_of(edited, "Narration")
    last = narration[-1]
    last.source_range = TimeRange(RationalTime(0, 24), RationalTime(12, 24))
    timeline, notes = brought_back(edited, tmp_path, SPOKEN)
    assert timeline.music == SPOKEN.music[:1]
    assert [(speech.record_frame, speech.frames) for speech in timeline.narration] == [(5, 40), (70, 12)]
    assert notes == ()


def test_a_narration_whose_beginning_was_trimmed_stays_in_place_and_that_is_said(tmp_path):
    edited = exported(SPOKEN)
    last = track_of(edited, "Narration")[-1]
    last.source_range = TimeRange(RationalTime(8, 24), RationalTime(22, 24))
    timeline, notes = brought_back(edited, tmp_path, SPOKEN)
    # Its gap before it is as long as it was, so what is left of it begins where the whole one began.
    assert [(speech.record_frame, speech.frames) for speech in timeline.narration] == [(5, 40), (62, 30)]
    assert notes == (
        "A narration that is to begin in its middle is heard from its beginning (“narration s02” at 00:00:02:22).",
    )


def test_strange_sounds_are_named_and_a_film_without_any_stays_silent(tmp_path):
    edited = exported(SPOKEN)
    for track in edited.audio_tracks():
        del track[:]
    strange = otio.schema.ExternalReference(target_url="/home/ada/song.mp3")
    span = TimeRange(RationalTime(0, 24), RationalTime(50, 24))
    edited.audio_tracks()[0].append(otio.schema.Clip("song", strange, span))
    timeline, notes = brought_back(edited, tmp_path, SPOKEN)
    assert (timeline.narration, timeline.music) == ((), ())
    assert notes == ("A sound that is none of this production is left out (“song” at 00:00:00:00).",)
    assert shown(timeline) == shown(SPOKEN) and heard(timeline) == [[] for _ in range(120)]
