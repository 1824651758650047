"""The group of commands: loads the one that was asked for, and turns every error into one message and an exit code."""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from studio_pipeline.cli.options import common_options

COMMANDS: dict[str, str] = {
    "produce": "Make a film from a brief, or go on with one that was begun.",
    "status": "Where productions stand: what is done, stale, missing, and what it costs.",
    "retake": "Shoot one shot again, then re-make only what depends on it.",
    "choose": "Choose a cut and deliver it.",
    "export": "Copy the film, its timelines, its sound in stems and all media into a folder of yours.",
    "import": "Bring back a cut that you made in your own editor.",
    "ledger": "What a production spent, by pilot and stage.",
    "rate": "Say how you like a film: 1 (not at all) to 5 (very much).",
    "experiments": "How the variants of prompts and models compare, and whether that means anything.",
    "tensorzero-config": "Write the variants, prompts and schemas as a configuration of a TensorZero gateway.",
    "quote": "What a brief will cost, before a cent is spent.",
    "prompts": "What language models are told, and what a brief's questions would cost.",
    "batch": "Produce every brief of a slate, one after the other.",
    "calibrate": "Hold the studio's ratings against those of people.",
    "ui": "Open the Dagster web UI on this home, with sensors and schedules.",
    "doctor": "Check this machine and the studio home.",
    "fake-vendor": "Pretend to be every hosted vendor, for nothing.",
    "scaffold": "Write the beginnings of a new vendor into this checkout.",
}
"""Every command and its one line of help; the module of the same name (a hyphen is an underscore there) holds it."""


class Commands(click.Group):
    """Commands whose modules are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        return importlib.import_module(f"studio_pipeline.cli.{cmd_name.replace('-', '_')}").command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args[0] in COMMANDS:
            return super().resolve_command(ctx, args)
        from studio_pipeline.wording import clipped, did_you_mean

        hint = did_you_mean(args[0], COMMANDS)
        raise click.UsageError(f"There is no command “{clipped(args[0], 40)}”. {hint}".rstrip(), ctx)

    def main(self, args: Sequence[str] | None = None, *rest: Any, **named: Any) -> NoReturn:
        """Run a command and leave the process with its exit code."""
        args = list(sys.argv[1:] if args is None else args)
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")  # a terminal that cannot show a sign is no reason to fail
        try:
            code = super().main(args, **{**named, "prog_name": "studio", "standalone_mode": False})
            sys.stdout.flush()
        except BrokenPipeError:
            # Whoever read us has seen enough (`studio status | head`); nothing may be written at exit either.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = 0
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the one place where everything ends
            from studio_pipeline.cli.failing import explain

            code = explain(error, as_json="--json" in args, debug="--debug" in args)
        sys.exit(code if isinstance(code, int) else 0)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@common_options
def main() -> None:
    """An AI film studio: a brief goes in; a film and its editable timeline come out.

    \b
    studio produce examples/lighthouse.yaml      make a film
    studio retake lighthouse animated.s03.k2     shoot one shot again
    studio ui                                    see every step in the browser

    Exit codes: 0 done · 2 bad input · 3 out of budget, partial film · 4 vendor or model failed ·
    5 home locked or damaged · 130 interrupted, the same command goes on.
    """
