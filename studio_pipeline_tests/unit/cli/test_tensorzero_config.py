"""A gateway's configuration from the studio's own variants, prompts and drafts, and what it refuses to write over."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from studio_pipeline.cli.app import main
from studio_pipeline.experiments.metrics import METRICS
from studio_pipeline.prompting import variants


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_CHAT_MODEL", "OPENAI_CHAT_BASE_URL", "OPENAI_CHAT_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def studio(*args: str) -> tuple[int, str, str]:
    ran = CliRunner().invoke(main, ["tensorzero-config", *args])
    return ran.exit_code, ran.stdout, ran.stderr


def config(folder: str = "tensorzero") -> dict:
    return tomllib.loads(Path(folder, "tensorzero.toml").read_text(encoding="utf-8"))


def test_every_function_variant_and_metric_of_ours_is_in_it() -> None:
    code, stdout, stderr = studio()
    assert code == 0, stderr
    assert "tensorzero/tensorzero.toml" in stdout
    functions = config()["functions"]
    assert functions.keys() == variants.functions().keys()
    for name, ours in variants.functions().items():
        assert {variant.name for variant in ours.variants} <= functions[name]["variants"].keys()
        answer = json.loads(Path("tensorzero", functions[name]["output_schema"]).read_text(encoding="utf-8"))
        assert answer["title"] == ours.output
    assert config()["metrics"].keys() == METRICS.keys()


def test_what_a_gateway_cannot_ask_is_left_out_and_told() -> None:
    code, stdout, stderr = studio("--to", "gateway", "--json")
    assert code == 0, stderr
    told = json.loads(stdout)
    assert set(told["left_out"]) == {"openai-chat/server", "huggingface/local"}
    assert "tensorzero.toml" in told["files"]
    assert config("gateway")["models"]["bulk"]["routing"] == ["claude-haiku-5-5", "claude-sonnet-5-5"]


def test_a_server_of_ones_own_is_behind_the_gateway_when_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_CHAT_MODEL", "qwen3")
    monkeypatch.setenv("OPENAI_CHAT_BASE_URL", "http://gpu:8000/v1")
    monkeypatch.setenv("OPENAI_CHAT_API_KEY", "sk-very-secret")
    assert studio()[0] == 0
    assert config()["models"]["bulk"]["providers"]["server"] == {
        "type": "openai",
        "model_name": "qwen3",
        "api_base": "http://gpu:8000/v1",
        "api_key_location": "env::OPENAI_CHAT_API_KEY",
    }
    written = "".join(path.read_text(encoding="utf-8") for path in Path("tensorzero").rglob("*.*"))
    assert "sk-very-secret" not in written


def test_a_gateway_is_never_told_to_ask_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_CHAT_MODEL", "tensorzero::model_name::writing")
    monkeypatch.setenv("OPENAI_CHAT_BASE_URL", "http://localhost:3000/openai/v1")
    assert studio()[0] == 0
    assert "server" not in config()["models"]["writing"]["routing"]


def test_written_again_it_is_the_same_and_what_a_person_wrote_stays(here: Path) -> None:
    assert studio()[0] == 0
    files = {path: path.read_bytes() for path in Path("tensorzero").rglob("*") if path.is_file()}
    assert studio()[0] == 0
    assert {path: path.read_bytes() for path in files} == files
    mine = here / "mine" / "tensorzero.toml"
    mine.parent.mkdir()
    mine.write_text("[gateway]\n")
    code, _, stderr = studio("--to", "mine")
    assert code == 2
    assert "the studio did not write" in stderr
    assert mine.read_text() == "[gateway]\n"
    assert list(mine.parent.iterdir()) == [mine]


def test_a_file_is_no_folder(here: Path) -> None:
    (here / "notes").write_text("x")
    code, _, stderr = studio("--to", "notes")
    assert code == 2
    assert "not a folder" in stderr
