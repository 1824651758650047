"""Where the ledger is, by STUDIO_LEDGER_URL."""

from pathlib import Path

import pytest

from studio_pipeline.errors import BadInput
from studio_pipeline.settings import Settings


def test_it_lies_in_the_home_when_nothing_is_said(tmp_path):
    assert Settings.read({"STUDIO_HOME": str(tmp_path)}).ledger_file == tmp_path / "ledger.sqlite3"


def test_it_may_lie_in_another_file(tmp_path):
    assert Settings.read({"STUDIO_LEDGER_URL": f"sqlite:///{tmp_path}/money.sqlite3"}).ledger_file == (
        tmp_path / "money.sqlite3"
    )
    assert Settings.read({"STUDIO_LEDGER_URL": "sqlite:///money.sqlite3"}).ledger_file == Path.cwd() / "money.sqlite3"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_servers_address_is_spoken_to_by_psycopg_and_its_password_is_not_shown(scheme):
    settings = Settings.read({"STUDIO_LEDGER_URL": f"{scheme}://me:secret@host/money"})
    assert settings.ledger_url == "postgresql+psycopg://me:secret@host/money"
    assert settings.ledger_file is None
    assert "secret" not in repr(settings)


@pytest.mark.parametrize(
    "text", ["host=db password=secret", "mysql://me:secret@host/x", "sqlite://", "sqlite:///", "x"]
)
def test_what_is_no_address_is_told_without_its_password(text):
    with pytest.raises(BadInput, match=r"STUDIO_LEDGER_URL.*postgresql://") as told:
        Settings.read({"STUDIO_LEDGER_URL": text})
    assert "secret" not in str(told.value)
