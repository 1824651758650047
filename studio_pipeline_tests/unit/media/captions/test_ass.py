"""Captions with a look: text stays text, and what ffmpeg draws is what our own typography draws."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from studio_pipeline.media.captions.ass import write_ass
from studio_pipeline.media.captions.cues import Cue
from studio_pipeline.media.ffmpeg import as_argument, run_ffmpeg
from studio_pipeline.media.type.fonts import lay_out_fonts
from studio_pipeline.media.type.typography import fit_text

EM_PX = 40
"""Of captions at 720p."""
LINES = {
    "hindi": "प्रकाशस्तंभ की बत्ती बुझ गई। क्षत्रिय",
    "hindi_and_latin": "ज़िंदगी में श्रृंगार, Tara 2 किमी दूर",
    "arabic": "انطفأ المصباح، ولم يأتِ أحدٌ.",
    "arabic_and_latin": 'قالت Tara: "لماذا؟" (في 12 مايو)',
    "persian": "چراغ فانوس دریایی خاموش شد، می‌روم ۵ بار",
    "urdu": "لائٹ ہاؤس کی بتی بجھ گئی۔ ٹرین ڈبّے میں",
    "chinese": "灯塔的灯灭了，没有人来。",
    "japanese": "「ちょっと待って、ノート・ガギ」",
    "latin": "Żółć, Ångström, Đặng Thị — ¿qué?",
    "four_scripts": "Tara कहती है 灯塔 و المصباح 12 灯",
    "four_scripts_from_the_right": "قالت 灯塔 لماذا؟ ١٢ कहती (في) 12 مايو",
    "brackets_in_two_fonts": "قالت 灯塔 (لماذا). في!",
}


class Burnt(NamedTuple):
    picture: np.ndarray
    """Grey, 0 to 255; the captions' outlines are as black as the ground."""
    log: str


Burn = Callable[..., Burnt]


@pytest.fixture
def burn(tmp_path: Path) -> Burn:
    def burnt(
        *lines: str, size: tuple[int, int] = (1280, 720), language: str = "", shaping: str = "complex", font: str = ""
    ) -> Burnt:
        ass, png = tmp_path / "c.ass", tmp_path / "c.png"
        write_ass([Cue(start_s=0, end_s=1, lines=lines)], ass, size=size, language=language)
        if font:
            ass.write_text(re.sub(r"\\fn[A-Za-z ]+", rf"\\fn{font}", ass.read_text("utf-8")), "utf-8")
        lay_out_fonts(tmp_path / "fonts", ass.read_text("utf-8"))
        drawing = f"ass={ass}:fontsdir={tmp_path / 'fonts'}:shaping={shaping}"
        ground = f"color=black:size={size[0]}x{size[1]},format=gray"
        log = run_ffmpeg(["-f", "lavfi", "-i", ground, "-vf", drawing, "-frames:v", "1", as_argument(png)])
        return Burnt(np.asarray(Image.open(png).convert("L"), float), log)

    return burnt


def drawn(line: str) -> np.ndarray:
    """``line`` as ``typography`` draws it."""
    picture = Image.new("L", (1280, 120), 0)
    fit_text(ImageDraw.Draw(picture), line, (0, 20, 1280, 120), max_px=EM_PX, min_px=EM_PX, fill=255, align="centre")
    return np.asarray(picture, float)


def ink(picture: np.ndarray) -> np.ndarray:
    rows, columns = np.nonzero(picture > 100)
    return picture[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """Correlation of the ink of two pictures where they lie best on each other, within three pixels."""
    a, b = ink(one), ink(other)
    height, width = (max(sides) + 8 for sides in zip(a.shape, b.shape, strict=True))

    def laid(x: np.ndarray, dy: int, dx: int) -> np.ndarray:
        sheet = np.zeros((height, width))
        sheet[4 + dy : 4 + dy + x.shape[0], 4 + dx : 4 + dx + x.shape[1]] = x
        return sheet.ravel()

    still = laid(a, 0, 0)
    shifts = range(-3, 4)
    return max(float(np.corrcoef(still, laid(b, dy, dx))[0, 1]) for dy in shifts for dx in shifts)


@pytest.mark.parametrize("script", sorted(LINES))
def test_a_line_is_drawn_with_the_shapes_and_the_order_that_our_typography_gives_it(script, burn):
    burnt, ours = burn(LINES[script]), drawn(LINES[script])
    assert likeness(burnt.picture, ours) > 0.85
    assert ink(burnt.picture).shape[1] == pytest.approx(ink(ours).shape[1], rel=0.015)
    assert "lyph 0x" not in burnt.log  # a glyph that libass looked for elsewhere


@pytest.mark.parametrize("script", ["hindi", "arabic", "chinese", "japanese", "latin"])
def test_the_comparison_tells_a_wrong_font(script, burn):
    assert likeness(burn(LINES[script], font="Noto Serif").picture, drawn(LINES[script])) < 0.5


@pytest.mark.parametrize("script", ["arabic", "persian", "urdu", "hindi"])
def test_the_comparison_tells_letters_that_do_not_join(script, burn):
    apart = "\u200c".join(LINES[script].replace("\u200c", ""))
    assert likeness(burn(apart).picture, drawn(LINES[script])) < 0.5


def test_the_comparison_tells_unshaped_hindi(burn):
    assert likeness(burn(LINES["hindi"], shaping="simple").picture, drawn(LINES["hindi"])) < 0.5


def test_the_comparison_tells_runs_in_the_wrong_order(burn):
    line = LINES["four_scripts_from_the_right"]
    assert likeness(burn(" ".join(line.split()[::-1])).picture, drawn(line)) < 0.5


def test_chinese_has_its_own_shapes_of_shared_characters(burn):
    assert likeness(burn("骨直", language="zh").picture, burn("骨直", language="ja").picture) < 0.95


def baselines(picture: np.ndarray) -> list[int]:
    """The last row of ink of each line of capitals."""
    inked = np.any(picture > 100, axis=1).tolist()
    return [row for row in range(len(inked) - 1) if inked[row] and not inked[row + 1]]


@pytest.mark.parametrize(
    ("size", "from_below"), [((1280, 720), 0.09), ((3840, 2160), 0.09), ((720, 1280), 0.18), ((720, 720), 0.09)]
)
def test_lines_stand_where_they_should_in_every_picture(size, from_below, burn):
    picture = burn("THE LAMP", "WENT DARK", size=size).picture
    upper, lower = baselines(picture)
    em = min(size) / 18
    assert lower == pytest.approx(size[1] * (1 - from_below), abs=em / 15)
    assert lower - upper == pytest.approx(1.32 * em, abs=1.5)
    columns = np.nonzero(picture.max(axis=0) > 100)[0]
    assert columns[0] + columns[-1] == pytest.approx(size[0], abs=em / 8)


@pytest.mark.parametrize("line", ["W" * 42, "灯" * 21, "ﷺ" * 42])
@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (720, 720)])
def test_no_line_is_wider_than_the_safe_area(size, line, burn):
    columns = np.nonzero(burn(line, size=size).picture.max(axis=0) > 100)[0]
    assert columns[0] >= size[0] * 0.045
    assert columns[-1] <= size[0] * 0.955


_OURS = re.compile(r"\{\\pos\([0-9.]+,[0-9.]+\)\}|\{\\fn[A-Z][A-Za-z ]+\\fs[0-9.]+\}")


def texts(path: Path) -> list[str]:
    events = path.read_text(encoding="utf-8").split("\n[Events]\n")[1].removesuffix("\n").split("\n")[1:]
    assert all(event.startswith("Dialogue: 0,") for event in events)
    return [event.split(",", 9)[9] for event in events]


@given(st.lists(st.text(max_size=60) | st.text(alphabet="{}\\Nnhpa1 m,\n\u202e\u05d0", max_size=30), max_size=2))
def test_no_text_ever_becomes_an_override(tmp_path_factory, lines: Sequence[str]):
    path = tmp_path_factory.mktemp("ass") / "c.ass"
    write_ass([Cue(start_s=0, end_s=1, lines=tuple(lines))], path, size=(1280, 720))
    written = texts(path)
    assert len(written) <= len(lines)
    assert not any(set(_OURS.sub("", text)) & set("{}\\") for text in written)


def test_drawing_commands_are_shown_as_what_they_are(burn):
    hostile = r"{\p1}m 0 0 l 99 0 99 99{\p0} \N {\an8}"
    shown = burn(hostile).picture
    assert likeness(shown, drawn(hostile.translate(str.maketrans("{}\\", "｛｝＼")))) > 0.9
    assert len(baselines(shown[:560])) == 0


def test_what_no_font_can_write_is_left_out_and_counted(tmp_path):
    cue = Cue(start_s=0, end_s=1, lines=("Lamp \U0001f526", "\U0001f526"))
    assert write_ass([cue], tmp_path / "c.ass", size=(1280, 720)) == 2
    assert [_OURS.sub("", text) for text in texts(tmp_path / "c.ass")] == ["Lamp"]


def test_times_are_cut_to_hundredths_and_never_touch(tmp_path):
    cues = [Cue(start_s=0.009, end_s=3599.999, lines=("a",)), Cue(start_s=3600.083, end_s=3661.5, lines=("b",))]
    write_ass(cues, tmp_path / "c.ass", size=(1280, 720))
    written = (tmp_path / "c.ass").read_text()
    assert "0,0:00:00.00,0:59:59.99,Caption" in written
    assert "0,1:00:00.08,1:01:01.50,Caption" in written


def test_a_language_is_no_way_into_the_file(tmp_path):
    write_ass([], tmp_path / "c.ass", size=(1280, 720), language="zh\n[Events]\nDialogue: x")
    assert "Dialogue" not in (tmp_path / "c.ass").read_text()
