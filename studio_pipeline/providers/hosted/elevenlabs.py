"""ElevenLabs' voices: narration with the time of every character.

What lives here: lines, whose answer is the sound, and which stay in the account's history, so that one whose answer got
lost is found again; and what ElevenLabs' errors mean. What does not: music (``elevenlabs_music.py``).
"""

from __future__ import annotations

import math
import re
import wave
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio_pipeline.errors import MediaDamaged, PromptRefused, ProviderFailed, StudioError
from studio_pipeline.film.takes import Word
from studio_pipeline.media.captions.phrases import atoms, plain
from studio_pipeline.providers.capabilities import Kind
from studio_pipeline.providers.hosted.api import Api, said
from studio_pipeline.providers.hosted.inbox import AnswersAtOnce, Inbox, from_base64
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.vendor import Fetched, JobState, Quote
from studio_pipeline.providers.voice.port import SpeechRequest
from studio_pipeline.providers.voice.word_times import Mark, estimated_words, spoken_words

FASTEST = 1.2
"""The highest speed of a voice (https://elevenlabs.io/docs/overview/capabilities/text-to-speech, read 2026-11)."""
_TIMEOUT_S = 180.0
_HISTORY = "history:"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,80}")
_REFUSED = re.compile(r"bad_prompt|bad_composition_plan|\w*(against|violat)\w*|\w*moderat\w*", re.IGNORECASE)
_PAGES = 10
_HEADER_BYTES = 44
_ENDLESS = 2**30
"""As many samples as this in a header mean that it was written before they were counted."""


def build(kind: Kind, setup: Setup) -> Voice:
    return Voice(setup)


class Voice(AnswersAtOnce):
    """``VoicePort``, which lists."""

    def __init__(self, setup: Setup) -> None:
        self.name = setup.name
        self._setup = setup
        self._api = Api(setup, lambda: headers(setup), own=refusal, timeout_s=_TIMEOUT_S)
        self._inbox = Inbox(setup.inbox)

    def normalised(self, request: SpeechRequest) -> Mapping[str, Any]:
        return {"voice": self._voice(request), **self._asked(request)}

    def quote(self, request: SpeechRequest) -> Quote:
        return self._setup.price(request.model, len(plain(request.text)))

    def submit(self, request: SpeechRequest, *, client_tag: str) -> str:
        self._fits(request)
        path = f"/v1/text-to-speech/{self._voice(request)}/with-timestamps"
        answer = self._api.create(path, params={"output_format": "wav_24000"}, json=self._asked(request))
        told = answer.data if isinstance(answer.data, dict) else {}
        kept = {"alignment": told.get("alignment"), "request_id": answer.headers.get("request-id", "")}
        return self._inbox.keep(client_tag, from_base64(told.get("audio_base64")), kept)

    def poll(self, job_id: str, request: SpeechRequest) -> JobState:
        if not job_id.startswith(_HISTORY):
            self._inbox.told(job_id)
        return JobState(state="done")

    def fetch(self, job_id: str, request: SpeechRequest, into: Path) -> Fetched:
        if job_id.startswith(_HISTORY):
            alignment = self._from_history(job_id.removeprefix(_HISTORY), into)
        else:
            alignment = self._inbox.bring(job_id, into).get("alignment")
        duration_s = _wav_duration_s(into)
        words = _timed(plain(request.text), alignment, duration_s)
        events: tuple[str, ...] = ()
        if words is None:
            words = estimated_words(request.text, request.language, duration_s)
            events = ("ElevenLabs told no word times; captions follow an estimate.",)
        details = {"duration_s": duration_s, "words": [word.model_dump() for word in words]}
        return Fetched(suffix=".wav", events=events, details=details)

    def jobs_like(self, request: SpeechRequest, *, client_tag: str, since_s: float) -> tuple[str, ...]:
        """Lines of the history with the same words, voice and model, except those whose answer is here."""
        asked, here = self._asked(request), {told.get("request_id") for told in self._inbox.all_told()}
        wanted: dict[str, Any] = {
            "page_size": 100,
            "source": "TTS",
            "voice_id": self._voice(request),
            "date_after_unix": math.floor(since_s),
            "sort_direction": "asc",
        }
        found = []
        for _ in range(_PAGES):
            page = self._api.look("/v1/history", params=wanted).data
            lines = page.get("history", []) if isinstance(page, dict) else []
            for line in lines:
                same = line.get("text") == asked["text"] and line.get("model_id") in (asked["model_id"], None)
                name = str(line.get("history_item_id", ""))
                if same and _ID.fullmatch(name) and line.get("request_id") not in here:
                    found.append(f"{_HISTORY}{name}")
            if not lines or not page.get("has_more"):
                break
            wanted["start_after_history_item_id"] = page.get("last_history_item_id")
        return tuple(found)

    def validate_credentials(self) -> str:
        return validated(self._setup, self._api)

    def _from_history(self, name: str, into: Path) -> Any:
        """The sound of a line in the history, as wav; returns its alignment."""
        if not _ID.fullmatch(name):
            raise ProviderFailed(f"“{name[:80]}” is no line of ElevenLabs' history")
        line = self._api.look(f"/v1/history/{name}").data
        wanted = {"history_item_ids": [name], "output_format": "wav"}
        into.write_bytes(self._api.change("POST", "/v1/history/download", json=wanted).content)
        return (line.get("alignments") or {}).get("alignment") if isinstance(line, dict) else None

    def _voice(self, request: SpeechRequest) -> str:
        voice = request.voice or str(self._setup.model(request.model).options.get("voice_id", ""))
        if not _ID.fullmatch(voice):
            raise ProviderFailed(f"“{voice[:80]}” is no voice of ElevenLabs", todo="Give the id of a voice.")
        return voice

    def _asked(self, request: SpeechRequest) -> dict[str, Any]:
        model, text = self._setup.model(request.model), plain(request.text)
        asked: dict[str, Any] = {"text": text, "model_id": model.api_model}
        if model.options.get("takes_language"):
            asked["language_code"] = request.language.split("-")[0]
        natural = estimated_words(text, request.language, math.inf)
        if natural and natural[-1].end_s > request.max_duration_s:
            faster = math.ceil(natural[-1].end_s / request.max_duration_s * 100) / 100
            asked["voice_settings"] = {"speed": min(faster, FASTEST)}
        return asked

    def _fits(self, request: SpeechRequest) -> None:
        model = self._setup.model(request.model)
        if not model.speaks(request.language):
            raise ProviderFailed(
                f"{model.name} does not speak {request.language}",
                todo="Take another model or vendor; nothing was sent.",
            )
        if model.prompt_limit is not None and len(plain(request.text)) > model.prompt_limit:
            raise ProviderFailed(
                f"{model.name} speaks at most {model.prompt_limit} characters", todo="Shorten the line."
            )


def _timed(text: str, alignment: Any, duration_s: float) -> tuple[Word, ...] | None:
    """The words of ``text`` by the times of its characters; ``None`` where these are not its characters."""
    try:
        characters, starts, ends = (
            alignment[name] for name in ("characters", "character_start_times_seconds", "character_end_times_seconds")
        )
        if "".join(characters) != text or not len(text) == len(starts) == len(ends):
            return None
        marks = []
        for piece in atoms(text):
            marks.append(Mark("word", piece.start, float(starts[piece.start])))
            marks.append(Mark("end", piece.end - 1, float(ends[piece.end - 1])))
    except (KeyError, TypeError, ValueError):
        return None
    return spoken_words(text, marks, duration_s)


def _wav_duration_s(path: Path) -> float:
    """How long a wav is, by what is there of it."""
    try:
        with wave.open(str(path), "rb") as file:
            here = (path.stat().st_size - _HEADER_BYTES) // (file.getsampwidth() * file.getnchannels())
            told = file.getnframes()
            if told > here and told < _ENDLESS:
                raise EOFError(f"{told - here} samples are missing")
            return min(told, here) / file.getframerate()
    except (wave.Error, EOFError) as error:
        raise MediaDamaged("ElevenLabs' sound cannot be read", where=str(error), todo="Make it again.") from error


def validated(setup: Setup, api: Api) -> str:
    told = api.look("/v1/user/subscription").data
    plan = f": plan {told.get('tier')}" if isinstance(told, dict) and told.get("tier") else ""
    return f"{setup.manifest.label} accepts the key{plan}"


def headers(setup: Setup) -> Mapping[str, str]:
    return {"xi-api-key": setup.key("ELEVENLABS_API_KEY")}


def refusal(_status: int, body: Any) -> StudioError | None:
    detail = body.get("detail") if isinstance(body, dict) else None
    codes = [str(detail.get(name, "")) for name in ("status", "code")] if isinstance(detail, dict) else []
    if any(_REFUSED.fullmatch(code) for code in codes):
        return PromptRefused(f"ElevenLabs does not want these words: {said(body)}", todo="Say it in other words.")
    return None
