"""The delivered file: streams, tags and lengths as a player reads them."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest

from studio_pipeline.media.captions.cues import Cue, write_srt
from studio_pipeline.media.deliver import mux, one_line
from studio_pipeline.media.filter_graph import render_picture
from studio_pipeline.media.language_codes import three_letters
from studio_pipeline.media.sound.loudness import master
from studio_pipeline.media.sound.mix import sample_at
from studio_pipeline.media.sound.samples import write_wav

HOSTILE = "=;'\"\n\r[Script Info]\x00\x1b[31m $(rm -rf /) -metadata \u2028\u202eटोपी 🎬" + "long " * 99


@pytest.fixture
def parts(library, tmp_path):
    """Picture, sound with a click at frame 12, and captions, two seconds long or as many frames as asked."""

    def make(fps=24, frames=48):
        shelf = library(fps)
        timeline = shelf.timeline([frames - 20, 20])
        render_picture(timeline, shelf.resolve, tmp_path / "picture.mp4")
        sound = np.zeros((sample_at(frames, timeline.rate), 2), np.float32)
        click = sample_at(12, timeline.rate)
        sound[click : click + 240] = 0.5 * np.sin(np.arange(240) / 3)[:, None]
        write_wav(tmp_path / "mix.wav", sound)
        master(tmp_path / "mix.wav", tmp_path / "sound.m4a")
        write_srt([Cue(start_s=0.2, end_s=1.5, lines=("Hello", "-<i>you</i>"))], tmp_path / "film.srt")
        return timeline, tmp_path / "picture.mp4", tmp_path / "sound.m4a", tmp_path / "film.srt"

    return make


@pytest.mark.parametrize("fps", [24, 25, 30, 23.976, 29.97])
def test_every_track_lasts_as_long_as_the_timeline(parts, tmp_path, fps):
    timeline, picture, sound, srt = parts(fps, 47)
    mux(picture, sound, srt, tmp_path / "film.mp4", title="Sea", language="en")
    film_s = 47 / timeline.rate.fraction
    with av.open(str(tmp_path / "film.mp4")) as media:
        video, audio = media.streams.video[0], media.streams.audio[0]
        assert video.duration * video.time_base == film_s
        assert video.start_time == 0 and audio.start_time == 0
        assert abs(audio.duration * audio.time_base - film_s) <= Fraction(1, 48_000)
        assert abs(Fraction(media.duration, 1_000_000) - film_s) < Fraction(1, 10_000)


def test_picture_packets_are_copied_unchanged(parts, tmp_path):
    _, picture, sound, srt = parts()
    mux(picture, sound, srt, tmp_path / "film.mp4", title="Sea", language="en")

    def packets(path):
        with av.open(str(path)) as media:
            return [(p.pts, p.dts, bytes(p)) for p in media.demux(video=0) if p.size]

    assert packets(tmp_path / "film.mp4") == packets(picture)


def test_the_sound_is_not_late(parts, tmp_path):
    timeline, picture, sound, srt = parts()
    mux(picture, sound, srt, tmp_path / "film.mp4", title="Sea", language="en")
    with av.open(str(tmp_path / "film.mp4")) as media:
        frames = list(media.decode(audio=0))
        first = round(frames[0].pts * frames[0].time_base * 48_000)
        heard = np.concatenate([frame.to_ndarray()[0] for frame in frames])
    loud = np.flatnonzero(np.abs(heard) > np.abs(heard).max() / 2)[0] + first
    assert abs(loud - sample_at(12, timeline.rate)) < 48  # a millisecond


def test_captions_are_a_soft_track_with_its_language(parts, tmp_path):
    _, picture, sound, srt = parts()
    mux(picture, sound, srt, tmp_path / "film.mp4", title="Sea", language="de-AT")
    with av.open(str(tmp_path / "film.mp4")) as media:
        (track,) = media.streams.subtitles
        assert (track.codec_context.name, track.language) == ("mov_text", "deu")
        assert media.streams.audio[0].language == "deu"
        said = [(float(p.pts * p.time_base), bytes(p)) for p in media.demux(track) if p.size and len(bytes(p)) > 2]
    assert [at for at, _ in said] == [0.2]
    assert b"Hello\n" in said[0][1]


def test_a_silent_film_without_words_has_only_pictures(parts, tmp_path):
    _, picture, _, _ = parts()
    mux(picture, None, None, tmp_path / "film.mp4", title="Sea", language="en")
    with av.open(str(tmp_path / "film.mp4")) as media:
        assert [stream.type for stream in media.streams] == ["video"]


def test_a_hostile_title_is_only_a_title(parts, tmp_path):
    _, picture, sound, srt = parts()
    mux(picture, sound, srt, tmp_path / "film.mp4", title=HOSTILE, language="en; rm")
    with av.open(str(tmp_path / "film.mp4")) as media:
        assert media.metadata["title"] == one_line(HOSTILE)
        assert media.metadata["comment"] == "AI-generated"
        assert set(media.metadata) == {"major_brand", "minor_version", "compatible_brands", "title", "comment"}
    assert one_line(HOSTILE).startswith("=;'\" [Script Info] [31m $(rm -rf /) -metadata टोपी 🎬long")
    assert len(one_line(HOSTILE)) <= 200


def test_it_plays_before_it_is_loaded_and_comes_out_the_same_each_time(parts, tmp_path):
    _, picture, sound, srt = parts()
    for name in ("one.mp4", "two.mp4"):
        mux(picture, sound, srt, tmp_path / name, title="Sea", language="en")
    film = (tmp_path / "one.mp4").read_bytes()
    assert film.index(b"moov") < film.index(b"mdat")
    assert film == (tmp_path / "two.mp4").read_bytes()


def test_a_title_keeps_the_joiners_its_script_is_written_with():
    assert one_line("क्\u200dष 👩\u200d🚀") == "क्\u200dष 👩\u200d🚀"


@pytest.mark.parametrize(
    ("tag", "code"),
    [("en", "eng"), ("pt-BR", "por"), ("zh-Hans", "zho"), ("hi", "hin"), ("yue", "yue"), ("qq", "und"), ("", "und")],
)
def test_languages_have_three_letters(tag, code):
    assert three_letters(tag) == code


def test_what_it_comes_from_is_said_in_xmp_too_and_no_sample_moves(parts, tmp_path):
    _, picture, sound, srt = parts()
    term = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic"
    mux(picture, sound, srt, tmp_path / "plain.mp4", title="Sea", language="en")
    mux(picture, sound, srt, tmp_path / "film.mp4", title="Sea", language="en", source_type=term)
    plain = (tmp_path / "plain.mp4").read_bytes()
    assert (tmp_path / "film.mp4").read_bytes()[: len(plain)] == plain
    with av.open(str(tmp_path / "film.mp4"), options={"export_xmp": "1"}) as media:
        assert f'Iptc4xmpExt:DigitalSourceType="{term}"' in media.metadata["xmp"]
