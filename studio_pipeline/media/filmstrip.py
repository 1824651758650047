"""Film strips: a few frames of each take in a row, with its name and the numbers of the frames, for eyes that judge.

A page is small enough that its vendor does not scale it down before the model looks: at most 1568 pixels long and 1.2
million in all; and no frame is so small that the model sees it badly, 200 pixels
(https://docs.anthropic.com/en/docs/build-with-claude/vision, 2026-11). Names and numbers stand beside the frames and
never on them: nobody takes them for part of the picture. The same clips make the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from av.error import FFmpegError
from PIL import Image, ImageDraw

from studio_pipeline.errors import MediaDamaged
from studio_pipeline.media.opening import open_to_read
from studio_pipeline.media.type.typography import fit_text

FRAMES_A_TAKE = 4
ROWS_A_PAGE = 3
LONGEST_SIDE_PX = 1568
_TILE_AREA_PX = 74_000
"""A frame of 362 × 204 pixels at 16 : 9: three rows of four are 1.2 million."""
_PAPER, _INK, _SOFT_INK = (24, 24, 26), (238, 236, 230), (176, 174, 168)
_GAP_PX, _NAME_PX, _NUMBER_PX = 8, 28, 20


@dataclass(frozen=True)
class Strip:
    """A take: its clip, what stands above it, and the numbers of the frames that are shown, counted from 0."""

    clip: Path
    name: str
    frames: tuple[int, ...]


def frames_between(first: int, last: int, count: int = FRAMES_A_TAKE) -> tuple[int, ...]:
    """At most ``count`` frames from the first to the last, evenly spread, both included."""
    if last <= first:
        return (max(0, first),)
    steps = min(count, last - first + 1) - 1
    return tuple(round(first + step * (last - first) / steps) for step in range(steps + 1))


def pages_of(takes: int) -> int:
    """How many pages so many takes need."""
    return math.ceil(takes / ROWS_A_PAGE)


def film_pages(strips: Sequence[Strip], folder: Path) -> list[Path]:
    """Write ``strips`` to JPEG pages in ``folder``, three a page, in their order.

    Raises:
        MediaDamaged: a clip does not decode up to its last frame asked for.
    """
    pages = []
    for number, rows in enumerate(_by_page(strips), start=1):
        pages.append(folder / f"page{number}.jpg")
        _draw(rows, pages[-1])
    return pages


def _by_page(strips: Sequence[Strip]) -> list[Sequence[Strip]]:
    return [strips[at : at + ROWS_A_PAGE] for at in range(0, len(strips), ROWS_A_PAGE)]


def _draw(rows: Sequence[Strip], into: Path) -> None:
    pictures = [_pictures(row) for row in rows]
    tiles = [[picture.resize(_tile(picture), Image.Resampling.LANCZOS) for picture in row] for row in pictures]
    width = _GAP_PX + max(sum(tile.width + _GAP_PX for tile in row) for row in tiles)
    heights = [_NAME_PX + max(tile.height for tile in row) + _NUMBER_PX + _GAP_PX for row in tiles]
    page = Image.new("RGB", (max(width, 480), sum(heights) + _GAP_PX), _PAPER)
    draw = ImageDraw.Draw(page)
    top = _GAP_PX
    for strip, row, height in zip(rows, tiles, heights, strict=True):
        name_box = (_GAP_PX, top, page.width - _GAP_PX, top + _NAME_PX)
        fit_text(draw, strip.name, name_box, max_px=19, min_px=11, fill=_INK, weight=600, max_lines=1)
        left, below = _GAP_PX, top + height - _NUMBER_PX - _GAP_PX
        for tile, number in zip(row, strip.frames, strict=True):
            page.paste(tile, (left, top + _NAME_PX))
            number_box = (left, below, left + tile.width, below + _NUMBER_PX)
            fit_text(draw, f"frame {number}", number_box, max_px=15, min_px=9, fill=_SOFT_INK, max_lines=1)
            left += tile.width + _GAP_PX
        top += height
    page.save(into, "JPEG", quality=85)


def _tile(picture: Image.Image) -> tuple[int, int]:
    shape = picture.width / picture.height
    widest = (LONGEST_SIDE_PX - _GAP_PX) // FRAMES_A_TAKE - _GAP_PX
    highest = (LONGEST_SIDE_PX - _GAP_PX) // ROWS_A_PAGE - _NAME_PX - _NUMBER_PX - _GAP_PX
    width = min(widest, math.sqrt(_TILE_AREA_PX * shape), highest * shape)
    return max(1, round(width)), max(1, round(width / shape))


def _pictures(strip: Strip) -> list[Image.Image]:
    """The strip's frames, in one pass over its clip."""
    found = _decoded(strip.clip, set(strip.frames))
    if missing := [number for number in strip.frames if number not in found]:
        raise MediaDamaged(f"A clip has no frame {missing[0]}", where=str(strip.clip), todo="Make the take again.")
    return [found[number] for number in strip.frames]


def _decoded(clip: Path, wanted: Collection[int]) -> dict[int, Image.Image]:
    found: dict[int, Image.Image] = {}
    try:
        with open_to_read(clip) as media:
            media.streams.video[0].thread_type = "AUTO"
            for at, frame in enumerate(media.decode(video=0)):
                if at in wanted:
                    found[at] = Image.fromarray(frame.to_ndarray(format="rgb24", src_colorspace="ITU709"))
                    if len(found) == len(wanted):
                        break
    except (FFmpegError, IndexError, ValueError) as bad:
        raise MediaDamaged("A clip cannot be read", where=str(clip), todo="Make the take again.") from bad
    return found
