"""The drafts that language models answer with, by name: what `output` of a function and of a prompt means.

What lives here: finding them. What does not: the drafts, which stand with their agents in the stages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from pathlib import Path

from pydantic import BaseModel

from studio_pipeline.errors import BadInput
from studio_pipeline.wording import clipped, did_you_mean

_CLASS = re.compile(r"^class ([A-Z]\w*)\(Frozen\)", re.MULTILINE)


def draft(name: str) -> type[BaseModel]:
    """The draft called ``name``; imports only the file that it stands in.

    Raises:
        BadInput: when no agent has it; names the nearest.
    """
    places = _places()
    if name not in places:
        raise BadInput(
            f"No agent has a draft “{clipped(name)}”", where="prompts/variants.yaml", todo=did_you_mean(name, places)
        )
    return getattr(import_module(places[name]), name)


@lru_cache(maxsize=1)
def _places() -> Mapping[str, str]:
    """Modules of the stages by the models that they define, without importing any."""
    here = Path(__file__).parent
    found: dict[str, str] = {}
    for path in sorted(here.glob("*/*.py")):
        for name in _CLASS.findall(path.read_text(encoding="utf-8")):
            found[name] = f"{__package__}.{path.parent.name}.{path.stem}"
    return found
