"""Captions with a look: text stays text."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from studio_pipeline.media.captions import Cue
from studio_pipeline.media.captions_ass import write_ass

_OURS = re.compile(r"\{\\fn[A-Z][A-Za-z ]+\\fs[0-9.]+\}")


@given(st.lists(st.text(max_size=60) | st.text(alphabet="{}\\Nnhpa1 m,\n\u202e\u05d0", max_size=30), max_size=2))
def test_no_text_ever_becomes_an_override(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("ass") / "c.ass"
    write_ass([Cue(start_s=0, end_s=1, lines=tuple(lines))], path, size=(1280, 720))
    events = path.read_text(encoding="utf-8").split("\n[Events]\n")[1].splitlines()[1:]
    assert len(events) <= 1
    for event in events:
        text = event.split(",", 9)[9]
        text = _OURS.sub("", text).replace("\\N", "", 1)
        assert not set(text) & set("{}\\")
