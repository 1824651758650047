"""A piece of text of one font, direction and script as glyphs: how wide they are, and drawn on a picture.

HarfBuzz does both, from a wheel and unhinted, so that neither the machine nor its libraries change a pixel. What the
pieces are and where they go is ``typography``'s work.
"""

# uharfbuzz is compiled and has no stubs: pyright cannot see what is in it.
# pyright: reportAttributeAccessIssue=false
from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import floor
from typing import NamedTuple, TypeAlias

import uharfbuzz
from PIL import Image, ImageDraw

from studio_pipeline.errors import ProviderFailed
from studio_pipeline.media.type.fonts import EM, FontName, font

Fill: TypeAlias = tuple[int, ...] | int
_COMMON = "Zyyy"


class Run(NamedTuple):
    text: str
    font: FontName
    weight: int
    level: int
    """Of embedding; an odd one reads from the right."""
    script: str
    """ISO 15924 code."""


def scripts(line: str) -> list[str]:
    """The script of each character. Signs and digits go with what is before them, at the start with what follows."""
    own = [_script(char) for char in line]
    before = next((script for script in own if script != _COMMON), _COMMON)
    return [before := script if script != _COMMON else before for script in own]


def advance_px(run: Run, size_px: int) -> float:
    return _advance(run) * size_px / EM


def draw_run(draw: ImageDraw.ImageDraw, at: tuple[float, int], run: Run, size_px: int, fill: Fill) -> None:
    """Draw ``run`` with its left end at ``at`` on the baseline. Glyphs stand where they belong, between pixels too."""
    left, baseline = floor(at[0]), at[1]
    scale, letters, raster = size_px / EM, font(run.font, run.weight), uharfbuzz.RasterDraw()
    x = at[0] - left
    for info, place in _shaped(run):
        raster.transform = (scale, 0, 0, scale, x + place.x_offset * scale, place.y_offset * scale)
        raster.draw_glyph(letters, info.codepoint)
        x += place.x_advance * scale
    image = raster.render()
    if image is None:
        raise ProviderFailed("Text could not be drawn: too little memory", where=run.text[:60])
    inked = image.extents
    if inked.width and inked.height:  # white space has no ink
        size = (inked.width, inked.height)
        mask = Image.frombuffer("L", size, image.buffer, "raw", "L", inked.stride, -1)  # rows come bottom to top
        draw.bitmap((left + inked.x_origin, baseline - inked.y_origin - inked.height), mask, fill)


def _shaped(run: Run) -> Iterator[tuple[uharfbuzz.GlyphInfo, uharfbuzz.GlyphPosition]]:
    buffer = uharfbuzz.Buffer()
    buffer.add_str(run.text)
    buffer.direction = "rtl" if run.level % 2 else "ltr"
    buffer.script = run.script
    buffer.language = "und"  # or HarfBuzz asks the machine for its language
    uharfbuzz.shape(font(run.font, run.weight), buffer)
    return zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)


@lru_cache(maxsize=8192)
def _advance(run: Run) -> int:
    """In ``EM``: nothing is hinted, so that one measure serves every size."""
    return sum(place.x_advance for _, place in _shaped(run))


@lru_cache(maxsize=4096)
def _script(char: str) -> str:
    buffer = uharfbuzz.Buffer()
    buffer.add_str(char)
    buffer.guess_segment_properties()
    return buffer.script or _COMMON
