"""``studio prompts``: what language models are told. Lists the prompts, and shows one as it would be sent for a brief.

Nothing is sent and nothing in the studio home changes. What a prompt is filled with is found in ``prompt_values.py``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from studio_pipeline.cli.options import common_options, json_option

if TYPE_CHECKING:
    from studio_pipeline.budget.rate_cards import Quote
    from studio_pipeline.cli.listening import Question
    from studio_pipeline.film.brief import Brief
    from studio_pipeline.orchestration.studio_home import StudioHome
    from studio_pipeline.prompting.prompt import RenderedPrompt
    from studio_pipeline.prompting.variants import Function, Variant


class _Prompts(click.Group):
    """``studio prompts`` is short for ``studio prompts list``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not {"-h", "--help"} & set(args) and not set(args) & set(self.commands):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group("prompts", cls=_Prompts)
def command() -> None:
    """What language models are told, and what a brief's questions would cost.

    \b
    studio prompts                                                     all of them
    studio prompts render screenwriter --with examples/kite.yaml       one of them, as it would be sent
    """


# studio prompts


@command.command("list", hidden=True)
@json_option
@common_options
def list_prompts(as_json: bool) -> int:
    """All prompts: who says them, in which version, what they are filled with, how long they are."""
    from studio_pipeline.errors import BadInput
    from studio_pipeline.prompting import library

    rows, wrong = [], []
    for name in library.names():
        try:
            rows.append(_row(name))
        except BadInput as error:
            wrong.append(error)
    if wrong and not as_json:
        for error in wrong:
            click.echo(f"studio: {error}", err=True)
    if as_json:
        click.echo(json.dumps({"prompts": rows, "unreadable": [str(error) for error in wrong]}, indent=2))
    else:
        _print_list(rows)
    return BadInput.exit_code if wrong else 0


def _row(name: str) -> dict[str, Any]:
    from studio_pipeline.prompting import library
    from studio_pipeline.prompting.tokens import estimated_tokens

    prompt = library.load(name)
    return {
        "name": name,
        "version": prompt.version,
        "digest": library.digest(name),
        "agent": prompt.agent,
        "asked_by": [f"{function.name}.{variant.name}" for function, variant in _asking(name)],
        "variables": list(prompt.variables),
        "output": prompt.output,
        "tokens": sum(estimated_tokens(text) for text in library.sources(name).values()),
        "notes": prompt.notes,
    }


def _asking(name: str) -> list[tuple[Function, Variant]]:
    """The functions, with the variant, that ask with a prompt."""
    from studio_pipeline.prompting.variants import functions

    return [
        (function, variant)
        for function in functions().values()
        for variant in function.variants
        if variant.prompt == name
    ]


def _print_list(rows: list[dict[str, Any]]) -> None:
    from studio_pipeline.cli.report import console, table, text

    made = table("prompt", "version", "agent", "asked by", "tokens", "is filled with", numbers=("version", "tokens"))
    for row in rows:
        made.add_row(
            text(row["name"], "bold"),
            str(row["version"]),
            text(row["agent"]),
            text("\n".join(row["asked_by"]) or "nobody"),
            f"{row['tokens']:,}",
            text(", ".join(row["variables"]) or "–"),
        )
    out = console()
    out.print(made)
    out.print()
    out.print(
        "Tokens are estimated, of the words alone, rather too many. Edit the words in prompts/, then look at one:"
    )
    out.print("studio prompts render NAME --with BRIEF", soft_wrap=True)


# studio prompts render


@dataclass(frozen=True)
class _Sent:
    """A question as it would be sent."""

    prompt: RenderedPrompt
    question: Question
    function: Function
    variant: Variant
    tokens: dict[str, int]
    """By part, estimated."""
    prices: dict[str, Quote | None]
    """Of one call, by model, the one that is asked first first; ``None`` where no rate card says it."""
    in_use: bool
    """Whether any model is asked in this studio, and not only the rules."""


@command.command("render")
@click.argument("name")
@click.option("--with", "brief", metavar="BRIEF", required=True, help="The brief whose film it is about.")
@json_option
@common_options
def render(name: str, brief: str, as_json: bool) -> int:
    """One prompt as it would be sent for a brief, with its tokens and its price.

    The agents before it decide by rules, so their words are not those of a model. Nothing is sent.
    """
    from studio_pipeline.cli.prompt_values import ReadThrough
    from studio_pipeline.errors import BadInput
    from studio_pipeline.orchestration.studio_home import build_home
    from studio_pipeline.prompting import library
    from studio_pipeline.settings import settings

    library.load(name)
    asking = _asking(name)
    if not asking:
        raise BadInput(f"No function asks with the prompt {name}", where="prompts/variants.yaml")
    home = build_home(settings(), accept_stale_prices=True)
    read = ReadThrough(Path(brief), home)
    function, variant = asking[0]
    sent = _sent(read.question(function.name), function, variant, read.brief, home)
    if as_json:
        click.echo(json.dumps(_as_json(sent), indent=2, ensure_ascii=False))
    else:
        _print_sent(sent)
    return 0


def _sent(question: Question, function: Function, variant: Variant, brief: Brief, home: StudioHome) -> _Sent:
    from studio_pipeline.prompting import library
    from studio_pipeline.prompting.material import compact_json
    from studio_pipeline.prompting.tokens import MOST_IMAGE_TOKENS, estimated_tokens
    from studio_pipeline.providers import factory
    from studio_pipeline.providers.language.roles import models_for
    from studio_pipeline.settings import RULES, settings

    prompt = library.render(variant.prompt, question.values)
    tokens = {part: estimated_tokens(words) for part in library.PARTS if (words := getattr(prompt, part))}
    tokens["schema"] = estimated_tokens(compact_json(question.output.model_json_schema()))
    if question.pictures:
        tokens["pictures"] = question.pictures * MOST_IMAGE_TOKENS
    listed = factory.listed("language", settings().language_provider)
    vendors = [name for name in listed if name != RULES]
    models = models_for(variant.model, brief, vendors or [name for name in factory.names("language") if name != RULES])
    most = function.most_output_tokens
    prices = {
        model.name: _price(home, model.name, sum(tokens.values()), min(most, model.output_tokens or most), brief)
        for model in models
    }
    return _Sent(prompt, question, function, variant, tokens, prices, bool(vendors))


def _price(home: StudioHome, model: str, tokens: int, most_output_tokens: int, brief: Brief) -> Quote | None:
    from studio_pipeline.errors import UnknownPrice
    from studio_pipeline.providers.capabilities import vendor_of

    in_batch = brief.priority == "low"
    try:
        return home.rate_cards.quote_tokens(vendor_of(model), model, tokens, most_output_tokens, batch=in_batch)
    except UnknownPrice:
        return None


def _as_json(sent: _Sent) -> dict[str, Any]:
    from studio_pipeline.cli.words import money

    return {
        "prompt": sent.prompt.name,
        "version": sent.prompt.version,
        "digest": sent.prompt.digest,
        "function": sent.function.name,
        "variant": sent.variant.name,
        "system": sent.prompt.system,
        "shared": sent.prompt.shared,
        "ask": sent.prompt.ask,
        "pictures": sent.question.pictures,
        "output": sent.question.output.__name__,
        "schema": sent.question.output.model_json_schema(),
        "made_up": sent.question.made_up or None,
        "tokens": {**sent.tokens, "all": sum(sent.tokens.values())},
        "most_output_tokens": sent.function.most_output_tokens,
        "best_of": sent.variant.best_of,
        "in_use": sent.in_use,
        "models": [
            {
                "model": model,
                "expected_usd": money(quote and quote.expected_usd),
                "max_usd": money(quote and quote.max_usd),
                "source": quote and quote.source,
            }
            for model, quote in sent.prices.items()
        ],
    }


def _print_sent(sent: _Sent) -> None:
    from rich.text import Text

    from studio_pipeline.cli.report import console, fields, heading, indented, table, text
    from studio_pipeline.cli.words import count
    from studio_pipeline.prompting import library
    from studio_pipeline.wording import places_for, usd

    out = console()
    asked = f"version {sent.prompt.version}, asked by {sent.function.name} (variant {sent.variant.name})"
    out.print(Text.assemble((sent.prompt.name, "bold"), f"  {asked}"))
    for part in library.PARTS:
        if words := getattr(sent.prompt, part):
            heading(out, f"=== {part}")
            click.echo(words)  # letter by letter, tabs included; there is no control character in it
    heading(out, "What it is")
    parts = " · ".join(f"{part} {number:,}" for part, number in sent.tokens.items())
    rows = [
        ("tokens", f"about {sum(sent.tokens.values()):,} ({parts}), estimated rather too high"),
        ("answer", f"{sent.question.output.__name__}, at most {sent.function.most_output_tokens:,} tokens"),
        ("pictures", count(sent.question.pictures, "page") if sent.question.pictures else ""),
        ("asked", count(sent.variant.best_of, "time") if sent.variant.best_of > 1 else ""),
        ("made up", sent.question.made_up),
    ]
    fields(out, rows)
    out.print()
    known = [quote for quote in sent.prices.values() if quote]
    places = places_for(amount for quote in known for amount in (quote.expected_usd, quote.max_usd))
    made = table("asked in this order", "expected", "at most", numbers=("expected", "at most"))
    for model, quote in sent.prices.items():
        expected, most = (quote.expected_usd, quote.max_usd) if quote else (None, None)
        made.add_row(text(model), usd(expected, places=places), usd(most, places=places))
    out.print(indented(made))
    about = "For one call: expected with half of the longest answer, at most with all of it."
    about += " A dash: no rate card has its price." if len(known) < len(sent.prices) else ""
    out.print(Text(f"  {about}", style="dim"))
    if not sent.in_use:
        out.print(Text("  In this studio nobody is asked: LANGUAGE_PROVIDER is rules. These would be.", style="yellow"))
