"""Fixtures of the tests of the whole: the tiny production, made once a session however many workers there are."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent.parent))  # so that `studio_pipeline_tests.backlot` is found from anywhere
from studio_pipeline.providers import factory
from studio_pipeline_tests.backlot.studio import BRIEF, Studio

if TYPE_CHECKING:
    from studio_pipeline_tests.backlot.postgres import Server

# No test finds a key, another vendor or another home in the environment of whoever runs it: none can spend money.
_KEYS = {name for data in factory.vendors().values() for name in data.manifest.keys}
for _name in [name for name in os.environ if name.startswith("STUDIO_") or name.endswith(("_PROVIDER", "_BASE_URL"))]:
    del os.environ[_name]
for _name in _KEYS & os.environ.keys():
    del os.environ[_name]

# The same examples on every machine, and no clock: a loaded machine is no reason to fail.
settings.register_profile("studio", derandomize=True, deadline=None)
settings.load_profile("studio")


@pytest.fixture(scope="session")
def shared_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this session share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A throwaway Postgres server, where Postgres is installed."""
    pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    from studio_pipeline_tests.backlot.postgres import programs, running

    bin_dir = programs()
    if bin_dir is None:
        pytest.skip("Postgres is not installed here (no initdb)")
    with running(bin_dir) as server:
        yield server


@contextmanager
def _made_once(place: Path) -> Iterator[bool]:
    """Whether it falls to this worker to make ``place``; the others wait until it is there."""
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield not place.exists()


@pytest.fixture(scope="session")
def tiny(shared_dir: Path) -> Studio:
    """The tiny production, delivered. Shared: look, and change only a ``fresh_copy``."""
    place = shared_dir / "tiny"
    with _made_once(place) as ours:
        if ours:
            making = Studio(shared_dir / "tiny.unfinished")
            shutil.rmtree(making.root, ignore_errors=True)
            making.write_brief(BRIEF)
            told = making.ok("produce", "kite.yaml", "--choose", "recommended")
            assert told["state"] == "delivered", told
            making.root.rename(place)
    return Studio(place)


@pytest.fixture
def fresh_copy(tiny: Studio, tmp_path: Path) -> Callable[[], Studio]:
    """Makes copies of the tiny production that a test may change."""
    made: list[Studio] = []

    def make() -> Studio:
        made.append(tiny.copy(tmp_path / f"copy{len(made)}"))
        return made[-1]

    return make


@pytest.fixture
def empty(tmp_path: Path) -> Studio:
    """An empty folder with no home yet."""
    place = Studio(tmp_path / "work")
    place.root.mkdir()
    return place
