"""Write ``requirements.lock`` and ``requirements-dev.lock``: names, versions and hashes, and no registry address.

pip resolves the project (with the debug voice) and its tools in one go and reports what it would install; this only
turns the report into files that ``pip install --require-hashes`` reads on any index. All hashes of a version that
the index offers for other platforms are not in pip's report, so each package is listed with the file for the
platform this runs on; Linux on x86-64 is what the lock is for.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ("setuptools>=75", "wheel")


def resolve(*wanted: str) -> dict[str, tuple[str, str, str]]:
    """Package name → (name, version, sha256) of everything pip would install for ``wanted``."""
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-"]
    report = json.loads(subprocess.run([*command, *wanted], check=True, capture_output=True, text=True).stdout)
    found = {}
    for package in report["install"]:
        name, version = package["metadata"]["name"], package["metadata"]["version"]
        hashes = package["download_info"].get("archive_info", {}).get("hashes", {})
        if "sha256" in hashes:
            found[name.lower().replace("_", "-")] = (name, version, hashes["sha256"])
    return found


def write(path: Path, packages: dict[str, tuple[str, str, str]]) -> None:
    lines = [f"{name}=={version} --hash=sha256:{digest}" for _, (name, version, digest) in sorted(packages.items())]
    path.write_text("# Written by `make lock`. Linux, x86-64, Python 3.11.\n" + "\n".join(lines) + "\n")


def main() -> None:
    base = resolve(f"{ROOT}[debug-voice]", *BUILD)
    everything = resolve(f"{ROOT}[debug-voice,dev]", *BUILD)
    write(ROOT / "requirements.lock", {name: everything[name] for name in base})
    write(ROOT / "requirements-dev.lock", {name: p for name, p in everything.items() if name not in base})


if __name__ == "__main__":
    main()
