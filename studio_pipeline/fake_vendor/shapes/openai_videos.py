"""The OpenAI videos API, which outlived Sora as the API of vLLM-Omni, SGLang and compatible clouds.

Read from vLLM-Omni's protocol (https://github.com/vllm-project/vllm-omni, ``entrypoints/openai/protocol/videos.py``,
2026-11) and OpenAI's error shape. Jobs are listed, newest first, but carry nothing of the caller's own. The address may
end in ``/v1`` or not, as with the servers themselves.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from studio_pipeline.fake_vendor.engine import Engine, Job, Order
from studio_pipeline.fake_vendor.faults import Fault
from studio_pipeline.fake_vendor.wire import Malformed, Request, Response, bearer, data_uri, standing

NAME = "openai-videos"
KEYS = {"OPENAI_VIDEOS_API_KEY": "fake-key"}
BASE_URL_VARIABLE = "OPENAI_VIDEOS_BASE_URL"

USD_PER_S: dict[str, Decimal] = {
    "Wan-AI/Wan2.2-TI2V-5B-Diffusers": Decimal("0.021"),
    "Wan-AI/Wan2.2-I2V-A14B-Diffusers": Decimal("0.08"),
    "Lightricks/LTX-2": Decimal("0.04"),
}
"""Whoever rents out such a server sets a price; these are of the order that GPU rent comes to (2026-11)."""
_ANY_USD_PER_S = Decimal("0.10")
"""Of any other model: what OpenAI took for a second of sora-2 (https://openai.com/api/pricing/, until 2026-09)."""
_PREFIX = "video_"
_STATUS = {"queued": "queued", "running": "in_progress", "succeeded": "completed"}
_PROGRESS = {"queued": 0, "running": 50, "succeeded": 100}


def answer(request: Request, engine: Engine) -> Response:
    parts = request.path.strip("/").removeprefix("v1/").split("/")
    match standing(bearer(request)):
        case "wrong":  # a server without a key takes any, also none
            return _error(401, "Incorrect API key provided.", "invalid_api_key")
        case "broke" if request.method == "POST":
            return _error(429, "You exceeded your current quota, please check your plan.", "insufficient_quota")
    match request.method, parts:
        case "POST", ["videos"]:
            return Response(200, _video(engine.accept(_order(request.fields()))))
        case "GET", ["videos"]:
            return _listed(request, engine)
        case "GET", ["models"]:
            return Response(200, {"object": "list", "data": [{"id": "fake-video", "object": "model"}]})
        case "GET", ["videos", name]:
            job = _found(name, engine)
            return Response(200, _video(job)) if job else _gone()
        case "GET", ["videos", name, "content"]:
            job = _found(name, engine)
            if job is None or job.state != "succeeded":
                return _gone()
            content, kind = engine.content(job)
            return Response(200, content, {"Content-Type": kind})
        case "DELETE", ["videos", name]:
            job = _found(name, engine)
            if job is None:
                return _gone()
            engine.cancel(job.id)
            return Response(200, {"id": name, "object": "video.deleted", "deleted": True})
    return _error(404, "Unknown request URL.", None)


def trouble(fault: Fault) -> Response:
    match fault.kind:
        case "overloaded":
            return _error(429, "Rate limit reached.", "rate_limit_exceeded")
        case "unavailable":
            return _error(503, "The server is overloaded.", None)
        case "moderated":
            return _error(400, "Your request was blocked by our moderation system.", "moderation_blocked")
    return _error(500, "The server had an error.", None)


def _order(body: dict[str, Any]) -> Order:
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or not prompt:
        raise Malformed("Missing required parameter: 'prompt'.")
    size = re.fullmatch(r"(\d{2,4})x(\d{2,4})", str(body.get("size", "1280x720")))
    if size is None:
        raise Malformed("Invalid value: 'size'.")
    seconds, long_s = _seconds(body)
    model = str(body.get("model") or "fake-video")
    picture = body.get("input_reference") or body.get("image_reference")
    if isinstance(picture, dict):
        picture = picture.get("image_url")
    return Order(
        vendor=NAME,
        model=model,
        kind="video",
        price_usd=seconds * USD_PER_S.get(model, _ANY_USD_PER_S),
        prompt=prompt,
        seconds=long_s,
        size=(int(size[1]) // 2 * 2, int(size[2]) // 2 * 2),
        picture=picture if isinstance(picture, bytes) else data_uri(picture),
    )


def _seconds(body: dict[str, Any]) -> tuple[int, float]:
    """Whole seconds, which are billed, and how long the clip is: a server may be asked for one frame more than that."""
    frames, fps = str(body.get("num_frames", "")), str(body.get("fps", "24"))
    counted = int(frames) / int(fps) if frames.isdecimal() and fps.isdecimal() and int(fps) else None
    seconds = str(body.get("seconds", int(counted) if counted else 4))
    if not re.fullmatch(r"[1-9]\d?", seconds):
        raise Malformed("Invalid value: 'seconds'.")
    return int(seconds), min(counted or float(seconds), 60.0)


def _video(job: Job) -> dict[str, Any]:
    failed = job.state in ("failed", "moderated", "cancelled")
    code = {"moderated": "moderation_blocked", "cancelled": "cancelled"}.get(job.state, "video_generation_failed")
    return {
        "id": _PREFIX + job.id.replace("-", ""),
        "object": "video",
        "model": job.order.model,
        "status": _STATUS.get(job.state, "failed"),
        "progress": _PROGRESS.get(job.state, 0),
        "prompt": job.order.prompt,
        "seconds": str(int(job.order.seconds)),
        "size": f"{job.order.size[0]}x{job.order.size[1]}",
        "created_at": int(job.created_s),
        "completed_at": int(job.ended_s) if job.ended_s is not None else None,
        "error": {"code": code, "message": job.message} if failed else None,
    }


def _listed(request: Request, engine: Engine) -> Response:
    videos = [_video(job) for job in engine.jobs(NAME)]
    if request.query.get("order", "desc") == "desc":
        videos.reverse()
    after = request.query.get("after")
    if after:
        videos = videos[next((n + 1 for n, video in enumerate(videos) if video["id"] == after), len(videos)) :]
    limit = request.query.get("limit", "20")
    most = int(limit) if limit.isdecimal() else 20
    page = videos[:most]
    ends = {"first_id": page[0]["id"], "last_id": page[-1]["id"]} if page else {"first_id": None, "last_id": None}
    return Response(200, {"object": "list", "data": page, "has_more": len(videos) > most, **ends})


def _found(name: str, engine: Engine) -> Job | None:
    digits = name.removeprefix(_PREFIX)
    job = engine.job("-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])))
    return job if job and job.order.vendor == NAME else None


def _gone() -> Response:
    return _error(404, "Video not found.", "not_found")


def _error(status: int, words: str, code: str | None) -> Response:
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return Response(status, {"error": {"message": words, "type": kind, "param": None, "code": code}})
