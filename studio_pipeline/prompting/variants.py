"""Functions and their variants: ``prompts/variants.yaml``, and which variant a production has.

A *function* is one kind of question (``script_generator``, ``video_evaluator`` …), a *variant* one way to ask it. The
draw is sticky: it is made from the names of the production and the function alone, so it is the same on every machine
and after every restart, and a changed weight moves as few productions as it can.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import Field, ValidationError, field_validator

from studio_pipeline.errors import BadInput
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.prompting.library import PROMPTS_DIR
from studio_pipeline.wording import clipped, did_you_mean

_NAME = r"^[a-z][a-z0-9_]{0,40}$"


class Variant(Frozen):
    """One way to ask."""

    name: str = Field(pattern=_NAME)
    prompt: str = Field(pattern=_NAME)
    model: str = Field(min_length=1)
    """A role of ``assets/minds.yaml`` (``bulk``, ``writing``, ``judging``), or a model, ``vendor/model``."""
    weight: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    temperature: float | None = Field(default=None, ge=0, le=2, allow_inf_nan=False)
    best_of: int = Field(default=1, ge=1, le=8)
    """How many answers are asked for; the best of them is taken."""


class Function(Frozen):
    """One kind of question."""

    name: str = Field(pattern=_NAME)
    output: str
    """Name of the model that the answer fits."""
    most_output_tokens: int = Field(gt=0, le=200_000)
    variants: tuple[Variant, ...] = Field(min_length=1)

    @field_validator("variants")
    @classmethod
    def _drawable(cls, variants: tuple[Variant, ...]) -> tuple[Variant, ...]:
        if not any(variant.weight for variant in variants):
            raise ValueError("one variant at least needs a weight above 0")
        return variants

    def variant_of(self, production: str) -> Variant:
        """The variant a production has, for good as long as the weights stay.

        Weighted rendezvous hashing (Schindelhauer, Schomaker, *Weighted Distributed Hash Tables*, SPAA 2005): every
        variant draws its own number for the production, so a new variant takes productions from the others and moves
        none between them.
        """

        def pull(variant: Variant) -> float:
            words = f"{self.name}/{production}/{variant.name}".encode()
            drawn = (int.from_bytes(hashlib.sha256(words).digest()[:7], "big") + 1) / (2**56 + 1)
            return -variant.weight / math.log(drawn)

        return max((variant for variant in self.variants if variant.weight), key=pull)


@lru_cache(maxsize=8)
def functions(folder: Path = PROMPTS_DIR) -> Mapping[str, Function]:
    """All functions, by name.

    Raises:
        BadInput: for a file that cannot be read or has a hole; names the function, the variant and the field.
    """
    path = folder / "variants.yaml"
    try:
        whole = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput("The variants cannot be read", where=str(path), todo=f"Restore the file: {error}") from error
    entries = whole.get("functions") if isinstance(whole, Mapping) else None
    if not isinstance(entries, Mapping) or not entries:
        raise BadInput("There are no functions in the file of variants", where=str(path), todo="Restore the file.")
    return {str(name): _function(str(name), entry, path) for name, entry in entries.items()}


def _function(name: str, entry: object, path: Path) -> Function:
    variants = entry.get("variants") if isinstance(entry, Mapping) else None
    if not isinstance(entry, Mapping) or not isinstance(variants, Mapping):
        raise BadInput(
            f"The function {clipped(name)} has no `variants`",
            where=str(path),
            todo="Give it one at least: `plain: {prompt: NAME, model: ROLE}`.",
        )
    named = [{**(fields if isinstance(fields, Mapping) else {}), "name": key} for key, fields in variants.items()]
    try:
        return Function.model_validate({**entry, "name": name, "variants": named})
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(
            f"The function {clipped(name)}: `{_field(first['loc'], list(variants))}`: {first['msg']}", where=str(path)
        ) from error


def _field(place: tuple[int | str, ...], variants: list[object]) -> str:
    """Where it is wrong, as the file says it: the variant by its name, not by its number."""
    return ".".join(str(variants[step]) if isinstance(step, int) else step for step in place)


def function(name: str) -> Function:
    """The function called ``name``. Raises ``BadInput`` with the nearest name."""
    found = functions().get(name)
    if found is None:
        raise BadInput(
            f"There is no function “{clipped(name)}”",
            where="prompts/variants.yaml",
            todo=f"{did_you_mean(name, list(functions()))} There are: {', '.join(functions())}.".lstrip(),
        )
    return found
