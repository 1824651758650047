"""What is delivered, as homes keep it."""

from __future__ import annotations

from studio_pipeline.film.film import Film, Version

DIGEST = "0" * 64
NUMBERS = {"frames": 24, "duration_s": 1.0, "integrated_lufs": None, "true_peak_dbtp": None, "digest": DIGEST}


def test_a_film_of_an_earlier_version_is_still_read():
    once = {
        "cut": "pace", "film": "film.mp4", "captions_srt": "film.srt", "captions_vtt": None, "otio": "film.otio",
        "edl": "film.edl", "contact_sheet": "sheet.jpg", "report": "report.json", "size": (128, 96), **NUMBERS,
    }  # fmt: skip
    film = Film.model_validate(once)
    assert film.files == {
        "captions_srt": "film.srt", "otio": "film.otio", "edl": "film.edl", "contact_sheet": "sheet.jpg",
        "report": "report.json",
    }  # fmt: skip
    assert film.names == ("film.mp4", "film.srt", "film.otio", "film.edl", "sheet.jpg", "report.json")


def test_the_files_of_its_dubs_are_files_of_the_film():
    dub = Version(language="hi", film="film.hi.mp4", files={"captions_srt": "film.hi.srt"}, **NUMBERS)
    film = Film(cut="pace", film="film.mp4", files={"otio": "film.otio"}, size=(128, 96), dubs=(dub,), **NUMBERS)
    assert film.names == ("film.mp4", "film.otio", "film.hi.mp4", "film.hi.srt")
