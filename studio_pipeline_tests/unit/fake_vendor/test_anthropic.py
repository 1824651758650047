"""The Anthropic shape: what it says was used is what it bills, and a form that is asked for is kept."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
from PIL import Image
from pydantic import BaseModel, Field

from studio_pipeline.fake_vendor.faults import FaultName, Faults
from studio_pipeline.fake_vendor.server import FakeVendor

HEADERS = {"x-api-key": "any", "anthropic-version": "2026-10-21"}
ASKED = {"model": "claude-sonnet-5-5", "max_tokens": 1000, "messages": [{"role": "user", "content": "A sea."}]}


class Line(BaseModel):
    who: str = Field(min_length=6)
    loud: float = Field(ge=0.5)


class Scene(BaseModel):
    title: str
    mood: str = Field(json_schema_extra={"enum": ["calm", "tense"]})
    lines: list[Line] = Field(min_length=2)
    note: str | None = None


@pytest.fixture
def fake() -> Iterator[FakeVendor]:
    with FakeVendor() as running:
        yield running


def ask(fake: FakeVendor, path: str = "", headers: dict[str, str] = HEADERS, **more: Any) -> httpx.Response:
    return httpx.post(fake.url("anthropic") + "/v1/messages" + path, headers=headers, json=ASKED | more)


def test_what_it_says_was_used_is_what_it_bills(fake: FakeVendor) -> None:
    told = ask(fake).json()
    assert told["stop_reason"] == "end_turn"
    used = told["usage"]
    assert used["input_tokens"] == ask(fake, "/count_tokens").json()["input_tokens"]
    price = (2 * used["input_tokens"] + 10 * used["output_tokens"]) / Decimal(1_000_000)
    assert fake.meter.total_usd == price > 0


def test_a_form_that_is_asked_for_is_kept(fake: FakeVendor) -> None:
    form = {"format": {"type": "json_schema", "schema": Scene.model_json_schema()}}
    told = ask(fake, output_config=form).json()
    scene = Scene.model_validate_json(told["content"][0]["text"])
    assert (scene.mood, len(scene.lines)) == ("calm", 2)


def test_an_answer_that_is_too_long_is_cut_and_says_so(fake: FakeVendor) -> None:
    told = ask(fake, max_tokens=3).json()
    assert (told["stop_reason"], told["usage"]["output_tokens"]) == ("max_tokens", 3)


@pytest.mark.parametrize(
    ("fault", "status", "billed"),
    [
        ("overloaded", 429, False),
        ("unavailable", 529, False),
        ("error_after_accepting", 500, True),
        ("failed_unbilled", 500, False),
    ],
)
def test_trouble_is_told_in_its_words(fake: FakeVendor, fault: FaultName, status: int, billed: bool) -> None:
    fake.engine.plan(fault)
    told = ask(fake)
    assert (told.status_code, told.json()["type"]) == (status, "error")
    assert (fake.meter.total_usd > 0) == billed


@pytest.mark.parametrize(
    ("fault", "billed"), [("moderated", False), ("moderated_late", False), ("failed_billed", True)]
)
def test_a_refusal_is_an_answer_and_may_be_billed(fake: FakeVendor, fault: FaultName, billed: bool) -> None:
    fake.engine.plan(fault)
    told = ask(fake).json()
    assert (told["stop_reason"], told["content"]) == ("refusal", [])
    assert (told["usage"]["input_tokens"] > 0, fake.meter.total_usd > 0) == (billed, billed)


def test_a_marked_prefix_is_written_to_the_cache_and_read_from_it_for_the_same_form_only(fake: FakeVendor) -> None:
    mark = {"cache_control": {"type": "ephemeral"}}
    system = [{"type": "text", "text": "You know the sea. " * 200, **mark}]
    first, second = ask(fake, system=system).json()["usage"], ask(fake, system=system).json()["usage"]
    assert first["cache_creation_input_tokens"] == second["cache_read_input_tokens"] > 800
    assert first["cache_read_input_tokens"] == second["cache_creation_input_tokens"] == 0
    form = {"format": {"type": "json_schema", "schema": Scene.model_json_schema()}}
    assert ask(fake, system=system, output_config=form).json()["usage"]["cache_read_input_tokens"] == 0
    assert ask(fake, system="short").json()["usage"]["cache_creation_input_tokens"] == 0


def test_a_long_prompt_of_haiku_costs_five_times_as_much(fake: FakeVendor) -> None:
    used = ask(fake, model="claude-haiku-5-5", system="x" * 500_000).json()["usage"]
    price = (Decimal("0.5") * used["input_tokens"] + Decimal("2.5") * used["output_tokens"]) / 1_000_000
    assert price <= fake.meter.total_usd < price + Decimal("0.000001")


def test_a_picture_counts_by_its_size(fake: FakeVendor) -> None:
    content = io.BytesIO()
    Image.new("RGB", (1024, 1024)).save(content, "PNG")
    source = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(content.getvalue()).decode()}
    messages = [{"role": "user", "content": [{"type": "image", "source": source}, {"type": "text", "text": "A sea."}]}]
    with_it = ask(fake, "/count_tokens", messages=messages).json()["input_tokens"]
    assert with_it - ask(fake, "/count_tokens").json()["input_tokens"] == 37 * 37


def test_a_batch_costs_half_and_is_answered_in_a_line_of_json(fake: FakeVendor) -> None:
    ask(fake)
    alone = fake.meter.total_usd
    fake.engine.faults = Faults(latency_s=600)
    made = ask(fake, "/batches", requests=[{"custom_id": "one", "params": ASKED}]).json()
    assert made["processing_status"] == "in_progress"
    fake.engine.faults = Faults()
    quick = ask(fake, "/batches", requests=[{"custom_id": "two", "params": ASKED}]).json()
    assert fake.meter.total_usd == alone * 2

    address = fake.url("anthropic") + "/v1/messages/batches"
    listed = httpx.get(address, headers=HEADERS).json()["data"]
    assert [batch["id"] for batch in listed] == [quick["id"], made["id"]]
    line = json.loads(httpx.get(f"{address}/{quick['id']}/results", headers=HEADERS).content)
    assert (line["custom_id"], line["result"]["type"]) == ("two", "succeeded")
    assert httpx.get(f"{address}/{made['id']}/results", headers=HEADERS).status_code == 400

    assert httpx.post(f"{address}/{made['id']}/cancel", headers=HEADERS).json()["request_counts"]["canceled"] == 1
    assert fake.meter.total_usd == alone * Decimal("1.5")


def test_a_damaged_answer_is_no_json(fake: FakeVendor) -> None:
    fake.engine.plan("damaged")
    form = {"format": {"type": "json_schema", "schema": Scene.model_json_schema()}}
    with pytest.raises(ValueError):
        json.loads(ask(fake, output_config=form).json()["content"][0]["text"])


def test_it_wants_a_version_and_a_key(fake: FakeVendor) -> None:
    assert ask(fake, headers={"x-api-key": "any"}).status_code == 400
    assert ask(fake, headers={"anthropic-version": "1"}).status_code == 401
    assert ask(fake, headers={"anthropic-version": "1", "authorization": "Bearer any"}).status_code == 200
    assert "credit balance" in ask(fake, headers=HEADERS | {"x-api-key": "broke"}).text
