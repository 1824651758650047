"""Reading a small YAML file somebody wrote by hand: safely, and with words for everything that can be wrong with it.

What the keys mean is not known here (``brief.py``, ``slate.py``, ``tiers.py``). Plain YAML only: no anchors, no tags,
no key twice; and ``16:9``, ``no`` or ``2026-11-20`` stay the words they are, as YAML 1.2 has it.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Any

import yaml

from studio_pipeline.errors import BadInput
from studio_pipeline.wording import clipped, plain

MOST_BYTES = 64 * 1024
_DEEPEST = 8


class _PlainLoader(yaml.SafeLoader):
    """``SafeLoader`` without the YAML 1.1 surprises (sexagesimal numbers, dates, yes/no/on/off)."""

    yaml_implicit_resolvers: dict = {}  # noqa: RUF012 - PyYAML's own name and shape


for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]{1,30}", "-+0123456789"),
    ("float", r"[-+]?(?:[0-9]{1,30}\.[0-9]{0,30}|\.[0-9]{1,30})(?:[eE][-+]?[0-9]{1,3})?"
     r"|[-+]?[0-9]{1,30}[eE][-+]?[0-9]{1,3}|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", "-+0123456789."),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
):  # fmt: skip
    _PlainLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), list(_first))


def _construct_decimal_int(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    """``0123`` is 123, not octal."""
    return int(loader.construct_scalar(node))


def _construct_float(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> float:
    return float(loader.construct_scalar(node).lower().replace(".inf", "inf").replace(".nan", "nan"))


_PlainLoader.add_constructor("tag:yaml.org,2002:int", _construct_decimal_int)
_PlainLoader.add_constructor("tag:yaml.org,2002:float", _construct_float)


def read_file(path: Path, *, what: str, most_bytes: int, todo_if_huge: str) -> bytes:
    """The bytes of a regular file a person named. ``what`` is what it should be, e.g. ``brief``.

    Raises:
        BadInput: missing, a directory, not a regular file, unreadable or too large.
    """
    where = shown(path)
    try:
        kind = os.stat(path).st_mode  # noqa: PTH116 - one call, and its error tells all
        if stat.S_ISDIR(kind):
            raise BadInput(f"The {what} is a directory", where=where, todo=f"Name the {what} file itself.")
        if not stat.S_ISREG(kind):
            raise BadInput(
                f"The {what} is not a regular file", where=where, todo="Copy it into an ordinary file first."
            )
        with path.open("rb") as file:
            data = file.read(most_bytes + 1)
    except FileNotFoundError:
        raise BadInput(f"There is no such {what}", where=where, todo=_nearby(path)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInput(
            f"The {what} cannot be read: {reason}", where=where, todo="Check its path and permissions."
        ) from error
    if len(data) > most_bytes:
        raise BadInput(f"The {what} is larger than {most_bytes:,} bytes", where=where, todo=todo_if_huge)
    return data


def shown(path: Path) -> str:
    """``path`` for a message: one line, no control characters, not endless."""
    text = plain(str(path))
    return text if len(text) <= 160 else f"…{text[-158:]}"


def _nearby(path: Path) -> str:
    """Other files of the kind beside the missing one, so that a typing error is seen at once."""
    try:
        beside = sorted(p.name for p in path.parent.iterdir() if p.suffix == path.suffix and p.suffix and p.is_file())[
            :5
        ]
    except OSError:
        return f"There is no folder {shown(path.parent)} either."
    return f"Beside it there are: {', '.join(beside)}." if beside else "Check the path."


def read_mapping(path: Path, *, what: str) -> dict[str, Any]:
    """The mapping a YAML file holds.

    Raises:
        BadInput: for a file that cannot be read, is not UTF-8, not plain YAML, or not a mapping of names.
    """
    data = read_file(
        path,
        what=what,
        most_bytes=MOST_BYTES,
        todo_if_huge=f"A {what} is a short YAML file; a story goes into its own.",
    )
    where = shown(path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(f"The {what} is not UTF-8 text", where=where, todo="Save it as UTF-8.") from None
    if not text.strip():
        raise BadInput(f"The {what} is empty", where=where, todo="See examples/ for one that works.")
    try:
        _check_plain(text, what, where)
        loader = _PlainLoader(text)
        try:
            node = loader.get_single_node()
            if isinstance(node, yaml.MappingNode):
                _check_keys_once(node, what, where)
            value = loader.construct_document(node) if node is not None else None
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise BadInput(
            f"The {what} is not valid YAML: {_yaml_problem(error)}", where=where, todo="Fix that line."
        ) from None
    except (ValueError, TypeError, RecursionError) as error:
        raise BadInput(f"The {what} holds a value that cannot be read: {str(error)[:120]}", where=where) from None
    if value is None:
        raise BadInput(f"The {what} is empty", where=where, todo="See examples/ for one that works.")
    if not isinstance(value, dict):
        raise BadInput(
            f"The {what} is {kind_of(value)}, not a list of `key: value` lines",
            where=where,
            todo="See examples/ for one that works.",
        )
    return {str(key): entry for key, entry in value.items()}


def _check_plain(text: str, what: str, where: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_PlainLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            line = event.start_mark.line + 1
            raise BadInput(
                f"Line {line} uses a YAML anchor or alias, which a {what} may not",
                where=where,
                todo="Write the value out.",
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                raise BadInput(f"The {what} nests lists or mappings more than {_DEEPEST} deep", where=where)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _check_keys_once(node: yaml.MappingNode, what: str, where: str) -> None:
    seen: set[str] = set()
    for key, _ in node.value:
        name = str(getattr(key, "value", ""))
        if name in seen:
            raise BadInput(
                f"The {what} gives `{name[:40]}` twice (line {key.start_mark.line + 1})", where=where, todo="Keep one."
            )
        seen.add(name)


def _yaml_problem(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error).splitlines()[0][:160]
    return f"line {mark.line + 1}: {problem}" if mark is not None else problem


def kind_of(value: object) -> str:
    """What ``value`` is, in words a person uses for YAML."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return f"“{str(value).lower()}” (yes/no)"
    if isinstance(value, int | float):
        return f"the number {str(value)[:40]}"
    if isinstance(value, str):
        return f"the text “{clipped(value)}”"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, dict):
        return "a mapping"
    return f"“{clipped(str(value))}”"
