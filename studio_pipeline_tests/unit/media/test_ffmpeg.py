"""ffmpeg's failures reach a person in the studio's words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio_pipeline.errors import HomeFull, MediaDamaged, ProviderFailed
from studio_pipeline.media.ffmpeg import as_argument, failure, pipe_into_ffmpeg, run_ffmpeg

SINK = ("-f", "null", "-")


def test_the_log_of_a_good_run_comes_back() -> None:
    log = run_ffmpeg(["-f", "lavfi", "-i", "sine=d=0.1", "-af", "ebur128", *SINK])
    assert "Integrated loudness" in log


def test_a_file_that_is_no_media_is_called_damaged(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"not a film" * 100)
    with pytest.raises(MediaDamaged, match="Invalid data"):
        run_ffmpeg(["-i", as_argument(tmp_path / "film.mp4"), *SINK])


def test_the_reason_is_what_went_wrong_and_not_what_an_encoder_says_at_the_end() -> None:
    log = "[in#1 @ 0x1] Invalid data found when processing input\n[libx264 @ 0x2] kb/s:8.46\nConversion failed!\n"
    error = failure(log, 183)
    assert isinstance(error, MediaDamaged)
    assert "Invalid data found" in error.what and "kb/s" not in str(error)
    only = failure("Error opening input files: Invalid data found when processing input\n", 183)
    assert isinstance(only, MediaDamaged)


def test_a_missing_file_is_named_as_the_reason() -> None:
    with pytest.raises(ProviderFailed, match="No such file"):
        run_ffmpeg(["-i", "file:/nowhere/film.mp4", *SINK])


def test_a_full_disk_is_the_homes_error_not_the_clips() -> None:
    assert isinstance(failure("av_interleaved_write_frame(): No space left on device\nConversion failed!", 1), HomeFull)


def test_file_names_are_never_read_as_options_or_protocols(tmp_path: Path) -> None:
    odd = tmp_path / "pipe:1 -y; rm.wav"
    run_ffmpeg(["-f", "lavfi", "-i", "sine=d=0.1", "-f", "wav", as_argument(odd)])
    assert odd.stat().st_size > 1000


def test_what_breaks_while_frames_are_made_is_what_is_raised() -> None:
    def frames() -> Iterator[bytes]:
        yield bytes(16 * 16 * 3)
        raise KeyError("the painter fell ill")

    with pytest.raises(KeyError, match="fell ill"):
        pipe_into_ffmpeg(["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "16x16", "-i", "-", *SINK], frames())
