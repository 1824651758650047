"""How long it takes until something happens: the command line, the code location, Dagster itself beside them."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

from benchmarks.report import Report
from benchmarks.workshop import ROOT, Workshop

MOST_HELP_S = 0.5
TIMES = 5

_COMMANDS = {
    "an empty Python": [sys.executable, "-c", ""],
    "`studio --help`": [sys.executable, "-c", "from studio_pipeline.cli import main; main(['--help'])"],
    "`import dagster`": [sys.executable, "-c", "import dagster"],
    "`import studio_pipeline.definitions`": [sys.executable, "-c", "import studio_pipeline.definitions"],
    "`dagster definitions validate`": [
        *(sys.executable, "-m", "dagster"),
        *("definitions", "validate", "-w", str(ROOT / "workspace.yaml")),
    ],
}


def run(workshop: Workshop) -> Report:
    from studio_pipeline.orchestration.home import open_home

    report = Report("Starting", f"Each as a process of its own, {TIMES} times after a first one that does not count.")
    home = workshop.enter("startup")
    open_home(home)
    table = report.table("Command", "median", "least", "most")
    medians: dict[str, float] = {}
    for name, command in _COMMANDS.items():
        _wall_s(command)
        taken = [_wall_s(command) for _ in range(TIMES)]
        medians[name] = statistics.median(taken)
        table.add(name, *(f"{seconds:.2f} s" for seconds in (medians[name], min(taken), max(taken))))
    found_s = medians["`studio --help`"]
    report.aim("`studio --help`", limit=f"{MOST_HELP_S} s", found=f"{found_s:.2f} s", met=found_s <= MOST_HELP_S)
    return report


def _wall_s(command: list[str]) -> float:
    began = time.monotonic()
    ended = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"{' '.join(command[1:])} ended with {ended.returncode}:\n{ended.stderr[-2000:]}")
    return time.monotonic() - began
