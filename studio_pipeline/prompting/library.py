"""The library of prompts: ``prompts/*.md``, each a YAML front matter and a body in three parts.

CONTRACT (the body of this file is being written): ``load``, ``names``, ``digest``, ``render``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio_pipeline.prompting.prompt import Prompt, RenderedPrompt
from studio_pipeline.settings import ASSETS_DIR

PROMPTS_DIR = ASSETS_DIR.parent / "prompts"


def names(folder: Path = PROMPTS_DIR) -> tuple[str, ...]:
    """Names of all prompts."""
    raise NotImplementedError


def load(name: str, folder: Path = PROMPTS_DIR) -> Prompt:
    """The front matter of a prompt. Raises ``BadInput``."""
    raise NotImplementedError


def digest(name: str, folder: Path = PROMPTS_DIR) -> str:
    """Digest of the prompt's file and of everything that it includes."""
    raise NotImplementedError


def render(name: str, values: Mapping[str, Any], folder: Path = PROMPTS_DIR) -> RenderedPrompt:
    """The prompt with its variables filled in. Raises ``BadInput`` for a variable too many or too few."""
    raise NotImplementedError
