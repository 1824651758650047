"""The waveform: a picture of a film's sound, to see at a glance where it speaks, plays, rests and is cut.

Heights are decibels, so that music far below the words is still seen; the bright body is the level (RMS), the dim rim
around it the peaks. With stems the words stand in their own colour before the music. Drawing only; what the sound is,
is decided in ``mix.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from studio_pipeline.errors import BadInput
from studio_pipeline.media.contact_sheet import INK, PAPER, SOFT_INK
from studio_pipeline.media.sound.samples import read_blocks, wav_facts
from studio_pipeline.media.type.typography import fit_text, text_width

WORDS, MUSIC = (242, 178, 92), (74, 150, 170)
"""Colours of speech, and of music and everything else."""
FLOOR_DBFS = -60.0
"""What is quieter has no height."""

_HEAD_PX, _FOOT_PX, _SIDE_PX = 18, 18, 8
_TEXT_PX = 11
_GAP_PX = 8
_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
_RIM, _THROUGH = 0.38, 0.35


def waveform(
    wav: Path,
    into: Path,
    *,
    size: tuple[int, int] = (1280, 160),
    marks: Sequence[tuple[float, str]] = (),
    stems: Mapping[str, Path] | None = None,
) -> None:
    """Write a PNG of the sound in ``wav`` to ``into``. Equal sounds give equal bytes.

    Args:
        size: width and height in pixels, at least 200 × 80.
        marks: times in seconds and what stands there, as for cut points; a name that has no room is left out, its line
            is drawn. What lies outside the sound is passed over.
        stems: as ``mix`` hands them out; ``dialogue`` is drawn over ``music``.

    Raises:
        MediaDamaged: the sound cannot be read.
    """
    if size[0] < 200 or size[1] < 80:
        raise BadInput(f"A waveform cannot be {size[0]}×{size[1]} pixels", todo="Use at least 200×80.")
    width, height = size[0] - 2 * _SIDE_PX, size[1] - _HEAD_PX - _FOOT_PX
    facts = wav_facts(wav)
    length_s = facts.samples / facts.rate_hz
    layers = [(stems["music"], MUSIC), (stems["dialogue"], WORDS)] if stems else [(wav, MUSIC)]
    drawn = [(_columns(path, width), colour) for path, colour in layers]
    picture = np.full((height, width, 3), PAPER, np.float32)
    picture[height // 2 - (height % 2 == 0) : height // 2 + 1] += 10  # where silence lies
    for (peak, level), colour in drawn:
        _lay(picture, peak, colour, _RIM)
        _lay(picture, level, colour, 1.0)
    if stems:
        _lay(picture, drawn[0][0][1], MUSIC, _THROUGH)  # the music that steps back is seen through the words
    sheet = Image.new("RGB", size, PAPER)
    sheet.paste(Image.fromarray(np.rint(picture).astype(np.uint8)), (_SIDE_PX, _HEAD_PX))
    _write_times(sheet, length_s, width)
    _write_marks(sheet, length_s, width, sorted(mark for mark in marks if 0 <= mark[0] <= length_s))
    sheet.save(into, "PNG", optimize=True)


def _lay(picture: np.ndarray, reach: np.ndarray, colour: tuple[int, int, int], strength: float) -> None:
    picture += (np.array(colour, np.float32) - picture) * (_filled(reach, len(picture)) * strength)[:, :, None]


def _columns(path: Path, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Highest sample and RMS of so many equal stretches of a sound, as heights from 0 to 1."""
    samples = max(wav_facts(path).samples, 1)
    highest, power = np.zeros(columns), np.zeros(columns)
    borders = np.arange(columns + 1) * samples // columns
    start = 0
    for block, _ in read_blocks(path):
        loud = np.maximum.reduce(list(np.abs(block.T)))  # side by side is ten times as fast as sample by sample
        square = np.einsum("ij,ij->i", block, block) / block.shape[1]
        first = int(np.searchsorted(borders, start, "right")) - 1
        last = int(np.searchsorted(borders, start + len(block), "left"))
        for column in range(first, min(last, columns)):
            # A stretch shorter than a sample shows the sample it lies in.
            low = max(borders[column] - start, 0)
            high = max(min(borders[column + 1] - start, len(block)), low + 1)
            highest[column] = max(highest[column], float(loud[low:high].max(initial=0)))
            power[column] += square[low:high].sum(dtype=np.float64) / max(borders[column + 1] - borders[column], 1)
        start += len(block)
    return _heights(highest), _heights(np.sqrt(power))


def _heights(amplitude: np.ndarray) -> np.ndarray:
    return np.clip(1 - 20 * np.log10(np.maximum(amplitude, 1e-9)) / FLOOR_DBFS, 0, 1)


def _filled(reach: np.ndarray, height: int) -> np.ndarray:
    """How much of each pixel a shape covers that reaches so far from the middle, shape (height, columns)."""
    away = np.abs(np.arange(height) + 0.5 - height / 2)[:, None]
    return np.clip(reach[None, :] * height / 2 - away + 0.5, 0, 1) * (reach > 0)


def _write_times(sheet: Image.Image, length_s: float, width: int) -> None:
    draw = ImageDraw.Draw(sheet)
    step_s = next((step for step in _STEPS_S if length_s / step <= width / 90), _STEPS_S[-1])
    top = sheet.height - _FOOT_PX
    for number in range(int(length_s / step_s + 1e-9) + 1):
        at_s = number * step_s
        x = _SIDE_PX + round(at_s / max(length_s, 1e-9) * (width - 1))
        draw.line([(x, top), (x, top + 3)], fill=SOFT_INK)
        _write(draw, _clock(at_s, step_s), x + 4, top + 2, sheet.width, SOFT_INK)


def _clock(at_s: float, step_s: float) -> str:
    seconds = f"{at_s % 60:04.1f}" if step_s < 1 else f"{int(at_s) % 60:02d}"
    minutes = int(at_s) // 60
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds}" if minutes >= 60 else f"{minutes}:{seconds}"


def _write_marks(sheet: Image.Image, length_s: float, width: int, marks: Sequence[tuple[float, str]]) -> None:
    glass = Image.new("RGBA", sheet.size)
    lines = ImageDraw.Draw(glass)
    places = [_SIDE_PX + round(at_s / max(length_s, 1e-9) * (width - 1)) for at_s, _ in marks]
    for x in places:
        lines.line([(x, 3), (x, sheet.height - _FOOT_PX)], fill=(*INK, 110))
    sheet.paste(glass, mask=glass)
    draw = ImageDraw.Draw(sheet)
    free = 0.0
    for x, (_, name) in zip(places, marks, strict=True):
        if name and x >= free and x + 4 + (wide := text_width(name, _TEXT_PX)) <= sheet.width:
            _write(draw, name, x + 4, 2, sheet.width, INK)
            free = x + 4 + wide + _GAP_PX


def _write(draw: ImageDraw.ImageDraw, text: str, left: int, top: int, right: int, fill: tuple[int, int, int]) -> None:
    if left + text_width(text, _TEXT_PX) <= right:
        box = (left, top, right, top + _HEAD_PX - 2)
        fit_text(draw, text, box, max_px=_TEXT_PX, min_px=_TEXT_PX, fill=fill, max_lines=1)
