"""Words for models are data: they stand in ``prompts/``, every function has its own, and Python holds none."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import studio_pipeline
from studio_pipeline.errors import BadInput
from studio_pipeline.prompting import library, variants
from studio_pipeline.providers.language.roles import names_for

PACKAGE = Path(studio_pipeline.__file__).parent
TREES = {
    path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(PACKAGE.rglob("*.py"))
}

_TO_A_MODEL = re.compile(
    r"\bYou are (?:a|an|the)\b|\bYou will (?:be given|receive)\b|\bYour (?:task|job|role) is\b|\bAs an? (?:AI|expert)\b"
    r"|\b(?:Answer|Respond|Reply) (?:with|in|only)\b|\bReturn (?:only |just )?(?:a |the |one |valid )?JSON\b"
    r"|\bstep by step\b|\bDo not (?:invent|make up|explain)\b|^=== (?:system|shared|ask)$|\{\{ ?\w+",
    re.MULTILINE,
)
_OFFLINE_PROSE = ("prose/", "stages/scripting/explainer")
"""Tables of sentences that a film says when no model writes them."""


def _strings(tree: ast.Module) -> Iterator[ast.Constant]:
    """Strings that the code uses: docstrings, remarks under a name, and what describes a field are none."""
    spoken_of: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            spoken_of.add(id(node.value))
        if isinstance(node, ast.keyword) and node.arg == "description":
            spoken_of.update(id(inner) for inner in ast.walk(node.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in spoken_of:
            yield node


def _spoken(tree: ast.Module) -> list[str]:
    return [f"line {s.lineno}: {s.value[:80]!r}" for s in _strings(tree) if _TO_A_MODEL.search(s.value)]


@pytest.mark.parametrize("name", [name for name in TREES if not name.startswith(_OFFLINE_PROSE)])
def test_no_prompt_stands_in_python(name: str) -> None:
    assert _spoken(TREES[name]) == [], "words for models belong into prompts/*.md"


@pytest.mark.parametrize(
    "code",
    [
        'ask("You are a film critic.")',
        'ask(f"Answer with one word about {story}.")',
        'TEXT = """\n=== system\nBe kind.\n"""',
        'TEXT = "Rate {{ scene }}."',
    ],
)
def test_the_rule_sees_a_prompt(code: str) -> None:
    assert _spoken(ast.parse(code))


def test_the_rule_lets_people_be_spoken_to() -> None:
    described = 'x: int = Field(description="Answer in seconds.")\n"""Answer with care."""'
    assert not _spoken(ast.parse(f'"""You are a reader."""\n{described}\ntell("You are late")'))


def _calls(maker: str) -> set[str]:
    """Files in which something is made by that name, however: called, validated, constructed."""
    found = set()
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and maker in ast.unparse(node.func).split("."):
                found.add(name)
    return found


def test_only_the_library_makes_prompts_and_only_asking_makes_questions_of_them() -> None:
    assert _calls("RenderedPrompt") == {"prompting/library.py"}
    assert _calls("LanguageRequest") == {"providers/language/asking.py"}


def _drafts() -> dict[str, list[str]]:
    """Every class there is, by its name, with the files it is in."""
    found: dict[str, list[str]] = {}
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                found.setdefault(node.name, []).append(name)
    return found


def _wrong_with(function: variants.Function, variant: variants.Variant) -> str | None:
    try:
        prompt = library.load(variant.prompt)
    except BadInput as error:
        return str(error)
    if prompt.output != function.output:
        return f"prompts/{variant.prompt}.md answers with {prompt.output}, the function with {function.output}"
    return None


@pytest.mark.parametrize("name", variants.functions())
def test_a_function_has_its_prompts_its_models_and_its_output(name: str) -> None:
    function = variants.function(name)
    wrong = [found for variant in function.variants if (found := _wrong_with(function, variant))]
    assert wrong == []
    for variant in function.variants:
        assert names_for(variant.model, ("anthropic",), simple=False), f"{variant.model} is no role of minds.yaml"
    places = _drafts().get(function.output, [])
    assert len(places) == 1, f"{function.output}, what {name} answers with, is a class of one file; found in {places}"
    assert places[0].startswith("stages/"), "a draft lives beside its agent"


@pytest.mark.parametrize("name", library.names())
def test_a_prompt_can_be_read_is_asked_by_a_function_and_says_how_to_answer(name: str) -> None:
    prompt = library.load(name)
    assert name in {v.prompt for function in variants.functions().values() for v in function.variants}, "nobody asks it"
    body = (library.PROMPTS_DIR / f"{name}.md").read_text(encoding="utf-8")
    assert '{% include "parts/answer.md" %}' in body, "every prompt says how to answer, in the words of all"
    assert prompt.notes, "its notes say to people what it is for"
    system = body.partition("=== system")[2].partition("\n=== ")[0]
    filled = re.findall(r"\{\{ *(?!most_)(\w+)", system)
    assert filled == [], "`system` is the same for all productions, so it is filled with limits of ours at most"


def test_every_part_is_used_by_something() -> None:
    bodies = "".join(path.read_text(encoding="utf-8") for path in library.PROMPTS_DIR.rglob("*.md"))
    named = {text.value for tree in TREES.values() for text in _strings(tree)}
    parts = [path.name for path in (library.PROMPTS_DIR / "parts").glob("*.md")]
    assert [part for part in parts if f'"parts/{part}"' not in bodies and part not in named] == []
