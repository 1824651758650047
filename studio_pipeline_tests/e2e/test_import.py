"""A person exports a film, cuts it in their own editor, and brings it back: the film that is delivered is theirs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import opentimelineio as otio
import pytest
from opentimelineio.opentime import RationalTime, TimeRange

from studio_pipeline_tests.backlot.studio import PRODUCTION, Studio

pytestmark = pytest.mark.slow


@pytest.fixture
def studio(fresh_copy: Callable[[], Studio]) -> Studio:
    made = fresh_copy()
    made.ok("export", PRODUCTION, "--to", "out")
    return made


def frames_of(path: Path) -> list[np.ndarray]:
    """Every picture of a film, small and grey."""
    with av.open(str(path)) as film:
        return [frame.reformat(64, 64, "gray").to_ndarray().astype(int) for frame in film.decode(video=0)]


def clips_of(film: otio.schema.Timeline) -> list[otio.schema.Clip]:
    return [item for item in film.video_tracks()[0] if isinstance(item, otio.schema.Clip)]


def span(first: int, frames: int) -> TimeRange:
    return TimeRange(RationalTime(first, 24), RationalTime(frames, 24))


def check_shows(film: Path, wanted: list[tuple[Path, int]]) -> None:
    """Each frame of ``film`` is the frame of the media it should be, and nearer to it than to that shot's others."""
    shown = frames_of(film)
    assert len(shown) == len(wanted)
    media = {path: frames_of(path) for path, _ in wanted}
    for picture, (path, frame) in zip(shown, wanted, strict=True):
        off = [float(np.abs(picture - other).mean()) for other in media[path]]
        assert off[frame] < 2.5 and off[frame] <= min(off) + 0.6, (path.name, frame, int(np.argmin(off)))


def test_a_film_cut_in_an_editor_is_the_film_that_is_delivered(studio: Studio) -> None:
    out = studio.root / "out"
    before = json.loads((out / "export.json").read_text())
    film = otio.adapters.read_from_file(str(out / "film.otio"))
    first, *_, last = clips_of(film)
    track = film.video_tracks()[0]
    del track[:]
    again = first.deepcopy()
    for clip, used in ((last, span(7, 20)), (first, span(4, 15)), (again, span(10, 9))):
        clip.source_range = used
        track.append(clip)
    (studio.root / "mine.otio").write_text(film.to_json_string())

    told = studio.ok("import", "mine.otio")
    assert (told["production"], told["new"], told["cut"]["name"]) == (PRODUCTION, True, "recut")
    assert told["state"] == "delivered", "the film that was chosen is still the film"
    assert told["cut"]["recommended"] is False and "mine.otio" in told["cut"]["rationale"]
    assert told["cut"]["duration_s"] == pytest.approx(44 / 24)
    assert Path(told["cut"]["viewing_copies"]["mp4"]).is_file()
    assert any("is not in it" in words for words in told["cut"]["missing"])
    assert studio.ok("status", PRODUCTION)["chosen"] == before["cut"]

    delivered = studio.ok("choose", PRODUCTION, "recut")
    assert (delivered["state"], delivered["chosen"]) == ("delivered", "recut")

    def media(clip: otio.schema.Clip) -> Path:
        return out / clip.media_reference.target_url

    wanted = [(media(last), 7 + k) for k in range(20)] + [(media(first), 4 + k) for k in range(15)]
    check_shows(Path(delivered["film"]), [*wanted, *((media(again), 10 + k) for k in range(9))])
    stale = studio.run("status", PRODUCTION)
    assert "came after it" not in stale.stdout and "changed" not in stale.stdout

    same = studio.ok("import", "mine.otio")
    assert (same["new"], same["cut"]["name"]) == (False, "recut"), "the same cut is no second one"


def test_a_list_of_edits_comes_back_too_and_keeps_narration_with_its_scenes(studio: Studio) -> None:
    text = (studio.root / "out" / "film.edl").read_text().replace("\r\n", "\n")
    number = int(re.findall(r"^(\d{3}) ", text, re.MULTILINE)[-1]) + 1
    name = re.findall(r"CLIP NAME: (\S+)", text)[0]
    end = re.findall(r"(\d\d:\d\d:\d\d:\d\d)$", text, re.MULTILINE)[-1]
    hours, minutes, seconds, frames = (int(part) for part in end.split(":"))
    later = f"{hours:02d}:{minutes:02d}:{seconds + 1:02d}:{frames:02d}"
    text += f"{number:03d}  AX       V     C        00:00:00:03 00:00:01:03 {end} {later}\n* FROM CLIP NAME: {name}\n"
    (studio.root / "mine.edl").write_text(text)
    told = studio.ok("import", "mine.edl", "--production", PRODUCTION)
    film = studio.artifacts.read("edls", _cell()).content
    chosen = film.cut(json.loads((studio.root / "out" / "export.json").read_text())["cut"])
    recut = film.cut("recut")
    assert recut.timeline.frames == chosen.timeline.frames + 24
    assert recut.timeline.clips[-1].name == f"{name}~2"
    assert [speech.scene for speech in recut.timeline.narration] == [s.scene for s in chosen.timeline.narration]
    assert any("no sound" in note for note in told["cut"]["notes"])


def _cell():
    from studio_pipeline.film.cells import Cell

    return Cell(production=PRODUCTION)


def test_what_cannot_come_back_is_refused_and_leaves_nothing(studio: Studio) -> None:
    orders = sorted((studio.home_dir / "orders").rglob("*"))
    (studio.root / "strange.edl").write_text(
        "TITLE: Holiday\n001  AX       V     C        00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00\n"
        "* FROM CLIP NAME: beach.mov\n"
    )
    (studio.root / "broken.otio").write_text("[" * 100_000)
    for args, words in {
        ("strange.edl",): "which production it is a cut of",
        ("strange.edl", "--production", PRODUCTION): "Nothing in the file is footage of this production",
        ("strange.edl", "--production", "nobody"): "no production",
        ("broken.otio",): "levels deep",
        ("gone.otio",): "no such file",
        ("out/film.mp4",): "A cut comes back as",
    }.items():
        ran = studio.run("import", *args)
        assert ran.code == 2 and words in ran.stderr and "Traceback" not in ran.stderr, ran.stderr
    assert sorted((studio.home_dir / "orders").rglob("*")) == orders
