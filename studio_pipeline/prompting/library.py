"""The library of prompts: ``prompts/*.md``, each a YAML front matter and a body in up to three parts.

What lives here: finding, checking and rendering. A body is a Jinja2 template without its powers: no globals, no
macros, no imports; ``{% include "parts/x.md" %}`` reads from the same folder only. The parts are split where the *file*
says so, before anything is filled in, so no value can make one. Values are made harmless (``material.py``), never
rendered. Filters of ours: ``data(tag)``, ``table``, ``json``.

What does not live here: which prompt is used for what (``variants.py``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from jinja2 import FileSystemLoader, StrictUndefined, Template, TemplateError, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, ValidationError

from studio_pipeline.errors import BadInput
from studio_pipeline.prompting.material import Rows, Tagged, as_data, as_json, harmless
from studio_pipeline.prompting.prompt import Prompt, RenderedPrompt
from studio_pipeline.prompting.tables import as_table
from studio_pipeline.settings import ASSETS_DIR
from studio_pipeline.wording import clipped, did_you_mean

PROMPTS_DIR = ASSETS_DIR.parent / "prompts"

MOST_CHARS = 2_000_000
"""Longest prompt that is rendered, in characters, over all its parts."""
PARTS = ("system", "shared", "ask")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
_INCLUDED = re.compile(r"parts/[a-z][a-z0-9_]{0,40}\.md")
_DEEPEST_LOOP = 3
_UNFIT = (TemplateError, TypeError, ValueError, LookupError, ArithmeticError, AttributeError, RecursionError)
"""What a template raises whose values are not what it takes them for."""
_FORBIDDEN = (
    nodes.Macro,
    nodes.CallBlock,
    nodes.FilterBlock,
    nodes.AssignBlock,
    nodes.Block,
    nodes.Extends,
    nodes.Import,
    nodes.FromImport,
    nodes.ScopedEvalContextModifier,
)


@dataclass(frozen=True)
class _File:
    """A prompt's file, read and checked."""

    path: Path
    prompt: Prompt
    parts: Mapping[str, str]
    """The template of each part, with empty lines before it, so that line numbers are those of the file."""
    sources: Mapping[str, str]
    """All that is said: the body under the prompt's own name, and what it includes by theirs, as written."""
    digest: str


def names(folder: Path = PROMPTS_DIR) -> tuple[str, ...]:
    """Names of all prompts."""
    return tuple(sorted(path.stem for path in folder.glob("*.md") if _NAME.fullmatch(path.stem)))


def load(name: str, folder: Path = PROMPTS_DIR) -> Prompt:
    """The front matter of a prompt, its body checked.

    Raises:
        BadInput: that names the file, and the field, variable or line that is wrong.
    """
    return _read(name, folder).prompt


def digest(name: str, folder: Path = PROMPTS_DIR) -> str:
    """Digest of the prompt's file and of everything that it includes; 64 hexadecimal characters."""
    return _read(name, folder).digest


def sources(name: str, folder: Path = PROMPTS_DIR) -> Mapping[str, str]:
    """The words of a prompt as they are written: its body, and every part that it includes, by the name of the file."""
    return _read(name, folder).sources


def render(name: str, values: Mapping[str, Any], folder: Path = PROMPTS_DIR) -> RenderedPrompt:
    """The prompt with its variables filled in.

    Raises:
        BadInput: for a variable too many or too few, a value that cannot be shown, and a prompt longer than
            ``MOST_CHARS``.
    """
    file = _read(name, folder)
    wanted = set(file.prompt.variables)
    if missing := sorted(wanted - values.keys()):
        raise BadInput(f"The prompt {name} is asked without its {_named(missing)}", where=str(file.path))
    if extra := sorted(values.keys() - wanted):
        raise BadInput(
            f"The prompt {name} is given {_named(extra)}, which it does not declare",
            where=str(file.path),
            todo="Declare it under `variables` and use it, or leave it out.",
        )
    said, room = {}, MOST_CHARS
    for part, source in file.parts.items():
        said[part] = _filled(source, values, file.path, folder, room)
        room -= len(said[part])
    return RenderedPrompt(name=name, version=file.prompt.version, digest=file.digest, **said)


def _read(name: str, folder: Path) -> _File:
    path = folder / f"{name}.md"
    if _NAME.fullmatch(name) is None or not path.is_file():
        raise BadInput(
            f"There is no prompt “{clipped(name)}”",
            where=str(folder),
            todo=f"{did_you_mean(name, names(folder))} `studio prompts` lists them.".lstrip(),
        )
    text = _text(path)
    front, body, body_line = _divided(text, path)
    prompt = _front_matter(front, path)
    if prompt.name != name:
        raise BadInput(f"The prompt's name is “{prompt.name}”, its file's “{name}”", where=str(path))
    parts = _parts(body, body_line, path)
    used, files = _looked_through(parts, folder, path)
    if unknown := sorted(used - set(prompt.variables)):
        raise BadInput(
            f"The prompt {name} uses {_named(unknown)}, which it does not declare",
            where=str(path),
            todo="Add it to `variables` in the front matter.",
        )
    if idle := sorted(set(prompt.variables) - used):
        raise BadInput(
            f"The prompt {name} declares {_named(idle)} and does not use it",
            where=str(path),
            todo="Take it out of `variables`, or use it in the body.",
        )
    own = f"{name}.md"
    return _File(path, prompt, parts, {own: body, **files}, _digest({own: text, **files}))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput("A prompt cannot be read", where=str(path), todo=f"Restore the file: {error}") from error


def _digest(files: Mapping[str, str]) -> str:
    """Of names and texts, each with its length before it, so that nothing can move from one to the other."""
    whole = hashlib.sha256()
    for name in sorted(files):
        for text in (name, files[name]):
            encoded = text.encode()
            whole.update(f"{len(encoded)}:".encode() + encoded)
    return whole.hexdigest()


def _divided(text: str, path: Path) -> tuple[str, str, int]:
    """The front matter, the body, and the line on which the body begins."""
    lines = text.split("\n")
    ends = [number for number, line in enumerate(lines) if line.rstrip() == "---"]
    if len(ends) < 2 or ends[0] != 0:
        raise BadInput(
            "A prompt begins with a front matter between two lines of ---", where=str(path), todo="See the others."
        )
    return "\n".join(lines[1 : ends[1]]), "\n".join(lines[ends[1] + 1 :]), ends[1] + 2


def _front_matter(text: str, path: Path) -> Prompt:
    try:
        return Prompt.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "the front matter"
        raise BadInput(f"A prompt's front matter: `{field}`: {first['msg']}", where=str(path)) from error
    except yaml.YAMLError as error:
        raise BadInput("A prompt's front matter is no YAML", where=str(path), todo=clipped(str(error), 200)) from error


def _parts(body: str, first_line: int, path: Path) -> dict[str, str]:
    lines = body.split("\n")
    heads = [number for number, line in enumerate(lines) if line.startswith("=== ")]
    found = [lines[number].rstrip() for number in heads]
    allowed = [f"=== {part}" for part in PARTS]
    if found not in (allowed, [allowed[0], allowed[2]]) or any(line.strip() for line in lines[: heads[0]]):
        raise BadInput(
            "A prompt's body has the parts === system, === shared (if any) and === ask, in this order, and nothing "
            "before them",
            where=str(path),
            todo=f"It has: {', '.join(found) or 'none'}.",
        )
    parts = {}
    for start, end in pairwise([*heads, len(lines)]):
        words = "\n".join(lines[start + 1 : end])
        if not words.strip():
            raise BadInput(f"The part {lines[start]} is empty", where=f"{path}:{first_line + start}")
        parts[lines[start].rstrip().removeprefix("=== ")] = "\n" * (first_line + start) + words
    return parts


def _looked_through(parts: Mapping[str, str], folder: Path, path: Path) -> tuple[set[str], dict[str, str]]:
    """All variables that templates use, and the texts that they include, by their names."""
    used: set[str] = set()
    files: dict[str, str] = {}
    waiting = [(text, path) for text in parts.values()]
    while waiting:
        text, at = waiting.pop()
        variables, included = _studied(text, at, folder)
        used |= variables
        for name in included:
            if name not in files:
                files[name] = _text(folder / name)
                waiting.append((files[name], folder / name))
    return used, files


@lru_cache(maxsize=256)
def _studied(text: str, path: Path, folder: Path) -> tuple[frozenset[str], tuple[str, ...]]:
    """The variables that a template uses itself, and what it includes; kept, since it takes milliseconds."""
    tree = _parsed(text, path, folder)
    return frozenset(meta.find_undeclared_variables(tree)), tuple(_includes(tree, path))


def _parsed(text: str, path: Path, folder: Path) -> nodes.Template:
    try:
        tree = _environment(folder).parse(text)
    except TemplateSyntaxError as error:
        raise BadInput(f"A prompt cannot be read: {error.message}", where=f"{path}:{error.lineno}") from error
    for node in tree.find_all(_FORBIDDEN):
        raise BadInput(f"A prompt uses {type(node).__name__}, which prompts have not", where=f"{path}:{node.lineno}")
    for node in tree.find_all(nodes.Filter):
        if node.name == "data" and not (len(node.args) == 1 and isinstance(node.args[0], nodes.Const)):
            raise BadInput('The filter data needs its tag, as in data("story")', where=f"{path}:{node.lineno}")
    if _loop_depth(tree) > _DEEPEST_LOOP:
        raise BadInput(f"A prompt has loops more than {_DEEPEST_LOOP} deep", where=str(path))
    return tree


def _loop_depth(node: nodes.Node) -> int:
    return isinstance(node, nodes.For) + max(map(_loop_depth, node.iter_child_nodes()), default=0)


def _includes(tree: nodes.Template, path: Path) -> Iterator[str]:
    for node in tree.find_all(nodes.Include):
        name = node.template.value if isinstance(node.template, nodes.Const) else None
        if not isinstance(name, str) or _INCLUDED.fullmatch(name) is None or node.ignore_missing:
            raise BadInput(
                "A prompt includes what is not a part",
                where=f"{path}:{node.lineno}",
                todo='Write {% include "parts/NAME.md" %}.',
            )
        yield name


def _filled(source: str, values: Mapping[str, Any], path: Path, folder: Path, room: int) -> str:
    pieces, length = [], 0
    try:
        for piece in _compiled(source, folder).generate(dict(values)):
            length += len(piece)
            if length > room + source.count("\n"):
                raise BadInput(
                    f"A prompt would be longer than {MOST_CHARS:,} characters", where=str(path), todo="Give it less."
                )
            pieces.append(piece)
    except BadInput as error:
        raise BadInput(error.what, where=error.where or str(path), todo=error.todo) from error
    except (
        TemplateError,
        TypeError,
        ValueError,
        LookupError,
        ArithmeticError,
        AttributeError,
        RecursionError,
    ) as error:
        raise BadInput(f"A prompt cannot be filled in: {clipped(str(error), 200)}", where=str(path)) from error
    return "".join(pieces).strip()


@lru_cache(maxsize=64)
def _compiled(source: str, folder: Path) -> Template:
    return _environment(folder).from_string(source)


@lru_cache(maxsize=8)
def _environment(folder: Path) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        finalize=_shown,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.clear()
    environment.filters.update({"data": _defined(as_data), "table": _defined(as_table), "json": _defined(as_json)})
    return environment


def _defined(made: Callable[..., str]) -> Callable[..., str]:
    """A filter that names what is not there, as the rest of a template does."""

    def checked(value: Any, *rest: Any) -> str:
        return str(value) if isinstance(value, StrictUndefined) else made(value, *rest)

    return checked


def _shown(value: Any) -> str:
    """What a value is in a prompt: never more than text."""
    if isinstance(value, Tagged):
        return value
    if isinstance(value, Rows):
        return as_data(value, "table")
    if isinstance(value, Mapping | BaseModel | list | tuple | set | frozenset) or value is None:
        raise BadInput(
            f"A prompt shows a value of the kind {type(value).__name__} as it is",
            todo="Use | table, | json or | data(tag) for it; ask with {% if … %} whether there is one.",
        )
    if isinstance(value, StrictUndefined):
        return str(value)  # which raises, and names it
    return harmless(str(value))


def _named(variables: list[str]) -> str:
    word = "variable" if len(variables) == 1 else "variables"
    return f"{word} {', '.join(f'`{name}`' for name in variables)}"
