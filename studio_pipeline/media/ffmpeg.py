"""Running the packaged ffmpeg: an argument list in, its log out, and its failures in our words.

The one place that starts ffmpeg. It is the binary that ``imageio_ffmpeg`` ships, never one from PATH, and it is
never given a shell line. What to encode, and how, is in the rooms beside this one.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import imageio_ffmpeg

from studio_pipeline.errors import HomeFull, MediaDamaged, ProviderFailed, StudioError

BITEXACT = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags", "+bitexact")
"""Output options that keep dates and version strings out of a file, so that equal input gives equal bytes."""

_DAMAGED = ("Invalid data found", "moov atom not found", "partial file", "Error while decoding", "could not find codec")
_FULL = ("No space left on device", "Disk quota exceeded", "File too large", "Read-only file system")
_UNHELPFUL = ("Conversion failed", "Error opening input file", "Error opening output file", "Exiting", "Terminating")


@lru_cache(maxsize=1)
def ffmpeg_program() -> str:
    """Path of the packaged ffmpeg."""
    try:
        return imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError as gone:
        raise ProviderFailed(
            "The packaged ffmpeg is missing", where="imageio-ffmpeg", todo="Install imageio-ffmpeg again."
        ) from gone


def run_ffmpeg(args: Sequence[str], *, stdin: bytes | None = None, folder: Path | None = None) -> str:
    """Run ffmpeg with ``args`` (everything after the program's name) and return what it wrote to stderr.

    It is started in ``folder``: a filter that reads files can then name them without a path, which could hold any
    character of the filters' grammar.

    Existing output files are overwritten; progress lines are off. Filters that measure (``ebur128``, ``blackdetect``)
    report on stderr, so the log level stays ffmpeg's own.

    Raises:
        MediaDamaged: an input is not media, or is cut off.
        HomeFull: no space left for the output.
        ProviderFailed: anything else, with the line in which ffmpeg says why.
    """
    done = subprocess.run(
        _command(args), input=stdin or b"", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, cwd=folder
    )
    log = done.stderr.decode("utf-8", "replace")
    if done.returncode != 0:
        raise failure(log, done.returncode)
    return log


def pipe_into_ffmpeg(args: Sequence[str], chunks: Iterable[bytes | memoryview]) -> str:
    """Like ``run_ffmpeg``, with ``chunks`` written to its stdin as they are made, never all in memory.

    When making a chunk fails, ffmpeg is ended and that error goes on.
    """
    with tempfile.TemporaryFile() as log_file:
        process = subprocess.Popen(_command(args), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=log_file)
        if process.stdin is None:  # PIPE was asked for; this tells the type checker
            raise ProviderFailed("ffmpeg was started without a way in", where="ffmpeg")
        try:
            for chunk in chunks:
                process.stdin.write(chunk)
            process.stdin.close()
        except BrokenPipeError:
            pass  # ffmpeg gave up before it had read everything; its log says why
        except BaseException:
            process.kill()
            process.wait()
            raise
        code = process.wait()
        log_file.seek(0)
        log = log_file.read().decode("utf-8", "replace")
    if code != 0:
        raise failure(log, code)
    return log


def run_in_turn_into_ffmpeg(sources: Iterable[Sequence[str]], args: Sequence[str], *, folder: Path) -> None:
    """Run ffmpeg with each of ``sources``, one after another, all writing to the stdin of one that runs with ``args``.

    For what is too large to be made by one: each source is gone, with all its memory, before the next one starts.
    Errors are those of ``run_ffmpeg``.
    """
    with tempfile.TemporaryFile() as log_file:
        taking = subprocess.Popen(
            _command(args), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=log_file, cwd=folder
        )
        failed: StudioError | None = None
        try:
            for source in sources:
                done = subprocess.run(
                    _command(source), stdin=subprocess.DEVNULL, stdout=taking.stdin, stderr=subprocess.PIPE,
                    check=False, cwd=folder,
                )  # fmt: skip
                if done.returncode != 0:
                    failed = failure(done.stderr.decode("utf-8", "replace"), done.returncode)
                    break
        except BaseException:
            taking.kill()
            raise
        finally:
            if taking.stdin is not None:
                taking.stdin.close()
            code = taking.wait()
        log_file.seek(0)
        log = log_file.read().decode("utf-8", "replace")
    if code != 0:  # where the one that takes fails, so do those that give: its reason is the true one
        raise failure(log, code)
    if failed is not None:
        raise failed


def as_argument(path: Path) -> str:
    """``path`` as ffmpeg's argument for a file, whatever characters its name has (a colon, a leading hyphen)."""
    return f"file:{path}"


def failure(log: str, code: int) -> StudioError:
    """The error a failed run of ffmpeg amounts to, with the most telling line of its log."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(_UNHELPFUL)]
    if full := _saying(_FULL, telling) or _saying(_FULL, lines):
        return HomeFull("There is no space to write the media", where=full, todo="Free some space and go on.")
    if bad := _saying(_DAMAGED, telling) or _saying(_DAMAGED, lines):
        return MediaDamaged(f"A media file cannot be read: {bad}", where="ffmpeg", todo="Make the file again.")
    reason = (telling or lines or [f"it ended with code {code} and said nothing"])[-1][:400]
    return ProviderFailed(f"ffmpeg failed: {reason}", where=f"exit code {code}", todo="Report this line if it stays.")


def _saying(signs: Sequence[str], lines: Sequence[str]) -> str:
    """The last of ``lines`` that has one of ``signs`` in it; after it an encoder may have summed up its work."""
    return next((line[:400] for line in reversed(lines) if any(sign in line for sign in signs)), "")


def _command(args: Sequence[str]) -> list[str]:
    return [ffmpeg_program(), "-hide_banner", "-nostats", "-y", *args]
