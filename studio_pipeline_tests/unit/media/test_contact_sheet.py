"""The contact sheet shows the frames it was asked for."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from studio_pipeline.errors import MediaDamaged
from studio_pipeline.media.contact_sheet import Tile, contact_sheet, picture_of


def test_a_picture_is_the_frame_with_that_number(library):
    shelf = library()
    clip = shelf.resolve(shelf.clip(5, 20))
    grey = np.asarray(picture_of(clip, 11).convert("L"), float).reshape(3, 32, 4, 32).mean(axis=(1, 3)) > 128
    assert grey.flatten().tolist() == [bool(x) for x in (1, 0, 1, 0, *(11 >> n & 1 for n in range(8)))]


def test_all_clips_are_on_the_page_whatever_they_are_called(library, tmp_path):
    shelf = library()
    names = ["animated.s01.k1", "कहानी", "x" * 200, "\x00\n[0:v]"]
    tiles = [Tile(shelf.resolve(shelf.clip(n, 4)), 2, name, "0:01") for n, name in enumerate(names, start=1)]
    contact_sheet("Sea\n\x00" * 50, tiles, tmp_path / "sheet.jpg")
    with Image.open(tmp_path / "sheet.jpg") as sheet:
        assert sheet.format == "JPEG" and sheet.width == 3 * 336 + 16
        lit = np.asarray(sheet.convert("L")) > 200
    assert lit[52:292, 16:336].any() and lit[52 + 282 : 52 + 522, 16:336].any()


def test_a_frame_that_is_not_there_is_an_error(library):
    shelf = library()
    with pytest.raises(MediaDamaged, match="no frame 20"):
        picture_of(shelf.resolve(shelf.clip(5, 20)), 20)


def test_a_broken_clip_is_an_error(tmp_path):
    (tmp_path / "clip.mp4").write_bytes(b"not a clip")
    with pytest.raises(MediaDamaged):
        picture_of(tmp_path / "clip.mp4", 0)
