"""A ledger of an older version is brought up to this one, whole or not at all, and the old one is kept."""

import importlib.util
import os
import resource
import signal
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from studio_pipeline.budget import schema
from studio_pipeline.budget.ledger import Ledger
from studio_pipeline.budget.migration import is_old
from studio_pipeline.budget.report import cost_report
from studio_pipeline.errors import HomeDamaged, HomeFull

_spec = importlib.util.spec_from_file_location("version_2", Path(__file__).with_name("version_2.py"))
version_2 = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(version_2)


@pytest.fixture
def file(tmp_path):
    return version_2.make_file(tmp_path / "ledger.sqlite3")


def address(file):
    return f"sqlite:///{file}"


def everything(file):
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        return list(connection.iterdump())


def backups(file):
    return sorted(file.parent.glob("*.backup"))


def in_child(work) -> int:
    child = os.fork()
    if child == 0:
        status = 70
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_an_old_ledger_goes_on_with_all_that_it_knew(file):
    ledger = Ledger(address(file))
    report = cost_report(ledger, "lighthouse")
    assert (report.settled_usd, report.simulated_usd, report.reserved_usd) == (Decimal(3), Decimal(2), Decimal(1))
    assert report.adds_up
    assert ledger.decision("verdicts:lighthouse") == {"shares": {"animated": 100}}
    ledger.enrol("lighthouse", "slate:november")
    assert ledger.job_ids("painter") == {"job-1", "job-2"}


def test_the_old_one_is_kept_beside_it_as_it_was(file):
    before = everything(file)
    Ledger(address(file))
    (kept,) = backups(file)
    assert kept.name.startswith("ledger.sqlite3.v2-20")
    assert everything(kept) == before
    assert not is_old(file)
    assert sorted(path.name for path in file.parent.iterdir() if path.name.startswith(".")) == []


def test_a_backup_of_the_same_day_is_not_written_over(file):
    Ledger(address(file))
    (first,) = backups(file)
    content = first.read_bytes()
    for left in file.parent.glob("ledger.sqlite3*"):
        if left != first:
            left.unlink()
    version_2.make_file(file)
    Ledger(address(file))
    assert len(backups(file)) == 2
    assert first.read_bytes() == content


def test_a_ledger_of_today_is_not_backed_up(file):
    Ledger(address(file))
    Ledger(address(file))
    assert len(backups(file)) == 1


@pytest.mark.parametrize(
    "step", ["CREATE TABLE enrolments", "CREATE UNIQUE INDEX one_entry_a_job", "UPDATE ledger_version"]
)
def test_killed_in_the_middle_it_is_the_old_one_and_the_next_start_goes_through(file, step):
    before = everything(file)

    def migrate():
        @sa.event.listens_for(sa.engine.Engine, "after_cursor_execute")
        def power_cut(_connection, _cursor, statement, *_more):
            if statement.startswith(step):
                os.kill(os.getpid(), signal.SIGKILL)

        Ledger(address(file))

    assert in_child(migrate) == -signal.SIGKILL
    assert is_old(file)
    assert everything(file) == before
    assert Ledger(address(file)).totals("lighthouse").settled_usd == Decimal(3)


def test_without_room_for_the_backup_nothing_is_changed(file):
    before = everything(file)

    def migrate():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, resource.RLIM_INFINITY))
        with pytest.raises(HomeFull, match="backup"):
            Ledger(address(file))

    assert in_child(migrate) == 0
    assert everything(file) == before
    assert backups(file) == []


def test_processes_that_find_it_old_at_once_migrate_it_once(file):
    children = []
    for _ in range(4):
        child = os.fork()
        if child == 0:
            status = 70
            try:
                Ledger(address(file)).set_caps({f"slate:{os.getpid()}": Decimal(1)})
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 4
    assert len(Ledger(address(file)).caps()) == 6
    assert len(backups(file)) == 1


def test_two_purchases_of_one_job_are_told_and_the_ledger_stays_as_it_is(tmp_path):
    file = version_2.make_file(tmp_path / "ledger.sqlite3", twice_one_job=True)
    before = everything(file)
    with pytest.raises(HomeDamaged, match=r"cannot go from version 2 to 3.*one job"):
        Ledger(address(file))
    assert everything(file) == before


def test_a_server_migrates_in_one_transaction_and_says_to_keep_a_dump(postgres, caplog):
    url = postgres.empty_database()
    engine = sa.create_engine(url)
    script = version_2.statements().replace("INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT", "SERIAL PRIMARY KEY")
    with engine.begin() as connection:
        connection.exec_driver_sql(script.replace("%", "%%"))
    engine.dispose()
    assert cost_report(Ledger(url), "lighthouse").adds_up
    assert "dump" in caplog.text
    assert shape(url) == shape(postgres.empty_database(), fresh=True)


def test_a_migrated_ledger_has_the_tables_of_a_new_one(file, tmp_path):
    Ledger(address(file))
    assert shape(address(file)) == shape(address(tmp_path / "new.sqlite3"), fresh=True)


def _plain(options):
    """Conditions of an index in one spelling; Postgres writes its own."""
    return {name: "".join(str(value).split()) for name, value in options.items()}


def shape(url, *, fresh=False):
    """Columns, keys and indexes of every table."""
    if fresh:
        Ledger(url)
    engine = sa.create_engine(url)
    found = sa.inspect(engine)
    told = {
        table: (
            sorted((column["name"], str(column["type"]), column["nullable"]) for column in found.get_columns(table)),
            found.get_pk_constraint(table)["constrained_columns"],
            sorted(
                (index["name"], index["column_names"], index["unique"], _plain(index["dialect_options"]))
                for index in found.get_indexes(table)
            ),
        )
        for table in schema.metadata.tables
    }
    engine.dispose()
    return told
