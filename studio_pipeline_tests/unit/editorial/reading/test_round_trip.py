"""A cut that leaves in any format and comes back unchanged is the same cut, frame for frame."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio_pipeline.editorial.edl import write_edl
from studio_pipeline.editorial.fcp7 import write_fcp7
from studio_pipeline.editorial.fcpxml import write_fcpxml
from studio_pipeline.editorial.otio import write_otio
from studio_pipeline.editorial.reading.edit import Margin
from studio_pipeline.editorial.reading.files import read_edit
from studio_pipeline.editorial.reading.material import Material
from studio_pipeline.editorial.reading.recut import recut
from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.film.rate import Rate
from studio_pipeline_tests.unit.editorial.reading.frame_tables import heard, shown
from studio_pipeline_tests.unit.editorial.test_interchange import HARD, anything

WRITERS = {".otio": write_otio, ".xml": write_fcp7, ".fcpxml": write_fcpxml, ".edl": write_edl}


def back(timeline: Timeline, suffix: str, folder: Path) -> tuple[Timeline, tuple[str, ...]]:
    """``timeline`` out and in again; and what was written in the margin."""
    file = folder / f"film{suffix}"
    WRITERS[suffix](timeline, file, lambda media: folder / "media" / f"{media.sha256}{media.suffix}")
    margin = Margin()
    edit = read_edit(file, timeline.rate, margin)
    return recut(edit, Material([timeline]), "recut", margin).timeline, margin.lines


def check(timeline: Timeline, suffix: str, folder: Path) -> None:
    again, notes = back(timeline, suffix, folder)
    assert again.name == "recut" and again.frames == timeline.frames
    if suffix == ".edl":
        # Whole source frames only, and one speed a side of a mix: what stands still in one may leave no right cut.
        assert [n for n in notes if "between two pictures" not in n and "Within a mix" not in n] == []
        close(again, timeline)
        return
    assert notes == ()
    assert shown(again) == shown(timeline)
    assert heard(again) == heard(timeline)


def close(again: Timeline, timeline: Timeline) -> None:
    """As near as a list can say it: whole source frames, one speed a side of a mix (``editorial/edl.py``)."""
    steps: dict[str, int] = {}
    for clip in timeline.clips:
        step = -(-clip.speed.num // clip.speed.den) if clip.speed.fraction != 1 else 0
        if clip.hold:
            step = 10_000  # where it stops within a mix, it stands for all of it
        steps[clip.media.sha256[-6:]] = max(step, steps.get(clip.media.sha256[-6:], 0))
    for r, (one, other) in enumerate(zip(shown(again), shown(timeline), strict=True)):
        assert len(one) == len(other), (r, one, other)
        for got, want in zip(flat(one), flat(other), strict=True):
            if isinstance(got, tuple) and isinstance(want, tuple):
                assert got[0] == want[0] and abs(got[1] - want[1]) <= steps[want[0]], (r, one, other)
            else:
                assert got == want, (r, one, other)


def flat(frame: tuple[object, ...]) -> list[object]:
    first, *rest = frame
    return [*first, *rest] if isinstance(first, tuple) and isinstance(first[0], tuple) else [*frame]


@pytest.mark.parametrize("suffix", WRITERS)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), report_multiple_bugs=False)
@given(data=st.data())
def test_a_cut_that_nobody_changed_comes_back_as_it_left(suffix, timelines, tmp_path_factory, data):
    check(data.draw(timelines), suffix, tmp_path_factory.mktemp("cut"))


@pytest.mark.parametrize("suffix", WRITERS)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), report_multiple_bugs=False)
@given(data=st.data())
def test_any_rate_direct_speech_overlapping_music_and_odd_names_come_back_too(
    suffix, timelines, tmp_path_factory, data
):
    cut = data.draw(anything(timelines))
    moods = tuple(span.model_copy(update={"mood": "calm"}) for span in cut.music)  # a track has one mood
    check(cut.model_copy(update={"music": moods}), suffix, tmp_path_factory.mktemp("cut"))


@pytest.mark.parametrize("fps", [24, 29.97])
@pytest.mark.parametrize("suffix", WRITERS)
@pytest.mark.parametrize("case", HARD)
def test_hard_cases_come_back_too(case, suffix, fps, tmp_path):
    check(HARD[case].model_copy(update={"rate": Rate.of(fps)}), suffix, tmp_path)
