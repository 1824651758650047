"""Which models play a role: ``assets/minds.yaml``, for the vendors in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from studio_pipeline.data_file import read_data
from studio_pipeline.errors import BadInput
from studio_pipeline.film.brief import Brief, QualityMode
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.providers import factory
from studio_pipeline.providers.capabilities import Model, vendor_of
from studio_pipeline.settings import ASSETS_DIR, RULES, environment

MINDS_FILE = ASSETS_DIR / "minds.yaml"


class Simple(Frozen):
    """What makes a brief a simple one, and which roles stand in for others then."""

    longest_s: float = Field(gt=0)
    most_characters: int = Field(ge=0)
    quality_modes: tuple[QualityMode, ...]
    instead: Mapping[str, str]

    def holds(self, brief: Brief) -> bool:
        return (
            brief.concept is not None
            and brief.duration_s <= self.longest_s
            and len(brief.concept) <= self.most_characters
            and brief.quality_mode in self.quality_modes
        )


class Question(Frozen):
    """How often a function is asked for a film, and about how many tokens that takes."""

    per: Literal["production", "story", "story_part", "pilot", "scene", "dub"]
    """``dub``: each scene in each further language."""
    tokens_in: int = Field(ge=0)
    tokens_out: int = Field(ge=0)


class Minds(Frozen):
    """The file."""

    roles: Mapping[str, tuple[str, ...]]
    simple: Simple
    questions: Mapping[str, Question]
    """By function; what is not here is not expected to be asked (repairs, refinements)."""


@lru_cache(maxsize=1)
def minds(path: Path = MINDS_FILE) -> Minds:
    """The roles and the rules. Raises ``BadInput`` that names the field."""
    return read_data(path, Minds, "The list of who thinks what")


def models_for(asked: str, brief: Brief, vendors: Sequence[str]) -> tuple[Model, ...]:
    """The models that may be asked, the preferred one first; none where only rules are in use.

    Args:
        asked: a role, or a model (``vendor/model``), as a variant names it.
        vendors: vendors and models of ``LANGUAGE_PROVIDER``, in their order. A model that is named there is asked
            whatever the role; a model that a variant names is asked first, when its vendor is in use.

    Raises:
        BadInput: for a role that there is not, and for what the environment says wrongly of a model.
    """
    names = names_for(asked, vendors, simple=minds().simple.holds(brief))
    said = environment()
    return tuple(factory.vendors()[vendor_of(name)].models[name].as_said(said) for name in names)


def names_for(asked: str, vendors: Sequence[str], *, simple: bool) -> tuple[str, ...]:
    """Names of the models that may be asked for a simple brief, or for another; as ``models_for`` says."""
    known = minds()
    named = "/" in asked
    role = "writing" if named else asked
    if role not in known.roles:
        raise BadInput(
            f"There is no role “{role[:40]}”", where="prompts/variants.yaml", todo=f"Use: {', '.join(known.roles)}."
        )
    ways = [known.roles[role]]
    if simple and not named and role in known.simple.instead:
        ways.insert(0, known.roles[known.simple.instead[role]])  # its own follow, for what these cannot answer
    found: list[str] = []
    for name in vendors:
        if name == RULES:
            continue
        if "/" in name:
            found.append(name)
            continue
        if named and vendor_of(asked) == name:
            found.append(asked)
        found += [model for way in ways for model in way if vendor_of(model) == name]
    return tuple(dict.fromkeys(found))
