"""The card that stands where a shot cannot be shown: dark, calm, and saying which one is missing.

Only drawing; who is replaced by a card is decided in ``conformed.py``.
"""

from __future__ import annotations

from PIL import Image, ImageDraw

from studio_pipeline.media.type.typography import fit_text

_NIGHT, _INK, _SOFT_INK = (24, 26, 31), (214, 215, 219), (138, 141, 150)


def missing_card(shot: str, note: str, size: tuple[int, int]) -> Image.Image:
    """A picture of ``size`` that says that ``shot`` is missing, and ``note`` under it, each on one line."""
    width, height = size
    card = Image.new("RGB", size, _NIGHT)
    draw = ImageDraw.Draw(card)
    unit = min(size) / 100
    left, right, middle = round(width * 0.08), round(width * 0.92), height / 2
    for text, top, tall, weight, ink in (
        ("No picture here", -15, 4.5, 400, _SOFT_INK),
        (shot, -7, 8, 600, _INK),
        (note, 5.5, 4.5, 400, _SOFT_INK),
    ):
        box = (left, round(middle + top * unit), right, round(middle + (top + tall * 1.5) * unit))
        most, least = max(4, round(tall * unit)), max(4, round(tall * unit * 0.4))
        fit_text(draw, text, box, max_px=most, min_px=least, fill=ink, weight=weight, align="centre", max_lines=1)
    return card
