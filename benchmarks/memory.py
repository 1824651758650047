"""The most memory that this process and its children held together, looked at a few times a second. Linux only."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_EVERY_S = 0.2


class Peak:
    """The highest sum so far, in bytes."""

    def __init__(self) -> None:
        self.most_bytes = 0

    def look(self) -> None:
        self.most_bytes = max(self.most_bytes, sum(_resident_bytes(pid) for pid in _family(os.getpid())))


@contextmanager
def peak_memory() -> Iterator[Peak]:
    """Watch memory as long as the block runs."""
    peak, over = Peak(), threading.Event()

    def watch() -> None:
        while not over.wait(_EVERY_S):
            peak.look()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def _family(pid: int) -> Iterator[int]:
    """``pid`` and every process below it that is still there."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            below = children.read_text().split()
        except OSError:
            continue  # a thread that has just ended
        for child in below:
            yield from _family(int(child))


def _resident_bytes(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0  # it has just ended
    return pages * os.sysconf("SC_PAGE_SIZE")
