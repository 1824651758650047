"""Google's Gemini API: interactions that make clips, and ``generateContent``, whose answer is the picture.

Read from Google's own client (https://github.com/googleapis/python-genai, types of interactions, 2026-08) and from what
users of the API met (2026-10). A key that is none is a 400; an empty account is a 429; a file lies behind the key; a
moderated clip is a completed interaction that has only words in it.
"""

from __future__ import annotations

import base64
import datetime
from decimal import Decimal
from typing import Any

from studio_pipeline.fake_vendor.engine import Engine, Job, Order
from studio_pipeline.fake_vendor.faults import Fault
from studio_pipeline.fake_vendor.orders import Kind
from studio_pipeline.fake_vendor.wire import Malformed, Request, Response, standing

NAME = "google"
KEYS = {"GEMINI_API_KEY": "fake-key"}
BASE_URL_VARIABLE = "GEMINI_BASE_URL"

CLIP_USD_PER_S = {
    ("gemini-omni-1.2-flash", "360p"): Decimal("0.025"),
    ("gemini-omni-1.2-flash", "720p"): Decimal("0.075"),
    ("gemini-omni-1.2-flash", "1080p"): Decimal("0.11"),
    ("gemini-omni-1.2-flash", "4k"): Decimal("0.215"),
    ("gemini-omni-1.1-flash", "720p"): Decimal("0.107"),
    ("gemini-omni-1.1-flash", "1080p"): Decimal("0.16"),
}
"""Tokens of video (12 and 17.50 USD a million; 5,792 a second at 720p) with a little for prompt, frame and thinking."""
STILL_USD = {
    "gemini-nano-banana-2.1": Decimal("0.036"),
    "gemini-3.1-flash-lite-image": Decimal("0.036"),
    "gemini-3-pro-image": Decimal("0.14"),
}
"""1,120 tokens of picture, with a little for prompt and thinking."""
_TOKENS_PER_S = 5792
_EDGES = {"360p": 360, "720p": 720, "1080p": 1080, "4k": 2160}
_STILLS = {"16:9": (1376, 768), "9:16": (768, 1376), "1:1": (1024, 1024), "4:3": (1200, 896), "3:4": (896, 1200)}
_STATUS = {"queued": "queued", "running": "in_progress", "succeeded": "completed", "moderated": "completed"}


def answer(request: Request, engine: Engine) -> Response:
    match standing(request.headers.get("x-goog-api-key", "")):
        case "missing":
            return _error(403, "PERMISSION_DENIED", "Method doesn't allow unregistered callers.")
        case "wrong":
            return _error(400, "INVALID_ARGUMENT", "API key not valid.", reason="API_KEY_INVALID")
        case "broke" if request.method == "POST":
            return _error(429, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted.")
    match request.method, request.path.strip("/").removeprefix("v1beta/").split("/"):
        case "GET", ["models"]:
            return Response(200, {"models": [{"name": f"models/{name}"} for name in STILL_USD]})
        case "POST", ["models", asked] if asked.endswith(":generateContent"):
            return _still(engine.finished(engine.accept(_picture(asked, request.json()))), engine)
        case "POST", ["interactions"]:
            return Response(200, _interaction(engine.accept(_clip(request.json())), request))
        case "GET", ["interactions"]:
            return _listed(engine)
        case "GET", ["interactions", name] if job := _found(name, engine):
            return Response(200, _interaction(job, request))
        case "POST", ["interactions", name, "cancel"] if _found(name, engine):
            return Response(200, _interaction(engine.cancel(name) or _known(name, engine), request))
        case "GET", ["files", asked] if job := _found(asked.removesuffix(":download"), engine):
            content, kind = engine.content(job)
            return Response(200, content, {"Content-Type": kind})
    return _error(404, "NOT_FOUND", "Requested entity was not found.")


def trouble(fault: Fault) -> Response:
    match fault.kind:
        case "overloaded":
            return _error(
                429, "RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan and billing."
            )
        case "unavailable":
            return _error(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")
        case "moderated":
            return _error(400, "INVALID_ARGUMENT", "The prompt was blocked for safety reasons.")
    return _error(500, "INTERNAL", "An internal error has occurred.")


def _clip(body: dict[str, Any]) -> Order:
    model, wanted, parts = str(body.get("model")), body.get("response_format") or {}, body.get("input")
    resolution, aspect = str(wanted.get("resolution", "720p")), str(wanted.get("aspect_ratio", "16:9"))
    seconds = str(wanted.get("duration", "8s")).removesuffix("s")
    if (model, resolution) not in CLIP_USD_PER_S or aspect not in ("16:9", "9:16") or not seconds.isdecimal():
        raise Malformed("Invalid model, resolution, aspect_ratio or duration.")
    if not isinstance(parts, list) or not body.get("background"):
        raise Malformed("This one wants a list of inputs, in the background.")
    words = "".join(part["text"] for part in parts if part.get("type") == "text")
    frames = [base64.b64decode(part["data"]) for part in parts if part.get("type") == "image"]
    edge = _EDGES[resolution]
    size = (edge * 16 // 9, edge) if aspect == "16:9" else (edge, edge * 16 // 9)
    return Order(
        vendor=NAME,
        model=model,
        kind="video",
        price_usd=CLIP_USD_PER_S[model, resolution] * int(seconds),
        prompt=words,
        seconds=float(seconds),
        size=size,
        picture=frames[0] if frames else None,
        sent={"input": [part for part in parts if part.get("type") == "text"], "response_format": wanted},
    )


def _picture(asked: str, body: dict[str, Any]) -> Order:
    model, wanted = asked.removesuffix(":generateContent"), body.get("generationConfig") or {}
    shape = wanted.get("imageConfig") or {}
    aspect, times = str(shape.get("aspectRatio", "1:1")), {"1K": 1, "2K": 2}.get(str(shape.get("imageSize", "1K")), 0)
    if model not in STILL_USD or aspect not in _STILLS or not times or wanted.get("responseModalities") != ["IMAGE"]:
        raise Malformed("Invalid model, aspectRatio, imageSize or responseModalities.")
    kind: Kind = "image"
    width, height = _STILLS[aspect]
    words = body["contents"][0]["parts"][0]["text"]
    return Order(NAME, model, kind, STILL_USD[model], prompt=words, size=(width * times, height * times))


def _still(job: Job, engine: Engine) -> Response:
    match job.state:
        case "moderated":
            return Response(200, {"candidates": [{"content": {}, "finishReason": "IMAGE_SAFETY"}]})
        case "succeeded":
            content, kind = engine.content(job)
            data = {"mimeType": kind, "data": base64.b64encode(content).decode()}
            parts = [{"text": "Here it is.", "thought": True}, {"inlineData": data}]
            return Response(200, {"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]})
    return _error(500, "INTERNAL", job.message)


def _interaction(job: Job, request: Request) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": job.id,
        "object": "interaction",
        "model": job.order.model,
        "status": _STATUS.get(job.state, job.state),
        "created": _time(job.created_s),
    }
    if request.query.get("include_input") == "true":
        told |= {"input": job.order.sent["input"], "response_format": job.order.sent["response_format"]}
    if job.state == "succeeded":
        uri = f"{request.own_url}/v1beta/files/{job.id}:download?alt=media"
        told["steps"] = _said({"type": "video", "uri": uri, "mime_type": "video/mp4"})
    elif job.state == "moderated":
        told["steps"] = _said({"type": "text", "text": "I can't make that clip."})
    elif job.state == "failed":
        told["error"] = {"code": "internal", "message": job.message}
    if job.ended and job.billed_usd:
        tokens = round(job.order.seconds * _TOKENS_PER_S)
        told["usage"] = {"output_tokens_by_modality": [{"modality": "video", "tokens": tokens}]}
    return told


def _listed(engine: Engine) -> Response:
    jobs = [job for job in engine.jobs(NAME) if job.order.kind == "video"]
    listed = [
        {"id": job.id, "status": _STATUS.get(job.state, job.state), "created": _time(job.created_s)} for job in jobs
    ]
    return Response(200, {"interaction_metadatas": listed[::-1]})


def _said(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "model_output", "content": [content]}]


def _time(moment_s: float) -> str:
    return datetime.datetime.fromtimestamp(moment_s, datetime.UTC).isoformat().replace("+00:00", "Z")


def _found(name: str, engine: Engine) -> Job | None:
    job = engine.job(name)
    return job if job and job.order.vendor == NAME else None


def _known(name: str, engine: Engine) -> Job:
    job = engine.job(name)
    if job is None:
        raise Malformed("Invalid interaction name.")
    return job


def _error(status: int, code: str, words: str, *, reason: str = "") -> Response:
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}] if reason else []
    return Response(status, {"error": {"code": status, "message": words, "status": code, "details": details}})
