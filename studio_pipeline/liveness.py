"""Which process holds something, written so that another process can tell whether it still lives.

What lives here: a process's name card (machine, boot, process id, start time) and the question whether it is alive.
What does not: what the process holds. The ledger signs its open entries with it, the media store its work folders.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class Process:
    """A process. A process id alone is used again after a while; with its start time and boot it is not."""

    host: str
    boot: str
    pid: int
    started: str

    @classmethod
    def current(cls) -> Process:
        return _process(os.getpid())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what ``str`` wrote. A text of another form gives a process of no known machine."""
        parts = text.split("~")
        if len(parts) != 4 or not parts[2].isdecimal():
            return cls(host="?", boot="", pid=0, started="")
        return cls(host=parts[0], boot=parts[1], pid=int(parts[2]), started=parts[3])

    def __str__(self) -> str:
        return f"{self.host}~{self.boot}~{self.pid}~{self.started}"

    def alive(self) -> bool | None:
        """Whether the process lives; ``None`` when it is another machine's and cannot be seen from here."""
        here = Process.current()
        if self.host != here.host:
            return None
        if self.boot != here.boot:
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass  # somebody else's process, and alive
        return self.started == _started(self.pid)


@lru_cache(maxsize=8)
def _process(pid: int) -> Process:
    return Process(host=socket.gethostname().replace("~", "-"), boot=_boot(), pid=pid, started=_started(pid))


@lru_cache(maxsize=1)
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()[:8]
    except OSError:
        return ""  # no /proc: the process id must do


def _started(pid: int) -> str:
    """Start time of a process in clock ticks since boot; empty where the system does not tell, or it is a zombie."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if after_name[0] in "ZX" else after_name[19]
