"""Colours: a mood's five, pulled toward the film's own, shifted a little by the seed; and how depth takes light.

No shapes here. Colours are floats 0 to 1 in the order red, green, blue.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from studio_pipeline.film.script import Mood
from studio_pipeline.film.shots import Board
from studio_pipeline.providers.image.drawing.shapes import Shape

Colour: TypeAlias = tuple[float, float, float]

_MOODS: dict[Mood, tuple[str, str, str, str, str]] = {
    # deepest shadow, body, distance, sky near the horizon, light
    "calm": ("#12303f", "#2c6273", "#7fa9a8", "#eadfc4", "#ffcf8a"),
    "wonder": ("#1d1846", "#4a3a8c", "#8f78bd", "#f3c9c4", "#ffe09a"),
    "tension": ("#0d1319", "#243540", "#566a70", "#c2b08c", "#ff7a4d"),
    "joy": ("#134a5c", "#2f8f8b", "#8cc6a8", "#fbe6b0", "#ff9d6b"),
    "sorrow": ("#141b2b", "#32425d", "#71839b", "#c9cdd2", "#dfe8f5"),
    "resolve": ("#24172b", "#6b3044", "#bd6a52", "#f6cc8e", "#fff0c2"),
}


def colour_of(text: str) -> Colour:
    return int(text[1:3], 16) / 255, int(text[3:5], 16) / 255, int(text[5:7], 16) / 255


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """``a`` with ``share`` of ``b``."""
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share


def luminance(colour: Colour) -> float:
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


def bytes_of(colour: Colour) -> tuple[int, int, int]:
    red, green, blue = (round(255 * min(max(part, 0.0), 1.0)) for part in colour)
    return red, green, blue


def _turned(colour: Colour, degrees: float, saturation: float = 1.0) -> Colour:
    hue, light, full = colorsys.rgb_to_hls(*colour)
    return colorsys.hls_to_rgb((hue + degrees / 360) % 1.0, light, min(1.0, full * saturation))


@dataclass(frozen=True)
class Scheme:
    """The colours of one shot, dark to light, and the light itself."""

    deep: Colour
    body: Colour
    distance: Colour
    sky_low: Colour
    sky_top: Colour
    light: Colour
    night: bool

    @classmethod
    def of(cls, board: Board, rng: np.random.Generator, *, night: bool, inside: bool) -> Scheme:
        """The scheme of ``board``; ``rng`` turns the hues a few degrees so that scenes of a mood do differ."""
        deep, body, distance, low, light = (colour_of(text) for text in _MOODS[board.mood])
        film = sorted((colour_of(text) for text in board.palette if _is_colour(text)), key=luminance)
        if film:
            anchors = [film[round(i * (len(film) - 1) / 3)] for i in range(4)]
            deep, body, distance, low = (
                mix(mine, _at_light(theirs, luminance(mine)), 0.45)
                for mine, theirs in zip((deep, body, distance, low), anchors, strict=True)
            )
        turn = float(rng.uniform(-7, 7))
        deep, body, distance, low, light = (
            _turned(colour, turn, 1.08) for colour in (deep, body, distance, low, light)
        )
        top = mix(distance, body, 0.55)
        if night and not inside:
            top, low, distance = (
                mix(deep, body, 0.12),
                mix(mix(body, distance, 0.5), light, 0.13),
                mix(body, distance, 0.22),
            )
            body, deep = mix(deep, body, 0.5), mix(deep, (0.0, 0.0, 0.02), 0.35)
            light = mix(light, (1.0, 0.95, 0.8), 0.3)
        return cls(deep, body, distance, low, top, light, night)

    def at(self, depth: float) -> Colour:
        """What a thing without a colour of its own looks like at ``depth``: distance takes the sky's colour."""
        ramp = (mix(self.distance, self.sky_low, 0.30), self.distance, self.body, mix(self.body, self.deep, 0.55))
        place = min(max(depth, 0.0), 1.0) * 3
        step = min(int(place), 2)
        return mix(ramp[step], ramp[step + 1], place - step)

    def paint(self, shape: Shape, depth: float) -> Colour:
        """The colour of ``shape`` at ``depth``."""
        base = self.at(depth)
        if shape.role == "light":
            return mix(self.light, (1.0, 1.0, 0.96), max(0.0, shape.tone) * 0.6)
        if shape.role == "water":
            base = mix(mix(self.body, self.sky_low, 0.42 - 0.30 * depth), _turned(base, -10), 0.3)
        elif shape.role == "plant":
            base = mix(base, _turned(self.body, 14, 1.1), 0.25)
        elif shape.role == "built":
            base = mix(base, self.distance, 0.10)
        elif shape.role == "cloth" and shape.colour:
            base = mix(colour_of(shape.colour), self.deep, 0.32 if self.night else 0.16)
        elif shape.role == "skin":
            base = mix(colour_of(shape.colour or "#c98f6b"), self.body, 0.24 if self.night else 0.07)
        elif shape.role == "hair":
            base = mix(colour_of(shape.colour or "#241c20"), self.deep, 0.35)
        elif shape.role == "ink":
            base = mix(self.deep, (0.0, 0.0, 0.0), 0.25)
        toward: Colour = mix(self.sky_low, (1.0, 1.0, 1.0), 0.25) if shape.tone > 0 else mix(self.deep, (0, 0, 0), 0.3)
        if shape.role in ("skin", "cloth", "hair") and shape.colour and shape.tone < 0:  # a shadow keeps its own hue
            toward = mix((base[0] * 0.32, base[1] * 0.26, base[2] * 0.30), self.deep, 0.25)
        return mix(base, toward, abs(shape.tone) * 0.55)


def _is_colour(text: str) -> bool:
    return len(text) == 7 and text[0] == "#" and all(digit in "0123456789abcdefABCDEF" for digit in text[1:])


def _at_light(colour: Colour, light: float) -> Colour:
    """``colour`` made as light as ``light``, so that a film's palette keeps each place's contrast."""
    own = max(luminance(colour), 0.02)
    return (
        mix(colour, (1.0, 1.0, 1.0), min(1.0, (light - own) / (1 - own)))
        if own < light
        else mix((0.0, 0.0, 0.0), colour, light / own)
    )
