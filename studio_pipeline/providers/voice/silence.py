"""No voice: silence as long as the line would take, with estimated word times, so that captions still work."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np

from studio_pipeline.media.sound.samples import RATE_HZ, write_wav
from studio_pipeline.providers.capabilities import Kind
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.made_here import MadeHere
from studio_pipeline.providers.rate_card import RateCard
from studio_pipeline.providers.vendor import Fetched, Quote
from studio_pipeline.providers.voice.port import SpeechRequest
from studio_pipeline.providers.voice.word_times import estimated_words

NO_VOICE = (
    "There is no voice: the narration is only captions. "
    "Run `pip install 'studio-pipeline[debug-voice]'` for one that needs no key."
)


def build(kind: Kind, setup: Setup) -> SilentVoice:
    """The vendor, as the factory asks for it."""
    return SilentVoice(setup.prices)


class SilentVoice(MadeHere):
    """``VoicePort`` that says nothing for the right length of time."""

    name = "silence"

    def __init__(self, prices: RateCard) -> None:
        self._prices = prices

    def quote(self, request: SpeechRequest) -> Quote:
        return self._prices.quote(self.name, request.model, Decimal(len(request.text)))

    def fetch(self, job_id: str, request: SpeechRequest, into: Path) -> Fetched:
        words = estimated_words(request.text, request.language, request.max_duration_s)
        samples = round(max(words[-1].end_s if words else 0.0, 0.1) * RATE_HZ)
        write_wav(into, np.zeros(samples, np.float32))
        details = {"duration_s": samples / RATE_HZ, "words": [word.model_dump() for word in words]}
        return Fetched(suffix=".wav", events=(NO_VOICE,), details=details)
