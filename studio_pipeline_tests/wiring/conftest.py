"""Fixtures of tests that step one asset or sensor of a real home: the tiny production, as people or minds left it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from studio_pipeline.fake_vendor.server import FakeVendor
from studio_pipeline.orchestration.resources import LanguageResource
from studio_pipeline_tests.backlot.lot import Lot, open_lot
from studio_pipeline_tests.backlot.studio import Studio


@pytest.fixture
def lot(fresh_copy: Callable[[], Studio]) -> Iterator[Lot]:
    """The tiny production, delivered, in a home that a test may change."""
    with open_lot(fresh_copy()) as opened:
        yield opened


@pytest.fixture
def claude_lot(fresh_copy: Callable[[], Studio], monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Lot, FakeVendor]]:
    """The same, delivered by rules; from now on Claude's stand-in thinks."""
    studio = fresh_copy()
    with FakeVendor() as fake:
        for name, value in fake.environ().items():
            monkeypatch.setenv(name, value)
        with open_lot(studio, language=LanguageResource(provider="anthropic", home=studio.home)) as opened:
            yield opened, fake
