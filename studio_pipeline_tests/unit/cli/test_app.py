"""The command line as a whole: quick to answer, complete, and every error a sentence and an exit code."""

from __future__ import annotations

import errno
import importlib
import json
import sqlite3
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from studio_pipeline import errors
from studio_pipeline.cli import app
from studio_pipeline.cli.failing import explain
from studio_pipeline.cli.options import common_options, json_option
from studio_pipeline.orchestration.drive import RunTrouble

_HEAVY = ("dagster", "numpy", "PIL", "pydantic", "av", "rich", "sqlalchemy", "yaml")

CODES = {
    "BadInput": 2,
    "OutOfBudget": 3,
    "UnknownPrice": 3,
    "ProviderFailed": 4,
    "MediaDamaged": 4,
    "PromptRefused": 4,
    "AnswerUnusable": 4,
    "VendorAway": 4,
    "JobFailed": 4,
    "Unanswered": 4,
    "HomeError": 5,
    "HomeLocked": 5,
    "HomeDamaged": 5,
    "HomeFull": 5,
}


@pytest.mark.parametrize("args", [["--help"], ["produce", "--help"], ["retake", "--help"]])
def test_help_loads_nothing_heavy(args: list[str]) -> None:
    code = (
        "import sys\nfrom studio_pipeline.cli import main\n"
        f"try: main({args!r})\nexcept SystemExit: pass\n"
        f"print([name for name in {_HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "Usage: studio" in done.stdout


@pytest.mark.parametrize("name", app.COMMANDS)
def test_the_list_says_what_each_command_says_of_itself(name: str) -> None:
    command = _named(name)
    assert command.name == name
    assert command.help.splitlines()[0] == app.COMMANDS[name]


def test_every_command_can_be_given_another_home_and_debug() -> None:
    for name in app.COMMANDS:
        assert {"--home", "--debug"} <= _options(name), name


def test_every_command_but_those_that_go_on_until_they_are_stopped_speaks_json() -> None:
    assert {name for name in app.COMMANDS if "--json" not in _options(name)} == {"ui", "fake-vendor"}


def _named(name: str) -> click.Command:
    return importlib.import_module(f"studio_pipeline.cli.{name.replace('-', '_')}").command


def _options(name: str) -> set[str]:
    command = _named(name)
    if isinstance(command, click.Group):  # what all of its commands have
        inner = [{option for parameter in one.params for option in parameter.opts} for one in command.commands.values()]
        return set.intersection(*inner)
    return {option for parameter in command.params for option in parameter.opts}


def test_a_mistyped_command_is_told_the_nearest() -> None:
    result = CliRunner().invoke(app.main, ["retak", "lighthouse"])
    assert result.exit_code == 2
    assert "Did you mean retake?" in result.stderr


@pytest.mark.parametrize("args", [["produce"], ["export", "x"], ["status", "--nonsense"], ["ui", "--port", "0"]])
def test_wrong_usage_is_bad_input(args: list[str]) -> None:
    result = CliRunner().invoke(app.main, args)
    assert result.exit_code == 2
    assert result.stderr.startswith("studio: ")
    assert "--help" in result.stderr


def _command(error: BaseException) -> click.Group:
    @click.command("produce")
    @json_option
    @common_options
    def fails(as_json: bool) -> None:
        raise error

    class One(app.Commands):
        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
            return fails

    return One(name="studio")


@pytest.mark.parametrize(("name", "code"), CODES.items())
def test_each_error_of_the_studio_ends_with_its_code_and_one_message(name: str, code: int) -> None:
    error = getattr(errors, name)("The lamp is out", where="tower", todo="Light it.")
    result = CliRunner().invoke(_command(error), ["produce"])
    assert (result.exit_code, result.stderr) == (code, "studio: The lamp is out (tower). Light it.\n")
    assert result.stdout == ""


def test_with_json_an_error_is_one_object_too() -> None:
    error = errors.BadInput("The lamp is out", where="tower", todo="Light it.")
    result = CliRunner().invoke(_command(error), ["produce", "--json"])
    told = json.loads(result.stdout)["error"]
    assert told["exit_code"] == result.exit_code == 2
    assert (told["kind"], told["what"], told["where"], told["todo"]) == (
        "BadInput",
        "The lamp is out",
        "tower",
        "Light it.",
    )
    assert result.stderr.startswith("studio: ")


def test_an_error_that_comes_out_of_a_run_is_told_like_any_other() -> None:
    """What went wrong inside Dagster keeps its kind, place and advice, and the traceback stays for --debug."""
    error = errors.MediaDamaged("The clip does not decode", where="lamp|animated.s01.k1", todo="Make it again.")
    with pytest.raises(errors.MediaDamaged) as raised:
        RunTrouble("shoot", "animated.s01.k1:animated.s01.k1", error, "Traceback: inside").throw()
    result = CliRunner().invoke(_command(raised.value), ["produce", "--json"])
    told = json.loads(result.stdout)["error"]
    assert (told["kind"], told["what"], told["where"], told["todo"], told["exit_code"]) == (
        "MediaDamaged",
        "The clip does not decode",
        "lamp|animated.s01.k1",
        "Make it again.",
        4,
    )
    assert "inside" not in result.output
    assert "inside" in CliRunner().invoke(_command(raised.value), ["produce", "--debug"]).stderr


def test_every_exit_code_of_the_error_tree_is_held_here() -> None:
    tree = {
        name: kind.exit_code
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.StudioError) and kind is not errors.StudioError
    }
    assert tree == CODES


def test_ctrl_c_says_that_the_same_command_goes_on() -> None:
    result = CliRunner().invoke(_command(KeyboardInterrupt()), ["produce"])
    assert (result.exit_code, result.stderr.strip()) == (130, "studio: interrupted; the same command goes on")


def test_ctrl_c_says_what_to_do_where_the_same_command_would_do_more() -> None:
    result = CliRunner().invoke(_command(KeyboardInterrupt("go on with: studio produce x")), ["produce", "--json"])
    assert result.exit_code == 130
    assert "go on with: studio produce x" in json.loads(result.stdout)["error"]["message"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EDQUOT])
def test_a_full_or_read_only_disk_anywhere_is_the_homes_trouble(number: int) -> None:
    wrapped = RuntimeError("somewhere inside Dagster")
    wrapped.__cause__ = OSError(number, "No space left on device", "/home/x/runs.db")
    result = CliRunner().invoke(_command(wrapped), ["produce"])
    assert result.exit_code == 5
    assert "/home/x/runs.db" in result.stderr
    assert ("Make the disk" if number == errno.EROFS else "Free some space") in result.stderr


@pytest.mark.parametrize(
    "words", ["database or disk is full", "database disk image is malformed", "file is not a database"]
)
def test_trouble_of_dagsters_own_database_is_the_homes_trouble(words: str) -> None:
    result = CliRunner().invoke(_command(sqlite3.OperationalError(words)), ["produce"])
    assert result.exit_code == 5
    assert words in result.stderr


def test_the_unexpected_is_one_line_with_a_hint_and_all_of_it_with_debug() -> None:
    group = _command(KeyError("lens"))
    short = CliRunner().invoke(group, ["produce"])
    assert short.exit_code == 1
    assert len(short.stderr.splitlines()) == 1
    assert "KeyError" in short.stderr
    assert "--debug" in short.stderr
    long = CliRunner().invoke(group, ["produce", "--debug"])
    assert "Traceback" in long.stderr


def test_a_message_cannot_move_the_cursor_or_forge_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    explain(errors.BadInput("“\x1b[2Jlamp\rstudio: all is well\u202e”"), as_json=False, debug=False)
    told = capsys.readouterr().err
    assert not {"\x1b", "\r", "\u202e"} & set(told)


def test_whoever_stops_reading_causes_no_noise() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "from studio_pipeline.cli import main; main(['--help'])"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
