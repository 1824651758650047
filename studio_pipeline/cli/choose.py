"""``studio choose``: take one of the proposed cuts and deliver it."""

from __future__ import annotations

import json
import time

import click

from studio_pipeline.cli.options import common_options, json_option


@click.command("choose")
@click.argument("production")
@click.argument("cut")
@json_option
@common_options
def command(production: str, cut: str, as_json: bool) -> int:
    """Choose a cut and deliver it.

    CUT is a name that `studio status PRODUCTION` lists, or “recommended” for the editor's choice.
    """
    from studio_pipeline.cli.driving import advance
    from studio_pipeline.cli.orders import check_proposed
    from studio_pipeline.cli.report import print_result
    from studio_pipeline.cli.result import result_of
    from studio_pipeline.cli.session import open_studio
    from studio_pipeline.cli.troubles import told
    from studio_pipeline.cli.words import seconds
    from studio_pipeline.editorial.cut import check_cut_name
    from studio_pipeline.errors import BadInput
    from studio_pipeline.film.cells import Cell

    began = time.monotonic()
    with open_studio(driving="studio choose") as session:
        session.brief(production)
        check_cut_name(cut)
        edls = session.home.artifacts.read("edls", Cell(production=production))
        if edls is None:
            raise BadInput(
                f"{production} has no cuts yet", todo=f"Let it go on with `studio produce {production}` first."
            )
        check_proposed(edls.content, production, cut)
        session.home.orders.choose(production, cut)
        driven = advance(session, production, quiet=as_json)
        result = result_of(session, production, facts=driven.facts, troubles=told(driven))
    if as_json:
        click.echo(json.dumps(result.as_json(), indent=2))
    else:
        print_result(result, took=f"in {seconds(time.monotonic() - began)}")
    return result.exit_code
