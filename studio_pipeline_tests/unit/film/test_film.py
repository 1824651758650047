"""What is delivered, as homes keep it."""

from __future__ import annotations

from studio_pipeline.film.film import Film, Version

DIGEST = "0" * 64
NUMBERS = {"frames": 24, "duration_s": 1.0, "integrated_lufs": None, "true_peak_dbtp": None, "digest": DIGEST}


def test_the_files_of_its_dubs_are_files_of_the_film():
    dub = Version(language="hi", film="film.hi.mp4", files={"captions_srt": "film.hi.srt"}, **NUMBERS)
    film = Film(cut="pace", film="film.mp4", files={"otio": "film.otio"}, size=(128, 96), dubs=(dub,), **NUMBERS)
    assert film.names == ("film.mp4", "film.otio", "film.hi.mp4", "film.hi.srt")
