"""The media store: pictures, clips and sounds, each kept once under the digest of its content.

What lives here: putting files in, finding them again, and proving that they are whole. What does not: what a file
shows, who paid for it, and which film uses it. A file is complete or absent: it is written beside its place, synced,
then renamed into it. Nothing in the store is ever changed or deleted by the studio.
"""

from __future__ import annotations

import errno
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from studio_pipeline.errors import HomeDamaged, ProviderFailed
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.liveness import Process
from studio_pipeline.whole_file import disk_error, disk_errors_told, is_full, sync

_WHAT = "The media store"


class MediaStore:
    """A folder of media: ``<root>/<2 hex>/<sha256><suffix>``. Safe for several threads and processes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._work = root / "work"

    def path(self, ref: MediaRef) -> Path:
        """Where the media lies. It may be missing: see ``has`` and ``verify``."""
        return self.root / ref.sha256[:2] / f"{ref.sha256}{ref.suffix}"

    def has(self, ref: MediaRef) -> bool:
        """Whether a file of the right size lies there; ``verify`` also reads it."""
        path = self.path(ref)
        return path.is_file() and path.stat().st_size == ref.size_bytes

    def verify(self, ref: MediaRef) -> Path:
        """Read the whole file and return its path.

        Raises:
            HomeDamaged: when it is missing, cut short or changed.
        """
        path = self.path(ref)
        try:
            digest, size = _digest(path)
        except FileNotFoundError:
            raise _damaged("A media file is gone", path) from None
        except OSError as error:
            raise _damaged(f"A media file cannot be read: {error.strerror}", path) from error
        if (digest, size) != (ref.sha256, ref.size_bytes):
            raise _damaged(
                f"A media file is damaged: it has {size} bytes of {ref.size_bytes} and another content"
                if size != ref.size_bytes
                else "A media file is damaged: its content was changed",
                path,
            )
        return path

    def is_whole(self, ref: MediaRef) -> bool:
        """Whether ``verify`` finds nothing wrong. Reads the whole file."""
        try:
            self.verify(ref)
        except HomeDamaged:
            return False
        return True

    def put_file(self, made: Path, suffix: str) -> MediaRef:
        """Move a finished file (best from ``workdir``) into the store; the same content is stored once.

        Raises:
            HomeFull: when there is no space left or the store cannot be written.
        """
        with disk_errors_told(self.root, _WHAT):
            sync(made)
            digest, size = _digest(made)
            ref = _ref(digest, suffix, size)
            place = self.path(ref)
            if self.has(ref) and _digest(place)[0] == digest:
                made.unlink()
                return ref
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                made.replace(place)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                with self.workdir() as work:  # made on another file system: bring it here first
                    shutil.move(made, work / "moved")
                    return self.put_file(work / "moved", suffix)
            sync(place.parent)
            return ref

    def put_bytes(self, content: bytes, suffix: str) -> MediaRef:
        """Store bytes, e.g. the text of a story."""
        with self.workdir() as work:
            made = work / "bytes"
            with disk_errors_told(self.root, _WHAT):
                made.write_bytes(content)
            return self.put_file(made, suffix)

    @contextmanager
    def workdir(self) -> Iterator[Path]:
        """A folder for unfinished files on the store's own file system; gone afterwards.

        What dead processes of this machine left behind is swept on the way.
        """
        with disk_errors_told(self.root, _WHAT):
            self._work.mkdir(parents=True, exist_ok=True)
            self._sweep()
            folder = Path(tempfile.mkdtemp(prefix=f"{Process.current()}~", dir=self._work))
        try:
            yield folder
        except OSError as error:
            if is_full(error):  # whoever was writing here: a full disk is the home's trouble, not theirs
                raise disk_error(error, self.root, _WHAT) from error
            raise
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _sweep(self) -> None:
        for folder in self._work.iterdir():
            if Process.parse(folder.name.rpartition("~")[0]).alive() is False:
                shutil.rmtree(folder, ignore_errors=True)


def _ref(digest: str, suffix: str, size: int) -> MediaRef:
    try:
        return MediaRef(sha256=digest, suffix=suffix, size_bytes=size)
    except ValidationError as error:
        raise ProviderFailed(
            f"“{suffix[:40]}” is no suffix of a media file", todo="It must be a dot and one to five letters or digits."
        ) from error


def _digest(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return digest, file.tell()


def _damaged(what: str, path: Path) -> HomeDamaged:
    return HomeDamaged(
        what,
        where=str(path),
        todo="Put it back from a backup, or give the same command again: what can be made or fetched again for "
        "nothing is; else make a new take of the shot.",
    )
