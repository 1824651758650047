"""``studio status``: where productions stand; for one of them also what is stale and missing, and what it costs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from studio_pipeline.cli.looking import is_made
from studio_pipeline.cli.options import common_options, json_option
from studio_pipeline.errors import HomeError, StudioError
from studio_pipeline.wording import plain

if TYPE_CHECKING:
    from studio_pipeline.cli.result import Result
    from studio_pipeline.cli.session import Session


@click.command("status")
@click.argument("production", required=False)
@json_option
@common_options
def command(production: str | None, as_json: bool) -> int:
    """Where productions stand: what is done, stale, missing, and what it costs.

    Without PRODUCTION: all of them, one line each.
    """
    from studio_pipeline.cli.result import result_of
    from studio_pipeline.cli.session import open_studio
    from studio_pipeline.cli.standing import standing_of
    from studio_pipeline.settings import settings

    if production is None and not is_made(settings()):
        _print_all(settings().home, [], {}, as_json=as_json)
        return 0
    with open_studio() as session:
        if production is None:
            results, damaged = _look_at_all(session)
            _print_all(session.settings.home, results, damaged, as_json=as_json)
            return HomeError.exit_code if damaged else 0
        result = result_of(session, production)
        standing = standing_of(session, result)
    if as_json:
        click.echo(json.dumps(standing.as_json(), indent=2))
    else:
        standing.print()
    return 0


def _look_at_all(session: Session) -> tuple[list[Result], dict[str, StudioError]]:
    """Every production, and by name those that cannot be looked at: a damaged one hides no other."""
    from studio_pipeline.cli.result import result_of

    session.home.ledger.caps()  # when the ledger itself is damaged, that is said once
    results, damaged = [], {}
    for name in session.home.orders.productions():
        try:
            results.append(result_of(session, name))
        except StudioError as error:
            damaged[name] = error
    return results, damaged


def _print_all(home: Path, results: list[Result], damaged: dict[str, StudioError], *, as_json: bool) -> None:
    for name, error in damaged.items():
        click.echo(f"studio: {plain(f'{name}: {error}')}", err=True)
    if as_json:
        from studio_pipeline.cli.failing import error_json
        from studio_pipeline.cli.result import status_json

        rows = [status_json(result) for result in results]
        rows += [{"production": name, "state": "damaged", "error": error_json(e)} for name, e in damaged.items()]
        told = {"home": str(home), "productions": sorted(rows, key=lambda row: row["production"])}
        click.echo(json.dumps(told, indent=2))
        return
    from rich.text import Text

    from studio_pipeline.cli.report import STATES, console, indented, table, text
    from studio_pipeline.cli.words import shown
    from studio_pipeline.wording import places_for, usd

    out = console()
    if not results and not damaged:
        out.print(Text(f"No productions in {shown(home)} yet. Begin one: studio produce BRIEF"))
        return
    places = places_for(amount for r in results for amount in (r.totals.settled_usd, r.cap_usd))
    made = table("production", "state", "pilots", "spent", "of", "film", numbers=("spent", "of"))
    for result in results:
        words, style = STATES[result.state]
        made.add_row(
            text(result.production, "bold"),
            Text(words, style=style),
            text("\n".join(_pilot_words(result)) or "–"),
            usd(result.totals.settled_usd, places=places),
            usd(result.cap_usd, places=places),
            text(shown(result.folder / result.final.film) if result.final else "–"),
        )
    for name in damaged:
        made.add_row(text(name, "bold"), Text("damaged", style="bold red"), "–", "–", "–", "–")
    out.print(indented(made))
    if any(result.totals.simulated for result in results):
        out.print(Text("  Money is simulated where only offline vendors were used: nobody was charged.", style="dim"))


def _pilot_words(result: Result) -> list[str]:
    words = []
    for pilot in result.pilots:
        rating = f" {pilot.rating:.0f}" if pilot.rating is not None else ""
        words.append(f"{pilot.tier} {pilot.stage}{rating}")
    return words
