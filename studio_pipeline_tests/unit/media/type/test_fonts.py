"""The packaged fonts open at their weights, and a damaged or missing one is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio_pipeline.cli.examination import _fonts
from studio_pipeline.errors import ProviderFailed
from studio_pipeline.media.type import fonts
from studio_pipeline.media.type.fonts import FONTS, font, font_file


@pytest.fixture
def sans(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A place that the sans font is taken from; at first nothing lies there."""
    place = tmp_path / "sans.ttf"
    real = font_file

    def forget() -> None:
        for known in (fonts.font, fonts._face):
            known.cache_clear()

    forget()
    monkeypatch.setattr(fonts, "font_file", lambda name: place if name == "sans" else real(name))
    yield place
    forget()


def test_every_packaged_font_opens_and_the_doctor_says_so() -> None:
    assert all(font(name).face.glyph_count > 100 for name in FONTS)
    assert (_fonts().state, _fonts().found) == ("ok", "5 packaged fonts")


def test_the_variable_fonts_have_their_weights() -> None:
    def width(name: fonts.FontName, weight: int) -> int:
        opened = font(name, weight)
        return opened.get_glyph_h_advance(opened.get_nominal_glyph(ord("m" if name != "arabic" else "ض")))

    for name in ("sans", "serif", "arabic"):
        assert width(name, 400) < width(name, 600) < width(name, 700)


def test_a_missing_font_is_named_by_the_error_and_by_the_doctor(sans: Path) -> None:
    with pytest.raises(ProviderFailed, match=r"“sans” cannot be opened.*sans\.ttf.*Install the font packages"):
        font("sans")
    assert (_fonts().state, "sans.ttf" in _fonts().found) == ("fail", True)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.99])
def test_a_font_that_was_cut_off_is_named_by_the_error_and_by_the_doctor(sans: Path, share: float) -> None:
    whole = font_file("sans").read_bytes()
    sans.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ProviderFailed, match=r"“sans” is damaged.*sans\.ttf"):
        font("sans")
    assert (_fonts().state, "damaged" in _fonts().found) == ("fail", True)


def test_what_is_no_font_is_told(sans: Path) -> None:
    sans.write_bytes(b"<html>not found</html>" * 400)
    with pytest.raises(ProviderFailed, match="damaged"):
        font("sans")
