"""What the shape of a picture is called. Vendors that choose the pixels themselves are asked for a shape by name."""

from __future__ import annotations

from collections.abc import Sequence

NAMES = ("1:1", "5:4", "4:5", "4:3", "3:4", "3:2", "2:3", "16:9", "9:16", "21:9", "9:21")


def aspect(size: tuple[int, int], names: Sequence[str] = NAMES) -> str:
    """The name of the shape that is nearest to ``size``: 16:9 for 1376×768."""
    return min(names, key=lambda name: abs(_shape(name) / (size[0] / size[1]) - 1))


def _shape(name: str) -> float:
    width, _, height = name.partition(":")
    return int(width) / int(height)
