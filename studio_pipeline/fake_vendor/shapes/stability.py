"""Stability AI v2beta: a form goes in, a picture comes back as base64.

Read from its OpenAPI description as others copied it (2025-06, again 2026-09). A prompt that moderation does not want
is a free 403; a picture that it does not want comes back blurred and is billed.
"""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import Any

from studio_pipeline.fake_vendor.engine import Engine, Job, Order
from studio_pipeline.fake_vendor.faults import Fault
from studio_pipeline.fake_vendor.wire import Malformed, Request, Response, bearer, standing

NAME = "stability"
KEYS = {"STABILITY_API_KEY": "fake-key"}
BASE_URL_VARIABLE = "STABILITY_BASE_URL"

CREDIT_USD = Decimal("0.01")
CREDITS = {"core": "3", "ultra": "8", "sd3.5-large": "6.5", "sd3.5-large-turbo": "4", "sd3.5-medium": "3.5"}
_SHAPES = {"16:9": (1344, 768), "9:16": (768, 1344), "1:1": (1024, 1024)}
_LARGE_SHAPES = {"16:9": (1536, 864), "9:16": (864, 1536), "1:1": (1216, 1216)}
_MOST_SEED = 4_294_967_294


def answer(request: Request, engine: Engine) -> Response:
    match standing(bearer(request)):
        case "missing" | "wrong":
            return _error(401, "unauthorized", "missing or invalid authorization header")
        case "broke" if request.method == "POST":
            return _error(402, "payment_required", "You lack sufficient credits to make this request.")
    match request.method, request.path.strip("/").split("/"):
        case "GET", ["v1", "user", "balance"]:
            return Response(200, {"credits": 1000.0})
        case "POST", ["v2beta", "stable-image", "generate", service]:
            return _picture(engine.finished(engine.accept(_order(service, request.form()))), engine)
    return _error(404, "not_found", "The specified resource was not found.")


def trouble(fault: Fault) -> Response:
    match fault.kind:
        case "overloaded":
            return _error(429, "rate_limit_exceeded", "You have made more than 150 requests in 10 seconds.")
        case "unavailable":
            return _error(503, "unavailable", "The service is unavailable.")
        case "moderated":
            return _error(403, "content_moderation", "Your request was flagged by our content moderation system.")
    return _error(500, "internal_error", "An unexpected server error has occurred.")


def _order(service: str, form: dict[str, Any]) -> Order:
    model = str(form.get("model", "sd3.5-large")) if service == "sd3" else service
    shapes = _LARGE_SHAPES if model == "core" else _SHAPES
    aspect, seed, prompt = str(form.get("aspect_ratio", "1:1")), str(form.get("seed", "0")), form.get("prompt")
    if model not in CREDITS or aspect not in shapes or not isinstance(prompt, str) or not 0 < len(prompt) <= 10_000:
        raise Malformed("Invalid model, aspect_ratio or prompt.")
    if not seed.isdecimal() or int(seed) > _MOST_SEED or form.get("output_format", "png") != "png":
        raise Malformed("Invalid seed or output_format.")
    return Order(NAME, model, "image", CREDIT_USD * Decimal(CREDITS[model]), prompt=prompt, size=shapes[aspect])


def _picture(job: Job, engine: Engine) -> Response:
    if job.state not in ("succeeded", "moderated"):
        return _error(500, "internal_error", job.message)
    content, _ = engine.content(job)
    reason = "SUCCESS" if job.state == "succeeded" else "CONTENT_FILTERED"
    return Response(200, {"image": base64.b64encode(content).decode(), "finish_reason": reason, "seed": 7})


def _error(status: int, name: str, words: str) -> Response:
    return Response(status, {"id": "37f2e0d5", "name": name, "errors": [words]})
