from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_pipeline.editorial.timeline import Speech, Timeline, TimelineClip
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.takes import Word
from studio_pipeline.media.captions.cues import WORD_JOINER, Cue, cues, write_srt, write_vtt
from studio_pipeline.media.captions.phrases import columns, plain

MEDIA = MediaRef(sha256="0" * 64, suffix=".wav", size_bytes=1)

SCRIPTS = {
    "latin": ["the", "lamp", "went", "dark,", "and", "nobody", "came.", "“Why", "now?”", "a", "— ", "unforgettable"],
    "hindi": ["प्रकाशस्तंभ", "की", "बत्ती", "बुझ", "गई।", "कोई", "नहीं", "आया,", "क्षत्रिय"],
    "arabic": ["انطفأ", "المصباح،", "ولم", "يأتِ", "أحدٌ.", "لماذا؟"],
    "chinese": ["灯塔的灯灭了。", "没有人来，", "海上起了雾", "「为什么？」"],
    "japanese": ["灯台の明かりが消えた。", "ちょっと", "待って、", "キャプテン！"],
    "hostile": ["-->", "<b>", "&amp;", "{\\an8}", "1\n\n00:00:01,000 --> 00:00:02,000\n", "x" * 120, "\x00", "\u202e"],
}


def film(
    *speeches: Speech, seconds: float = 30, fps: float = 24, language: str = "en", size: tuple[int, int] = (64, 36)
) -> Timeline:
    rate = Rate.of(fps)
    frames = rate.frames(seconds)
    clip = TimelineClip(
        name="a.s01.k1", media=MEDIA, media_frames=frames, source_frame=0, frames=frames, scene=1, take=1
    )
    return Timeline(
        name="balanced", title="T", language=language, rate=rate, size=size, clips=(clip,), narration=speeches
    )


def speech(text: str, *, at: int = 0, frames: int = 240, words: tuple[Word, ...] = ()) -> Speech:
    return Speech(scene=1, media=MEDIA, record_frame=at, frames=frames, text=text, words=words)


def spoken(tokens: Sequence[str], *, word_s: float = 0.35, pauses: list[float] | None = None) -> tuple[Word, ...]:
    words, at = [], 0.0
    for k, token in enumerate(tokens):
        words.append(Word(text=token, start_s=at, end_s=at + word_s))
        at += word_s + (pauses[k] if pauses else 0.0)
    return tuple(words)


def letters(text: str) -> str:
    return "".join(plain(text).split())


def shown(captions: tuple[Cue, ...]) -> str:
    return "".join(letters(line) for cue in captions for line in cue.lines)


def check_limits(captions: tuple[Cue, ...], timeline: Timeline) -> None:
    for cue in captions:
        assert 1 <= len(cue.lines) <= 2
        assert all(line.strip() == line and line for line in cue.lines)
        assert all(len(line) <= 42 and columns(line) <= 42 for line in cue.lines)
        assert 0 <= cue.start_s < cue.end_s <= timeline.duration_s
    for before, after in pairwise(captions):
        assert after.start_s - before.end_s >= timeline.rate.seconds(2) - 1e-9


@st.composite
def narrated(draw: st.DrawFn) -> tuple[list[str], tuple[Word, ...]]:
    script = draw(st.sampled_from(sorted(SCRIPTS)))
    tokens = draw(st.lists(st.sampled_from(SCRIPTS[script]), min_size=1, max_size=40))
    pauses = draw(st.lists(st.floats(0, 1.5), min_size=len(tokens), max_size=len(tokens)))
    word_s = {"chinese": 1.4, "japanese": 1.4, "hostile": 1.6}.get(script, 0.35)
    return tokens, spoken(tokens, word_s=word_s, pauses=pauses)


@settings(max_examples=150, deadline=None)
@given(narrated(), st.sampled_from([24, 23.976, 30]))
def test_at_a_speakable_pace_every_limit_holds_and_nothing_is_lost(narration, fps):
    tokens, words = narration
    text = " ".join(tokens)
    length_s = words[-1].end_s + 1
    rate = Rate.of(fps)
    timeline = film(
        speech(text, at=48, frames=rate.frames(length_s), words=words), seconds=length_s + 2 + 2 * 48 / fps, fps=fps
    )
    captions = cues(timeline)
    assert shown(captions) == letters(text)
    check_limits(captions, timeline)
    assert all(cue.end_s - cue.start_s >= 0.999 for cue in captions)
    if captions:
        assert captions[0].start_s >= rate.seconds(48)


@settings(max_examples=60, deadline=None)
@given(
    st.text(max_size=300),
    st.lists(st.tuples(st.text(max_size=8), st.floats(0, 9), st.floats(0, 9)), max_size=20),
)
def test_whatever_the_words_say_text_and_order_survive(text, times):
    words = tuple(Word(text=t, start_s=a, end_s=b) for t, a, b in times)
    captions = cues(film(speech(text, words=words), speech("And then?", at=240, frames=100)))
    assert shown(captions) == letters(text) + "Andthen?"
    assert all(len(line) <= 42 for cue in captions for line in cue.lines)
    assert all(before.end_s <= after.start_s for before, after in pairwise(captions))


@settings(max_examples=60, deadline=None)
@given(narrated())
def test_a_cue_waits_for_its_first_word(narration):
    _, words = narration
    words = tuple(word for word in words if letters(word.text))
    tokens = [word.text for word in words]
    timeline = film(speech(" ".join(tokens), frames=2400, words=words), seconds=120)
    reached = 0
    ends = [len(letters("".join(tokens[: k + 1]))) for k in range(len(tokens))]
    for cue in cues(timeline):
        word = next(k for k, end in enumerate(ends) if end > reached)
        assert cue.start_s >= words[word].start_s - 1e-9
        reached += len(letters("".join(cue.lines)))


def test_cues_break_at_phrases():
    text = (
        "The keeper climbed the stairs one last time. At the top, where the wind never rests, "
        "she lit the lamp and waited for the ships."
    )
    captions = cues(film(speech(text, frames=260, words=spoken(text.split(), word_s=0.4))))
    assert captions[0].lines[-1].endswith("time.")
    assert all(cue.lines[-1][-1] in ".," for cue in captions)


def test_reading_speed_is_kept_where_the_time_allows():
    text = "Extraordinarily complicated circumstances surrounded everybody."
    captions = cues(film(speech(text, frames=60, words=spoken(text.split(), word_s=0.4))))
    assert all(sum(map(len, cue.lines)) / (cue.end_s - cue.start_s) <= 17.1 for cue in captions)


def test_a_speech_without_word_times_is_spread_over_its_frames():
    text = "One sentence stands here. Another one follows it. And a third ends the matter for good."
    captions = cues(film(speech(text, at=24, frames=240)))
    assert len(captions) >= 2
    assert captions[0].start_s >= 1.0
    assert 6 < captions[-1].end_s <= 11.5


STORIES = {"en": "examples/stories/lighthouse.md", "hi": "examples/stories/diya.md"}
LEANING = {
    "a",
    "an",
    "the",
    "of",
    "to",
    "in",
    "at",
    "by",
    "for",
    "from",
    "with",
    "and",
    "or",
    "but",
    "his",
    "its",
    "my",
    "और",
    "कि",
    "एक",
    "उस",
    "इस",
    "अपनी",
    "अपने",
}
POSTPOSITIONS = {"का", "की", "के", "को", "ने", "में", "से", "तक", "है", "था"}


@pytest.mark.parametrize("language", sorted(STORIES))
def test_lines_of_the_example_stories_end_where_a_phrase_does(language, pytestconfig):
    told = (pytestconfig.rootpath / STORIES[language]).read_text(encoding="utf-8").splitlines()
    text = " ".join(line for line in told if line and not line.startswith("#"))
    words = spoken(text.split(), word_s=0.36)
    seconds = words[-1].end_s + 1
    timeline = film(
        speech(text, frames=round(seconds * 24), words=words), seconds=seconds + 2, language=language, size=(1280, 720)
    )
    captions = cues(timeline)
    check_limits(captions, timeline)
    ends = [line.split()[-1].lower() for cue in captions for line in cue.lines]
    begins = [line.split()[0] for cue in captions for line in cue.lines]
    assert sum(end in LEANING for end in ends) <= 0.01 * len(ends)
    assert not POSTPOSITIONS & set(begins)
    assert sum(cue.lines[-1][-1] in ".!?,।”:" for cue in captions) > 0.8 * len(captions)
    reading = [sum(map(len, cue.lines)) / (cue.end_s - cue.start_s) for cue in captions]
    assert sum(speed > 17.1 for speed in reading) <= 0.05 * len(reading)


def test_chinese_never_starts_a_line_with_a_full_stop_and_keeps_to_16_characters():
    text = "灯塔的灯灭了，没有人来。海上起了浓浓的雾，看守人独自走上楼梯，一步一步，数着每一级台阶。" * 3
    for cue in cues(film(speech(text, frames=700), language="zh")):
        assert all(len(line) <= 16 and line[0] not in "，。" for line in cue.lines)


def test_japanese_keeps_to_16_characters_and_small_kana_stay_where_they_belong():
    text = (
        "「ちょっと待って！」と、キャプテン・ロウが叫んだ。ヴァイオリンを持った少女は、ゆっくりと階段を登っていった。"
        * 3
    )
    captions = cues(film(speech(text, frames=700), language="ja"))
    assert shown(captions) == text
    for cue in captions:
        assert all(len(line) <= 16 and line[0] not in "、。」！ょっャァー・" for line in cue.lines)
        assert not any(line.endswith("「") for line in cue.lines)


def test_lines_are_shorter_in_an_upright_picture():
    text = "The keeper climbed the stairs one last time, and at the top, where the wind never rests, she lit the lamp."
    captions = cues(film(speech(text, frames=240), size=(720, 1280)))
    assert max(len(line) for cue in captions for line in cue.lines) <= 32


def test_a_long_hindi_word_is_never_cut_inside_a_letter():
    text = "क्षत्रिय" * 15
    captions = cues(film(speech(text)))
    assert shown(captions) == text
    assert not any(line[0] in "\u094d\u093f\u0930" for cue in captions for line in cue.lines)


def read_blocks(text: str) -> list[tuple[float, float, tuple[str, ...]]]:
    """What a strict reader of either format sees."""
    found = []
    for block in text.strip("\n").split("\n\n"):
        rows = [row for row in block.split("\n") if not row.isdecimal()]
        times = re.fullmatch(r"(\d+):(\d\d):(\d\d)[.,](\d{3}) --> (\d+):(\d\d):(\d\d)[.,](\d{3})", rows[0])
        if rows[0] == "WEBVTT":
            continue
        assert times, rows
        h, m, s, ms, h2, m2, s2, ms2 = map(int, times.groups())
        start_ms, end_ms = ((h * 60 + m) * 60 + s) * 1000 + ms, ((h2 * 60 + m2) * 60 + s2) * 1000 + ms2
        found.append((start_ms / 1000, end_ms / 1000, tuple(rows[1:])))
    return found


@pytest.mark.parametrize("script", sorted(SCRIPTS))
def test_both_files_read_back_as_they_were(script, tmp_path):
    captions = cues(film(speech(" ".join(SCRIPTS[script] * 2), frames=600)))
    write_srt(captions, tmp_path / "film.srt")
    write_vtt(captions, tmp_path / "film.vtt")
    wanted = [(cue.start_s, cue.end_s, cue.lines) for cue in captions]

    srt = (tmp_path / "film.srt").read_text(encoding="utf-8")
    assert read_blocks(srt.replace(WORD_JOINER, "")) == wanted

    vtt = (tmp_path / "film.vtt").read_text(encoding="utf-8")
    assert vtt.startswith("WEBVTT\n\n")
    unescaped = [
        (a, b, tuple(row.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") for row in rows))
        for a, b, rows in read_blocks(vtt)
    ]
    assert unescaped == wanted


def test_hostile_text_is_shown_and_never_obeyed(tmp_path):
    captions = (Cue(start_s=3599.5, end_s=3601, lines=("<i>a</i> {\\an8}", "5 < 6 & 7 --> 8")),)
    write_srt(captions, tmp_path / "film.srt")
    write_vtt(captions, tmp_path / "film.vtt")
    srt, vtt = (tmp_path / "film.srt").read_text(), (tmp_path / "film.vtt").read_text()
    assert "00:59:59,500 --> 01:00:01,000" in srt
    assert srt.count("-->") == 1
    assert vtt.count("-->") == 1
    assert "<i>" not in srt
    assert "{\\" not in srt
    assert "<" not in vtt


def test_a_film_without_narration_has_empty_caption_files(tmp_path):
    assert cues(film()) == ()
    write_srt((), tmp_path / "film.srt")
    write_vtt((), tmp_path / "film.vtt")
    assert (tmp_path / "film.srt").read_text() == ""
    assert (tmp_path / "film.vtt").read_text() == "WEBVTT\n"
