"""What a person did in their editor is what the film shows, frame for frame.

Random cuts leave as OTIO, are edited as OTIO objects (another order, shots trimmed, slipped, repeated, removed, other
transitions), and come back. What the film shall show is read from the edited objects by ``otio_table``, which knows OTIO
and nothing of our readers.
"""

from __future__ import annotations

from pathlib import Path

import opentimelineio as otio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentimelineio.opentime import RationalTime, TimeRange

from studio_pipeline.editorial.edl import to_edl
from studio_pipeline.editorial.fcp7 import write_fcp7
from studio_pipeline.editorial.otio import to_otio
from studio_pipeline.editorial.reading.edit import Margin
from studio_pipeline.editorial.reading.files import read_edit
from studio_pipeline.editorial.reading.material import Material
from studio_pipeline.editorial.reading.recut import Recutting, recut
from studio_pipeline.editorial.timeline import MusicSpan, Quote, Speech, Timeline
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline_tests.unit.editorial.reading.frame_tables import film, heard, joint, shown
from studio_pipeline_tests.unit.editorial.test_interchange import otio_table, wanted


def back(file: Path, *cuts: Timeline, takes: object = None) -> tuple[Recutting, tuple[str, ...]]:
    margin = Margin()
    edit = read_edit(file, cuts[0].rate, margin)
    made = recut(edit, Material(cuts, takes), "recut", margin)  # type: ignore[arg-type]
    return made, margin.lines


def brought_back(edited: otio.schema.Timeline, folder: Path, *cuts: Timeline) -> tuple[Timeline, tuple[str, ...]]:
    file = folder / "edited.otio"
    file.write_text(edited.to_json_string())
    made, notes = back(file, *cuts)
    return made.timeline, notes


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
