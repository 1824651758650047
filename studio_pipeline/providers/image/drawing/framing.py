"""What each framing does to a composition: how near the place and the people are."""

from __future__ import annotations

from dataclasses import dataclass

from studio_pipeline.film.shots import Framing


@dataclass(frozen=True)
class Lens:
    """``zoom`` magnifies the place, ``horizon`` is its height in the frame; ``figure`` is how tall a person stands,
    in heights of the picture, with the crown at ``crown``. ``blur`` is how soft the background falls, 0 to 1."""

    zoom: float
    horizon: float
    figure: float
    crown: float
    blur: float
    most: int
    """How many people are shown at most."""
    label: str


LENSES: dict[Framing, Lens] = {
    "extreme_wide": Lens(0.82, 0.56, 0.13, 0.64, 0.0, 5, "EXTREME WIDE"),
    "wide": Lens(1.0, 0.56, 0.42, 0.38, 0.1, 4, "WIDE"),
    "medium": Lens(1.35, 0.54, 1.18, 0.20, 0.35, 3, "MEDIUM"),
    "close": Lens(1.9, 0.55, 2.75, 0.10, 0.7, 2, "CLOSE"),
    "extreme_close": Lens(2.6, 0.55, 7.4, -0.12, 1.0, 1, "EXTREME CLOSE"),
    "insert": Lens(2.3, 0.42, 0.0, 0.0, 0.9, 0, "INSERT"),
}
