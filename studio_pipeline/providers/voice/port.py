"""The voice port: a line of narration as mono wav with word times.

``Fetched.details`` carries ``{"duration_s": float, "words": [{"text", "start_s", "end_s"}, …]}``.
"""

from __future__ import annotations

from typing import TypeAlias

from pydantic import Field

from studio_pipeline.film.frozen import Frozen
from studio_pipeline.providers.vendor import Vendor


class SpeechRequest(Frozen):
    """Speak ``text`` so that it ends within ``max_duration_s`` where a natural pace allows it."""

    model: str
    text: str = Field(min_length=1, max_length=5000)
    language: str
    voice: str = ""
    max_duration_s: float = Field(gt=0)


VoicePort: TypeAlias = Vendor[SpeechRequest]
