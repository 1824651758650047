"""What the documents say is so: every command, option, variable, key and asset is there, generated parts are fresh,
links lead somewhere, and example commands are commands."""

from __future__ import annotations

import re
import shlex
import sys
from functools import lru_cache
from pathlib import Path

import click
import pytest

from studio_pipeline.cli.app import COMMANDS
from studio_pipeline.cli.app import main as studio
from studio_pipeline.settings import VARIABLES
from studio_pipeline.stages.planning import brief, slate

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from tools import generate  # noqa: E402 - lies beside the package, not in it

DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/*.md", "docs/adr/*.md", ".env.example", "Dockerfile", "examples/*.yaml")
    for path in ROOT.glob(pattern)
)
_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_OF_A_MACHINE = re.compile(r"(?<![\w.])/(?:home|root|tmp|Users|work|private|mnt)/", re.IGNORECASE)
_REGISTRY = re.compile(r"pypi|pythonhosted|index-url|registry\.|npmjs|anaconda", re.IGNORECASE)


@lru_cache
def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def command_of(name: str) -> click.Command:
    command = studio.get_command(click.Context(studio), name)
    assert command is not None
    return command


@pytest.mark.parametrize("name", COMMANDS)
def test_the_readme_has_every_command_with_every_option(name: str) -> None:
    readme = read("README.md")
    assert f"studio {name}" in readme
    command = command_of(name)
    every = [command, *(command.commands.values() if isinstance(command, click.Group) else ())]
    parameters = [parameter for one in every for parameter in one.params]
    options = [option for parameter in parameters for option in parameter.opts if option.startswith("--")]
    assert [option for option in options if option not in readme] == []


def test_the_readme_has_every_variable() -> None:
    assert [name for name in VARIABLES if f"`{name}`" not in read("README.md")] == []


def test_the_readme_has_every_key_of_a_brief_and_of_a_slate() -> None:
    assert [key for key in (*brief.KEYS, *slate.KEYS) if f"| `{key}` |" not in read("README.md")] == []


def test_every_key_is_explained_and_nothing_else() -> None:
    assert set(generate.BRIEF_KEYS) == set(brief.KEYS)
    assert set(generate.SLATE_KEYS) == set(slate.KEYS)


def test_what_is_generated_is_fresh() -> None:
    stale = [path.name for path, wanted in generate.documents().items() if path.read_text(encoding="utf-8") != wanted]
    assert stale == [], "run `make docs`"


def test_the_architecture_names_every_asset_and_every_job() -> None:
    from studio_pipeline.definitions import defs

    told = read("docs/architecture.md")
    assets = [key.to_user_string() for key in defs.resolve_asset_graph().get_all_asset_keys()]
    jobs = [job.name for job in defs.resolve_all_job_defs() if not job.name.startswith("__")]
    checks = [key.name for key in defs.resolve_asset_graph().asset_check_keys]
    assert len(checks) == 4
    assert [name for name in (*assets, *jobs, *checks) if f"`{name}`" not in told] == []


def test_the_architecture_names_files_and_functions_that_exist() -> None:
    told = read("docs/architecture.md")
    files = set(re.findall(r"`([\w/]+\.py)`", told))
    assert len(files) > 20
    places = (ROOT, ROOT / "studio_pipeline")
    assert sorted(name for name in files if not any((place / name).is_file() for place in places)) == []
    said = re.findall(r"`(\w+)`(?: \([^)]*\))? in\s+`([\w/]+\.py)`", told)
    assert len(said) >= 8
    wrong = []
    for function, name in said:
        source = next((place / name).read_text() for place in places if (place / name).is_file())
        if not re.search(rf"^(?:async )?(?:def|class) {function}\b", source, re.MULTILINE):
            wrong.append((function, name))
    assert wrong == []


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name.endswith(".md")])
def test_every_link_inside_the_project_leads_somewhere(name: str) -> None:
    links = [link for link in _LINK.findall(read(name)) if "://" not in link]
    assert [link for link in links if not (ROOT / name).parent.joinpath(link).exists()] == []


def test_the_documents_have_their_pictures_and_no_heavy_ones() -> None:
    shown = {link for name in ("README.md", "docs/architecture.md") for link in _LINK.findall(read(name))}
    pictures = sorted((ROOT / "docs" / "pictures").iterdir())
    assert [picture.name for picture in pictures if picture.stat().st_size > 400_000] == []
    assert [p.name for p in pictures if not any(link.endswith(f"pictures/{p.name}") for link in shown)] == []


def _examples() -> list[str]:
    """Every ``studio …`` line of the README's and the changelog's shell blocks, without its remark."""
    blocks = [body for language, body in _FENCE.findall(read("README.md")) if language == "sh"]
    lines = [line.partition("  #")[0].strip() for body in blocks for line in body.splitlines()]
    return sorted({line.partition(" #")[0].strip() for line in lines if line.startswith("studio ")})


@pytest.mark.parametrize("line", _examples())
def test_every_example_command_is_one(line: str) -> None:
    _, name, *args = shlex.split(line)
    command = command_of(name)
    command.make_context(name, list(args), resilient_parsing=False)


def test_there_are_examples() -> None:
    assert {shlex.split(line)[1] for line in _examples()} >= set(COMMANDS) - {"doctor"}


def test_the_make_targets_that_are_named_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", read("Makefile"), re.MULTILINE))
    named = {target for name in DOCUMENTS for target in re.findall(r"(?:^|`)make ([a-z-]+)", read(name), re.MULTILINE)}
    assert {"demo", "test", "docs"} <= named
    assert named - targets == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_nothing_of_one_machine_or_registry_is_in_the_documents(name: str) -> None:
    assert _OF_A_MACHINE.findall(read(name)) == []
    assert _REGISTRY.findall(read(name)) == []
