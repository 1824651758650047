"""Timecode counts what a clock would, and comes back as the frame it was."""

from __future__ import annotations

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_pipeline.editorial.timecode import Timecode
from studio_pipeline.errors import BadInput
from studio_pipeline.film.brief import FRAME_RATES
from studio_pipeline.film.rate import Rate

DAY_S = 24 * 3600


@pytest.mark.parametrize(
    "fps,frame,text",
    [
        (29.97, 0, "00:00:00;00"),
        (29.97, 1799, "00:00:59;29"),
        (29.97, 1800, "00:01:00;02"),
        (29.97, 17981, "00:09:59;29"),
        (29.97, 17982, "00:10:00;00"),
        (29.97, 107892, "01:00:00;00"),
        (59.94, 3599, "00:00:59;59"),
        (59.94, 3600, "00:01:00;04"),
        (59.94, 35964, "00:10:00;00"),
        (24, 86400, "01:00:00:00"),
        (23.976, 86400, "01:00:00:00"),
        (25, 1499, "00:00:59:24"),
        (50, 150, "00:00:03:00"),
    ],
)
def test_known_values(fps, frame, text):
    timecode = Timecode.of(Rate.of(fps))
    assert timecode.at(frame) == text
    assert timecode.frame(text) == frame


def test_only_where_there_is_drop_frame_is_it_the_default():
    assert {fps for fps in FRAME_RATES if Timecode.of(Rate.of(fps)).drop_frame} == {29.97, 59.94}
    assert Timecode.of(Rate.of(29.97), drop_frame=False).at(1800) == "00:01:00:00"


@given(fps=st.sampled_from(FRAME_RATES), drop=st.booleans(), second=st.integers(0, DAY_S - 1), more=st.integers(0, 59))
def test_every_frame_of_a_day_comes_back(fps, drop, second, more):
    timecode = Timecode.of(Rate.of(fps), drop_frame=drop)
    frame = Rate.of(fps).frames(second) + more
    assert timecode.frame(timecode.at(frame)) == frame


@given(fps=st.sampled_from([29.97, 59.94]), frame=st.integers(0, 2_000_000))
def test_drop_frame_stays_within_two_frames_a_minute_of_the_clock(fps, frame):
    rate = Rate.of(fps)
    hours, minutes, rest = Timecode.of(rate).at(frame).split(":")
    seconds, frames = rest.split(";")
    told_s = int(hours) * 3600 + int(minutes) * 60 + int(seconds) + int(frames) / round(fps)
    assert abs(told_s - rate.seconds(frame)) < 0.08 + rate.seconds(frame) * 1e-5


@given(fps=st.sampled_from([24, 25, 29.97, 30, 59.94, 60]), frame=st.integers(0, 1_000_000))
def test_opentimelineio_counts_the_same(fps, frame):
    rate = Rate.of(fps)
    there = otio.opentime.RationalTime(frame, rate.num / rate.den)
    assert Timecode.of(rate).at(frame) == there.to_timecode(rate.num / rate.den)


@pytest.mark.parametrize(
    "text", ["00:01:00;00", "00:01:00;01", "00:09:00;01", "1:2:3:4", "00:00:00:30", "00:61:00:00", "x"]
)
def test_what_is_no_timecode_is_refused_in_words(text):
    with pytest.raises(BadInput):
        Timecode.of(Rate.of(29.97)).frame(text)
