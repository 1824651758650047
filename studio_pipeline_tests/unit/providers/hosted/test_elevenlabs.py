"""What the contract suite cannot see of ElevenLabs: word times, pace, the history, and refusals by their code."""

from __future__ import annotations

import base64
import io
import json
import struct
import wave
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from studio_pipeline.errors import MediaDamaged, PromptRefused, ProviderFailed, VendorAway
from studio_pipeline.providers import factory
from studio_pipeline.providers.hosted.elevenlabs import Voice
from studio_pipeline.providers.hosted.elevenlabs_music import Composer
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.music.port import MusicRequest
from studio_pipeline.providers.voice.port import SpeechRequest
from studio_pipeline_tests.backlot.line import CARDS, Line

DATA = factory.vendors()["elevenlabs"]
TAG = "0123456789abcdef"
TEXT = "Mira waits, at the gate."


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    environ = {"ELEVENLABS_API_KEY": "k"}
    return Setup(DATA.manifest, DATA.models, CARDS, lambda _: tmp_path, tmp_path / "inbox", environ)


def speech(text: str = TEXT, **more: Any) -> SpeechRequest:
    asked = {"model": "elevenlabs/multilingual-v2", "language": "en", "max_duration_s": 60.0, **more}
    return SpeechRequest(text=text, **asked)


def wav(seconds: float = 2.4) -> bytes:
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setparams((1, 2, 24_000, 0, "NONE", ""))
        file.writeframes(b"\x01\x02" * round(seconds * 24_000))
    return content.getvalue()


def alignment(text: str = TEXT, each_s: float = 0.1) -> dict[str, Any]:
    return {
        "characters": list(text),
        "character_start_times_seconds": [n * each_s for n in range(len(text))],
        "character_end_times_seconds": [(n + 1) * each_s for n in range(len(text))],
    }


def spoken(line: Line, sound: bytes, times: Any, **headers: Any) -> None:
    line.says({"audio_base64": base64.b64encode(sound).decode(), "alignment": times}, **headers)


def test_words_have_the_times_of_their_characters(line: Line, setup: Setup, tmp_path: Path) -> None:
    spoken(line, wav(), alignment())
    voice = Voice(setup)
    fetched = voice.fetch(voice.submit(speech(), client_tag=TAG), speech(), tmp_path / "made")
    assert fetched.details["duration_s"] == pytest.approx(2.4)
    words = {word["text"]: (word["start_s"], word["end_s"]) for word in fetched.details["words"]}
    assert list(words) == ["Mira", "waits,", "at", "the", "gate."]
    assert words["Mira"] == pytest.approx((0.0, 0.4))
    assert words["waits,"] == pytest.approx((0.5, 1.1))
    assert words["gate."] == pytest.approx((1.9, 2.4))
    assert not fetched.events


@pytest.mark.parametrize("times", [None, {}, alignment("Something else."), {**alignment(), "characters": [1, 2]}])
def test_times_that_are_not_the_texts_are_estimated_and_told(
    line: Line, setup: Setup, tmp_path: Path, times: Any
) -> None:
    spoken(line, wav(), times)
    voice = Voice(setup)
    fetched = voice.fetch(voice.submit(speech(), client_tag=TAG), speech(), tmp_path / "made")
    words = fetched.details["words"]
    assert [word["text"] for word in words] == ["Mira", "waits,", "at", "the", "gate."]
    assert all(earlier["end_s"] <= later["start_s"] for earlier, later in pairwise(words))
    assert words[-1]["end_s"] <= 2.4
    assert fetched.events


def test_a_sound_of_unknown_length_counts_as_long_as_it_is(line: Line, setup: Setup, tmp_path: Path) -> None:
    sound = bytearray(wav(1.0))
    struct.pack_into("<I", sound, 40, 0xFFFFFFFF)
    spoken(line, bytes(sound), alignment())
    voice = Voice(setup)
    fetched = voice.fetch(voice.submit(speech(), client_tag=TAG), speech(), tmp_path / "made")
    assert fetched.details["duration_s"] == pytest.approx(1.0)


def test_half_a_sound_is_damaged(line: Line, setup: Setup, tmp_path: Path) -> None:
    spoken(line, wav()[:30_000], alignment())
    voice = Voice(setup)
    job = voice.submit(speech(), client_tag=TAG)
    with pytest.raises(MediaDamaged):
        voice.fetch(job, speech(), tmp_path / "made")


def test_a_line_that_would_be_too_long_is_spoken_faster_but_never_unnaturally_so(setup: Setup) -> None:
    long = " ".join(["Mira waits at the gate."] * 6)
    assert "voice_settings" not in Voice(setup).normalised(speech(long))
    brisk = Voice(setup).normalised(speech(long, max_duration_s=12.5))["voice_settings"]["speed"]
    assert 1.0 < brisk < 1.2
    assert Voice(setup).normalised(speech(long, max_duration_s=1.0))["voice_settings"]["speed"] == 1.2


def test_a_language_is_named_only_to_models_that_take_one(setup: Setup) -> None:
    assert "language_code" not in Voice(setup).normalised(speech(language="hi"))
    flash = speech(language="pt-BR", model="elevenlabs/flash-v2.5")
    assert Voice(setup).normalised(flash)["language_code"] == "pt"


def test_what_cannot_be_spoken_is_never_sent(line: Line, setup: Setup) -> None:
    for wish in (speech(language="sw"), speech(voice="../v1/music")):
        with pytest.raises(ProviderFailed):
            Voice(setup).submit(wish, client_tag=TAG)
    assert not line.sent


def test_a_lost_line_is_found_in_the_history_and_one_whose_answer_is_here_is_not(
    line: Line, setup: Setup, tmp_path: Path
) -> None:
    spoken(line, wav(), alignment(), request_id="first")
    voice = Voice(setup)
    voice.submit(speech(), client_tag=TAG)
    item = {"text": TEXT, "model_id": "eleven_multilingual_v2"}
    line.says(
        {
            "history": [
                {**item, "history_item_id": "a", "request_id": "first"},
                {**item, "history_item_id": "b", "request_id": "second"},
                {**item, "history_item_id": "c", "request_id": "third", "text": "Another."},
                {**item, "history_item_id": "d", "request_id": "fourth", "model_id": "eleven_v3"},
            ],
            "has_more": False,
        }
    )
    assert voice.jobs_like(speech(), client_tag=TAG, since_s=1000.5) == ("history:b",)
    assert line.sent[-1].url.params["date_after_unix"] == "1000"

    line.says({"text": TEXT, "alignments": {"alignment": alignment()}})
    line.answers.append(httpx.Response(200, content=wav(), headers={"content-type": "audio/wav"}))
    fetched = voice.fetch("history:b", speech(), tmp_path / "made")
    assert json.loads(line.sent[-1].content) == {"history_item_ids": ["b"], "output_format": "wav"}
    assert fetched.details["words"][0] == {"text": "Mira", "start_s": 0.0, "end_s": 0.4}


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "bad_prompt", PromptRefused),
        (403, "content_against_policy", PromptRefused),
        (401, "quota_exceeded", VendorAway),
        (429, "system_busy", VendorAway),
        (422, "max_character_limit_exceeded", ProviderFailed),
    ],
)
def test_an_error_is_known_by_its_code(line: Line, setup: Setup, status: int, code: str, kind: type[Exception]) -> None:
    line.says({"detail": {"status": code, "message": "Words."}}, status)
    with pytest.raises(kind) as failed:
        Voice(setup).submit(speech(), client_tag=TAG)
    assert type(failed.value) is kind
    assert "Words." in str(failed.value)


def test_music_is_asked_for_in_the_lengths_there_are_and_a_shorter_one_is_told(line: Line, setup: Setup) -> None:
    def asked(duration_s: float) -> Any:
        wish = MusicRequest(model="elevenlabs/music-v1", mood="calm", duration_s=duration_s, seed=7)
        return Composer(setup).normalised(wish), Composer(setup).quote(wish).max_usd

    price = CARDS.line("elevenlabs", "elevenlabs/music-v1").price_usd
    for wanted_s, made_s in ((1.0, 3), (61.0, 61), (700.0, 600)):
        sent, usd = asked(wanted_s)
        assert (sent["music_length_ms"], usd) == (made_s * 1000, made_s * price)
        assert sent["force_instrumental"] is True
        assert "seed" not in sent, "not together with a prompt"
    assert "calm" in asked(10)[0]["prompt"]


def test_a_track_that_was_cut_off_is_damaged(line: Line, setup: Setup, tmp_path: Path) -> None:
    wish = MusicRequest(model="elevenlabs/music-v1", mood="calm", duration_s=4, seed=7)
    line.answers.append(httpx.Response(200, content=wav(2.0), headers={"content-type": "audio/mpeg"}))
    composer = Composer(setup)
    job = composer.submit(wish, client_tag=TAG)
    with pytest.raises(MediaDamaged, match=r"2\.0 of 4\.0"):
        composer.fetch(job, wish, tmp_path / "made")
