"""The packaged fonts (Noto, SIL Open Font License): where they lie, what they can write, opened at a size.

Laying lines out is ``typography``'s work. No font is ever looked for on the system, so that a picture is the same on
every machine.
"""

from __future__ import annotations

import struct
import unicodedata
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Literal, TypeAlias

from PIL import ImageFont, features

from studio_pipeline.errors import ProviderFailed

Face: TypeAlias = Literal["sans", "serif"]
FontName: TypeAlias = Literal["sans", "serif", "devanagari", "arabic", "cjk"]

_PACKAGED: dict[FontName, tuple[str, str]] = {
    "sans": ("fontpkg_noto_sans", "files/NotoSans[wdth,wght].ttf"),
    "serif": ("fontpkg_noto_serif", "files/NotoSerif[wdth,wght].ttf"),
    "devanagari": ("fontpkg_noto_sans_devanagari", "files/NotoSansDevanagari[wdth,wght].ttf"),
    "arabic": ("fontpkg_noto_sans_arabic", "files/NotoSansArabic[wdth,wght].ttf"),
    "cjk": ("noto_cjk_sans_jp_regular", "NotoSansCJKjp-Regular.otf"),
}
_FIXED_WEIGHT: frozenset[FontName] = frozenset({"cjk"})


def font_file(name: FontName) -> Path:
    package, inside = _PACKAGED[name]
    return Path(str(files(package) / inside))


def font_files() -> list[Path]:
    """Every packaged font, for programs that burn captions in."""
    return [font_file(name) for name in _PACKAGED]


def can_shape() -> bool:
    """Whether Pillow found what it lays text out with."""
    return bool(features.check("raqm"))


@lru_cache(maxsize=256)
def font(name: FontName, size_px: int, weight: int = 400) -> ImageFont.FreeTypeFont:
    """The font at a size, shaped by Raqm: the basic layout breaks Devanagari and Arabic.

    Raises:
        ProviderFailed: where the system has no FriBiDi, the one library that Pillow's wheels do not bring along.
    """
    if not can_shape():
        raise ProviderFailed(
            "Text cannot be drawn: this machine has no FriBiDi, which Pillow shapes text with",
            todo="Install it (`apt-get install libfribidi0`, `brew install fribidi`) and give the same command again.",
        )
    opened = ImageFont.truetype(str(font_file(name)), size_px, layout_engine=ImageFont.Layout.RAQM)
    if name not in _FIXED_WEIGHT:
        opened.set_variation_by_axes([weight, 100])
    return opened


@lru_cache(maxsize=4096)
def font_for(char: str, face: Face) -> FontName | None:
    """The font that writes ``char``, ``None`` when no packaged one does."""
    return next((name for name in (face, *_by_script(char)) if ord(char) in _covered(name)), None)


def can_write(name: FontName, char: str) -> bool:
    return ord(char) in _covered(name)


def _by_script(char: str) -> tuple[FontName, ...]:
    """Fonts to ask after the chosen face; emoji-like signs are asked of none, a monochrome sign would surprise."""
    if unicodedata.category(char) == "So" and ord(char) > 0x2100:
        return ()
    return ("sans", "devanagari", "arabic", "cjk")


@lru_cache(maxsize=8)
def _covered(name: FontName) -> frozenset[int]:
    """The characters a font has glyphs for, read from its ``cmap`` table (OpenType 1.9, formats 4 and 12)."""
    with font_file(name).open("rb") as file:
        tables = struct.unpack(">H", file.read(6)[4:])[0]
        file.seek(12)
        directory = [struct.unpack(">4sLLL", file.read(16)) for _ in range(tables)]
        _, _, offset, length = next(row for row in directory if row[0] == b"cmap")
        file.seek(offset)
        cmap = file.read(length)
    chars: set[int] = set()
    for index in range(struct.unpack_from(">H", cmap, 2)[0]):
        at = struct.unpack_from(">HHL", cmap, 4 + 8 * index)[2]
        kind = struct.unpack_from(">H", cmap, at)[0]
        if kind == 4:
            chars |= _segments(cmap, at)
        elif kind == 12:
            for group in range(struct.unpack_from(">L", cmap, at + 12)[0]):
                first, last, _ = struct.unpack_from(">LLL", cmap, at + 16 + 12 * group)
                chars.update(range(first, last + 1))
    return frozenset(chars)


def _segments(cmap: bytes, at: int) -> set[int]:
    count = struct.unpack_from(">H", cmap, at + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", cmap, at + 14)
    starts = struct.unpack_from(f">{count}H", cmap, at + 16 + 2 * count)
    return {char for first, last in zip(starts, ends, strict=True) for char in range(first, last + 1) if char < 0xFFFF}
