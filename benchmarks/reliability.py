"""``python -m benchmarks.reliability``: storms over the ledger, counted, and ``docs/reliability.md`` written.

Eight processes buy, are killed and go on, for many seeds: what vendors charged against what the ledger says.

The same storms as ``studio_pipeline_tests/reliability/test_money.py``, counted: on SQLite, and on Postgres where it is
installed.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from benchmarks.machine import busy, machine_line
from benchmarks.report import Report, Table
from benchmarks.workshop import ROOT
from studio_pipeline.budget.purchase import PAID
from studio_pipeline.whole_file import whole_file
from studio_pipeline_tests.backlot import postgres
from studio_pipeline_tests.backlot.money.audit import Audit
from studio_pipeline_tests.backlot.money.storm import run as storm
from studio_pipeline_tests.backlot.money.till import Till, open_till
from studio_pipeline_tests.backlot.money.weather import PROCESSES

WRITTEN = ROOT / "docs" / "reliability.md"
SEEDS = {"SQLite": 200, "Postgres": 60}

Address = Callable[[Path], str]


@dataclass
class Season:
    """Many storms on one kind of database, added up."""

    database: str
    seeds: int = 0
    seconds: float = 0.0
    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    jobs: int = 0
    paid: int = 0
    by_a_person: int = 0
    meter_usd: Decimal = Decimal(0)
    ledger_usd: Decimal = Decimal(0)
    excess_usd: Decimal = Decimal(0)
    untold_usd: Decimal = Decimal(0)
    nearest: Decimal | None = None
    """The least that any envelope had left of its cap, at any moment, without what vendors took above their word."""
    twice: int = 0
    lost_listed: int = 0
    lost_unlisted: int = 0
    broken: list[int] = field(default_factory=list)

    def add(self, audit: Audit) -> None:
        self.seeds += 1
        self.seconds += audit.storm.seconds
        for what, _ in audit.notes:
            (self.kills if what.startswith("killed ") else self.met)[what.removeprefix("killed ")] += 1
        self.faults.update(audit.faults())
        self.jobs += len(audit.jobs)
        self.paid += sum(entry.state in PAID for entry in audit.entries)
        self.by_a_person += len(audit.storm.said)
        self.meter_usd += audit.meter_usd
        self.ledger_usd += audit.ledger_usd
        self.excess_usd += audit.excess_usd
        self.untold_usd += audit.untold_usd
        left = min(-over for over in audit.above_caps().values())
        self.nearest = left if self.nearest is None else min(self.nearest, left)
        self.twice += audit.bought_twice()
        listed = sum(audit.is_listed(key) for key in audit.lost_files)
        self.lost_listed += listed
        self.lost_unlisted += len(audit.lost_files) - listed
        if audit.problems():
            self.broken.append(audit.storm.weather.seed)


def main() -> None:
    machine, load = machine_line(), busy()
    text = (
        "# Reliability\n\nWritten by `python -m benchmarks.reliability`; the same storms are tests, one a seed, in "
        "`studio_pipeline_tests/reliability/test_money.py`.\n\n"
        f"**Machine.** {machine}. Load when begun: {load}.\n\n{run().markdown()}\n"
    )
    with whole_file(WRITTEN) as unfinished:
        unfinished.write_text(text, encoding="utf-8")


def run() -> Report:
    report = Report(
        "Money that cannot be overspent",
        f"Each seed is {PROCESSES} processes that buy overlapping wishes (clips and stills, two productions, two pilots"
        " each, two takes a shot) out of tight envelopes of production, pilot, shot, day and slate, from fake Runway, "
        "fal, and video-server and Stability vendors in turn, in a process of their own with faults on. Processes are "
        "killed with SIGKILL at chosen steps and at random moments and started again. Then, without faults, one "
        "process finishes what is open, and a person looks up what no vendor's list tells. Every tenth seed the "
        "vendors charge 25 % more than their price list.",
    )
    with ExitStack() as stack:
        till = stack.enter_context(_opened_till())
        addresses = _addresses(stack)
        seasons = [_season(name, SEEDS[name], address, till) for name, address in addresses.items()]
    _results(report, seasons)
    _befell(report, seasons)
    for season in seasons:
        report.aim(
            f"{season.database}: seeds of {season.seeds} in which anything was not as promised",
            limit="0",
            found=str(len(season.broken)) + (f" ({', '.join(map(str, season.broken))})" if season.broken else ""),
            met=not season.broken,
        )
    return report


@contextmanager
def _opened_till() -> Iterator[Till]:
    with tempfile.TemporaryDirectory() as folder, open_till(Path(folder) / "books.jsonl") as till:
        yield till


def _addresses(stack: ExitStack) -> dict[str, Address]:
    found: dict[str, Address] = {"SQLite": lambda folder: f"sqlite:///{folder / 'ledger.sqlite3'}"}
    if (programs := postgres.programs()) is not None:
        server = stack.enter_context(postgres.running(programs))
        found["Postgres"] = lambda _folder: server.empty_database()
    return found


def _season(name: str, seeds: int, address: Address, till: Till) -> Season:
    season = Season(name)
    for seed in range(seeds):
        with tempfile.TemporaryDirectory(prefix="studio-bench-") as folder:
            audit = Audit(storm(seed, Path(folder), address(Path(folder)), till))
            season.add(audit)
            if problems := audit.problems():
                print("\n".join([f"{name}, seed {seed}:", *problems, audit.told()]), flush=True)
    return season


def _results(report: Report, seasons: list[Season]) -> None:
    table = report.table("Found", *(season.database for season in seasons))
    rows: list[tuple[str, Callable[[Season], object]]] = [
        ("seeds", lambda s: s.seeds),
        ("processes at once", lambda _: PROCESSES),
        ("kills", lambda s: f"{s.kills.total():,}"),
        ("jobs that vendors took", lambda s: f"{s.jobs:,}"),
        ("purchases charged", lambda s: f"{s.paid:,}"),
        ("wishes met for nothing, bought before", lambda s: f"{s.met['avoided']:,}"),
        ("wishes refused, an envelope was empty", lambda s: f"{s.met['OutOfBudget']:,}"),
        ("entries that a person resolved", lambda s: f"{s.by_a_person:,}"),
        ("vendors' meters", lambda s: f"${s.meter_usd:,.4f}"),
        ("ledger", lambda s: f"${s.ledger_usd:,.4f}"),
        ("meter − ledger", lambda s: f"${s.meter_usd - s.ledger_usd:,.4f}"),
        ("… of it charged above the price list and told to nobody", lambda s: f"${s.untold_usd:,.4f}"),
        ("taken above the most that was quoted (drift)", lambda s: f"${s.excess_usd:,.4f}"),
        ("least that any envelope ever had left, without drift", lambda s: f"${s.nearest:,.4f}"),
        ("identities bought twice", lambda s: s.twice),
        ("paid files lost, of vendors that list jobs or keep answers", lambda s: s.lost_listed),
        ("paid files lost, of vendors that do neither", lambda s: s.lost_unlisted),
        ("seconds a seed", lambda s: f"{s.seconds / s.seeds:.1f}"),
    ]
    for what, of in rows:
        table.add(what, *(str(of(season)) for season in seasons))


def _befell(report: Report, seasons: list[Season]) -> None:
    for title, counts in (
        ("Faults, by kind", [season.faults for season in seasons]),
        ("Where processes were killed", [season.kills for season in seasons]),
    ):
        table: Table = report.table(title, *(season.database for season in seasons))
        for name in sorted({name for count in counts for name in count}):
            table.add(name, *(f"{count[name]:,}" for count in counts))


if __name__ == "__main__":
    main()
