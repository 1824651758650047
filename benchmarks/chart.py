"""A plain bar chart with whiskers, drawn in the studio's own type and colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from studio_pipeline.media.contact_sheet import INK, PAPER, SOFT_INK
from studio_pipeline.media.type.typography import Align, fit_text

Colour = tuple[int, int, int]
_WIDTH, _HEIGHT = 1560, 720
_LEFT, _TOP, _RIGHT, _BOTTOM = 100, 150, 40, 110
_GAP_PX, _BAR_PX = 40, 36
_GRID: Colour = (62, 62, 66)


@dataclass(frozen=True)
class Bar:
    """One bar; the whisker reaches ``give`` up and down."""

    height: float
    give: float


@dataclass(frozen=True)
class Panel:
    """Groups of bars under one heading: by the name of the group, one bar a series."""

    name: str
    groups: dict[str, Sequence[Bar]]


def bar_chart(title: str, unit: str, series: dict[str, Colour], panels: Sequence[Panel]) -> Image.Image:
    """Panels beside each other on one scale; the legend names the series in the order of the bars."""
    image = Image.new("RGB", (_WIDTH, _HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    most = max(bar.height + bar.give for panel in panels for bars in panel.groups.values() for bar in bars)
    floor, scale = _HEIGHT - _BOTTOM, (_HEIGHT - _BOTTOM - _TOP) / most
    _write(draw, title, (_LEFT, 20, _WIDTH - _RIGHT, 62), 30, INK)
    _legend(draw, series)
    for points in range(int(most) + 1):
        y = round(floor - points * scale)
        draw.line([(_LEFT, y), (_WIDTH - _RIGHT, y)], fill=_GRID, width=1)
        _write(draw, str(points), (_LEFT - 50, y - 14, _LEFT - 14, y + 14), 20, SOFT_INK)
    _write(draw, unit, (20, _TOP - 42, 400, _TOP - 12), 18, SOFT_INK)
    wide = (_WIDTH - _LEFT - _RIGHT) / len(panels)
    for number, panel in enumerate(panels):
        left = _LEFT + number * wide
        _write(draw, panel.name, (round(left), floor + 54, round(left + wide), floor + 94), 22, INK, "centre")
        step = (wide - 2 * _GAP_PX) / len(panel.groups)
        for place, (name, bars) in enumerate(panel.groups.items()):
            middle = left + _GAP_PX + (place + 0.5) * step
            box = (round(middle - step / 2), floor + 12, round(middle + step / 2), floor + 42)
            _write(draw, name, box, 19, SOFT_INK, "centre")
            for index, (bar, colour) in enumerate(zip(bars, series.values(), strict=True)):
                x = middle + (index - len(bars) / 2) * _BAR_PX
                _bar(draw, x, floor, bar, scale, colour)
    return image


def _bar(draw: ImageDraw.ImageDraw, x: float, floor: int, bar: Bar, scale: float, colour: Colour) -> None:
    top, middle = floor - bar.height * scale, round(x + _BAR_PX / 2)
    draw.rectangle([round(x) + 2, round(top), round(x + _BAR_PX) - 2, floor], fill=colour)
    up, down = round(top - bar.give * scale), round(top + bar.give * scale)
    draw.line([(middle, up), (middle, down)], fill=INK, width=2)
    for y in (up, down):
        draw.line([(middle - 6, y), (middle + 6, y)], fill=INK, width=2)


def _legend(draw: ImageDraw.ImageDraw, series: dict[str, Colour]) -> None:
    left = _LEFT
    for name, colour in series.items():
        draw.rectangle([left, 76, left + 20, 96], fill=colour)
        _write(draw, name, (left + 30, 70, left + 330, 102), 20, INK)
        left += 330


def _write(
    draw: ImageDraw.ImageDraw, text: str, box: tuple[int, int, int, int], px: int, fill: Colour, align: Align = "start"
) -> None:
    fit_text(draw, text, box, max_px=px, min_px=12, fill=fill, align=align, max_lines=1)
