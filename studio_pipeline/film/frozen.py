"""The model every word of the vocabulary is made of, and its digest.

A value is made once, validated once and never changed. Two values with equal content have equal digests, on
any machine: that is what makes takes identifiable and staleness decidable.

Fields at their default are left out of the canonical form. So a field that a later version adds changes no digest of
what was made before: no film turns stale and no take is bought again by an upgrade. The other side of it: a default,
once released, keeps its meaning; another default is another field.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Immutable, and strict about names: an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and no spaces; models, tuples and decimals are written as pydantic writes them."""
    if isinstance(value, BaseModel):
        value = plain(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_as_json)


def plain(model: BaseModel) -> dict[str, Any]:
    """The model as JSON values, without the fields that are at their default."""
    return model.model_dump(mode="json", exclude_defaults=True)


def _as_json(value: Any) -> Any:
    return plain(value) if isinstance(value, BaseModel) else str(value)


def digest_of(value: Any) -> str:
    """SHA-256 of the canonical JSON, 64 hexadecimal characters."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()
