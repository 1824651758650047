"""The contact sheet shows the frames it was asked for."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from studio_pipeline.editorial.timeline import ColourMatch, Speed
from studio_pipeline.errors import MediaDamaged
from studio_pipeline.media import contact_sheet as sheets
from studio_pipeline.media.contact_sheet import Tile, contact_sheet, picture_of, tiles_of


def number_in(picture: Image.Image) -> int:
    """The frame number that a barcode clip shows."""
    grey = np.asarray(picture.convert("L"), float).reshape(3, 32, 4, 32).mean(axis=(1, 3)) > 128
    return sum(int(bit) << n for n, bit in enumerate(grey.flatten()[4:]))


@pytest.mark.parametrize("fps", [24, 29.97])
@pytest.mark.parametrize("number", [0, 11, 12, 37, 118, 119])
def test_a_picture_is_the_frame_with_that_number(number, fps, library):
    shelf = library(fps)
    assert number_in(picture_of(shelf.resolve(shelf.clip(5, 120)), number)) == number


def test_a_tile_shows_what_the_film_shows_in_the_middle_of_its_clip(library):
    shelf = library()
    looks = {2: {"speed": Speed(num=2)}, 3: {"hold": 14}, 4: {"speed": Speed(num=1, den=2), "colour": ColourMatch()}}
    timeline = shelf.timeline([20, 20, 20, 20], looks=looks)
    tiles = tiles_of(timeline, [shelf.resolve(clip.media) for clip in timeline.clips], flagged={"animated.s03.k3"})
    shown = [number_in(picture_of(tile.clip, tile.frame)) for tile in tiles]
    assert shown == [6 + 10, 6 + 20, 6 + 5, 6 + 5]
    assert [tile.badges for tile in tiles] == [(), ("2×",), ("held 0.6 s",), ("0.5×", "colour matched")]
    assert [tile.alarm for tile in tiles] == ["", "", "missing", ""]
    assert [tile.note for tile in tiles] == ["0:00 · 0.8 s", "0:00 · 0.8 s", "0:01 · 0.8 s", "0:02 · 0.8 s"]


def test_badges_stand_in_the_picture(library, tmp_path):
    shelf = library()
    clip = shelf.resolve(shelf.clip(1, 4))
    for name, tile in {
        "plain": Tile(clip, 0, "k1"),
        "marked": Tile(clip, 0, "k1", "", ("held 1.0 s",), "missing"),
    }.items():
        contact_sheet("Sea", [tile], tmp_path / f"{name}.jpg")
    plain, marked = (np.asarray(Image.open(tmp_path / f"{name}.jpg"), float) for name in ("plain", "marked"))
    apart = np.abs(plain - marked).max(axis=2) > 60
    assert apart[52:90, 16:200].any() and not apart[100:].any()


def test_hundreds_of_clips_are_one_page_of_smaller_tiles(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "picture_of", lambda clip, number: Image.new("RGB", (1280, 720), (90, 120, 90)))
    contact_sheet(
        "Sea",
        [Tile(tmp_path, 0, f"s{n}", "0:01", ("held 1.0 s", "colour matched")) for n in range(500)],
        tmp_path / "s.jpg",
    )
    with Image.open(tmp_path / "s.jpg") as sheet:
        assert sheet.width < 2100 and sheet.width * sheet.height < 16_000_000


def test_upright_pictures_make_narrower_tiles(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "picture_of", lambda clip, number: Image.new("RGB", (720, 1280), (90, 120, 90)))
    contact_sheet("Sea", [Tile(tmp_path, 0, f"s{n}") for n in range(30)], tmp_path / "s.jpg")
    with Image.open(tmp_path / "s.jpg") as sheet:
        assert sheet.width < 2100 and sheet.height < 2100


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
