"""Captions by the word: times to the millisecond, inside the cues everybody else shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_pipeline.editorial.timeline import Speech, Timeline, TimelineClip
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.takes import Word
from studio_pipeline.media.captions.cues import cues, write_vtt
from studio_pipeline.media.captions.words import write_word_vtt

MEDIA = MediaRef(sha256="0" * 64, suffix=".wav", size_bytes=1)
_TIME = re.compile(r"<(\d\d):(\d\d):(\d\d)\.(\d{3})>")


def film(text: str, words: list[tuple[str, float, float]], *, at: int = 48, fps: float = 24) -> Timeline:
    rate = Rate.of(fps)
    clip = TimelineClip(name="a", media=MEDIA, media_frames=2400, source_frame=0, frames=2400, scene=1, take=1)
    spoken = tuple(Word(text=word, start_s=start, end_s=end) for word, start, end in words)
    speech = Speech(scene=1, media=MEDIA, record_frame=at, frames=1200, text=text, words=spoken)
    return Timeline(name="b", title="T", language="en", rate=rate, size=(64, 36), clips=(clip,), narration=(speech,))


def ms(match: re.Match[str]) -> int:
    hours, minutes, seconds, thousandths = map(int, match.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths


def written(timeline: Timeline, folder: Path) -> str:
    write_word_vtt(timeline, folder / "words.vtt")
    return (folder / "words.vtt").read_text(encoding="utf-8")


def test_each_word_has_its_time_to_the_millisecond(tmp_path):
    words = [("The", 0.1234, 0.3), ("lamp", 0.3006, 0.8), ("went", 0.9, 1.2), ("dark", 1.2494, 1.9)]
    text = written(film("The lamp, “went” dark.", words), tmp_path)
    assert "The <00:00:02.301>lamp, <00:00:02.900>“went” <00:00:03.249>dark." in text


def test_times_follow_the_exact_rate(tmp_path):
    text = written(film("The lamp", [("The", 0.0, 0.5), ("lamp", 0.5, 1.0)], at=1000, fps=29.97), tmp_path)
    assert f"<00:00:{(1000 * 1001 / 30000 + 0.5):06.3f}>lamp" in text


def test_both_lines_and_every_cue_carry_their_words(tmp_path):
    told = "The keeper climbed the stairs one last time and lit the lamp. Then she waited for the ships until dawn."
    words = [(word.strip("."), 0.4 * k, 0.4 * k + 0.35) for k, word in enumerate(told.split())]
    timeline = film(told, words)
    text = written(timeline, tmp_path)
    captions = cues(timeline)
    assert len(captions) >= 2
    assert len(_TIME.findall(text)) == len(words) - len(captions)
    shown = {k: word for k, (word, *_) in enumerate(words)}
    for match in _TIME.finditer(text):
        k = round((ms(match) / 1000 - 2) / 0.4)
        assert text[match.end() :].startswith(shown[k])


def test_words_of_chinese_stand_without_spaces(tmp_path):
    text = written(film("灯塔灭了。", [("灯塔", 0.0, 0.4), ("灭了", 0.5, 0.9)]), tmp_path)
    assert "灯塔<00:00:02.500>灭了。" in text


@pytest.mark.parametrize("words", [[], [("lamp", 3.0, 2.0)], [("The", 0.0, 99.0)]])
def test_without_times_to_believe_there_are_none(words, tmp_path):
    assert not _TIME.search(written(film("The lamp went dark.", words), tmp_path))


HOSTILE = [
    "-->",
    "<b>",
    "&amp;",
    "<00:00:01.000>",
    "<v Bob>",
    "x",
    "\x00",
    "\u202e",
    "1\n\n00:00:00.000 --> 00:00:09.000\n",
]


@given(
    st.lists(
        st.tuples(st.sampled_from(HOSTILE) | st.text(max_size=6), st.floats(0, 1), st.floats(0, 1)),
        min_size=1,
        max_size=15,
    )
)
def test_whatever_the_words_are_the_file_is_the_plain_one_with_rising_times(tmp_path_factory, tokens):
    folder = tmp_path_factory.mktemp("words")
    words, at = [], 0.0
    for text, pause, length in tokens:
        words.append((text, at + pause, at + pause + length))
        at += pause + length
    timeline = film(" ".join(text for text, *_ in tokens), words)
    text = written(timeline, folder)
    write_vtt(cues(timeline), folder / "plain.vtt")
    assert _TIME.sub("", text) == (folder / "plain.vtt").read_text(encoding="utf-8")
    for cue, block in zip(cues(timeline), text.split("\n\n")[1:], strict=True):
        times = [ms(match) for match in _TIME.finditer(block)]
        assert times == sorted(set(times))
        assert all(cue.start_s * 1000 < time < cue.end_s * 1000 for time in times)
