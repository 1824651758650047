"""Live progress of a drive: one line a pilot, one line for what runs now. Silent when nobody watches a terminal.

The drive blocks, so the lines are drawn from rich's own thread, from what the drive last told and from the ledger.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from decimal import Decimal
from threading import Lock
from typing import TYPE_CHECKING, TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from studio_pipeline.budget.ledger import Ledger, pilot_envelope
from studio_pipeline.budget.purchase import Statement
from studio_pipeline.cli.words import count, seconds
from studio_pipeline.errors import StudioError
from studio_pipeline.wording import places_for, usd

if TYPE_CHECKING:
    import dagster as dg

    from studio_pipeline.orchestration.call_sheet import CallSheet
    from studio_pipeline.orchestration.facts import Facts

_LOOKS_A_SECOND = 2
_PURCHASES_A_SHOT = 2
"""A take is a still and a clip."""
_MAKES = {"plan": 2, "narrate": 1, "shoot": 1, "inspect": 1}
"""Artifacts that a job makes for each of its cells, as the bars count them."""
_BAR_WIDTH = 24

_DOING = {
    "revise": "reading the brief again",
    "develop": "reading the brief and staking the pilots",
    "script": "writing the script and its music",
    "plan": "planning shots and speaking the narration",
    "narrate": "speaking the narration",
    "shoot": "shooting",
    "inspect": "inspecting what was shot",
    "judge": "judging the test scenes",
    "edit": "cutting",
    "finish": "rendering the film",
}
STAGE_STYLES = {"finished": "green", "cancelled": "red", "blocked": "red", "verdict": "yellow"}


@dataclass
class Running:
    """The run that is going on."""

    job: str
    tier: str
    cells: int
    began: float
    bought_before: int
    """Ledger lines of the pilot when it began."""


@dataclass
class Line:
    """One pilot."""

    tier: str
    stage: str
    done: int
    total: int
    extra: float = 0.0
    """Cells made since the call sheet was filled in."""
    spent_usd: Decimal | None = None
    budget_usd: Decimal | None = None

    @property
    def share(self) -> float:
        return min(1.0, (self.done + self.extra) / self.total) if self.total else 0.0


@dataclass
class Progress:
    """What a drive does now, drawn on ``stream`` while it is a terminal."""

    production: str
    ledger: Ledger
    stream: TextIO
    quiet: bool = False
    _lock: Lock = field(default_factory=Lock)
    _sheet: CallSheet | None = None
    _running: Running | None = None
    _over: dict[str, float] = field(default_factory=dict)
    """Cells of each pilot made by runs that ended after the call sheet was filled in."""
    _statement: Statement | None = None
    _began: float = field(default_factory=time.monotonic)
    _live: Live | None = None

    def __enter__(self) -> Progress:
        if not self.quiet and self.stream.isatty():
            self._live = Live(
                get_renderable=self.picture,
                console=Console(file=self.stream),
                refresh_per_second=_LOOKS_A_SECOND,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._live is not None:
            self._live.stop()

    @property
    def drawing(self) -> bool:
        return self._live is not None

    def watch(self, sheet: CallSheet, facts: Facts, request: dg.RunRequest | None) -> None:
        """Hear from the drive: a new call sheet, or a run that starts."""
        if not self.drawing:
            return
        running = self._started(facts, request) if request is not None else None
        with self._lock:
            ended = self._running
            if running is None:
                self._over = {}  # the new sheet counts them
            elif ended is not None:
                self._over[ended.tier] = self._over.get(ended.tier, 0.0) + ended.cells * _MAKES.get(ended.job, 0)
            self._sheet, self._running = sheet, running

    def _started(self, facts: Facts, request: dg.RunRequest) -> Running:
        _, first, last = request.tags["studio/work"].split(":")[:3]
        tier = first.partition(".")[0]
        bought = len(self._bought(tier, self._look()))
        return Running(request.job_name or "", tier, _cells(facts, first, last), time.monotonic(), bought)

    def _look(self) -> Statement | None:
        """The ledger as it is now; what it was last when it cannot be read."""
        try:
            self._statement = self.ledger.statement(self.production)
        except StudioError:  # the drive meets the same error and ends with its words
            return self._statement
        return self._statement

    @staticmethod
    def _bought(tier: str, statement: Statement | None) -> list[str]:
        lines = statement.entries if statement else ()
        return [e.id for e in lines if ".k" in e.place and e.place.startswith(f"{tier}.") and e.state in _GOT]

    def lines(self) -> list[Line]:
        """The pilots as they stand, with what the running job has got since it began."""
        statement = self._look()
        with self._lock:
            sheet, running, over = self._sheet, self._running, dict(self._over)
        found = []
        for tier, status in (sheet.pilots if sheet else {}).items():
            envelope = statement.envelopes.get(pilot_envelope(self.production, tier)) if statement else None
            line = Line(tier, status.stage, status.done, status.total, extra=over.get(tier, 0.0))
            if envelope is not None:
                line.spent_usd, line.budget_usd = envelope.settled_usd, envelope.cap_usd
            if running is not None and running.job == "shoot" and running.tier == tier:
                got = len(self._bought(tier, statement)) - running.bought_before
                line.extra += min(running.cells, got / _PURCHASES_A_SHOT)
            found.append(line)
        return found

    def doing(self) -> str:
        """What runs now, in words."""
        with self._lock:
            running = self._running
        if running is None:
            return f"{self.production}: looking what comes next"
        parts = [_DOING.get(running.job, running.job) + (f" {running.tier}" if running.job == "shoot" else "")]
        if running.tier and running.job != "shoot":
            parts.append(running.tier)
        if running.cells > 1:
            parts.append(count(running.cells, "shot" if running.job == "shoot" else "scene"))
        parts.append(seconds(time.monotonic() - running.began))
        return " · ".join(parts)

    def picture(self) -> Group:
        """The lines as rich draws them."""
        lines = self.lines()
        places = places_for(amount for line in lines for amount in (line.spent_usd, line.budget_usd))
        table = Table.grid(padding=(0, 2))
        for line in lines:
            done = min(line.total, int(line.done + line.extra))
            table.add_row(
                f"  {line.tier}",
                Text(line.stage, style=STAGE_STYLES.get(line.stage, "cyan")),
                ProgressBar(total=1.0, completed=line.share, width=_BAR_WIDTH) if line.total else "",
                Text(f"{done}/{line.total}" if line.total else "", justify="right"),
                Text(usd(line.spent_usd, places=places), justify="right"),
                "of",
                Text(usd(line.budget_usd, places=places), justify="right"),
            )
        now = Text(f"  {self.doing()}", style="dim")
        total = Text(f"  {seconds(time.monotonic() - self._began)} in all", style="dim")
        return Group(Text(f"{self.production}", style="bold"), table, now, total)


_GOT = ("settled", "avoided")


def _cells(facts: Facts, first: str, last: str) -> int:
    """How many scenes or shots lie from ``first`` to ``last``."""
    tier, _, rest = first.partition(".")
    script = facts.scripts.get(tier)
    if script is None or not rest:
        return 1
    scenes = [f"{tier}.s{scene.number:02d}" for scene in script.scenes]
    cells = [shot for scene in scenes for shot in facts.shots(scene)] if ".k" in first else scenes
    return cells.index(last) - cells.index(first) + 1 if first in cells and last in cells else 1
