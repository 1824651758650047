"""The collage: the same shot lit like a photograph, in layers that a camera can move between.

Soft skies, distance in the air, depth of field, shadows, bloom, and film grain on top. ``layers`` is a pure function:
the still is ``flattened(layers(…))``, and a clip moves the very same layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np
from PIL import Image, ImageFilter

from studio_pipeline.film.shots import Board
from studio_pipeline.providers.image.drawing.composition import Composition, compose, random_for
from studio_pipeline.providers.image.drawing.painting import (
    Layer,
    blend,
    disc,
    floats,
    gradient,
    grain,
    light_mask,
    lit_edge,
    noise,
    painted,
    picture,
    seen_rows,
    shifted,
    softened,
    vignette,
)
from studio_pipeline.providers.image.drawing.palette import Colour, Scheme, luminance, mix
from studio_pipeline.providers.image.drawing.shapes import Depth, Shape
from studio_pipeline.providers.image.drawing.weather import star_mask, weather_mask

VIGNETTE = 0.42
GRAIN = 0.010


TRAVEL = 0.15
"""Farther than a camera may move two layers against each other, in heights of the picture."""


@dataclass(frozen=True)
class _Band:
    """Rows ``top`` to ``bottom`` of a picture of ``size``."""

    top: int
    bottom: int
    size: tuple[int, int]

    @property
    def heights(self) -> np.ndarray:
        """How far down the picture each pixel of the band lies, 0 to 1."""
        rows = (np.arange(self.top, self.bottom, dtype=np.float32) + 0.5) / self.size[1]
        return np.repeat(rows[:, None], self.size[0], axis=1)


@dataclass(frozen=True)
class _Light:
    """How one layer is lit: what the air takes, how soft the lens makes it, how dark its shadow is."""

    haze: float
    blur_px: float
    shadow: float


@lru_cache(maxsize=4)
def layers(board: Board, size: tuple[int, int], seed: int, variation: int) -> tuple[Layer, ...]:
    """The layers of ``board``, sky first, each ``size`` pixels. A clip follows its still at once, and finds the same
    layers again."""
    shot = compose(board, size[0] / size[1], seed, variation)
    found = [Layer(picture(_sky(shot, size)), None, 0.0, "sky")]
    scheme = shot.scheme
    flats = [painted(depth, size, partial(_photo_paint, scheme), scheme.at(depth.depth)) for depth in shot.depths]
    for depth, flat, rows in zip(shot.depths, flats, seen_rows(flats, round(TRAVEL * size[1])), strict=True):
        seed = int(shot.rng.integers(0, 2**62))
        found.append(_photographed(flat, depth, rows, shot, seed))
    falling = weather_mask(shot, size)
    if falling is not None:
        found.append(Layer(Image.new("RGB", size, (226, 232, 238)), falling, 0.85, "front"))
    return tuple(found)


def flattened(parts: Sequence[Layer]) -> Image.Image:
    """The still: layers over one another, then lens and film."""
    canvas = parts[0].image.copy()
    for layer in parts[1:]:
        layer.over(canvas)
    size = canvas.size
    values = floats(canvas) * vignette(size, VIGNETTE)[..., None] * _quiet(size)[..., None]
    return picture(values + film_grain(size, 0)[..., None])


def _quiet(size: tuple[int, int]) -> np.ndarray:
    """Factors that darken the lower part, where captions go."""
    heights = np.linspace(0, 1, size[1], dtype=np.float32)[:, None]
    return np.repeat(1 - 0.5 * np.clip((heights - 0.72) / 0.26, 0, 1) ** 1.3, size[0], axis=1)


@lru_cache(maxsize=12)
def film_grain(size: tuple[int, int], number: int) -> np.ndarray:
    """One of the pieces of grain a film is made of, around 0."""
    return grain(random_for("film", number), size, GRAIN)


def lens_mask(size: tuple[int, int]) -> np.ndarray:
    """What lens and captions take from the light of each pixel, for clips that move the layers themselves."""
    return vignette(size, VIGNETTE) * _quiet(size)


def _sky(shot: Composition, size: tuple[int, int]) -> np.ndarray:
    scheme, rng, unit = shot.scheme, shot.rng, size[1]
    horizon = max(0.25, shot.horizon)
    x, y = shot.sun
    warm = mix(scheme.sky_low, scheme.light, 0.40)
    stops = [
        (0.0, mix(scheme.sky_top, scheme.deep, 0.25)),
        (horizon * 0.5, mix(scheme.sky_top, scheme.sky_low, 0.35)),
        (horizon * 0.86, scheme.sky_low),
        (horizon, warm),
    ]
    sky = gradient(size, stops)
    if shot.place.night:
        sky = blend(sky, (1.0, 0.98, 0.92), floats(star_mask(rng, size, horizon)) * 0.95)
    away = 1 - disc(size, x, y, 0.0, 0.95)
    sky = blend(sky, mix(scheme.light, scheme.sky_low, 0.35), (1 - away) ** 2.2 * (0.30 if shot.place.storm else 0.62))
    billow = noise(rng, size, (0.85, 0.24), 6)
    wisp = noise(rng, size, (1.6, 0.10), 5)
    heights = np.linspace(0, 1, size[1], dtype=np.float32)[:, None]
    cover = np.clip((billow * 0.7 + wisp * 0.3 - (0.36 if shot.place.storm else 0.50)) * 3.2, 0, 1)
    cover = cover * np.clip(1.15 - heights / horizon * 0.75, 0.1, 1)
    reach = max(2, round(unit * 0.018))
    lit = np.clip((billow - shifted(billow, reach, -shot.light * reach)) * 4.5 + 0.45, 0, 1)
    cloud_light: Colour = (
        mix(scheme.sky_low, scheme.light, 0.45) if not shot.place.night else mix(scheme.distance, scheme.light, 0.25)
    )
    cloud_dark: Colour = mix(scheme.sky_top, scheme.deep, 0.35)
    clouds = np.array(cloud_dark, np.float32) + lit[..., None] * (
        np.array(cloud_light, np.float32) - np.array(cloud_dark, np.float32)
    )
    share = (cover * 0.85)[..., None]
    sky = sky * (1 - share) + clouds * share
    dim = 0.35 if shot.place.storm else 1.0
    core = disc(size, x, y, 0.030, 0.012) * dim * (1 - cover * 0.6)
    sky = blend(sky, mix(scheme.light, (1, 1, 1), 0.75), core)
    return sky + (disc(size, x, y, 0.01, 0.34) ** 2.6 * 0.34 * dim)[..., None] * np.array(scheme.light, np.float32)


def _photo_paint(scheme: Scheme, shape: Shape, depth: float) -> Colour:
    colour = scheme.paint(shape, depth)
    grey = luminance(colour)
    return mix(colour, (grey, grey, grey), 0.14 if shape.role != "light" else 0.0)


def _photographed(flat: Layer, depth: Depth, rows: tuple[int, int], shot: Composition, seed: int) -> Layer:
    """``flat`` with light, air and lens, worked out only where it can be seen."""
    if flat.mask is None or rows[0] >= rows[1]:
        return flat
    width, unit = flat.image.size
    reach = round(unit * 0.07)  # glow and shadow spill over the outline
    band = _Band(max(0, rows[0] - reach), min(unit, rows[1] + reach), (width, unit))
    cut = (0, band.top, width, band.bottom)
    lit = _lit(Layer(flat.image.crop(cut), flat.mask.crop(cut), flat.depth, flat.kind), depth, shot, band, seed)
    image, mask = flat.image.copy(), flat.mask.copy()
    image.paste(lit.image, (0, band.top))
    mask.paste(lit.mask or 255, cut)
    return replace(flat, image=image, mask=mask)


def _lit(layer: Layer, depth: Depth, shot: Composition, band: _Band, seed: int) -> Layer:
    if layer.mask is None:
        return layer
    scheme, unit, light, mask = shot.scheme, band.size[1], _lighting(depth, shot, band.size[1]), layer.mask
    values, figure = floats(layer.image), depth.kind == "figure"
    values = _figure_light(values, mask, shot, unit) if figure else _ground_light(values, shot, band, seed)
    if depth.kind == "scenery" and not shot.place.inside:
        mist = light.haze * (np.clip(1 - np.abs(band.heights - shot.horizon - 0.03) / 0.34, 0, 1) + 0.10)
        values = blend(values, mix(scheme.sky_low, scheme.light, 0.15), np.clip(mist, 0, 0.85))
    wide = max(1.2, unit * (0.0045 if figure else 0.003) * max(1.0, shot.lens.figure * 0.7))
    edge = floats(lit_edge(mask, shot.light, wide)) * (0.85 if figure else 0.22)
    values = blend(values, mix(scheme.light, (1, 1, 1), 0.3), edge)
    image = picture(values)
    if light.blur_px > 0.4:
        image, mask = softened(image, light.blur_px), softened(mask, light.blur_px)
    layer = replace(layer, image=image, mask=mask)
    if light.shadow > 0:
        layer = _with_shadow(layer, mix(scheme.deep, (0, 0, 0), 0.5), shot.light, unit, light.shadow)
    glow = light_mask(depth, band.size)
    return layer if glow is None else _with_glow(layer, glow, shot, band)


def _lighting(depth: Depth, shot: Composition, unit: int) -> _Light:
    far = 1 - depth.depth
    if depth.kind == "front":
        return _Light(0.0, unit * 0.006, 0.0)
    if depth.kind == "figure":
        return _Light(0.0, 0.0, 0.45)
    soft = shot.lens.blur * unit * (0.004 + 0.007 * far)
    return _Light(0.75 * far**1.4, soft, 0.0 if far > 0.8 else 0.22)


def _ground_light(values: np.ndarray, shot: Composition, band: _Band, seed: int) -> np.ndarray:
    """Rough ground: noise lit from the side, as small relief."""
    size = band.size
    lumps = noise(random_for("ground", seed), size, (0.42, 0.055), 6, (band.top, band.bottom))
    step = max(1, round(size[1] * 0.004))
    relief = (lumps - shifted(lumps, step, -shot.light * step)) * (0.3 if shot.place.built else 0.6)
    broad = (lumps - 0.5) * (0.20 if not shot.place.inside else 0.08)
    ways = np.linspace(-1, 1, size[0], dtype=np.float32)[None, :] * shot.light * 0.10
    return values * (1 + np.clip(relief, -0.35, 0.35) + broad + ways)[..., None]


def _figure_light(values: np.ndarray, mask: Image.Image, shot: Composition, unit: int) -> np.ndarray:
    """Round bodies: the inside of the outline lighter than its edge, the lit side lighter than the other."""
    reach = unit * min(0.05, 0.014 * max(1.0, shot.lens.figure))
    small = mask.reduce(4)
    soft = small.filter(ImageFilter.GaussianBlur(reach / 4)).resize(mask.size, Image.Resampling.BILINEAR)
    inside = floats(soft)
    step = max(1, round(reach * 0.8))
    side = inside - shifted(inside, round(step * 0.5), -shot.light * step)
    return values * (0.80 + 0.22 * inside - 0.42 * side)[..., None]


def _with_shadow(layer: Layer, colour: Colour, light: int, unit: int, strength: float) -> Layer:
    """``layer`` with the soft shadow it throws on what lies behind it."""
    if layer.mask is None:
        return layer
    small = layer.mask.reduce(4).filter(ImageFilter.GaussianBlur(unit * 0.004))
    shade = floats(small.resize(layer.mask.size, Image.Resampling.BILINEAR))
    shift = round(unit * 0.010)
    under = shifted(shade, shift // 2, -light * shift) * strength
    return _over(layer, np.broadcast_to(np.array(colour, np.float32), (*under.shape, 3)), under)


def _with_glow(layer: Layer, glow: Image.Image, shot: Composition, band: _Band) -> Layer:
    """``layer`` with the bloom of its lit things, which reaches beyond its outline."""
    if layer.mask is None:
        return layer
    unit, colour = band.size[1], shot.scheme.light
    bright = 1.0 if shot.place.night or shot.place.inside else 0.55
    small = glow.height / unit
    part = (0, band.top * small, glow.width, band.bottom * small)
    blurred = (glow.filter(ImageFilter.GaussianBlur(unit * reach)) for reach in (0.004, 0.020))
    near, far = (floats(one.resize(layer.mask.size, Image.Resampling.BICUBIC, box=part)) for one in blurred)
    halo = np.clip(near * 0.55 + far * 1.25, 0, 0.9) * bright
    values = blend(floats(layer.image), mix(colour, (1, 1, 1), 0.35), halo * floats(layer.mask))
    below = np.broadcast_to(np.array(colour, np.float32), values.shape)
    return _over(replace(layer, image=picture(values)), below, halo)


def _over(layer: Layer, below: np.ndarray, share: np.ndarray) -> Layer:
    """``layer`` laid over a colour that covers ``share``: one layer that looks like both."""
    if layer.mask is None:
        return layer
    own = floats(layer.mask)
    total = own + share * (1 - own)
    weight = (own / np.maximum(total, 1e-4))[..., None]
    values = np.where(total[..., None] > 1e-3, floats(layer.image) * weight + below * (1 - weight), floats(layer.image))
    return Layer(
        picture(values),
        Image.fromarray(np.where(total < 0.012, 0, total * 255 + 0.5).astype(np.uint8)),
        layer.depth,
        layer.kind,
    )
