"""ElevenLabs: speech with the times of its characters, a history of what was spoken, and music.

Read from its own client (https://github.com/elevenlabs/elevenlabs-python, 2026-07) and its help pages (2026-11). An
empty account is a 401; music is in no history.
"""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import Any

from studio_pipeline.fake_vendor import media
from studio_pipeline.fake_vendor.engine import Engine, Job, Order
from studio_pipeline.fake_vendor.faults import Fault
from studio_pipeline.fake_vendor.wire import Malformed, Request, Response, standing

NAME = "elevenlabs"
KEYS = {"ELEVENLABS_API_KEY": "fake-key"}
BASE_URL_VARIABLE = "ELEVENLABS_BASE_URL"

USD_PER_CHARACTER = {
    "eleven_multilingual_v2": Decimal("0.0001"),
    "eleven_v3": Decimal("0.0001"),
    "eleven_flash_v2_5": Decimal("0.00005"),
}
"""https://elevenlabs.io/pricing/api, as others told of it in 2026-06."""
MUSIC_USD_PER_S = Decimal("0.005")
"""0.30 USD a minute; same source."""
_MUSIC = ("music_v1", "music_v2")


def answer(request: Request, engine: Engine) -> Response:
    match standing(request.headers.get("xi-api-key", "")):
        case "missing" | "wrong":
            return _error(401, "invalid_api_key", "Invalid API key")
        case "broke" if request.method == "POST":
            return _error(401, "quota_exceeded", "This request exceeds your quota.")
    match request.method, request.path.strip("/").removeprefix("v1/").split("/"):
        case "GET", ["user", "subscription"]:
            return Response(200, {"tier": "creator", "character_count": 0, "character_limit": 100_000})
        case "POST", ["text-to-speech", voice, "with-timestamps"]:
            return _spoken(engine.finished(engine.accept(_line(voice, request))), engine)
        case "POST", ["music"]:
            return _played(engine.finished(engine.accept(_track(request))), engine)
        case "GET", ["history"]:
            return _listed(request, engine)
        case "POST", ["history", "download"]:
            return _download(request.json(), engine)
        case "GET", ["history", name] if job := _kept(name, engine):
            return Response(200, _item(job))
    return _error(404, "not_found", "Not Found")


def trouble(fault: Fault) -> Response:
    match fault.kind:
        case "overloaded":
            return _error(429, "too_many_concurrent_requests", "Too many concurrent requests.")
        case "unavailable":
            return _error(503, "system_busy", "The system is busy.")
        case "moderated":
            return _error(400, "bad_prompt", "Your prompt appears to violate our terms of service.")
    return _error(500, "internal_server_error", "An unexpected error occurred.")


def _line(voice: str, request: Request) -> Order:
    body = request.json()
    text, model = body.get("text"), str(body.get("model_id"))
    if not isinstance(text, str) or not text or model not in USD_PER_CHARACTER:
        raise Malformed("Invalid text or model_id.")
    if request.query.get("output_format") != "wav_24000":
        raise Malformed("This one speaks wav_24000.")
    if "language_code" in body and model == "eleven_multilingual_v2":
        raise Malformed("Model eleven_multilingual_v2 does not support language_code.")
    speed = (body.get("voice_settings") or {}).get("speed", 1.0)
    return Order(
        vendor=NAME,
        model=model,
        kind="voice",
        price_usd=USD_PER_CHARACTER[model] * len(text),
        prompt=text,
        seconds=media.spoken_s(len(text)) / speed,
        characters=len(text),
        sent={"voice": voice, "format": "wav"},
    )


def _track(request: Request) -> Order:
    body = request.json()
    prompt, length_ms, model = body.get("prompt"), body.get("music_length_ms"), str(body.get("model_id"))
    if not isinstance(prompt, str) or not isinstance(length_ms, int) or not 3000 <= length_ms <= 600_000:
        raise Malformed("Invalid prompt or music_length_ms.")
    if model not in _MUSIC or "seed" in body or not request.query.get("output_format", "").startswith("mp3_"):
        raise Malformed("Invalid model_id, seed or output_format.")
    seconds = length_ms / 1000
    price = MUSIC_USD_PER_S * Decimal(length_ms) / 1000
    return Order(NAME, model, "music", price, prompt=prompt, seconds=seconds, sent={"format": "mp3"})


def _spoken(job: Job, engine: Engine) -> Response:
    if job.state != "succeeded":
        return _ended(job)
    content, _ = engine.content(job)
    told = {"audio_base64": base64.b64encode(content).decode(), "alignment": _alignment(job)}
    return Response(200, {**told, "normalized_alignment": _alignment(job)}, {"request-id": job.id})


def _played(job: Job, engine: Engine) -> Response:
    if job.state != "succeeded":
        return _ended(job)
    content, kind = engine.content(job)
    return Response(200, content, {"Content-Type": kind, "song-id": job.id})


def _ended(job: Job) -> Response:
    if job.state == "moderated":
        return _error(400, "bad_prompt", "Your prompt appears to violate our terms of service.")
    return _error(500, "internal_server_error", job.message)


def _alignment(job: Job) -> dict[str, list[Any]]:
    count = len(job.order.prompt)
    times = [round(job.order.seconds * n / count, 3) for n in range(count + 1)]
    return {
        "characters": list(job.order.prompt),
        "character_start_times_seconds": times[:-1],
        "character_end_times_seconds": times[1:],
    }


def _item(job: Job) -> dict[str, Any]:
    return {
        "history_item_id": f"h{job.id}",
        "request_id": job.id,
        "voice_id": job.order.sent["voice"],
        "model_id": job.order.model,
        "text": job.order.prompt,
        "date_unix": int(job.created_s),
        "content_type": "audio/wav",
        "source": "TTS",
        "alignments": {"alignment": _alignment(job), "normalized_alignment": _alignment(job)},
    }


def _listed(request: Request, engine: Engine) -> Response:
    after = request.query.get("date_after_unix", "0")
    items = [
        _item(job)
        for job in engine.jobs(NAME)
        if job.order.kind == "voice" and job.state == "succeeded" and job.created_s >= int(after)
    ]
    items = [item for item in items if request.query.get("voice_id") in (None, item["voice_id"])]
    if request.query.get("sort_direction", "desc") == "desc":
        items.reverse()
    return Response(200, {"history": items, "has_more": False, "last_history_item_id": None})


def _download(body: dict[str, Any], engine: Engine) -> Response:
    job = _kept(str((body.get("history_item_ids") or [""])[0]), engine)
    if job is None or body.get("output_format") != "wav":
        return _error(400, "history_item_not_found", "No such item, or no such format.")
    content, kind = engine.content(job)
    return Response(200, content, {"Content-Type": kind})


def _kept(name: str, engine: Engine) -> Job | None:
    job = engine.job(name.removeprefix("h"))
    return job if job and (job.order.vendor, job.order.kind, job.state) == (NAME, "voice", "succeeded") else None


def _error(status: int, code: str, words: str) -> Response:
    return Response(status, {"detail": {"status": code, "message": words}})
