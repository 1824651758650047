"""A bad clip costs its own frames: whatever is wrong with it, the rest of the film is right frame for frame."""

from __future__ import annotations

import re
import resource
import wave
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio_pipeline.editorial.timeline import MusicSpan, Speech, Transition
from studio_pipeline.errors import HomeDamaged, HomeFull, MediaDamaged
from studio_pipeline.media.conformed import conformed, damaged_inside
from studio_pipeline.media.ffmpeg import run_ffmpeg
from studio_pipeline.media.filter_graph import render_picture
from studio_pipeline.media.missing_card import missing_card
from studio_pipeline.media.render_cache import RenderCache
from studio_pipeline.media.smart_render import smart_render
from studio_pipeline.media.sound.mix import mix
from studio_pipeline.media.sound.samples import read_wav, write_wav

JOINTS = (
    Transition(at=1, kind="dissolve", out_frames=2, in_frames=2),
    Transition(at=2, kind="wipe", out_frames=2, in_frames=2),
)
OWN = slice(14 + 2, 14 + 12 - 2)
"""Frames of the film that show the second clip alone."""
OTHERS = [*range(14 - 2), *range(14 + 12 + 2, 40)]
"""Frames that show nothing of it."""


@pytest.fixture
def shelf(library):
    return library(25)


@pytest.fixture
def cache(tmp_path):
    return RenderCache(tmp_path / "cache")


@pytest.fixture
def film(shelf, light, tmp_path):
    """(what the film of a conformed cut shows, what it should show)."""
    shows, should_show = light

    def made(fit, timeline):
        render_picture(fit.timeline, fit.resolve, tmp_path / "film.mp4")
        return shows(tmp_path / "film.mp4"), should_show(timeline)

    return made


def made_of(shelf, timeline, *args: str, name: str = "odd.mp4", before: tuple[str, ...] = ()):
    """The cut with its second clip's media run through ffmpeg."""
    clip = timeline.clips[1]
    odd = shelf.folder / name
    run_ffmpeg([*before, "-i", f"file:{shelf.resolve(clip.media)}", *args, f"file:{odd}"])
    return with_media(timeline, shelf.put(odd))


def with_media(timeline, media):
    first, second, third = timeline.clips
    return timeline.model_copy(update={"clips": (first, second.model_copy(update={"media": media}), third)})


def cut(shelf, **more):
    return shelf.timeline([14, 12, 14], JOINTS, **more)


def spoilt(content: bytes, every: int = 97) -> bytes:
    """With wrong bytes in its pictures; the index of the file stays as it is."""
    spoilt = bytearray(content)
    for at in range(content.index(b"mdat") + 200, len(content), every):
        spoilt[at] ^= 0x5A
    return bytes(spoilt)


UNSHOWABLE = {
    "web page": (lambda content: b"<!doctype html><title>Sorry</title>" * 40, "it is a web page"),
    "empty": (lambda content: b"", "it is empty"),
    "cut off at its end": (lambda content: content[:-300], "is cut off|is damaged inside"),
    "cut off early": (lambda content: content[:900], "cannot be read as a clip"),
    "without its head": (lambda content: content[64:], "cannot be read as a clip"),
    "damaged inside": (spoilt, "cannot be read as a clip|is damaged inside"),
    "playlist": (lambda content: b"#EXTM3U\n#EXTINF:1,\na.ts\n", "cannot be read as a clip"),
}


@pytest.mark.parametrize("kind", UNSHOWABLE)
def test_a_clip_that_cannot_be_shown_is_a_card_and_the_rest_of_the_film_is_right(shelf, cache, film, kind):
    timeline = cut(shelf)
    spoil, why = UNSHOWABLE[kind]
    path = shelf.resolve(timeline.clips[1].media)
    path.write_bytes(spoil(path.read_bytes()))
    fit = conformed(timeline, shelf.resolve, cache)
    shown, wanted = film(fit, timeline)
    assert np.abs(shown[OTHERS] - wanted[OTHERS]).max() < 0.03
    assert shown[OWN].max() < 0.5 and np.ptp(shown[OWN], axis=0).max() < 0.02  # dark, and it stands still
    (problem,) = fit.flagged
    assert problem.shot == "animated.s02.k2" and problem.message.endswith("; a card stands in its place")
    assert re.search(why, problem.message)
    assert [clip.name for clip in fit.timeline.clips] == [clip.name for clip in timeline.clips]


def test_a_missing_clip_and_a_piece_of_music_for_a_clip_are_cards_too(shelf, cache, film, tmp_path):
    timeline = cut(shelf)
    Image.new("RGB", (64, 64), "red").save(tmp_path / "cover.png")
    run_ffmpeg(
        [
            *("-f", "lavfi", "-i", "sine=duration=1", "-i", f"file:{tmp_path / 'cover.png'}", "-map", "0", "-map", "1"),
            *("-c:v", "mjpeg", "-disposition:v", "attached_pic", f"file:{shelf.folder / 'song.mp4'}"),
        ]
    )
    timeline = with_media(timeline, shelf.put(shelf.folder / "song.mp4"))
    shelf.resolve(timeline.clips[0].media).unlink()
    fit = conformed(timeline, shelf.resolve, cache)
    assert [(problem.shot, problem.message) for problem in fit.flagged] == [
        ("animated.s01.k1", "Its media is gone; a card stands in its place"),
        ("animated.s02.k2", "What was delivered has no pictures in it; a card stands in its place"),
    ]
    shown, wanted = film(fit, timeline)
    assert np.abs(shown[28:] - wanted[28:]).max() < 0.03


def test_a_store_that_has_lost_a_clip_says_why_in_the_problem(shelf, cache):
    timeline = cut(shelf)

    def resolve(media):
        if media == timeline.clips[2].media:
            raise HomeDamaged("The disk is gone")
        return shelf.resolve(media)

    assert [str(problem) for problem in conformed(timeline, resolve, cache).flagged] == [
        "animated.s03.k3: The disk is gone; a card stands in its place"
    ]


_H264 = ("-c:v", "libx264", "-crf", "12")
ODD = {
    "another size": (("-vf", "scale=256:192:flags=neighbor", *_H264), "has 256×192 pixels where the film has 128×96"),
    "another rate": (("-r", "50", *_H264), "runs at 50 frames a second, the film at 25"),
    "10 bits": (("-pix_fmt", "yuv420p10le", "-c:v", "libx265", "-x265-params", "lossless=1"), "is hevc in yuv420p10le"),
    "full colour": (("-pix_fmt", "yuv444p", *_H264), "is h264 in yuv444p"),
    "full range": (
        ("-vf", "scale=in_range=tv:out_range=pc,setparams=range=pc", "-pix_fmt", "yuvj420p", *_H264),
        "yuvj420p|other colours",
    ),
    "an unsteady rate": (
        # Every picture is still there at its time, and some come twice.
        ("-vf", "fps=50,select='not(mod(n,2))+eq(mod(n,6),1)'", "-fps_mode", "vfr", *_H264),
        "frames of its own|unequal length",
    ),
    "sideways": (("-vf", "transpose=clock", *_H264), "is turned by 90°"),
    "with sound": (("-f", "lavfi", "-i", "sine", "-shortest", "-c:v", "copy"), "comes from another encoder"),
    "matroska": (("-c", "copy"), "counts its time otherwise"),
    "transport stream": (("-c", "copy"), "counts its time otherwise"),
    "webm": (("-c:v", "libvpx-vp9", "-lossless", "1"), "is vp9 in yuv420p"),
    "motion jpeg": (("-c:v", "mjpeg", "-q:v", "1", "-strict", "-1"), "is mjpeg in"),
    "animated picture": (
        (
            "-vf",
            "split[a][b];[a]palettegen[p];[b][p]paletteuse",
        ),
        "is gif in",
    ),
    "other settings": (("-c:v", "libx264", "-preset", "ultrafast"), "comes from another encoder"),
}
SUFFIXES = {
    "matroska": ".mkv",
    "transport stream": ".ts",
    "webm": ".webm",
    "motion jpeg": ".avi",
    "animated picture": ".gif",
}


@pytest.mark.parametrize("kind", ODD)
def test_a_strange_clip_is_brought_into_the_format_and_every_frame_is_right(shelf, cache, film, kind, tmp_path):
    timeline = cut(shelf)
    args, why = ODD[kind]
    odd = made_of(shelf, timeline, *args, name=f"odd{SUFFIXES.get(kind, '.mp4')}")
    if kind == "sideways":
        run_ffmpeg(
            [
                *("-display_rotation", "90", "-i", f"file:{shelf.resolve(odd.clips[1].media)}", "-c", "copy"),
                f"file:{shelf.folder / 'turned.mp4'}",
            ]
        )
        odd = with_media(timeline, shelf.put(shelf.folder / "turned.mp4"))
    fit = conformed(odd, shelf.resolve, cache)
    shown, wanted = film(fit, timeline)
    assert np.abs(shown - wanted).max() < 0.06
    assert fit.flagged == ()
    assert len(fit.notes) == 1 and re.search(why, fit.notes[0]), fit.notes
    assert fit.notes[0].startswith("animated.s02.k2: its clip ")
    assert fit.notes[0].endswith("; it was brought into the film's format")


def test_a_clip_in_the_format_is_not_touched_and_nothing_is_said(shelf, cache):
    timeline = cut(shelf)
    fit = conformed(timeline, shelf.resolve, cache)
    assert (fit.timeline, fit.flagged, fit.notes) == (timeline, (), ())
    assert {clip.media: fit.resolve(clip.media) for clip in fit.timeline.clips} == {
        clip.media: shelf.resolve(clip.media) for clip in timeline.clips
    }
    made = cache.made
    assert conformed(timeline, shelf.resolve, cache).timeline == timeline
    assert cache.made == made, "each clip is looked at once"


def test_the_next_film_of_the_cut_finds_what_was_made_and_hears_the_same(shelf, cache, tmp_path):
    timeline = made_of(shelf, cut(shelf), "-t", "0.7", "-r", "50", "-c:v", "libx264")
    shelf.resolve(timeline.clips[2].media).unlink()
    once = conformed(timeline, shelf.resolve, cache)
    made = cache.made
    again = conformed(timeline, shelf.resolve, cache)
    assert cache.made == made > 0
    assert (again.timeline, again.flagged, again.notes) == (once.timeline, once.flagged, once.notes)
    assert any("too short" in note for note in once.notes)


def test_a_clip_whose_file_was_exchanged_is_shown_and_that_is_said(shelf, cache, film):
    timeline = cut(shelf)
    path = shelf.resolve(timeline.clips[1].media)
    path.write_bytes(shelf.resolve(shelf.clip(9, 24)).read_bytes())
    fit = conformed(timeline, shelf.resolve, cache)
    assert fit.flagged == ()
    assert fit.notes == ("animated.s02.k2: its file is not the one that was taken in; it is shown as it is now",)


def test_nothing_that_was_drawn_of_an_exchanged_file_is_shown_once_the_true_one_is_back(shelf, cache, light, tmp_path):
    shows, should_show = light
    timeline = cut(shelf)
    path = shelf.resolve(timeline.clips[1].media)
    own = path.read_bytes()
    path.write_bytes(shelf.resolve(shelf.clip(9, 24)).read_bytes())
    for content in (path.read_bytes(), own):
        path.write_bytes(content)
        fit = conformed(timeline, shelf.resolve, cache)
        smart_render(fit.timeline, fit.resolve, tmp_path / "film.mp4", cache=cache)
    assert np.abs(shows(tmp_path / "film.mp4") - should_show(timeline)).max() < 0.03


def test_nothing_that_was_heard_of_an_exchanged_sound_is_played_once_the_true_one_is_back(shelf, cache, tmp_path):
    voice = tmp_path / "voice.wav"
    write_wav(voice, np.full(48_000, 0.25, np.float32))
    timeline = spoken(shelf, cut(shelf), voice, voice)
    own, mixes = voice.read_bytes(), []
    for content in (own, None, own):
        if content is None:
            write_wav(voice, np.where(np.arange(48_000) // 60 % 2, 0.25, -0.25).astype(np.float32))
        else:
            voice.write_bytes(content)
        fit = conformed(timeline, shelf.resolve, cache)
        mixes.append(mix(fit.timeline, fit.resolve, tmp_path / "sound", cache=cache).mix.read_bytes())
    assert mixes[0] == mixes[2] != mixes[1]


def test_damage_that_only_rendering_finds_is_found_by_name_and_replaced(shelf, cache, film):
    timeline = cut(shelf)
    odd = shelf.folder / "spoilt.mp4"
    odd.write_bytes(spoilt(shelf.resolve(timeline.clips[1].media).read_bytes(), every=400))
    timeline = with_media(timeline, shelf.put(odd))  # it was damaged already when it was taken in
    fit = conformed(timeline, shelf.resolve, cache)
    with pytest.raises(MediaDamaged):
        film(fit, timeline)
    worse = damaged_inside(fit.timeline, fit.resolve)
    assert [problem.shot for problem in worse] == ["animated.s02.k2"]
    mended = conformed(timeline, shelf.resolve, cache, lost=worse)
    shown, wanted = film(mended, timeline)
    assert np.abs(shown[OTHERS] - wanted[OTHERS]).max() < 0.03
    assert [problem.shot for problem in mended.flagged] == ["animated.s02.k2"]


def test_a_clip_cut_off_in_a_frame_that_the_film_does_not_show_costs_no_film(shelf, cache, film, tmp_path):
    """It was so when it was taken in; ffmpeg reads ahead to it and stops."""
    timeline = cut(shelf)
    odd = shelf.folder / "short.mp4"
    odd.write_bytes(shelf.resolve(timeline.clips[1].media).read_bytes()[:-25])
    fit = conformed(with_media(timeline, shelf.put(odd)), shelf.resolve, cache)
    shown, wanted = film(fit, timeline)
    assert np.abs(shown[OTHERS] - wanted[OTHERS]).max() < 0.03
    assert [problem.shot for problem in fit.flagged] == ["animated.s02.k2"]
    assert "cut off" in fit.flagged[0].message


def test_a_transition_without_room_is_a_plain_cut_and_named(shelf, cache, film):
    both = [Transition(at=at, kind="dissolve", out_frames=4, in_frames=4) for at in (1, 2)]
    timeline = shelf.timeline([12, 7, 12], both)
    fit = conformed(timeline, shelf.resolve, cache)
    assert fit.timeline.transitions == (both[0],)
    assert not fit.flagged and list(fit.notes) == [
        "animated.s02.k2: is shorter than the transitions at its two ends together; the dissolve at its end is a plain "
        "cut"
    ]
    shown, wanted = film(fit, fit.timeline)
    assert np.abs(shown - wanted).max() < 0.03


def spoken(shelf, timeline, voice: Path, music: Path):
    speech = Speech(scene=2, media=shelf.put(voice), record_frame=5, frames=25, text="The sea.")
    span = MusicSpan(media=shelf.put(music), record_frame=0, frames=timeline.frames)
    return timeline.model_copy(update={"narration": (speech,), "music": (span,)})


def test_a_sound_that_does_not_open_is_left_out_and_its_words_stay(shelf, cache, tmp_path):
    (tmp_path / "voice.wav").write_bytes(b"<html>no voice</html>")
    write_wav(tmp_path / "music.wav", np.zeros((48000, 2)))
    timeline = spoken(shelf, cut(shelf), tmp_path / "voice.wav", tmp_path / "music.wav")
    cut_off = (tmp_path / "music.wav").read_bytes()[:9000]
    (tmp_path / "music.wav").write_bytes(cut_off)
    fit = conformed(timeline, shelf.resolve, cache)
    assert fit.timeline.music == ()
    (speech,) = fit.timeline.narration
    assert (speech.text, speech.frames) == ("The sea.", 25)
    sound, rate_hz = read_wav(fit.resolve(speech.media))
    assert rate_hz == 48_000 and sound.shape == (48_000, 1) and not sound.any()
    assert [problem.shot for problem in fit.flagged] == ["narration of scene 2", "music"]
    assert fit.flagged[0].message.endswith("; its words are shown and not spoken")
    assert fit.flagged[1].message == "A sound cannot be read; it is left out"


@pytest.mark.parametrize("channels, rate_hz, bits", [(1, 48_000, 16), (2, 11_025, 8), (1, 96_000, 24), (6, 44_100, 16)])
def test_any_wav_is_used_as_it_is(shelf, cache, tmp_path, channels, rate_hz, bits):
    with wave.open(str(tmp_path / "any.wav"), "wb") as file:
        file.setparams((channels, bits // 8, rate_hz, 0, "NONE", ""))
        file.writeframes(bytes(rate_hz * channels * bits // 8))
    timeline = spoken(shelf, cut(shelf), tmp_path / "any.wav", tmp_path / "any.wav")
    fit = conformed(timeline, shelf.resolve, cache)
    assert (fit.timeline, fit.flagged, fit.notes) == (timeline, (), ())


def test_a_sound_in_another_format_is_made_a_wav(shelf, cache, tmp_path):
    for name in ("voice.mp3", "music.ogg"):
        run_ffmpeg(["-f", "lavfi", "-i", "sine=duration=1:sample_rate=22050", f"file:{tmp_path / name}"])
    timeline = spoken(shelf, cut(shelf), tmp_path / "voice.mp3", tmp_path / "music.ogg")
    fit = conformed(timeline, shelf.resolve, cache)
    assert fit.flagged == ()
    assert fit.notes == (
        "narration of scene 2: is no PCM wav; it was made one",
        "music: is no PCM wav; it was made one",
    )
    for piece, channels in ((fit.timeline.narration[0], 1), (fit.timeline.music[0], 2)):
        sound, rate_hz = read_wav(fit.resolve(piece.media))
        assert rate_hz == 48_000 and sound.shape[1] == channels and abs(sound).max() > 0.05


def test_a_full_disk_is_the_homes_trouble_and_not_a_missing_voice(shelf, cache, tmp_path):
    (tmp_path / "voice.wav").write_bytes(b"")
    write_wav(tmp_path / "music.wav", np.zeros((480, 2)))
    timeline = spoken(shelf, cut(shelf), tmp_path / "voice.wav", tmp_path / "music.wav")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    try:
        with pytest.raises(HomeFull):
            conformed(timeline, shelf.resolve, cache)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_card_says_which_shot_is_missing_in_any_size_and_script(tmp_path):
    for size in ((1280, 720), (720, 1280), (16, 16), (3840, 2160)):
        card = np.asarray(missing_card("animated.s03.k2", "scene 3 · 4.2 s", size))
        assert card.shape == (size[1], size[0], 3) and card.mean() < 60
    plain, named = (np.asarray(missing_card(name, "", (640, 360))) for name in ("a", "समुद्र \u202e 海 {\\pos}"))
    assert (plain != named).any()
