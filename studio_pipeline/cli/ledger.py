"""``studio ledger``: the cost report of a production as a table, or every line of it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from studio_pipeline.cli.options import common_options, json_option

if TYPE_CHECKING:
    from studio_pipeline.budget.purchase import Entry
    from studio_pipeline.budget.report import Cost, CostReport


@click.command("ledger")
@click.argument("production")
@click.option("--entries", "with_entries", is_flag=True, help="List every purchase, too.")
@json_option
@common_options
def command(production: str, with_entries: bool, as_json: bool) -> int:
    """What a production spent, by pilot and stage."""
    from studio_pipeline.budget.report import cost_report
    from studio_pipeline.cli.session import open_studio

    with open_studio() as session:
        session.brief(production)
        report = cost_report(session.home.ledger, production)
        lines = session.home.ledger.entries(production) if with_entries else []
    if as_json:
        hidden = {"identity", "owner", "details", "media"}
        told = report.model_dump()
        if with_entries:
            told["entries"] = [line.model_dump(exclude=hidden) for line in lines]
        click.echo(json.dumps(_exact(told), indent=2))
    else:
        _print(report)
        if with_entries:
            _print_entries(lines)
    return 0


def _exact(value: Any) -> Any:
    """Money as decimal strings, everything else as it is."""
    from studio_pipeline.cli.words import money

    if isinstance(value, Decimal):
        return money(value)
    if isinstance(value, dict):
        return {name: _exact(inner) for name, inner in value.items()}
    return [_exact(inner) for inner in value] if isinstance(value, list | tuple) else value


_AMOUNTS = ("spent", "reserved", "saved", "lost")


def _print(report: CostReport) -> None:
    from rich.text import Text

    from studio_pipeline.cli.report import console, indented, table
    from studio_pipeline.wording import places_for, usd

    out = console()
    label = (
        "simulated: nobody was charged" if report.simulated else "real money" if report.purchases else "nothing bought"
    )
    out.print(Text.assemble((report.production, "bold"), (f"  {label}", "dim")))
    out.print()
    costs: list[Cost] = [report, *(stage for pilot in report.pilots for stage in pilot.stages)]
    caps = [report.cap_usd, report.left_usd, *(pilot.cap_usd for pilot in report.pilots)]
    places = places_for([*(amount for cost in costs for amount in _amounts(cost)), *caps])
    made = table("pilot", "stage", "bought", "reused", *_AMOUNTS, "cap", numbers=("bought", "reused", *_AMOUNTS, "cap"))
    for pilot in report.pilots:
        made.add_row(*_row(pilot.tier or "(all)", "", pilot, places), usd(pilot.cap_usd, places=places), style="bold")
        for stage in pilot.stages:
            made.add_row(*_row("", stage.stage, stage, places), "")
    made.add_section()
    made.add_row(*_row("all", "", report, places), usd(report.cap_usd, places=places), style="bold")
    out.print(indented(made))
    out.print()
    out.print(Text(f"  {usd(report.left_usd, places=places)} left. Saved: what using takes again would have cost."))
    if not report.adds_up:
        out.print(Text("  The lines do not add up to the envelopes: run `studio doctor`.", style="bold red"))


def _amounts(cost: Cost) -> tuple[Decimal, ...]:
    return cost.settled_usd, cost.reserved_usd, cost.avoided_usd, cost.lost_usd


def _row(pilot: str, stage: str, cost: Cost, places: int) -> list[str]:
    from studio_pipeline.wording import usd

    amounts = (usd(amount, places=places) if amount else "–" for amount in _amounts(cost))
    return [pilot, stage, str(cost.purchases), str(cost.reuses), *amounts]


def _print_entries(lines: list[Entry]) -> None:
    from studio_pipeline.cli.report import console, indented, table, text
    from studio_pipeline.wording import places_for, usd

    out = console()
    out.print()
    places = places_for(line.settled_usd for line in lines)
    made = table(
        "entry", "state", "place", "take", "model", "paid", "at most", "when", numbers=("entry", "paid", "at most")
    )
    for line in lines:
        made.add_row(
            line.id,
            line.state,
            text(line.place),
            str(line.take),
            text(line.model),
            usd(line.settled_usd, places=places),
            usd(line.max_usd, places=places),
            line.opened_at.partition("+")[0].replace("T", " "),
        )
    out.print(indented(made))
