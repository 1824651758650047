"""Files as other editors write them again: other reels, other folders, other slashes, a start at one hour."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from studio_pipeline.editorial.reading.edit import Link, Margin
from studio_pipeline.editorial.reading.files import read_edit
from studio_pipeline.editorial.reading.material import Material
from studio_pipeline.editorial.reading.recut import recut
from studio_pipeline.editorial.timeline import MusicSpan, Quote, Speech, Timeline
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.takes import Receipt, ShotTakes, Take
from studio_pipeline_tests.unit.editorial.reading.frame_tables import film, shown


def ref(name: str, suffix: str = ".mp4") -> MediaRef:
    return MediaRef(sha256=(name.encode().hex() * 64)[:64], suffix=suffix, size_bytes=1)


VOICE, SCORE = ref("voice", ".wav"), ref("score", ".wav")
CUT = film(
    [{"frames": 40}, {"frames": 40}, {"frames": 40}],
    narration=(
        Speech(scene=1, media=VOICE, record_frame=4, frames=30, text="Go.", quotes=(Quote(first_frame=10, frames=5),)),
    ),
    music=(MusicSpan(media=SCORE, record_frame=0, frames=120, mood="calm"),),
)
ONE, TWO, THREE = (clip.media.sha256 for clip in CUT.clips)


def take(number: int, media: MediaRef) -> Take:
    paid = Receipt(entry="e", identity=f"i{number}", vendor="v", model="m", price_usd=Decimal(0), simulated=True)
    return Take(number=number, clip=media, poster=ref("p", ".png"), frames=60, plan_digest="d", still=paid, video=paid)


TAKES = {
    "animated.s01.k1": ShotTakes(
        shot="animated.s01.k1", takes=(take(1, CUT.clips[0].media), take(2, ref("two"))), circled=1
    )
}


@pytest.mark.parametrize(
    "link,digest",
    [
        (Link(url=f"../media/{ONE[:2]}/{ONE}.mp4"), ONE),
        (Link(url=f"file:///C:/Users/ada/My%20Film/{ONE}.mp4"), ONE),
        (Link(url="D:\\Film\\media\\animated.s02.k1.take1.mp4"), TWO),
        (Link(url="file://localhost/Volumes/Film/media/ANIMATED.S02.K1.TAKE1.MOV"), TWO),
        (Link(url=f"media/animated.s02.k1.take1.{TWO[:8]}.mp4"), TWO),
        (Link(url="media/animated.s01.k1.take2.mp4"), ref("two").sha256),
        (Link(url="proxy.mov", sha256=THREE), THREE),
        (Link(url=f"{ONE}.mp4", sha256=THREE), ONE),  # linked anew in the editor: what it shows now counts
        (Link(name="animated.s03.k1.take1.mp4"), THREE),
        (Link(name="animated.s03.k1"), THREE),
        (Link(name="animated.s03.k1~2"), THREE),
        (Link(reel="A02K1T1", name="whatever"), TWO),
        (Link(name="holiday.mov", url="holiday.mov", reel="AX"), None),
        (Link(), None),
    ],
)
def test_footage_is_known_by_whatever_is_left_of_its_names(link, digest):
    found = Material([CUT], TAKES).picture(link, CUT)
    assert (found.media.sha256 if found else None) == digest


def test_another_take_can_be_cut_in(tmp_path):
    (tmp_path / "a.edl").write_text(
        "TITLE: Sea\n001  AX       V     C        00:00:00:10 00:00:01:10 00:00:00:00 00:00:01:00\n"
        "* FROM CLIP NAME: animated.s01.k1.take2.mp4\n"
    )
    timeline, _ = back(tmp_path / "a.edl")
    (clip,) = timeline.clips
    assert (clip.name, clip.take, clip.media, clip.source_frame) == ("animated.s01.k1", 2, ref("two"), 10)
    assert [origin.role for origin in clip.origins] == ["still", "clip"]


def back(file: Path) -> tuple[Timeline, tuple[str, ...]]:
    margin = Margin()
    made = recut(read_edit(file, CUT.rate, margin), Material([CUT], TAKES), "recut", margin)
    return made.timeline, margin.lines


PREMIERE_EDL = """\
TITLE: my sequence
FCM: NON-DROP FRAME

001  AX       V     C        00:00:00:06 00:00:01:06 01:00:00:00 01:00:01:00
* FROM CLIP NAME: animated.s03.k1.take1.mp4

002  AX       V     C        00:00:01:06 00:00:01:06 01:00:01:00 01:00:01:00
002  AX       V     D    008 00:00:00:06 00:00:01:06 01:00:01:00 01:00:02:00
* FROM CLIP NAME: animated.s03.k1.take1.mp4
* TO CLIP NAME: animated.s01.k1.take1.mp4

003  AX       V     C        00:00:00:10 00:00:01:10 01:00:02:00 01:00:04:00
M2   AX       012.0                00:00:00:10
* FROM CLIP NAME: animated.s02.k1.take1.mp4

004  AX       AA    C        00:00:00:00 00:00:04:00 01:00:00:00 01:00:04:00
* FROM CLIP NAME: music.wav

005  BL       V     C        00:00:00:00 00:00:00:12 01:00:04:00 01:00:04:12
006  AX       V     C        00:00:00:06 00:00:01:06 01:00:04:12 01:00:05:12
* FROM CLIP NAME: holiday.mov
"""


def test_a_list_that_an_editor_wrote_again_is_understood(tmp_path):
    (tmp_path / "a.edl").write_bytes(PREMIERE_EDL.replace("\n", "\r\n").encode())
    timeline, notes = back(tmp_path / "a.edl")
    clips = [(clip.name, clip.source_frame, clip.frames, str(clip.speed.fraction)) for clip in timeline.clips]
    assert clips[:2] == [("animated.s03.k1", 6, 24, "1"), ("animated.s01.k1", 6, 24, "1")]
    assert clips[2][:2] == ("animated.s02.k1", 10) and clips[2][3] == "1/2"
    mix = timeline.transition_at(1)
    assert mix is not None and (mix.kind, mix.in_frames + mix.out_frames) == ("dissolve", 8)
    assert shown(timeline)[24:26] == [
        ((("000003", 30), ("000001", 6)), "dissolve", "", 0, 8),
        ((("000003", 31), ("000001", 7)), "dissolve", "", 1, 8),
    ]
    told = " ".join(notes)
    assert "A list's sound is left out" in told and "holiday.mov" in told
    assert timeline.frames == 24 * 4 and "1.50 s without a picture are left out after its last picture" in told


def test_letters_of_an_old_machine_do_not_matter(tmp_path):
    (tmp_path / "a.edl").write_bytes(PREMIERE_EDL.replace("my sequence", "Möwe").encode("latin-1"))
    assert back(tmp_path / "a.edl")[0].clips[0].name == "animated.s03.k1"
    (tmp_path / "b.edl").write_bytes(PREMIERE_EDL.encode("utf-16"))
    assert back(tmp_path / "b.edl")[0].clips[0].name == "animated.s03.k1"


PREMIERE_XML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE xmeml>
<xmeml version="4"><project><children><sequence id="s1">
<name>my sequence</name><rate><timebase>24</timebase><ntsc>FALSE</ntsc></rate>
<media><video><track>
 <clipitem id="c1"><name>animated.s02.k1.take1.mp4</name><enabled>TRUE</enabled><duration>280</duration>
  <rate><timebase>24</timebase><ntsc>FALSE</ntsc></rate><start>0</start><end>-1</end><in>6</in><out>36</out>
  <file id="f2"><name>animated.s02.k1.take1.mp4</name><pathurl>file://localhost/C%3a/My%20Film/media/animated.s02.k1.take1.mp4</pathurl></file>
  <filter><effect><name>Basic Motion</name><effectid>basic</effectid></effect></filter></clipitem>
 <transitionitem><start>24</start><end>30</end><alignment>center</alignment><effect>
  <name>Cross Dissolve</name><effectid>Cross Dissolve</effectid>
  <effectcategory>Dissolve</effectcategory></effect></transitionitem>
 <clipitem id="c2"><name>renamed by me</name><start>-1</start><end>60</end><in>3</in><out>39</out>
  <file id="f1"><pathurl>file://localhost/C%3a/My%20Film/media/animated.s01.k1.take1.mp4</pathurl></file></clipitem>
 <clipitem id="c3"><name>animated.s02.k1.take1.mp4</name><start>60</start><end>80</end><in>100</in><out>120</out>
  <file id="f2"/>
  <marker><name>check the light</name><comment>too dark?</comment><in>104</in><out>-1</out></marker></clipitem>
</track><track>
 <generatoritem id="t1"><name>Title</name><start>5</start><end>25</end><in>0</in><out>20</out></generatoritem>
</track></video>
<audio>
 <track><clipitem id="a1"><name>music.wav</name><start>0</start><end>80</end><in>24</in><out>104</out>
  <file id="f3"><pathurl>file://localhost/C%3a/My%20Film/media/music.wav</pathurl></file></clipitem></track>
 <track><clipitem id="a2"><name>music.wav</name><start>0</start><end>80</end><in>24</in><out>104</out>
  <file id="f3"/></clipitem></track>
 <track><clipitem id="a3"><name>narration.s01.wav</name><start>10</start><end>40</end><in>0</in><out>30</out>
  <file id="f4"><pathurl>file://localhost/C%3a/My%20Film/media/narration.s01.wav</pathurl></file></clipitem></track>
</audio></media></sequence></children></project></xmeml>
"""


def test_final_cut_xml_that_premiere_wrote_again_is_understood(tmp_path):
    (tmp_path / "a.xml").write_text(PREMIERE_XML)
    timeline, notes = back(tmp_path / "a.xml")
    assert [(clip.name, clip.source_frame, clip.frames) for clip in timeline.clips] == [
        ("animated.s02.k1", 6, 27),
        ("animated.s01.k1", 6, 33),
        ("animated.s02.k1~2", 100, 20),
    ]
    mix = timeline.transition_at(1)
    assert mix is not None and (mix.in_frames, mix.out_frames) == (3, 3)
    (span,) = timeline.music  # two channels, one music
    assert (span.media, span.source_frame, span.frames, span.mood) == (SCORE, 24, 80, "calm")
    (speech,) = timeline.narration
    assert (speech.media, speech.record_frame, speech.frames, speech.text) == (VOICE, 10, 30, "Go.")
    assert speech.quotes == CUT.narration[0].quotes
    assert [(mark.name, mark.note, mark.source_frame) for mark in timeline.clips[2].marks] == [
        ("check the light", "too dark?", 104)
    ]
    told = " ".join(notes)
    assert "“Basic Motion”" in told and "track 2 with 1 clip" in told
