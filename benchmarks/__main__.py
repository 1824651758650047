"""``python -m benchmarks [NAME …] [--home DIR] [--write]``: all benchmarks and ``docs/benchmarks.md``, or a few.

Every section of the document says on which machine it was measured, and how busy that was: so one can be measured anew
without the others.
"""

from __future__ import annotations

import argparse
import importlib
import tempfile
from pathlib import Path

from benchmarks.machine import busy, machine_line
from benchmarks.report import Report
from benchmarks.workshop import ROOT, Workshop
from studio_pipeline.whole_file import whole_file

NAMES = ("demo", "call_sheet", "startup", "allocation", "tokens", "render", "sound")
WRITTEN = ROOT / "docs" / "benchmarks.md"
_HEAD = (
    "# Benchmarks\n\nWritten by `make bench`; `python -m benchmarks NAME` runs one of "
    f"{', '.join(f'`{name}`' for name in NAMES)} and only prints, with `--write` it measures that section anew.\n"
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(NAMES)}; without: all of them")
    parser.add_argument("--home", type=Path, help="a finished studio home, so that call_sheet need not shoot one first")
    parser.add_argument("--write", action="store_true", help="put what the named ones say into the document")
    given = parser.parse_args()
    if unknown := [name for name in given.names if name not in NAMES]:
        parser.error(f"there is no benchmark {unknown[0]!r}; there are {', '.join(NAMES)}")
    with tempfile.TemporaryDirectory(prefix="studio-bench-") as scratch:
        workshop = Workshop(Path(scratch), given.home.absolute() if given.home else None)
        for name in given.names or NAMES:
            machine = f"*{machine_line()}; load when begun {busy()}.*"
            print(f"\n{machine}")
            report = importlib.import_module(f"benchmarks.{name}").run(workshop)
            if given.write or not given.names:
                _write(report, machine)


def _write(report: Report, machine: str) -> None:
    """Put the section of ``report`` into the document, in the place of the one before it."""
    for name, picture in report.pictures.items():
        with whole_file(WRITTEN.parent / "pictures" / name) as unfinished:
            picture.save(unfinished, format="PNG", optimize=True)
    written = WRITTEN.read_text(encoding="utf-8") if WRITTEN.exists() else _HEAD
    _, *sections = written.split("\n## ")
    new = f"{report.markdown().removeprefix('## ')}\n\n{machine}\n"
    titles = [section.partition("\n")[0] for section in sections]
    if report.title in titles:
        sections[titles.index(report.title)] = new
    else:
        sections.append(new)
    text = "\n## ".join([_HEAD, *(f"{section.rstrip()}\n" for section in sections)])
    with whole_file(WRITTEN) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
    print(f"\nWritten to {WRITTEN.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
