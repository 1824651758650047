"""A ledger that cannot be used is refused in words, and left as it is."""

import os
import resource
import signal
import sqlite3
from decimal import Decimal

import pytest

from studio_pipeline.budget.ledger import Ledger
from studio_pipeline.errors import HomeDamaged, HomeFull, HomeLocked


@pytest.fixture
def url(tmp_path):
    """These are about a file."""
    return f"sqlite:///{tmp_path / 'ledger.sqlite3'}"


def test_a_file_that_is_no_database_is_refused_and_not_touched(tmp_path):
    file = tmp_path / "ledger.sqlite3"
    file.write_bytes(b"Dear diary, " * 1000)
    with pytest.raises(HomeDamaged, match=r"ledger\.sqlite3.*left as it is.*backup"):
        Ledger(f"sqlite:///{file}")
    assert file.read_bytes() == b"Dear diary, " * 1000


def test_a_ledger_damaged_in_the_middle_is_refused_and_not_touched(ledger, url, order, tmp_path):
    for number in range(60):
        ledger.reserve(order(f"shot {number}", "0.01"))
    file = tmp_path / "ledger.sqlite3"
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    damaged = bytearray(file.read_bytes())
    damaged[8192:24576] = b"\xa5" * 16384
    copy = tmp_path / "damaged.sqlite3"
    copy.write_bytes(damaged)
    with pytest.raises(HomeDamaged, match=r"damaged\.sqlite3.*\.recover"):
        Ledger(f"sqlite:///{copy}")
    assert copy.read_bytes() == bytes(damaged)


def test_a_database_of_another_program_is_not_made_into_a_ledger(tmp_path):
    file = tmp_path / "ledger.sqlite3"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE recipes (name)")
    with pytest.raises(HomeDamaged, match="another program"):
        Ledger(f"sqlite:///{file}")
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]


def test_a_ledger_of_a_newer_program_asks_for_the_upgrade(ledger, url, tmp_path):
    with sqlite3.connect(tmp_path / "ledger.sqlite3") as connection:
        connection.execute("UPDATE ledger_version SET version = 99")
    with pytest.raises(HomeDamaged, match=r"version 99.*Upgrade studio-pipeline"):
        Ledger(url)


def test_a_read_only_ledger_can_be_read_and_says_why_it_cannot_be_written(ledger, order, tmp_path):
    ledger.reserve(order())
    frozen = Ledger(f"sqlite:///file:{tmp_path / 'ledger.sqlite3'}?mode=ro&uri=true")
    assert len(frozen.entries("lighthouse")) == 1
    with pytest.raises(HomeFull, match=r"cannot be written.*make the home writable"):
        frozen.reserve(order("another"))


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(HomeFull, match="unable to open"):
        Ledger(f"sqlite:///{tmp_path / 'nowhere' / 'ledger.sqlite3'}")


def test_a_full_disk_stops_the_purchase_before_anything_is_sent(ledger, url, order, tmp_path):
    """The kernel's limit on file size stands for a full disk: a real write that really fails."""
    said = tmp_path / "said"
    child = os.fork()
    if child == 0:
        status = 70
        try:
            theirs = Ledger(url)
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            size = (tmp_path / "ledger.sqlite3-wal").stat().st_size
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20_000, resource.RLIM_INFINITY))
            try:
                for number in range(200):
                    theirs.reserve(order(f"shot {number}", "0.01"))
            except HomeFull as error:
                resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
                said.write_text(str(error))
                status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert "cannot be written" in said.read_text()
    balance = ledger.balance("pilot:lighthouse|animated")
    assert balance.reserved_usd == Decimal("0.01") * len(ledger.entries("lighthouse"))


def test_a_ledger_locked_for_too_long_asks_to_wait(ledger, order, tmp_path, monkeypatch):
    from studio_pipeline.budget import database

    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)
    impatient = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
    holder = sqlite3.connect(tmp_path / "ledger.sqlite3", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(HomeLocked, match="Another process"):
        impatient.reserve(order())
    holder.execute("ROLLBACK")
    assert impatient.reserve(order()).kind == "yours"


def test_an_address_that_is_none_is_told_without_its_password():
    with pytest.raises(HomeDamaged) as told:
        Ledger("nosuchdb://me:secret@host/ledger")
    assert "secret" not in str(told.value)
