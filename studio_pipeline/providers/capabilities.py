"""What each model can do, as data: ``assets/vendors/<vendor>/capabilities.yaml``, one entry a model.

The shot planner asks it before it plans a shot, the adapters when they turn a request into the vendor's words. What a
model costs is in the rate card beside it. A model here is the vendor's own model with fixed ``options``, so that one
entry has one price: ``runway/veo3.1`` and ``runway/veo3.1_silent`` are two entries of one model.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError

from studio_pipeline.errors import BadInput
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.rate import Rate
from studio_pipeline.prose.utf16 import utf16_units
from studio_pipeline.settings import Kind

__all__ = ["Kind", "Model", "load_models", "vendor_of"]


def vendor_of(name: str) -> str:
    """The vendor of a model: ``runway`` for ``runway/gen4_turbo``. A vendor's own name is its own."""
    return name.partition("/")[0]


class Model(Frozen):
    """One model. Fields that do not concern its kind stay empty; an empty tuple means *no limit*."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,30}/[A-Za-z0-9][A-Za-z0-9._-]{0,60}$")
    """As rate cards and tiers call it: ``runway/gen4_turbo``."""
    kind: Kind
    api_model: str = ""
    """What the vendor calls it, a model's name or a path."""
    options: Mapping[str, Any] = Field(default_factory=dict)
    """Sent along with every request, as the vendor spells it."""
    durations_s: tuple[float, ...] = ()
    """Video: every length it can make, in seconds, shortest first."""
    sizes: tuple[tuple[int, int], ...] = ()
    """Image and video: width and height in pixels."""
    frame_rates: tuple[float, ...] = ()
    first_frame: Literal["none", "optional", "required"] = "optional"
    last_frame: bool = False
    audio: Literal["none", "optional", "always"] = "none"
    longest_s: float | None = None
    """Music: the longest track."""
    languages: tuple[str, ...] = ()
    """Voice: language codes."""
    prompt_limit: int | None = None
    """Longest prompt (or text to speak), in ``prompt_unit``."""
    prompt_unit: Literal["characters", "utf16"] = "characters"
    seeds: bool = True
    """Whether it takes a seed."""
    negative_prompt: bool = False
    """Whether it takes words for what must not be seen."""
    context_tokens: int | None = None
    """Language: the most that question and answer may have together."""
    output_tokens: int | None = None
    """Language: the longest answer."""
    sees: bool = False
    """Language: whether it takes pictures."""
    temperature: bool = False
    """Language: whether it takes a temperature."""
    variables: Mapping[str, str] = Field(default_factory=dict)
    """Fields of this that a person says, and the environment variable of each: whole numbers, and 1 or 0."""
    source: str
    """Where this was read, with its date."""

    def as_said(self, environ: Mapping[str, str]) -> Model:
        """This, with what the environment says of it. Raises ``BadInput`` that names the variable."""
        said = {field: environ.get(name, "").strip() for field, name in self.variables.items()}
        try:
            return Model.model_validate({**self.model_dump(), **{name: value for name, value in said.items() if value}})
        except ValidationError as error:
            field = str(error.errors()[0]["loc"][0])
            raise BadInput(
                f"{self.variables[field]} is “{said[field][:40]}”",
                where="environment",
                todo="Give a whole number, or 1 or 0.",
            ) from error

    def speaks(self, language: str) -> bool:
        """Voice: whether it speaks a language, of whatever region (``pt`` for ``pt-BR``)."""
        return not self.languages or language.partition("-")[0].lower() in self.languages

    def seconds_for(self, frames: int, rate: Rate) -> float | None:
        """The shortest clip it makes that has room for ``frames``; ``None`` when all are too short."""
        wanted = rate.seconds(frames)
        if not self.durations_s:
            return wanted
        return next((length for length in self.durations_s if length >= wanted - 1e-6), None)

    def size_for(self, size: tuple[int, int]) -> tuple[int, int] | None:
        """The size to ask for: of the same shape within 3 %, the smallest that is large enough, else the largest."""
        if not self.sizes:
            return size
        shape = size[0] / size[1]
        same = sorted(s for s in self.sizes if abs(s[0] / s[1] / shape - 1) < 0.03)
        return next((s for s in same if s[0] >= size[0] and s[1] >= size[1]), same[-1] if same else None)

    def too_long(self, prompt: str) -> str | None:
        """Why it does not take a prompt of this length, in words; ``None`` when it does."""
        utf16 = self.prompt_unit == "utf16"
        length = utf16_units(prompt) if utf16 else len(prompt)
        if self.prompt_limit is None or length <= self.prompt_limit:
            return None
        unit = "UTF-16 units" if utf16 else "characters"
        return f"{self.name} takes a prompt of at most {self.prompt_limit} {unit} and this one has {length}"

    def why_not(self, *, frames: int, rate: Rate, size: tuple[int, int]) -> str | None:
        """Why it cannot make such a clip, in words; ``None`` when it can."""
        if self.seconds_for(frames, rate) is None:
            return f"{self.name} makes at most {max(self.durations_s):g} s and {rate.seconds(frames):.1f} s are needed"
        if self.size_for(size) is None:
            offered = ", ".join(f"{width}×{height}" for width, height in self.sizes)
            return f"{self.name} makes {offered}, none of the shape of {size[0]}×{size[1]}"
        return None


def load_models(path: Path) -> dict[str, Model]:
    """The models of one capabilities file, by name, in the order of the file.

    Raises:
        BadInput: for a file that cannot be read or has a hole; names the model and the field.
    """
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
        return {name: Model.model_validate({"name": name, **facts}) for name, facts in entries.items()}
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "entry"
        raise BadInput(
            f"A model's capabilities have a hole: `{field}`: {first['msg']}",
            where=str(path),
            todo="Correct it; providers/capabilities.py says what each field means.",
        ) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise BadInput("A capabilities file cannot be read", where=str(path), todo=f"Restore it: {error}") from error
