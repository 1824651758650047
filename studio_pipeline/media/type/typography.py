"""Text on pictures in any script the packaged fonts write: a font per run, lines broken, shrunk and cut to fit.

Right-to-left paragraphs start at the right. Characters no font can write are left out, never drawn as boxes, and the
result says so. Text is only ever drawn: it becomes no path, no filter argument and no markup.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, TypeAlias

from PIL import ImageDraw

from studio_pipeline.media.type.bidi import as_seen, levels, reads_right_to_left
from studio_pipeline.media.type.fonts import Face, FontName, can_write, font_files, font_for
from studio_pipeline.media.type.shaping import Fill, Run, advance_px, draw_run, scripts

__all__ = ["Fit", "fit_text", "font_files", "measure_text", "text_width", "writable"]

Align: TypeAlias = Literal["start", "centre"]
_LONGEST = 4000
"""Characters looked at; no picture has room for more."""
_NOT_FIRST = set("、。，．,.!?！？：；:;)]}）］｝」』】〉》〕’”…ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ々।॥،؟")
_NOT_LAST = set("([{（［｛「『【〈《〔‘“")
_JOINERS = {"\u200c", "\u200d"}
_VIRAMA = {"\u094d"}


@dataclass(frozen=True)
class Fit:
    """How a text went into its box: at which size, on how many lines, and what was lost.

    ``cut`` means that it ended in an ellipsis; ``dropped`` counts characters that no packaged font can write.
    """

    size_px: int
    lines: tuple[str, ...]
    cut: bool
    dropped: int
    width_px: int
    height_px: int
    right_to_left: bool
    """Whether the text begins at the right; what is drawn beside it belongs on that side."""


def fit_text(
    draw: ImageDraw.ImageDraw,
    text: str,
    box: tuple[int, int, int, int],
    *,
    max_px: int,
    min_px: int,
    fill: Fill,
    face: Face = "sans",
    weight: int = 400,
    align: Align = "start",
    max_lines: int | None = None,
) -> Fit:
    """Write ``text`` into ``box`` (left, top, right, bottom) as large as fits between ``max_px`` and ``min_px``.

    Text that does not fit at ``min_px`` ends in an ellipsis.
    """
    left, top, right, bottom = box
    fit = measure_text(
        text, (right - left, bottom - top), max_px=max_px, min_px=min_px, face=face, weight=weight, max_lines=max_lines
    )
    reads_left = reads_right_to_left(" ".join(fit.lines))
    pitch = _pitch(fit.lines, face, fit.size_px)
    for number, line in enumerate(fit.lines):
        runs = _runs(line, face, weight, reads_left)
        width = _width(runs, fit.size_px)
        x = left + (right - left - width) / 2 if align == "centre" else (right - width if reads_left else left)
        baseline = top + number * pitch + round(fit.size_px * 1.02)
        for place in as_seen([run.level for run in runs]):
            draw_run(draw, (x, baseline), runs[place], fit.size_px, fill)
            x += advance_px(runs[place], fit.size_px)
    return fit


def measure_text(
    text: str,
    size: tuple[int, int],
    *,
    max_px: int,
    min_px: int,
    face: Face = "sans",
    weight: int = 400,
    max_lines: int | None = None,
) -> Fit:
    """How ``text`` would go into a box of ``size`` (width, height), without drawing it. See ``Fit.cut``."""
    clean, dropped = writable(text, face)
    reads_left = reads_right_to_left(clean)
    chunks = list(_chunks(clean))
    lines: list[str] = []
    px = max_px
    while True:
        pitch = _pitch([clean], face, px)
        room = max(1, int((size[1] - px * 0.28) // pitch) if size[1] < pitch * 1.28 else int(size[1] // pitch))
        room = min(room, max_lines or room)
        lines = _broken(chunks, size[0], px, face, weight, reads_left)
        if len(lines) <= room and _widest(lines, face, px, weight, reads_left) <= size[0]:
            break
        if px <= min_px:
            lines, px = _ellipsized(lines, room, size[0], px, face, weight, reads_left), -px
            break
        px = max(min_px, int(px * 0.94))
    cut, px = px < 0, abs(px)
    width = _widest(lines, face, px, weight, reads_left)
    return Fit(px, tuple(lines), cut, dropped, round(width), round(len(lines) * _pitch(lines, face, px)), reads_left)


def text_width(text: str, size_px: int, *, face: Face = "sans", weight: int = 400) -> float:
    """Width in pixels of ``text`` on one line."""
    clean, _ = writable(text, face)
    return _width(_runs(clean, face, weight, reads_right_to_left(clean)), size_px)


def writable(text: str, face: Face = "sans") -> tuple[str, int]:
    """``text`` on one line as the fonts can write it, and how many characters had to be left out.

    White space is single; control characters and invisible marks that reorder text are gone, and are not counted.
    """
    kept, dropped = [], 0
    for char in unicodedata.normalize("NFC", text[:_LONGEST]):
        category = unicodedata.category(char)
        if char.isspace() or category == "Zs":
            kept.append(" ")
        elif char in _JOINERS:
            kept.append(char)
        elif category in ("Cc", "Cf", "Cs", "Co", "Cn") or 0xFE00 <= ord(char) <= 0xFE0F:
            continue
        elif font_for(char, face) is None:
            dropped += 1
        else:
            kept.append(char)
    return " ".join("".join(kept).split()), dropped


def _runs(line: str, face: Face, weight: int, reads_left: bool) -> list[Run]:
    """Pieces of one font, direction and script, in the order they are read. Signs between two letters go with the
    first."""
    names: list[FontName] = []
    for char in line:
        joiner = char in _JOINERS
        sign = unicodedata.bidirectional(char) not in ("L", "R", "AL") and not unicodedata.combining(char)
        if names and (joiner or (sign and can_write(names[-1], char))):
            names.append(names[-1])
        else:
            names.append(font_for(char, face) or face)
    marked = zip(names, levels(line, reads_left), scripts(line), line, strict=True)
    return [
        Run("".join(char for *_, char in piece), name, weight, level, script)
        for (name, level, script), piece in groupby(marked, key=lambda mark: mark[:3])
    ]


def _width(runs: list[Run], px: int) -> float:
    return sum(advance_px(run, px) for run in runs)


def _widest(lines: list[str], face: Face, px: int, weight: int, reads_left: bool) -> float:
    return max((_width(_runs(line, face, weight, reads_left), px) for line in lines), default=0.0)


def _pitch(lines: list[str] | tuple[str, ...], face: Face, px: int) -> int:
    """Distance of the baselines: scripts with marks above and below need more of it."""
    tall = any(font_for(char, face) in ("devanagari", "arabic") for line in lines for char in line)
    return round(px * (1.55 if tall else 1.32))


def _chunks(text: str) -> Iterator[str]:
    """Pieces a line may end after: words with their space, and single characters of scripts written without."""
    start = 0
    for here in range(1, len(text)):
        before, after = text[here - 1], text[here]
        wide = _is_wide(before) or _is_wide(after)
        if before == " " or (wide and after != " " and after not in _NOT_FIRST and before not in _NOT_LAST):
            yield text[start:here]
            start = here
    if text:
        yield text[start:]


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in ("W", "F")


def _clusters(text: str) -> list[str]:
    """Characters with the marks that belong to them, the least that may be cut off."""
    found: list[str] = []
    for char in text:
        joined = unicodedata.category(char).startswith("M") or char in _JOINERS
        if found and (joined or found[-1][-1] in _VIRAMA | _JOINERS):
            found[-1] += char
        else:
            found.append(char)
    return found


def _broken(chunks: list[str], width: int, px: int, face: Face, weight: int, reads_left: bool) -> list[str]:
    def measured(text: str) -> float:
        return _width(_runs(text, face, weight, reads_left), px)

    space = measured(" ")
    lines: list[str] = []
    line, used = "", 0.0
    for chunk in chunks:
        wide = measured(chunk)
        bare = wide - space if chunk.endswith(" ") else wide
        if line and used + bare > width:
            lines.append(line.rstrip())
            line, used = "", 0.0
        if bare > width:  # a single word wider than the box is cut between its characters
            *full, line = _split(chunk, width, measured)
            lines.extend(full)
            used = measured(line)
        else:
            line, used = line + chunk, used + wide
    return [*lines, line.rstrip()] if line.strip() else lines


def _split(word: str, width: int, measured: Callable[[str], float]) -> list[str]:
    lines, line = [], ""
    for cluster in _clusters(word):
        if line and measured(line + cluster) > width:
            lines.append(line)
            line = ""
        line += cluster
    return [*lines, line]


def _ellipsized(
    lines: list[str], room: int, width: int, px: int, face: Face, weight: int, reads_left: bool
) -> list[str]:
    kept = lines[:room]
    last = _clusters(kept[-1]) if kept else []
    while last and _width(_runs("".join(last).rstrip() + "…", face, weight, reads_left), px) > width:
        last.pop()
    return [*kept[:-1], "".join(last).rstrip(" ,.;:،、") + "…"]
