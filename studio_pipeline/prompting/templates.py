"""The templates of prompts: Jinja2 without its powers, and what it may show.

What lives here: reading one template's text, and filling it in. No globals, no macros, no imports; values are made
harmless (``material.py``) and never rendered. What does not: where the texts come from and how a file is divided
(``library.py``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, Template, TemplateError, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel

from studio_pipeline.errors import BadInput
from studio_pipeline.prompting.material import Rows, Tagged, as_data, as_json, harmless
from studio_pipeline.prompting.tables import as_table
from studio_pipeline.wording import clipped

MOST_CHARS = 2_000_000
"""Longest prompt that is rendered, in characters, over all its parts."""
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


@lru_cache(maxsize=256)
def studied(text: str, path: Path, folder: Path) -> tuple[frozenset[str], tuple[str, ...]]:
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


def filled(source: str, values: Mapping[str, Any], path: Path, folder: Path, room: int) -> str:
    """The text of a template with ``values`` in it.

    Args:
        path: of the file that it stands in, for messages.
        room: the most characters that it may have; it is filled in no further than that.

    Raises:
        BadInput: when it gets longer, and for a value that is not what the template takes it for.
    """
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
    except _UNFIT as error:
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
