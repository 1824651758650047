"""At most so many jobs of a vendor at once, over all threads and processes of a studio home.

A job holds one of the vendor's slot files by an advisory lock from before it is handed in until it has ended. The
kernel lets go of the lock when its process dies, however it dies. A job that a later process adopts is under way at
the vendor already and is asked about without a slot. Who calls ``turn`` and when is in ``metering.py``.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from studio_pipeline.film.frozen import Frozen
from studio_pipeline.providers.vendor import Vendor
from studio_pipeline.providers.wrapping import Wrapping
from studio_pipeline.whole_file import disk_errors_told

WAIT_S = 0.2
"""How often a waiting job looks for a free slot."""

RequestT = TypeVar("RequestT", bound=Frozen)

_open_here: set[int] = set()
"""Descriptors of slots held by this process. A forked child shares its parent's locks until it has closed them."""


class Limited(Wrapping[RequestT]):
    """``vendor`` with ``most`` slots in the folder ``slots``, which belongs to this vendor alone."""

    def __init__(
        self, vendor: Vendor[RequestT], slots: Path, most: int, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        super().__init__(vendor)
        self._slots = slots
        self._most = most
        self._sleep = sleep

    @contextmanager
    def turn(self, waiting: Callable[[], None]) -> Iterator[None]:
        """Hold a slot; ``waiting`` is called each time that there was none."""
        while (slot := self._free_slot()) is None:
            waiting()
            self._sleep(WAIT_S)
        try:
            yield
        finally:
            if slot in _open_here:
                fcntl.flock(slot, fcntl.LOCK_UN)  # a child forked a moment ago may still have it open
            _close(slot)

    def _free_slot(self) -> int | None:
        """An open, locked slot file; ``None`` when others hold them all."""
        with disk_errors_told(self._slots, "A vendor's slot"):
            self._slots.mkdir(parents=True, exist_ok=True)
            for number in range(self._most):
                # Each look opens the file anew: a lock belongs to an opened file, not to a process.
                slot = os.open(self._slots / f"{number}.slot", os.O_RDWR | os.O_CREAT, 0o666)
                _open_here.add(slot)
                try:
                    fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return slot
                except BlockingIOError:
                    _close(slot)
                except BaseException:
                    _close(slot)
                    raise
        return None


def _close(slot: int) -> None:
    if slot in _open_here:
        _open_here.discard(slot)
        os.close(slot)


def _forget_the_parents() -> None:
    for slot in tuple(_open_here):
        _close(slot)


os.register_at_fork(after_in_child=_forget_the_parents)
