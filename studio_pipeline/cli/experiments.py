"""``studio experiments``: how the variants of each function compare, as tables and plain sentences."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from studio_pipeline.cli.options import common_options, json_option

if TYPE_CHECKING:
    from rich.console import Console
    from rich.padding import Padding

    from studio_pipeline.experiments.comparison import FunctionStanding, VariantStanding
    from studio_pipeline.experiments.statistics import Mean
    from studio_pipeline.orchestration.outcomes import CaughtUp


@click.command("experiments")
@click.argument("function", required=False)
@json_option
@common_options
def command(function: str | None, as_json: bool) -> int:
    """How the variants of prompts and models compare, and whether that means anything.

    FUNCTION is one of prompts/variants.yaml; without it: all of them. Productions that have ended and were not written
    down yet, as those that failed, are written down first. See also `studio rate`.
    """
    from studio_pipeline.cli.calibrate import PRODUCTION as CALIBRATION
    from studio_pipeline.cli.looking import can_be_written, is_made
    from studio_pipeline.cli.session import open_studio
    from studio_pipeline.experiments.comparison import standing_of
    from studio_pipeline.orchestration.outcomes import CaughtUp, catch_up
    from studio_pipeline.prompting import variants
    from studio_pipeline.settings import settings

    asked = {function: variants.function(function)} if function is not None else variants.functions()
    assignments, observations, caught = (), (), CaughtUp((), {})
    if is_made(settings()):
        with open_studio(make=can_be_written(settings())) as session:  # of a read-only home a copy is looked at
            caught = catch_up(session.home, session.instance)
            drawn = session.home.records.assignments(function)
            assignments = tuple(one for one in drawn if one.production != CALIBRATION)  # which is no film
            observations = session.home.records.observations(function)
    weights = {name: {variant.name: variant.weight for variant in one.variants} for name, one in asked.items()}
    if function is None:  # what was recorded of a function that is not in the file any more is shown all the same
        weights |= {name: {} for name in sorted({one.function for one in assignments} - set(weights))}
    standings = [standing_of(name, own, assignments, observations) for name, own in weights.items()]
    if as_json:
        click.echo(json.dumps(_as_json(standings, caught), indent=2))
    else:
        _print(standings, caught, drawn=bool(assignments))
    return 0


def _as_json(standings: list[FunctionStanding], caught: CaughtUp) -> dict[str, object]:
    from studio_pipeline.experiments.metrics import COST, METRICS
    from studio_pipeline.experiments.telling import comparison_told, notes_told

    def mean(found: Mean | None, *, dollars: bool = False) -> dict[str, object] | None:
        if found is None:
            return None

        def shown(value: float | None) -> float | str | None:
            return value if value is None or not dollars else f"{value:.6f}"

        return {"n": found.n, "mean": shown(found.mean), "low": shown(found.low), "high": shown(found.high)}

    def variant(one: VariantStanding) -> dict[str, object]:
        return {
            "variant": one.variant,
            "weight": one.weight,
            "drawn": one.drawn,
            "ended": one.over,
            "simulated": one.simulated,
            **{name: mean(one.means.get(name), dollars=name == COST.name) for name in METRICS},
            "quality_per_usd": mean(one.quality_per_usd),
        }

    return {
        "functions": [
            {
                "function": one.function,
                "variants": [variant(standing) for standing in one.variants],
                "comparisons": [
                    {
                        "metric": pair.metric.name,
                        "best": pair.best,
                        "other": pair.other,
                        "n": list(pair.n),
                        "difference": pair.difference,
                        "p": pair.p,
                        "significant": pair.significant,
                        "needed": pair.needed,
                        "told": comparison_told(pair),
                    }
                    for pair in one.comparisons
                ],
                "notes": notes_told(one),
            }
            for one in standings
        ],
        "recorded_now": list(caught.recorded),
        "troubles": caught.troubles,
    }


def _print(standings: list[FunctionStanding], caught: CaughtUp, *, drawn: bool) -> None:
    from rich.text import Text

    from studio_pipeline.cli.report import console, heading, text
    from studio_pipeline.cli.words import count
    from studio_pipeline.experiments.telling import comparisons_told, notes_told

    out = console()
    for production, trouble in caught.troubles.items():
        out.print(text(f"  {production} could not be written down: {trouble}", "yellow"))
    if not drawn:
        asked = f"No film has asked a language model for {standings[0].function}" if len(standings) == 1 else ""
        out.print(Text(f"{asked or 'No film was made with a language model'} yet, so there is nothing to compare.\n"))
        _print_how(out, standings)
        return
    compared = [one for one in standings if len(one.variants) > 1]
    for one in compared:
        heading(out, one.function)
        _print_variants(out, one.variants)
        for words, significant in comparisons_told(one):
            out.print(_line(words, "" if significant else "dim"))
        if not one.comparisons:
            out.print(_line("Nothing to compare yet: films of one variant at most have ended.", "dim"))
        for note in notes_told(one):
            out.print(_line(note, "dim"))
    alone = [one for one in standings if len(one.variants) == 1 and one.variants[0].drawn]
    if alone:
        heading(out, "Functions with one variant" if compared else "No function has a second variant yet")
        _print_alone(out, alone)
    out.print()
    if compared:
        out.print(
            _line(
                "± is the 95 % interval of a mean. p is corrected for the tests of a function (Holm); from 0.05 on a "
                "difference may be chance. n counts films that have ended, a number in brackets those with this value. "
                "How many films would show a difference: four times of five.",
                "dim",
            )
        )
    else:
        _print_how(out, standings)
    if caught.recorded:
        out.print(_line(f"Written down just now: {count(len(caught.recorded), 'production')}.", "dim"))


def _line(words: str, style: str) -> Padding:
    from rich.padding import Padding
    from rich.text import Text

    return Padding(Text(words, style=style), (0, 0, 0, 2))


def _print_how(out: Console, standings: list[FunctionStanding]) -> None:
    from studio_pipeline.cli.report import fields

    name = standings[0].function if len(standings) == 1 else "script_generator"
    out.print("  To compare two ways of asking a model:")
    rows = [
        ("1.", f"give {name} a second variant in prompts/variants.yaml: another prompt, model or temperature"),
        ("2.", "make films with a model in use: ANTHROPIC_API_KEY or LANGUAGE_PROVIDER, then studio produce or batch"),
        ("3.", "studio rate PRODUCTION STARS says how you like each"),
        ("4.", f"studio experiments {name}"),
    ]
    fields(out, rows)


def _print_variants(out: Console, variants: tuple[VariantStanding, ...]) -> None:
    """A column for each variant: what there is of them is side by side, however narrow the terminal."""
    from studio_pipeline.cli.report import indented, table, text
    from studio_pipeline.experiments.metrics import METRICS
    from studio_pipeline.experiments.telling import mean_told, ratio_told

    made = table("", *(one.variant for one in variants))
    made.add_row("weight", *("not in the file" if one.weight is None else f"{one.weight:g}" for one in variants))
    made.add_row("n", *(str(one.over) for one in variants))
    for metric in METRICS.values():
        made.add_row(metric.label, *(mean_told(metric, one.means.get(metric.name), of=one.over) for one in variants))
    made.add_row("quality per $", *(ratio_told(one.quality_per_usd, of=one.over) for one in variants))
    for column in made.columns[1:]:
        column.header = text(str(column.header), "bold")
    out.print(indented(made))


def _print_alone(out: Console, standings: list[FunctionStanding]) -> None:
    """A line for each function with nothing to be compared with."""
    from studio_pipeline.cli.report import indented, table
    from studio_pipeline.experiments.metrics import COST, QUALITY, SATISFACTION
    from studio_pipeline.experiments.telling import mean_told

    shown = (QUALITY, COST, SATISFACTION)
    labels = [metric.label for metric in shown]
    made = table("function", "variant", "n", *labels, numbers=("n", *labels))
    for standing in standings:
        one = standing.variants[0]
        cells = [mean_told(metric, one.means.get(metric.name), of=one.over) for metric in shown]
        made.add_row(standing.function, one.variant, str(one.over), *cells)
    out.print(indented(made))
