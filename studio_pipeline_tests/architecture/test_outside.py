"""What people read outside the code says what the code does: settings, the Makefile, the rate cards, the data."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

import studio_pipeline
from studio_pipeline.budget.rate_cards import RateCards
from studio_pipeline.orchestration.tiers import load_tiers
from studio_pipeline.providers import factory
from studio_pipeline.settings import ASSETS_DIR, VARIABLES

PACKAGE = Path(studio_pipeline.__file__).parent
ROOT = PACKAGE.parent
DOCUMENTED = ("help", "demo", "test", "setup", "dev", "check", "bench")


def test_the_example_environment_lists_every_variable_with_its_meaning_and_sets_none() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    assigned = {line.lstrip("# ").partition("=")[0] for line in lines if re.match(r"#? ?[A-Z0-9_]+=", line)}
    theirs = {name: what for data in factory.vendors().values() for name, what in data.manifest.variables.items()}
    assert assigned == VARIABLES.keys() | theirs.keys()
    assert not [line for line in lines if re.match(r"[A-Z0-9_]+=.", line)], "copied as it is, it changes nothing"
    text = " ".join(line.lstrip("# ") for line in lines)
    for name, meaning in {**VARIABLES, **theirs}.items():
        assert " ".join(meaning.split()) in " ".join(text.split()), name


def test_every_variable_that_is_read_is_listed() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    read = set(re.findall(r"environ(?:\.get\(|\[)\s*\"([A-Z][A-Z0-9_]+)\"", text))
    read |= set(re.findall(r"_(?:whole|money)\(environ, \"([A-Z0-9_]+)\"", text))
    theirs = {"DAGSTER_HOME", "PYTHONWARNINGS"}
    theirs |= {name for data in factory.vendors().values() for name in data.manifest.keys}  # listed with their vendors
    assert read - theirs == VARIABLES.keys()


def test_make_help_lists_the_documented_commands_and_each_is_a_target() -> None:
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30).stdout
    listed = re.findall(r"^  make (\S+) +\S", told, re.MULTILINE)
    assert set(DOCUMENTED) <= set(listed)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert {name for name in listed if not re.search(rf"^{name}:", makefile, re.MULTILINE)} == set()


def test_every_tier_can_be_shot_for_nothing_and_what_has_no_capabilities_has_a_price() -> None:
    cards = RateCards.load(ASSETS_DIR / "vendors")
    for tier in load_tiers(ASSETS_DIR / "tiers.yaml"):
        for model in (tier.image_model, tier.video_model):
            assert cards.line(model.partition("/")[0], model).simulated, f"{tier.name}: {model}"
    for vendor, model in factory.OWN_MODELS.items():
        assert cards.line(vendor, model) is not None


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_pinned_packages_carry_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    for line in text.splitlines():
        if re.match(r"[a-zA-Z0-9]", line):
            assert "==" in line, line
    assert "--hash=sha256:" in text


def test_the_package_says_which_python_it_needs_and_starts_its_command() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.11,<3.14"
    assert project["scripts"] == {"studio": "studio_pipeline.cli:main"}
