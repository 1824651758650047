"""Who may come in where: Dagster, the vendors' adapters, the shell. The general rules are in ``test_rules.py``."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import studio_pipeline

PACKAGE = Path(studio_pipeline.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
NAMES = [path.relative_to(PACKAGE).as_posix() for path in FILES]
DAGSTER_ROOMS = ("definitions.py", "orchestration/", "stages/reviewing/sensors.py", "stages/planning/submission.py")


def tree_of(name: str) -> ast.Module:
    return ast.parse((PACKAGE / name).read_text(encoding="utf-8"))


def may_import_dagster(name: str) -> bool:
    return name.startswith(DAGSTER_ROOMS) or (name.startswith("stages/") and name.endswith("assets.py"))


def imports_at_run_time(tree: ast.Module) -> set[str]:
    """Top-level packages that are really imported: what is under ``if TYPE_CHECKING`` is not."""
    found: set[str] = set()

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            return
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(tree)
    return found


def test_dagster_stays_in_its_rooms() -> None:
    users = {name for name in NAMES if "dagster" in imports_at_run_time(tree_of(name))}
    assert users, "the rule has something to look at"
    assert not [name for name in users if not may_import_dagster(name)]


def test_agents_and_media_load_without_dagster() -> None:
    """A stage's agent imports fast and is tested alone: loading one brings no Dagster in by a side door."""
    code = (
        "import sys, studio_pipeline.stages.planning.producer, studio_pipeline.stages.scripting.screenwriter, "
        "studio_pipeline.stages.reviewing.critic, studio_pipeline.stages.editing.editor, "
        "studio_pipeline.stages.finishing.finisher, studio_pipeline.providers.factory; "
        "print([name for name in ('dagster', 'moviepy', 'torch') if name in sys.modules])"
    )
    loaded = subprocess.check_output([sys.executable, "-c", code], cwd=PACKAGE.parent, text=True)
    assert loaded.strip() == "[]"


def test_no_stage_and_no_command_makes_a_vendor_of_its_own() -> None:
    """Vendors come from the factory, behind the ledger, by a resource; the doctor may ask whether a voice is there."""
    own = []
    for name in NAMES:
        for node in ast.walk(tree_of(name)) if name.startswith(("stages/", "cli/", "definitions")) else ():
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("studio_pipeline.providers."):
                room = (node.module or "").removeprefix("studio_pipeline.providers.")
                if not room.endswith(".port") and room not in (
                    "metering",
                    "vendor",
                    "factory",
                    "capabilities",
                    "rate_card",
                    "voice",
                    "language.asking",
                    "language.chat_terms",
                    "language.drafts",
                    "language.reading",
                    "language.roles",
                    "trained",
                ):
                    own.append(f"{name}:{node.lineno} imports {node.module}")
    assert not own


def test_only_the_one_program_runs_ffmpeg() -> None:
    users = {name for name in NAMES if "get_ffmpeg_exe" in (PACKAGE / name).read_text(encoding="utf-8")}
    assert users == {"media/ffmpeg.py"}
    shells = {
        name
        for name in NAMES
        for node in ast.walk(tree_of(name))
        if isinstance(node, ast.keyword) and node.arg == "shell"
    }
    assert not shells, "no word of a person may reach a shell"
