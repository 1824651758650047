"""ElevenLabs' music: a track from a description.

What lives here: asking for a track of a length; the answer is the sound, and is in no list. The key and the errors are
those of the voices (``elevenlabs.py``); making it exactly as long as the film is done elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio_pipeline.errors import MediaDamaged
from studio_pipeline.media.probe import probe_sound
from studio_pipeline.providers.capabilities import Kind
from studio_pipeline.providers.hosted.api import Api
from studio_pipeline.providers.hosted.elevenlabs import headers, refusal, validated
from studio_pipeline.providers.hosted.inbox import AnswersAtOnce, Inbox
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.music.port import MusicRequest
from studio_pipeline.providers.vendor import Fetched, NoAnswer, Quote

SHORTEST_S = 3.0
"""Of a track (the type ``music_length_ms`` of ElevenLabs' own client, read 2026-11)."""
_LEAST_SHARE = 0.9
"""A track with less than this of its length was cut off: an MP3 does not say how long it is."""
_TIMEOUT_S = 900.0


def build(kind: Kind, setup: Setup) -> Composer:
    return Composer(setup)


class Composer(AnswersAtOnce):
    """``MusicPort``."""

    def __init__(self, setup: Setup) -> None:
        self.name = setup.name
        self._setup = setup
        self._api = Api(setup, lambda: headers(setup), own=refusal, timeout_s=_TIMEOUT_S)
        self._inbox = Inbox(setup.inbox)

    def normalised(self, request: MusicRequest) -> Mapping[str, Any]:
        return {"output_format": self._format(request), **self._asked(request)}

    def quote(self, request: MusicRequest) -> Quote:
        return self._setup.price(request.model, self._seconds(request))

    def submit(self, request: MusicRequest, *, client_tag: str) -> str:
        sent = {"params": {"output_format": self._format(request)}, "json": self._asked(request)}
        answer = self._api.create("/v1/music", **sent)
        if not answer.content:
            raise NoAnswer("an answer without a sound")
        return self._inbox.keep(client_tag, answer.content, {"song_id": answer.headers.get("song-id", "")})

    def fetch(self, job_id: str, request: MusicRequest, into: Path) -> Fetched:
        self._inbox.bring(job_id, into)
        events: tuple[str, ...] = ()
        if self._seconds(request) < request.duration_s:
            longest = f"{self._seconds(request):g} s"
            events = (f"{request.model} makes at most {longest} of music; {request.duration_s:g} s were wanted.",)
        duration_s = probe_sound(into).duration_s
        if duration_s < self._seconds(request) * _LEAST_SHARE:
            raise MediaDamaged(
                f"ElevenLabs' track has {duration_s:.1f} of {self._seconds(request):.1f} s", todo="Make a new take."
            )
        details = {"duration_s": duration_s, "tempo_bpm": None, "beats_s": []}
        return Fetched(suffix=".mp3", events=events, details=details)

    def validate_credentials(self) -> str:
        return validated(self._setup, self._api)

    def _format(self, request: MusicRequest) -> str:
        return str(self._setup.model(request.model).options["output_format"])

    def _seconds(self, request: MusicRequest) -> float:
        longest = self._setup.model(request.model).longest_s or request.duration_s
        return min(max(request.duration_s, SHORTEST_S), longest)

    def _asked(self, request: MusicRequest) -> dict[str, Any]:
        wish = request.prompt or f"Instrumental film music, {request.mood} in mood."
        return {
            "prompt": f"{wish} It comes to an end instead of stopping.",
            "music_length_ms": math.ceil(self._seconds(request) * 1000),
            "model_id": self._setup.model(request.model).api_model,
            "force_instrumental": True,
        }
