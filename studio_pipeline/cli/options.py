"""Options that every command has. Imports only click: it is loaded for ``--help``."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_DEBUG = "studio.debug"


def _use_home(ctx: click.Context, parameter: click.Parameter, value: str | None) -> None:
    """Point everything after this at another home. Happens before anything reads the settings."""
    if value is not None:
        os.environ["STUDIO_HOME"] = value
    from studio_pipeline.settings import settings

    settings.cache_clear()


def _use_debug(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        ctx.meta[_DEBUG] = True


def common_options(function: F) -> F:
    """``--home`` and ``--debug``, before or after the command's name."""
    function = click.option(
        "--debug", is_flag=True, expose_value=False, callback=_use_debug, help="Show tracebacks and Dagster's log."
    )(function)
    return click.option(
        "--home",
        metavar="DIR",
        expose_value=False,
        is_eager=True,
        callback=_use_home,
        help="Studio home to use instead of $STUDIO_HOME (default ./studio_home).",
    )(function)


json_option = click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON object on stdout.")

accepting_stale_prices = click.option(
    "--accept-stale-prices",
    is_flag=True,
    help="Believe prices that were to be looked at again; who did so is written into the ledger.",
)


def debugging() -> bool:
    """Whether the running command was given ``--debug``."""
    ctx = click.get_current_context(silent=True)
    return ctx is not None and bool(ctx.meta.get(_DEBUG))
