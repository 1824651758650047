"""``studio batch``: every brief of a slate, one after the other; one that fails stops no other."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from studio_pipeline.cli.options import accepting_stale_prices, common_options, json_option

if TYPE_CHECKING:
    from studio_pipeline.cli.result import Result
    from studio_pipeline.cli.session import Session
    from studio_pipeline.stages.planning.slate import Slate

_WORST = (0, 3, 4, 2, 5)
"""Exit codes from good to bad: a film without all of it is better than none."""


@dataclass(frozen=True)
class Row:
    """How one brief of the slate ended."""

    brief: Path
    result: Result | None
    error: str
    exit_code: int

    def as_json(self) -> dict[str, Any]:
        ended = self.result.as_json() if self.result else {"production": None, "state": "failed"}
        return {"brief": str(self.brief), "exit_code": self.exit_code, "error": self.error or None} | ended


@click.command("batch")
@click.argument("slate")
@accepting_stale_prices
@json_option
@common_options
def command(slate: str, accept_stale_prices: bool, as_json: bool) -> int:
    """Produce every brief of a slate, one after the other.

    One brief that fails stops no other. The exit code is the worst of all.
    """
    from studio_pipeline.cli.orders import accept_prices
    from studio_pipeline.cli.session import open_studio
    from studio_pipeline.stages.planning.slate import read_slate

    listed = read_slate(Path(slate))
    began = time.monotonic()
    rows: list[Row] = []
    with open_studio(driving="studio batch", make=True) as session:
        if accept_stale_prices:
            accept_prices(session)
        for number, brief in enumerate(listed.briefs, start=1):
            click.echo(f"studio: {brief.name} ({number} of {len(listed.briefs)})", err=True)
            rows.append(_produce(session, brief, listed, quiet=as_json))
            if rows[-1].error:
                click.echo(f"studio: {rows[-1].error}", err=True)
            if rows[-1].exit_code == 5:
                break  # the home itself: the others would meet the same
    worst = max((row.exit_code for row in rows), key=_WORST.index)
    if as_json:
        click.echo(
            json.dumps({"slate": listed.name, "exit_code": worst, "productions": [r.as_json() for r in rows]}, indent=2)
        )
    else:
        _print(listed, rows, time.monotonic() - began)
    return worst


def _produce(session: Session, brief: Path, slate: Slate, *, quiet: bool) -> Row:
    from studio_pipeline.cli.driving import advance
    from studio_pipeline.cli.orders import hand_in_brief
    from studio_pipeline.cli.result import result_of
    from studio_pipeline.cli.troubles import told
    from studio_pipeline.errors import StudioError

    try:
        production, _ = hand_in_brief(session, str(brief), unless_chosen=slate.choose, slate=slate)
        driven = advance(session, production, quiet=quiet)
        result = result_of(session, production, facts=driven.facts, troubles=told(driven))
        return Row(brief, result, "", result.exit_code)
    except StudioError as error:
        return Row(brief, None, f"{brief.name}: {error}", error.exit_code if error.exit_code in _WORST else 4)


def _print(slate: Slate, rows: list[Row], took_s: float) -> None:
    from rich.text import Text

    from studio_pipeline.cli.report import STATES, console, indented, table, text
    from studio_pipeline.cli.words import seconds, shown
    from studio_pipeline.wording import places_for, usd

    out = console()
    out.print(Text.assemble((slate.name, "bold"), (f"  in {seconds(took_s)}", "dim")))
    out.print()
    done = [row.result for row in rows if row.result]
    places = places_for(amount for r in done for amount in (r.totals.settled_usd, r.cap_usd))
    made = table("brief", "state", "rating", "spent", "of", "film", numbers=("rating", "spent", "of"))
    for row in rows:
        result = row.result
        if result is None:
            made.add_row(
                text(row.brief.name), Text("refused or failed", style="bold red"), "–", "–", "–", text(row.error)
            )
            continue
        words, style = STATES[result.state]
        cut = result.cuts.cut(result.chosen or "recommended") if result.cuts else None
        made.add_row(
            text(row.brief.name),
            Text(words, style=style),
            f"{cut.rating:.0f}" if cut else "–",
            usd(result.totals.settled_usd, places=places),
            usd(result.cap_usd, places=places),
            text(shown(result.folder / result.final.film) if result.final else "–"),
        )
    out.print(indented(made))
    missed = len(slate.briefs) - len(rows)
    if missed:
        out.print(Text(f"  {missed} more were not begun.", style="yellow"))
