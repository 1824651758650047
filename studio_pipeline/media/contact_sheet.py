"""The contact sheet: one frame of every clip of a cut on one page, to see the film at a glance.

The more clips, the smaller the tiles, so that a sheet of hundreds is still one picture that opens anywhere.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
from av.error import FFmpegError
from av.video.stream import VideoStream
from PIL import Image, ImageDraw

from studio_pipeline.editorial.timeline import NORMAL, Timeline, TimelineClip
from studio_pipeline.errors import MediaDamaged
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.opening import open_to_read
from studio_pipeline.media.type.typography import fit_text, text_width

PAPER, INK, SOFT_INK = (24, 24, 26), (238, 236, 230), (160, 158, 152)
_BADGE, _ALARM = (24, 24, 26, 190), (196, 92, 58, 235)
_TILES = ((60, 320, 6), (160, 236, 8), (10**9, 152, 12))
"""Up to so many clips: width of a tile in pixels, and most columns."""
_GAP_PX, _LABEL_PX, _HEADER_PX = 16, 26, 52
_WORTH_SEEKING = 12


@dataclass(frozen=True)
class Tile:
    """A frame of a clip, counted from 0, and what stands below it: at the left its name, at the right a note.

    ``badges`` stand in the picture: what was done to the clip; ``alarm``, in another colour, is what is wrong with it.
    """

    clip: Path
    frame: int
    name: str
    note: str = ""
    badges: tuple[str, ...] = ()
    alarm: str = ""


def tiles_of(timeline: Timeline, clips: Sequence[Path], flagged: Collection[str] = ()) -> list[Tile]:
    """A tile for each clip: the picture in the middle of its time on screen, where in the film and how long it is.

    Args:
        clips: where each clip of ``timeline`` lies.
        flagged: names of clips that a person must see to.
    """
    rate = timeline.rate
    return [
        Tile(
            clip=path,
            frame=clip.source_at(clip.frames // 2),
            name=clip.name,
            note=_note(rate.seconds(start), rate.seconds(clip.frames)),
            badges=_badges(clip, rate),
            alarm="missing" if clip.name in flagged else "",
        )
        for clip, path, start in zip(timeline.clips, clips, timeline.record_frames(), strict=True)
    ]


def _note(at_s: float, length_s: float) -> str:
    return f"{int(at_s // 60)}:{int(at_s % 60):02d} · {length_s:.1f} s"


def _badges(clip: TimelineClip, rate: Rate) -> tuple[str, ...]:
    found = []
    if clip.speed != NORMAL:
        found.append(f"{float(clip.speed.fraction):.2g}×")
    if clip.hold:
        found.append(f"held {rate.seconds(clip.hold):.1f} s")
    if clip.colour is not None:
        found.append("colour matched")
    return tuple(found)


def contact_sheet(title: str, tiles: Sequence[Tile], into: Path) -> None:
    """Write a JPEG of ``tiles`` in reading order under ``title``.

    Raises:
        MediaDamaged: a clip does not decode up to its frame.
    """
    width, most_columns = next((width, columns) for most, width, columns in _TILES if len(tiles) <= most)
    pictures = [_thumbnail(tile, width) for tile in tiles]
    # Upright pictures are narrower, so that they are not much larger than the others, and more stand in a row.
    widest = max((picture.width for picture in pictures), default=width)
    tile_height = max((picture.height for picture in pictures), default=width)
    most_columns = most_columns * (width + _GAP_PX) // (widest + _GAP_PX)
    columns = min(most_columns, max(3, math.ceil(math.sqrt(len(tiles) * width / widest))))
    step_x, step_y = widest + _GAP_PX, tile_height + _LABEL_PX + _GAP_PX
    rows = math.ceil(len(tiles) / columns)
    sheet = Image.new("RGB", (columns * step_x + _GAP_PX, _HEADER_PX + rows * step_y + _GAP_PX), PAPER)
    draw = ImageDraw.Draw(sheet, "RGBA")
    header = (_GAP_PX, 12, sheet.width - _GAP_PX, _HEADER_PX)
    fit_text(draw, title, header, max_px=24, min_px=14, fill=INK, weight=600, max_lines=1)
    for number, (tile, picture) in enumerate(zip(tiles, pictures, strict=True)):
        left, top = _GAP_PX + number % columns * step_x, _HEADER_PX + number // columns * step_y
        sheet.paste(picture, (left, top))
        _draw_badges(draw, tile, (left, top, left + widest))
        below, middle = top + tile_height + 3, left + round(widest * 0.62)
        name_box = (left, below, middle - 5, below + _LABEL_PX)
        note_box = (middle, below, left + widest, below + _LABEL_PX)
        fit_text(draw, tile.name, name_box, max_px=15, min_px=9, fill=INK, max_lines=1)
        fit_text(draw, tile.note, note_box, max_px=13, min_px=8, fill=SOFT_INK, max_lines=1)
    sheet.save(into, "JPEG", quality=88)


def _thumbnail(tile: Tile, width: int) -> Image.Image:
    """Small at once: hundreds of pictures in full size would fill the memory."""
    picture = picture_of(tile.clip, tile.frame)
    if picture.height >= picture.width:
        width = round(width * 0.62)
    return picture.resize((width, round(width * picture.height / picture.width)), Image.Resampling.LANCZOS)


def _draw_badges(draw: ImageDraw.ImageDraw, tile: Tile, place: tuple[int, int, int]) -> None:
    """Small labels in the upper left corner of a tile, as many as fit; ``place`` is its left, top and right."""
    left, top, right = place
    px = 12
    x = left + 6
    for text, ground in ((tile.alarm, _ALARM), *((badge, _BADGE) for badge in tile.badges)):
        wide = round(text_width(text, px)) + 12
        if not text or x + wide > right - 6:
            continue
        draw.rounded_rectangle((x, top + 6, x + wide, top + 6 + px + 8), radius=5, fill=ground)
        fit_text(draw, text, (x + 6, top + 8, x + wide, top + 8 + px + 6), max_px=px, min_px=px, fill=INK, max_lines=1)
        x += wide + 4


def picture_of(clip: Path, number: int) -> Image.Image:
    """Frame ``number`` of ``clip``, counted from 0.

    Raises:
        MediaDamaged: the clip does not decode, or has fewer frames.
    """
    try:
        with open_to_read(clip) as media:
            stream = media.streams.video[0]
            stream.thread_type = "AUTO"
            if (due := _due(stream, number)) is not None:
                media.seek(due, stream=stream)
                for frame in media.decode(stream):
                    if frame.pts is None or frame.pts > due:
                        break
                    if frame.pts == due:
                        return _image(frame)
                media.seek(0)
            for at, frame in enumerate(media.decode(stream)):
                if at == number:
                    return _image(frame)
    except (FFmpegError, IndexError) as bad:
        raise MediaDamaged("A clip cannot be read", where=str(clip), todo="Make the take again.") from bad
    raise MediaDamaged(f"A clip has no frame {number}", where=str(clip), todo="Make the take again.")


def _due(stream: VideoStream, number: int) -> int | None:
    """When frame ``number`` is shown, in ticks of the stream; ``None`` where only counting tells: in a clip of unsteady
    speed, or so near to its start that it is the same."""
    rate, base = stream.average_rate, stream.time_base
    if number < _WORTH_SEEKING or not rate or not base or stream.start_time is None:
        return None
    ticks = 1 / (rate * base)
    if ticks.denominator != 1 or stream.duration != stream.frames * ticks:
        return None
    return stream.start_time + number * int(ticks)


def _image(frame: av.VideoFrame) -> Image.Image:
    return Image.fromarray(frame.to_ndarray(format="rgb24", src_colorspace="ITU709"))
