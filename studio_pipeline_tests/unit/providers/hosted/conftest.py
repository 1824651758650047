"""What tests of adapters stand on: a line whose other end is in the test, and a store for first frames."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from studio_pipeline.media.store import MediaStore
from studio_pipeline.providers.hosted import api
from studio_pipeline_tests.backlot.line import Line


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    made = Line()
    client = httpx.Client(transport=httpx.MockTransport(made))
    monkeypatch.setattr(api.Api, "_client", lambda _self: client)
    yield made
    client.close()


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "media")
