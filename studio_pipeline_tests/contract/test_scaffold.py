"""A vendor as ``studio scaffold`` writes it: in a checkout of its own, with the real command and the real suite."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from studio_pipeline.settings import ASSETS_DIR

ROOT = ASSETS_DIR.parent
PARTS = (
    "studio_pipeline",
    "studio_pipeline_tests",
    "assets",
    "tools",
    "prompts",
    "pyproject.toml",
    "README.md",
    "docs",
    ".env.example",
)
KINDS = ("video", "image", "voice", "music")
STUDIO = ("-c", "from studio_pipeline.cli import main; main()")
LONG, LABEL = "a-vendor-whose-name-is-the-most", "Ärger & Söhne + Co. Film-Vertrieb-AG."


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this checkout with a new vendor of each kind, one of them with the longest name there can be."""
    root = tmp_path_factory.mktemp("checkout")
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__", "pictures"))
        else:
            shutil.copy(ROOT / part, root / part)
    for kind in KINDS:
        run(root, *STUDIO, "scaffold", "provider", f"acme-{kind}", "--kind", kind)
    run(root, *STUDIO, "scaffold", "provider", LONG, "--label", LABEL)
    return root


def ran(root: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *args],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def run(root: Path, *args: str) -> str:
    done = ran(root, *args)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_new_vendors_keep_the_contract_against_their_own_fakes(checkout: Path) -> None:
    suite = ("-m", "pytest", "studio_pipeline_tests/contract/test_hosted.py", "-p", "no:cacheprovider")
    passed = [line for line in run(checkout, *suite, "-k", "acme", "-rp").splitlines() if line.startswith("PASSED")]
    for kind in KINDS:
        assert sum(f"{kind}:acme-{kind}/first" in line for line in passed) > 20


@pytest.mark.slow
def test_a_new_vendor_is_well_written(checkout: Path) -> None:
    new = [str(path) for name in ("acme_*", LONG.replace("-", "_")) for path in checkout.rglob(f"{name}.py")]
    assert len(new) == 3 * (len(KINDS) + 1)
    run(checkout, "-m", "ruff", "check", "--no-cache", *new)
    run(checkout, "-m", "ruff", "format", "--no-cache", "--check", *new)


@pytest.mark.slow
def test_what_a_new_vendor_still_lacks_is_said_and_make_docs_does_the_documents(checkout: Path) -> None:
    rules = (
        "-m",
        "pytest",
        "studio_pipeline_tests/architecture/test_vendors.py",
        "-p",
        "no:cacheprovider",
        "-k",
        "acme-video",
    )
    told = ran(checkout, *rules).stdout
    assert "is not in the README's table of vendors: run `make docs`" in told
    assert "not in .env.example: run `make docs`" in told
    run(checkout, "-W", "ignore", "-m", "tools.generate")
    told = ran(checkout, *rules).stdout
    assert "make docs" not in told
    assert "needs an https address and a date" in told
    assert "answer every TODO" in told
    assert "2 failed" in told
