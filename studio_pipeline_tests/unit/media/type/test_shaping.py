"""Text is shaped and drawn by what the wheels bring, alike on every machine and in every thread."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageDraw

from studio_pipeline.media.type.shaping import Run, advance_px, draw_run, scripts
from studio_pipeline.media.type.typography import fit_text

TEXTS = ("AVATAR 42", "दीपस्तंभ की बत्ती", "انطفأ ضوء 42", "灯台の明かり")
DRAWN_WITHOUT_THE_SYSTEM = """
import hashlib, sys
from PIL import Image, ImageDraw, features
features.check = lambda feature: feature != "raqm"
sys.modules["PIL.ImageFont"] = None  # importing it fails
from studio_pipeline.media.type.typography import fit_text
picture = Image.new("RGB", (400, 200))
for row, text in enumerate({texts!r}):
    box = (0, 50 * row, 400, 50 * row + 50)
    fit_text(ImageDraw.Draw(picture), text, box, max_px=30, min_px=30, fill=(255, 200, 90))
maps = open("/proc/self/maps").read() if sys.platform == "linux" else ""
print(hashlib.sha256(picture.tobytes()).hexdigest(), "fribidi" in maps)
"""


def ink(run: Run, at: tuple[float, int] = (10, 40), size_px: int = 32) -> np.ndarray:
    picture = Image.new("L", (300, 60), 0)
    draw_run(ImageDraw.Draw(picture), at, run, size_px, 255)
    return np.asarray(picture, float)


def latin(text: str, weight: int = 400) -> Run:
    return Run(text, "sans", weight, 0, "Latn")


@pytest.mark.parametrize("language", ["C", "ja_JP.UTF-8"])
def test_every_script_is_drawn_without_pillows_fonts_or_a_library_of_the_system(language: str) -> None:
    command = [sys.executable, "-c", DRAWN_WITHOUT_THE_SYSTEM.format(texts=TEXTS)]
    told = subprocess.run(
        command, check=True, capture_output=True, text=True, env={"LC_ALL": language, "PYTHONUTF8": "1"}
    )
    digest, asked = told.stdout.split()
    here = Image.new("RGB", (400, 200))
    for row, text in enumerate(TEXTS):
        box = (0, 50 * row, 400, 50 * row + 50)
        fit_text(ImageDraw.Draw(here), text, box, max_px=30, min_px=30, fill=(255, 200, 90))
        assert np.asarray(here)[50 * row : 50 * row + 50].max() > 200
    assert asked == "False"
    assert digest == hashlib.sha256(here.tobytes()).hexdigest()


def test_threads_draw_what_one_alone_draws() -> None:
    def drawn(number: int) -> bytes:
        picture = Image.new("RGB", (300, 60))
        weight = (400, 600, 700)[number % 3]
        text = f"{number} {TEXTS[number % 4]}"
        draw = ImageDraw.Draw(picture)
        fit_text(draw, text, (0, 0, 300, 60), max_px=36 - number % 9, min_px=9, fill=(255, 255, 255), weight=weight)
        return picture.tobytes()

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            together = list(threads.map(drawn, range(160)))
    finally:
        sys.setswitchinterval(interval)
    assert together == [drawn(number) for number in range(160)]


def test_letters_are_kerned_and_stand_on_the_baseline_at_their_left_end() -> None:
    assert advance_px(latin("AV"), 40) < advance_px(latin("A"), 40) + advance_px(latin("V"), 40) - 1
    found = ink(latin("H"))
    rows, columns = np.nonzero(found > 128)
    assert rows.max() == 39
    assert 10 < columns.min() < 16


def test_letters_stand_between_pixels() -> None:
    def middle(x: float) -> float:
        found = ink(latin("l"), (x, 40)).sum(axis=0)
        return float((found * np.arange(300)).sum() / found.sum())

    assert middle(10.5) - middle(10) == pytest.approx(0.5, abs=0.06)


def test_heavier_weights_lay_down_more_ink() -> None:
    assert ink(latin("film", 400)).sum() < ink(latin("film", 600)).sum() < ink(latin("film", 700)).sum()


def test_a_see_through_colour_lets_the_picture_through_where_letters_overlap_too() -> None:
    """Arabic letters overlap where they join; a seam there would be darker than the fill."""
    picture = Image.new("RGBA", (300, 60), (0, 0, 0, 0))
    run = Run("ضوءسلام", "arabic", 700, 1, "Arab")
    draw_run(ImageDraw.Draw(picture), (10, 40), run, 32, (255, 255, 255, 128))
    assert np.asarray(picture)[..., 3].max() == 128


def test_text_beyond_the_picture_is_cut_off_at_its_edge() -> None:
    assert ink(latin("wide " * 40), (-50, 40)).max() > 200
    assert ink(latin("gone"), (-500, 40)).max() == 0
    assert ink(latin("   ")).max() == 0


def test_signs_and_digits_go_with_the_script_before_them_or_at_the_start_with_the_next() -> None:
    assert scripts("S03 · क्ष!") == ["Latn"] * 6 + ["Deva"] * 4
    assert scripts("«42» ضوء") == ["Arab"] * 8
    assert scripts("42") == ["Zyyy"] * 2
