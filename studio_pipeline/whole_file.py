"""Files that are whole or not there: written beside their place, made durable, then moved into it in one step.

What lives here: how a file comes to lie in its place, and what an error of the disk means to a person. What does not:
what is in the file, and where it belongs. A process killed between any two steps leaves the old file or the new one;
what it left unfinished is hidden, signed with its name, and removed by whoever writes into the same folder next, or
sweeps it.
"""

from __future__ import annotations

import errno
import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from studio_pipeline.errors import HomeDamaged, HomeError, HomeFull
from studio_pipeline.liveness import Process

_SIGN = ".unfinished~"
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM})
_GO_ON = "then give the same command again; it goes on from here."

_turns = itertools.count()
"""Two threads of one process may write the same file: each has an unfinished one of its own."""


@contextmanager
def whole_file(place: Path) -> Iterator[Path]:
    """A path beside ``place`` to write to. At the end that file takes the place of what was there.

    When the body raises, what was there stays and the unfinished file is removed. The folder must exist.
    """
    unfinished = _beside(place)
    try:
        yield unfinished
        sync(unfinished)
        unfinished.replace(place)
    finally:
        with suppress(OSError):  # a disk that has turned read-only refuses that, too; a later writer removes it
            unfinished.unlink(missing_ok=True)
    sync(place.parent)


def write_whole(place: Path, content: bytes | str) -> None:
    """Put ``content`` (text as UTF-8, its line ends as they are) in ``place``, and make the folders it needs."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(place) as unfinished:
        unfinished.write_bytes(content.encode() if isinstance(content, str) else content)


@contextmanager
def unfinished_folder(beside: Path) -> Iterator[Path]:
    """A folder for unfinished files beside the folder ``beside``, on the same file system; gone afterwards."""
    beside.parent.mkdir(parents=True, exist_ok=True)
    folder = _beside(beside)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(folder: Path) -> None:
    """Remove what dead processes left unfinished in ``folder``, which need not exist."""
    with suppress(OSError):  # a courtesy: a folder that cannot be listed may still be written
        for left in folder.iterdir():
            _, sign, signature = left.name.rpartition(_SIGN)
            if sign and left.name.startswith(".") and _writer(signature).alive() is False:
                shutil.rmtree(left) if left.is_dir() else left.unlink()


def sync(path: Path) -> None:
    """Have the disk keep what a file holds, or which files a folder has."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_full(error: OSError) -> bool:
    """Whether the disk takes nothing more, for whoever writes there: full, over its quota, or read-only."""
    return error.errno in _NO_ROOM or error.errno == errno.EROFS


def disk_error(error: OSError, place: Path | str, what: str = "A file") -> HomeError:
    """An error of the file system in the studio's words; ``what`` begins the sentence."""
    named = str(error.filename or "")
    where = str(place) if not named or _SIGN in Path(named).name else named
    reason = error.strerror or str(error)
    if error.errno in _NO_ROOM:
        return HomeFull(f"{what} cannot be written: {reason}", where=where, todo=f"Free some space, {_GO_ON}")
    if error.errno == errno.EROFS:
        return HomeFull(
            f"{what} cannot be written: {reason}", where=where, todo=f"Make the disk it is on writable, {_GO_ON}"
        )
    if error.errno in _FORBIDDEN:
        return HomeError(
            f"{what} may not be written: {reason}",
            where=where,
            todo=f"Let the user who runs the studio write there, {_GO_ON}",
        )
    return HomeDamaged(
        f"{what} cannot be used: {reason}",
        where=where,
        todo="Check the disk and the folder, then give the same command again.",
    )


@contextmanager
def disk_errors_told(place: Path | str, what: str = "A file") -> Iterator[None]:
    """Raise what the file system raises in here as ``disk_error`` words it."""
    try:
        yield
    except OSError as error:
        raise disk_error(error, place, what) from error


def _beside(place: Path) -> Path:
    """A new name for what will be ``place``, after removing what dead processes left in its folder."""
    sweep(place.parent)
    return place.with_name(f".{place.name}{_SIGN}{Process.current()}~{next(_turns)}")


def _writer(signature: str) -> Process:
    return Process.parse("~".join(signature.split("~")[:4]))
