"""The machine that was measured, in one line, without a name or a path of it."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("dagster", "pydantic", "sqlalchemy", "numpy", "pillow", "av", "imageio-ffmpeg")


def machine_line() -> str:
    """Processors, memory, Python, and the packages whose speed matters."""
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{len(os.sched_getaffinity(0))} cores of {_processor()}, {_memory_gb():.0f} GB of memory, "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, {packages}"
    )


def busy() -> str:
    """How busy the machine was with other things, as a number of processes."""
    return f"{os.getloadavg()[0]:.1f}"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor() or "an unnamed processor")


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
