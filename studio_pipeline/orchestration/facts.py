"""The facts of one production: everything the call sheet decides from, gathered in one look.

Reads the orders, the artifacts, the ledger and Dagster's runs; decides nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from studio_pipeline.budget.ledger import Ledger, pilot_envelope
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.pilot import Strategies
from studio_pipeline.film.ratings import Verdict
from studio_pipeline.film.script import Script
from studio_pipeline.orchestration.artifacts import ArtifactStore, Header, ref_of

if TYPE_CHECKING:
    import dagster as dg

    from studio_pipeline.orchestration.orders import Orders

PRODUCTION_TAG = "studio/production"
WORK_TAG = "studio/work"


@dataclass(frozen=True)
class Facts:
    """What is known about one production at one moment. All refs are within the production."""

    production: str
    orders: Mapping[str, str] = field(default_factory=dict)
    """Digests of the brief handed in and the cut chosen."""
    headers: Mapping[str, Header] = field(default_factory=dict)
    strategies: Strategies | None = None
    scripts: Mapping[str, Script] = field(default_factory=dict)
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    money_moved: bool = False
    """Whether the verdicts' money has been moved between the pilots' envelopes."""
    left_usd: Mapping[str, Decimal] = field(default_factory=dict)
    """What each pilot may still reserve."""
    in_flight: frozenset[str] = frozenset()
    """Work that a run is queued or busy with."""
    failures: Mapping[str, int] = field(default_factory=dict)
    """How often a piece of work has failed."""

    def digest(self, ref: str) -> str | None:
        """The current digest of an order, an artifact or a part of one; ``None`` when there is none."""
        if ref in self.orders:
            return self.orders[ref]
        whole, _, part = ref.partition("#")
        header = self.headers.get(whole)
        if header is None:
            return None
        return header.parts.get(part) if part else header.digest

    def present(self, ref: str) -> bool:
        """Whether the artifact exists and is not an absent marker."""
        header = self.headers.get(ref)
        return header is not None and header.absent is None

    def shots(self, scene_place: str) -> list[str]:
        """Places of the shots that the plan of a scene has; empty before it is planned."""
        header = self.headers.get(ref_of("shot_plans", scene_place))
        return [f"{scene_place}.{part}" for part in sorted(header.parts)] if header else []


def gather(
    production: str,
    *,
    orders: Orders,
    store: ArtifactStore,
    ledger: Ledger,
    instance: dg.DagsterInstance,
    films: Path,
    since: float | None = None,
) -> Facts:
    """Look at everything once.

    Args:
        films: folder of the production's deliverables. A film that lacks one of its files counts as not made.
        since: forget failures of runs created before this time (seconds since the epoch), as a person does who
            gives the same command again.
    """
    whole = Cell(production=production)
    strategies = store.read("pilot_strategies", whole)
    pilots = [pilot.tier for pilot in strategies.content.pilots] if strategies else []
    scripts = {tier: store.read("scenes", whole.with_tier(tier)) for tier in pilots}
    verdicts = {tier: store.read("critic_verdicts", whole.with_tier(tier)) for tier in pilots}
    in_flight, failures = _runs(production, instance, since)
    headers = store.headers(production)
    film = store.read("final_cut", whole) if "final_cut" in headers else None
    if film is not None and not all((films / name).is_file() for name in film.content.files):
        del headers["final_cut"]
    return Facts(
        production=production,
        orders=orders.digests(production),
        headers=headers,
        strategies=strategies.content if strategies else None,
        scripts={tier: script.content for tier, script in scripts.items() if script},
        verdicts={tier: verdict.content for tier, verdict in verdicts.items() if verdict},
        money_moved=ledger.is_done(verdict_money_key(production)),
        left_usd={tier: ledger.available(pilot_envelope(production, tier)) for tier in pilots},
        in_flight=in_flight,
        failures=failures,
    )


def _runs(production: str, instance: dg.DagsterInstance, since: float | None) -> tuple[frozenset[str], dict[str, int]]:
    from dagster import DagsterRunStatus, RunsFilter

    in_flight, failures = set(), Counter[str]()
    for record in instance.get_run_records(RunsFilter(tags={PRODUCTION_TAG: production})):
        run = record.dagster_run
        work = run.tags.get(WORK_TAG)
        if work is None:
            continue
        if not run.is_finished:
            in_flight.add(work)
        elif run.status != DagsterRunStatus.SUCCESS and (since is None or record.create_timestamp.timestamp() >= since):
            failures[work] += 1
    return frozenset(in_flight), dict(failures)


def verdict_money_key(production: str) -> str:
    """Key under which the ledger remembers that the verdicts' money was moved."""
    return f"verdicts:{production}"
