"""Handing in from the command line: a brief file, or the name of a production that is to go on."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from studio_pipeline.cli.session import Session
from studio_pipeline.errors import BadInput, HomeError
from studio_pipeline.film.brief import Brief
from studio_pipeline.wording import clipped, did_you_mean, plain, usd

if TYPE_CHECKING:
    from studio_pipeline.editorial.cut import CutSet
    from studio_pipeline.orchestration.studio_home import StudioHome
    from studio_pipeline.stages.planning.slate import Slate


def check_brief(
    source: str, *, choose: str | None = None, rehearse: bool = False, accept_stale_prices: bool = False
) -> None:
    """Refuse a brief that cannot be used before anything is made for it, the home included.

    Raises:
        BadInput: with every problem of the file.
    """
    from studio_pipeline.orchestration.studio_home import build_home
    from studio_pipeline.settings import settings
    from studio_pipeline.stages.planning.submission import check

    here = settings()
    if here.home.exists() and not here.home.is_dir():
        raise HomeError("The studio home is a file, not a folder", where=str(here.home), todo="Name another home.")
    home = build_home(here, accept_stale_prices=accept_stale_prices)
    check(_read(source, home, rehearse=rehearse), home, choose=choose)


def accept_prices(session: Session) -> None:
    """Write down that prices of the vendors in use which are past their date are believed all the same; say which."""
    from studio_pipeline.providers import factory
    from studio_pipeline.providers.capabilities import vendor_of

    used = factory.in_use(session.settings.providers)
    for name, line in session.home.rate_cards.stale().items():
        if vendor_of(name) not in used:
            continue
        session.home.ledger.accept_price(name, getpass.getuser())
        click.echo(
            f"studio: accepted a price that was to be looked at again after {line.review_after}: {name}.", err=True
        )


def hand_in_brief(
    session: Session,
    source: str,
    *,
    choose: str | None = None,
    unless_chosen: str | None = None,
    slate: Slate | None = None,
    rehearse: bool = False,
) -> tuple[str, list[str]]:
    """Hand in the brief that ``source`` names. One that is refused leaves nothing behind.

    Args:
        choose: the cut a person wants.
        unless_chosen: the cut to choose where nobody has chosen one.
        slate: the slate the brief belongs to; everything it buys from now on has to fit into the slate's cap, too.
        rehearse: make a rehearsal of it.

    Returns:
        The production's name, and what its brief says differently from before, field by field in words.
    """
    from studio_pipeline.stages.planning.submission import check, hand_in

    home = session.home
    brief = _read(source, home, rehearse=rehearse)
    check(brief, home, choose=choose, slate=slate)
    before = home.orders.brief(brief.production)
    if choose is not None:
        _check_proposed(session, brief.production, choose, unchanged=before == brief)
    kept = _read(source, home, keep=True, rehearse=rehearse)
    hand_in(kept, home, session.instance, choose=choose, unless_chosen=unless_chosen, slate=slate)
    return brief.production, differences(before, brief) if before is not None else []


def _read(source: str, home: StudioHome, *, keep: bool = False, rehearse: bool = False) -> Brief:
    """The brief in a file, or the one that was handed in for a production; its story is kept on demand only."""
    from studio_pipeline.stages.planning.brief import read_brief, rehearsal_of
    from studio_pipeline.stages.planning.submission import brief_rules

    if not _is_file(source) and source in home.orders.productions():
        ordered = home.orders.brief(source)
        if ordered is not None:
            return rehearsal_of(ordered) if rehearse else ordered
    brief = read_brief(Path(source), **brief_rules(home if keep else None))
    return rehearsal_of(brief) if rehearse else brief


def _is_file(source: str) -> bool:
    try:
        return Path(source).is_file()
    except (OSError, ValueError):  # too long for a file's name, or no text that could be one
        return False


def differences(before: Brief, after: Brief) -> list[str]:
    """Which fields changed, with both values where they are short."""
    found = []
    for name in Brief.model_fields:
        old, new = getattr(before, name), getattr(after, name)
        if old == new or name == "story_notes":
            continue
        if name in ("concept", "story", "style"):
            found.append(f"{name} (the text)")
        elif name == "budget_usd":
            found.append(f"{name} ({usd(old)} → {usd(new)})")
        else:
            found.append(f"{name} ({_value(old)} → {_value(new)})")
    return found


def _value(value: object) -> str:
    if value is None:
        return "not given"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else plain(str(value))


def _check_proposed(session: Session, production: str, choose: str, *, unchanged: bool) -> None:
    """Refuse a cut that is not among the proposed ones, as far as they are known and still hold."""
    from studio_pipeline.film.cells import Cell

    edls = session.home.artifacts.read("edls", Cell(production=production))
    if edls is not None and unchanged:
        check_proposed(edls.content, production, choose)


def check_proposed(cuts: CutSet, production: str, name: str) -> str:
    """The name of the proposed cut that ``name`` means.

    Raises:
        BadInput: when no cut of the production is called so.
    """
    cut = cuts.cut(name)
    if cut is None:
        names = [cut.name for cut in cuts.cuts]
        raise BadInput(
            f"{production} has no cut “{clipped(name, 40)}”",
            todo=f"There are: {', '.join(names)}. {did_you_mean(name, names)}".rstrip(),
        )
    return cut.name
