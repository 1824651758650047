"""Captions with a look: the ``.ass`` file that is drawn into the picture, or shown by players that know it.

What lives here: the style (sizes follow the picture), where each line stands, a font for each script, and text that
stays text. What does not: when a cue is shown (``cues.py``) and drawing it (ffmpeg's ``ass`` filter, in the filter
graph, with ``fonts.lay_out_fonts`` as its ``fontsdir``).

A stranger's text never becomes an override: the three characters that make one are written in their full-width forms.

Every line is an event of its own, placed by its baseline, for fonts differ in height and libass would set lines of
Arabic two ems apart.

Arabic, with Latin in it too, is written as it is read, and whoever draws it orders its directions. Where a line of two
directions needs several fonts, its runs are written in the order in which they are seen: libass sets runs of several
fonts from left to right and orders directions only inside each, as the first program for such files did.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from studio_pipeline.media.captions.cues import Cue
from studio_pipeline.media.type.bidi import as_seen, levels, reads_right_to_left
from studio_pipeline.media.type.fonts import FontName, can_write, family, font_for, windows_extent
from studio_pipeline.media.type.typography import text_width, writable
from studio_pipeline.whole_file import disk_errors_told, write_whole

EM = 1 / 18
"""Of the letters, as a share of the picture's shorter side: 40 px at 720p, where 42 columns take two thirds of the
width."""
SAFE_WIDTH = 0.9
"""Text keeps inside so much of the width (EBU R 95, graphics safe area)."""
FOOT, UPRIGHT_FOOT = 0.09, 0.18
"""How far above the lower edge the last line stands, as a share of the height. What phone apps lay over the foot of an
upright picture takes about a sixth of it."""

STYLE_FORMAT = (
    "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, "
    "Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, "
    "MarginV, Encoding"
)
EVENT_FORMAT = "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text"

_FULL_WIDTH = str.maketrans("{}\\", "｛｝＼")
_AS_READ, _FROM_LEFT = "Caption", "Mixed"
"""Styles that differ in one thing, the direction of a line: that of its first letter (libass reads encoding -1 so), or
from the left, where we have ordered the runs ourselves."""
_RIGHT_TO_LEFT_MARK = "\u200f"


class _Run(NamedTuple):
    text: str
    font: FontName
    level: int
    """Of embedding, as in ``bidi``."""


def write_ass(cues: Sequence[Cue], path: Path, *, size: tuple[int, int], language: str = "") -> int:
    """Write ``cues`` to ``path`` as ``ass_of`` puts them, in UTF-8.

    Returns:
        How many characters no packaged font can write; they are left out.
    """
    text, dropped = ass_of(cues, size=size, language=language)
    with disk_errors_told(path, "The captions"):
        write_whole(path, text)
    return dropped


def ass_of(cues: Sequence[Cue], *, size: tuple[int, int], language: str = "") -> tuple[str, int]:
    """``cues`` for a picture of ``size`` as Advanced SubStation Alpha, and how many characters of them no packaged font
    can write; they are left out.

    Args:
        language: of the text (BCP 47), for the shapes that Chinese and Japanese do not share.
    """
    clean = [[writable(line.translate(_FULL_WIDTH)) for line in cue.lines] for cue in cues]
    em = _em_px([line for lines in clean for line, _ in lines], size)
    rows = [
        f"Dialogue: 0,{_clock(cue.start_s)},{_clock(cue.end_s)},{style},,0,0,0,,{text}"
        for cue, lines in zip(cues, clean, strict=True)
        for style, text in _placed([line for line, _ in lines if line], em, size)
    ]
    text = "\n".join([_head(size, em, language), *rows, ""])
    return text, sum(dropped for lines in clean for _, dropped in lines)


def _em_px(lines: Sequence[str], size: tuple[int, int]) -> float:
    """One size for the whole film: smaller than ``EM`` only where its widest line would not fit."""
    widest = max((text_width(line, 100) / 100 for line in set(lines)), default=0.0)
    em = min(size) * EM
    return round(min(em, SAFE_WIDTH * size[0] / widest) if widest else em, 2)


def _head(size: tuple[int, int], em: float, language: str) -> str:
    width, height = size
    bare = language.replace("-", "")
    said = f"\nLanguage: {language}" if bare.isascii() and bare.isalnum() else ""
    style = (
        f"{family('sans')},{em * sum(windows_extent('sans')):.2f},&H00F4F6F6,&H00F4F6F6,&H00101010,&H70000000,"
        f"0,0,0,0,100,100,0,0,1,{em * 0.075:.2f},{em * 0.03:.2f},2,0,0,0"
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
Kerning: yes
YCbCr Matrix: TV.709{said}

[V4+ Styles]
{STYLE_FORMAT}
Style: {_AS_READ},{style},-1
Style: {_FROM_LEFT},{style},1

[Events]
{EVENT_FORMAT}"""


def _placed(lines: Sequence[str], em: float, size: tuple[int, int]) -> Iterator[tuple[str, str]]:
    """The style and text of a cue's lines, each in its place: the last one's baseline ``FOOT`` above the lower edge."""
    width, height = size
    runs = [_runs(line) for line in lines]
    tall = any(run.font in ("devanagari", "arabic") or _marked(run.text) for line in runs for run in line)
    pitch = em * (1.5 if tall else 1.32)
    last = height * (1 - (UPRIGHT_FOOT if height > width else FOOT))
    for above, line in zip(range(len(runs) - 1, -1, -1), runs, strict=True):
        below = em * max(windows_extent(run.font)[1] for run in line)
        place = rf"{{\pos({width / 2:g},{last - above * pitch + below:.2f})}}"
        yield (_FROM_LEFT, place + _text(_ordered(line), em)) if _mixed(line) else (_AS_READ, place + _text(line, em))


def _marked(text: str) -> bool:
    """Whether marks stand above or below letters, so that lines need more room."""
    return any(unicodedata.category(char) in ("Mn", "Mc") for char in text)


def styled(line: str, em: float) -> str:
    """``line`` as text of an event: in the packaged fonts that write it, at ``em`` pixels, whatever it holds; for a
    style that reads from the left, where it does not matter in which direction the line begins."""
    clean, _ = writable(line.translate(_FULL_WIDTH))
    runs = _runs(clean)
    return _text(_ordered(runs) if _mixed(runs) else runs, em)


def _mixed(runs: Sequence[_Run]) -> bool:
    """Whether runs of several fonts do not all read from the left."""
    return len(runs) > 1 and any(run.level for run in runs)


def _text(runs: Iterable[_Run], em: float) -> str:
    # Neighbours of one font would be one run to libass; a hundredth of a pixel tells them apart.
    return "".join(
        rf"{{\fn{family(run.font)}\fs{em * sum(windows_extent(run.font)) + place % 2 / 100:.2f}}}{run.text}"
        for place, run in enumerate(runs)
    )


def _runs(line: str) -> list[_Run]:
    """``line`` in runs of one font and direction; all of it is one where it is Arabic, whose font writes Latin too."""
    own = levels(line, reads_right_to_left(line))
    if any(own) and all(can_write("arabic", char) for char in line):
        return [_Run(line, "arabic", 0)]
    names: list[FontName] = []
    for char in line:
        if names and not char.isalnum() and can_write(names[-1], char):
            names.append(names[-1])  # signs and marks go with the letter before them
        else:
            names.append(font_for(char, "sans") or "sans")
    marked = zip(names, own, line, strict=True)
    return [
        _Run("".join(char for *_, char in piece), name, level)
        for (name, level), piece in groupby(marked, key=lambda mark: mark[:2])
    ]


def _ordered(runs: Sequence[_Run]) -> Iterator[_Run]:
    """``runs`` as they stand from left to right; a mark at both ends makes signs read from the right, too. White space
    at an end is a run of its own, for libass has it read from the left."""
    for place in as_seen([run.level for run in runs]):
        run = runs[place]
        if run.level % 2 == 0:
            yield run
            continue
        core = run.text.strip()
        space = run._replace(text=" ")
        if run.text.endswith(" "):
            yield space
        if core:
            yield run._replace(text=f"{_RIGHT_TO_LEFT_MARK}{core}{_RIGHT_TO_LEFT_MARK}")
        if core and run.text.startswith(" "):
            yield space


def _clock(seconds: float) -> str:
    """Hundredths, rounded down at both ends, so that cues that do not touch never do."""
    hundredths = round(seconds * 1000) // 10
    whole = hundredths // 100
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}.{hundredths % 100:02d}"
