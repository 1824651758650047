"""How much of a language a reader takes in: how long a line of captions may be, and how fast it may go by.

The numbers are those of Netflix's timed text style guides (partnerhelp.netflixstudios.com, read 2026-11): 42 characters
a line; 16 in simplified Chinese (article 215986007); 13 in Japanese subtitles, which are shortened translations
(215767517), and 16 where captions say all that is spoken, as ours do. Speeds: 17 a second in general, 20 for adults in
English, of which we take the calmer; 9 in Chinese, 12 in Korean, and in Japanese 7 for all that is spoken. The speed of
Korean and both numbers of verbatim Japanese are known second-hand.
"""

from __future__ import annotations

from dataclasses import dataclass

from studio_pipeline.media.captions.phrases import columns

MAX_COLUMNS = 42
"""Columns in a line of captions; a full-width character takes two."""
NARROW_COLUMNS = 32
"""The same for pictures that are not wider than high, so that letters stay as large."""


@dataclass(frozen=True)
class Reading:
    """``columns`` a line and ``columns_per_s``; ``language`` is the primary subtag that decides where lines break."""

    language: str
    columns: int = MAX_COLUMNS
    columns_per_s: float = 17


_FULL_WIDTH = {
    "zh": Reading("zh", columns=32, columns_per_s=18),
    "ja": Reading("ja", columns=32, columns_per_s=14),
    "ko": Reading("ko", columns=32, columns_per_s=24),
}


def reading(text: str, language: str, size: tuple[int, int]) -> Reading:
    """How ``text`` is to be read in a picture of ``size``. What it is written in counts for more than ``language``: a
    film in Hindi may quote Chinese."""
    own = language.replace("_", "-").split("-")[0].lower()
    most = NARROW_COLUMNS if size[0] <= size[1] else MAX_COLUMNS
    letters = "".join(char for char in text if char.isalpha())
    if columns(letters) * 2 <= len(letters) * 3:  # half of them or more are of the narrow kind
        return Reading(own, columns=most)
    if any("\u3041" <= char <= "\u30ff" for char in letters):
        return _FULL_WIDTH["ja"]
    if any("\uac00" <= char <= "\ud7a3" for char in letters):
        return _FULL_WIDTH["ko"]
    return _FULL_WIDTH["ja" if own == "ja" else "zh"]
