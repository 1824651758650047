"""The library of prompts: ``prompts/*.md``, each a YAML front matter and a body in up to three parts.

What lives here: finding, dividing and checking the files, and putting the parts together. The parts are divided where
the *file* says so, before anything is filled in, so no value can make one. What a template may do is in
``templates.py``; which prompt is used for what, in ``variants.py``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from studio_pipeline.errors import BadInput
from studio_pipeline.prompting.prompt import Prompt, RenderedPrompt
from studio_pipeline.prompting.templates import MOST_CHARS, filled, studied
from studio_pipeline.settings import ASSETS_DIR
from studio_pipeline.wording import clipped, did_you_mean

PROMPTS_DIR = ASSETS_DIR.parent / "prompts"

PARTS = ("system", "shared", "ask")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")


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


def part(name: str, folder: Path = PROMPTS_DIR) -> str:
    """The words of a part that is put into a message by code. Raises ``BadInput`` when it cannot be read."""
    return _text(folder / "parts" / name).strip()


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
        said[part] = filled(source, values, file.path, folder, room)
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
        variables, included = studied(text, at, folder)
        used |= variables
        for name in included:
            if name not in files:
                files[name] = _text(folder / name)
                waiting.append((files[name], folder / name))
    return used, files


def _named(variables: list[str]) -> str:
    word = "variable" if len(variables) == 1 else "variables"
    return f"{word} {', '.join(f'`{name}`' for name in variables)}"
