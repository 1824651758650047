"""Looking at a studio home without touching it: commands that only read make nothing in it and work where it is
read-only.

SQLite writes beside a database even to read it, to open one that is not there is to make it, and to open a ledger of
an older version is to change it. So the ledger and Dagster's storage are opened where they lie only in a home that has
them, as they are today, and can be written; of any other they are copied into a temporary folder first. A ledger on a
database server is asked there.
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
    folders = [settings.home, settings.dagster_home, settings.orders_dir, settings.media_dir, settings.films_dir]
    folders += [settings.ledger_file.parent] if settings.ledger_file else []
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
        if settings.ledger_file is not None:
            copied = copy.home / "ledger.sqlite3"
            copy = replace(copy, ledger_url=f"sqlite:///{copied}")
            for end in ("", "-wal"):
                if Path(f"{settings.ledger_file}{end}").is_file():
                    shutil.copyfile(f"{settings.ledger_file}{end}", f"{copied}{end}")
        if settings.dagster_home.is_dir():
            shutil.copytree(settings.dagster_home, copy.dagster_home, copy_function=shutil.copyfile)
        yield copy


def _has_everything(settings: Settings) -> bool:
    from studio_pipeline.budget.migration import is_old

    files = [settings.dagster_home / "dagster.yaml", settings.dagster_home / "history" / "runs.db"]
    ledger = settings.ledger_file
    folders = (settings.media_dir, settings.films_dir, settings.orders_dir)
    return (
        all(path.is_file() for path in files)
        and all(path.is_dir() for path in folders)
        and (ledger is None or (ledger.is_file() and not is_old(ledger)))
    )
