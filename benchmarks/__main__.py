"""``python -m benchmarks [NAME …] [--home DIR]``: all benchmarks and ``docs/benchmarks.md``, or a few of them."""

from __future__ import annotations

import argparse
import importlib
import tempfile
from pathlib import Path

from benchmarks.machine import busy, machine_line
from benchmarks.report import Report
from benchmarks.workshop import ROOT, Workshop
from studio_pipeline.whole_file import whole_file

NAMES = ("demo", "call_sheet", "startup", "allocation", "tokens", "render")
WRITTEN = ROOT / "docs" / "benchmarks.md"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(NAMES)}; without: all of them")
    parser.add_argument("--home", type=Path, help="a finished studio home, so that call_sheet need not shoot one first")
    given = parser.parse_args()
    if unknown := [name for name in given.names if name not in NAMES]:
        parser.error(f"there is no benchmark {unknown[0]!r}; there are {', '.join(NAMES)}")
    machine, load = machine_line(), busy()
    print(f"{machine}; load when begun {load}")
    with tempfile.TemporaryDirectory(prefix="studio-bench-") as scratch:
        workshop = Workshop(Path(scratch), given.home.absolute() if given.home else None)
        reports = [importlib.import_module(f"benchmarks.{name}").run(workshop) for name in given.names or NAMES]
    if not given.names:
        _write(machine, load, reports)
        print(f"\nWritten to {WRITTEN.relative_to(ROOT)}.")


def _write(machine: str, load: str, reports: list[Report]) -> None:
    head = (
        "# Benchmarks\n\nWritten by `make bench`, all of it in one run; `python -m benchmarks NAME` runs one of "
        f"{', '.join(f'`{name}`' for name in NAMES)} and only prints.\n\n"
        f"**Machine.** {machine}. Load when begun: {load}."
    )
    for report in reports:
        for name, picture in report.pictures.items():
            with whole_file(WRITTEN.parent / "pictures" / name) as unfinished:
                picture.save(unfinished, format="PNG", optimize=True)
    text = "\n\n".join([head, *(report.markdown() for report in reports)]) + "\n"
    with whole_file(WRITTEN) as unfinished:
        unfinished.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
