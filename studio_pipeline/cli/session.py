"""An open studio home, as one command sees it: settings, home, Dagster's instance, and the lock when it drives.

Everything heavy is imported here, when a command really runs.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from studio_pipeline.cli.looking import databases_of, is_made
from studio_pipeline.cli.options import debugging
from studio_pipeline.errors import BadInput
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.cells import check_production_name
from studio_pipeline.settings import Settings, settings
from studio_pipeline.wording import did_you_mean

if TYPE_CHECKING:
    import dagster as dg

    from studio_pipeline.orchestration.studio_home import StudioHome


@dataclass(frozen=True)
class Session:
    """One open home."""

    settings: Settings
    home: StudioHome
    instance: dg.DagsterInstance

    @cached_property
    def definitions(self) -> dg.Definitions:
        """The code location on this home."""
        from studio_pipeline.definitions import build_defs

        return build_defs()

    def brief(self, production: str) -> Brief:
        """The brief that was handed in for ``production``.

        Raises:
            BadInput: when the home has no such production.
        """
        ordered = self.home.orders.brief(check_production_name(production))
        if ordered is None:
            names = self.home.orders.productions()
            there = f" There are: {', '.join(names[:8])}{' …' if names[8:] else ''}." if names else ""
            raise BadInput(
                f"There is no production “{production}”",
                where=str(self.settings.home),
                todo=did_you_mean(production, names, most=3) or f"Hand in a brief with `studio produce BRIEF`.{there}",
            )
        return ordered


@contextmanager
def open_studio(*, driving: str | None = None, make: bool = False) -> Iterator[Session]:
    """Open the home of the settings: to drive it, or only to look at it, which changes nothing in it.

    Args:
        driving: what the command is called, when it will advance productions; takes the home's lock for it.
        make: make the home where there is none.

    Raises:
        BadInput: when there is no home and none is to be made; when a certificate that is named cannot sign films.
        HomeLocked: when another process drives the home.
        HomeFull: when the home cannot be written.
    """
    if not debugging():
        warnings.simplefilter("ignore")
    from studio_pipeline.orchestration.home import DriveLock, dagster_instance, open_home
    from studio_pipeline.orchestration.signing import own_credentials
    from studio_pipeline.orchestration.studio_home import build_home

    here = settings()
    if not make and not is_made(here):
        raise no_home(here)
    if driving is None and not make:
        with databases_of(here) as there, dagster_instance(there) as instance:
            yield Session(here, build_home(here, ledger_url=there.ledger_url if there.ledger_file else None), instance)
        return
    if driving is not None:
        own_credentials(here)  # those that cannot sign are found before anything is made or spent
    open_home(here)
    lock = DriveLock(here.home)
    if driving is not None:
        lock.take(driving)
    try:
        with dagster_instance(here) as instance:
            yield Session(here, build_home(here), instance)
    finally:
        if driving is not None:
            lock.release()


def no_home(here: Settings) -> BadInput:
    """The error of a command that needs a home where there is none."""
    return BadInput(
        "There is no studio home yet",
        where=str(here.home),
        todo="The first `studio produce BRIEF` makes it; name another with --home or STUDIO_HOME.",
    )
