"""The tables of the ledger, and opening the database they are in.

What lives here: tables, the schema's version, connections, and the words for a database that cannot be used. What
does not: what a purchase is (``purchase.py``) and what may be done with it (``ledger.py``).

Money is kept in whole micro-dollars (integers): SQLite has no decimal type and would add up text or REAL columns as
floats, while integers are summed exactly in SQLite and in Postgres alike.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from studio_pipeline.budget.purchase import LIVE
from studio_pipeline.errors import HomeDamaged, HomeError, HomeFull, HomeLocked

VERSION = 2
BUSY_TIMEOUT_MS = 30_000
_READ_ONLY = "ledger_read_only"

_CENT = Decimal("0.01")

metadata = sa.MetaData()

version = sa.Table("ledger_version", metadata, sa.Column("version", sa.Integer, primary_key=True, autoincrement=False))

envelopes = sa.Table(
    "envelopes",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("cap_micro", sa.BigInteger, sa.CheckConstraint("cap_micro >= 0"), nullable=False),
)

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("caps_json", sa.Text, nullable=False),
    sa.Column("outcome_json", sa.Text, nullable=False),
    sa.Column("decided_at", sa.Text, nullable=False),
)

entries = sa.Table(
    "entries",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("identity", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("production", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("vendor", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("take", sa.Integer, nullable=False),
    sa.Column("expected_micro", sa.BigInteger, nullable=False),
    sa.Column("max_micro", sa.BigInteger, sa.CheckConstraint("max_micro >= 0"), nullable=False),
    sa.Column("settled_micro", sa.BigInteger, sa.CheckConstraint("settled_micro >= 0")),
    sa.Column("simulated", sa.Boolean, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("job_id", sa.Text),
    sa.Column("why", sa.Text, nullable=False, server_default=""),
    sa.Column("media_json", sa.Text),
    sa.Column("details_json", sa.Text, nullable=False, server_default="{}"),
    sa.Column("events_json", sa.Text, nullable=False, server_default="[]"),
    sa.Column("owner", sa.Text),
    sa.Column("touched_s", sa.BigInteger, nullable=False),
    sa.Column("opened_at", sa.Text, nullable=False),
    sa.Column("closed_at", sa.Text),
    sa.Index("entries_by_production", "production", "state"),
    sqlite_autoincrement=True,
)
_live = sa.text("state IN (" + ", ".join(f"'{state}'" for state in LIVE) + ")")
sa.Index("one_live_entry_an_identity", entries.c.identity, unique=True, sqlite_where=_live, postgresql_where=_live)

entry_envelopes = sa.Table(
    "entry_envelopes",
    metadata,
    sa.Column("envelope", sa.Text, sa.ForeignKey("envelopes.name"), primary_key=True),
    sa.Column("entry", sa.Integer, sa.ForeignKey("entries.id"), primary_key=True),
)


def micro(usd: Decimal) -> int:
    """A price in whole micro-dollars, rounded up: never a fraction less than it is."""
    return int((usd * 1_000_000).to_integral_value(ROUND_CEILING))


def cap_micro(usd: Decimal) -> int:
    """A cap in whole micro-dollars, rounded down: never a fraction more than was granted."""
    return int((usd * 1_000_000).to_integral_value(ROUND_FLOOR))


def dollars(amount_micro: int) -> Decimal:
    """Micro-dollars as dollars, with cents and no more digits than it needs: 0.05, 50.00, 0.00003."""
    exact = Decimal(int(amount_micro)).scaleb(-6).normalize()
    return exact.quantize(_CENT) if exact == exact.quantize(_CENT) else exact


class Database:
    """The ledger's database: transactions that either hold the one write lock or only read."""

    def __init__(self, url: str) -> None:
        """Open, or make, the database at ``url`` (SQLAlchemy's form).

        Raises:
            HomeDamaged: when it is not a sound ledger, or a newer one than this program knows. It is left as it is.
            HomeFull: when it cannot be written.
        """
        try:
            self._engine = sa.create_engine(url, pool_size=16, max_overflow=48)
        except (SQLAlchemyError, ImportError) as error:
            raise HomeDamaged("The ledger's address cannot be used", where=_shown(url), todo=str(error)) from error
        self.where = self._engine.url.database or _shown(url)
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _set_up_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)
        self._reader = self._engine.execution_options(**{_READ_ONLY: True})
        self._pid = os.getpid()
        self._open()

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """One transaction that holds the write lock from its first statement on."""
        with self._transaction(self._engine) as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One transaction that sees one moment of the ledger and holds nobody up."""
        with self._transaction(self._reader) as connection:
            yield connection

    @contextmanager
    def _transaction(self, engine: sa.Engine) -> Iterator[sa.Connection]:
        if os.getpid() != self._pid:  # forked: the parent's connections are not ours to use or to close
            self._engine.dispose(close=False)
            self._pid = os.getpid()
        try:
            with engine.begin() as connection:
                yield connection
        except IntegrityError:
            raise  # a rule of the tables was broken: a fault of this program, not of the home
        except DBAPIError as error:
            raise _told(error, self.where) from error

    def _open(self) -> None:
        with self.read() as connection:
            if self._engine.dialect.name == "sqlite":
                found = connection.execute(sa.text("PRAGMA quick_check(1)")).scalar_one()
                if found != "ok":
                    raise _damaged(self.where, str(found))
            tables = set(sa.inspect(connection).get_table_names())
            if tables and version.name not in tables and self._engine.dialect.name == "sqlite":
                raise _damaged(self.where, "it is a database of another program")
            if version.name in tables:
                self._check_version(connection)
                return
        with self.write() as connection:
            metadata.create_all(connection)
            if connection.execute(sa.select(version.c.version)).first() is None:
                connection.execute(version.insert().values(version=VERSION))
            self._check_version(connection)

    def _check_version(self, connection: sa.Connection) -> None:
        found = connection.execute(sa.select(sa.func.max(version.c.version))).scalar_one()
        if found != VERSION:
            raise HomeDamaged(
                f"The ledger has version {found}, this program knows version {VERSION}",
                where=self.where,
                todo="Upgrade studio-pipeline; the ledger was left as it is.",
            )


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's `begin` event says how a transaction starts, not the driver
    for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    read_only = connection.get_execution_options().get(_READ_ONLY)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _told(error: DBAPIError, where: str) -> HomeError:
    """A database error in the studio's words."""
    code = str(getattr(error.orig, "sqlite_errorname", ""))
    words = str(error.orig)
    if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR", "SQLITE_SCHEMA")):
        return _damaged(where, words)
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return HomeLocked(
            f"Another process has kept the ledger locked for {BUSY_TIMEOUT_MS // 1000} seconds",
            where=where,
            todo="Wait for it, or stop it, then give the same command again; nothing was sent.",
        )
    if code.startswith("SQLITE_"):
        return HomeFull(
            f"The ledger cannot be written: {words}",
            where=where,
            todo="Free some space or make the home writable, then give the same command again; nothing is lost.",
        )
    return HomeDamaged(f"The ledger's database does not answer: {words}", where=where, todo="Check that it runs.")


def _damaged(where: str, found: str) -> HomeDamaged:
    return HomeDamaged(
        f"The ledger cannot be read: {found}",
        where=where,
        todo="It was left as it is. Put a backup of it in its place (with no -wal and -shm beside it), or save what "
        f"can be read with `sqlite3 {where} .recover`. To begin with an empty ledger, move it away: "
        "what was bought before is then bought again.",
    )


def _shown(url: str) -> str:
    """A database address without its password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
