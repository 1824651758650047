"""Text is written in its own script, shaped and ordered as it is read, and says when it did not fit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from studio_pipeline.media.type.fonts import font, font_for
from studio_pipeline.media.type.typography import Fit, fit_text, font_files, measure_text, text_width, writable

SCRIPTS = {
    "latin": "The lamp goes dark — déjà vu",
    "greek": "Το φως σβήνει",
    "cyrillic": "Маяк гаснет",
    "devanagari": "दीपस्तंभ की बत्ती क्षण में बुझती है",
    "arabic": "انطفأ ضوء المنارة",
    "japanese": "灯台の明かりが消える。",
    "korean": "등대의 불이 꺼진다",
    "chinese": "灯塔熄灭了",
}


def drawn(text: str, size: tuple[int, int] = (400, 80), **how: int) -> tuple[np.ndarray, Fit]:
    picture = Image.new("L", size, 0)
    fit = fit_text(
        ImageDraw.Draw(picture),
        text,
        (0, 0, *size),
        max_px=how.get("max_px", 28),
        min_px=how.get("min_px", 12),
        fill=255,
    )
    return np.asarray(picture), fit


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_letter_of_every_script_has_its_own_glyph(script: str) -> None:
    text = SCRIPTS[script]
    assert writable(text) == (text, 0)
    for char in set(text) - {" "}:
        name = font_for(char, "sans")
        assert name is not None
        assert font(name).get_nominal_glyph(ord(char))
    assert drawn(text)[0].max() > 200


def test_arabic_letters_join() -> None:
    joined = text_width("ضوء", 40)
    apart = sum(text_width(letter, 40) for letter in "ضوء")
    assert joined < apart - 3


def test_devanagari_letters_join_into_conjuncts() -> None:
    assert text_width("क्ष", 40) < text_width("क", 40) + text_width("ष", 40) - 3


def test_conjuncts_join_after_latin_words_too() -> None:
    """One font writes both scripts, and each is shaped by its own rules."""
    assert text_width("Mira—क्ष", 40) - text_width("Mira—", 40) == pytest.approx(text_width("क्ष", 40), abs=0.1)


def test_digits_in_arabic_read_from_the_left() -> None:
    """The number stands alone at the left end of the line, and looks as it does in an English one."""
    left = round(400 - text_width("ضوء 42", 28))
    wide = round(text_width("42", 28))
    found, alone = (ink.astype(int) for ink in (drawn("ضوء 42")[0][:, left : left + wide], drawn("42")[0][:, :wide]))
    assert np.abs(found - alone).sum() < 0.5 * alone.sum()
    assert np.abs(found - alone[:, ::-1]).sum() > 0.8 * alone.sum()


def test_a_right_to_left_paragraph_starts_at_the_right_and_others_at_the_left() -> None:
    right, left = drawn(SCRIPTS["arabic"])[0], drawn(SCRIPTS["latin"])[0]
    assert right[:, 380:].max() > 0
    assert right[:, :20].max() == 0
    assert left[:, :20].max() > 0


def test_numbers_and_latin_words_keep_their_place_in_arabic() -> None:
    """Read from the right: the Arabic word first, so it lies right of the Latin one."""
    alone = text_width("ضوء", 28)
    ink = drawn("ضوء Mira")[0]
    arabic_part = ink[:, round(400 - alone) :]
    assert (drawn("ضوء")[0][:, round(400 - alone) :] == arabic_part).mean() > 0.97


def test_japanese_breaks_without_spaces_and_no_line_starts_with_a_full_stop() -> None:
    fit = measure_text("灯台の明かりが消える。" * 6, (200, 400), max_px=20, min_px=20)
    assert len(fit.lines) > 5
    assert fit.width_px <= 200
    assert not any(line.startswith(("。", "、")) for line in fit.lines)
    assert "".join(fit.lines) == "灯台の明かりが消える。" * 6


def test_long_text_shrinks_first_and_is_cut_last() -> None:
    short, longer, too_long = (measure_text("word " * count, (300, 80), max_px=40, min_px=14) for count in (2, 20, 400))
    assert (short.size_px, short.cut) == (40, False)
    assert longer.size_px < 40
    assert not longer.cut
    assert (too_long.size_px, too_long.cut) == (14, True)
    assert too_long.lines[-1].endswith("…")
    assert too_long.width_px <= 300


def test_emoji_and_scripts_without_a_font_are_left_out_and_counted() -> None:
    assert writable("go 🎬 now ไทย") == ("go now", 4)
    assert drawn("🎬😀")[0].max() == 0


def test_marks_that_reorder_or_hide_text_are_gone() -> None:
    assert writable("a\u202egnp.exe\u0000\u0007 \u2066b\ufeff") == ("agnp.exe b", 0)


def test_a_single_endless_word_is_broken_inside_its_box() -> None:
    picture = Image.new("L", (300, 60), 0)
    fit = fit_text(ImageDraw.Draw(picture), "x" * 5000, (0, 0, 200, 60), max_px=20, min_px=12, fill=255)
    assert fit.cut
    assert np.asarray(picture)[:, 200:].max() == 0


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
def test_no_text_breaks_the_typesetter_or_leaves_its_box(text: str) -> None:
    _, fit = drawn(text, (160, 60), max_px=20, min_px=14)
    assert fit.width_px <= 160


def test_all_packaged_fonts_are_there() -> None:
    assert all(path.is_file() and path.suffix in (".ttf", ".otf") for path in font_files())
    assert len(font_files()) == 5
