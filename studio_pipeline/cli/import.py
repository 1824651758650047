"""``studio import``: a cut that a person made in their own editor comes back as a candidate."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from studio_pipeline.cli.options import common_options, json_option

if TYPE_CHECKING:
    from studio_pipeline.cli.result import Result
    from studio_pipeline.editorial.cut import Cut


@click.command("import")
@click.argument("edited", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--production", metavar="NAME", help="The production it is a cut of; else the file says so.")
@json_option
@common_options
def command(edited: Path, production: str | None, as_json: bool) -> int:
    """Bring back a cut that you made in your own editor.

    FILE is an .otio, a Final Cut Pro 7 .xml, an .fcpxml or a CMX3600 .edl. The cut is called recut, the next one
    recut-2, and is delivered once you choose it. What is not understood of the file is named.
    """
    from studio_pipeline.cli.driving import advance
    from studio_pipeline.cli.result import result_of
    from studio_pipeline.cli.session import open_studio
    from studio_pipeline.cli.troubles import told
    from studio_pipeline.cli.words import seconds
    from studio_pipeline.stages.editing.bringing_back import brought_back, production_of

    began = time.monotonic()
    with open_studio(driving="studio import") as session:
        name = production or production_of(edited, session.home)
        session.brief(name)
        back = brought_back(edited, name, session.home)
        if back.new:
            session.home.orders.bring_back(name, back.recut)
        driven = advance(session, name, quiet=as_json)
        result = result_of(session, name, facts=driven.facts, troubles=told(driven))
    cut = result.cuts.cut(back.recut.timeline.name) if result.cuts else None
    if as_json:
        click.echo(json.dumps(_as_json(result, back.recut.timeline.name, cut, new=back.new), indent=2))
    else:
        _print(result, edited, back.recut.timeline.name, cut, new=back.new, took=seconds(time.monotonic() - began))
    return result.exit_code


def _as_json(result: Result, name: str, cut: Cut | None, *, new: bool) -> dict[str, Any]:
    from studio_pipeline.cli.result import status_json

    told = status_json(result)
    row = next((row for row in told["edls"] if row["name"] == name), {"name": name})
    seen: dict[str, Any] = {}
    if cut is not None:
        copies = sorted((result.folder / "cuts").glob(f"{name}.*"))
        seen = {
            "duration_s": cut.timeline.duration_s,
            "missing": list(cut.missing),
            "notes": list(cut.notes),
            "viewing_copies": {copy.suffix[1:]: str(copy) for copy in copies},
        }
    return {
        "production": result.production,
        "state": told["state"],
        "cut": row | seen,
        "new": new,
        "troubles": [trouble.words for trouble in result.troubles],
    }


def _print(result: Result, edited: Path, name: str, cut: Cut | None, *, new: bool, took: str) -> None:
    from rich.text import Text

    from studio_pipeline.cli.report import console, fields, heading, print_troubles, text
    from studio_pipeline.cli.words import length, shown
    from studio_pipeline.wording import plain

    out = console()
    said = f"came back from {plain(edited.name)} as {name}" if new else f"had this cut already: it is {name}"
    out.print(Text.assemble((plain(result.brief.title), "bold"), f"  {said}", (f"  in {took}", "dim")), soft_wrap=True)
    if cut is not None:
        out.print()
        copies = result.folder / "cuts"
        fields(
            out,
            [
                ("rating", f"{cut.rating:.0f} predicted"),
                ("length", length(cut.timeline.duration_s)),
                ("why", cut.rationale),
                ("look at it", f"{shown(copies / f'{name}.mp4')}   with timecode; its pictures on a page: {name}.jpg"),
            ],
        )
        for line in cut.missing:
            out.print(text(f"  missing: {line}", "yellow"))
        for line in cut.notes:
            out.print(text(f"  note: {line}", "yellow"))
    print_troubles(out, result)
    heading(out, "Next")
    if cut is None:
        fields(out, [("go on", f"studio produce {result.production}")])
    elif result.chosen == name:
        fields(out, [("it is chosen already", f"studio status {result.production}")])
    else:
        fields(out, [("deliver it", f"studio choose {result.production} {name}")])
