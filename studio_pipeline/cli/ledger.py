"""``studio ledger``: the cost report of a production as a table, or every line of it."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from studio_pipeline.cli.options import common_options, json_option

if TYPE_CHECKING:
    from studio_pipeline.budget.purchase import Entry
    from studio_pipeline.budget.report import Cost, CostReport


class _Ledger(click.Group):
    """``studio ledger PRODUCTION`` is short for ``studio ledger show PRODUCTION``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        asks_help = bool({"-h", "--help"} & set(args))
        if args and not asks_help and not set(args) & set(self.commands):
            args = ["show", *args]
        return super().parse_args(ctx, args)


@click.group("ledger", cls=_Ledger)
def command() -> None:
    """What a production spent, by pilot and stage.

    \b
    studio ledger lighthouse                    the table
    studio ledger lighthouse --entries          every line of it
    studio ledger resolve 17 --unbilled         say what only a person can find out
    """


@command.command("resolve")
@click.argument("entry")
@click.option("--billed", "billed", flag_value=True, type=bool, default=None, help="The vendor charged for it.")
@click.option("--unbilled", "billed", flag_value=False, type=bool, help="The vendor did not charge for it.")
@click.option("--job", "job_id", metavar="ID", help="It is this job of the vendor's: the next run fetches its file.")
@click.option("--amount", metavar="USD", help="What it charged, when that is not the quoted price.")
@json_option
@common_options
def resolve(entry: str, billed: bool | None, job_id: str | None, amount: str | None, as_json: bool) -> int:
    """Say what became of a purchase that the vendor never answered to.

    ENTRY is its number in `studio ledger PRODUCTION --entries`. Its money stays set aside until this is said. A job
    that you find in the vendor's console is fetched by the next run; what was not billed is bought when it is wanted.
    """
    import getpass

    from studio_pipeline.cli.looking import is_made
    from studio_pipeline.cli.session import no_home, open_studio
    from studio_pipeline.errors import BadInput
    from studio_pipeline.settings import settings
    from studio_pipeline.wording import usd

    if (billed is None) == (job_id is None):
        raise BadInput(
            "What became of it?",
            where=f"entry {entry[:20]}",
            todo="Look into the vendor's own list of jobs and charges, then give --job ID, --billed or --unbilled.",
        )
    if job_id is not None and (amount is not None or not re.fullmatch(r"[\x21-\x7e]{1,200}", job_id)):
        raise BadInput(
            "That is no name of a vendor's job", where="--job", todo="Give it alone, as the vendor shows it."
        )
    if amount is not None and not billed:
        raise BadInput("An amount goes with --billed only", where="--amount")
    if not is_made(settings()):
        raise no_home(settings())
    with open_studio(make=True) as session:
        ledger = session.home.ledger
        if job_id is not None:
            closed = ledger.name_job(entry, job_id)
        else:
            paid = None if amount is None else _amount(amount)
            closed = ledger.resolve(entry, bool(billed), getpass.getuser(), amount_usd=paid)
    if as_json:
        click.echo(json.dumps(_exact({"entry": closed.model_dump(exclude=_HIDDEN)}), indent=2))
    elif job_id is not None:
        click.echo(f"Entry {closed.id} goes on as that job: `studio produce {closed.production}` fetches it.")
    elif billed:
        click.echo(f"Entry {closed.id} is closed: {usd(closed.settled_usd)} were charged and nothing came.")
    else:
        click.echo(f"Entry {closed.id} is closed: {usd(closed.max_usd)} are free again.")
    return 0


def _amount(text: str) -> Decimal:
    from studio_pipeline.errors import BadInput

    try:
        amount = Decimal(text)
    except ArithmeticError:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise BadInput(f"“{text[:40]}” is no amount of money", where="--amount", todo="Give US dollars, such as 0.60.")
    return amount


_HIDDEN = {"identity", "owner", "details", "media"}


@command.command("show", hidden=True)
@click.argument("production")
@click.option("--entries", "with_entries", is_flag=True, help="List every purchase, too.")
@json_option
@common_options
def show(production: str, with_entries: bool, as_json: bool) -> int:
    """What a production spent, by pilot and stage."""
    from studio_pipeline.budget.report import cost_report
    from studio_pipeline.cli.session import open_studio
    from studio_pipeline.film.cells import Cell

    with open_studio() as session:
        session.brief(production)
        film = session.home.artifacts.read("final_cut", Cell(production=production))
        report = cost_report(
            session.home.ledger, production, film_seconds=film.content.duration_s if film is not None else None
        )
        lines = session.home.ledger.entries(production) if with_entries else []
    if as_json:
        told = report.model_dump()
        if with_entries:
            told["entries"] = [line.model_dump(exclude=_HIDDEN) for line in lines]
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

    from studio_pipeline.cli.report import console, indented, table, text
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
    if report.per_second_usd is not None and report.film_seconds is not None:
        each = usd(report.per_second_usd, places=places_for([report.per_second_usd]))
        out.print(Text(f"  {each} for each of the {report.film_seconds:g} seconds of the film."))
    if report.simulated_usd and not report.simulated:
        out.print(Text(f"  {usd(report.simulated_usd, places=places)} of what was spent is simulated."))
    for drift in report.drifts:
        words = f"{drift.model} charged {usd(drift.charged_usd)} where {usd(drift.quoted_usd)} were quoted"
        out.print(text(f"  Price drift: {drift.place}: {words}; look at its rate card.", "yellow"))
    if not report.adds_up:
        out.print(
            Text(
                "  The lines do not add up, or a cap is broken: run `studio doctor`.",
                style="bold red",
            )
        )


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
        "entry",
        "state",
        "place",
        "for",
        "take",
        "model",
        "paid",
        "at most",
        "when",
        numbers=("entry", "paid", "at most"),
    )
    for line in lines:
        made.add_row(
            line.id,
            line.state,
            text(line.place),
            line.stage,
            str(line.take),
            text(line.model),
            usd(line.settled_usd, places=places),
            usd(line.max_usd, places=places),
            line.opened_at.partition("+")[0].replace("T", " "),
        )
    out.print(indented(made))
