"""Anthropic's messages, their counting, and batches: text in, text or an instance of a JSON schema out.

Read from https://platform.claude.com/docs/en/api/messages, …/messages/batches and …/build-with-claude/prompt-caching,
2026-11. What counts for the books is that ``usage`` and the bill agree. A batch takes one request.

Of the faults, ``moderated`` and ``moderated_late`` are refusals that cost nothing, and ``failed_billed`` is one that is
billed.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from studio_pipeline.fake_vendor.answers import answer_for
from studio_pipeline.fake_vendor.engine import Engine, Job, Order
from studio_pipeline.fake_vendor.faults import Fault
from studio_pipeline.fake_vendor.instances import instance_of
from studio_pipeline.fake_vendor.prompt_tokens import (
    CHARACTERS_PER_TOKEN,
    Usage,
    prompt_tokens,
    spoken,
    tokens_of,
    used_of,
)
from studio_pipeline.fake_vendor.wire import Malformed, Request, Response, bearer, standing

NAME = "anthropic"
KEYS = {"ANTHROPIC_API_KEY": "fake-key"}
BASE_URL_VARIABLE = "ANTHROPIC_BASE_URL"

LONG_PROMPT = 100_000


@dataclass(frozen=True)
class Price:
    """USD for a million tokens. A call with a prompt above ``LONG_PROMPT`` costs ``long`` times that."""

    put_in: Decimal
    out: Decimal
    read: Decimal
    write: Decimal
    long: int = 1

    def usd(self, used: Usage) -> Decimal:
        dear = used.plain * self.put_in + used.out * self.out + used.read * self.read + used.write * self.write
        return dear * (self.long if used.plain + used.read + used.write > LONG_PROMPT else 1) / 1_000_000


PRICES: dict[str, Price] = {
    "claude-haiku-5-5": Price(Decimal("0.10"), Decimal("0.50"), Decimal("0.01"), Decimal("0.125"), long=5),
    "claude-sonnet-5-5": Price(Decimal(2), Decimal(10), Decimal("0.10"), Decimal("2.50")),
    "claude-opus-5-5": Price(Decimal(4), Decimal(20), Decimal("0.20"), Decimal(5)),
}
"""https://platform.claude.com/docs/en/about-claude/pricing, 2026-11."""
_BATCH_SHARE = Decimal("0.5")
_TEXT = "The lighthouse keeper looks out to the sea, and the light turns."
_CUSTOM_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_BATCH = re.compile(r"/v1/messages/batches/msgbatch_([0-9a-f-]+)(/results|/cancel)?")


def answer(request: Request, engine: Engine) -> Response:
    key = standing(request.headers.get("x-api-key", "") or bearer(request))
    if key in ("missing", "wrong"):
        return _error(401, "authentication_error", "invalid x-api-key")
    if not request.headers.get("anthropic-version"):
        return _error(400, "invalid_request_error", "anthropic-version: header is required")
    if key == "broke" and request.method == "POST" and not request.path.endswith("/count_tokens"):
        return _error(400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API.")
    match request.method, request.path:
        case "POST", "/v1/messages":
            return _message(request.json(), engine)
        case "POST", "/v1/messages/count_tokens":
            return Response(200, {"input_tokens": prompt_tokens(request.json())})
        case "POST", "/v1/messages/batches":
            return _new_batch(request.json(), engine)
        case "GET", "/v1/messages/batches":
            return _listed(request, engine)
        case "GET", "/v1/models":
            data = [{"id": name, "type": "model", "display_name": name} for name in PRICES]
            return Response(200, {"data": data, "has_more": False})
    if found := _BATCH.fullmatch(request.path):
        return _about_batch(request.method, found[1], found[2] or "", engine)
    return _error(404, "not_found_error", "Not found.")


def trouble(fault: Fault) -> Response:
    match fault.kind:
        case "overloaded":
            return _error(429, "rate_limit_error", "This request would exceed your rate limit.")
        case "unavailable":
            return _error(529, "overloaded_error", "Overloaded")
        case "moderated":
            return _error(400, "invalid_request_error", "This batch cannot be taken.")
    return _error(500, "api_error", "Internal server error")


def _message(body: dict[str, Any], engine: Engine) -> Response:
    order, refused = _order(body, engine)
    if order is None:
        return refused
    try:
        job = engine.finished(_accepted(order, engine))
    except Fault as fault:
        if fault.kind != "moderated":
            raise
        return Response(200, _said("msg_refused", order.model, "", "refusal", Usage()))
    if job.state == "failed" and not job.billed_usd:
        return _error(500, "api_error", job.message)
    return Response(200, _came_of(job))


def _order(body: dict[str, Any], engine: Engine, *, batch: bool = False) -> tuple[Order | None, Response]:
    """What a body asks for, or what is wrong with it."""
    model, most = str(body.get("model", "")), body.get("max_tokens")
    if model not in PRICES:
        return None, _error(404, "not_found_error", f"model: {model[:60]}")
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        return None, _error(400, "invalid_request_error", "max_tokens: Field required")
    if body.get("stream"):
        return None, _error(400, "invalid_request_error", "stream: the fake vendor answers in one piece")
    if setting := next((name for name in ("temperature", "top_p", "top_k") if name in body), None):
        return None, _error(400, "invalid_request_error", f"`{setting}` is not supported by this model.")
    text = _text(body)
    cut = tokens_of(text) > most
    text = text[: most * CHARACTERS_PER_TOKEN] if cut else text
    used, prefixes = used_of(body, tokens_of(text), engine.remembered)
    order = Order(
        vendor=NAME,
        model=model,
        kind="text",
        price_usd=PRICES[model].usd(used) * (_BATCH_SHARE if batch else 1),
        prompt=text,
        characters=len(text),
        tag=str((body.get("metadata") or {}).get("user_id", "")),
        sent={"used": used, "stop": "max_tokens" if cut else "end_turn", "prefixes": prefixes},
    )
    return order, Response()


def _accepted(order: Order, engine: Engine) -> Job:
    job = engine.accept(order)
    engine.remembered.update(order.sent["prefixes"])
    return job


def _came_of(job: Job) -> dict[str, Any]:
    """The message of a job that has ended."""
    used: Usage = job.order.sent["used"]
    name, model = f"msg_{job.id}", job.order.model
    if job.state == "moderated":
        return _said(name, model, "", "refusal", Usage())
    if job.state == "failed":
        return _said(name, model, "", "refusal", used)
    text = job.order.prompt[: len(job.order.prompt) // 2] if job.damaged else job.order.prompt
    return _said(name, model, text, job.order.sent["stop"], used)


def _said(name: str, model: str, text: str, stop: str, used: Usage) -> dict[str, Any]:
    return {
        "id": name,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": text}] if text else [],
        "stop_reason": stop,
        "stop_details": {"type": "refusal", "category": None, "explanation": None} if stop == "refusal" else None,
        "stop_sequence": None,
        "usage": {
            "input_tokens": used.plain,
            "output_tokens": used.out,
            "cache_creation_input_tokens": used.write,
            "cache_read_input_tokens": used.read,
        },
    }


# Batches


def _new_batch(body: dict[str, Any], engine: Engine) -> Response:
    asked = body.get("requests")
    if not isinstance(asked, list) or len(asked) != 1 or not isinstance(asked[0], dict):
        return _error(400, "invalid_request_error", "requests: the fake vendor takes one request a batch")
    name, params = asked[0].get("custom_id"), asked[0].get("params")
    if not isinstance(name, str) or not _CUSTOM_ID.fullmatch(name) or not isinstance(params, dict):
        return _error(400, "invalid_request_error", "requests.0.custom_id: up to 64 letters, digits, _ and -")
    order, refused = _order(params, engine, batch=True)
    if order is None:
        return refused
    order = replace(order, sent={**order.sent, "custom_id": name})
    return Response(200, _batch(_accepted(order, engine)))


def _listed(request: Request, engine: Engine) -> Response:
    most = request.query.get("limit", "20")
    batches = [_batch(job) for job in reversed(engine.jobs(NAME)) if "custom_id" in job.order.sent]
    shown = batches[: int(most) if most.isdecimal() else 20]
    ends = {"first_id": shown[0]["id"] if shown else None, "last_id": shown[-1]["id"] if shown else None}
    return Response(200, {"data": shown, "has_more": len(shown) < len(batches), **ends})


def _about_batch(method: str, job_id: str, what: str, engine: Engine) -> Response:
    job = engine.job(job_id)
    if job is None or "custom_id" not in job.order.sent:
        return _error(404, "not_found_error", "Batch not found.")
    if method == "POST" and what == "/cancel":
        return Response(200, _batch(engine.cancel(job_id) or job))
    if method != "GET" or what == "/cancel":
        return _error(405, "invalid_request_error", "Method not allowed.")
    if not what:
        return Response(200, _batch(job))
    if not job.ended:
        return _error(400, "invalid_request_error", "The results are not available yet.")
    line = json.dumps({"custom_id": job.order.sent["custom_id"], "result": _result(job)}, ensure_ascii=False)
    return Response(200, line.encode("utf-8", "replace") + b"\n", {"Content-Type": "application/x-jsonl"})


def _result(job: Job) -> dict[str, Any]:
    if job.state == "cancelled":
        return {"type": "canceled"}
    if job.state == "failed" and not job.billed_usd:
        return {
            "type": "errored",
            "error": {"type": "error", "error": {"type": "api_error", "message": job.message}},
        }
    return {"type": "succeeded", "message": _came_of(job)}


def _batch(job: Job) -> dict[str, Any]:
    kinds = ("processing", "succeeded", "errored", "canceled", "expired")
    now = _result(job)["type"] if job.ended else "processing"
    return {
        "id": f"msgbatch_{job.id}",
        "type": "message_batch",
        "processing_status": "ended" if job.ended else "in_progress",
        "request_counts": {kind: int(kind == now) for kind in kinds},
        "created_at": datetime.fromtimestamp(job.created_s, UTC).isoformat(),
        "ended_at": datetime.fromtimestamp(job.ended_s, UTC).isoformat() if job.ended_s else None,
        "results_url": None,
    }


def _text(body: dict[str, Any]) -> str:
    form = (body.get("output_config") or {}).get("format") or body.get("output_format")
    if not form:
        return _TEXT
    if not isinstance(form, dict) or form.get("type") != "json_schema" or not isinstance(form.get("schema"), dict):
        raise Malformed("output_config.format: a json_schema is needed")
    known = answer_for(form["schema"], spoken(body))
    return json.dumps(instance_of(form["schema"]), ensure_ascii=False) if known is None else known


def _error(status: int, kind: str, words: str) -> Response:
    return Response(status, {"type": "error", "error": {"type": kind, "message": words}})
