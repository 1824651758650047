"""The board: a flat illustration in the colours of the scene, as a designer paints the key frames of an animation.

Full bleed, with paper in the paint. ``board_picture`` is the picture alone, which a camera may move over;
``burn_in`` is the slate and heading that stand still in front of it. The lower 18 % stay quiet: captions go there.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from studio_pipeline.film.shots import Board
from studio_pipeline.media.type.typography import Fit, fit_text, text_width
from studio_pipeline.providers.image.drawing.composition import Composition, compose, random_for
from studio_pipeline.providers.image.drawing.painting import (
    Layer,
    blend,
    disc,
    floats,
    gradient,
    grain,
    light_mask,
    noise,
    painted,
    picture,
    seen_rows,
    with_edge,
)
from studio_pipeline.providers.image.drawing.palette import bytes_of, colour_of, luminance, mix
from studio_pipeline.providers.image.drawing.shapes import Depth
from studio_pipeline.providers.image.drawing.weather import star_mask, weather_mask


@lru_cache(maxsize=4)
def board_picture(board: Board, size: tuple[int, int], seed: int, variation: int) -> Image.Image:
    """The painted board without words, ``size`` pixels. Not to be painted over: a clip follows its still at once, and
    finds the same picture again."""
    shot = compose(board, size[0] / size[1], seed, variation)
    canvas = picture(_sky(shot, size))
    flats = [painted(depth, size, shot.scheme.paint, shot.scheme.at(depth.depth)) for depth in shot.depths]
    for depth, flat, rows in zip(shot.depths, flats, seen_rows(flats, 0), strict=True):
        seed = int(shot.rng.integers(0, 2**62))
        if flat.mask is None or rows[0] >= rows[1]:
            continue
        cut = (0, rows[0], size[0], rows[1])
        seen = Layer(flat.image.crop(cut), flat.mask.crop(cut), flat.depth, flat.kind)
        brushed = _brushed(seen, shot, rows, size, seed)
        canvas.paste(brushed.image, (0, rows[0]), brushed.mask)
        _glow(canvas, depth, shot, size)
    falling = weather_mask(shot, size)
    if falling is not None:
        canvas.paste(bytes_of(mix(shot.scheme.sky_low, (1, 1, 1), 0.4)), (0, 0, *size), falling)
    for badge in shot.badges:
        _badge(canvas, badge.tag, badge.colour, badge.x, badge.y, board.framing)
    return _on_paper(canvas, shot)


def burn_in(board: Board, size: tuple[int, int]) -> tuple[Image.Image, Fit]:
    """Slate and heading on a clear picture of ``size``, above the captions; and how the heading fitted."""
    unit = min(size)
    margin, small, large = round(unit * 0.05), max(10, round(unit * 0.021)), max(12, round(unit * 0.036))
    bottom, inset = round(size[1] * 0.80), round(unit * 0.016)
    box = (margin + inset, bottom - round(large * 1.6), size[0] - margin - inset, bottom)
    above = round(small * 1.5) if board.slate else 0

    def write(ink: ImageDraw.ImageDraw, heading: tuple[int, ...] | int, slate: tuple[int, ...] | int) -> Fit:
        least = max(10, round(large * 0.7))
        fit = fit_text(
            ink, board.heading, box, max_px=large, min_px=least, fill=heading, face="serif", weight=500, max_lines=1
        )
        if board.slate:
            wide = round(text_width(board.slate, small, weight=600)) + 2
            left = box[2] - wide if fit.right_to_left else box[0]
            line = (left, box[1] - above, min(left + wide, box[2]), box[1])
            fit_text(ink, board.slate, line, max_px=small, min_px=9, fill=slate, weight=600, max_lines=1)
        return fit

    words, shade = Image.new("RGBA", size, (0, 0, 0, 0)), Image.new("L", size, 0)
    write(ImageDraw.Draw(shade), 200, 200)
    shadow = shade.filter(ImageFilter.GaussianBlur(unit * 0.006))
    words.putalpha(shadow.point([min(150, value * 2) for value in range(256)]))
    ink = ImageDraw.Draw(words)
    fit = write(ink, (255, 255, 255, 240), (255, 255, 255, 205))
    thick = max(2, round(unit * 0.004))
    x = size[0] - margin - thick if fit.right_to_left else margin
    top = box[1] - round(above * 0.9) if board.slate else box[1] + round(large * 0.2)
    ink.rectangle((x, top, x + thick, bottom - round(large * 0.28)), fill=(255, 255, 255, 220))
    return words, fit


def _sky(shot: Composition, size: tuple[int, int]) -> np.ndarray:
    scheme, rng = shot.scheme, shot.rng
    horizon = max(0.2, shot.horizon)
    sky = gradient(
        size,
        [
            (0, scheme.sky_top),
            (horizon * 0.55, mix(scheme.sky_top, scheme.sky_low, 0.55)),
            (horizon, scheme.sky_low),
            (1, scheme.sky_low),
        ],
    )
    x, y = shot.sun
    if shot.place.night:
        sky = blend(sky, (1.0, 0.98, 0.9), floats(star_mask(rng, size, horizon)) * 0.9)
    radius = 0.062 if shot.place.night else 0.085
    for ring, share in ((3.4, 0.10), (2.1, 0.14), (1.0, 0.92 if not shot.place.storm else 0.35)):
        sky = blend(sky, mix(scheme.light, (1, 1, 1), 0.35), disc(size, x, y, radius * ring, 0.0025) * share)
    banks = noise(rng, size, (0.9, 0.11), 4)
    level = 0.50 if shot.place.storm else 0.62
    for step, share in ((0.0, 0.16), (0.07, 0.20), (0.14, 0.22)):  # flat steps, as cut from paper
        sky = blend(
            sky,
            mix(scheme.sky_low, (1, 1, 1), 0.35) if not shot.place.storm else scheme.distance,
            np.clip((banks - level - step) * 60, 0, 1) * share,
        )
    return sky


def _brushed(layer: Layer, shot: Composition, rows: tuple[int, int], size: tuple[int, int], seed: int) -> Layer:
    """Flat paint with the brush still in it, mist where it stands on the ground, and light on its edge.

    ``layer`` is cut to ``rows`` of a picture of ``size``.
    """
    unit, scheme = size[1], shot.scheme
    brush = noise(random_for("brush", seed), size, (0.30, 0.035), 3, rows) - 0.5
    rough = 0.05 if layer.kind == "figure" or shot.place.inside else 0.13
    values = floats(layer.image) * (1 + brush[..., None] * rough)
    if layer.kind == "scenery" and not shot.place.inside:
        heights = (np.arange(*rows, dtype=np.float32)[:, None] + 0.5) / unit
        mist = np.clip((heights - shot.horizon + 0.16) / 0.3, 0, 1) * (1 - layer.depth) ** 2 * 0.55
        values = blend(values, scheme.sky_low, np.repeat(mist, size[0], axis=1))
    layer = replace(layer, image=picture(values))
    rim = mix(scheme.light, (1, 1, 1), 0.2)
    if layer.kind == "figure":
        return with_edge(layer, shot.light, unit * min(0.012, 0.0035 * max(1.0, shot.lens.figure)), rim, 0.75)
    return with_edge(layer, shot.light, unit * 0.0035, rim, 0.10 + 0.25 * (1 - layer.depth))


def _glow(canvas: Image.Image, depth: Depth, shot: Composition, size: tuple[int, int]) -> None:
    mask = light_mask(depth, size)
    if mask is None:
        return
    strength = 0.8 if shot.place.night or shot.place.inside else 0.45
    soft = mask.filter(ImageFilter.GaussianBlur(size[1] * 0.012))
    halo = soft.point([min(150, round(value * strength)) for value in range(256)])
    canvas.paste(bytes_of(shot.scheme.light), (0, 0, *size), halo.resize(size, Image.Resampling.BILINEAR))


def _badge(canvas: Image.Image, tag: str, colour: str, x: float, y: float, framing: str) -> None:
    unit = canvas.height
    px = max(11, round(unit * (0.018 if framing in ("extreme_wide", "wide") else 0.021)))
    half_w, half_h = max(text_width(tag, px, weight=700) / 2 + px * 0.55, px * 0.85), px * 0.82
    cx, cy = x * unit, max(y * unit - max(px * 1.7, unit * 0.02 + px), unit * 0.10)
    if framing in ("close", "extreme_close"):
        cx, cy = canvas.width - unit * 0.12, unit * 0.13
    base = colour_of(colour)
    fine = Image.new("L", (round(half_w * 8), round(half_h * 8)), 0)
    ImageDraw.Draw(fine).rounded_rectangle((2, 2, fine.width - 3, fine.height - 3), radius=fine.height // 2, fill=235)
    at = (round(cx - half_w), round(cy - half_h))
    pill = fine.reduce(4)
    canvas.paste(bytes_of(base), at, pill)
    ink = (20, 20, 24) if luminance(base) > 0.5 else (255, 255, 255)
    box = (at[0], round(cy - px * 0.68), at[0] + pill.width, round(cy + px))
    fit_text(ImageDraw.Draw(canvas), tag, box, max_px=px, min_px=px, fill=ink, weight=700, align="centre", max_lines=1)


@lru_cache(maxsize=4)
def _tooth(size: tuple[int, int]) -> np.ndarray:
    """The paper's own roughness, the same sheet each time."""
    rng = random_for("paper")
    return grain(rng, size, 0.016) + (noise(rng, size, (0.02, 0.02), 2) - 0.5) * 0.03


def _on_paper(canvas: Image.Image, shot: Composition) -> Image.Image:
    """Paper under the paint, and the quiet lower part."""
    size = canvas.size
    values = floats(canvas)
    heights = np.linspace(0, 1, size[1], dtype=np.float32)[:, None]
    quiet = np.repeat(np.clip((heights - 0.70) / 0.26, 0, 1) ** 1.2 * 0.62, size[0], axis=1)
    values = blend(values, mix(shot.scheme.deep, (0, 0, 0), 0.35), quiet)
    return picture(values * (1 + _tooth(size)[..., None]))
