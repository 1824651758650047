"""Files of strangers: what is odd is named, what is hostile is refused in words, nothing takes the process down."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from studio_pipeline.editorial.edl import to_edl
from studio_pipeline.editorial.fcp7 import write_fcp7
from studio_pipeline.editorial.otio import to_otio, write_otio
from studio_pipeline.editorial.reading.edit import Margin
from studio_pipeline.editorial.reading.files import FORMATS, read_edit
from studio_pipeline.editorial.reading.material import Material
from studio_pipeline.editorial.reading.recut import Recutting, recut
from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.errors import BadInput
from studio_pipeline.film.rate import Rate
from studio_pipeline_tests.unit.editorial.reading.frame_tables import film, joint, shown

CUT = film([{"frames": 20}, {"frames": 30}, {"frames": 40}], [joint(1, "dissolve", 3, 3)])
BOMB = """<?xml version="1.0"?><!DOCTYPE xmeml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><xmeml><sequence><name>&c;</name></sequence></xmeml>"""
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE xmeml [<!ENTITY x SYSTEM "file:///etc/passwd">]><xmeml>&x;</xmeml>'
OUTSIDE_DTD = '<?xml version="1.0"?><!DOCTYPE xmeml SYSTEM "http://127.0.0.1:9/x.dtd"><xmeml></xmeml>'

REFUSED = {
    "empty.otio": b"",
    "no-json.otio": b"this is no film",
    "number.otio": b"3",
    "list.otio": b"[]",
    "object.otio": b"{}",
    "unknown-schema.otio": b'{"OTIO_SCHEMA": "Film.1"}',
    "future-schema.otio": b'{"OTIO_SCHEMA": "Timeline.99", "tracks": null}',
    "no-tracks.otio": b'{"OTIO_SCHEMA": "Timeline.1", "tracks": null}',
    "wrong-types.otio": b'{"OTIO_SCHEMA": "Timeline.1", "tracks": 3}',
    "deep.otio": b"[" * 500_000 + b"]" * 500_000,
    "latin.otio": '{"name": "é"}'.encode("latin-1"),
    "nothing.edl": b"TITLE: X\nFCM: NON-DROP FRAME\n",
    "binary.edl": bytes(range(256)) * 10,
    "prose.edl": b"Fade in. A kite.",
    "25-frames.edl": b"001  AX       V     C        00:00:00:00 00:00:01:24 00:00:00:00 00:00:01:24\n",
    "minutes.edl": b"001  AX       V     C        00:61:00:00 00:62:01:00 00:00:00:00 00:00:01:00\n",
    "bomb.xml": BOMB.encode(),
    "outside.xml": OUTSIDE.encode(),
    "outside-dtd.xml": OUTSIDE_DTD.encode(),
    "deep.xml": b"<xmeml>" + b"<a>" * 100_000,
    "broken.xml": b"<xmeml><sequence></xmeml>",
    "html.xml": b"<html><body>404</body></html>",
    "no-sequence.xml": b"<xmeml version='5'><project/></xmeml>",
    "bomb.fcpxml": BOMB.replace("xmeml", "fcpxml").encode(),
    "no-project.fcpxml": b"<fcpxml version='1.10'><resources/></fcpxml>",
    "no-time.fcpxml": b"<fcpxml><resources><format id='r1' frameDuration='x'/></resources><project>"
    b"<sequence format='r1'><spine/></sequence></project></fcpxml>",
    "film.mp4": b"\0\0\0\x18ftypmp42",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_edit_is_refused_in_words(name, tmp_path):
    (tmp_path / name).write_bytes(REFUSED[name])
    began = time.monotonic()
    with pytest.raises(BadInput) as refused:
        read_edit(tmp_path / name, Rate(num=24), Margin())
    told = str(refused.value)
    assert time.monotonic() - began < 5
    assert name in told and "Traceback" not in told and len(told) < 600
    assert "passwd" not in told and "root:" not in told


@pytest.mark.parametrize("name", ["gone.otio", "folder.otio"])
def test_what_cannot_be_opened_is_refused_in_words(name, tmp_path):
    (tmp_path / "folder.otio").mkdir()
    with pytest.raises(BadInput, match=r"no such file|folder"):
        read_edit(tmp_path / name, Rate(num=24), Margin())


def back(file: Path, *cuts: Timeline) -> tuple[Recutting, tuple[str, ...]]:
    margin = Margin()
    made = recut(read_edit(file, cuts[0].rate, margin), Material(cuts), "recut", margin)
    return made, margin.lines


def changed_otio(folder: Path, cut: Timeline, change) -> Path:
    """``cut`` as OTIO's JSON, after ``change`` has had its hands on it."""
    film_ = json.loads(to_otio(cut, lambda media: f"{media.sha256}{media.suffix}").to_json_string())
    change(film_)
    (folder / "edited.otio").write_text(json.dumps(film_))
    return folder / "edited.otio"


def picture(film_: dict) -> list[dict]:
    return film_["tracks"]["children"][0]["children"]


NUMBERS = [-1, 0, 1e300, 0.5, -1e12, 7.3, None, "x", [], True]


@pytest.mark.parametrize("value", NUMBERS, ids=str)
@pytest.mark.parametrize("where", ["start_time", "duration", "rate", "in_offset", "time_scalar", "media"])
def test_any_number_anywhere_is_a_film_or_a_refusal(where, value, tmp_path):
    def change(film_: dict) -> None:
        children = picture(film_)
        clip, mix = children[0], children[1]
        if where == "rate":
            clip["source_range"]["duration"]["rate"] = value
        elif where == "in_offset":
            mix["in_offset"]["value"] = value
        elif where == "time_scalar":
            clip["effects"].append(
                {"OTIO_SCHEMA": "LinearTimeWarp.1", "name": "", "effect_name": "", "metadata": {}, "time_scalar": value}
            )
        elif where == "media":
            clip["media_references"]["DEFAULT_MEDIA"]["available_range"]["start_time"]["value"] = value
        else:
            clip["source_range"][where]["value"] = value

    file = changed_otio(tmp_path, CUT, change)
    try:
        made, _ = back(file, CUT)
    except BadInput as refused:
        assert len(str(refused)) < 700
        return
    assert Timeline.model_validate(made.timeline.model_dump()) == made.timeline
    shown(made.timeline)


def test_what_lies_on_no_frame_is_moved_to_the_nearest_and_said(tmp_path):
    def change(film_: dict) -> None:
        picture(film_)[-1]["source_range"]["duration"]["value"] = 20.4

    made, notes = back(changed_otio(tmp_path, CUT, change), CUT)
    assert made.timeline.clips[-1].frames == 20
    assert any("between two frames" in note for note in notes)


def test_unknown_clips_effects_generators_and_switched_off_clips_are_named_and_keep_their_time(tmp_path):
    def change(film_: dict) -> None:
        children = picture(film_)
        stranger = json.loads(json.dumps(children[-1]))
        stranger["name"] = "holiday.mov"
        stranger["metadata"] = {}
        stranger["media_references"]["DEFAULT_MEDIA"]["target_url"] = "C:\\Users\\ada\\holiday.mov"
        off = json.loads(json.dumps(children[-1]))
        off["enabled"] = False
        blur = {"OTIO_SCHEMA": "Effect.1", "name": "", "effect_name": "Blur", "metadata": {}}
        children[0]["effects"].append(blur)
        children += [stranger, off, json.loads(json.dumps(children[0]))]

    made, notes = back(changed_otio(tmp_path, CUT, change), CUT)
    told = " ".join(notes)
    for words in ("no footage of this production", "holiday.mov", "switched off", "“Blur”"):
        assert words in told, told
    assert (made.shots, made.known) == (5, 4)
    assert made.timeline.frames == 20 + 30 + 40 + 40 + 40 + 20
    last = made.timeline.clips[2]
    assert last.hold == 80, "the shot before them stands still and fades, so that what follows stays where it was"
    assert made.timeline.clips[3].name == "animated.s01.k1~2"


def test_only_the_lowest_picture_track_is_the_film(tmp_path):
    def change(film_: dict) -> None:
        upper = json.loads(json.dumps(film_["tracks"]["children"][0]))
        upper["name"] = "Titles"
        film_["tracks"]["children"].append(upper)

    made, notes = back(changed_otio(tmp_path, CUT, change), CUT)
    assert shown(made.timeline) == shown(CUT)
    assert any("“Titles” with 3 clips" in note for note in notes)


def test_a_compound_clip_is_laid_open(tmp_path):
    def change(film_: dict) -> None:
        children = picture(film_)
        inner = {
            "OTIO_SCHEMA": "Track.1",
            "name": "both",
            "kind": "Video",
            "children": children[2:],
            "source_range": None,
        }
        inner |= {"effects": [], "markers": [], "enabled": True, "metadata": {}}
        stack = inner | {"OTIO_SCHEMA": "Stack.1", "name": "Compound 1", "children": [inner]}
        del stack["kind"]
        del children[1:]
        children.append(stack)

    made, notes = back(changed_otio(tmp_path, CUT, change), CUT)
    assert [(clip.name, clip.frames) for clip in made.timeline.clips] == [(c.name, c.frames) for c in CUT.clips]
    assert any("Compound 1" in note for note in notes)


@pytest.mark.parametrize("suffix", FORMATS)
def test_another_production_s_film_is_refused(suffix, tmp_path):
    from studio_pipeline.editorial.fcpxml import write_fcpxml

    write = {".otio": write_otio, ".xml": write_fcp7, ".fcpxml": write_fcpxml}.get(suffix)
    strange = film(
        [{"frames": 20, "name": "unknown", "media": CUT.clips[0].media.model_copy(update={"sha256": "f" * 64})}]
    )
    file = tmp_path / f"film{suffix}"
    if write is None:
        file.write_text(to_edl(strange))
    else:
        write(strange, file, lambda media: tmp_path / f"{media.sha256}{media.suffix}")
    with pytest.raises(BadInput, match="Nothing in the file is footage of this production"):
        back(file, CUT)


@pytest.mark.parametrize(
    "fps,fits", [(48, True), (12, True), (25, False), (30, False), (23.976, False), (23.98, False)]
)
def test_another_rate_is_taken_where_it_lies_on_the_film_s_frames(fps, fits, tmp_path):
    there = CUT if fps == 48 else film([{"frames": 20}, {"frames": 30}])
    other = there.model_copy(update={"rate": Rate.of(fps)})
    write_otio(other, tmp_path / "film.otio", lambda media: tmp_path / f"{media.sha256}.mp4")
    if not fits:
        with pytest.raises(BadInput, match=r"frames a second and the film has 24"):
            back(tmp_path / "film.otio", there)
        return
    if fps == 48:  # dissolves of three of its frames each lie on none of ours
        with pytest.raises(BadInput, match="not all of its edits"):
            back(tmp_path / "film.otio", there)
        return
    made, _ = back(tmp_path / "film.otio", there)
    assert [clip.frames for clip in made.timeline.clips] == [40, 60]
    assert [clip.source_frame for clip in made.timeline.clips] == [12, 12]


def test_five_hundred_clips_come_back_in_seconds(tmp_path):
    cut = film([{"frames": 6 + n % 5} for n in range(500)], [joint(at, "dissolve", 2, 2) for at in range(1, 500, 3)])
    for suffix, write in {".otio": write_otio, ".xml": write_fcp7}.items():
        write(cut, tmp_path / f"film{suffix}", lambda media: tmp_path / f"{media.sha256}.mp4")
        began = time.monotonic()
        made, notes = back(tmp_path / f"film{suffix}", cut)
        assert time.monotonic() - began < 10
        assert shown(made.timeline) == shown(cut) and notes == ()
