"""An FCPXML is built as the format demands: children in the order of its DTD, times on frames, references that lead
somewhere. (That every frame is right is held in test_interchange.py; a valid file proves little.)"""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio_pipeline.editorial.fcpxml import write_fcpxml
from studio_pipeline.editorial.timeline import Mark, MusicSpan, Quote, Speech, Speed, Timeline, Transition

CHILDREN = {
    "fcpxml": "resources library",
    "library": "event",
    "resources": "(format|asset|effect)*",
    "asset": "media-rep",
    "event": "project",
    "project": "sequence",
    "sequence": "spine",
    "spine": "(asset-clip|transition)*",
    "transition": "filter-video?",
    "filter-video": "param*",
    "asset-clip": "note? timeMap? adjust-blend? adjust-volume? (video|asset-clip)* marker*",
    "video": "param*",
    "timeMap": "timept*",
    "adjust-blend": "param*",
    "adjust-volume": "param*",
    "param": "fadeIn? fadeOut?",
}
"""What of the DTD of version 1.10 our elements use."""
REQUIRED = {
    "fcpxml": {"version"},
    "format": {"id"},
    "asset": {"id"},
    "media-rep": {"src"},
    "effect": {"id", "uid"},
    "sequence": {"format"},
    "asset-clip": {"ref"},
    "video": {"ref", "duration"},
    "transition": {"duration"},
    "filter-video": {"ref"},
    "param": {"name"},
    "timept": {"time", "value"},
    "marker": {"start", "value"},
    "fadeIn": {"duration"},
    "fadeOut": {"duration"},
}
ON_FRAMES = ("offset", "start", "duration", "time")


def check_structure(root: ET.Element) -> None:
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(set(ids)) == len(ids)
    frame = Fraction(root.find("resources/format").get("frameDuration").rstrip("s"))
    for element in root.iter():
        order = "".join(f"{child.tag} " for child in element)
        pattern = re.sub(r"[a-zA-Z-]+", lambda tag: f"(?:{tag[0]} )", CHILDREN.get(element.tag, "")).replace(") ", ")")
        assert re.fullmatch(pattern.replace(" (?:", "(?:").replace("? (", "?(").replace("* (", "*("), order), (
            element.tag,
            order,
        )
        assert set(element.keys()) >= REQUIRED.get(element.tag, set())
        assert element.get("ref") in (None, *ids) and element.get("format") in (None, *ids)
        for name in ON_FRAMES:
            # Generators of Final Cut Pro begin at one hour, whatever the rate.
            if (time := element.get(name)) is not None and (element.tag, name) != ("video", "start"):
                assert (Fraction(time.rstrip("s")) / frame).denominator == 1
    for parent in root.iter("asset-clip"):
        assert all(int(child.get("lane")) != 0 for child in parent if child.tag in ("asset-clip", "video"))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_cut_is_built_as_the_format_demands(timelines, tmp_path_factory, data):
    timeline = data.draw(timelines)
    into = tmp_path_factory.mktemp("cut") / "film.fcpxml"
    write_fcpxml(timeline, into, lambda media: Path("/media") / media.sha256)
    check_structure(ET.parse(into).getroot())


def full(library, ref, fps: float) -> Timeline:
    """A cut with everything that the format has an element for."""
    joints = [
        Transition(at=0, kind="dip", out_frames=0, in_frames=3, colour="#c81e1e"),
        Transition(at=1, kind="wipe", out_frames=3, in_frames=2),
        Transition(at=2, kind="dissolve", out_frames=2, in_frames=2),
        Transition(at=3, kind="fade_black", out_frames=3, in_frames=0),
    ]
    timeline = library(fps).timeline([20, 20, 20], joints)
    slow = timeline.clips[1].model_copy(
        update={"speed": Speed(den=2), "hold": 6, "marks": (Mark(source_frame=7, name="x"),)}
    )
    speech = Speech(
        scene=1, media=ref("v", ".wav"), record_frame=25, frames=9, text="x", quotes=(Quote(first_frame=2, frames=3),)
    )
    music = MusicSpan(media=ref("m", ".wav"), record_frame=0, frames=60, fade_in=5, fade_out=5)
    return timeline.model_copy(
        update={"clips": (timeline.clips[0], slow, timeline.clips[2]), "narration": (speech,), "music": (music,)}
    )


@pytest.mark.parametrize(
    "fps,said,counting",
    [
        (24, "100/2400s", "NDF"),
        (23.976, "1001/24000s", "NDF"),
        (25, "100/2500s", "NDF"),
        (29.97, "1001/30000s", "DF"),
        (30, "100/3000s", "NDF"),
        (59.94, "1001/60000s", "DF"),
        (60, "100/6000s", "NDF"),
    ],
)
def test_rates_are_named_as_final_cut_pro_names_them(library, ref, tmp_path, fps, said, counting):
    write_fcpxml(full(library, ref, fps), tmp_path / "film.fcpxml", lambda media: Path("/media") / media.sha256)
    text = (tmp_path / "film.fcpxml").read_text(encoding="utf-8")
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n<fcpxml version="1.10">')
    root = ET.fromstring(text)
    check_structure(root)
    assert root.find("resources/format").get("frameDuration") == said
    assert root.find(".//sequence").get("tcFormat") == counting


def test_sounds_are_connected_below_with_their_roles(library, ref, tmp_path):
    write_fcpxml(full(library, ref, 24), tmp_path / "film.fcpxml", lambda media: Path("/media") / media.sha256)
    root = ET.parse(tmp_path / "film.fcpxml").getroot()
    sounds = [(s.get("audioRole"), s.get("lane"), s.get("name")) for s in root.findall(".//asset-clip/asset-clip")]
    assert sorted(sounds) == [
        ("dialogue.dialogue", "-3", "dialogue s01"),
        ("dialogue.narration", "-2", "narration s01"),
        ("dialogue.narration", "-2", "narration s01"),
        ("music.music-1", "-4", "music"),
    ]


def test_a_transition_lies_evenly_over_a_cut_that_moves_for_it(library, tmp_path):
    timeline = library().timeline([20, 20], [Transition(at=1, kind="dissolve", out_frames=0, in_frames=6)])
    write_fcpxml(timeline, tmp_path / "film.fcpxml", lambda media: Path("/media") / media.sha256)
    first, transition, second = ET.parse(tmp_path / "film.fcpxml").getroot().find(".//spine")
    assert (transition.get("offset"), transition.get("duration")) == ("1400/2400s", "600/2400s")
    assert (first.get("duration"), second.get("offset")) == ("1700/2400s", "1700/2400s")
    assert second.get("start") == "300/2400s"


def test_media_beside_the_document_are_linked_from_its_folder(library, tmp_path):
    write_fcpxml(library().timeline([20]), tmp_path / "film.fcpxml", lambda media: tmp_path / "media" / "a b.mp4")
    assert ET.parse(tmp_path / "film.fcpxml").getroot().find(".//media-rep").get("src") == "./media/a%20b.mp4"
