"""Packaged data that is wrong is told with its field, whatever is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel

from studio_pipeline.data_file import read_data
from studio_pipeline.errors import BadInput


class Lamp(BaseModel):
    oil_l: float


def written(tmp_path: Path, text: bytes) -> Path:
    path = tmp_path / "lamp.yaml"
    path.write_bytes(text)
    return path


def test_a_good_file_is_its_model(tmp_path: Path) -> None:
    assert read_data(written(tmp_path, b"oil_l: 2"), Lamp, "The lamp") == Lamp(oil_l=2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"oil_l: much", "The lamp cannot be used: `oil_l`"),
        (b"wick: 1", "The lamp cannot be used: `oil_l`"),
        (b"- 2", "The lamp cannot be used: `the file`"),
        (b"", "The lamp cannot be used: `the file`"),
        (b"oil_l: [", "The lamp cannot be read"),
        (b"\xff\xfe\x00", "The lamp cannot be read"),
    ],
)
def test_a_bad_one_is_told_with_its_field_and_its_place(tmp_path: Path, text: bytes, words: str) -> None:
    with pytest.raises(BadInput) as told:
        read_data(written(tmp_path, text), Lamp, "The lamp")
    assert told.value.what.startswith(words)
    assert told.value.where.endswith("lamp.yaml")
    assert told.value.todo


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="The lamp cannot be read"):
        read_data(tmp_path / "lamp.yaml", Lamp, "The lamp")
