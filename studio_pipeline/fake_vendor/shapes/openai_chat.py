"""Chat completions in the shape of OpenAI's, as Ollama, vLLM, Together and gateways serve them, billed by the token.

Read from https://platform.openai.com/docs/api-reference/chat and https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html,
2026-11. The models differ in what such servers differ in: holding an answer to a schema, to any JSON or to nothing, and
counting what was used. A token is four characters here, a picture 1,000 tokens; what counts for the books is that
``usage`` and the bill agree. The address may end in ``/v1`` or not.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from studio_pipeline.fake_vendor.answers import answer_for
from studio_pipeline.fake_vendor.engine import Engine, Order
from studio_pipeline.fake_vendor.faults import Fault
from studio_pipeline.fake_vendor.instances import instance_of
from studio_pipeline.fake_vendor.wire import Malformed, Request, Response, bearer, data_uri, standing

NAME = "openai-chat"
KEYS = {
    "OPENAI_CHAT_API_KEY": "fake-key",
    "OPENAI_CHAT_MODEL": "fake-chat",
    "OPENAI_CHAT_PRICE": "0.20,0.60",
    "OPENAI_CHAT_CONTEXT": "131072",
    "OPENAI_CHAT_SEES": "1",
    "OPENAI_CHAT_JSON": "schema",
}
BASE_URL_VARIABLE = "OPENAI_CHAT_BASE_URL"

USD_PER_MILLION = (Decimal("0.20"), Decimal("0.60"))
"""In and out, as it is told of Llama 3.1 8B on Together
(https://theneuralbase.com/together-ai/learn/beginner/llama-3-1-8b-pricing/, read 2026-11)."""
CONTEXT_TOKENS = 131_072


@dataclass(frozen=True)
class _Model:
    """What a server can do with the model it serves."""

    forms: frozenset[str]
    counts: bool = True
    sees: bool = True
    reads: int | None = None
    """Tokens that it reads of a question; the rest is left out without a word, as Ollama does."""


MODELS = {
    "fake-chat": _Model(frozenset({"text", "json_object", "json_schema"})),
    "fake-chat-object": _Model(frozenset({"text", "json_object"})),
    "fake-chat-text": _Model(frozenset({"text"}), sees=False),
    "fake-chat-uncounted": _Model(frozenset({"text", "json_object", "json_schema"}), counts=False),
    "fake-chat-small": _Model(frozenset({"text", "json_object", "json_schema"}), reads=200),
}
_GATEWAY = "tensorzero::"
"""How a TensorZero gateway calls what it serves: functions, variants of them, and models."""
_CHARACTERS_PER_TOKEN = 4
_TOKENS_PER_PICTURE = 1000
_TEXT = "The lighthouse keeper looks out to the sea, and the light turns."


def answer(request: Request, engine: Engine) -> Response:
    path = request.path.removeprefix("/v1")
    key = standing(bearer(request))
    if key == "wrong":  # a server without a key takes any, also none
        return _error(401, "Incorrect API key provided.", "invalid_api_key")
    match request.method, path:
        case "POST", "/chat/completions":
            if key == "broke":
                return _error(429, "You exceeded your current quota, please check your plan.", "insufficient_quota")
            return _completion(request.json(), engine)
        case "GET", "/models":
            data = [{"id": name, "object": "model", "owned_by": "fake"} for name in MODELS]
            return Response(200, {"object": "list", "data": data})
    return _error(404, "Unknown request URL.", None)


def trouble(fault: Fault) -> Response:
    match fault.kind:
        case "overloaded":
            return _error(429, "Rate limit reached.", "rate_limit_exceeded")
        case "unavailable":
            return _error(503, "The server is overloaded.", None)
        case "moderated":
            return _error(400, "The prompt was blocked by our content policy.", "content_policy_violation")
    return _error(500, "The server had an error.", None)


def _completion(body: dict[str, Any], engine: Engine) -> Response:
    name = str(body.get("model", ""))
    model = MODELS.get(name) or (MODELS["fake-chat"] if name.startswith(_GATEWAY) else None)
    if model is None:
        return _error(404, f"The model `{name[:80]}` does not exist.", "model_not_found")
    if body.get("stream"):
        return _error(400, "stream: the fake vendor answers in one piece", None)
    form = str((body.get("response_format") or {}).get("type", "text"))
    if form not in model.forms:
        return _error(400, f"response_format of type {form} is not supported by this model", None)
    words, pictures = _read(body.get("messages"))
    if pictures and not model.sees:
        return _error(400, "This model does not take image input.", None)
    most = body.get("max_completion_tokens", body.get("max_tokens", CONTEXT_TOKENS))
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        raise Malformed("Invalid value: 'max_tokens'.")
    tokens_in = min(_tokens(words) + pictures * _TOKENS_PER_PICTURE, model.reads or CONTEXT_TOKENS**2)
    if tokens_in + (most if "max_tokens" in body else 0) > CONTEXT_TOKENS:
        return _error(
            400, f"This model's maximum context length is {CONTEXT_TOKENS} tokens.", "context_length_exceeded"
        )
    text = _text(body, form, words)
    tokens_out = min(_tokens(text), most)
    cut = _tokens(text) > most
    order = Order(
        vendor=NAME,
        model=name,
        kind="text",
        price_usd=(tokens_in * USD_PER_MILLION[0] + tokens_out * USD_PER_MILLION[1]) / 1_000_000,
        prompt=words,
        characters=len(words),
        sent={"pictures": pictures},
    )
    job = engine.finished(engine.accept(order))
    if job.state == "failed":
        return _error(500, job.message, None)
    text = text[: most * _CHARACTERS_PER_TOKEN]
    if job.damaged:
        text = text[: len(text) // 2]
    refused = job.state == "moderated"
    usage = (0, 0) if refused else (tokens_in, tokens_out)
    message = {"content": None, "refusal": "I cannot help with that."} if refused else {"content": text}
    told = {
        "id": f"chatcmpl-{job.id}",
        "object": "chat.completion",
        "created": int(job.created_s),
        "model": name,
        "choices": [
            {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "length" if cut else "stop"}
        ],
    }
    counted = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
    return Response(200, {**told, **({"usage": counted} if model.counts else {})})


def _read(messages: Any) -> tuple[str, int]:
    """The words of all messages, and how many pictures there are.

    Raises:
        Malformed: for what is no conversation. As strict chat templates do, it wants turns to alternate.
    """
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise Malformed("Missing required parameter: 'messages'.")
    roles = [str(message.get("role")) for message in messages]
    turns = roles[1:] if roles[:1] == ["system"] else roles
    if not turns or any(role != ("user", "assistant")[number % 2] for number, role in enumerate(turns)):
        raise Malformed("Conversation roles must alternate user/assistant/user/assistant/…")
    words, pictures = [], 0
    for message in messages:
        content = message.get("content")
        for part in content if isinstance(content, list) else [{"type": "text", "text": content}]:
            match part.get("type"):
                case "text" if isinstance(part.get("text"), str) and part["text"]:
                    words.append(part["text"])
                case "image_url" if data_uri((part.get("image_url") or {}).get("url")):
                    pictures += 1
                case kind:
                    raise Malformed(f"Invalid value: 'messages' has a part of the kind {kind} that cannot be read.")
    return "\n".join(words), pictures


def _text(body: dict[str, Any], form: str, words: str) -> str:
    """An answer that fits the schema that is asked for, or that the system message ends with."""
    if form == "json_schema":
        schema = (body["response_format"].get("json_schema") or {}).get("schema")
        if not isinstance(schema, dict):
            raise Malformed("Missing required parameter: 'response_format.json_schema.schema'.")
        return _said(schema, words)
    schema = _schema_told(body["messages"])
    if schema is None:
        return "{}" if form == "json_object" else _TEXT
    return _said(schema, words) if form == "json_object" else f"Here it is:\n```json\n{_said(schema, words)}\n```"


def _said(schema: dict[str, Any], words: str) -> str:
    return answer_for(schema, words) or json.dumps(instance_of(schema), ensure_ascii=False)


def _schema_told(messages: list[dict[str, Any]]) -> dict[str, Any] | None:
    last = str(messages[0].get("content", "")).rstrip().rpartition("\n")[2]
    try:
        found = json.loads(last)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _tokens(text: str) -> int:
    return math.ceil(len(text) / _CHARACTERS_PER_TOKEN)


def _error(status: int, words: str, code: str | None) -> Response:
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return Response(status, {"error": {"message": words, "type": kind, "param": None, "code": code}})
