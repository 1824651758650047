"""Opening the database of the ledger, and its transactions: SQLite in the home, or Postgres by address.

What lives here: connections, the two kinds of transaction, trying again what lost a race, and the words for a database
that cannot be used. What does not: the tables (``schema.py``) and any rule about money (``ledger.py``).

A writing transaction is one function that gets the connection. It may run more than once: when it loses a race
against another process it is rolled back and run anew, so it must touch nothing but the database.

How two writers keep apart: in SQLite by the one write lock, taken at the beginning. In Postgres by locks on the rows
of the envelopes, always in the order of their names, and by the unique indexes.

A forked child inherits no connection: they are closed before. SQLite's locks belong to a process, and a child that has
an open connection of its parent's believes that it holds them. It holds none, so that, with the parent gone, the last
other process to close the ledger takes the write-ahead log away with it, and what the child commits after that is lost
(https://www.sqlite.org/howtocorrupt.html, “Carrying an open database connection across a fork()”).
"""

from __future__ import annotations

import itertools
import os
import sqlite3
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from studio_pipeline.budget import migration
from studio_pipeline.errors import BadInput, HomeDamaged, HomeError, HomeFull, HomeLocked, StudioError

BUSY_TIMEOUT_MS = 30_000
CONNECT_TIMEOUT_S = 10
ATTEMPTS = 20
"""How often a transaction that loses races is run before it gives up. Each loss means that another one was done."""

_READ_ONLY = "ledger_read_only"
_RACES_LOST = ("40001", "40P01")
"""Postgres: could not serialise, deadlock."""

ParametersT = ParamSpec("ParametersT")
ResultT = TypeVar("ResultT")


class Database:
    """The ledger's database: transactions that either write, one after the other, or only read."""

    def __init__(self, url: str) -> None:
        """Open, make, or bring up to this version the database at ``url`` (SQLAlchemy's form).

        Raises:
            HomeDamaged: when it is not a sound ledger, or a newer one than this program knows. It is left as it is.
            HomeFull: when it cannot be written.
            HomeError: when the server does not answer, or the package to speak with it is missing.
        """
        self._engine = _engine(url)
        self._secret = self._engine.url.password
        self.is_sqlite = self._engine.dialect.name == "sqlite"
        self.where = (self.is_sqlite and self._engine.url.database) or _shown(url)
        event.listen(self._engine, "connect", _set_up_sqlite if self.is_sqlite else _set_up_postgres)
        if self.is_sqlite:
            event.listen(self._engine, "begin", _begin_sqlite)
            self._reader = self._engine.execution_options(**{_READ_ONLY: True})
        else:
            # A writer must see what others did while it waited for a lock; a reader wants one moment of it all.
            self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        _engines.add(self._engine)
        self._open()

    def write(
        self,
        work: Callable[Concatenate[sa.Connection, ParametersT], ResultT],
        *args: ParametersT.args,
        **kwargs: ParametersT.kwargs,
    ) -> ResultT:
        """Run ``work`` in a transaction that may write, anew when it lost a race."""
        for attempt in itertools.count(1):
            try:
                with self._transaction(self._engine) as connection:
                    return work(connection, *args, **kwargs)
            except DBAPIError as error:
                if _lost_race(error) and attempt < ATTEMPTS:
                    continue
                if isinstance(error, IntegrityError):
                    raise  # a rule of the tables was broken: a fault of this program, not of the home
                raise self._told(error) from error
        raise RuntimeError  # never: the count has no end

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One transaction that sees one moment of the ledger and holds nobody up."""
        try:
            with self._transaction(self._reader) as connection:
                yield connection
        except DBAPIError as error:
            raise self._told(error) from error

    @contextmanager
    def _transaction(self, engine: sa.Engine) -> Iterator[sa.Connection]:
        if self.is_sqlite and self._engine in _torn:
            raise HomeError(
                "This process was split off from another one in the middle of its work on the ledger",
                where=self.where,
                todo="Give the same command again, in a process of its own; nothing is lost.",
            )
        with engine.begin() as connection:
            yield connection

    def _open(self) -> None:
        with self.read() as connection:
            if migration.is_current(connection, self.where):
                return
        self.write(migration.bring_up, self.where)

    def _told(self, error: DBAPIError) -> StudioError:
        """A database error in the studio's words."""
        words = " ".join(str(error.orig).split())
        if self._secret:
            words = words.replace(str(self._secret), "***")
        return _told_sqlite(error, words, self.where) if self.is_sqlite else _told_postgres(error, words, self.where)


_engines: weakref.WeakSet[sa.Engine] = weakref.WeakSet()
"""Those with connections that may be open, also when their ``Database`` is gone and only waits to be collected."""
_torn: weakref.WeakSet[sa.Engine] = weakref.WeakSet()
"""In a forked process: those that a thread of its parent was using, which cannot be closed."""


def _before_fork() -> None:
    for engine in list(_engines):
        if cast(QueuePool, engine.pool).checkedout():
            _torn.add(engine)
        engine.dispose()


os.register_at_fork(before=_before_fork, after_in_parent=_torn.clear)


def _engine(url: str) -> sa.Engine:
    try:
        if url.startswith("sqlite"):
            return sa.create_engine(url, pool_size=16, max_overflow=48)
        return sa.create_engine(
            url,
            pool_size=4,
            max_overflow=60,
            pool_pre_ping=True,  # a server that was started anew is no reason to fail
            connect_args={"connect_timeout": CONNECT_TIMEOUT_S},
        )
    except ImportError as error:
        raise HomeError(
            f"The ledger's address needs the package {error.name}, which is not installed",
            where=_shown(url),
            todo="Install it with `pip install 'studio-pipeline[postgres]'`, or leave STUDIO_LEDGER_URL empty.",
        ) from error
    except (SQLAlchemyError, ValueError) as error:
        raise HomeDamaged(
            "The ledger's address cannot be used",
            where=_shown(url),
            todo="STUDIO_LEDGER_URL is sqlite:////folder/ledger.sqlite3 or postgresql://user:password@host/database.",
        ) from error


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's `begin` event says how a transaction starts, not the driver
    for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    _use_wal(connection)


def _use_wal(connection: Any) -> None:
    """Turn the write-ahead log on. Of two processes that do so to a new file at once, SQLite refuses one at once."""
    give_up = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > give_up:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: sa.Connection) -> None:
    read_only = connection.get_execution_options().get(_READ_ONLY)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _set_up_postgres(connection: Any, _record: object) -> None:
    connection.autocommit = True
    # What is committed is on the disk before a request leaves, whatever the server's own setting is.
    for setting in (f"lock_timeout = {BUSY_TIMEOUT_MS}", "synchronous_commit = on"):
        connection.execute(f"SET {setting}")
    connection.autocommit = False


def _lost_race(error: DBAPIError) -> bool:
    """Whether another process was first: what it did is there now, so the same transaction decides otherwise."""
    return isinstance(error, IntegrityError) or getattr(error.orig, "sqlstate", None) in _RACES_LOST


def _told_sqlite(error: DBAPIError, words: str, where: str) -> StudioError:
    code = str(getattr(error.orig, "sqlite_errorname", ""))
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return _locked(where)
    if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR", "SQLITE_SCHEMA")):
        return migration.damaged(where, words)
    return HomeFull(
        f"The ledger cannot be written: {words}",
        where=where,
        todo="Free some space or make the home writable, then give the same command again; nothing is lost.",
    )


def _told_postgres(error: DBAPIError, words: str, where: str) -> StudioError:
    """By the classes of errors that Postgres documents (appendix A of its manual)."""
    state = str(getattr(error.orig, "sqlstate", None) or "")
    if state in ("55P03", *_RACES_LOST):
        return _locked(where)
    if state == "22021":
        return BadInput("The ledger's database cannot keep a character of it", where=where, todo=words)
    if state.startswith("53") or state == "25006":
        return HomeFull(
            f"The ledger cannot be written: {words}",
            where=where,
            todo="Make room on the database's server or let it be written, then give the same command again; nothing "
            "is lost.",
        )
    if state.startswith(("42", "XX")):
        return HomeDamaged(
            f"The ledger cannot be used: {words}",
            where=where,
            todo="It was left as it is. Let this user read, write and make tables in it, or put a backup in its place.",
        )
    return HomeError(
        f"The ledger's database does not answer: {words}",
        where=where,
        todo="Check that it runs and that STUDIO_LEDGER_URL is right, then give the same command again.",
    )


def _locked(where: str) -> HomeLocked:
    return HomeLocked(
        f"Another process has kept the ledger locked for {BUSY_TIMEOUT_MS // 1000} seconds",
        where=where,
        todo="Wait for it, or stop it, then give the same command again; nothing was sent.",
    )


def _shown(url: str) -> str:
    """A database address without its password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}"
