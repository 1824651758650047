"""The variants of ``prompts/variants.yaml`` as the configuration of a TensorZero gateway: files by name.

What lives here: ``tensorzero.toml``, templates and JSON schemas. What does not: the templates' language
(``minijinja.py``), and which models there are (``cli/tensorzero_config.py`` gathers them).

Names and keys are those of the gateway's configuration reference and of its code in April 2026, two months before its
repository was archived (https://github.com/tensorzero/tensorzero, docs/gateway/configuration-reference.mdx).
Its reference calls best-of-N ``experimental_best_of_n``, its code only knows ``experimental_best_of_n_sampling``.
Weights stand in ``experimentation``: ``weight`` on a variant is deprecated and cannot stand beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from studio_pipeline.errors import BadInput
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.prompting import library
from studio_pipeline.prompting.minijinja import parts_of, template_of, variables_of
from studio_pipeline.prompting.variants import Function, Variant

SIGN = "# Written by `studio tensorzero-config`."
"""How a file begins that may be written over."""
JUDGE = "quality_evaluator"
"""The function whose model chooses the best of several answers."""


class Provider(Frozen):
    """Whom a gateway asks for a model."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    type: Literal["anthropic", "openai"]
    model_name: str
    """What the vendor calls the model."""
    api_base: str = ""
    """Address of a server in the shape of OpenAI's; empty for a vendor's own."""
    key: str = ""
    """The environment variable with the key; empty where none is needed."""
    takes_temperature: bool = True
    thinks_unasked: bool = False
    """Whether it has to be told not to think, as thinking is billed."""


class GatewayMetric(Frozen):
    """A metric, as a gateway knows it."""

    name: str
    optimize: Literal["min", "max"]
    about: str


def files(
    functions: Mapping[str, Function],
    models: Mapping[str, Sequence[Provider]],
    schemas: Mapping[str, Mapping[str, Any]],
    metrics: Sequence[GatewayMetric],
    *,
    folder: Path = library.PROMPTS_DIR,
) -> dict[str, str]:
    """All files of the configuration, by their paths.

    Args:
        models: whom to ask for each model that a variant names, the preferred one first.
        schemas: JSON schemas of the functions' outputs, by their names.
        folder: of the prompts.

    Raises:
        BadInput: for a prompt that is not there, and for a model that nobody can be asked for.
    """
    made: dict[str, str] = {}
    toml = [_HEAD]
    for name, providers in models.items():
        toml += _model(name, providers)
    for function in functions.values():
        made |= _schemas(function, schemas[function.output], folder)
        for variant in function.variants:
            for role, template in _templates(variant, folder).items():
                made[_place(function, variant, role)] = template
        toml += _function(function, functions, models, made)
    for metric in metrics:
        toml += _table(
            f"metrics.{metric.name}",
            {"type": "float", "level": "episode", "optimize": metric.optimize, "description": metric.about},
        )
    return {"tensorzero.toml": "\n".join(toml).rstrip("\n") + "\n", **made}


_HEAD = f"""{SIGN} Change prompts/ and write it again.
# What differs from the studio: a production keeps its variant there, an episode here; the best of several answers is
# chosen by a model here, by the agent there; a simple brief is asked of cheaper models there; repairs, budgets and
# prompt caching are the studio's alone. The templates take texts: tables are made, and texts cleaned, by who asks.
"""


def _model(name: str, providers: Sequence[Provider]) -> list[str]:
    if not providers:
        raise BadInput(
            f"No vendor that a gateway can reach has the model “{name}”",
            where="assets/minds.yaml",
            todo="Name a model of anthropic for it, or set OPENAI_CHAT_MODEL and OPENAI_CHAT_BASE_URL.",
        )
    lines = _table(f"models.{name}", {"routing": [provider.name for provider in providers]})
    for one in providers:
        fields: dict[str, Any] = {"type": one.type, "model_name": one.model_name}
        if one.api_base:
            fields["api_base"] = one.api_base
        fields["api_key_location"] = f"env::{one.key}" if one.key else "none"
        if one.thinks_unasked:
            fields["extra_body"] = [{"pointer": "/thinking", "value": {"type": "disabled"}}]
        lines += _table(f"models.{name}.providers.{_quoted(one.name)}", fields)
    return lines


def _function(
    function: Function,
    functions: Mapping[str, Function],
    models: Mapping[str, Sequence[Provider]],
    made: Mapping[str, str],
) -> list[str]:
    fields: dict[str, Any] = {"type": "json", "output_schema": f"functions/{function.name}/output_schema.json"}
    for role in ("system", "user"):
        place = f"functions/{function.name}/{role}_schema.json"
        if place in made:
            fields[f"schemas.{role}.path"] = place
    lines = _table(f"functions.{function.name}", fields)
    drawn = {variant.name: variant.weight for variant in function.variants if variant.weight}
    lines += _table(f"functions.{function.name}.experimentation", {"type": "static", "candidate_variants": drawn})
    for variant in function.variants:
        own = _asking(function, variant, models)
        head = f"functions.{function.name}.variants"
        if variant.best_of == 1:
            lines += _table(f"{head}.{variant.name}", {"type": "chat_completion", **own})
            continue
        one = f"{variant.name}_candidate"
        lines += _table(f"{head}.{one}", {"type": "chat_completion", **own})
        lines += _table(
            f"{head}.{variant.name}",
            {"type": "experimental_best_of_n_sampling", "candidates": [one] * variant.best_of},
        )
        judge = functions[JUDGE].variants[0].model if JUDGE in functions else variant.model
        lines += _table(f"{head}.{variant.name}.evaluator", {**own, "model": judge})
    return lines


def _asking(function: Function, variant: Variant, models: Mapping[str, Sequence[Provider]]) -> dict[str, Any]:
    fields: dict[str, Any] = {"model": variant.model, "json_mode": "strict", "max_tokens": function.most_output_tokens}
    if variant.temperature is not None and all(one.takes_temperature for one in models[variant.model]):
        fields["temperature"] = variant.temperature
    fields["templates.system.path"] = _place(function, variant, "system")
    fields["templates.user.path"] = _place(function, variant, "user")
    return fields


def _place(function: Function, variant: Variant, role: str) -> str:
    return f"functions/{function.name}/{variant.name}/{role}.minijinja"


def _templates(variant: Variant, folder: Path) -> dict[str, str]:
    sources = library.sources(variant.prompt, folder)
    parts = parts_of(sources[f"{variant.prompt}.md"])
    said = "\n\n".join(parts[name] for name in ("shared", "ask") if name in parts)
    return {"system": template_of(parts["system"], sources), "user": template_of(said, sources)}


def _schemas(function: Function, output: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """The schema of the answer, and those of the variables of all its variants together."""
    made = {f"functions/{function.name}/output_schema.json": _json(_DRAFT | dict(output))}
    templates = [_templates(variant, folder) for variant in function.variants]
    for role in ("system", "user"):
        wanted: dict[str, Any] = {}
        for template in templates:
            wanted |= variables_of(template[role])
        if wanted:
            schema = {"type": "object", "properties": wanted, "required": sorted(wanted), "additionalProperties": False}
            made[f"functions/{function.name}/{role}_schema.json"] = _json(_DRAFT | schema)
    return made


_DRAFT = {"$schema": "https://json-schema.org/draft/2020-12/schema"}


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _table(name: str, fields: Mapping[str, Any]) -> list[str]:
    return [f"[{name}]", *(f"{key} = {_value(value)}" for key, value in fields.items()), ""]


def _value(value: Any) -> str:
    """A value of TOML, whose strings, numbers and lists are those of JSON."""
    if isinstance(value, Mapping):
        inner = ", ".join(f"{key} = {_value(one)}" for key, one in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _quoted(name: str) -> str:
    """A key of a table, in quotes where it has a dot."""
    return f'"{name}"' if "." in name or "/" in name else name
