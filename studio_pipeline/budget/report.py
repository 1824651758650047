"""The cost report: what a production spent, per pilot and stage, as data for tables and ``--json``.

Reads the ledger and adds up; formats nothing and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from studio_pipeline.budget.amounts import MICRO
from studio_pipeline.budget.ledger import Ledger, pilot_envelope, production_envelope, shot_envelope
from studio_pipeline.budget.purchase import HELD, PAID, Entry, Statement
from studio_pipeline.film.frozen import Frozen


class Cost(Frozen):
    """Sums of ledger lines. ``settled_usd`` includes ``lost_usd``, what was charged for nothing, and
    ``simulated_usd``, what nobody charged."""

    settled_usd: Decimal
    reserved_usd: Decimal
    """Set aside for purchases under way, or of which nobody knows whether they were charged."""
    avoided_usd: Decimal
    """What media used again would have cost."""
    lost_usd: Decimal
    simulated_usd: Decimal
    purchases: int
    reuses: int

    @property
    def simulated_share(self) -> Decimal | None:
        """How much of what was settled nobody charged, from 0 to 1; ``None`` when nothing was settled."""
        return self.simulated_usd / self.settled_usd if self.settled_usd else None


class Drift(Frozen):
    """A purchase whose price was not the quoted one."""

    entry: str
    vendor: str
    model: str
    place: str
    quoted_usd: Decimal
    charged_usd: Decimal
    drift_usd: Decimal
    """Above the quoted price, or below it when negative."""


class StageCost(Cost):
    stage: str


class PilotCost(Cost):
    """One pilot; ``tier`` is ``None`` for what was bought for the whole production."""

    tier: str | None
    cap_usd: Decimal | None
    stages: tuple[StageCost, ...]


class CostReport(Cost):
    """One production, its pilots by name, their stages in the order in which they first spent."""

    production: str
    cap_usd: Decimal | None
    """``None`` when it was never given any money."""
    left_usd: Decimal | None
    simulated: bool | None
    """Whether nothing of it was really charged; ``None`` when nothing was bought."""
    pilots: tuple[PilotCost, ...]
    film_seconds: float | None
    per_second_usd: Decimal | None
    """What was settled, for each second of the delivered film; ``None`` when there is no film."""
    drifts: tuple[Drift, ...]
    """Every price that was off by more than 1 %: its rate card is to be looked at."""
    adds_up: bool
    """Whether lines, envelopes and database agree on every sum, and every cap holds."""


def cost_report(ledger: Ledger, production: str, *, film_seconds: float | None = None) -> CostReport:
    """Add up the ledger's lines of a production, and divide by the length of its film when there is one."""
    statement = ledger.statement(production)
    lines = [entry for entry in statement.entries if entry.state != "released"]
    sums = _sums(lines)
    priced = [line for line in lines if line.max_usd]
    whole = statement.envelopes.get(production_envelope(production))
    caps = {name: balance.cap_usd for name, balance in statement.envelopes.items()}
    prefix = pilot_envelope(production, "")
    tiers = {name.removeprefix(prefix) for name in caps if name.startswith(prefix)} | {_tier(line) for line in lines}
    return CostReport(
        **sums,
        production=production,
        cap_usd=whole.cap_usd if whole else None,
        left_usd=whole.available_usd if whole else None,
        simulated=all(line.simulated for line in priced) if priced else None,
        pilots=tuple(
            _pilot(tier, [line for line in lines if _tier(line) == tier], caps.get(pilot_envelope(production, tier)))
            for tier in sorted(tiers)
        ),
        film_seconds=film_seconds,
        per_second_usd=(sums["settled_usd"] / Decimal(str(film_seconds))).quantize(MICRO, ROUND_HALF_UP)
        if film_seconds
        else None,
        drifts=tuple(_drift(line, drift) for line in lines if (drift := line.drift_usd) is not None),
        adds_up=_adds_up(production, statement, lines),
    )


def _adds_up(production: str, statement: Statement, lines: list[Entry]) -> bool:
    """Hold the lines against what the database sums up by itself, by production and by envelope.

    What a slate's or a day's envelope holds is of other productions, too: it must hold at least these lines.
    """
    totals = statement.totals
    sums = {name: (Decimal(0), Decimal(0)) for name in statement.envelopes}
    for line in lines:
        spent, kept = _spent(line), _kept(line)
        for name in statement.paid_from.get(line.id, ()):
            if name not in sums:
                return False
            sums[name] = (sums[name][0] + spent, sums[name][1] + kept)
    everything = (sum(map(_spent, lines), Decimal(0)), sum(map(_kept, lines), Decimal(0)))
    whole = production_envelope(production)
    own = (pilot_envelope(production, ""), shot_envelope(production, ""))
    return (
        everything == (totals.settled_usd, totals.reserved_usd)
        and everything == sums.get(whole, (Decimal(0), Decimal(0)))
        and all(
            (held.settled_usd, held.reserved_usd) == sums[name]
            if name == whole or name.startswith(own)
            else held.settled_usd >= sums[name][0] and held.reserved_usd >= sums[name][1]
            for name, held in statement.envelopes.items()
        )
        and all(held.available_usd >= 0 for held in statement.envelopes.values())
    )


def _spent(line: Entry) -> Decimal:
    return (line.settled_usd or Decimal(0)) if line.state in PAID else Decimal(0)


def _kept(line: Entry) -> Decimal:
    return line.max_usd if line.state in HELD else Decimal(0)


def _drift(line: Entry, drift_usd: Decimal) -> Drift:
    return Drift(
        entry=line.id,
        vendor=line.vendor,
        model=line.model,
        place=line.place,
        quoted_usd=line.expected_usd,
        charged_usd=line.expected_usd + drift_usd,
        drift_usd=drift_usd,
    )


def _pilot(tier: str, lines: list[Entry], cap_usd: Decimal | None) -> PilotCost:
    stages = tuple(
        StageCost(**_sums(line for line in lines if line.stage == stage), stage=stage)
        for stage in dict.fromkeys(line.stage for line in lines)
    )
    return PilotCost(**_sums(lines), tier=tier or None, cap_usd=cap_usd, stages=stages)


def _tier(line: Entry) -> str:
    return line.place.partition(".")[0]


def _sums(lines: Iterable[Entry]) -> dict[str, Any]:
    lines = list(lines)

    def amount(amounts: Iterable[Decimal | None]) -> Decimal:
        return sum((usd or Decimal(0) for usd in amounts), Decimal("0.00"))

    return {
        "settled_usd": amount(map(_spent, lines)),
        "reserved_usd": amount(map(_kept, lines)),
        "avoided_usd": amount(line.settled_usd for line in lines if line.state == "avoided"),
        "lost_usd": amount(line.settled_usd for line in lines if line.state == "lost"),
        "simulated_usd": amount(_spent(line) for line in lines if line.simulated),
        "purchases": sum(line.state != "avoided" for line in lines),
        "reuses": sum(line.state == "avoided" for line in lines),
    }
