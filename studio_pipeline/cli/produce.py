"""``studio produce``: from a brief to a film, or as far as it goes without a person."""

from __future__ import annotations

import json
import time

import click

from studio_pipeline.cli.options import accepting_stale_prices, common_options, json_option


@click.command("produce")
@click.argument("brief", metavar="BRIEF")
@click.option("--choose", metavar="CUT", help="Deliver this cut without asking; “recommended” is the editor's choice.")
@click.option("--rehearse", is_flag=True, help="Make all of it here, at the prices of the vendors in use.")
@accepting_stale_prices
@json_option
@common_options
def command(brief: str, choose: str | None, rehearse: bool, accept_stale_prices: bool, as_json: bool) -> int:
    """Make a film from a brief, or go on with one that was begun.

    BRIEF is a YAML file, or the name of a production of the studio home to go on with. Interrupted anywhere, the
    same command goes on where it stopped and pays for nothing twice.

    A rehearsal is a production of its own (“lighthouse-rehearsal”), with every price as the real vendors would charge
    it and every picture made on this machine. Nobody is charged.
    """
    from studio_pipeline.cli.driving import advance
    from studio_pipeline.cli.orders import accept_prices, check_brief, hand_in_brief
    from studio_pipeline.cli.report import print_result
    from studio_pipeline.cli.result import result_of
    from studio_pipeline.cli.session import open_studio
    from studio_pipeline.cli.troubles import told
    from studio_pipeline.cli.words import seconds

    began = time.monotonic()
    check_brief(brief, choose=choose, rehearse=rehearse, accept_stale_prices=accept_stale_prices)
    with open_studio(driving="studio produce", make=True) as session:
        if accept_stale_prices:
            accept_prices(session)
        production, changed = hand_in_brief(session, brief, choose=choose, rehearse=rehearse)
        if changed:
            click.echo(
                f"studio: {production} exists; it goes on with the edited brief. Changed: {', '.join(changed)}.",
                err=True,
            )
        driven = advance(session, production, quiet=as_json)
        result = result_of(session, production, facts=driven.facts, troubles=told(driven))
    if as_json:
        click.echo(json.dumps(result.as_json(), indent=2))
    else:
        print_result(result, took=f"in {seconds(time.monotonic() - began)}")
    return result.exit_code
