"""What rendering has made before, kept under the digest of its recipe: a re-cut film re-renders only what changed.

Everything here can be made again for nothing; deleting the folder costs time only. A file is whole or not there.
Which recipes there are is the business of those who cook: ``smart_render``, ``mix``, ``preview``.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from studio_pipeline.whole_file import disk_errors_told, whole_file

MOST_BYTES = 4_000_000_000
"""What a home's cache may grow to: some forty films of five minutes."""
IN_USE_S = 6 * 3600
"""What was of use within this time is not deleted: somebody may be rendering a film of it."""


class RenderCache:
    """A folder ``<root>/<2 hex>/<digest><suffix>``. Safe for several threads and processes.

    Threads that share a cache wait for each other's work; processes may make the same file twice.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._being_made: dict[Path, Lock] = {}
        self.hits = 0
        self.made = 0

    def get(self, key: str, suffix: str, make: Callable[[Path], object]) -> Path:
        """The file under ``key``, 64 hexadecimal characters of a digest; ``make`` writes it where it is missing.

        Raises:
            HomeFull: no space left. Whatever ``make`` raises goes on, and nothing is kept then.
        """
        place = self._root / key[:2] / f"{key}{suffix}"
        with disk_errors_told(self._root, "The cache of rendered pieces"), self._alone_at(place):
            try:
                os.utime(place)  # when it was last of use, for ``trim``
            except FileNotFoundError:
                pass
            else:
                self.hits += 1
                return place
            place.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(place) as unfinished:
                make(unfinished)
        self.made += 1
        return place

    @contextmanager
    def _alone_at(self, place: Path) -> Iterator[None]:
        """Two cuts that are shown side by side want the same pieces: the second waits and finds them."""
        with self._being_made.setdefault(place, Lock()):
            try:
                yield
            finally:
                self._being_made.pop(place, None)

    def trim(self, most_bytes: int = MOST_BYTES) -> int:
        """Delete what was of no use for longest until ``most_bytes`` are left; returns how many bytes went.

        What may be in use stays, finished or not, so it may be more that is left.
        """
        there, oldest_in_use_ns = [], time.time_ns() - IN_USE_S * 1_000_000_000
        for path in self._root.glob("??/*"):
            try:
                facts = path.stat()
            except FileNotFoundError:  # another process is trimming too
                continue
            there.append((facts.st_mtime_ns, facts.st_size, path))
        over = sum(size for _, size, _ in there) - most_bytes
        gone = 0
        for used_ns, size, path in sorted(there):
            if gone >= over or used_ns > oldest_in_use_ns:
                break
            path.unlink(missing_ok=True)
            gone += size
        return gone
