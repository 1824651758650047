"""``studio fake-vendor``: vendors that cost nothing, on this machine, with faults on demand and their own meter."""

from __future__ import annotations

import shlex
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from studio_pipeline.cli.options import common_options

if TYPE_CHECKING:
    from studio_pipeline.fake_vendor.server import FakeVendor

_SHARE = click.FloatRange(0, 1)


@click.command("fake-vendor")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=4600, show_default=True, help="Port; 0 takes a free one."
)
@click.option(
    "--latency",
    "latency_s",
    type=click.FloatRange(0, 3600),
    default=2.0,
    show_default=True,
    metavar="SECONDS",
    help="How long a job takes.",
)
@click.option("--overloaded", type=_SHARE, default=0.0, metavar="SHARE", help="Orders answered with a 429, 0 to 1.")
@click.option("--unavailable", type=_SHARE, default=0.0, metavar="SHARE", help="Orders answered with a 503.")
@click.option(
    "--error-after-accepting", type=_SHARE, default=0.0, metavar="SHARE", help="Orders taken and answered with a 500."
)
@click.option("--dropped", type=_SHARE, default=0.0, metavar="SHARE", help="Orders taken and not answered.")
@click.option("--moderated", type=_SHARE, default=0.0, metavar="SHARE", help="Orders refused at once by moderation.")
@click.option("--moderated-late", type=_SHARE, default=0.0, metavar="SHARE", help="Jobs ended by moderation, unbilled.")
@click.option("--failed-billed", type=_SHARE, default=0.0, metavar="SHARE", help="Jobs that fail and are billed.")
@click.option("--failed-unbilled", type=_SHARE, default=0.0, metavar="SHARE", help="Jobs that fail and are not billed.")
@click.option("--damaged", type=_SHARE, default=0.0, metavar="SHARE", help="Jobs whose file is cut off or a web page.")
@click.option(
    "--drift",
    "drift_pct",
    type=click.FloatRange(0, 1000),
    default=0.0,
    metavar="PERCENT",
    help="Bill that much more than the price list.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Which orders the faults befall.")
@click.option(
    "--books",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Append every movement of money to this file, one JSON object a line.",
)
@common_options
def command(port: int, books: Path | None, **knobs: Any) -> None:
    """Pretend to be every hosted vendor, for nothing.

    Real HTTP on this machine and real files. It prints the variables that send the studio here; any key is good, the
    word "wrong" is not, and "broke" has no money left. Stop it with Ctrl-C: it prints what it would have billed.
    """
    from studio_pipeline.fake_vendor.faults import Faults
    from studio_pipeline.fake_vendor.server import FakeVendor

    with FakeVendor(faults=Faults(**knobs), port=port, books=books) as fake:
        for name, value in fake.environ().items():
            click.echo(f"export {name}={shlex.quote(value)}")
        click.echo(f"studio: meter at {fake.address}/meter; Ctrl-C stops it and shows the bill.", err=True)
        _until_stopped()
        _show(fake)


def _until_stopped() -> None:
    """Wait for Ctrl-C or a polite end. A command started in the background inherits an ignored Ctrl-C."""
    stopped = threading.Event()
    for which in (signal.SIGINT, signal.SIGTERM):
        signal.signal(which, lambda *_: stopped.set())
    stopped.wait()


def _show(fake: FakeVendor) -> None:
    from studio_pipeline.cli.report import console, indented, table

    told = fake.books()
    made = table("vendor", "jobs", "refused", "would bill", numbers=("jobs", "refused", "would bill"))
    for name, row in told["vendors"].items():
        made.add_row(name, str(row["accepted"]), str(row["refused"]), f"${row['billed_usd']}")
    made.add_row("in all", str(len(told["jobs"])), "", f"${told['billed_usd']}")
    out = console()
    out.print()
    out.print(indented(made))
