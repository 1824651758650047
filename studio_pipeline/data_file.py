"""Packaged data: a YAML file that is one model, or what is wrong with it in words."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from studio_pipeline.errors import BadInput

T = TypeVar("T", bound=BaseModel)


def read_data(path: Path, model: type[T], what: str) -> T:
    """The ``model`` that the file at ``path`` spells.

    Args:
        what: the file in words, to begin a sentence: ``The quality gates``.

    Raises:
        BadInput: for a file that cannot be read or has a hole; names the first field that is wrong.
    """
    try:
        return model.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "the file"
        raise BadInput(
            f"{what} cannot be used: `{field}`: {first['msg']}",
            where=str(path),
            todo="Correct it, or restore the file.",
        ) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput(f"{what} cannot be read", where=str(path), todo=f"Restore the file: {error}") from error
