"""``studio retake``: one shot again, then only what depends on it; and the proof of what stayed."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from studio_pipeline.cli.options import common_options, json_option

if TYPE_CHECKING:
    from studio_pipeline.cli.result import Result
    from studio_pipeline.cli.session import Session
    from studio_pipeline.film.cells import Cell
    from studio_pipeline.orchestration.artifacts import Header


MOST_NOTE_CHARS = 2_000


@click.command("retake")
@click.argument("production")
@click.argument("shot")
@click.option("--note", default="", help="What should be different: closer, wider, slower, brighter, or a sentence.")
@json_option
@common_options
def command(production: str, shot: str, note: str, as_json: bool) -> int:
    """Shoot one shot again, then re-make only what depends on it.

    SHOT is written like animated.s03.k2. The take made before is kept, and so is everything that does not depend on
    this shot: it costs nothing and is not touched.
    """
    from studio_pipeline.cli.driving import advance, dagster_kept_quiet
    from studio_pipeline.cli.result import result_of
    from studio_pipeline.cli.session import open_studio
    from studio_pipeline.cli.troubles import told
    from studio_pipeline.orchestration.drive import launch_retake

    began = time.monotonic()
    _check_note(note)
    with open_studio(driving="studio retake") as session:
        cell = _shot(session, production, shot)
        before = _look(session, cell)
        if _order(session, cell, note):
            with dagster_kept_quiet():
                trouble = launch_retake(cell, note, definitions=session.definitions, instance=session.instance)
            if trouble is not None:
                session.home.orders.retake_done(cell)
                trouble.throw()
        driven = advance(session, production, quiet=as_json)
        result = result_of(session, production, facts=driven.facts, troubles=told(driven))
        retaken = _compare(before, _look(session, cell), cell, note)
        if result.state not in ("failed", "working"):
            session.home.orders.retake_done(cell)
    if as_json:
        click.echo(json.dumps(result.as_json() | {"retake": retaken.as_json()}, indent=2))
    else:
        _print(retaken, result, time.monotonic() - began)
    return result.exit_code


def _check_note(note: str) -> None:
    from studio_pipeline.errors import BadInput

    if len(note) > MOST_NOTE_CHARS:
        raise BadInput(
            f"The note has {len(note):,} characters", where="--note", todo=f"Use at most {MOST_NOTE_CHARS:,}."
        )
    if any("\ud800" <= char <= "\udfff" for char in note):
        raise BadInput("The note holds bytes that are no text", where="--note", todo="Write it as UTF-8.")


def _shot(session: Session, production: str, shot: str) -> Cell:
    """The cell of a shot that the plan has and that a film may use.

    Raises:
        BadInput: when there is no such shot, with the nearest that there are.
    """
    from studio_pipeline.errors import BadInput
    from studio_pipeline.film.cells import Cell
    from studio_pipeline.orchestration.call_sheet import continuing
    from studio_pipeline.wording import clipped, did_you_mean

    session.brief(production)
    facts = session.home.facts(production, session.instance)
    planned = [
        planned_shot
        for ref, header in facts.headers.items()
        if ref.startswith("shot_plans/") and header.absent is None
        for planned_shot in facts.shots(ref.partition("/")[2])
    ]
    if shot not in planned:
        todo = did_you_mean(shot, planned, most=3)
        if not todo and planned:
            todo = f"Its shots are {planned[0]} to {planned[-1]}, {len(planned)} in all."
        raise BadInput(
            f"{production} has no shot “{clipped(shot)}”",
            todo=todo or f"No shot is planned yet; let it go on with `studio produce {production}`.",
        )
    cell = Cell.parse(f"{production}|{shot}")
    if facts.shares is not None and cell.tier not in continuing(facts.verdicts, facts.shares):
        raise BadInput(
            f"The pilot {cell.tier} was cancelled, so no cut uses {shot}",
            where=production,
            todo="Re-shoot a shot of a pilot that goes on; `studio status` shows them.",
        )
    return cell


def _order(session: Session, cell: Cell, note: str) -> bool:
    """Write the retake down, and say whether its take is still to be made.

    Killed after the take was bought, the same command finds its own order and goes on from there, instead of buying
    another take.
    """
    from studio_pipeline.orchestration.call_sheet import call_sheet
    from studio_pipeline.orchestration.orders import RetakeOrder

    home = session.home
    shot = home.artifacts.read("pilot_clips", cell)
    newest = max((take.number for take in shot.content.takes), default=0) if shot else 0
    begun = home.orders.retake(cell)
    if begun is not None and begun.note == note:
        if newest < begun.take:
            return True
        if call_sheet(home.facts(cell.production, session.instance)).work:
            return False
        # Another command has delivered the film with it since: this is a new wish.
    home.orders.order_retake(cell, RetakeOrder(take=newest + 1, note=note))
    return True


@dataclass(frozen=True)
class _Look:
    """What a retake is compared by."""

    headers: Mapping[str, Header]
    settled_usd: Decimal
    take: int | None
    rating: float | None
    film_digest: str | None


@dataclass(frozen=True)
class Retaken:
    """What a retake changed, and what it left alone."""

    shot: str
    note: str
    take: int | None
    remade: tuple[str, ...]
    """Refs with new content."""
    same_again: int
    """Artifacts made again with the content they had."""
    untouched: int
    cost_usd: Decimal
    rating_before: float | None
    rating: float | None
    film_changed: bool

    def as_json(self) -> dict[str, Any]:
        from studio_pipeline.cli.words import money

        return {
            "shot": self.shot,
            "note": self.note,
            "take": self.take,
            "remade": list(self.remade),
            "same_again": self.same_again,
            "untouched": self.untouched,
            "cost_usd": money(self.cost_usd),
            "rating_before": self.rating_before,
            "rating": self.rating,
            "film_changed": self.film_changed,
        }


def _look(session: Session, cell: Cell) -> _Look:
    home = session.home
    takes = home.artifacts.read("pilot_clips", cell)
    scene = home.artifacts.read("qa_scores", cell.of_scene())
    film = home.artifacts.read("final_cut", cell.of_production())
    rated = (
        [r for r in scene.content.shots if takes and (r.shot, r.take) == (cell.place, takes.content.circled)]
        if scene
        else []
    )
    return _Look(
        headers=home.artifacts.headers(cell.production),
        settled_usd=home.ledger.totals(cell.production).settled_usd,
        take=takes.content.circled if takes else None,
        rating=rated[0].rating if rated else None,
        film_digest=film.content.digest if film else None,
    )


def _compare(before: _Look, after: _Look, cell: Cell, note: str) -> Retaken:
    refs = after.headers.keys()
    same = [ref for ref in refs if ref in before.headers and before.headers[ref].digest == after.headers[ref].digest]
    untouched = [ref for ref in same if before.headers[ref].inputs == after.headers[ref].inputs]
    return Retaken(
        shot=cell.place,
        note=note,
        take=after.take,
        remade=tuple(ref for ref in refs if ref not in same),
        same_again=len(same) - len(untouched),
        untouched=len(untouched),
        cost_usd=after.settled_usd - before.settled_usd,
        rating_before=before.rating,
        rating=after.rating,
        film_changed=before.film_digest != after.film_digest,
    )


def _print(retaken: Retaken, result: Result, took_s: float) -> None:
    from rich.text import Text

    from studio_pipeline.cli.report import console, fields, print_film, print_money, print_next, print_troubles
    from studio_pipeline.cli.words import count, seconds
    from studio_pipeline.wording import places_for, usd

    out = console()
    out.print(Text.assemble((f"{retaken.shot}  take {retaken.take}", "bold"), (f"  in {seconds(took_s)}", "dim")))
    ratings = " → ".join(
        "–" if rating is None else f"{rating:.0f}" for rating in (retaken.rating_before, retaken.rating)
    )
    simulated = " (simulated: nobody was charged)" if result.totals.simulated else ""
    kept = f"{count(retaken.untouched, 'artifact')} untouched"
    if retaken.same_again:
        kept += f", {retaken.same_again} looked at again with the same outcome"
    fields(
        out,
        [
            ("asked for", retaken.note or "the same again"),
            ("rating", ratings),
            ("cost", usd(retaken.cost_usd, places=places_for([retaken.cost_usd])) + simulated),
            ("re-made", ", ".join(retaken.remade)),
            ("kept", kept),
        ],
    )
    if result.final is not None and not retaken.film_changed:
        out.print(Text("  The film is as it was: its cut does not use this shot.", style="yellow"))
    print_film(out, result)
    print_money(out, result)
    print_troubles(out, result)
    print_next(out, result)
