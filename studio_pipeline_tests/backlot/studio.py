"""A studio home and the command line on it, as a person at a shell has them.

What lives here: the tiny production that most tests of the whole start from, commands run in their own process, and
reading back what they left on disk. What does not: any expectation; those are in the tests.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from studio_pipeline.budget.ledger import Ledger
from studio_pipeline.orchestration.artifacts import ArtifactStore
from studio_pipeline.orchestration.resources import build_resources
from studio_pipeline.orchestration.studio_home import StudioHome
from studio_pipeline.settings import Settings
from studio_pipeline_tests.backlot.signature import without_signature

PRODUCTION = "the-red-kite"
STORY = """\
Mira found a red kite in the attic. The string was torn, and the tail was gone.

She tied a new string and made a tail from old ribbons. Then she ran to the hill.

The wind took the kite high over the village. Everybody looked up and waved.
"""
BRIEF: dict[str, Any] = {
    "title": "The Red Kite",
    "story": "kite.md",
    "duration_s": 12,
    "budget_usd": 6,
    "aspect": "1:1",
    "tiers": ["static", "animated"],
}
"""Three scenes, two of them tests; two pilots, of which one is cancelled."""
SKETCH: dict[str, Any] = BRIEF | {"title": "Sketch", "duration_s": 5, "tiers": ["static"], "pilots": 1}
"""The cheapest film there is: one scene, one pilot, nothing moves."""

COMMAND_LIMIT_S = 300
"""Nothing a test asks for takes as long; a command that hangs is a failure, not a wait."""


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def told(self) -> dict[str, Any]:
        """The one JSON object on stdout; an error when there is anything else."""
        return json.loads(self.stdout)


@dataclass(frozen=True)
class Studio:
    """A studio home in ``root/home``, and ``root`` as the folder a person works in."""

    root: Path

    @property
    def home_dir(self) -> Path:
        return self.root / "home"

    @cached_property
    def settings(self) -> Settings:
        return Settings.read({"STUDIO_HOME": str(self.home_dir)})

    @cached_property
    def home(self) -> StudioHome:
        return build_resources(self.settings)["home"]

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.settings.ledger_url)

    @property
    def artifacts(self) -> ArtifactStore:
        return ArtifactStore(self.settings.artifacts_url)

    @property
    def env(self) -> dict[str, str]:
        """The environment of a shell in ``root``: nothing of this process's studio leaks into it."""
        ours = ("DAGSTER_", "STUDIO_", "MAX_", "PYTEST_", "C2PA_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return kept | {"STUDIO_HOME": str(self.home_dir), "PYTHONWARNINGS": "ignore"}

    def write_brief(self, brief: dict[str, Any] = BRIEF, *, story: str = STORY, name: str = "kite.yaml") -> Path:
        """Put a brief and its story into the folder. JSON is YAML."""
        self.root.mkdir(parents=True, exist_ok=True)
        (self.root / "kite.md").write_text(story, encoding="utf-8")
        (self.root / name).write_text(json.dumps(brief, indent=1), encoding="utf-8")
        return self.root / name

    def start(self, *args: str, env: dict[str, str] | None = None, **popen: Any) -> subprocess.Popen[str]:
        """Begin ``studio …`` in a process group of its own, with Ctrl-C working as in a shell."""
        return subprocess.Popen(
            [sys.executable, "-c", "from studio_pipeline.cli import main; main()", *args],
            cwd=self.root,
            env=self.env | (env or {}),
            text=True,
            start_new_session=True,
            **{
                "stdout": subprocess.PIPE,
                "stderr": subprocess.PIPE,
                "preexec_fn": restore_interrupt,
                **popen,
            },
        )

    def run(self, *args: str, env: dict[str, str] | None = None, **popen: Any) -> Ran:
        """``studio …`` to its end."""
        process = self.start(*args, env=env, **popen)
        try:
            stdout, stderr = process.communicate(timeout=COMMAND_LIMIT_S)
        finally:
            kill_group(process)
        return Ran(process.returncode, stdout, stderr)

    def ok(self, *args: str, env: dict[str, str] | None = None) -> dict[str, Any]:
        """``studio … --json`` that must end well; the object it prints."""
        ran = self.run(*args, "--json", env=env)
        assert ran.code == 0, f"studio {' '.join(args)} ended with {ran.code}: {ran.stderr}"
        return ran.told

    def copy(self, to: Path) -> Studio:
        """The same folder and home elsewhere. Nothing in a home names its own place, but logs of runs that failed."""
        shutil.copytree(self.root, to, dirs_exist_ok=True)
        return Studio(to)

    # What is on disk afterwards.

    def digests(self, production: str = PRODUCTION) -> dict[str, str]:
        """Digest of every artifact's content, by ref."""
        return {ref: header.digest for ref, header in self.artifacts.headers(production).items()}

    def film_sha256(self, production: str = PRODUCTION) -> str:
        return sha256(self.home.films(production) / "film.mp4")

    def content_sha256(self, production: str = PRODUCTION) -> str:
        """Of the film as it was before this home signed it: what equal films in two homes have in common."""
        return hashlib.sha256(without_signature(self.home.films(production) / "film.mp4")).hexdigest()

    def media_sha256(self, suffix: str) -> set[str]:
        """Digests of all media files of a kind, read from their bytes."""
        return {sha256(path) for path in self.settings.media_dir.glob(f"*/*{suffix}")}

    def purchases(self, production: str = PRODUCTION) -> list[str]:
        """Identities that were paid for, once for each time."""
        return sorted(entry.identity for entry in self.ledger.entries(production) if entry.state in ("settled", "lost"))


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def restore_interrupt() -> None:
    """A test runner in the background has Ctrl-C ignored, and children inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def kill_group(process: subprocess.Popen[Any]) -> None:
    """Kill ``process`` and whatever it started, and wait for it."""
    for member in session_members(process.pid):
        with contextlib.suppress(ProcessLookupError):  # it ended by itself meanwhile
            os.kill(member, signal.SIGKILL)
    process.wait(timeout=30)


def session_members(leader: int) -> Sequence[int]:
    """Every living process of the session that ``leader`` opened, itself included."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = stat.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        if int(after_name[3]) == leader and after_name[0] != "Z":
            found.append(int(stat.parent.name))
    return found
