"""A project plays in MLT as the film it is: rendered by ``melt``, every frame shows the barcode it should.

``melt`` comes with Kdenlive, not with Python: where it is not installed, only what the file says is checked
(test_interchange.py).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from studio_pipeline.editorial.kdenlive import write_kdenlive
from studio_pipeline.editorial.pieces import Mix, pieces
from studio_pipeline.editorial.timeline import Speed, Timeline, Transition


def cut_of(shelf) -> Timeline:
    timeline = shelf.timeline(
        [12, 12, 14, 12, 12],
        [
            Transition(at=0, kind="fade_black", out_frames=0, in_frames=4),
            Transition(at=1, kind="dissolve", out_frames=2, in_frames=3),
            Transition(at=3, kind="wipe", out_frames=2, in_frames=2),
            Transition(at=4, kind="wipe", out_frames=2, in_frames=2),
            Transition(at=5, kind="fade_black", out_frames=4, in_frames=0),
        ],
    )
    clips = list(timeline.clips)
    clips[1] = clips[1].model_copy(update={"hold": 6})
    clips[2] = clips[2].model_copy(update={"speed": Speed(den=2)})
    return timeline.model_copy(update={"clips": tuple(clips)})


@pytest.mark.skipif(shutil.which("melt") is None, reason="MLT's `melt` is not installed")
def test_melt_shows_every_frame(library, light, tmp_path):
    shelf = library()
    timeline, luma = cut_of(shelf), light[0]
    place, into = tmp_path / "film.kdenlive", tmp_path / "out.mp4"
    write_kdenlive(timeline, place, shelf.resolve)
    command = ["melt", str(place), "-consumer", f"avformat:{into}", "vcodec=libx264", "qp=0", "an=1", "real_time=-1"]
    played = subprocess.run(
        command, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}, capture_output=True, timeout=120
    )
    assert played.returncode == 0, played.stderr
    seen = luma(into)
    assert len(seen) == timeline.frames
    for piece in pieces(timeline):
        if isinstance(piece, Mix):
            continue
        clip = timeline.clips[piece.clip]
        for k in range(piece.fade_in, piece.frames - piece.fade_out):
            want = _blocks(piece.clip + 1, clip.source_at(piece.first + k))
            assert np.abs(seen[piece.record_frame + k] - want).max() < 0.1, piece.record_frame + k
        for k in range(piece.fade_in):
            want = _blocks(piece.clip + 1, clip.source_at(piece.first + k)) * k / piece.fade_in
            assert np.abs(seen[piece.record_frame + k] - want).max() < 0.1


def _blocks(clip: int, frame: int) -> np.ndarray:
    """The barcode of a frame, as ``conftest.py`` draws it."""
    bits = [(clip >> n) & 1 for n in range(4)] + [(frame >> n) & 1 for n in range(8)]
    return np.array(bits, float).reshape(3, 4)


def test_two_wipes_one_way_part_the_clip_between_them(library, tmp_path):
    """A same-track wipe runs from the first playlist to the second: the clip between must leave on the first again."""
    shelf = library()
    write_kdenlive(cut_of(shelf), tmp_path / "film.kdenlive", shelf.resolve)
    root = ET.parse(tmp_path / "film.kdenlive").getroot()
    wipes = [mix for mix in root.iter("transition") if mix.findtext("property[@name='resource']")]
    assert [mix.findtext("property[@name='reverse']") for mix in wipes] == ["0", "0"]


def test_media_are_linked_from_the_projects_own_folder(library, tmp_path):
    shelf = library()
    (tmp_path / "films" / "sea").mkdir(parents=True)
    place = tmp_path / "films" / "sea" / "film.kdenlive"
    write_kdenlive(cut_of(shelf), place, shelf.resolve)
    resources = {
        producer.findtext("property[@name='warp_resource']") or producer.findtext("property[@name='resource']")
        for producer in ET.parse(place).getroot().iter("producer")
    } - {"black"}
    assert {(place.parent / resource).resolve() for resource in resources} == set(shelf.paths.values())
