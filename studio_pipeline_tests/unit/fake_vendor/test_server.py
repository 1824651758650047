"""The server keeps to this machine, survives any body, and can be turned while it runs."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from studio_pipeline.errors import BadInput
from studio_pipeline.fake_vendor.server import MOST_BYTES, FakeVendor
from studio_pipeline.fake_vendor.shapes import shapes
from studio_pipeline.settings import ASSETS_DIR

RUNWAY = {"Authorization": "Bearer any", "X-Runway-Version": "2024-11-06"}
CLIP = {"model": "gen4.5", "promptText": "sea", "ratio": "1280:720", "duration": 2}


@pytest.fixture
def fake() -> Iterator[FakeVendor]:
    with FakeVendor() as running:
        yield running


def order(fake: FakeVendor) -> httpx.Response:
    return httpx.post(fake.url("runway") + "/v1/text_to_video", headers=RUNWAY, json=CLIP)


def test_the_meter_and_the_knobs_are_there_for_anybody(fake: FakeVendor) -> None:
    assert order(fake).status_code == 200
    told = httpx.get(fake.address + "/meter").json()
    assert told["billed_usd"] == told["vendors"]["runway"]["billed_usd"] == "0.24"
    assert [job["state"] for job in told["jobs"]] == ["succeeded"]

    assert httpx.put(fake.address + "/faults", json={"overloaded": 1, "retry_after_s": 9}).json()["overloaded"] == 1
    refused = order(fake)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "9")
    httpx.put(fake.address + "/faults", json={"overloaded": 0})
    httpx.put(fake.address + "/plan", json={"next": [None, "error_after_accepting"]})
    assert [order(fake).status_code for _ in range(3)] == [200, 500, 200]
    assert httpx.get(fake.address + "/meter").json()["billed_usd"] == "0.96"

    assert httpx.post(fake.address + "/reset").json()["billed_usd"] == "0"
    assert fake.meter.total_usd == Decimal(0)


@pytest.mark.parametrize(("path", "body"), [("/faults", {"dropt": 1}), ("/plan", {"next": ["dropt"]}), ("/plan", {})])
def test_knobs_that_there_are_not_are_told(fake: FakeVendor, path: str, body: dict[str, object]) -> None:
    told = httpx.put(fake.address + path, json=body)
    assert told.status_code == 400
    assert "dropped" in told.text


def test_a_dropped_line_ends_without_an_answer_and_bills(fake: FakeVendor) -> None:
    fake.engine.plan("dropped")
    with pytest.raises(httpx.RemoteProtocolError):
        order(fake)
    assert fake.meter.total_usd == Decimal("0.24")


def test_it_is_reached_from_this_machine_only(fake: FakeVendor) -> None:
    assert fake.address.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'{"model": 3}'])
@pytest.mark.parametrize("name", sorted(shapes()))
def test_no_body_breaks_a_shape(fake: FakeVendor, name: str, body: bytes) -> None:
    headers = {"authorization": "Bearer any", "x-api-key": "any", "xi-api-key": "any", "x-goog-api-key": "any"}
    headers |= {"anthropic-version": "1", "X-Runway-Version": "2024-11-06", "content-type": "application/json"}
    paths = ("/v1/messages", "/v1/text_to_video", "/v1/videos", "/v1/../..", "/%00", "/fal-ai/pika/v2.2/text-to-video")
    with httpx.Client() as client:
        told = [client.post(fake.url(name) + path, headers=headers, content=body).status_code for path in paths]
    assert [status for status in told if not 400 <= status < 500] == []
    assert fake.meter.total_usd == 0


def test_a_body_without_end_is_not_read(fake: FakeVendor) -> None:
    host, port = fake.address.removeprefix("http://").split(":")
    for head, status in (
        (f"Content-Length: {MOST_BYTES + 1}", b"413"),
        ("Transfer-Encoding: chunked", b"411"),
        ("Content-Length: -5", b"411"),
    ):
        with socket.create_connection((host, int(port)), timeout=5) as line:
            line.sendall(f"POST /runway/v1/text_to_video HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n".encode())
            assert status in line.recv(100)


def test_a_port_that_is_taken_is_told_in_words(fake: FakeVendor) -> None:
    with pytest.raises(BadInput, match="--port"):
        FakeVendor(port=int(fake.address.rpartition(":")[2]))


def test_every_shape_says_which_variables_lead_to_it(fake: FakeVendor) -> None:
    environ = fake.environ()
    assert {fake.url(name) for name in shapes()} <= set(environ.values())
    assert len(environ) == sum(1 + len(shape.KEYS) for shape in shapes().values())


def test_no_shape_reads_the_studios_own_prices() -> None:
    folder = ASSETS_DIR.parent / "studio_pipeline" / "fake_vendor"
    sources = [path.read_text() for path in Path(folder).rglob("*.py")]
    assert len(sources) > 10
    assert [text for text in sources if "rate_card.yaml" in text or "ASSETS_DIR" in text] == []
