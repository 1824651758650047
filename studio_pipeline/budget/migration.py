"""What kind of database was opened, making an empty one into a ledger, and bringing an older ledger up to date.

What lives here: the checks at the opening, the backup, and the steps from version to version. What does not:
connections and transactions (``database.py``) and the tables as they are today (``schema.py``).

A step is written in SQL as it was at its time, not with today's tables, which go on changing. All steps and the new
version number are one transaction: killed anywhere in it, the ledger is the old one. An SQLite file is copied first,
under the write lock, so that the copy is the last state of the old version.
"""

from __future__ import annotations

import itertools
import logging
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from studio_pipeline.budget.schema import VERSION, metadata, version
from studio_pipeline.errors import HomeDamaged, HomeFull
from studio_pipeline.whole_file import disk_errors_told, whole_file

STEPS: dict[int, tuple[str, ...]] = {
    2: (
        "CREATE TABLE enrolments (production TEXT NOT NULL, envelope TEXT NOT NULL, "
        "PRIMARY KEY (production, envelope))",
        "CREATE UNIQUE INDEX one_entry_a_job ON entries (vendor, job_id) WHERE job_id IS NOT NULL AND NOT simulated",
    ),
}
"""From each older version to the next one."""

_OPENING = 0x1ED6E2
"""The name of the Postgres lock that lets one process at a time make or change tables."""

log = logging.getLogger(__name__)


def is_current(connection: sa.Connection, where: str) -> bool:
    """Whether the database is a ledger of this version; ``False`` when it is empty or of an older one.

    Raises:
        HomeDamaged: when it is neither.
    """
    if connection.dialect.name == "sqlite":
        found = connection.execute(sa.text("PRAGMA quick_check(1)")).scalar_one()
        if found != "ok":
            raise damaged(where, str(found))
    found = _version(connection, where)
    if found is None or found == VERSION:
        return found is not None
    if found not in STEPS:
        raise HomeDamaged(
            f"The ledger has version {found}, this program knows version {VERSION}",
            where=where,
            todo="Upgrade studio-pipeline; the ledger was left as it is."
            if found > VERSION
            else "The ledger was left as it is. Put a backup of a newer version in its place.",
        )
    return False


def bring_up(connection: sa.Connection, where: str) -> None:
    """Make the tables, or take an older ledger to this version; in a writing transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_OPENING)))
    if is_current(connection, where):
        return  # another process was first
    found = _version(connection, where)
    if found is None:
        metadata.create_all(connection)
        connection.execute(version.insert().values(version=VERSION))
        return
    if connection.dialect.name == "sqlite":
        _back_up(connection, found)
    else:
        log.warning(
            "The ledger at %s goes from version %s to %s. Keep a dump of the database from before, if you may want to "
            "go back.",
            where,
            found,
            VERSION,
        )
    try:
        for step in itertools.chain.from_iterable(STEPS[number] for number in range(found, VERSION)):
            connection.execute(sa.text(step))
    except IntegrityError as error:
        raise HomeDamaged(
            f"The ledger cannot go from version {found} to {VERSION}: {error.orig}",
            where=where,
            todo="It was left as it is. Two of its purchases name one job of a vendor: look at that vendor's bill.",
        ) from error
    connection.execute(version.update().values(version=VERSION))


def is_old(file: Path) -> bool:
    """Whether ``file`` is a ledger that opening would change; looks and changes nothing."""
    # Where nobody has it open it has no log, and SQLite would leave an empty one beside it only to look.
    how = "mode=ro" if Path(f"{file}-wal").exists() else "immutable=1"
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?{how}", uri=True)) as connection:
            (found,) = connection.execute("SELECT max(version) FROM ledger_version").fetchone()
    except sqlite3.Error:
        return False  # whoever opens it is told
    return found in STEPS


def damaged(where: str, found: str) -> HomeDamaged:
    return HomeDamaged(
        f"The ledger cannot be read: {found}",
        where=where,
        todo="It was left as it is. Put a backup of it in its place (with no -wal and -shm beside it), or save what "
        f"can be read with `sqlite3 {where} .recover`. To begin with an empty ledger, move it away: "
        "what was bought before is then bought again.",
    )


def _version(connection: sa.Connection, where: str) -> int | None:
    """The version of the ledger; ``None`` when the database has none."""
    tables = set(sa.inspect(connection).get_table_names())
    if version.name not in tables:
        # A Postgres database may be shared, with Dagster for one; an SQLite file is the ledger's alone.
        others = tables if connection.dialect.name == "sqlite" else tables & set(metadata.tables)
        if others:
            raise damaged(where, f"it is a database of another program, with a table {min(others)}")
        return None
    missing = set(metadata.tables) - tables - {"enrolments"}
    found = connection.execute(sa.select(sa.func.max(version.c.version))).scalar_one()
    if found is None or missing:
        raise damaged(where, f"it lacks {', '.join(sorted(missing)) or 'its version'}")
    return found


def _back_up(connection: sa.Connection, found: int) -> None:
    file = Path(connection.execute(sa.text("SELECT file FROM pragma_database_list WHERE name = 'main'")).scalar_one())
    name = f"{file.name}.v{found}-{datetime.now(UTC).date()}"
    names = itertools.chain([f"{name}.backup"], (f"{name}-{number}.backup" for number in itertools.count(2)))
    place = next(place for place in map(file.with_name, names) if not place.exists())
    try:
        with (
            disk_errors_told(place, "The backup of the ledger"),
            whole_file(place) as unfinished,
            closing(sqlite3.connect(file)) as old,  # of its own: SQLite copies nothing by one that holds the write lock
            closing(sqlite3.connect(unfinished)) as copy,
        ):
            old.backup(copy)
    except sqlite3.Error as error:
        raise HomeFull(
            f"The backup of the ledger cannot be written: {error}",
            where=str(place),
            todo="Free some space, then give the same command again; the ledger was left as it is.",
        ) from error
    log.info("The ledger %s goes from version %s to %s; the old one is kept as %s.", file, found, VERSION, place)
