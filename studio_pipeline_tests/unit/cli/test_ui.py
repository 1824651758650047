"""``studio ui`` is Dagster's own command on the one workspace and on the home of every other command."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from studio_pipeline.cli import main
from studio_pipeline.settings import WORKSPACE, settings


class Opened(Exception):
    """Stands for the process having become Dagster."""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[str]]]:
    """What the process became, and where."""
    became: list[list[str]] = []

    def become(program: str, args: list[str]) -> None:
        became.append(args)
        raise Opened

    monkeypatch.setattr(os, "execv", become)
    monkeypatch.setattr(signal, "signal", lambda *args: None)
    for name in ("STUDIO_HOME", "DAGSTER_HOME", "PYTHONWARNINGS"):
        monkeypatch.setenv(name, "")
    monkeypatch.chdir(tmp_path)
    yield became
    settings.cache_clear()


def ui(home: str, port: int) -> Result:
    return CliRunner().invoke(main, ["--home", home, "ui", "--port", str(port)])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_the_ui_opens_the_one_workspace_on_the_home_from_any_folder(run: list[list[str]], tmp_path: Path) -> None:
    ui("home", free_port())
    (args,) = run
    assert args[1:4] == ["-m", "dagster", "dev"]
    assert Path(args[args.index("-w") + 1]) == WORKSPACE
    assert os.environ["STUDIO_HOME"] == str(tmp_path / "home")
    assert os.environ["DAGSTER_HOME"] == str(tmp_path / "home" / "dagster")
    assert not list(tmp_path.rglob("workspace.yaml")), "there is one, and it is not copied"


def test_the_workspace_names_the_code_location() -> None:
    (loaded,) = yaml.safe_load(WORKSPACE.read_text(encoding="utf-8"))["load_from"]
    assert loaded["python_module"] == {
        "module_name": "studio_pipeline.definitions",
        "location_name": "studio_pipeline",
    }


def test_a_port_that_is_taken_is_told_before_anything_is_made(run: list[list[str]], tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        refused = ui("home", other.getsockname()[1])
    assert refused.exit_code == 2
    assert "--port" in refused.stderr
    assert not (tmp_path / "home").exists()
    assert run == []
