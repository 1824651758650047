"""What lies beside a cut before anybody chooses it."""

from __future__ import annotations

import av
import opentimelineio as otio
import pytest
from PIL import Image

from studio_pipeline.editorial.interchange import FORMATS
from studio_pipeline.editorial.timeline import Transition
from studio_pipeline.media.render_cache import RenderCache
from studio_pipeline.media.viewing_copy import viewing_copies


@pytest.fixture
def cuts(library):
    shelf = library()
    soft = [Transition(at=1, kind="dissolve", out_frames=3, in_frames=3)]
    one = shelf.timeline([24, 20, 16], soft)
    other = one.model_copy(update={"name": "pace", "clips": one.clips[:2], "transitions": ()})
    return shelf, [one, other]


def test_every_cut_has_a_small_film_a_sheet_its_sound_and_its_timelines(cuts, tmp_path):
    shelf, timelines = cuts
    folder = tmp_path / "films" / "lamp" / "cuts"
    assert viewing_copies(timelines, shelf.resolve, folder, cache=RenderCache(tmp_path / "cache")) == ()
    for timeline in timelines:
        made = {path.name for path in folder.iterdir() if path.name.startswith(timeline.name)}
        assert made == {f"{timeline.name}{suffix}" for suffix in (".mp4", ".jpg", ".png", *FORMATS)}
        with av.open(str(folder / f"{timeline.name}.mp4")) as small:
            assert small.streams.video[0].frames == timeline.frames
            assert abs(small.streams.audio[0].duration * small.streams.audio[0].time_base - timeline.duration_s) < 0.05
        with Image.open(folder / f"{timeline.name}.jpg") as sheet:
            sheet.load()
        for clip in otio.adapters.read_from_file(str(folder / f"{timeline.name}.otio")).find_clips():
            assert (folder / otio.url_utils.filepath_from_url(clip.media_reference.target_url)).is_file()


def test_a_cut_that_is_no_candidate_any_more_leaves_nothing(cuts, tmp_path):
    shelf, timelines = cuts
    cache = RenderCache(tmp_path / "cache")
    viewing_copies(timelines, shelf.resolve, tmp_path / "cuts", cache=cache)
    viewing_copies(timelines[1:], shelf.resolve, tmp_path / "cuts", cache=cache)
    assert {path.name.partition(".")[0] for path in (tmp_path / "cuts").iterdir()} == {"pace"}


def test_only_what_is_gone_is_made_when_nothing_has_changed(cuts, tmp_path):
    shelf, timelines = cuts
    cache = RenderCache(tmp_path / "cache")
    viewing_copies(timelines, shelf.resolve, tmp_path / "cuts", cache=cache)
    kept = (tmp_path / "cuts" / "pace.mp4").stat().st_mtime_ns
    (tmp_path / "cuts" / f"{timelines[0].name}.mp4").unlink()
    viewing_copies(timelines, shelf.resolve, tmp_path / "cuts", cache=cache, again=False)
    assert (tmp_path / "cuts" / f"{timelines[0].name}.mp4").is_file()
    assert (tmp_path / "cuts" / "pace.mp4").stat().st_mtime_ns == kept


def test_a_clip_that_cannot_be_shown_is_told_and_the_rest_is_there(cuts, tmp_path):
    shelf, timelines = cuts
    clip = timelines[0].clips[1]
    shelf.paths[clip.media].write_text("<html>404</html>")
    told = viewing_copies(timelines[:1], shelf.resolve, tmp_path / "cuts", cache=RenderCache(tmp_path / "cache"))
    assert any(line.startswith(clip.name) for line in told)
    with av.open(str(tmp_path / "cuts" / f"{timelines[0].name}.mp4")) as small:
        assert small.streams.video[0].frames == timelines[0].frames
