"""How a production stands, assembled once from facts, call sheet, ledger and artifacts: for people and for ``--json``.

``as_json`` is the contract of ``produce``, ``choose`` and ``retake``; ``report.py`` puts the same into words.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio_pipeline.budget.ledger import pilot_envelope, production_envelope
from studio_pipeline.budget.purchase import Totals
from studio_pipeline.cli.notices import Notice, notices_of
from studio_pipeline.cli.session import Session
from studio_pipeline.cli.troubles import Trouble
from studio_pipeline.cli.words import money
from studio_pipeline.editorial.cut import CutSet
from studio_pipeline.errors import HomeDamaged, OutOfBudget, ProviderFailed
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.film import Film
from studio_pipeline.film.ratings import Verdict

if TYPE_CHECKING:
    from studio_pipeline.orchestration.call_sheet import CallSheet, Stage
    from studio_pipeline.orchestration.facts import Facts

DELIVERED_STATES = ("delivered", "partial")


@dataclass(frozen=True)
class PilotResult:
    """One pilot: what was staked on it, what it may spend now, what it spent."""

    tier: str
    stage: Stage
    verdict: str | None
    """As it was carried out: when all would be cancelled, the best one continues."""
    share_pct: int | None
    spared: bool
    """Whether it only continues because a film must come out."""
    rating: float | None
    reasons: tuple[str, ...]
    staked_usd: Decimal
    budget_usd: Decimal | None
    settled_usd: Decimal


@dataclass(frozen=True)
class Result:
    """One production, as it is now."""

    production: str
    brief: Brief
    sheet: CallSheet
    facts: Facts
    film: Film | None
    """The film in its folder; also one that no longer follows from its inputs."""
    folder: Path
    cap_usd: Decimal | None
    totals: Totals
    pilots: tuple[PilotResult, ...]
    cuts: CutSet | None
    chosen: str | None
    """Name of the cut that was chosen, ``recommended`` resolved where the cuts are known."""
    troubles: tuple[Trouble, ...] = ()
    notices: tuple[Notice, ...] = ()
    """What did not go as planned and was dealt with: a price that moved, a vendor in another's place."""

    @property
    def state(self) -> str:
        """As the call sheet has it; a film with media that could not be used is a partial one."""
        return "partial" if self.damaged else self.sheet.state

    @property
    def damaged(self) -> tuple[str, ...]:
        """Media that the delivered film could not use, in words."""
        return self.film.flagged if self.film and self.sheet.state == "delivered" else ()

    @property
    def final(self) -> Film | None:
        """The film, when it is what was asked for."""
        return self.film if self.state in DELIVERED_STATES else None

    @property
    def out_of_budget(self) -> bool:
        """Whether money is all that is missing: nothing else failed, but a cut that had no shots to be made of."""
        if self.sheet.flagged:
            return False
        if self.sheet.unaffordable and set(self.sheet.blocked) <= {"edls"}:
            return True
        return bool(self.troubles) and all(trouble.exit_code == OutOfBudget.exit_code for trouble in self.troubles)

    @property
    def flagged_shot(self) -> str | None:
        """The first shot that no vendor made. Going on does not ask for it again, a person may."""
        shots = [ref.partition("/")[2] for ref in self.sheet.flagged if ref.startswith("pilot_clips/")]
        return shots[0] if shots else None

    @property
    def more_money(self) -> str:
        """Where the money has to come from that shots could not be paid with, in words."""
        absent = [header.absent for ref in self.sheet.unaffordable if (header := self.facts.headers.get(ref))]
        # A refusal begins with the name of the envelope that had not enough left.
        short = {marker.reason.partition(":")[0] for marker in absent if marker is not None}
        if "day" in short:
            return "go on tomorrow, or raise STUDIO_DAY_CAP_USD"
        if "slate" in short:
            return "raise budget_usd of the slate and hand it in again"
        return "raise budget_usd in the brief and give the same command again"

    @property
    def exit_code(self) -> int:
        """What a command that drove the production ends with."""
        if self.state in ("delivered", "awaiting_choice"):
            return 0
        if self.damaged:
            return HomeDamaged.exit_code
        return OutOfBudget.exit_code if self.out_of_budget else ProviderFailed.exit_code

    def deliverables(self) -> dict[str, str]:
        """Files of the film by what they are; empty while there is none."""
        if self.final is None:
            return {}
        dubs = {f"film_{dub.language}": dub.film for dub in self.final.dubs}
        names = {"film": self.final.film} | dubs | self.final.files | {"cuts": "cuts"}
        return {what: str(self.folder / name) for what, name in names.items()}

    def as_json(self) -> dict[str, Any]:
        """The object of the contract: money as decimal strings, unknown as null."""
        return {
            "production": self.production,
            "state": "failed" if self.state == "working" else self.state,
            "film": self.deliverables().get("film"),
            "duration_s": self.final.duration_s if self.final else None,
            "cap_usd": money(self.cap_usd),
            "settled_usd": money(self.totals.settled_usd),
            "reserved_usd": money(self.totals.reserved_usd),
            "avoided_usd": money(self.totals.avoided_usd),
            "simulated": self.totals.simulated,
            "pilots": [
                {
                    "tier": pilot.tier,
                    "verdict": pilot.verdict,
                    "rating": pilot.rating,
                    "budget_usd": money(pilot.budget_usd),
                    "settled_usd": money(pilot.settled_usd),
                }
                for pilot in self.pilots
            ],
            "edls": [
                {
                    "name": cut.name,
                    "rating": cut.rating,
                    "rationale": cut.rationale,
                    "recommended": cut.name == self.cuts.recommended,
                    "needs_usd": money(cut.needs_usd),
                }
                for cut in self.cuts.cuts
            ]
            if self.cuts
            else [],
            "chosen": self.chosen,
            "deliverables": self.deliverables(),
            "troubles": [trouble.words for trouble in self.troubles],
            "notices": [f"{notice.place}: {notice.words}" for notice in self.notices],
        }


def status_json(result: Result) -> dict[str, Any]:
    """The same object for a production that nobody drives: its true state, and the stage of each pilot."""
    told: dict[str, Any] = {**result.as_json(), "state": result.state}
    del told["troubles"]
    for row, pilot in zip(told["pilots"], result.pilots, strict=True):
        row["stage"] = pilot.stage
    return told


def result_of(
    session: Session, production: str, *, facts: Facts | None = None, troubles: tuple[Trouble, ...] = ()
) -> Result:
    """Look at ``production`` once.

    Args:
        facts: what is known, when that has just been gathered.
        troubles: what went wrong on the way and still matters.
    """
    from studio_pipeline.orchestration.call_sheet import call_sheet, continuing

    brief = session.brief(production)
    home = session.home
    facts = facts or home.facts(production, session.instance)
    sheet = call_sheet(facts)
    whole = Cell(production=production)
    film = home.artifacts.read("final_cut", whole)
    edls = home.artifacts.read("edls", whole)
    cuts: CutSet | None = edls.content if edls else None
    choice = home.orders.choice(production)
    chosen = cuts.cut(choice.cut) if cuts and choice else None
    statement = home.ledger.statement(production)
    envelope = statement.envelopes.get(production_envelope(production))
    carried_out = continuing(facts.verdicts, facts.shares) if facts.shares is not None else {}
    return Result(
        production=production,
        brief=brief,
        sheet=sheet,
        facts=facts,
        film=film.content if film else None,
        folder=home.films(production),
        cap_usd=envelope.cap_usd if envelope else None,
        totals=statement.totals,
        pilots=tuple(
            _pilot(pilot.tier, pilot.budget_usd, sheet, facts, statement.envelopes, carried_out.get(pilot.tier))
            for pilot in (facts.strategies.pilots if facts.strategies else ())
        ),
        cuts=cuts,
        chosen=chosen.name if chosen else choice.cut if choice else None,
        troubles=troubles,
        notices=notices_of(home, production, facts, statement),
    )


def _verdict(facts: Facts, verdict: Verdict | None, carried_out_pct: int | None) -> str | None:
    """What became of the pilot, once that is decided; before, what the critic says of it alone."""
    if facts.shares is not None and verdict is not None:
        return "continue" if carried_out_pct else "cancel"
    return verdict.decision if verdict else None


def _pilot(
    tier: str, staked_usd: Decimal, sheet: CallSheet, facts: Facts, envelopes: Any, carried_out_pct: int | None
) -> PilotResult:
    verdict = facts.verdicts.get(tier)
    status = sheet.pilots.get(tier)
    envelope = envelopes.get(pilot_envelope(facts.production, tier))
    return PilotResult(
        tier=tier,
        stage=status.stage if status else "waiting",
        verdict=_verdict(facts, verdict, carried_out_pct),
        share_pct=carried_out_pct or (verdict.share_pct if verdict else None),
        spared=verdict is not None and verdict.decision == "cancel" and carried_out_pct is not None,
        rating=verdict.rating if verdict else None,
        reasons=verdict.reasons if verdict else (),
        staked_usd=staked_usd,
        budget_usd=envelope.cap_usd if envelope else None,
        settled_usd=envelope.settled_usd if envelope else Decimal(0),
    )
