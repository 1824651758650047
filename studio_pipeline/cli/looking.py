"""Looking at a studio home without touching it: commands that only read make nothing in it and work where it is
read-only.

SQLite writes beside a database even to read it, and to open one that is not there is to make it. So the ledger and
Dagster's storage are opened where they lie only in a home that has them and can be written; of any other they are
copied into a temporary folder first.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from studio_pipeline.errors import HomeFull
from studio_pipeline.settings import Settings


def is_made(settings: Settings) -> bool:
    """Whether a command has made the home, as opposed to any other folder or none."""
    return settings.orders_dir.is_dir()


def can_be_written(settings: Settings) -> bool:
    """As far as can be told without writing."""
    folders = (settings.home, settings.dagster_home, settings.orders_dir, settings.media_dir, settings.films_dir)
    return all(os.access(folder, os.W_OK | os.X_OK) for folder in folders if folder.exists())


@contextmanager
def databases_of(settings: Settings) -> Iterator[Settings]:
    """Settings whose ledger and Dagster storage may be opened to look at those of ``settings``."""
    from studio_pipeline.orchestration.home import open_home

    if _has_everything(settings) and can_be_written(settings):
        try:
            open_home(settings)
        except HomeFull:
            pass  # looked at in a copy, as a read-only one
        else:
            yield settings
            return
    with TemporaryDirectory(prefix="studio-") as folder:
        copy = replace(settings, home=Path(folder))
        for name in _LEDGER:
            if (settings.home / name).is_file():
                shutil.copyfile(settings.home / name, copy.home / name)
        if settings.dagster_home.is_dir():
            shutil.copytree(settings.dagster_home, copy.dagster_home, copy_function=shutil.copyfile)
        yield copy


_LEDGER = ("ledger.sqlite3", "ledger.sqlite3-wal")


def _has_everything(settings: Settings) -> bool:
    storage = settings.dagster_home / "history"
    files = (settings.home / _LEDGER[0], settings.dagster_home / "dagster.yaml", storage / "runs.db")
    folders = (settings.media_dir, settings.films_dir, settings.orders_dir)
    return all(path.is_file() for path in files) and all(path.is_dir() for path in folders)
