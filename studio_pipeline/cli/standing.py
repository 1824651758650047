"""What ``studio status PRODUCTION`` tells: the pilots, what is stale and why, what is missing, the cheapest way on."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.text import Text

from studio_pipeline.cli.report import (
    STATES,
    console,
    fields,
    heading,
    indented,
    print_cuts,
    print_film,
    print_money,
    print_notices,
    print_pilots,
    table,
    text,
)
from studio_pipeline.cli.result import Result, status_json
from studio_pipeline.cli.session import Session
from studio_pipeline.cli.words import count, money
from studio_pipeline.film.cells import Cell
from studio_pipeline.wording import places_for, usd

_MOST_STALE = 15


@dataclass(frozen=True)
class Missing:
    """A part of the film that could not be made."""

    ref: str
    reason: str
    needed_usd: Decimal | None
    """What the shot may cost; ``None`` when money is not what it lacks."""


@dataclass(frozen=True)
class Standing:
    """One production and the way on from here."""

    result: Result
    stale: dict[str, str]
    """Artifacts that no longer follow from their inputs, with the reason, in pipeline order."""
    missing: tuple[Missing, ...]
    wanted: tuple[tuple[str, str], ...]
    """The runs that come next: what they make, and why."""
    freshness_usd: Decimal
    """Most that making everything fresh again can cost: $0 unless the plan of a shot changed."""

    @property
    def way_on(self) -> str | None:
        """The command that makes it fresh and goes on; ``None`` when there is nothing to do."""
        if self.result.state == "awaiting_choice":
            return f"studio choose {self.result.production} recommended"
        sheet = self.result.sheet
        if (
            self.stale
            or self.wanted
            or sheet.unaffordable
            or sheet.blocked
            or self.result.state in ("failed", "working")
        ):
            return f"studio produce {self.result.production}"
        if self.result.flagged_shot is not None:
            return f"studio retake {self.result.production} {self.result.flagged_shot}"
        return None

    @property
    def needed_usd(self) -> Decimal | None:
        """What the shots without money may cost together."""
        amounts = [missing.needed_usd for missing in self.missing if missing.needed_usd is not None]
        return sum(amounts, Decimal(0)) if amounts else None

    def as_json(self) -> dict[str, Any]:
        return status_json(self.result) | {
            "stale": [{"artifact": ref, "reason": reason} for ref, reason in self.stale.items()],
            "missing": [
                {"artifact": missing.ref, "reason": missing.reason, "needed_usd": money(missing.needed_usd)}
                for missing in self.missing
            ],
            "next": {
                "command": self.way_on,
                "makes": [what for what, _ in self.wanted],
                "most_usd": money(self.freshness_usd),
                "to_finish_usd": money(self.needed_usd),
            },
        }

    def print(self) -> None:
        out = console()
        words, style = STATES[self.result.state]
        out.print(Text.assemble((self.result.production, "bold"), "  ", (words, style)))
        out.print(text(f"  {self.result.brief.title}", "dim"))
        print_film(out, self.result)
        print_pilots(out, self.result)
        print_cuts(out, self.result)
        print_money(out, self.result)
        print_notices(out, self.result)
        self._print_stale(out)
        self._print_missing(out)
        self._print_way_on(out)

    def _print_stale(self, out: Console) -> None:
        if not self.stale:
            heading(out, "Nothing is stale")
            return
        heading(out, f"Stale: {count(len(self.stale), 'artifact')} no longer follow from their inputs")
        made = table("artifact", "because")
        for ref, reason in list(self.stale.items())[:_MOST_STALE]:
            made.add_row(text(ref), text(reason, "yellow"))
        out.print(indented(made))
        if len(self.stale) > _MOST_STALE:
            out.print(
                Text(f"  … and {len(self.stale) - _MOST_STALE} more: studio status --json lists all", style="dim")
            )

    def _print_missing(self, out: Console) -> None:
        if not self.missing:
            return
        heading(out, f"Missing: {count(len(self.missing), 'part')} could not be made")
        places = places_for(missing.needed_usd for missing in self.missing)
        made = table("artifact", "needs", "because", numbers=("needs",))
        for missing in self.missing:
            made.add_row(text(missing.ref), usd(missing.needed_usd, places=places), text(missing.reason, "yellow"))
        out.print(indented(made))

    def _print_way_on(self, out: Console) -> None:
        heading(out, "The way on")
        if self.way_on is None:
            out.print(Text("  Nothing is to be done."))
            return
        makes = [f"{what}: {why}" for what, why in self.wanted[:5]]
        rows = [("command", self.way_on)]
        if self.stale or self.wanted:
            most = usd(self.freshness_usd, places=places_for([self.freshness_usd]))
            takes = "takes whose plan did not change are found again for nothing"
            rows.append(
                ("costs", f"at most {most} for what is stale; {takes}" if self.freshness_usd else f"$0.00: {takes}")
            )
        rows += [("makes" if index == 0 else "", line) for index, line in enumerate(makes)]
        if self.needed_usd is not None:
            amount = usd(self.needed_usd, places=places_for([self.needed_usd]))
            rows.append(("to finish", f"up to {amount} more: {self.result.more_money}"))
        fields(out, rows)


def standing_of(session: Session, result: Result) -> Standing:
    """What is stale and missing in ``result``, and what would be done about it."""
    from studio_pipeline.orchestration.freshness import stale_refs
    from studio_pipeline.orchestration.past_runs import last_failures

    facts, sheet = result.facts, result.sheet
    stale = stale_refs(facts, sheet.outdated)
    said = last_failures(result.production, session.instance) if sheet.blocked else {}
    missing = [_too_dear(facts.headers[ref].absent, ref) for ref in sheet.unaffordable]
    missing += [
        Missing(ref, absent.reason if (absent := facts.headers[ref].absent) else "no vendor made it", None)
        for ref in sheet.flagged
    ]
    missing += [Missing(ref, said.get(ref.partition("/")[2], "it failed too often"), None) for ref in sheet.blocked]
    return Standing(
        result=result,
        stale=stale,
        missing=tuple(missing),
        wanted=tuple((_cells(work.job, work.first, work.last), work.reason) for work in sheet.work),
        freshness_usd=_new_takes_usd(session, result, stale),
    )


def _too_dear(absent: Any, ref: str) -> Missing:
    return Missing(ref, absent.reason if absent else "there is no money for it", absent.needed_usd if absent else None)


def _cells(job: str, first: str, last: str) -> str:
    if not first:
        return job
    return f"{job} {first}" if first == last else f"{job} {first} to {last}"


def _new_takes_usd(session: Session, result: Result, stale: dict[str, str]) -> Decimal:
    """What the stale shots cost when they were bought: only one whose own plan changed is bought again."""
    total = Decimal(0)
    for ref in stale:
        asset, _, place = ref.partition("/")
        header = result.facts.headers[ref]
        plan_changed = any(
            name.startswith("shot_plans/") and result.facts.digest(name) != digest
            for name, digest in header.inputs.items()
        )
        if asset == "pilot_clips" and plan_changed:
            takes = session.home.artifacts.read(asset, Cell.parse(f"{result.production}|{place}"))
            if takes is not None:
                total += takes.content.take.still.price_usd + takes.content.take.video.price_usd
    return total
