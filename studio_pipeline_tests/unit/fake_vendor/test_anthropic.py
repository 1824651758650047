"""The Anthropic shape: what it says was used is what it bills, and a form that is asked for is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
from pydantic import BaseModel, Field

from studio_pipeline.fake_vendor.faults import FaultName
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
        ("failed_billed", 500, True),
        ("failed_unbilled", 500, False),
    ],
)
def test_trouble_is_told_in_its_words(fake: FakeVendor, fault: FaultName, status: int, billed: bool) -> None:
    fake.engine.plan(fault)
    told = ask(fake)
    assert (told.status_code, told.json()["type"]) == (status, "error")
    assert (fake.meter.total_usd > 0) == billed


@pytest.mark.parametrize("fault", ["moderated", "moderated_late"])
def test_a_refusal_is_an_answer(fake: FakeVendor, fault: FaultName) -> None:
    fake.engine.plan(fault)
    told = ask(fake).json()
    assert (told["stop_reason"], told["content"], fake.meter.total_usd) == ("refusal", [], 0)


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
