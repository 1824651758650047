"""Reading ``assets/tiers.yaml``: which tiers there are."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError

from studio_pipeline.errors import BadInput
from studio_pipeline.film.pilot import Tier

_TIERS = TypeAdapter(tuple[Tier, ...])


def load_tiers(path: Path) -> tuple[Tier, ...]:
    """All declared tiers.

    Raises:
        BadInput: when the file cannot be read as a list of tiers with different names.
    """
    try:
        tiers = _TIERS.validate_python(yaml.safe_load(path.read_text(encoding="utf-8"))["tiers"])
    except (OSError, yaml.YAMLError, ValidationError, KeyError, TypeError) as error:
        raise BadInput("The tiers cannot be read", where=f"{path}: {error}", todo="Restore the file.") from error
    if not tiers or len({tier.name for tier in tiers}) != len(tiers):
        raise BadInput("The tiers are empty or name one tier twice", where=str(path), todo="Give each its own name.")
    return tiers
