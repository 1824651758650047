"""The lists of shots are safe to open, and no two shots share a name."""

from __future__ import annotations

import csv

import pytest

from studio_pipeline.editorial.shot_list import write_ale, write_csv
from studio_pipeline.editorial.timeline import Mark


@pytest.mark.parametrize("said", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '\r\n=HYPERLINK("x")', "＝1"])
def test_no_cell_is_ever_a_formula(library, tmp_path, said):
    shelf = library()
    timeline = shelf.timeline([5])
    mark = Mark(source_frame=7, name=said, note='two\nlines, and "quotes"')
    clip = timeline.clips[0].model_copy(update={"name": said, "marks": (mark,)})
    write_csv(timeline.model_copy(update={"clips": (clip,)}), tmp_path / "film.csv", shelf.resolve)
    text = (tmp_path / "film.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbfshot,scene,take,rating,record_in")
    (row,) = csv.DictReader(text.decode("utf-8-sig").splitlines())
    assert row["shot"] == f"'{said.strip()}"
    assert all(not (cell or "").startswith(("=", "+", "-", "@", "\t", "\r", "＝")) for cell in row.values())
    assert row["issues"] == f'\'{said.strip()}: two lines, and "quotes"'


def test_a_log_keeps_its_columns_whatever_a_shot_is_called(library, tmp_path):
    shelf = library()
    timeline = shelf.timeline([5, 5, 5])
    names = ["a\tb\nData", "ü" * 80, "ü" * 90]
    clips = [clip.model_copy(update={"name": name}) for clip, name in zip(timeline.clips, names, strict=True)]
    write_ale(timeline.model_copy(update={"clips": tuple(clips)}), tmp_path / "film.ale", shelf.resolve)
    lines = (tmp_path / "film.ale").read_text(encoding="utf-8").splitlines()
    columns = lines[lines.index("Column") + 1].split("\t")
    rows = [line.split("\t") for line in lines[lines.index("Data") + 1 :]]
    assert len(rows) == 3 and all(len(row) == len(columns) for row in rows)
    assert [row[0] for row in rows] == ["a b Data", "ü" * 63, f"{'ü' * 58} 2"]
    assert [row[columns.index("Shot")] for row in rows] == ["a b Data", "ü" * 80, "ü" * 90]


@pytest.mark.parametrize("fps,said", [(23.976, "23.976"), (24, "24"), (29.97, "29.97"), (59.94, "59.94")])
def test_a_log_names_its_rate(library, tmp_path, fps, said):
    shelf = library(fps)
    write_ale(shelf.timeline([5]), tmp_path / "film.ale", shelf.resolve)
    assert f"FPS\t{said}" in (tmp_path / "film.ale").read_text(encoding="utf-8").splitlines()
