"""The debug voice: espeak-ng, made here and for nothing, so that a film can be heard without any key.

What lives here: which espeak voice speaks a language, the pace, and the softening of the sound. The synthesizer
itself runs in ``espeak_worker.py``, a fresh process for each line. Needs the extra ``debug-voice``; without it the
factory takes ``silence.py``.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from studio_pipeline.errors import ProviderFailed
from studio_pipeline.film.takes import Word
from studio_pipeline.media.captions.phrases import plain
from studio_pipeline.media.sound.samples import RATE_HZ, fade_edges, ratio, resample, rms, write_wav
from studio_pipeline.providers.capabilities import Kind
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.made_here import MadeHere
from studio_pipeline.providers.rate_card import RateCard
from studio_pipeline.providers.vendor import Fetched, Quote
from studio_pipeline.providers.voice.port import SpeechRequest
from studio_pipeline.providers.voice.word_times import Mark, spoken_words

WORDS_PER_MINUTE = 155
"""A documentary narrator's pace (150 to 160 words a minute is the usual advice for narration)."""
PACES = (1.0, 1.05, 1.1, 1.15, 1.2, 1.25, 1.3)
"""How much faster a line may be spoken when it would not end in time. Faster than 1.3 is hard to follow."""
PITCH, PITCH_RANGE = 40, 62
"""Lower and livelier than espeak's 50/50: less of a whine, less of a drone."""

_VOICES = {"en": "en-gb-x-rp", "en-us": "en-us", "zh": "cmn", "zh-hk": "yue", "no": "nb", "nn": "nb", "fil": "id"}
_SPOKEN = (
    "af am ar as az be bg bn bs ca cmn cs cy da de el eo es es-419 et eu fa fi fr ga gu he hi hr hu hy id is it ja ka "
    "kk kn ko lt lv mk ml mr ms mt my nb ne nl or pa pl pt pt-br ro ru si sk sl sq sr sv sw ta te th tr uk ur uz vi yue"
)
_VARIANTS = {"": "", "male": "+m3", "female": "+f2"}
_DATA = "espeak-ng-data"
_SILENT_EDGE_DB = -42
_LEAD_S, _TAIL_S = 0.02, 0.12
_LEVEL_DBFS = -20.0
_WORKER_LIMIT_S = 120


def available() -> bool:
    """Whether espeak-ng is installed (the extra ``debug-voice``)."""
    return importlib.util.find_spec("espeakng_loader") is not None


def build(kind: Kind, setup: Setup) -> EspeakVoice:
    """The vendor, as the factory asks for it."""
    return EspeakVoice(setup.prices)


class EspeakVoice(MadeHere):
    """``VoicePort`` on espeak-ng. A job is its request, so it is done as soon as it is asked for."""

    name = "espeak"

    def __init__(self, prices: RateCard) -> None:
        self._prices = prices

    def quote(self, request: SpeechRequest) -> Quote:
        return self._prices.quote(self.name, request.model, Decimal(len(request.text)))

    def fetch(self, job_id: str, request: SpeechRequest, into: Path) -> Fetched:
        line, events = _speak(request)
        write_wav(into, line.sound)
        details = {"duration_s": line.duration_s, "words": [word.model_dump() for word in line.words]}
        return Fetched(suffix=".wav", events=tuple(events), details=details)


class _Line(NamedTuple):
    sound: np.ndarray
    words: tuple[Word, ...]

    @property
    def duration_s(self) -> float:
        return len(self.sound) / RATE_HZ


def _speak(request: SpeechRequest) -> tuple[_Line, list[str]]:
    """The line at the slowest pace that ends in time, and what a person should know about it."""
    text = plain(request.text)
    voice, events = _voice(request)
    line, pace = _line(text, voice, 1.0), 1.0
    while line.duration_s > request.max_duration_s and pace < PACES[-1]:
        needed = pace * line.duration_s / request.max_duration_s
        pace = next((p for p in PACES if p > pace and p >= needed), PACES[-1])
        line = _line(text, voice, pace)
    if pace > 1:
        events.append(f"The line was spoken {pace:g} times as fast, to end within {request.max_duration_s:.1f} s.")
    if line.duration_s > request.max_duration_s:
        over_s = line.duration_s - request.max_duration_s
        events.append(f"The line is {over_s:.1f} s too long even so. No word was cut; shorten the narration.")
    if not line.words or not line.sound.any():
        events.append("There is nothing in the line that the voice can say.")
    return line, events


def _voice(request: SpeechRequest) -> tuple[str, list[str]]:
    """The espeak voice for the request's language and voice, and a word about each wish it cannot meet."""
    events = []
    asked = request.language.lower()
    primary = asked.split("-")[0]
    voice = next((_VOICES.get(tag, tag) for tag in (asked, primary) if tag in _VOICES or tag in _SPOKEN.split()), None)
    if voice is None:
        voice = _VOICES["en"]
        events.append(f"espeak does not speak “{request.language}”; an English voice reads the words.")
    elif voice == "id" and primary != "id":
        events.append(f"espeak does not speak “{request.language}”; an Indonesian voice, the nearest, reads the words.")
    if voice == "ja" and any("\u4e00" <= character <= "\u9fff" for character in request.text):
        events.append("espeak cannot read kanji: it says “Chinese letter” instead. Use kana or another voice.")
    if request.voice not in _VARIANTS:
        events.append(f"espeak has no voice “{request.voice[:40]}”; its usual one speaks. It knows male and female.")
    return voice + _VARIANTS.get(request.voice, ""), events


def _line(text: str, voice: str, pace: float) -> _Line:
    raw, rate_hz, marks = _synthesize(text, voice, round(WORDS_PER_MINUTE * pace))
    sound = _evened(_softened(resample(raw, rate_hz, RATE_HZ)))
    first, last = _spoken_part(sound)
    sound = fade_edges(sound[first:last], RATE_HZ // 200)
    marks = [mark._replace(second=mark.second - first / RATE_HZ) for mark in marks]
    # Pauses inside a line do not count as speech, or slow lines would come out louder.
    loud = sound[np.abs(sound) > ratio(-40) * np.abs(sound).max(initial=0)] if sound.any() else sound
    gain = min(ratio(_LEVEL_DBFS) / rms(loud), 0.7 / float(np.abs(sound).max())) if sound.any() else 1.0
    return _Line(sound * np.float32(gain), spoken_words(text, marks, len(sound) / RATE_HZ))


def _synthesize(text: str, voice: str, words_per_minute: int) -> tuple[np.ndarray, int, list[Mark]]:
    library, data = _installed()
    order = {
        "library": str(library),
        "text": text,
        "voice": voice,
        "words_per_minute": words_per_minute,
        "pitch": PITCH,
        "pitch_range": PITCH_RANGE,
    }
    worker = Path(__file__).with_name("espeak_worker.py")
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(worker)],
            input=json.dumps(order).encode(),
            capture_output=True,
            cwd=data.parent,
            timeout=_WORKER_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as hung:
        raise ProviderFailed(
            f"espeak did not finish a line in {_WORKER_LIMIT_S} s", where=text[:60], todo="Shorten the narration."
        ) from hung
    head, newline, samples = done.stdout.partition(b"\n")
    if done.returncode != 0 or not newline:
        reason = done.stderr.decode("utf-8", "replace").strip()[-200:] or f"it ended with code {done.returncode}"
        raise ProviderFailed(
            f"espeak could not speak a line: {reason}", where=text[:60], todo="Change the line, or install it again."
        )
    said: dict[str, Any] = json.loads(head)
    rate_hz = int(said["rate_hz"])
    marks = [Mark(kind, character, sample / rate_hz) for kind, character, sample in said["events"]]
    return np.frombuffer(samples, "<i2").astype(np.float32) / 32768, rate_hz, marks


def _installed() -> tuple[Path, Path]:
    try:
        loader = importlib.import_module("espeakng_loader")
        return Path(loader.get_library_path()), Path(loader.get_data_path())
    except (ImportError, RuntimeError) as missing:
        raise ProviderFailed(
            "The debug voice is not installed",
            where="espeakng-loader",
            todo="Run `pip install -e '.[debug-voice]'` in the checkout, or set VOICE_PROVIDER=silence.",
        ) from missing


def _softened(sound: np.ndarray) -> np.ndarray:
    """Take the edge off a formant voice: less hiss and buzz, a little warmth, the air of a small room.

    One filter over the spectrum of the whole line, in phase, so that no word moves.
    """
    if not len(sound):
        return sound
    size = len(sound) + RATE_HZ // 5
    hz = np.fft.rfftfreq(size, 1 / RATE_HZ)
    octaves = np.log2(np.maximum(hz, 1.0))
    gain_db = 2.0 * np.exp(-(((octaves - np.log2(220)) / 0.8) ** 2))
    gain_db -= 3.0 * np.exp(-(((octaves - np.log2(3200)) / 0.6) ** 2))
    response = 10 ** (gain_db / 20)
    response *= (hz / 75) ** 4 / (1 + (hz / 75) ** 4)
    response /= np.sqrt(1 + (hz / 6500) ** 6)
    room = np.ones(len(hz), np.complex128)
    for delay_s, level_db in ((0.0113, -17), (0.0191, -20), (0.0297, -22), (0.0431, -25), (0.0587, -28)):
        room += ratio(level_db) * np.exp(-2j * np.pi * hz * delay_s) / (1 + (hz / 3500) ** 2)
    softened = np.fft.irfft(np.fft.rfft(sound, size) * response * room, size)
    return softened[: len(sound) + RATE_HZ // 10].astype(np.float32)


def _evened(sound: np.ndarray) -> np.ndarray:
    """Loud syllables brought nearer to the rest, half as far above it as they were: espeak shouts some vowels."""
    if not sound.any():
        return sound
    hop = RATE_HZ // 200
    hops = -(-len(sound) // hop)
    power = np.square(np.pad(sound, (0, hops * hop - len(sound)))).reshape(hops, hop).mean(axis=1, dtype=np.float64)
    window = np.hanning(13)
    level = np.sqrt(np.convolve(power, window / window.sum(), mode="same"))
    usual = np.median(level[level > ratio(-30) * level.max()])
    gain = np.minimum(1.0, np.sqrt(usual / np.maximum(level, 1e-9)))
    return sound * np.interp(np.arange(len(sound)), (np.arange(hops) + 0.5) * hop, gain).astype(np.float32)


def _spoken_part(sound: np.ndarray) -> tuple[int, int]:
    """Where speech starts and ends, with a breath around it; a tenth of a second of nothing for an empty line."""
    hop = RATE_HZ // 100
    frames = np.abs(sound[: len(sound) // hop * hop]).reshape(-1, hop).max(axis=1)
    loud = np.flatnonzero(frames > ratio(_SILENT_EDGE_DB) * frames.max(initial=0.0))
    if not len(loud):
        return 0, min(len(sound), RATE_HZ // 10)
    first = max(0, int(loud[0]) * hop - round(_LEAD_S * RATE_HZ))
    return first, min(len(sound), (int(loud[-1]) + 1) * hop + round(_TAIL_S * RATE_HZ))
