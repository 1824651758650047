"""``studio tensorzero-config``: the variants, prompts and schemas as the configuration of a TensorZero gateway."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from studio_pipeline.cli.options import common_options, json_option

if TYPE_CHECKING:
    from studio_pipeline.prompting.tensorzero import Provider

CONFIG = "tensorzero.toml"
_GATEWAY = "tensorzero::"


@click.command("tensorzero-config")
@click.option(
    "--to", "folder", metavar="DIR", default="tensorzero", help="Folder to write into (default ./tensorzero)."
)
@json_option
@common_options
def command(folder: str, as_json: bool) -> int:
    """Write the variants, prompts and schemas as a configuration of a TensorZero gateway.

    \b
    studio tensorzero-config --to tensorzero
    docker run -v ./tensorzero:/app/config -e ANTHROPIC_API_KEY -p 3000:3000 \\
        tensorzero/gateway --config-file /app/config/tensorzero.toml
    """
    from studio_pipeline.cli.words import shown
    from studio_pipeline.experiments.metrics import METRICS
    from studio_pipeline.prompting import tensorzero, variants
    from studio_pipeline.providers.language.roles import minds
    from studio_pipeline.stages.drafts import draft
    from studio_pipeline.wording import plain

    into = Path(folder)
    _check(into)
    functions = variants.functions()
    wanted = dict.fromkeys(variant.model for one in functions.values() for variant in one.variants)
    named = {model: (model,) if "/" in model else minds().roles.get(model, ()) for model in wanted}
    models, left_out = _providers(named)
    made = tensorzero.files(
        functions,
        models,
        {one.output: draft(one.output).model_json_schema() for one in functions.values()},
        [tensorzero.GatewayMetric(name=m.name, optimize=m.better, about=m.about) for m in METRICS.values()],
    )
    _write(into, made)
    if as_json:
        told = {"folder": str(into.absolute()), "files": sorted(made), "left_out": left_out}
        click.echo(json.dumps(told, indent=2))
        return 0
    click.echo(f"{len(functions)} functions, {len(models)} models and {len(METRICS)} metrics: {shown(into / CONFIG)}")
    for model, why in left_out.items():
        click.echo(f"studio: {plain(f'{model} is left out: {why}')}", err=True)
    click.echo(
        "Let the studio ask the gateway: LANGUAGE_PROVIDER=openai-chat OPENAI_CHAT_BASE_URL=http://localhost:3000/"
        "openai/v1 OPENAI_CHAT_MODEL=tensorzero::model_name::writing"
    )
    return 0


def _check(into: Path) -> None:
    """Refuse to write over what a person wrote."""
    from studio_pipeline.errors import BadInput
    from studio_pipeline.prompting.tensorzero import SIGN

    if into.exists() and not into.is_dir():
        raise BadInput("That is a file, not a folder", where=str(into), todo="Name another folder with --to.")
    file = into / CONFIG
    if file.exists() and not file.read_text(encoding="utf-8", errors="replace").startswith(SIGN):
        raise BadInput(
            "There is a configuration already that the studio did not write",
            where=str(file),
            todo="Name another folder with --to, or move it away.",
        )


def _write(into: Path, made: Mapping[str, str]) -> None:
    """The configuration last: while it is the old one, what it names is there."""
    from studio_pipeline.whole_file import disk_errors_told, write_whole

    for name in sorted(made, key=lambda name: name == CONFIG):
        with disk_errors_told(into / name, "The configuration"):
            write_whole(into / name, made[name])


def _providers(named: Mapping[str, tuple[str, ...]]) -> tuple[dict[str, list[Provider]], dict[str, str]]:
    """Whom a gateway asks for each model, and the models that it cannot ask, with the reason."""
    from studio_pipeline.settings import environment

    environ = environment()
    models: dict[str, list[Provider]] = {}
    left_out: dict[str, str] = {}
    for role, names in named.items():
        models[role] = []
        for name in names:
            found = _provider(name, environ)
            if isinstance(found, str):
                left_out[name] = found
            else:
                models[role].append(found)
    return models, left_out


def _provider(name: str, environ: Mapping[str, str]) -> Provider | str:
    """Whom a gateway asks for one of our models, or why it cannot."""
    from studio_pipeline.prompting.tensorzero import Provider
    from studio_pipeline.providers import factory
    from studio_pipeline.providers.capabilities import vendor_of
    from studio_pipeline.providers.language.chat_terms import KEY, MODEL

    vendor = factory.vendors()[vendor_of(name)]
    model = vendor.models[name]
    short = name.partition("/")[2]
    if vendor.manifest.vendor == "anthropic":
        return Provider(
            name=short,
            type="anthropic",
            model_name=model.api_model or short,
            key="ANTHROPIC_API_KEY",
            takes_temperature=model.temperature,
            thinks_unasked=model.options.get("thinking") == "off",
        )
    if vendor.manifest.vendor == "openai-chat":
        asked = environ.get(MODEL, "").strip()
        if not asked or asked.startswith(_GATEWAY):
            return f"{MODEL} names no model of a server behind the gateway"
        address = environ.get(vendor.manifest.base_url_variable, "").strip() or vendor.manifest.base_url
        key = KEY if environ.get(KEY, "").strip() else ""
        return Provider(name=short, type="openai", model_name=asked, api_base=address, key=key)
    return "a gateway asks over the network, and it is on this machine"
