"""The packaged fonts (Noto, SIL Open Font License): where they lie, what they can write, opened at a weight.

Laying lines out is ``typography``'s work. No font is ever looked for on the system, so that a picture is the same on
every machine.
"""

# uharfbuzz is compiled and has no stubs: pyright cannot see what is in it.
# pyright: reportAttributeAccessIssue=false
from __future__ import annotations

import struct
import unicodedata
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Literal, TypeAlias

import uharfbuzz

from studio_pipeline.errors import ProviderFailed

Face: TypeAlias = Literal["sans", "serif"]
FontName: TypeAlias = Literal["sans", "serif", "devanagari", "arabic", "cjk"]

EM = 1 << 16
"""What a fontful of height measures in the lengths that an opened font gives."""

_PACKAGED: dict[FontName, tuple[str, str]] = {
    "sans": ("fontpkg_noto_sans", "files/NotoSans[wdth,wght].ttf"),
    "serif": ("fontpkg_noto_serif", "files/NotoSerif[wdth,wght].ttf"),
    "devanagari": ("fontpkg_noto_sans_devanagari", "files/NotoSansDevanagari[wdth,wght].ttf"),
    "arabic": ("fontpkg_noto_sans_arabic", "files/NotoSansArabic[wdth,wght].ttf"),
    "cjk": ("noto_cjk_sans_jp_regular", "NotoSansCJKjp-Regular.otf"),
}
FONTS = tuple(_PACKAGED)


def font_file(name: FontName) -> Path:
    package, inside = _PACKAGED[name]
    return Path(str(files(package) / inside))


def font_files() -> list[Path]:
    """Every packaged font."""
    return [font_file(name) for name in FONTS]


def font_versions() -> tuple[str, ...]:
    """Which packages the fonts come from, and which versions of them: what is drawn with other ones looks otherwise."""
    return tuple(f"{package} {version(package)}" for package, _ in _PACKAGED.values())


def lay_out_fonts(folder: Path, text: str) -> None:
    """Make ``folder`` hold the packaged fonts whose families ``text`` names, for programs that take fonts from one
    folder: libass reads all that lie there, and Chinese and Japanese take it a tenth of a second."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in FONTS:
        place = folder / f"{name}{font_file(name).suffix}"
        if family(name) in text and not place.is_symlink():
            place.symlink_to(font_file(name))


@lru_cache(maxsize=8)
def family(name: FontName) -> str:
    """What a font calls its family: what programs ask for it by."""
    return _face(name).get_name(uharfbuzz.OTNameIdPredefined.FONT_FAMILY)


@lru_cache(maxsize=8)
def windows_extent(name: FontName) -> tuple[float, float]:
    """What a font takes above and below its baseline as Windows counts it (OS/2 table, ``usWinAscent`` and
    ``usWinDescent``), in ems. The size of a font in a subtitle file is the sum, not the em."""
    above, below = struct.unpack_from(">HH", bytes(_face(name).reference_table("OS/2").data), 74)
    return above / _face(name).upem, below / _face(name).upem


@lru_cache(maxsize=64)
def font(name: FontName, weight: int = 400) -> uharfbuzz.Font:
    """The font at a weight, its lengths in ``EM``; whoever draws scales them. Threads share it: it is only read.

    Raises:
        ProviderFailed: where its file is missing or damaged.
    """
    opened = uharfbuzz.Font(_face(name))
    opened.scale = (EM, EM)
    opened.set_variations({"wght": weight})  # a font of one weight has no such axis, and stays as it is
    return opened


@lru_cache(maxsize=8)
def _face(name: FontName) -> uharfbuzz.Face:
    todo = "Install the font packages of pyproject.toml again and give the same command once more."
    try:
        file = font_file(name)
        data = file.read_bytes()
    except (ImportError, OSError) as error:
        raise ProviderFailed(f"The packaged font “{name}” cannot be opened", where=str(error), todo=todo) from error
    if not _is_whole(data):
        raise ProviderFailed(f"The packaged font “{name}” is damaged", where=str(file), todo=todo)
    return uharfbuzz.Face(uharfbuzz.Blob(data))


def _is_whole(data: bytes) -> bool:
    """Whether every table that the directory names lies inside the file; HarfBuzz would draw blanks for one that is
    cut off (OpenType 1.9, table directory)."""
    tables = int.from_bytes(data[4:6], "big")
    rows = [struct.unpack_from(">4sLLL", data, 12 + 16 * row) for row in range(tables) if len(data) >= 28 + 16 * row]
    return 0 < tables == len(rows) and all(offset + length <= len(data) for _, _, offset, length in rows)


@lru_cache(maxsize=4096)
def font_for(char: str, face: Face) -> FontName | None:
    """The font that writes ``char``, ``None`` when no packaged one does."""
    return next((name for name in (face, *_by_script(char)) if can_write(name, char)), None)


def can_write(name: FontName, char: str) -> bool:
    return ord(char) in _covered(name)


def _by_script(char: str) -> tuple[FontName, ...]:
    """Fonts to ask after the chosen face; emoji-like signs are asked of none, a monochrome sign would surprise."""
    if unicodedata.category(char) == "So" and ord(char) > 0x2100:
        return ()
    return ("sans", "devanagari", "arabic", "cjk")


@lru_cache(maxsize=8)
def _covered(name: FontName) -> frozenset[int]:
    """The characters a font has glyphs for."""
    return frozenset(_face(name).unicodes)
