"""``studio rate``: what a person thinks of a film, for the experiments."""

from __future__ import annotations

import json

import click

from studio_pipeline.cli.options import common_options, json_option


@click.command("rate")
@click.argument("production")
@click.argument("stars", metavar="STARS")
@json_option
@common_options
def command(production: str, stars: str, as_json: bool) -> int:
    """Say how you like a film: 1 (not at all) to 5 (very much).

    It is kept as `user_satisfaction` of every variant that made the film, for `studio experiments`. Again overwrites.
    """
    from studio_pipeline.cli.looking import is_made
    from studio_pipeline.cli.session import no_home, open_studio
    from studio_pipeline.cli.words import count
    from studio_pipeline.errors import BadInput
    from studio_pipeline.settings import settings
    from studio_pipeline.wording import clipped

    if stars not in ("1", "2", "3", "4", "5"):
        raise BadInput(f"“{clipped(stars, 20)}” is no number of stars", where=production, todo="Give 1, 2, 3, 4 or 5.")
    if not is_made(settings()):
        raise no_home(settings())
    with open_studio(make=True) as session:
        session.brief(production)
        before = session.home.records.stars().get(production)
        functions = session.home.records.rate(production, int(stars))
    if as_json:
        told = {"production": production, "stars": int(stars), "before": before, "functions": functions}
        click.echo(json.dumps(told, indent=2))
        return 0
    instead = f", instead of {before}" if before not in (None, int(stars)) else ""
    click.echo(f"{production} has {count(int(stars), 'star')} of 5 now{instead}.")
    click.echo(
        f"It counts for the variants of {count(functions, 'function')}: see studio experiments."
        if functions
        else "No language model worked on it, so it counts for no variant."
    )
    return 0
