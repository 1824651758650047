"""The contact sheet: one frame of every clip of a cut on one page, to see the film at a glance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
from av.error import FFmpegError
from PIL import Image, ImageDraw

from studio_pipeline.errors import MediaDamaged
from studio_pipeline.media.typography import fit_text

PAPER, INK, SOFT_INK = (24, 24, 26), (238, 236, 230), (160, 158, 152)
_TILE_PX = 320
"""Width of a tile."""
_GAP_PX, _LABEL_PX, _HEADER_PX = 16, 26, 52
_MOST_COLUMNS = 6


@dataclass(frozen=True)
class Tile:
    """A frame of a clip, counted from 0, and what stands below it: at the left its name, at the right a note."""

    clip: Path
    frame: int
    name: str
    note: str = ""


def contact_sheet(title: str, tiles: Sequence[Tile], into: Path) -> None:
    """Write a JPEG of ``tiles`` in reading order under ``title``.

    Raises:
        MediaDamaged: a clip does not decode up to its frame.
    """
    pictures = [picture_of(tile.clip, tile.frame) for tile in tiles]
    columns = min(_MOST_COLUMNS, max(3, math.ceil(math.sqrt(len(tiles)))))
    tile_height = max((round(_TILE_PX * p.height / p.width) for p in pictures), default=_TILE_PX)
    step_x, step_y = _TILE_PX + _GAP_PX, tile_height + _LABEL_PX + _GAP_PX
    rows = math.ceil(len(tiles) / columns)
    sheet = Image.new("RGB", (columns * step_x + _GAP_PX, _HEADER_PX + rows * step_y + _GAP_PX), PAPER)
    draw = ImageDraw.Draw(sheet)
    header = (_GAP_PX, 12, sheet.width - _GAP_PX, _HEADER_PX)
    fit_text(draw, title, header, max_px=24, min_px=14, fill=INK, weight=600, max_lines=1)
    for number, (tile, picture) in enumerate(zip(tiles, pictures, strict=True)):
        left, top = _GAP_PX + number % columns * step_x, _HEADER_PX + number // columns * step_y
        small = picture.resize((_TILE_PX, round(_TILE_PX * picture.height / picture.width)), Image.Resampling.LANCZOS)
        sheet.paste(small, (left, top))
        below, middle = top + tile_height + 3, left + round(_TILE_PX * 0.62)
        name_box = (left, below, middle, below + _LABEL_PX)
        note_box = (middle, below, left + _TILE_PX, below + _LABEL_PX)
        fit_text(draw, tile.name, name_box, max_px=15, min_px=9, fill=INK, max_lines=1)
        fit_text(draw, tile.note, note_box, max_px=13, min_px=8, fill=SOFT_INK, max_lines=1)
    sheet.save(into, "JPEG", quality=88)


def picture_of(clip: Path, number: int) -> Image.Image:
    """Frame ``number`` of ``clip``, counted from 0.

    Raises:
        MediaDamaged: the clip does not decode, or has fewer frames.
    """
    try:
        with av.open(str(clip)) as media:
            media.streams.video[0].thread_type = "AUTO"
            for at, frame in enumerate(media.decode(video=0)):
                if at == number:
                    return Image.fromarray(frame.to_ndarray(format="rgb24", src_colorspace="ITU709"))
    except (FFmpegError, IndexError) as bad:
        raise MediaDamaged("A clip cannot be read", where=str(clip), todo="Make the take again.") from bad
    raise MediaDamaged(f"A clip has no frame {number}", where=str(clip), todo="Make the take again.")
