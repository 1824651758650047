"""Errors in words: one message on stderr, with ``--json`` one object on stdout, and the exit code.

A full or read-only disk may show itself anywhere, also inside Dagster's storage; it is told in the same words.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from studio_pipeline.errors import HomeDamaged, HomeFull, HomeLocked, StudioError
from studio_pipeline.whole_file import disk_error, is_full
from studio_pipeline.wording import plain

_SQLITE_WORDS = {
    "is full": HomeFull,
    "readonly database": HomeFull,
    "unable to open": HomeFull,
    "malformed": HomeDamaged,
    "not a database": HomeDamaged,
    "disk i/o": HomeDamaged,
    "is locked": HomeLocked,
}

INTERRUPTED = 130


def explain(error: BaseException, *, as_json: bool, debug: bool) -> int:
    """Tell ``error`` and return the exit code."""
    if debug:
        traceback.print_exception(error)
    if isinstance(error, (click.Abort, KeyboardInterrupt)):
        cause = error.__cause__ if isinstance(error, click.Abort) else error
        way_on = str(cause or "") or "the same command goes on"
        return _tell("Interrupted", f"interrupted; {way_on}", INTERRUPTED, as_json)
    if isinstance(error, click.ClickException):
        context = getattr(error, "ctx", None)
        hint = f" See {context.command_path} --help." if context is not None else ""
        return _tell("BadInput", f"{error.format_message()}{hint}", error.exit_code, as_json)
    known = next((found for cause in _causes(error) if (found := _known(cause))), None)
    if known is not None:
        return _tell(type(known).__name__, str(known), known.exit_code, as_json, known)
    where = traceback.extract_tb(error.__traceback__)[-1] if error.__traceback__ else None
    place = f" at {Path(where.filename).name}:{where.lineno}" if where else ""
    words = f"unexpected {type(error).__name__}{place}: {str(error)[:300]}. Run it again with --debug to see all of it."
    return _tell(type(error).__name__, words, 1, as_json)


def _tell(kind: str, message: str, code: int, as_json: bool, error: StudioError | None = None) -> int:
    message = _lines(message)
    click.echo(f"studio: {message}", err=True)
    if as_json:
        told = {"kind": kind, "message": message, "exit_code": code} if error is None else error_json(error)
        click.echo(json.dumps({"error": told}, indent=2))
        sys.stdout.flush()
    return code


def error_json(error: StudioError) -> dict[str, Any]:
    """The error object of the contract."""
    return {
        "kind": type(error).__name__,
        "message": _lines(str(error)),
        "exit_code": error.exit_code,
        "what": error.what,
        "where": error.where,
        "todo": error.todo,
    }


def _lines(message: str) -> str:
    """Several problems are one a line."""
    return "\n".join(plain(line) for line in message.splitlines())


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__


def _known(error: BaseException) -> StudioError | None:
    if isinstance(error, StudioError):
        return error
    if isinstance(error, OSError) and is_full(error):
        return disk_error(error, "", "Something more")
    if isinstance(error, sqlite3.Error):
        found = next((kind for words, kind in _SQLITE_WORDS.items() if words in str(error).lower()), None)
        if found is not None:
            return found(
                f"Dagster's storage in the studio home cannot be used: {error}",
                todo="Run `studio doctor`; nothing that was paid for is lost, the ledger is a file of its own.",
            )
    return None
