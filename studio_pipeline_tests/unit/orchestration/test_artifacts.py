"""The artifact store: what was written is read back whole, or named as damaged; unfinished files are no artifacts."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from studio_pipeline.errors import HomeDamaged
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.frozen import digest_of
from studio_pipeline.film.story import Story
from studio_pipeline.liveness import Process
from studio_pipeline.orchestration.artifacts import Absent, ArtifactStore, Made

CELL = Cell.parse("lamp")
LAMP = Story(digest="A lamp.")


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(str(tmp_path))


def written(store: ArtifactStore, content: Story | Absent = LAMP) -> None:
    store.write("story", CELL, Made(content, {"brief#film": "1" * 64}, {"s01": "2" * 64}), code_version="1", run_id="r")


def place(tmp_path: Path) -> Path:
    return tmp_path / "lamp" / "story.json"


def test_an_artifact_comes_back_with_what_it_was_made_from(store, tmp_path):
    written(store)
    found = store.read("story", CELL)
    assert found is not None
    assert found.content == LAMP
    assert (found.header.inputs, found.header.parts) == ({"brief#film": "1" * 64}, {"s01": "2" * 64})
    assert found.header.digest == digest_of(LAMP), "the digest is that of the content alone"


def test_a_story_that_says_nothing_is_an_artifact_too(store):
    written(store, Story())
    assert store.read("story", CELL) is not None


def test_an_absent_marker_comes_back_as_one(store):
    marker = Absent(kind="unaffordable", reason="no money", needed_usd=Decimal("0.50"))
    written(store, marker)
    assert store.read("story", CELL) is None
    assert store.absent("story", CELL) == marker


@pytest.mark.parametrize(
    "key", ["asset", "cell", "digest", "inputs", "parts", "code_version", "run_id", "content", "sha256"]
)
@pytest.mark.parametrize("signed_again", [False, True])
def test_a_file_that_lacks_a_key_is_named_as_damaged(store, tmp_path, key, signed_again):
    written(store)
    document = json.loads(place(tmp_path).read_text())
    del document[key]
    if signed_again and key != "sha256":
        del document["sha256"]
        document["sha256"] = digest_of(document)
    place(tmp_path).write_text(json.dumps(document))
    for read in (lambda: store.read("story", CELL), lambda: store.headers("lamp"), lambda: store.absent("story", CELL)):
        with pytest.raises(HomeDamaged, match=r"damaged .*story\.json"):
            read()


@pytest.mark.parametrize(
    ("key", "value"), [("inputs", {}), ("parts", {"s01": "3" * 64}), ("code_version", "9"), ("content", {})]
)
def test_a_change_anywhere_in_the_file_is_found(store, tmp_path, key, value):
    written(store)
    document = json.loads(place(tmp_path).read_text()) | {key: value}
    place(tmp_path).write_text(json.dumps(document))
    with pytest.raises(HomeDamaged, match="damaged"):
        store.headers("lamp")


def test_what_a_killed_writer_left_is_no_artifact(store, tmp_path):
    scenes = tmp_path / "lamp" / "scenes"
    scenes.mkdir(parents=True)
    (scenes / ".animated.json.unfinished~host~boot~1~2~0").write_text("{")
    written(store)
    assert set(store.headers("lamp")) == {"story"}


def test_what_a_killed_writer_left_is_swept_and_nothing_else(store, tmp_path):
    written(store)
    here = Process.current()
    dead = f".unfinished~{Process(here.host, 'another boot', 1, '2')}~0"
    left = [tmp_path / "lamp" / f".story.json{dead}", tmp_path / "lamp" / "scenes" / f".animated.s01.json{dead}"]
    kept = tmp_path / "lamp" / "scenes" / f".animated.s02.json.unfinished~{here}~0"
    kept.parent.mkdir()
    for path in [*left, kept]:
        path.write_text("{")
    store.sweep("lamp")
    store.sweep("a production that nobody knows")
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == {place(tmp_path), kept}
