"""Driving a production from the command line: the sensors ticked in process, with live progress."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from typing import TYPE_CHECKING

from studio_pipeline.cli.options import debugging
from studio_pipeline.cli.progress import Progress
from studio_pipeline.cli.session import Session

if TYPE_CHECKING:
    from studio_pipeline.orchestration.drive import Driven


def advance(session: Session, production: str, *, quiet: bool) -> Driven:
    """Advance ``production`` until only a person can go on. The session holds the home's lock.

    Args:
        quiet: show no progress, also on a terminal.
    """
    from studio_pipeline.orchestration.drive import drive
    from studio_pipeline.stages.reviewing.sensors import Watch, call_sheet_sensor, critic_sensor

    since = time.time()
    with Progress(production, session.home.ledger, sys.stderr, quiet=quiet) as progress, dagster_kept_quiet():
        return drive(
            production,
            definitions=session.definitions,
            home=session.home,
            instance=session.instance,
            sensors={"call_sheet": call_sheet_sensor, "critic": critic_sensor},
            cursor=Watch.one(production, since),
            since=since,
            watch=progress.watch,
        )


@contextmanager
def dagster_kept_quiet() -> Iterator[None]:
    """Send what Dagster says about its runs nowhere (it is in the UI), unless ``--debug`` wants to see it.

    Its console logger writes to whatever ``sys.stderr`` is at the time; the progress holds the real one.
    """
    if debugging():
        yield
        return
    with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stderr(nowhere):  # noqa: PTH123
        yield
