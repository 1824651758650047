"""fal: a queue in front of many models, its platform's listing, and files on a host of their own.

Read from the types of fal's own client (https://github.com/fal-ai/fal-js, 2026-08-02), https://fal.ai/docs (queue,
errors, ``/v1/models/requests/by-endpoint``) and the models' own pages, 2026-11. A job that has failed answers with its
error where its result would be. The listing shows what has ended, with what was sent, without the pictures' bytes.
"""

from __future__ import annotations

import datetime
import io
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from PIL import Image

from studio_pipeline.fake_vendor.engine import Engine, Job, Order
from studio_pipeline.fake_vendor.faults import Fault
from studio_pipeline.fake_vendor.wire import Malformed, Request, Response, bearer, data_uri, standing

NAME = "fal"
KEYS = {"FAL_KEY": "fake-key"}
BASE_URL_VARIABLE = "FAL_BASE_URL"

USD_PER_S: Mapping[str, Decimal] = {
    "fal-ai/kling-video/v2.5-turbo/pro/text-to-video": Decimal("0.07"),
    "fal-ai/kling-video/v2.5-turbo/pro/image-to-video": Decimal("0.07"),
    "fal-ai/kling-video/v2.5-turbo/standard/image-to-video": Decimal("0.042"),
    "fal-ai/kling-video/v3/turbo/pro/text-to-video": Decimal("0.14"),
    "fal-ai/kling-video/v3/turbo/pro/image-to-video": Decimal("0.14"),
    "fal-ai/wan/v2.7/text-to-video": Decimal("0.10"),
    "fal-ai/wan/v2.7/image-to-video": Decimal("0.10"),
    "fal-ai/ltx-2.3/text-to-video/fast": Decimal("0.04"),
    "fal-ai/ltx-2.3/image-to-video/fast": Decimal("0.04"),
    "fal-ai/veo3.1": Decimal("0.20"),
    "fal-ai/veo3.1/image-to-video": Decimal("0.20"),
    "fal-ai/veo3.1/fast": Decimal("0.10"),
    "fal-ai/veo3.1/fast/image-to-video": Decimal("0.10"),
}
"""A second at the cheapest resolution of the page, 720p or 1080p, silent where that can be had."""
LOUD_USD_PER_S = {"fal-ai/veo3.1": Decimal("0.40"), "fal-ai/veo3.1/fast": Decimal("0.15")}
USD_PER_CLIP: Mapping[str, Mapping[tuple[int, str], Decimal]] = {
    "fal-ai/pika/v2.2": {(5, "720p"): Decimal("0.20"), (5, "1080p"): Decimal("0.45")},
    "fal-ai/minimax/hailuo-2.3/standard": {(6, ""): Decimal("0.28"), (10, ""): Decimal("0.56")},
}
USD_PER_MEGAPIXEL: Mapping[str, Decimal] = {
    "fal-ai/flux/schnell": Decimal("0.003"),
    "fal-ai/flux/dev": Decimal("0.025"),
    "fal-ai/flux-2-pro": Decimal("0.03"),
    "fal-ai/z-image/turbo": Decimal("0.005"),
    "fal-ai/stable-diffusion-v35-medium": Decimal("0.02"),
    "fal-ai/stable-diffusion-v35-large": Decimal("0.065"),
}
_EDGES = {"720p": 720, "1080p": 1080}
_OWN_EDGES = (("hailuo", 768), ("pro/", 1080))
"""Of models that are not asked for one."""
_STATUS = {"queued": "IN_QUEUE", "running": "IN_PROGRESS"}
_DOCS = "https://docs.fal.ai/errors"


def answer(request: Request, engine: Engine) -> Response:
    parts = request.path.strip("/").split("/")
    if parts[0] == "files" and request.method == "GET":  # links are public
        return _file(parts[-1].partition(".")[0], engine)
    key = standing(bearer(request, "Key"))
    if key in ("missing", "wrong"):
        return Response(401, {"detail": "Cannot access application. Authentication is required."})
    match request.method, parts:
        case "GET", ["v1", "models", "requests", "by-endpoint"]:
            return _listed(request, engine)
        case "GET", ["v1", "models", "pricing"]:
            return Response(200, {"prices": [{"endpoint_id": request.query.get("endpoint_id", "")}], "has_more": False})
        case "GET", [owner, app, "requests", name, "status"]:
            return _status(_found(owner, app, name, engine), request)
        case "GET", [owner, app, "requests", name]:
            return _result(_found(owner, app, name, engine), request)
        case "PUT", [owner, app, "requests", name, "cancel"]:
            return _cancelled(_found(owner, app, name, engine), engine)
        case "POST", [_, _, *_]:
            if key == "broke":
                return Response(403, {"detail": "User is locked. Reason: Exhausted balance."})
            return _status(engine.accept(_order("/".join(parts), request.json())), request, status=200)
    return Response(404, {"detail": "Not found"})


def trouble(fault: Fault) -> Response:
    match fault.kind:
        case "overloaded":
            return Response(429, {"detail": "Too many requests."})
        case "unavailable":
            return Response(503, {"detail": "Service unavailable."})
        case "moderated":
            return Response(422, _detail("content_policy_violation", "The content could not be processed."))
    return Response(500, {"detail": "Internal Server Error"})


def _order(model: str, body: dict[str, Any]) -> Order:
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or not prompt:
        raise Malformed("prompt: field required")
    pictures = [value for name, value in body.items() if name.endswith("image_url") and isinstance(value, str)]
    if model.endswith(("image-to-video", "image-to-video/fast")) and not pictures:
        raise Malformed("image_url: field required")
    picture = data_uri(pictures[0]) if pictures else None
    kind = "image" if model in USD_PER_MEGAPIXEL else "video"
    size = _pixels(body) if kind == "image" else _frame(model, body, picture)
    seconds = 0.0 if kind == "image" else _seconds(body)
    return Order(
        vendor=NAME,
        model=model,
        kind=kind,
        price_usd=_price(model, body, seconds, size),
        prompt=prompt,
        seconds=seconds,
        size=size,
        picture=picture,
        sent={name: "https://v3.fal.media/files/sent" if value in pictures else value for name, value in body.items()},
    )


def _price(model: str, body: dict[str, Any], seconds: float, size: tuple[int, int]) -> Decimal:
    if (usd := USD_PER_MEGAPIXEL.get(model)) is not None:
        return usd * math.ceil(size[0] * size[1] / 1_000_000)
    for family, clips in USD_PER_CLIP.items():
        if model.startswith(f"{family}/"):
            return clips[_known((int(seconds), str(body.get("resolution", ""))), clips)]
    if model not in USD_PER_S:
        raise Malformed(f"Application {model[:60]} not found.")
    family = model.removesuffix("/image-to-video")
    loud = body.get("generate_audio", True) and family in LOUD_USD_PER_S
    return (LOUD_USD_PER_S[family] if loud else USD_PER_S[model]) * Decimal(str(seconds))


def _known(asked: tuple[int, str], clips: Mapping[tuple[int, str], Decimal]) -> tuple[int, str]:
    if asked not in clips:
        raise Malformed(f"duration or resolution: {asked[0]} s at {asked[1][:10] or 'its own size'} is not offered")
    return asked


def _seconds(body: dict[str, Any]) -> float:
    text = str(body.get("duration", "5")).removesuffix("s")
    if not text.isdecimal() or not 1 <= int(text) <= 20:
        raise Malformed("duration: not a valid enumeration member")
    return float(text)


def _pixels(body: dict[str, Any]) -> tuple[int, int]:
    size = body.get("image_size")
    if not isinstance(size, dict):
        return 1024, 768
    width, height = size.get("width"), size.get("height")
    if not (isinstance(width, int) and isinstance(height, int) and 64 <= width <= 2048 and 64 <= height <= 2048):
        raise Malformed("image_size: width and height from 64 to 2048")
    return width, height


def _frame(model: str, body: dict[str, Any], picture: bytes | None) -> tuple[int, int]:
    """The pixels of a clip: the short edge by the resolution, the shape by the aspect or the first frame."""
    edge = _EDGES.get(str(body.get("resolution")), next((edge for part, edge in _OWN_EDGES if part in model), 720))
    width, _, height = str(body.get("aspect_ratio", "auto")).partition(":")
    shape = int(width) / int(height) if width.isdecimal() and height.isdecimal() and int(height) else _shape(picture)
    long = round(edge * max(shape, 1 / shape) / 2) * 2
    return (long, edge) if shape >= 1 else (edge, long)


def _shape(picture: bytes | None) -> float:
    if picture is None:
        return 16 / 9
    try:
        with Image.open(io.BytesIO(picture)) as opened:
            return opened.width / opened.height
    except OSError as error:
        raise Malformed("image_url: the image could not be loaded") from error


def _status(job: Job | None, request: Request, status: int | None = None) -> Response:
    if job is None:
        return Response(404, {"detail": "Request not found"})
    own = f"{request.own_url}/{_app(job)}/requests/{job.id}"
    told: dict[str, Any] = {
        "status": _STATUS.get(job.state, "COMPLETED"),
        "request_id": job.id,
        "response_url": own,
        "status_url": f"{own}/status",
        "cancel_url": f"{own}/cancel",
    }
    if job.state == "queued":
        told["queue_position"] = 0
    if job.ended:
        told["metrics"] = {"inference_time": 1.0}
    if job.state in ("failed", "cancelled"):
        told |= {"error": job.message, "error_type": "internal_error" if job.state == "failed" else "client_cancelled"}
    return Response(status or (200 if job.ended else 202), told)


def _result(job: Job | None, request: Request) -> Response:
    if job is None:
        return Response(404, {"detail": "Request not found"})
    units = {"x-fal-billable-units": "0" if not job.billed_usd else "1", "x-fal-request-id": job.id}
    match job.state:
        case "queued" | "running":
            return Response(400, {"detail": "Request is still in progress"})
        case "moderated":
            return Response(422, _detail("content_policy_violation", job.message), units)
        case "cancelled":
            return Response(400, {"detail": "Request was cancelled"}, units)
        case "failed":  # a runner that has spent its time on it answers with a 4xx, one that has not with a 5xx
            return Response(422 if job.billed_usd else 500, _detail("internal_error", job.message), units)
    url = f"{request.own_url}/files/{job.id}"
    if job.order.kind == "video":
        return Response(200, {"video": {"url": f"{url}.mp4", "content_type": "video/mp4"}}, units)
    width, height = job.order.size
    picture = {"url": f"{url}.png", "content_type": "image/png", "width": width, "height": height}
    return Response(200, {"images": [picture], "seed": 1, "has_nsfw_concepts": [False]}, units)


def _cancelled(job: Job | None, engine: Engine) -> Response:
    if job is None:
        return Response(404, {"status": "NOT_FOUND"})
    if job.ended:
        return Response(400, {"status": "ALREADY_COMPLETED"})
    engine.cancel(job.id)
    return Response(202, {"status": "CANCELLATION_REQUESTED"})


def _listed(request: Request, engine: Engine) -> Response:
    endpoint, start = request.query.get("endpoint_id", ""), request.query.get("start", "")
    ended = [
        job
        for job in engine.jobs(NAME)
        if job.ended and job.order.model == endpoint and _at(job.created_s)[:19] >= start[:19]
    ]
    ended.sort(key=lambda job: job.ended_s or 0, reverse=True)
    cursor, limit = request.query.get("cursor", "0"), request.query.get("limit", "50")
    first = int(cursor) if cursor.isdecimal() else 0
    last = first + min(int(limit) if limit.isdecimal() else 50, 100)
    items = [
        {
            "request_id": job.id,
            "endpoint_id": job.order.model,
            "sent_at": _at(job.created_s),
            "ended_at": _at(job.ended_s or 0),
            "status_code": 200 if job.state == "succeeded" else 422,
            **({"json_input": dict(job.order.sent)} if "payloads" in request.query.get("expand", "") else {}),
        }
        for job in ended[first:last]
    ]
    more = last < len(ended)
    return Response(200, {"items": items, "has_more": more, "next_cursor": str(last) if more else None})


def _file(name: str, engine: Engine) -> Response:
    job = engine.job(name)
    if job is None or job.order.vendor != NAME or job.state != "succeeded":
        return Response(404, {"detail": "Not found"})
    content, kind = engine.content(job)
    return Response(200, content, {"Content-Type": kind})


def _found(owner: str, app: str, name: str, engine: Engine) -> Job | None:
    job = engine.job(name)
    return job if job and job.order.vendor == NAME and _app(job) == f"{owner}/{app}" else None


def _app(job: Job) -> str:
    return "/".join(job.order.model.split("/")[:2])


def _at(seconds: float) -> str:
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _detail(kind: str, words: str) -> dict[str, Any]:
    return {"detail": [{"loc": ["body"], "msg": words or kind, "type": kind, "url": f"{_DOCS}#{kind}"}]}
