"""Luma's agents API: generations that are made and asked about, and nothing else.

Read from the types of the official SDK (https://github.com/lumalabs/luma-agents-python, 0.3) and
https://docs.agents.lumalabs.ai (error handling, video and image generation, pricing), 2026-11. An error is
``{"detail": words}``. The address may end in ``/v1`` or not.
"""

from __future__ import annotations

import base64
import binascii
import datetime
from decimal import Decimal
from typing import Any

from studio_pipeline.fake_vendor.engine import Engine, Job, Order
from studio_pipeline.fake_vendor.faults import Fault
from studio_pipeline.fake_vendor.wire import Malformed, Request, Response, bearer, standing

NAME = "luma"
KEYS = {"LUMA_AGENTS_API_KEY": "fake-key"}
BASE_URL_VARIABLE = "LUMA_BASE_URL"

USD_PER_CLIP: dict[tuple[str, str], Decimal] = {
    ("360p", "5s"): Decimal("0.06"),
    ("360p", "10s"): Decimal("0.18"),
    ("540p", "5s"): Decimal("0.15"),
    ("540p", "10s"): Decimal("0.45"),
    ("720p", "5s"): Decimal("0.30"),
    ("720p", "10s"): Decimal("0.90"),
    ("1080p", "5s"): Decimal("1.20"),
    ("1080p", "10s"): Decimal("3.60"),
}
"""Of ray-3.2, standard dynamic range; https://docs.agents.lumalabs.ai/guides/pricing/, as recorded on 2026-10-08."""
USD_PER_PICTURE = {"uni-1": Decimal("0.0404"), "uni-1-max": Decimal("0.1")}
_CLIP_SHAPES = ("9:16", "3:4", "1:1", "4:3", "16:9", "21:9")
_PICTURE_SHAPES = ("3:1", "2:1", "16:9", "3:2", "1:1", "2:3", "9:16", "1:2", "1:3")
_PICTURE_EDGE = 2048
_MOST_PROMPT = 6000
_STATES = {"queued": "queued", "running": "processing", "succeeded": "completed"}
_CODES = {"moderated": "content_moderated", "failed": "generation_failed"}


def answer(request: Request, engine: Engine) -> Response:
    parts = request.path.strip("/").removeprefix("v1/").split("/")
    if parts[0] == "signed" and request.method == "GET":  # links carry their own permission
        return _file(parts[-1].partition(".")[0], engine)
    key = standing(bearer(request))
    if key in ("missing", "wrong"):
        return _error(401, "Invalid or missing API key.")
    match request.method, parts:
        case "POST", ["generations"]:
            if key == "broke":
                return _error(402, "Insufficient balance.")
            job = engine.accept(_order(request.json()))
            return Response(201, _generation(job, request.own_url))
        case "GET", ["generations", job_id]:
            job = engine.job(job_id)
            return Response(200, _generation(job, request.own_url)) if job else _error(404, "Generation not found.")
        case "GET", ["files"]:
            return Response(200, {"data": [], "has_more": False, "next_cursor": None})
    return _error(404, "Not found.")


def trouble(fault: Fault) -> Response:
    match fault.kind:
        case "overloaded":
            return _error(429, "Rate limit exceeded.")
        case "unavailable":
            return _error(503, "Image ingestion is unavailable.")
        case "moderated":
            # Not seen in the documents, which speak of moderation only where a generation fails.
            return _error(400, "The prompt violates the content guidelines.")
    return _error(500, "Internal server error.")


def _order(body: dict[str, Any]) -> Order:
    prompt, model = body.get("prompt"), str(body.get("model", "uni-1"))
    if not isinstance(prompt, str) or not 1 <= len(prompt) <= _MOST_PROMPT:
        raise Malformed(f"prompt has 1 to {_MOST_PROMPT} characters.")
    match body.get("type", "image"):
        case "video" if model == "ray-3.2":
            return _clip_order(model, prompt, body)
        case "image" if model in USD_PER_PICTURE:
            return Order(
                vendor=NAME,
                model=model,
                kind="image",
                price_usd=USD_PER_PICTURE[model],
                prompt=prompt,
                size=_size(body, _PICTURE_SHAPES, long_edge=_PICTURE_EDGE),
            )
    raise Malformed("model and type do not go together.")


def _clip_order(model: str, prompt: str, body: dict[str, Any]) -> Order:
    video = body.get("video") or {}
    resolution, length = str(video.get("resolution", "720p")), str(video.get("duration", "5s"))
    if (resolution, length) not in USD_PER_CLIP:
        raise Malformed("video.resolution or video.duration is none of those there are.")
    if length == "10s" and (video.get("start_frame") or video.get("end_frame")):
        raise Malformed("start_frame and end_frame are not supported with duration 10s.")
    return Order(
        vendor=NAME,
        model=model,
        kind="video",
        price_usd=USD_PER_CLIP[resolution, length],
        prompt=prompt,
        seconds=float(length.removesuffix("s")),
        size=_size(body, _CLIP_SHAPES, short_edge=int(resolution.removesuffix("p"))),
        picture=_picture(video.get("start_frame")),
    )


def _size(body: dict[str, Any], shapes: tuple[str, ...], *, short_edge: int = 0, long_edge: int = 0) -> tuple[int, int]:
    shape = body.get("aspect_ratio", "16:9")
    if shape not in shapes:
        raise Malformed(f"aspect_ratio is one of {', '.join(shapes)}.")
    width, height = map(int, shape.split(":"))
    scale = short_edge / min(width, height) if short_edge else long_edge / max(width, height)
    return round(width * scale / 2) * 2, round(height * scale / 2) * 2


def _picture(sent: Any) -> bytes | None:
    if sent is None:
        return None
    if not isinstance(sent, dict) or not isinstance(sent.get("data"), str) or not sent.get("media_type"):
        raise Malformed("start_frame needs data and media_type.")
    try:
        return base64.b64decode(sent["data"], validate=True)
    except binascii.Error as error:
        raise Malformed(f"start_frame.data is no base64: {error}") from error


def _generation(job: Job, own_url: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": job.id,
        "created_at": datetime.datetime.fromtimestamp(job.created_s, datetime.UTC).isoformat(),
        "model": job.order.model,
        "type": job.order.kind,
        "state": _STATES.get(job.state, "failed"),
        "failure_code": None,
        "failure_reason": None,
        "output": [],
    }
    if job.state == "succeeded":
        suffix = "mp4" if job.order.kind == "video" else "png"
        link = f"{own_url}/signed/{job.id}.{suffix}?X-Amz-Expires=3600"
        return {**told, "output": [{"type": job.order.kind, "url": link}]}
    if told["state"] == "failed":
        # Of the failures that the documents name, this is the one that may cost something.
        code = "budget_exhausted" if job.billed_usd else _CODES.get(job.state, "generation_failed")
        return {**told, "failure_code": code, "failure_reason": job.message}
    return told


def _file(job_id: str, engine: Engine) -> Response:
    job = engine.job(job_id)
    if job is None or job.state != "succeeded":
        return _error(404, "Not found.")
    content, kind = engine.content(job)
    return Response(200, content, {"Content-Type": kind})


def _error(status: int, words: str) -> Response:
    return Response(status, {"detail": words})
