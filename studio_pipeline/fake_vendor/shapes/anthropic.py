"""Anthropic's messages: text in, text or an instance of a JSON schema out, billed by the token.

Read from https://docs.anthropic.com/en/api/messages, 2026-11. A token is four characters here; what counts for the
books is that ``usage`` and the bill agree.
"""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

from studio_pipeline.fake_vendor.engine import Engine, Order
from studio_pipeline.fake_vendor.faults import Fault
from studio_pipeline.fake_vendor.instances import instance_of
from studio_pipeline.fake_vendor.wire import Malformed, Request, Response, bearer, standing

NAME = "anthropic"
KEYS = {"ANTHROPIC_API_KEY": "fake-key"}
BASE_URL_VARIABLE = "ANTHROPIC_BASE_URL"

USD_PER_MILLION: dict[str, tuple[Decimal, Decimal]] = {
    "claude-haiku-5-5": (Decimal("0.10"), Decimal("0.50")),
    "claude-sonnet-5-5": (Decimal(2), Decimal(10)),
    "claude-opus-5-5": (Decimal(4), Decimal(20)),
}
"""In and out. https://www.anthropic.com/pricing, 2026-11."""
_CHARACTERS_PER_TOKEN = 4
_TEXT = "The lighthouse keeper looks out to the sea, and the light turns."


def answer(request: Request, engine: Engine) -> Response:
    key = standing(request.headers.get("x-api-key", "") or bearer(request))
    if key in ("missing", "wrong"):
        return _error(401, "authentication_error", "invalid x-api-key")
    if not request.headers.get("anthropic-version"):
        return _error(400, "invalid_request_error", "anthropic-version: header is required")
    match request.method, request.path:
        case "POST", "/v1/messages":
            if key == "broke":
                return _error(400, "invalid_request_error", "Your credit balance is too low to access the API.")
            return _message(request.json(), engine)
        case "POST", "/v1/messages/count_tokens":
            return Response(200, {"input_tokens": _input_tokens(request.json())})
        case "GET", "/v1/models":
            data = [{"id": name, "type": "model", "display_name": name} for name in USD_PER_MILLION]
            return Response(200, {"data": data, "has_more": False})
    return _error(404, "not_found_error", "Not found.")


def trouble(fault: Fault) -> Response:
    match fault.kind:
        case "overloaded":
            return _error(429, "rate_limit_error", "This request would exceed your rate limit.")
        case "unavailable":
            return _error(529, "overloaded_error", "Overloaded")
    return _error(500, "api_error", "Internal server error")


def _message(body: dict[str, Any], engine: Engine) -> Response:
    model, most = str(body.get("model", "")), body.get("max_tokens")
    if model not in USD_PER_MILLION:
        return _error(404, "not_found_error", f"model: {model[:60]}")
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        return _error(400, "invalid_request_error", "max_tokens: Field required")
    if body.get("stream"):
        return _error(400, "invalid_request_error", "stream: the fake vendor answers in one piece")
    text, tokens_in = _text(body), _input_tokens(body)
    tokens_out = _tokens(text)
    cut = tokens_out > most
    if cut:
        text, tokens_out = text[: most * _CHARACTERS_PER_TOKEN], most
    price_in, price_out = USD_PER_MILLION[model]
    order = Order(
        vendor=NAME,
        model=model,
        kind="text",
        price_usd=(tokens_in * price_in + tokens_out * price_out) / 1_000_000,
        prompt=text,
        characters=len(text),
        tag=str((body.get("metadata") or {}).get("user_id", "")),
        step_usd=Decimal("0.00000001"),
    )
    try:
        job = engine.finished(engine.accept(order))
    except Fault as fault:
        if fault.kind != "moderated":
            raise
        return Response(200, _said("msg_refused", model, "", "refusal", 0, 0))
    match job.state:
        case "failed":
            return _error(500, "api_error", job.message)
        case "moderated":
            return Response(200, _said(f"msg_{job.id}", model, "", "refusal", 0, 0))
    if job.damaged:
        text = text[: len(text) // 2]
    return Response(
        200, _said(f"msg_{job.id}", model, text, "max_tokens" if cut else "end_turn", tokens_in, tokens_out)
    )


def _said(name: str, model: str, text: str, stop: str, tokens_in: int, tokens_out: int) -> dict[str, Any]:
    return {
        "id": name,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": text}] if text else [],
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": {
            "input_tokens": tokens_in,
            "output_tokens": tokens_out,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
        },
    }


def _text(body: dict[str, Any]) -> str:
    form = (body.get("output_config") or {}).get("format") or body.get("output_format")
    if not form:
        return _TEXT
    if not isinstance(form, dict) or form.get("type") != "json_schema" or not isinstance(form.get("schema"), dict):
        raise Malformed("output_config.format: a json_schema is needed")
    return json.dumps(instance_of(form["schema"]), ensure_ascii=False)


def _input_tokens(body: dict[str, Any]) -> int:
    if not isinstance(body.get("messages"), list) or not body["messages"]:
        raise Malformed("messages: at least one message is required")
    return _tokens(json.dumps([body.get("system", ""), body["messages"]], ensure_ascii=False))


def _tokens(text: str) -> int:
    return math.ceil(len(text) / _CHARACTERS_PER_TOKEN)


def _error(status: int, kind: str, words: str) -> Response:
    return Response(status, {"type": "error", "error": {"type": kind, "message": words}})
