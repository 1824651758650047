"""The studio home: its folders, its Dagster instance, and the lock that keeps two drives apart.

One process at a time may advance productions in a home: either a ``studio`` command that drives in process, or the
Dagster daemon that ticks the sensors. Whoever comes first holds a lock on ``drive.lock`` for as long as it lives
(the kernel drops it at any death); the other is told clearly. The lock is taken when a sensor really ticks, so a
webserver that only shows the home locks nobody out.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from studio_pipeline.errors import HomeFull, HomeLocked
from studio_pipeline.settings import Settings
from studio_pipeline.whole_file import write_whole

if TYPE_CHECKING:
    import dagster as dg

DAGSTER_YAML = """\
# Written by studio_pipeline; kept as it is once it exists.
nux:
  enabled: false
telemetry:
  enabled: false
run_monitoring:
  enabled: true
  free_slots_after_run_end_seconds: 60
concurrency:
  runs:
    max_concurrent_runs: 2
  pools:
    granularity: op
"""


def open_home(settings: Settings) -> None:
    """Make the home's folders and Dagster's configuration, and point ``DAGSTER_HOME`` at it.

    Raises:
        HomeFull: when the home cannot be written.
    """
    try:
        for folder in (settings.dagster_home, settings.media_dir, settings.films_dir, settings.orders_dir):
            folder.mkdir(parents=True, exist_ok=True)
        config = settings.dagster_home / "dagster.yaml"
        if not config.exists():
            write_whole(config, DAGSTER_YAML)
        probe = settings.home / f".probe-{os.getpid()}"
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        raise HomeFull(
            "The studio home cannot be written",
            where=f"{settings.home}: {error.strerror}",
            todo="Make it writable, free some space, or set STUDIO_HOME to another folder.",
        ) from error
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)


_NO_COMPUTE_LOGS: Any = {
    "compute_logs": {"module": "dagster._core.storage.noop_compute_log_manager", "class": "NoOpComputeLogManager"}
}


@contextmanager
def dagster_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The persistent Dagster instance of the home, for a process that runs things itself.

    Such a process has a terminal of its own, so nothing copies what its steps print. Dagster's copying would start
    four helper processes a run, and each of them would answer a Ctrl-C with a traceback on that terminal.
    """
    import dagster as dg
    from dagster._core.instance.ref import InstanceRef

    open_home(settings)
    here = InstanceRef.from_dir(str(settings.dagster_home), overrides=_NO_COMPUTE_LOGS)
    with dg.DagsterInstance.from_ref(here) as instance:
        yield instance


class DriveLock:
    """The lock of one home. Held by this process at most once, however often it is asked for."""

    _held: dict[Path, IO[str]] = {}  # noqa: RUF012 - one set of locks a process, as the kernel has it

    def __init__(self, home: Path) -> None:
        self._path = home / "drive.lock"

    def take(self, who: str) -> None:
        """Take the lock, or raise ``HomeLocked`` that names the holder."""
        if self._path in self._held:
            return
        file = self._path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            holder = _holder(file.read())
            file.close()
            raise HomeLocked(
                f"{holder} is already driving the productions of this home",
                where=str(self._path.parent),
                todo="Wait for it or stop it."
                + (" From its UI you can launch the job new_production meanwhile." if "daemon" in holder else ""),
            ) from error
        file.seek(0)
        file.truncate()
        json.dump({"pid": os.getpid(), "who": who}, file)
        file.flush()
        self._held[self._path] = file

    def holder(self) -> str | None:
        """Who drives the home now, in words; ``None`` when nobody does."""
        if self._path in self._held:
            return "This process"
        try:
            with self._path.open(encoding="utf-8") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except OSError:
                    return _holder(file.read())
        except FileNotFoundError:
            pass  # nobody ever did
        return None

    def release(self) -> None:
        file = self._held.pop(self._path, None)
        if file is not None:
            file.close()


def _holder(text: str) -> str:
    try:
        holder = json.loads(text)
        return f"{holder['who']} (process {int(holder['pid'])})"
    except (ValueError, KeyError, TypeError):
        return "Another process"
