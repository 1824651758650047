"""Runway: tasks that are made, asked about and deleted, with their cost in credits.

Read from the types of the official SDK (runwayml 5.24) and https://docs.dev.runwayml.com, 2026-11. An error is
``{"error": words}``; being out of credits is a 400; a task that ends says what it cost.
"""

from __future__ import annotations

import datetime
import math
import re
from collections import Counter
from decimal import Decimal
from typing import Any

from studio_pipeline.fake_vendor.engine import Engine, Job, Order
from studio_pipeline.fake_vendor.faults import Fault
from studio_pipeline.fake_vendor.wire import Malformed, Request, Response, bearer, data_uri, standing

NAME = "runway"
KEYS = {"RUNWAYML_API_SECRET": "fake-key"}
BASE_URL_VARIABLE = "RUNWAYML_BASE_URL"

CREDIT_USD = Decimal("0.01")
VIDEO_CREDITS_PER_S: dict[str, str] = {
    "gen4.5": "12",
    "gen4_turbo": "5",
    "veo3.1": "40",
    "veo3.1 silent": "20",
    "veo3.1_fast": "15",
    "veo3.1_fast silent": "10",
    "seedance2": "36",
    "seedance2 1080p": "40",
    "seedance2 4k": "150",
    "seedance2_fast": "29",
    "seedance2_mini": "16",
    "seedance2_5 480p": "20",
    "seedance2_5": "30",
    "seedance2_5 1080p": "68",
    "wan3 480p": "5",
    "wan3": "10",
    "wan3 1080p": "20",
    "wan3_prime 480p": "6.8",
    "wan3_prime": "14",
    "wan3_prime 1080p": "28",
    "hailuo3": "10",
    "hailuo3 2k": "15",
    "h3_max 480p": "5",
    "h3_max": "8",
    "happyhorse_1_0": "15",
    "happyhorse_1_0 1080p": "30",
    "gemini_omni_flash": "10",
}
"""A model, or a model and what is asked of it. https://docs.dev.runwayml.com/guides/pricing/, from copies of 2026-08-15
and 2026-10-04 that others keep."""
IMAGE_CREDITS: dict[str, str] = {
    "gen4_image": "8",
    "gen4_image 720p": "5",
    "gen4_image_turbo": "2",
    "gemini_2.5_flash": "5",
    "gemini_image3_pro": "20",
    "gemini_image3_pro 4k": "40",
    "gpt_image_2 low": "1",
    "gpt_image_2": "5",
    "gpt_image_2 high": "20",
    "seedream5_lite": "4",
    "seedream5_pro": "5",
    "seedream5_pro 2k": "9",
    "grok_imagine_image_2 low": "4",
    "grok_imagine_image_2": "6",
    "grok_imagine_image_2 2k": "8",
    "ideogram_4_0 low": "4",
    "ideogram_4_0": "7",
    "ideogram_4_0 high": "11",
    "bria_fibo_1_5": "5",
    "bria_fibo_1_5 2k": "10",
    "muse_image": "1",
}
"""Same source."""
_BALANCE = 1_000_000
_MOST_PROMPT = 1000
_VERSION = "2024-11-06"
_DOCS = "https://docs.dev.runwayml.com/api"


def answer(request: Request, engine: Engine) -> Response:
    parts = request.path.strip("/").split("/")
    if parts[0] == "files" and request.method == "GET":  # links carry their own permission
        return _file(parts[-1].partition(".")[0], engine)
    if parts[0] == "uploads" and request.method == "POST":  # so do places to upload to
        engine.uploads[parts[-1]] = next((field for field in request.form().values() if isinstance(field, bytes)), b"")
        return Response(204)
    key = standing(bearer(request))
    if key in ("missing", "wrong"):
        return _error(401, "You did not provide a valid API key.")
    if request.headers.get("x-runway-version") != _VERSION:
        return _error(400, f"The X-Runway-Version header must be {_VERSION}.")
    match request.method, parts:
        case "POST", ["v1", "text_to_video" | "image_to_video" | "text_to_image" as way]:
            if key == "broke":
                return _error(400, "You do not have enough credits to run this task.")
            job = engine.accept(_order(way, request.json(), engine))
            return Response(200, {"id": job.id, "estimatedCost": {"credits": _credits(job)}})
        case "POST", ["v1", "uploads"]:
            name = f"upload{len(engine.uploads) + 1}"
            place = {"uploadUrl": f"{request.own_url}/uploads/{name}", "fields": {}, "runwayUri": f"runway://{name}"}
            return Response(200, place)
        case "GET", ["v1", "tasks", job_id]:
            job = engine.job(job_id)
            return Response(200, _task(job, request.own_url)) if job else _error(404, "Task not found.")
        case "DELETE", ["v1", "tasks", job_id]:
            return Response(204) if engine.cancel(job_id) else _error(404, "Task not found.")
        case "GET", ["v1", "organization"]:
            return Response(200, _organization(engine, broke=key == "broke"))
        case "POST", ["v1", "organization", "usage"]:
            return Response(200, _usage(engine))
    return _error(404, "Not found.")


def trouble(fault: Fault) -> Response:
    match fault.kind:
        case "overloaded":
            return _error(429, "Too many requests.")
        case "unavailable":
            return _error(503, "The service is overloaded.")
        case "moderated":
            # Not seen in the documents, which speak of moderation only where a task fails.
            return Response(400, {"error": "The prompt did not pass moderation.", "code": "SAFETY.INPUT.TEXT"})
    return _error(500, "An internal error occurred.")


def _order(way: str, body: dict[str, Any], engine: Engine) -> Order:
    model, prompt = str(body.get("model", "")), body.get("promptText", "")
    if not isinstance(prompt, str) or len(prompt.encode("utf-16-le")) // 2 > _MOST_PROMPT:
        raise Malformed(f"promptText has at most {_MOST_PROMPT} UTF-16 code units.")
    if way == "text_to_image":
        return _picture_order(model, prompt, body)
    known = any(name.partition(" ")[0] == model for name in VIDEO_CREDITS_PER_S)
    if not known or (way == "text_to_video" and model == "gen4_turbo"):
        raise Malformed(f"Validation of body failed: model: {model[:40]} is none of {way}.")
    seconds = body.get("duration", 8 if model.startswith("veo") else 5)
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 2 <= seconds <= 30:
        raise Malformed("Validation of body failed: duration.")
    if model.startswith("veo") and seconds not in (4, 6, 8):
        raise Malformed("Validation of body failed: duration: 4, 6 or 8.")
    if way == "text_to_video" and not prompt:
        raise Malformed("Validation of body failed: promptText: required.")
    size, asked = _size(body)
    silent = "" if body.get("audio", True) else "silent"
    return Order(
        vendor=NAME,
        model=model,
        kind="video",
        price_usd=seconds * _listed(VIDEO_CREDITS_PER_S, model, silent, asked) * CREDIT_USD,
        prompt=prompt,
        seconds=seconds,
        size=size,
        picture=_first_frame(body.get("promptImage"), engine, needed=way == "image_to_video"),
        step_usd=CREDIT_USD,
    )


def _picture_order(model: str, prompt: str, body: dict[str, Any]) -> Order:
    if not any(name.partition(" ")[0] == model for name in IMAGE_CREDITS) or not prompt:
        raise Malformed("Validation of body failed: model or promptText.")
    size, _ = _size(body)
    pixels = size[0] * size[1]
    asked = "720p" if min(size) <= 720 else "1k" if pixels < 1_500_000 else "2k" if pixels < 9_000_000 else "4k"
    return Order(
        vendor=NAME,
        model=model,
        kind="image",
        price_usd=_listed(IMAGE_CREDITS, model, asked, str(body.get("quality", ""))) * CREDIT_USD,
        prompt=prompt,
        size=size,
        step_usd=CREDIT_USD,
    )


def _listed(prices: dict[str, str], model: str, *asked: str) -> Decimal:
    """The price of the model with the first thing asked of it that has a price of its own, else of the model."""
    for name in (*(f"{model} {each}" for each in asked), model):
        if name in prices:
            return Decimal(prices[name])
    raise Malformed(f"Validation of body failed: {model[:40]} does not come like that.")


def _size(body: dict[str, Any]) -> tuple[tuple[int, int], str]:
    """Width, height, and what a price list calls that; some models name a resolution instead."""
    named = re.search(r"(480|720|768|1080)p|2k", f"{body.get('resolution', '')} {body.get('ratio', '')}".lower())
    if named:
        height = int(named[1] or 1440)
        return (height * 16 // 9 // 2 * 2, height), named[0]
    size = _ratio(body)
    pixels = size[0] * size[1]
    return (
        size,
        "480p" if pixels < 450_000 else "720p" if pixels < 1_300_000 else "1080p" if pixels < 2_400_000 else "4k",
    )


def _ratio(body: dict[str, Any]) -> tuple[int, int]:
    width, _, height = str(body.get("ratio", "1280:720")).partition(":")
    if not (width.isdecimal() and height.isdecimal() and 64 <= int(width) <= 6400 and 64 <= int(height) <= 6400):
        raise Malformed("Validation of body failed: ratio.")
    return int(width), int(height)


def _first_frame(sent: Any, engine: Engine, *, needed: bool) -> bytes | None:
    if isinstance(sent, list) and sent:
        firsts = [each.get("uri") for each in sent if isinstance(each, dict) and each.get("position") == "first"]
        sent = firsts[0] if firsts else None
    if needed and not isinstance(sent, str):
        raise Malformed("Validation of body failed: promptImage: required.")
    if isinstance(sent, str) and sent.startswith("runway://"):
        return engine.uploads.get(sent.removeprefix("runway://"))
    return data_uri(sent)


def _task(job: Job, own_url: str) -> dict[str, Any]:
    created = datetime.datetime.fromtimestamp(job.created_s, datetime.UTC).isoformat().replace("+00:00", "Z")
    told: dict[str, Any] = {"id": job.id, "createdAt": created}
    cost, estimate = {"cost": {"credits": _credits(job)}}, {"estimatedCost": {"credits": _credits(job)}}
    match job.state:
        case "queued":
            return {**told, **estimate, "status": "PENDING"}
        case "running":
            return {**told, **estimate, "status": "RUNNING", "progress": 0.5}
        case "succeeded":
            suffix = "mp4" if job.order.kind == "video" else "png"
            return {**told, **cost, "status": "SUCCEEDED", "output": [f"{own_url}/files/{job.id}.{suffix}?_jwt=signed"]}
        case "moderated":
            return {**told, **cost, "status": "FAILED", "failure": job.message, "failureCode": "SAFETY.OUTPUT.VIDEO"}
        case "failed":
            code = "INTERNAL.BAD_OUTPUT.CODE01"
            return {**told, **cost, "status": "FAILED", "failure": job.message, "failureCode": code}
        case "cancelled":
            return {**told, **cost, "status": "CANCELLED"}


def _organization(engine: Engine, *, broke: bool) -> dict[str, Any]:
    jobs = engine.jobs(NAME)
    made = Counter(job.order.model for job in jobs)
    spent = sum(_credits(job) for job in jobs)
    models = {name.partition(" ")[0]: None for name in (*VIDEO_CREDITS_PER_S, *IMAGE_CREDITS)}
    limits = {name: {"maxConcurrentGenerations": 5, "maxDailyGenerations": 1000} for name in models}
    return {
        "creditBalance": 0 if broke else _BALANCE - spent,
        "tier": {"maxMonthlyCreditSpend": 10_000_000, "models": limits},
        "usage": {"models": {name: {"dailyGenerations": made[name]} for name in models}},
    }


def _usage(engine: Engine) -> dict[str, Any]:
    days: dict[str, Counter[str]] = {}
    for job in engine.jobs(NAME):
        day = datetime.datetime.fromtimestamp(job.created_s, datetime.UTC).date().isoformat()
        days.setdefault(day, Counter())[job.order.model] += _credits(job)
    results = [
        {"date": day, "usedCredits": [{"amount": amount, "model": model} for model, amount in used.items()]}
        for day, used in sorted(days.items())
    ]
    return {"models": sorted({model for used in days.values() for model in used}), "results": results}


def _file(job_id: str, engine: Engine) -> Response:
    job = engine.job(job_id)
    if job is None or job.state != "succeeded":
        return _error(404, "Not found.")
    content, kind = engine.content(job)
    return Response(200, content, {"Content-Type": kind})


def _credits(job: Job) -> int:
    return math.ceil(job.billed_usd / CREDIT_USD)


def _error(status: int, words: str) -> Response:
    return Response(status, {"error": words, "docUrl": _DOCS})
