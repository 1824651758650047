"""A cut becomes a folder with a film in it; nothing that goes wrong harms the film that was there."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import av
import c2pa
import numpy as np
import opentimelineio as otio
import pytest

from studio_pipeline.editorial.cut import Cut
from studio_pipeline.editorial.timeline import MusicSpan, Speech, Transition
from studio_pipeline.errors import HomeDamaged, HomeFull
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.liveness import Process
from studio_pipeline.media.credentials.local_certificate import local_credentials
from studio_pipeline.media.render_cache import RenderCache
from studio_pipeline.media.sound.loudness import measure
from studio_pipeline.media.sound.samples import write_wav
from studio_pipeline.stages.finishing.finisher import NOT_SIGNED, finish
from studio_pipeline.stages.finishing.provenance import LABEL
from studio_pipeline_tests.backlot.signature import without_signature

CAPTIONS = {"film.srt", "film.vtt", "film.ass", "film.words.vtt"}
TIMELINES = {f"film{suffix}" for suffix in (".otio", ".edl", ".xml", ".fcpxml", ".ale", ".csv", ".kdenlive")}
FILES = {"film.mp4", *CAPTIONS, *TIMELINES, "contact_sheet.jpg", "waveform.png", "provenance.json", "report.json"}


@pytest.fixture
def shelf(library):
    return library()


@pytest.fixture
def cut(shelf):
    """Two and a half seconds: a dissolve, a fade out, a tone as narration and another as music."""

    def sound(name: str, seconds: float, hz: float) -> MediaRef:
        path = shelf.folder / name
        wave = 0.3 * np.sin(2 * np.pi * hz * np.arange(int(48_000 * seconds)) / 48_000)
        write_wav(path, wave.astype(np.float32)[:, None])
        ref = MediaRef(sha256=hashlib.sha256(name.encode()).hexdigest(), suffix=".wav", size_bytes=1)
        shelf.paths[ref] = path
        return ref

    timeline = shelf.timeline(
        [24, 20, 16],
        [
            Transition(at=1, kind="dissolve", out_frames=3, in_frames=3),
            Transition(at=3, kind="fade_black", out_frames=6, in_frames=0),
        ],
        title="The Lamp",
    )
    voice, music = sound("voice.wav", 1.5, 700), sound("music.wav", 3, 200)
    words = Speech(scene=1, media=voice, record_frame=6, frames=36, text="The lamp is out.")
    timeline = timeline.model_copy(
        update={"narration": (words,), "music": (MusicSpan(media=music, record_frame=0, frames=60),)}
    )
    return Cut(name="balanced", timeline=timeline, rating=81.5, rationale="All shots.", missing=("scene 4",))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_folder_holds_the_film_and_everything_about_it(cut, shelf, light, tmp_path):
    heard: list[float] = []
    film = finish(cut, shelf.resolve, tmp_path / "films" / "lamp", progress=heard.append)
    folder = tmp_path / "films" / "lamp"
    assert {path.name for path in folder.iterdir()} == FILES
    assert [path.name for path in folder.parent.iterdir()] == ["lamp"]  # nothing unfinished is left
    assert (film.frames, film.duration_s, film.size, film.missing) == (60, 2.5, (128, 96), ("scene 4",))
    assert film.digest == hashlib.sha256((folder / film.film).read_bytes()).hexdigest()
    assert film.integrated_lufs == measure(folder / film.film).integrated_lufs
    with av.open(str(folder / film.film)) as media:
        assert [stream.type for stream in media.streams] == ["video", "audio", "subtitle"]
        assert media.duration == 2_500_000
    shows, should_show = light
    assert np.abs(shows(folder / film.film) - should_show(cut.timeline)).max() < 0.03
    assert "The lamp is out." in (folder / "film.srt").read_text(encoding="utf-8")
    assert heard == sorted(heard) and heard[-1] == 1.0
    report = json.loads((folder / film.files["report"]).read_text(encoding="utf-8"))
    assert report["film"]["digest"] == film.digest and report["film"]["missing"] == ["scene 4"]
    (told,) = json.loads((folder / film.files["provenance"]).read_text(encoding="utf-8"))["films"]
    assert [shot["record_frame"] for shot in told["shots"]] == [0, 24, 44]


def test_the_exported_timeline_finds_its_media_from_the_films_folder(cut, shelf, tmp_path):
    folder = tmp_path / "films" / "lamp"
    finish(cut, shelf.resolve, folder)
    for clip in otio.adapters.read_from_file(str(folder / "film.otio")).find_clips():
        assert (folder / otio.url_utils.filepath_from_url(clip.media_reference.target_url)).is_file()


def test_the_same_cut_gives_the_same_files(cut, shelf, tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    assert finish(cut, shelf.resolve, one) == finish(cut, shelf.resolve, two)
    assert contents(one) == contents(two)


def test_every_version_is_signed_with_who_made_each_of_its_shots(cut, shelf, tmp_path):
    credentials, folder = local_credentials(tmp_path / "credentials"), tmp_path / "lamp"
    dubbed = cut.model_copy(update={"dubs": (cut.timeline.model_copy(update={"language": "hi"}),)})
    film = finish(dubbed, shelf.resolve, folder, credentials=credentials)
    assert film.signed_by == credentials.words and film.notes == ()
    told = json.loads((folder / film.files["provenance"]).read_text(encoding="utf-8"))
    for version, facts in zip((film, *film.dubs), told["films"], strict=True):
        reader = c2pa.Reader(folder / version.film)
        assert reader.get_validation_state() == "Valid"
        signed = {each["label"]: each["data"] for each in reader.get_active_manifest()["assertions"]}
        assert signed[LABEL] == facts
        assert [shot["shot"] for shot in facts["shots"]] == [clip.name for clip in cut.timeline.clips]
        assert version.digest == hashlib.sha256((folder / version.film).read_bytes()).hexdigest()
        assert version.content_digest == hashlib.sha256(without_signature(folder / version.film)).hexdigest()


def test_a_home_signs_the_same_film_the_same_way_and_homes_differ_in_their_signature_alone(cut, shelf, tmp_path):
    mine, theirs = (local_credentials(tmp_path / name) for name in ("mine", "theirs"))
    cache = RenderCache(tmp_path / "cache")
    first = finish(cut, shelf.resolve, tmp_path / "one", credentials=mine, cache=cache)
    again = finish(cut, shelf.resolve, tmp_path / "again", credentials=mine, cache=cache)
    assert (again.digest, again.content_digest) == (first.digest, first.content_digest)
    assert (tmp_path / "one" / first.film).read_bytes() == (tmp_path / "again" / first.film).read_bytes()
    other = finish(cut, shelf.resolve, tmp_path / "two", credentials=theirs)
    unsigned = finish(cut, shelf.resolve, tmp_path / "three")
    assert other.content_digest == unsigned.content_digest == unsigned.digest == first.content_digest
    assert len({first.digest, other.digest, unsigned.digest}) == 3


def test_a_film_that_nobody_signs_says_so(cut, shelf, tmp_path):
    film = finish(cut, shelf.resolve, tmp_path / "lamp")
    assert film.notes == (NOT_SIGNED,) and film.signed_by == ""
    with pytest.raises(c2pa.C2paError, match="ManifestNotFound"):
        c2pa.Reader(tmp_path / "lamp" / film.film)


def test_captions_of_an_earlier_cut_do_not_stay(cut, shelf, tmp_path):
    finish(cut, shelf.resolve, tmp_path / "lamp")
    silent = cut.model_copy(update={"timeline": cut.timeline.model_copy(update={"narration": ()})})
    film = finish(silent, shelf.resolve, tmp_path / "lamp")
    assert not {"captions_srt", "captions_vtt"} & set(film.files)
    assert {path.name for path in (tmp_path / "lamp").iterdir()} == FILES - CAPTIONS


def test_a_clip_that_is_gone_or_damaged_costs_its_own_frames_and_is_named(cut, shelf, light, tmp_path):
    shows, should_show = light
    first, second, third = cut.timeline.clips
    shelf.paths[second.media].write_text("<html>404</html>")
    whole = shelf.paths[third.media].read_bytes()
    shelf.paths[third.media].write_bytes(whole[: len(whole) * 2 // 3])
    film = finish(cut, shelf.resolve, tmp_path / "lamp")
    assert [line.partition(":")[0] for line in film.flagged] == [second.name, third.name]
    assert film.frames == cut.timeline.frames
    untouched = first.frames - 3  # three frames of it dissolve into a clip that is gone
    wrong = np.abs(shows(tmp_path / "lamp" / film.film) - should_show(cut.timeline))
    assert wrong[:untouched].max() < 0.03
    report = json.loads((tmp_path / "lamp" / "report.json").read_text(encoding="utf-8"))
    assert report["film"]["flagged"] == list(film.flagged)


def test_damage_that_only_rendering_finds_is_named_too(cut, shelf, tmp_path):
    clip = cut.timeline.clips[1]
    path = shelf.paths[clip.media]
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as media:
        packets = [packet for packet in media.demux(video=0) if packet.size]
        where = packets[len(packets) // 2]
        start, size = where.pos, where.size
    data[start + 8 : start + size] = b"\xff" * (size - 8)
    path.write_bytes(data)
    film = finish(cut, shelf.resolve, tmp_path / "lamp")
    assert film.frames == cut.timeline.frames
    assert [line.partition(":")[0] for line in film.flagged] == [clip.name]
    (told,) = json.loads((tmp_path / "lamp" / "provenance.json").read_text(encoding="utf-8"))["films"]
    assert [shot["shot"] for shot in told["shots"] if "card" in shot["by_the_studio"]] == [clip.name]
    assert told["shots"][1]["media_sha256"] == clip.media.sha256


def test_a_dub_is_a_film_of_its_own_on_the_same_picture(cut, shelf, light, tmp_path):
    dub = cut.timeline.model_copy(update={"language": "hi"})
    film = finish(cut.model_copy(update={"dubs": (dub,)}), shelf.resolve, tmp_path / "lamp")
    (hindi,) = film.dubs
    assert (hindi.language, hindi.film) == ("hi", "film.hi.mp4")
    assert {"film.hi.mp4", "film.hi.srt", "film.hi.otio"} <= {path.name for path in (tmp_path / "lamp").iterdir()}
    assert hindi.rendering is not None and hindi.rendering.encoded_frames == 0  # drawn for the first version already
    shows, should_show = light
    assert np.abs(shows(tmp_path / "lamp" / hindi.film) - should_show(dub)).max() < 0.03
    alone = finish(cut, shelf.resolve, tmp_path / "lamp")
    assert alone.dubs == () and not list((tmp_path / "lamp").glob("film.hi.*"))


@pytest.mark.parametrize("most_bytes", [5_000, 300_000], ids=["not even the picture fits", "the mix does not fit"])
def test_a_disk_that_fills_up_leaves_the_old_film(cut, shelf, tmp_path, most_bytes):
    finish(cut, shelf.resolve, tmp_path / "lamp")
    before = contents(tmp_path / "lamp")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
    try:
        with pytest.raises(HomeFull, match="Free"):
            finish(cut, shelf.resolve, tmp_path / "lamp")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert contents(tmp_path / "lamp") == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_folder_where_a_file_stands_is_said_in_words(cut, shelf, tmp_path):
    (tmp_path / "films").write_text("not a folder")
    with pytest.raises((HomeFull, HomeDamaged), match="films"):
        finish(cut, shelf.resolve, tmp_path / "films" / "lamp")


def test_what_a_killed_process_left_is_swept_and_what_a_living_one_makes_is_not(cut, shelf, tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    here = Process.current()
    dead = Process(host=here.host, boot=here.boot, pid=gone.pid, started="1")
    parent = Process(host=here.host, boot=here.boot, pid=os.getppid(), started=_started(os.getppid()))
    for who in (dead, parent):
        (tmp_path / f".lamp.unfinished~{who}").mkdir()
    finish(cut, shelf.resolve, tmp_path / "lamp")
    assert [path.name for path in tmp_path.glob(".lamp*")] == [f".lamp.unfinished~{parent}"]


def _started(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
