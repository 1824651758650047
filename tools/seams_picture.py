"""Frames around each kind of seam, rendered as a film is: what a viewer sees when two shots meet.

``python -m tools.pictures HOME`` puts it into ``docs/pictures/seams.jpg``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from studio_pipeline.editorial.timeline import Speed, Timeline, TimelineClip, Transition
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.media.contact_sheet import INK, PAPER, SOFT_INK, picture_of
from studio_pipeline.media.smart_render import smart_render
from studio_pipeline.media.type.typography import fit_text

_HALF = 6
"""Frames of a transition on each side of the cut point."""
_FRAMES = (-8, -5, -2, 0, 2, 5, 8)
"""Frames that are shown, counted from the first of the incoming clip."""
_TILE_PX, _GAP_PX, _LABEL_PX, _NAME_PX = 168, 6, 20, 128

_SEAMS: Mapping[str, Transition | None] = {
    "cut": None,
    "dissolve": Transition(at=1, kind="dissolve", out_frames=_HALF, in_frames=_HALF),
    "wipe": Transition(at=1, kind="wipe", out_frames=_HALF, in_frames=_HALF),
    "fade through black": Transition(at=1, kind="fade_black", out_frames=2 * _HALF, in_frames=2 * _HALF),
    "fade through white": Transition(at=1, kind="fade_white", out_frames=2 * _HALF, in_frames=2 * _HALF),
    "dip to a colour": Transition(at=1, kind="dip", out_frames=2 * _HALF, in_frames=2 * _HALF, colour="#7a3b2e"),
    "held, then cut": None,
}


def draw_seams(film: Timeline, resolve: Callable[[MediaRef], Path]) -> Image.Image:
    """A row a seam, between two shots of ``film`` that look different."""
    before, after = film.clips[0], next(clip for clip in film.clips if clip.scene != film.clips[0].scene)
    height = round(_TILE_PX * film.size[1] / film.size[0])
    width = _GAP_PX + _NAME_PX + len(_FRAMES) * (_TILE_PX + _GAP_PX)
    sheet = Image.new("RGB", (width, _LABEL_PX + len(_SEAMS) * (height + _GAP_PX) + _GAP_PX), PAPER)
    draw = ImageDraw.Draw(sheet)
    for number, (name, transition) in enumerate(_SEAMS.items()):
        top = _LABEL_PX + number * (height + _GAP_PX)
        box = (_GAP_PX, top, _NAME_PX, top + height)
        fit_text(draw, name, box, max_px=15, min_px=10, fill=INK, max_lines=2)
        for column, picture in enumerate(_frames(film, before, after, name, transition, resolve)):
            left = _GAP_PX + _NAME_PX + column * (_TILE_PX + _GAP_PX)
            sheet.paste(picture.resize((_TILE_PX, height), Image.Resampling.LANCZOS), (left, top))
    for column, frame in enumerate(_FRAMES):
        left = _GAP_PX + _NAME_PX + column * (_TILE_PX + _GAP_PX)
        label = "first frame" if frame == 0 else f"{frame:+d}"
        fit_text(draw, label, (left, 1, left + _TILE_PX, _LABEL_PX), max_px=13, min_px=9, fill=SOFT_INK, max_lines=1)
    return sheet


def _frames(
    film: Timeline,
    before: TimelineClip,
    after: TimelineClip,
    name: str,
    transition: Transition | None,
    resolve: Callable[[MediaRef], Path],
) -> Sequence[Image.Image]:
    """The frames of one seam, from a film that is rendered for it."""
    clips = [_short(before), _short(after)]
    if name.startswith("held"):
        clips[0] = clips[0].model_copy(update={"hold": 10, "speed": Speed(num=4, den=5)})
    seam = film.model_copy(
        update={"clips": tuple(clips), "transitions": (transition,) if transition else (), "narration": (), "music": ()}
    )
    with tempfile.TemporaryDirectory(prefix="seam-") as folder:
        made = Path(folder, "seam.mp4")
        smart_render(seam, resolve, made)
        return [picture_of(made, clips[0].frames + frame) for frame in _FRAMES]


def _short(clip: TimelineClip) -> TimelineClip:
    """As much of the clip as a seam needs, with handles on both sides."""
    return clip.model_copy(update={"source_frame": _HALF, "frames": 30, "speed": Speed(), "hold": 0, "colour": None})
