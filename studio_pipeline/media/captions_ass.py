"""Captions with a look: the ``.ass`` file that is drawn into the picture, or shown by players that know it.

What lives here: the style (sizes follow the picture), a font for each script, and text that stays text. What does not:
when a cue is shown (``captions.py``) and drawing it (ffmpeg's ``ass`` filter, in the filter graph).

Text of a stranger never becomes an override: the three characters that open one are drawn as their full-width forms.
A line that one packaged font can write is written in it as it is read, and whoever draws it orders its directions.
Where a line needs several, libass orders the directions of each run by itself (it does so for compatibility with the
first program that drew such files), so the runs stand in the order that comes out right after that.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from studio_pipeline.media.bidi import as_seen, levels, reads_right_to_left
from studio_pipeline.media.captions import Cue
from studio_pipeline.media.fonts import FontName, can_write, family, font_for, windows_height
from studio_pipeline.media.typography import text_width, writable
from studio_pipeline.whole_file import disk_errors_told, write_whole

LETTERS = 1 / 18
"""An em, as a share of the picture's shorter side: 40 px at 720p, where 42 columns take two thirds of the width."""
SAFE_WIDTH = 0.9
"""Text keeps inside so much of the width (EBU R 95: graphics safe area)."""

_FULL_WIDTH = str.maketrans("{}\\", "｛｝＼")
_FONTS: tuple[FontName, ...] = ("sans", "devanagari", "arabic", "cjk")
_RTL, _LTR = "\u200f", "\u200e"


class _Run(NamedTuple):
    text: str
    font: FontName
    level: int


def write_ass(cues: Sequence[Cue], path: Path, *, size: tuple[int, int], language: str = "") -> int:
    """Write ``cues`` for a picture of ``size`` as Advanced SubStation Alpha, UTF-8.

    Args:
        language: of the text (BCP 47), for the shapes that Chinese and Japanese do not share.

    Returns:
        How many characters no packaged font can write; they are left out.
    """
    clean = [[writable(line.translate(_FULL_WIDTH)) for line in cue.lines] for cue in cues]
    em = _em_px([line for lines in clean for line, _ in lines], size)
    rows = [
        f"Dialogue: 0,{_clock(cue.start_s)},{_clock(cue.end_s)},Caption,,0,0,0,,{_text(lines, em)}"
        for cue, lines in zip(cues, ([line for line, _ in lines if line] for lines in clean), strict=True)
        if lines
    ]
    with disk_errors_told(path, "The captions"):
        write_whole(path, "\n".join([_head(size, em, language), *rows, ""]))
    return sum(dropped for lines in clean for _, dropped in lines)


def _em_px(lines: Sequence[str], size: tuple[int, int]) -> float:
    """One size for the whole film: smaller than ``LETTERS`` only where its widest line would not fit."""
    em = min(size) * LETTERS
    widest = max((text_width(line, 100) / 100 for line in set(lines)), default=0.0)
    return round(min(em, SAFE_WIDTH * size[0] / widest) if widest else em, 1)


def _head(size: tuple[int, int], em: float, language: str) -> str:
    width, height = size
    # What phone apps lay over the foot of an upright picture begins at about a sixth of its height.
    foot = round(height * (0.16 if height > width else 0.07))
    side = round(width * (1 - SAFE_WIDTH) / 2)
    plain = language if language.replace("-", "").isascii() and language.replace("-", "").isalnum() else ""
    said = f"\nLanguage: {plain}" if plain else ""
    style = (
        f"Caption,{family('sans')},{em * windows_height('sans'):.1f},&H00F4F6F6,&H00F4F6F6,&H00101010,&H70000000,"
        f"0,0,0,0,100,100,0,0,1,{em * 0.075:.2f},{em * 0.03:.2f},2,{side},{side},{foot},-1"
    )
    return f"""\
[Script Info]
ScriptType: v4.00+
PlayResX: {width}
PlayResY: {height}
LayoutResX: {width}
LayoutResY: {height}
WrapStyle: 2
ScaledBorderAndShadow: yes
YCbCr Matrix: TV.709{said}

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, \
Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, \
MarginV, Encoding
Style: {style}

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text"""


def _text(lines: Sequence[str], em: float) -> str:
    return r"\N".join(_line(line, em) for line in lines)


def _line(line: str, em: float) -> str:
    runs = _runs(line)
    if len(runs) > 1 and any(run.level for run in runs):
        runs = _ordered(runs)
    return "".join(_font(run.font, em) + run.text for run in runs)


def _font(name: FontName, em: float) -> str:
    return rf"{{\fn{family(name)}\fs{em * windows_height(name):.1f}}}"


def _runs(line: str) -> list[_Run]:
    """``line`` in as few fonts as can write it. Runs of several fonts are of one direction each."""
    whole = next((name for name in _fitting(line) if all(can_write(name, char) for char in line)), None)
    if whole is not None:
        return [_Run(line, whole, 0)]
    names: list[FontName] = []
    for char in line:
        strong = char.isalnum() or not names or not can_write(names[-1], char)
        names.append((font_for(char, "sans") or names[-1] if names else "sans") if strong else names[-1])
    marked = zip(names, levels(line, reads_right_to_left(line)), line, strict=True)
    return [
        _Run("".join(char for *_, char in piece), name, level)
        for (name, level), piece in groupby(marked, key=lambda mark: mark[:2])
    ]


def _fitting(line: str) -> Sequence[FontName]:
    """The fonts, those that a letter of ``line`` asks for first."""
    asked = [font_for(char, "sans") for char in line if char.isalpha()]
    return sorted(_FONTS, key=lambda name: -sum(other == name for other in asked if other != "sans"))


def _ordered(runs: list[_Run]) -> list[_Run]:
    """``runs`` in the order that is right once libass has turned around what reads from the right."""
    seen = [runs[place] for place in as_seen([run.level for run in runs])]
    # It sees a run of its own as of level 0 or 1. Turning the stretches of level 1 around twice leaves them be.
    marked = [run._replace(text=(_RTL if run.level % 2 else _LTR) + run.text, level=run.level % 2) for run in seen]
    return [marked[place] for place in as_seen([run.level for run in marked])]


def _clock(seconds: float) -> str:
    """Hundredths, rounded down at both ends, so that cues that do not touch never do."""
    hundredths = round(seconds * 1000) // 10
    whole = hundredths // 100
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}.{hundredths % 100:02d}"
