"""The ledger on a database server: what may go wrong there is told in words, and the password never is."""

import sys
from decimal import Decimal

import psycopg
import pytest
import sqlalchemy as sa

from studio_pipeline.budget import database
from studio_pipeline.budget.ledger import Ledger
from studio_pipeline.errors import HomeDamaged, HomeError, HomeLocked

WHOLE = "production:lighthouse"


@pytest.fixture
def url(postgres):
    return postgres.empty_database()


def test_without_the_driver_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(HomeError, match=r"package psycopg.*studio-pipeline\[postgres\]") as told:
        Ledger("postgresql+psycopg://me:secret@host/ledger")
    assert "secret" not in str(told.value)


def test_a_server_that_does_not_answer_is_told_without_the_password(tmp_path):
    with pytest.raises(HomeError, match=r"does not answer.*STUDIO_LEDGER_URL") as told:
        Ledger(f"postgresql+psycopg://me:secret@/ledger?host={tmp_path}")
    assert told.value.exit_code == 5
    assert "secret" not in str(told.value)


def test_a_database_shared_with_dagster_is_used_and_one_with_tables_of_our_names_is_not(postgres):
    shared, taken = postgres.empty_database(), postgres.empty_database()
    for url, table in ((shared, "runs"), (taken, "entries")):
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE TABLE {table} (id int)")
        engine.dispose()
    assert Ledger(shared).set_caps({WHOLE: Decimal(1)}) == {WHOLE: Decimal(1)}
    with pytest.raises(HomeDamaged, match="another program, with a table entries"):
        Ledger(taken)


def test_a_newer_ledger_asks_for_the_upgrade(ledger, url):
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE ledger_version SET version = 99")
    engine.dispose()
    with pytest.raises(HomeDamaged, match=r"version 99.*Upgrade studio-pipeline"):
        Ledger(url)


def test_a_server_that_dropped_its_connections_is_asked_again(ledger, order, postgres):
    ledger.reserve(order())
    postgres.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname <> ''"
    )
    assert ledger.reserve(order("another")).kind == "yours"


def test_an_envelope_locked_for_too_long_asks_to_wait(ledger, url, order, monkeypatch):
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    impatient = Ledger(url)
    engine = sa.create_engine(url)
    with engine.connect() as holder:
        holder.exec_driver_sql("SELECT * FROM envelopes FOR UPDATE")
        with pytest.raises(HomeLocked, match="Another process"):
            impatient.reserve(order())
    engine.dispose()
    assert impatient.reserve(order()).kind == "yours"


@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_a_transaction_that_lost_a_race_is_run_anew_and_gives_up_in_the_end(url, state):
    ours, runs = database.Database(url), []

    def work(connection, losses):
        runs.append(1)
        if len(runs) <= losses:
            connection.exec_driver_sql(f"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$")
        return "done"

    assert ours.write(work, 3) == "done"
    assert len(runs) == 4
    with pytest.raises(HomeLocked):
        ours.write(work, 1000)
    assert len(runs) == 4 + database.ATTEMPTS


def test_a_full_or_read_only_server_is_told(url):
    ours = database.Database(url)
    for state, words in (("53100", "Make room"), ("25006", "let it be written"), ("42501", "Let this user")):
        with pytest.raises(HomeError, match=words):
            ours.write(
                lambda connection, state=state: connection.exec_driver_sql(
                    f"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$"
                )
            )


def test_what_is_committed_is_on_the_disk_whatever_the_server_is_set_to(url, postgres):
    ours = database.Database(url)
    with ours.read() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
        with pytest.raises(sa.exc.DBAPIError) as told:
            connection.exec_driver_sql("CREATE TABLE x (id int)")
        assert isinstance(told.value.orig, psycopg.errors.ReadOnlySqlTransaction)
