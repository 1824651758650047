"""Looking changes nothing: not even a ledger that an older version left behind."""

import importlib.util
from decimal import Decimal
from pathlib import Path

from studio_pipeline.budget.ledger import Ledger
from studio_pipeline.cli.looking import databases_of
from studio_pipeline.orchestration.home import open_home
from studio_pipeline.settings import Settings

_place = Path(__file__).parents[1] / "budget" / "version_2.py"
_spec = importlib.util.spec_from_file_location("version_2", _place)
version_2 = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(version_2)


def made_home(root: Path, **variables: str) -> Settings:
    settings = Settings.read({"STUDIO_HOME": str(root / "home"), **variables})
    open_home(settings)
    (settings.dagster_home / "history").mkdir()
    (settings.dagster_home / "history" / "runs.db").touch()
    return settings


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_old_ledger_is_read_in_a_copy_and_stays_as_it_is(tmp_path):
    settings = made_home(tmp_path)
    version_2.make_file(settings.ledger_file)
    before = files(settings.home)
    with databases_of(settings) as there:
        assert there.ledger_file != settings.ledger_file
        assert Ledger(there.ledger_url).totals("lighthouse").settled_usd == Decimal(3)
    assert files(settings.home) == before


def test_a_ledger_of_today_is_read_where_it_lies(tmp_path):
    settings = made_home(tmp_path)
    Ledger(settings.ledger_url)
    with databases_of(settings) as there:
        assert there == settings


def test_an_old_ledger_outside_the_home_is_read_in_a_copy(tmp_path):
    settings = made_home(tmp_path, STUDIO_LEDGER_URL=f"sqlite:///{tmp_path / 'money.sqlite3'}")
    version_2.make_file(settings.ledger_file)
    with databases_of(settings) as there:
        assert Ledger(there.ledger_url).totals("lighthouse").settled_usd == Decimal(3)
    assert sorted(path.name for path in tmp_path.glob("money.sqlite3*.backup")) == []


def test_a_ledger_on_a_server_is_asked_there(tmp_path, postgres):
    settings = made_home(tmp_path, STUDIO_LEDGER_URL=postgres.empty_database())
    Ledger(settings.ledger_url).set_caps({"production:lighthouse": Decimal(5)})
    with databases_of(settings) as there:
        assert Ledger(there.ledger_url).caps() == {"production:lighthouse": Decimal(5)}
