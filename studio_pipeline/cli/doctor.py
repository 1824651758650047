"""``studio doctor``: what is right and wrong with this machine and the studio home. Looks; mends nothing."""

from __future__ import annotations

import json

import click

from studio_pipeline.cli.options import common_options, json_option

_SIGNS = {"ok": ("ok", "green"), "warn": ("note", "yellow"), "fail": ("FAIL", "bold red")}


@click.command("doctor")
@json_option
@common_options
def command(as_json: bool) -> int:
    """Check this machine and the studio home.

    Exit code 5 when the home is damaged or cannot be written.
    """
    import warnings

    from studio_pipeline.cli.examination import examine
    from studio_pipeline.settings import settings

    warnings.simplefilter("ignore")
    here = settings()
    findings = list(examine(here))
    failed = [finding for finding in findings if finding.state == "fail"]
    code = 5 if any(finding.of_home for finding in failed) else 4 if failed else 0
    if as_json:
        checks = [{"check": f.check, "state": f.state, "found": f.found, "todo": f.todo or None} for f in findings]
        click.echo(json.dumps({"home": str(here.home), "exit_code": code, "checks": checks}, indent=2))
        return code
    from rich.text import Text

    from studio_pipeline.cli.report import console, indented, table, text

    out = console()
    made = table("", "check", "found")
    for finding in findings:
        word, style = _SIGNS[finding.state]
        found = text(finding.found)
        if finding.todo:
            found.append(f"\n{finding.todo}", style="dim")
        made.add_row(Text(word, style=style), finding.check, found)
    out.print(indented(made))
    out.print()
    out.print(Text("  All is well." if not failed else f"  {len(failed)} of {len(findings)} checks failed."))
    return code
