from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from studio_pipeline.budget.rate_cards import Quote
from studio_pipeline.media.sound.samples import read_wav
from studio_pipeline.providers.voice import espeak
from studio_pipeline.providers.voice.port import SpeechRequest
from studio_pipeline.providers.voice.silence import NO_VOICE, SilentVoice

needs_espeak = pytest.mark.skipif(not espeak.available(), reason="the extra debug-voice is not installed")


class PennyACharacter:
    def quote(self, vendor: str, model: str, quantity: Decimal) -> Quote:
        price = quantity / 100
        return Quote(expected_usd=price, max_usd=price, simulated=True, source=f"{vendor} {model}")


def line(text: str, *, language: str = "en", max_duration_s: float = 20, voice: str = "") -> SpeechRequest:
    return SpeechRequest(model="espeak/debug", text=text, language=language, voice=voice, max_duration_s=max_duration_s)


def spoken(request: SpeechRequest, into: Path):
    vendor = espeak.EspeakVoice(PennyACharacter())
    job = vendor.submit(request, client_tag="t")
    assert vendor.poll(job, request).state == "done"
    return vendor.fetch(job, request, into)


@needs_espeak
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The keeper said: “In 1984, the lamp went dark — no one came.” Wait… why?"),
        ("hi", "नमस्ते दुनिया। यह एक कहानी है।"),
        ("zh", "灯塔的灯灭了。没有人来。"),
        ("ar", "انطفأ المصباح. لم يأت أحد."),
        ("ja", "とうだいの あかりが きえた。"),
    ],
)
def test_a_line_is_the_same_bytes_twice_and_its_words_lie_inside_it(language, text, tmp_path):
    first = spoken(line(text, language=language), tmp_path / "a")
    spoken(line(text, language=language), tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()

    sound, rate_hz = read_wav(tmp_path / "a")
    words = first.details["words"]
    assert (rate_hz, sound.shape[1]) == (48000, 1)
    assert len(sound) / rate_hz == pytest.approx(first.details["duration_s"])
    assert "".join("".join(w["text"] for w in words).split()) == "".join(text.split())
    assert all(0 <= w["start_s"] <= w["end_s"] <= first.details["duration_s"] for w in words)
    assert all(before["end_s"] <= after["start_s"] for before, after in pairwise(words))
    assert np.abs(sound).max() > 0.2


@needs_espeak
def test_silence_around_the_line_is_trimmed(tmp_path):
    spoken(line("Lighthouse."), tmp_path / "a")
    sound, rate_hz = read_wav(tmp_path / "a")
    assert np.abs(sound[: rate_hz // 10]).max() > 0.02
    assert np.abs(sound[-rate_hz // 4 :]).max() > 0.02


@needs_espeak
def test_a_line_that_would_not_end_in_time_is_spoken_faster_and_says_so(tmp_path):
    text = "The keeper climbs the stairs for the very last time, and counts every one of the steps."
    usual_s = spoken(line(text), tmp_path / "a").details["duration_s"]
    hurried = spoken(line(text, max_duration_s=usual_s / 1.12), tmp_path / "b")
    assert hurried.details["duration_s"] <= usual_s / 1.12
    assert "times as fast" in hurried.events[0]
    assert len(hurried.events) == 1


@needs_espeak
def test_a_line_that_cannot_fit_keeps_all_its_words_and_says_how_much_too_long_it_is(tmp_path):
    text = "The keeper climbs the stairs for the very last time, and counts every one of the steps."
    fetched = spoken(line(text, max_duration_s=2), tmp_path / "a")
    assert fetched.details["duration_s"] > 2
    assert len(fetched.details["words"]) == len(text.split())
    assert "too long" in fetched.events[-1]


@needs_espeak
def test_an_unknown_language_or_voice_is_said_aloud_not_swallowed(tmp_path):
    fetched = spoken(line("Hello there.", language="tlh", voice="morgan"), tmp_path / "a")
    assert any("tlh" in event for event in fetched.events)
    assert any("morgan" in event for event in fetched.events)
    assert spoken(line("Hello there.", language="en-GB"), tmp_path / "b").events == ()


@needs_espeak
@pytest.mark.parametrize("text", ["…", "<speak><break time='9s'/></speak> [[h@loU]] $(reboot)", "a\x00b", "🎬", "'"])
def test_hostile_text_is_only_text(text, tmp_path):
    fetched = spoken(line(text), tmp_path / "a")
    assert 0 < fetched.details["duration_s"] < 12


def test_prices_are_asked_by_the_character():
    for vendor in (espeak.EspeakVoice(PennyACharacter()), SilentVoice(PennyACharacter())):
        quote = vendor.quote(line("Ten chars."))
        assert (quote.max_usd, quote.source) == (Decimal("0.1"), f"{vendor.name} espeak/debug")


@pytest.mark.parametrize(("language", "text"), [("en", "One two three four five six."), ("zh", "灯塔的灯灭了。")])
def test_without_a_voice_there_is_timed_silence_and_a_word_about_it(language, text, tmp_path):
    request = line(text, language=language)
    fetched = SilentVoice(PennyACharacter()).fetch("job", request, tmp_path / "a")
    sound, _ = read_wav(tmp_path / "a")
    assert not sound.any()
    assert fetched.events == (NO_VOICE,)
    assert 1.2 < fetched.details["duration_s"] < 3.5
    assert fetched.details["words"][-1]["end_s"] <= fetched.details["duration_s"] + 1e-3


def test_silence_never_takes_longer_than_it_may(tmp_path):
    request = line("word " * 60, max_duration_s=5)
    fetched = SilentVoice(PennyACharacter()).fetch("job", request, tmp_path / "a")
    assert fetched.details["duration_s"] <= 5
