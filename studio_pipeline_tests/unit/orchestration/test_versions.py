"""An edited prompt turns exactly the assets stale whose agents say it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from studio_pipeline.errors import BadInput
from studio_pipeline.orchestration.versions import code_version
from studio_pipeline.prompting import variants
from studio_pipeline.prompting.library import PROMPTS_DIR
from studio_pipeline.settings import ASSETS_DIR, settings

ROOMS = ("planning", "scripting", "shooting", "reviewing", "editing")

# Reads lines of commands, so that one process answers for many edits: importing Dagster takes a second.
_READER = f"""
import importlib, json, pathlib, sys
import studio_pipeline.settings as studio
studio.ASSETS_DIR = pathlib.Path(sys.argv[1])
from studio_pipeline.prompting import variants
from studio_pipeline.providers.language import roles
from studio_pipeline import definitions
rooms = [importlib.import_module(f"studio_pipeline.stages.{{room}}.assets") for room in {ROOMS!r}]
for line in sys.stdin:
    variants.functions.cache_clear()
    roles.minds.cache_clear()
    found = {{}}
    for room in rooms:
        for asset in vars(importlib.reload(room)).values():
            found.update({{key.to_user_string(): version for key, version in
                           getattr(asset, "code_versions_by_key", {{}}).items()}})
    print(json.dumps(found), flush=True)
"""

SPOKEN = {
    "story": {"story_reader", "story_merger"},
    "pilot_strategies": {"producer"},
    "scenes": {"script_generator"},
    "shot_plans": {"cinematographer", "prompt_enhancer", "quality_evaluator"},
    "qa_scores": {"video_evaluator"},
    "critic_verdicts": {"critic"},
    "edls": {"editor"},
}
"""Which functions the agent of an asset has."""


class Studio:
    """A copy of the prompts, and the code versions that a code location on it has."""

    def __init__(self, root: Path, provider: str) -> None:
        self.prompts, self.assets = root / "prompts", root / "assets"
        shutil.copytree(PROMPTS_DIR, self.prompts)
        self.assets.mkdir()
        for room in ASSETS_DIR.iterdir():
            (self.assets / room.name).symlink_to(room)
        (self.assets / "minds.yaml").unlink()
        shutil.copy(ASSETS_DIR / "minds.yaml", self.assets)
        for function, entry in yaml.safe_load((self.prompts / "variants.yaml").read_text())["functions"].items():
            for variant in entry["variants"].values():
                self.write(variant["prompt"], f"Words of {function}.")
        self._process = subprocess.Popen(
            [sys.executable, "-c", _READER, str(self.assets)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "LANGUAGE_PROVIDER": provider, "STUDIO_HOME": str(root / "home")},
        )

    def write(self, prompt: str, words: str) -> None:
        front = f"name: {prompt}\nversion: 1\nagent: a\nvariables: []\noutput: D"
        body = '=== system\n{% include "parts/answer.md" %}\n=== ask\n' + words
        (self.prompts / f"{prompt}.md").write_text(f"---\n{front}\n---\n{body}\n")

    def versions(self) -> Mapping[str, str]:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate(timeout=60)


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    assert before.keys() == after.keys()
    return {name for name in before if before[name] != after[name]}


def prompts_of(functions: set[str]) -> set[str]:
    entries = yaml.safe_load((PROMPTS_DIR / "variants.yaml").read_text())["functions"]
    return {variant["prompt"] for name in functions for variant in entries[name]["variants"].values()}


def test_an_edit_changes_the_versions_of_exactly_the_assets_that_say_it(tmp_path: Path) -> None:
    studio = Studio(tmp_path, "anthropic")
    try:
        before = studio.versions()
        assert {name for name, version in before.items() if "+" in version} == set(SPOKEN)
        entries = yaml.safe_load((PROMPTS_DIR / "variants.yaml").read_text())["functions"]
        for prompt in sorted(prompts_of(set(entries))):
            studio.write(prompt, "Other words.")
            after = studio.versions()
            said_by = {name for name, functions in SPOKEN.items() if prompt in prompts_of(functions)}
            assert changed(before, after) == said_by, prompt
            before = after

        answer = studio.prompts / "parts" / "answer.md"
        answer.write_text(answer.read_text() + "Be brief.\n")
        after = studio.versions()
        assert changed(before, after) == set(SPOKEN), "what all of them include"

        minds = yaml.safe_load((studio.assets / "minds.yaml").read_text())
        minds["roles"]["judging"].reverse()
        (studio.assets / "minds.yaml").write_text(yaml.safe_dump(minds))
        before, after = after, studio.versions()
        judged = {n for n, f in SPOKEN.items() if any(_model(entries, name) == "judging" for name in f)}
        assert changed(before, after) == judged
    finally:
        studio.close()


def _model(entries: Mapping[str, Mapping[str, Mapping[str, Mapping[str, str]]]], function: str) -> str:
    return next(iter(entries[function]["variants"].values()))["model"]


def test_where_only_rules_think_no_prompt_is_part_of_a_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE_PROVIDER", "rules")
    settings.cache_clear()
    try:
        assert code_version("3", "producer", "critic") == "3"
    finally:
        settings.cache_clear()


def test_a_weight_changes_no_version_not_even_to_0(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE_PROVIDER", "anthropic")
    settings.cache_clear()
    try:
        before = code_version("3", "producer")
        producer = variants.function("producer")
        (plain,) = producer.variants
        other = plain.model_copy(update={"name": "other", "temperature": 0.5})
        versions = set()
        for weight in (1, 9, 0):
            changed = producer.model_copy(update={"variants": (plain.model_copy(update={"weight": weight}), other)})
            monkeypatch.setattr(variants, "function", lambda name, changed=changed: changed)
            versions.add(code_version("3", "producer"))
        assert len(versions) == 1, "productions keep the variant that they have"
        assert before not in versions
    finally:
        settings.cache_clear()


def test_a_function_that_there_is_not_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE_PROVIDER", "anthropic")
    settings.cache_clear()
    try:
        assert code_version("3") == "3"
        with pytest.raises(BadInput, match="Did you mean producer"):
            code_version("3", "producers")
    finally:
        settings.cache_clear()
