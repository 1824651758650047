"""What the packaged fonts need of the machine, and how its absence is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PIL import features

from studio_pipeline.cli.examination import _fonts
from studio_pipeline.errors import ProviderFailed
from studio_pipeline.media.fonts import font
from studio_pipeline.media.typography import text_width


@pytest.fixture
def no_fribidi(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine on which Pillow finds no FriBiDi."""
    monkeypatch.setattr(features, "check", lambda feature: feature != "raqm")
    font.cache_clear()
    yield
    font.cache_clear()


@pytest.mark.usefixtures("no_fribidi")
def test_a_machine_that_cannot_shape_text_is_told_what_to_install() -> None:
    with pytest.raises(ProviderFailed, match=r"no FriBiDi.*libfribidi0"):
        text_width("lamp", 20)


@pytest.mark.usefixtures("no_fribidi")
def test_the_doctor_finds_it() -> None:
    found = _fonts()
    assert (found.state, "libfribidi0" in found.todo) == ("fail", True)


def test_every_packaged_font_opens() -> None:
    assert all(font(name, 20).getlength("1") > 0 for name in ("sans", "serif", "devanagari", "arabic", "cjk"))
