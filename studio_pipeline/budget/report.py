"""The cost report: what a production spent, per pilot and stage, as data for tables and ``--json``.

Reads the ledger and adds up; formats nothing and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from studio_pipeline.budget.ledger import Ledger, pilot_envelope, production_envelope
from studio_pipeline.budget.purchase import HELD, PAID, Balance, Entry, Statement
from studio_pipeline.film.frozen import Frozen


class Cost(Frozen):
    """Sums of ledger lines. ``settled_usd`` includes ``lost_usd``, what was charged for nothing."""

    settled_usd: Decimal
    reserved_usd: Decimal
    """Set aside for purchases under way, or of which nobody knows whether they were charged."""
    avoided_usd: Decimal
    """What media used again would have cost."""
    lost_usd: Decimal
    purchases: int
    reuses: int


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
    adds_up: bool
    """Whether lines, envelope and database agree on every sum, and the cap holds."""


def cost_report(ledger: Ledger, production: str) -> CostReport:
    """Add up the ledger's lines of a production."""
    statement = ledger.statement(production)
    lines = [entry for entry in statement.entries if entry.state != "released"]
    whole = statement.envelopes.get(production_envelope(production))
    caps = {name: balance.cap_usd for name, balance in statement.envelopes.items()}
    prefix = pilot_envelope(production, "")
    tiers = {name.removeprefix(prefix) for name in caps if name.startswith(prefix)} | {_tier(line) for line in lines}
    sums = _sums(lines)
    return CostReport(
        **sums,
        production=production,
        cap_usd=whole.cap_usd if whole else None,
        left_usd=whole.available_usd if whole else None,
        simulated=all(line.simulated for line in lines) if lines else None,
        pilots=tuple(
            _pilot(tier, [line for line in lines if _tier(line) == tier], caps.get(pilot_envelope(production, tier)))
            for tier in sorted(tiers)
        ),
        adds_up=_adds_up(statement, whole, sums),
    )


def _adds_up(statement: Statement, whole: Balance | None, sums: dict[str, Any]) -> bool:
    """Hold the lines against what the database sums up by itself, by production and by envelope."""
    lines = (sums["settled_usd"], sums["reserved_usd"])
    by_production = (statement.totals.settled_usd, statement.totals.reserved_usd)
    by_envelope = (whole.settled_usd, whole.reserved_usd) if whole else (Decimal(0), Decimal(0))
    return lines == by_production == by_envelope and (whole is None or whole.available_usd >= 0)


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

    def paid(*states: str) -> Decimal:
        return sum((line.settled_usd or Decimal(0) for line in lines if line.state in states), Decimal("0.00"))

    return {
        "settled_usd": paid(*PAID),
        "reserved_usd": sum((line.max_usd for line in lines if line.state in HELD), Decimal("0.00")),
        "avoided_usd": paid("avoided"),
        "lost_usd": paid("lost"),
        "purchases": sum(line.state != "avoided" for line in lines),
        "reuses": sum(line.state == "avoided" for line in lines),
    }
