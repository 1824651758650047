"""The card: a storyboard card as it is pinned to the wall. Paper, a pencil sketch in a panel, and the words.

Held still, never moved over. The words say themselves whether they fitted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from studio_pipeline.film.shots import Board
from studio_pipeline.media.type.typography import Fit, fit_text, measure_text, text_width
from studio_pipeline.providers.image.drawing.composition import Composition, compose, random_for
from studio_pipeline.providers.image.drawing.framing import LENSES
from studio_pipeline.providers.image.drawing.painting import floats, grain, noise, painted, picture
from studio_pipeline.providers.image.drawing.palette import Colour, bytes_of, colour_of, luminance, mix
from studio_pipeline.providers.image.drawing.shapes import Shape

_PAPER: Colour = (0.965, 0.948, 0.912)
_PANEL: Colour = (0.992, 0.984, 0.962)
_INK = (38, 36, 40)
_SOFT_INK = (118, 110, 104)


@dataclass(frozen=True)
class CardFit:
    """How the card's words fitted."""

    heading: Fit
    action: Fit


@dataclass(frozen=True)
class _Layout:
    panel: tuple[int, int, int, int]
    words: tuple[int, int, int, int]
    unit: int


def card_picture(board: Board, size: tuple[int, int], seed: int, variation: int) -> tuple[Image.Image, CardFit]:
    """The card of ``board`` in ``size`` pixels, and how its words fitted."""
    lay = _layout(size)
    card = _paper(size)
    left, top, right, bottom = lay.panel
    sketch = _sketch(board, (right - left, bottom - top), seed, variation)
    _shadow(card, lay)
    card.paste(sketch, (left, top))
    ink = ImageDraw.Draw(card)
    ink.rectangle(lay.panel, outline=_INK, width=max(2, round(lay.unit * 0.0035)))
    return card, _words(card, board, lay)


def _layout(size: tuple[int, int]) -> _Layout:
    """Wide cards have the words beside the panel, others below; the lower 18 % stay free for captions."""
    width, height = size
    unit = min(size)
    edge = round(unit * 0.055)
    floor = round(height * 0.80)
    if width > height * 1.2:
        panel_h = floor - 2 * edge - round(unit * 0.02)
        panel_w = min(round(panel_h * 16 / 9), round(width * 0.60))
        panel_h = min(panel_h, round(panel_w * 9 / 16) + round(unit * 0.08))
        top = edge + round(unit * 0.035)
        return _Layout(
            (edge, top, edge + panel_w, top + panel_h), (edge + panel_w + edge, top, width - edge, floor), unit
        )
    panel_w = width - 2 * edge
    panel_h = round(min(panel_w * 0.8, height * 0.42))
    words_top = round(edge * 3.7) + panel_h
    return _Layout((edge, edge * 2, edge + panel_w, edge * 2 + panel_h), (edge, words_top, width - edge, floor), unit)


def _paper(size: tuple[int, int]) -> Image.Image:
    return picture(np.array(_PAPER, np.float32) + _fibre(size)[..., None])


@lru_cache(maxsize=4)
def _fibre(size: tuple[int, int]) -> np.ndarray:
    rng = random_for("card stock")
    return (noise(rng, size, (0.5, 0.4), 5) - 0.5) * 0.022 + grain(rng, size, 0.007)


def _shadow(card: Image.Image, lay: _Layout) -> None:
    left, top, right, bottom = lay.panel
    shade = Image.new("L", card.size, 0)
    drop = round(lay.unit * 0.008)
    ImageDraw.Draw(shade).rectangle((left + drop, top + drop, right + drop, bottom + drop), fill=95)
    card.paste((70, 58, 48), (0, 0, *card.size), shade.filter(ImageFilter.GaussianBlur(lay.unit * 0.010)))


def _sketch(board: Board, size: tuple[int, int], seed: int, variation: int) -> Image.Image:
    """The shot in pencil: outlines, a wash of tone with hatching in the darks, and one colour for each character."""
    shot = compose(board, size[0] / size[1], seed, variation)
    tones = np.full((size[1], size[0]), 0.97, np.float32)
    lines = np.zeros((size[1], size[0]), np.float32)
    tint = Image.new("RGB", size, bytes_of(_PANEL))
    tinted = Image.new("L", size, 0)
    sun = Image.new("L", size, 0)
    x, y, radius = shot.sun[0] * size[1], shot.sun[1] * size[1], size[1] * 0.07
    if not shot.place.inside:
        ImageDraw.Draw(sun).ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
        lines = np.maximum(lines, _outline(sun, 1.0) * 0.55)
        tones -= 0.25 * (1 - floats(sun)) * (1.0 if shot.place.night else 0.12)
    for depth in shot.depths:
        layer = painted(depth, size, lambda shape, at: _grey(shape, at, shot), (0.9, 0.9, 0.9))
        if layer.mask is None:
            continue
        mask, values = floats(layer.mask), floats(layer.image)[..., 0]
        near = depth.kind != "scenery"
        strength = 0.95 if near else 0.35 + 0.5 * depth.depth
        found = np.maximum(_outline(layer.mask, 1.3 if near else 0.9), _contours(layer.image) * (0.9 if near else 0.6))
        lines = lines * (1 - mask) + found * strength * np.maximum(mask, 0.6)
        tones = tones * (1 - mask) + values * mask
        if depth.kind == "figure":
            _tint(tint, tinted, depth.shapes)
    paper = random_for("tooth", seed, variation)
    tooth = noise(paper, size, (0.006, 0.006), 2)
    shade = np.clip(0.96 - tones, 0, 1)
    hatch = _hatching(size, shade, paper)
    dark = np.clip(shade * 0.42 + hatch * 0.42, 0, 0.8) * (0.72 + 0.5 * tooth)
    dark = np.maximum(dark, np.clip(lines, 0, 1) * (0.55 + 0.55 * tooth))
    values = floats(tint) * floats(tinted)[..., None] * 0.62 + np.array(_PANEL, np.float32) * (
        1 - floats(tinted)[..., None] * 0.62
    )
    graphite = np.array((0.17, 0.165, 0.185), np.float32)
    share = np.clip(dark, 0, 0.94)[..., None]
    return picture(values * (1 - share) + graphite * share)


def _grey(shape: Shape, depth: float, shot: Composition) -> Colour:
    if shape.role == "light":
        return (1.0, 1.0, 1.0)
    tone = 0.5 * luminance(shot.scheme.paint(shape, depth)) + 0.5 * (0.95 - 0.5 * depth + 0.2 * shape.tone)
    if shape.role in ("cloth", "skin", "hair"):
        tone = 0.86 + 0.35 * min(0.0, shape.tone)
        if shape.role == "hair":
            tone -= 0.62 - 0.6 * luminance(colour_of(shape.colour or "#241c20"))
    return (tone, tone, tone)


def _tint(tint: Image.Image, tinted: Image.Image, shapes: tuple[Shape, ...]) -> None:
    """A loose wash of each character's own colour."""
    ink, wash = ImageDraw.Draw(tint), ImageDraw.Draw(tinted)
    for shape in shapes:
        points = [(x * tint.height, y * tint.height) for x, y in shape.points]
        if len(points) < 3 or shape.stroke:
            continue
        own = shape.role in ("cloth", "skin") and shape.colour is not None
        lit = shape.role == "light"
        ink.polygon(points, fill=bytes_of(colour_of(shape.colour)) if own and shape.colour else (250, 214, 130))
        wash.polygon(points, fill=235 if shape.role == "cloth" and own else 120 if own else 150 if lit else 0)


def _outline(mask: Image.Image, width: float) -> np.ndarray:
    """A pencil line around ``mask``."""
    reach = 3 if width < 1.2 else 5
    edge = ImageChops.subtract(mask.filter(ImageFilter.MaxFilter(3)), mask.filter(ImageFilter.MinFilter(reach)))
    return floats(edge.filter(ImageFilter.GaussianBlur(0.5)))


def _contours(image: Image.Image) -> np.ndarray:
    """Lines where tones meet inside a layer."""
    grey = image.getchannel("R")
    found = ImageChops.subtract(grey.filter(ImageFilter.MaxFilter(3)), grey.filter(ImageFilter.MinFilter(3)))
    return np.clip(floats(found) * 3.6, 0, 1)


def _hatching(size: tuple[int, int], shade: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Strokes at two slants, the second only in the darkest parts; a little unsteady, as by hand."""
    ys, xs = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    sway = (noise(rng, size, (0.35, 0.35), 3) - 0.5) * size[1] * 0.02
    pitch = max(4.0, size[1] * 0.0125)
    weak = noise(rng, size, (0.12, 0.06), 3)
    first = np.clip(np.sin((xs + ys * 0.9 + sway) * (2 * np.pi / pitch)) * 1.6 - 0.35, 0, 1)
    second = np.clip(np.sin((xs * 0.85 - ys + sway) * (2 * np.pi / pitch)) * 1.6 - 0.35, 0, 1)
    return (first * np.clip((shade - 0.22) * 2.6, 0, 1) + second * np.clip((shade - 0.55) * 3, 0, 1)) * (
        0.55 + 0.6 * weak
    )


def _words(card: Image.Image, board: Board, lay: _Layout) -> CardFit:
    ink = ImageDraw.Draw(card)
    unit = lay.unit
    left, top, right, bottom = lay.words
    label = max(10, round(unit * 0.0225))
    accent = (
        bytes_of(mix(colour_of(board.characters[0].colour), (0.2, 0.2, 0.2), 0.15))
        if board.characters
        else (176, 74, 58)
    )
    y = top
    leftward = measure_text(board.heading, (right - left, unit), max_px=label, min_px=label).right_to_left
    if board.slate:
        width = min(right - left, round(text_width(board.slate, label, weight=700) + label * 1.4))
        x = right - width if leftward else left
        ink.rounded_rectangle((x, y, x + width, y + round(label * 1.9)), radius=round(label * 0.3), fill=_INK)
        inside = (x, y + round(label * 0.34), x + width, y + round(label * 1.9))
        paper = (250, 246, 238)
        fit_text(ink, board.slate, inside, max_px=label, min_px=8, fill=paper, weight=700, align="centre", max_lines=1)
        y += round(label * 2.7)
    heading_box = (left, y, right, min(bottom, y + round((bottom - top) * 0.40)))
    heading = fit_text(
        ink,
        board.heading,
        heading_box,
        max_px=round(unit * 0.064),
        min_px=max(12, round(unit * 0.034)),
        fill=_INK,
        face="serif",
        weight=600,
        max_lines=4,
    )
    y += heading.height_px + round(unit * 0.022)
    rule = round(unit * 0.085)
    x = right - rule if heading.right_to_left else left
    ink.rectangle((x, y, x + rule, y + max(3, round(unit * 0.0055))), fill=accent)
    y += round(unit * 0.034)
    foot = bottom - round(label * (3.2 if board.characters else 1.2))
    action = fit_text(
        ink,
        board.action,
        (left, y, right, foot),
        max_px=round(unit * 0.042),
        min_px=max(11, round(unit * 0.024)),
        fill=(70, 66, 66),
    )
    _cast_line(card, board, (left, bottom - round(label * 2.6), right), label)
    _framing_line(card, board, lay, label)
    return CardFit(heading, action)


def _cast_line(card: Image.Image, board: Board, line: tuple[int, int, int], px: int) -> None:
    """Who is in the shot: a dot in the character's colour, and the tag."""
    ink = ImageDraw.Draw(card)
    x, y, right = line
    for character in board.characters[:6]:
        wide = round(text_width(character.tag, px, weight=600))
        if x + wide + px * 2 > right:
            break
        fine = Image.new("L", (px * 4, px * 4), 0)
        ImageDraw.Draw(fine).ellipse((2, 2, px * 4 - 3, px * 4 - 3), fill=255)
        card.paste(bytes_of(colour_of(character.colour)), (x, y + round(px * 0.35)), fine.reduce(4))
        box = (x + round(px * 1.4), y, x + round(px * 1.4) + wide + px, y + px * 2)
        fit_text(ink, character.tag, box, max_px=px, min_px=px, fill=_SOFT_INK, weight=600, max_lines=1)
        x += wide + round(px * 2.9)


def _framing_line(card: Image.Image, board: Board, lay: _Layout, px: int) -> None:
    """Below the panel: the framing in words, and the place."""
    ink = ImageDraw.Draw(card)
    left, _, right, bottom = lay.panel
    top = bottom + round(px * 0.75)
    name = LENSES[board.framing].label
    wide = round(text_width(name, px, weight=700))
    fit_text(
        ink, name, (left, top, left + wide + 4, top + px * 2), max_px=px, min_px=px, fill=_INK, weight=700, max_lines=1
    )
    if board.place:
        box = (left + wide + px, top, right, top + px * 2)
        fit_text(ink, board.place, box, max_px=px, min_px=max(9, px - 3), fill=_SOFT_INK, max_lines=1)
