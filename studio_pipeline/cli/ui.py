"""``studio ui``: the Dagster web UI with sensors and schedules, on the same home as every other command.

It is ``dagster dev -w workspace.yaml`` with ``DAGSTER_HOME`` and ``STUDIO_HOME`` set, from any folder.
"""

from __future__ import annotations

import os
import signal
import socket
import sys

import click

from studio_pipeline.cli.options import common_options


@click.command("ui")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="Address to listen on. The UI asks nobody for a password: open it to a network you trust only.",
)
@click.option("--port", type=click.IntRange(1, 65535), default=3000, show_default=True, help="Port of the web UI.")
@common_options
def command(host: str, port: int) -> None:
    """Open the Dagster web UI on this home, with sensors and schedules.

    Stop it with Ctrl-C. While it runs, its daemon drives the productions: hand in new ones with the job
    new_production, shoot one again with the job retake_shot.
    """
    from studio_pipeline.orchestration.home import open_home
    from studio_pipeline.settings import WORKSPACE, settings

    here = settings()
    _check_free(host, port)
    open_home(here)
    os.environ["STUDIO_HOME"] = str(here.home)
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    click.echo(f"studio: http://{host}:{port} shows {here.home} in a few seconds; Ctrl-C stops it.", err=True)
    sys.stderr.flush()
    # A command started in the background inherits an ignored Ctrl-C, and so would every process of the UI.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execv(
        sys.executable,
        [sys.executable, "-m", "dagster", "dev", "-w", str(WORKSPACE), "-h", host, "-p", str(port)],
    )


def _check_free(host: str, port: int) -> None:
    from studio_pipeline.errors import BadInput

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise BadInput(
                f"Port {port} of {host} cannot be used: {error.strerror}",
                todo="Another UI may be open there; give another port with --port.",
            ) from error
