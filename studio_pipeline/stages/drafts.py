"""The drafts that language models answer with, by name: the models that ``output`` of a function and of a prompt means.

What lives here: finding them. What does not: the drafts, which stand with their agents, in files of the stages called
``*_draft.py`` and ``*_mind.py``.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from pathlib import Path

from pydantic import BaseModel

from studio_pipeline.errors import BadInput
from studio_pipeline.wording import did_you_mean

_FILES = ("*_draft.py", "*_mind.py")


def draft(name: str) -> type[BaseModel]:
    """The draft called ``name``.

    Raises:
        BadInput: when no agent has it; names the nearest.
    """
    known = drafts()
    if name not in known:
        raise BadInput(
            f"There is no draft “{name[:60]}”",
            where="prompts/variants.yaml",
            todo=f"{did_you_mean(name, known)} There are: {', '.join(known)}.".lstrip(),
        )
    return known[name]


@lru_cache(maxsize=1)
def drafts() -> Mapping[str, type[BaseModel]]:
    """Every draft, by the name of its class; also the parts that drafts are made of."""
    found: dict[str, type[BaseModel]] = {}
    here = Path(__file__).parent
    for path in sorted(path for pattern in _FILES for path in here.glob(f"*/{pattern}")):
        name = f"{__package__}.{path.parent.name}.{path.stem}"
        for member, value in inspect.getmembers(import_module(name), inspect.isclass):
            if issubclass(value, BaseModel) and value.__module__ == name:
                found[member] = value
    return dict(sorted(found.items()))
