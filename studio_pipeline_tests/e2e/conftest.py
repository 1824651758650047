"""A studio of one's own for each test: an empty folder to stand in, a home that is not there yet, the command line."""

from __future__ import annotations

import errno
import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from studio_pipeline.settings import settings


class Studio:
    """The command ``studio`` run in this process, as from the folder ``here`` on the home ``home``."""

    def __init__(self, here: Path, home: Path) -> None:
        self.here = here
        self.home = home

    def __call__(self, *args: str) -> Result:
        from studio_pipeline.cli import main

        return CliRunner().invoke(main, ["--home", str(self.home), *args])

    def brief(self, text: str | bytes, name: str = "brief.yaml") -> str:
        """Write a brief file and return its path."""
        path = self.here / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    def files(self) -> dict[str, str]:
        """Everything that may not be lost: digests of orders, artifacts, media and films."""
        kept = ("orders", "artifacts", "media", "films")
        found = [path for name in kept for path in sorted((self.home / name).rglob("*")) if path.is_file()]
        return {str(path.relative_to(self.home)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def _studio(here: Path, patch: pytest.MonkeyPatch) -> Studio:
    for name in [
        name for name in os.environ if name.startswith(("STUDIO_", "DAGSTER_HOME")) or name.endswith("_PROVIDER")
    ]:
        patch.delenv(name)
    patch.setenv("STUDIO_HOME", str(here / "home"))  # put back afterwards, whatever --home makes of it
    patch.setenv("DAGSTER_HOME", str(here / "home" / "dagster"))
    patch.chdir(here)
    settings.cache_clear()
    return Studio(here, here / "home")


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    yield _studio(tmp_path, monkeypatch)
    settings.cache_clear()


@pytest.fixture(scope="module")
def lasting_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """One studio for all tests of a module, which build on each other's productions."""
    with pytest.MonkeyPatch.context() as patch:
        yield _studio(tmp_path_factory.mktemp("studio"), patch)
    settings.cache_clear()


class ReadOnly:
    """Makes one folder behave like a read-only disk for this process, also to SQLite and to the super-user."""

    _CHANGES = frozenset({"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate"})

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._access = os.access
        sys.addaudithook(self._hook)  # for ever, but idle while no folder is named

    def __call__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        patch.setattr(os, "access", self._allowed)

    def end(self) -> None:
        self._folder = None

    def _is_inside(self, path: object) -> bool:
        inside = self._folder
        return inside is not None and isinstance(path, str | os.PathLike) and str(path).startswith(str(inside))

    def _allowed(self, path: str | Path, mode: int, **how: bool) -> bool:
        return not (mode & os.W_OK and self._is_inside(path)) and self._access(path, mode, **how)

    def _hook(self, event: str, args: tuple[object, ...]) -> None:
        if self._folder is None or not args or not self._is_inside(args[0]):
            return
        writes = event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if writes or event in self._CHANGES or event == "sqlite3.connect":
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(args[0]))


_read_only = ReadOnly()


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """Makes a folder read-only until the end of the test."""
    yield lambda folder: _read_only(folder, monkeypatch)
    _read_only.end()


@pytest.fixture
def refused() -> Callable[[Result, int], str]:
    """Holds a result to the rules for a refusal, and returns the message."""

    def check(result: Result, code: int) -> str:
        told = result.stderr
        assert result.exit_code == code, (result.exit_code, told, result.exception)
        assert told.count("studio: ") == 1, told
        assert told.startswith("studio: ")
        assert "Traceback" not in result.output
        assert "[type=" not in told, "pydantic's words are not for people"
        assert len(told) < 2000
        return told

    return check
