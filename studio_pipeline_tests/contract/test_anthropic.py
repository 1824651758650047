"""What Claude promises beyond other language models: the prompt cache, batches, counting, and how it is asked."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_pipeline.budget.amounts import rounded_up
from studio_pipeline.errors import JobFailed, PromptRefused, ProviderFailed, Unanswered, VendorAway
from studio_pipeline.fake_vendor.faults import Faults
from studio_pipeline.fake_vendor.server import FakeVendor
from studio_pipeline.providers import factory
from studio_pipeline.providers.language.anthropic import Claude
from studio_pipeline.providers.language.claude.body import body_of
from studio_pipeline.providers.language.port import LanguageRequest
from studio_pipeline.providers.language.reading import read_answer
from studio_pipeline.providers.vendor import NoAnswer
from studio_pipeline_tests.backlot.desk import KEY, TAG, Desk, Scene, desk_of

STORY = "The keeper climbs the stairs of her lighthouse once more. " * 60
HAIKU, SONNET, OPUS = (f"anthropic/claude-{name}-5-5" for name in ("haiku", "sonnet", "opus"))


@pytest.fixture(scope="module", autouse=True)
def one_tls_context() -> Iterator[None]:
    """Reading the machine's certificates takes longer than most tests here, and none of them speaks TLS."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", lru_cache(ssl.create_default_context))
        yield


@pytest.fixture(scope="module", autouse=True)
def no_real_model() -> Iterator[None]:
    from pydantic_ai.models import override_allow_model_requests

    with override_allow_model_requests(False):
        yield


@pytest.fixture(scope="module")
def running() -> Iterator[FakeVendor]:
    with FakeVendor() as fake:
        yield fake


@pytest.fixture
def desk(running: FakeVendor, tmp_path: Path) -> Desk:
    return desk_of("anthropic", running, tmp_path)


def price(usage: Any, each: tuple[str, str, str, str]) -> Decimal:
    """In, out, read and written, for a million."""
    counts = (usage.input_tokens, usage.output_tokens, usage.cache_read_tokens, usage.cache_write_tokens)
    return rounded_up(sum((count * Decimal(usd) for count, usd in zip(counts, each, strict=True)), Decimal(0)) / 10**6)


# The prompt cache


def test_what_productions_share_is_written_to_the_cache_once_and_read_at_a_twentieth_from_then_on(desk: Desk) -> None:
    first = desk.said(desk.buy(desk.question(shared=STORY))).usage
    second = desk.said(desk.buy(desk.question("Another scene.", shared=STORY))).usage
    assert first.cache_write_tokens == second.cache_read_tokens > 700
    assert (first.cache_read_tokens, second.cache_write_tokens) == (0, 0)
    written, read = desk.entries()
    each = ("2", "10", "0.10", "2.50")
    assert (written.settled_usd, read.settled_usd) == (price(first, each), price(second, each))
    assert written.settled_usd + read.settled_usd == desk.billed
    assert written.settled_usd <= written.max_usd, "writing to the cache costs more than going without"


def test_the_rules_and_the_story_end_in_a_mark_and_the_question_does_not(desk: Desk) -> None:
    body = body_of(desk.setup(), desk.question(images=(desk.picture(),)))
    (system,), (user,) = body["system"], body["messages"]
    assert [part["type"] for part in user["content"]] == ["text", "image", "text"]
    assert ["cache_control" in part for part in (system, *user["content"])] == [True, True, False, False]
    alone = body_of(desk.setup(), desk.question(shared=""))["messages"][0]["content"]
    assert [part["text"] for part in alone] == ["A scene by the sea."]


def test_which_words_are_shared_tells_only_the_cache_so_the_question_is_the_same(desk: Desk) -> None:
    desk.buy(desk.question("A scene.", shared="The story."))
    assert desk.buy(desk.question("The story.\n\nA scene.", shared="")).avoided


# How it is told to answer


def test_each_model_is_told_to_think_as_little_as_it_can_and_has_room_for_what_it_thinks(desk: Desk) -> None:
    sent = {model: body_of(desk.setup(), desk.question(model=model)) for model in (HAIKU, SONNET, OPUS)}
    assert [sent[model]["thinking"]["type"] for model in sent] == ["disabled", "between_tools", "adaptive"]
    assert [body["max_tokens"] for body in sent.values()] == [300, 300, 4300]
    assert sent[OPUS]["output_config"]["effort"] == "low"
    assert not any("temperature" in body for body in sent.values())
    assert desk.adapter().quote(desk.question(model=OPUS)).max_usd > Decimal(4300) * 20 / 10**6


def test_the_purchase_is_named_at_the_vendor(desk: Desk) -> None:
    desk.buy()
    (job,) = desk.fake.engine.jobs("anthropic")
    assert job.order.tag == desk.entries()[0].identity[:32]


def test_a_schema_that_it_cannot_be_held_to_is_told_in_words(desk: Desk) -> None:
    tree = {
        "$defs": {
            "Tree": {
                "type": "object",
                "properties": {"under": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}},
                "required": ["under"],
            }
        },
        "$ref": "#/$defs/Tree",
    }
    body = body_of(desk.setup(), desk.question(json_schema=tree, output="Tree"))
    assert "format" not in body.get("output_config", {})
    assert '"under"' in json.dumps(body["system"]).replace('\\"', '"')


def test_a_repair_says_its_own_words_again_unless_there_were_none(desk: Desk) -> None:
    said = body_of(desk.setup(), desk.question(answered="{}", objection="- title: missing"))["messages"]
    assert [message["role"] for message in said] == ["user", "assistant", "user"]
    silent = body_of(desk.setup(), desk.question(answered=" \n", objection="- the answer is empty"))["messages"]
    assert [part["text"] for part in silent[0]["content"]][-1] == "- the answer is empty"
    assert len(silent) == 1


# Batches


def test_what_nobody_waits_for_goes_in_a_batch_for_half_the_price(desk: Desk) -> None:
    desk.buy(desk.question(model=OPUS))
    alone = desk.billed
    bought = desk.buy(desk.question(model=OPUS, priority="low"), take=2)
    assert read_answer(desk.said(bought), Scene)
    entry = desk.entries()[-1]
    assert (entry.job_id or "").startswith("msgbatch_")
    assert entry.settled_usd == desk.billed - alone == alone / 2
    assert entry.settled_usd <= entry.max_usd


def test_a_batch_is_waited_for_and_goes_on_when_its_process_does_not(desk: Desk) -> None:
    desk.fake.engine.faults = Faults(latency_s=0.4)
    asked = desk.question(priority="low")
    job = desk.adapter().submit(asked, client_tag=TAG)
    assert desk.adapter().poll(job, asked).state == "running"
    with pytest.raises(ProviderFailed, match="running"):
        desk.adapter().fetch(job, asked, desk.folder / "none")
    until = time.monotonic() + 10
    while desk.adapter().poll(job, asked).state != "done":
        assert time.monotonic() < until, "the batch does not end"
    desk.fake.reset()  # it keeps answers for 29 days only
    desk.adapter().fetch(job, asked, desk.folder / "made")
    assert json.loads((desk.folder / "made").read_text())["stop"] == "end"


def test_a_batch_whose_answer_to_the_creation_got_lost_is_found_in_the_list_by_its_tag(desk: Desk) -> None:
    desk.adapter().submit(desk.question("Another.", priority="low"), client_tag="feedfeedfeedfeed")
    desk.fake.engine.faults = Faults(latency_s=0.3)
    desk.plan("dropped")
    with pytest.raises(Unanswered):
        desk.buy(desk.question(priority="low"))  # the list does not say yet what is in it
    desk.fake.engine.faults = Faults()
    until = time.monotonic() + 10
    while not all(job.ended for job in desk.fake.engine.jobs()):
        assert time.monotonic() < until, "the batch does not end"
    bought = desk.buy(desk.question(priority="low"))
    assert read_answer(desk.said(bought), Scene)
    (entry,) = desk.entries()
    assert (entry.state, desk.asked) == ("settled", 2)


def test_a_batch_that_came_to_nothing_costs_nothing(desk: Desk) -> None:
    desk.plan("failed_unbilled")
    with pytest.raises(JobFailed, match="charged nothing"):
        desk.buy(desk.question(priority="low"))
    assert (desk.entries()[0].state, desk.billed) == ("released", 0)

    desk.fake.engine.faults = Faults(latency_s=600)
    asked = desk.question(priority="low")
    job = desk.adapter().submit(asked, client_tag=TAG)
    httpx.post(
        f"{desk.setup().base_url}/v1/messages/batches/{job}/cancel",
        headers={"x-api-key": KEY, "anthropic-version": "2026-10-21"},
    )
    state = desk.adapter().poll(job, asked)
    assert (state.state, state.billed, state.message) == ("failed", False, "the batch was cancelled")


@pytest.mark.parametrize("job", ["../../v1/organizations", "msgbatch_1?x=1", "", "msgbatch_\n"])
def test_a_name_that_is_no_job_is_no_address(desk: Desk, job: str) -> None:
    with pytest.raises(ProviderFailed):
        desk.adapter().poll(job, desk.question())


# Refusals


@pytest.mark.parametrize("priority", ["normal", "low"])
def test_a_refusal_is_paid_for_what_it_used(desk: Desk, priority: str) -> None:
    desk.plan("failed_billed")
    with pytest.raises(PromptRefused, match="refused the prompt"):
        desk.buy(desk.question(priority=priority))
    (entry,) = desk.entries()
    assert (entry.state, entry.refused, entry.settled_usd) == ("lost", True, desk.billed)
    assert desk.billed > 0


# Counting


def test_tokens_are_counted_once_for_a_question_and_bounded_when_nobody_counts(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studio_pipeline.fake_vendor.shapes import anthropic as shape

    counted: list[Any] = []
    real = shape.prompt_tokens
    monkeypatch.setattr(shape, "prompt_tokens", lambda body: counted.append(body) or real(body))
    adapter, question = desk.adapter(), desk.question()
    quotes = [adapter.quote(question) for _ in range(3)]
    assert len(set(quotes)) == len(counted) == 1
    bound = desk.with_key("wrong").quote(question)
    assert bound.max_usd > quotes[0].max_usd


TEXT = st.text(st.characters(codec="utf-8"), max_size=60) | st.sampled_from(
    ["लाइटहाउस " * 200, "灯塔" * 900, "a" * 9000]
)


@pytest.fixture(scope="module")
def long_desk(running: FakeVendor, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return desk_of("anthropic", running, tmp_path_factory.mktemp("desk"))


@settings(max_examples=40)
@given(
    model=st.sampled_from([HAIKU, SONNET, OPUS]),
    shared=TEXT,
    ask=TEXT.filter(str.strip),
    answered=TEXT,
    pictures=st.lists(st.sampled_from([(28, 28), (1024, 768), (2600, 1500)]), max_size=2),
    most=st.integers(1, 400),
    priority=st.sampled_from(["normal", "low"]),
    counted=st.booleans(),
)
def test_no_answer_ever_costs_more_than_was_set_aside_for_it(
    long_desk: Desk,
    model: str,
    shared: str,
    ask: str,
    answered: str,
    pictures: list[tuple[int, int]],
    most: int,
    priority: Any,
    counted: bool,
) -> None:
    desk = long_desk
    request = LanguageRequest(
        model=model,
        system="You write scenes.",
        shared=shared if shared.strip() else "",
        ask=ask,
        images=tuple(desk.picture(size) for size in pictures),
        output="Scene",
        json_schema=Scene.model_json_schema(),
        most_output_tokens=most,
        priority=priority,
        answered=answered,
        objection="- title: too long" if answered else "",
    )
    quote = (desk.adapter() if counted else desk.with_key("wrong")).quote(request)
    before = desk.billed
    adapter = desk.adapter()
    state = adapter.poll(adapter.submit(request, client_tag=f"{desk.asked:016x}"), request)
    assert state.price_usd == desk.billed - before <= quote.max_usd
    assert quote.expected_usd <= quote.max_usd


# Who may be asked, and with what


def test_real_models_are_not_asked_where_that_is_switched_off(desk: Desk) -> None:
    with pytest.raises(VendorAway, match="ALLOW_MODEL_REQUESTS"):
        desk.elsewhere("https://api.anthropic.com").submit(desk.question(), client_tag=TAG)
    assert desk.buy().receipt.price_usd == desk.billed


def test_nothing_of_the_sdk_is_loaded_before_something_is_asked() -> None:
    program = (
        "import sys, studio_pipeline.providers.factory as f, studio_pipeline.providers.language.anthropic;"
        "f.listed('language', 'anthropic');"
        "print([name for name in ('anthropic', 'pydantic_ai', 'httpx2') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize("package", ["anthropic", "pydantic_ai.exceptions"])
def test_a_missing_sdk_is_told_with_what_installs_it(desk: Desk, monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    adapter = desk.adapter()
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(VendorAway, match=r"pip install 'studio-pipeline\[minds\]'") as away:
        adapter.submit(desk.question(), client_tag=TAG)
    assert away.value.retry_after_s is None
    assert adapter.quote(desk.question()).max_usd > 0


def test_what_it_lacks_is_told_like_that_of_any_other_vendor() -> None:
    assert "ANTHROPIC_API_KEY" in factory.lacks("anthropic", {})
    assert factory.lacks("anthropic", {"ANTHROPIC_API_KEY": "x"}) == ""
    assert factory.lacks("rules", {}) == ""
    assert factory.lacks("openai-chat", {"OPENAI_CHAT_MODEL": "x", "OPENAI_CHAT_PRICE": "0,0"}) == ""
    assert "needs OPENAI_CHAT_MODEL and OPENAI_CHAT_PRICE, which are not set" in factory.lacks("openai-chat", {})


def _ok(kind: str, body: bytes) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize(
    "answer",
    [
        _ok("text/html", b"<html></html>"),
        _ok("application/json", b'{"content":[]'),
        _ok("application/json", b'{"content":[],"usage":{"input_tokens":1}}'),
        _ok("application/json", b'{"content":[],"usage":{"input_tokens":1,"output_tokens":-1}}'),
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 408 Late\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nhalf",
    ],
    ids=[
        "a page",
        "half an object",
        "no usage",
        "less than nothing used",
        "a way elsewhere",
        "a 500",
        "a 408",
        "a broken line",
    ],
)
def test_an_answer_that_is_none_may_have_been_billed_and_is_asked_for_once(desk: Desk, answer: bytes) -> None:
    calls = 0
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            nonlocal calls
            while True:
                try:
                    line, _ = server.accept()
                except OSError:
                    return
                with line:
                    calls += 1
                    line.recv(1_000_000)
                    line.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        adapter: Claude = desk.elsewhere(f"http://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(NoAnswer):
            adapter.submit(desk.question(), client_tag=TAG)
        server.shutdown(socket.SHUT_RDWR)
    assert calls == 1
    assert adapter.kept(TAG) is None


def test_half_a_character_is_no_reason_to_lose_an_answer(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from studio_pipeline.fake_vendor.shapes import anthropic as shape

    monkeypatch.setattr(shape, "answer_for", lambda schema, asked: '{"title": "\ud83d')
    assert desk.said(desk.buy()).text.startswith('{"title": "')
