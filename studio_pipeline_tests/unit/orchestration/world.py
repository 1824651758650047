"""A production on paper: applies the call sheet's work as the assets would, without Dagster, files or media."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import mean

from studio_pipeline.budget import halving
from studio_pipeline.budget.allocation import final_shares
from studio_pipeline.budget.halving import RatedShot, best_take
from studio_pipeline.budget.takes_belief import RATING_NOISE_POINTS
from studio_pipeline.film.brief import Policy
from studio_pipeline.film.frozen import digest_of
from studio_pipeline.film.pilot import Pilot, Strategies
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.ratings import Verdict
from studio_pipeline.film.script import Scene, Script
from studio_pipeline.orchestration.artifacts import Absent, Header, ref_of
from studio_pipeline.orchestration.call_sheet import CallSheet, call_sheet, continuing
from studio_pipeline.orchestration.facts import Facts
from studio_pipeline.orchestration.work_orders import JOB_ASSETS, Work

SHOTS = {1: 1, 2: 2, 3: 3, 4: 1, 5: 2, 6: 1}
"""How many shots each scene of the paper script has."""


def paper_script(tier: str) -> Script:
    scenes = tuple(
        Scene(number=n, heading=f"{tier} {n}", place="shore", frames=48, narration=f"Line {n}.", direction="Waves.")
        for n in SHOTS
    )
    return Script(title="Paper", logline="", rate=Rate(num=24), language="en", scenes=scenes, test_scenes=(2, 3))


@dataclass
class World:
    """Everything that exists; ``ratings`` decides the verdicts, ``broken`` cells fail whenever they are made."""

    ratings: dict[str, float]
    broken: set[str] = field(default_factory=set)
    flagged: set[str] = field(default_factory=set)
    """Shots that no vendor makes."""
    policy: Policy = "threshold"
    refines: bool = False
    good_enough: float = 80.0
    noise_points: float = RATING_NOISE_POINTS
    quality: Callable[[str, int], float] = lambda shot, take: 70.0
    """The rating of each take of a shot, by the shot's place and the take's number."""
    lost: Counter[str] = field(default_factory=Counter)
    unlucky: set[str] = field(default_factory=set)
    """Shots whose further takes fail."""
    circled: dict[str, int] = field(default_factory=dict)
    inspected: dict[str, set[int]] = field(default_factory=dict)
    halved: dict[str, int] | None = None
    stakes: str = "first"
    """The brief with its money, without what only the last steps follow from."""
    dubs: str = "none"
    """The further languages that the brief asks for."""
    orders: dict[str, str] = field(default_factory=lambda: {"order#brief": "b1"})
    headers: dict[str, Header] = field(default_factory=dict)
    scripts: dict[str, Script] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    shares: dict[str, int] | None = None
    left_usd: dict[str, Decimal] = field(default_factory=dict)
    production_usd: Decimal = Decimal(1000)
    """What is left in the production's own envelope."""
    price_usd: Decimal = Decimal("1")
    failures: Counter[str] = field(default_factory=Counter)
    takes: Counter[str] = field(default_factory=Counter)
    made: list[str] = field(default_factory=list)
    """Refs in the order they were made."""

    @property
    def facts(self) -> Facts:
        staked = tuple(
            Pilot(
                tier=tier,
                look="",
                image_model="m",
                video_model="m",
                budget_usd=Decimal(1),
                expected_cost_usd=Decimal(1),
                why="",
            )
            for tier in self.ratings
        )
        return Facts(
            production="paper",
            orders=self.orders,
            headers=dict(self.headers),
            strategies=Strategies(pilots=staked, reserve_usd=Decimal(0))
            if "pilot_strategies" in self.headers
            else None,
            scripts=self.scripts,
            verdicts=self.verdicts,
            shares=self.shares,
            left_usd={tier: min(self.production_usd, self.left_usd.get(tier, Decimal(1000))) for tier in self.ratings},
            failures=dict(self.failures),
            policy=self.policy,
            refines=self.refines,
            good_enough=self.good_enough,
            noise_points=self.noise_points,
            halved=self.halved,
            rated=self.rated,
            circled=self.circled,
        )

    @property
    def rated(self) -> dict[str, tuple[RatedShot, ...]]:
        """Once the money was moved: every shot of the pilots that go on, with its ratings, where more may be bought."""
        if (self.policy != "halving" and not self.refines) or self.shares is None:
            return {}
        return {
            tier: tuple(
                RatedShot(
                    shot,
                    {n: self.quality(shot, n) for n in self.inspected.get(shot, ())},
                    self.price_usd,
                    self.lost[shot],
                )
                for shot in sorted(self.circled)
                if shot.partition(".")[0] == tier
            )
            for tier, share in self.shares.items()
            if share > 0
        }

    def sheet(self) -> CallSheet:
        return call_sheet(self.facts)

    def run(self, most_rounds: int = 200) -> CallSheet:
        """Do what the sheet asks for until it asks for nothing."""
        for _ in range(most_rounds):
            sheet = self.sheet()
            if sheet.move_money:
                self.move_money()
            elif not sheet.work:
                return sheet
            for work in sheet.work:
                self.do(work)
        raise AssertionError("the sheet never comes to an end")

    def move_money(self) -> None:
        ratings = {tier: verdict.rating for tier, verdict in self.verdicts.items()}
        if self.shares is not None:
            means = {
                t: mean(best_take(s.ratings).quality for s in shots if s.ratings) for t, shots in self.rated.items()
            }
            self.halved = halving.shares(means)
        elif self.policy == "halving":
            self.shares = halving.shares(ratings)
        else:
            self.shares = final_shares({tier: v.share_pct for tier, v in self.verdicts.items()}, ratings)

    def do(self, work: Work) -> None:
        cells = self.cells(work)
        if self.broken & set(cells):
            self.failures[work.id] += 1
            return
        if work.job == "polish":
            self.polish(work.first, work.circle)
        for asset in JOB_ASSETS[work.job]:
            for cell in cells:
                if f"{asset}/{cell}" in self.broken:
                    self.failures[work.id] += 1
                    return
                self.make(asset, cell)

    def polish(self, shot: str, circle: int | None) -> None:
        if circle is not None:
            self.circled[shot] = circle
        elif shot in self.unlucky:
            self.lost[shot] += 1
        else:
            self.takes[shot] += 1
            self.circled[shot] = self.takes[shot]
            tier = shot.partition(".")[0]
            self.left_usd[tier] = self.left_usd.get(tier, Decimal(1000)) - self.price_usd

    def cells(self, work: Work) -> list[str]:
        """The cells of a run, in the order of the grid, phantoms left out."""
        if work.first == work.last:
            return [work.first]
        tier = work.first.partition(".")[0]
        scenes = [f"{tier}.s{n:02d}" for n in SHOTS]
        order = [s for scene in scenes for s in self.facts.shots(scene)] if work.job == "shoot" else scenes
        return order[order.index(work.first) : order.index(work.last) + 1]

    def make(self, asset: str, cell: str) -> None:
        tier, scene, shot = (*cell.split("."), "", "")[:3]
        place = f"{tier}.{scene}" if scene else tier
        parts: dict[str, str] = {}
        content: object = [asset, cell]
        absent = None
        reads: list[str] = []
        match asset:
            case "brief":
                reads, parts = ["order#brief"], {"film": "film", "stakes": self.stakes, "dubs": self.dubs}
                content = self.orders["order#brief"]
            case "story":
                reads = ["brief#film"]
            case "pilot_strategies":
                reads, parts = ["brief#stakes", "story"], {t: t for t in self.ratings}
            case "scenes":
                script = self.scripts.setdefault(tier, paper_script(tier))
                reads = ["brief#film", "story", f"pilot_strategies#{tier}"]
                parts = {f"s{s.number:02d}": digest_of(s) for s in script.scenes} | {"score": "score"}
                content = script
            case "music":
                reads = ["brief#film", f"scenes/{tier}#score"]
            case "shot_plans":
                reads = [f"scenes/{tier}#{scene}"]
                parts = {f"k{k}": f"{cell}.{k}" for k in range(1, SHOTS[int(scene[1:])] + 1)}
            case "narration":
                reads, parts = [f"scenes/{tier}#{scene}", "brief#dubs"], {"spoken": f"{cell} as told"}
                content = [cell, self.dubs]
            case "pilot_clips":
                reads = [f"shot_plans/{place}#{shot}"]
                left = self.facts.left_usd[tier]
                price = Decimal(0) if cell in self.takes else self.price_usd
                if cell in self.flagged:
                    absent = Absent(kind="flagged", reason="no vendor made it")
                elif left < price:
                    absent = Absent(kind="unaffordable", reason="no money", needed_usd=self.price_usd)
                else:
                    self.left_usd[tier] = self.left_usd.get(tier, Decimal(1000)) - price
                    self.production_usd -= price
                    self.takes[cell] += cell not in self.takes
                    self.circled.setdefault(cell, self.takes[cell])
                content = [cell, self.takes[cell], self.circled.get(cell), self.lost[cell]]
            case "qa_scores":
                reads = [f"shot_plans/{cell}"] if self.facts.present(f"shot_plans/{cell}") else []
                reads += [f"narration/{cell}#spoken"] if self.facts.present(f"narration/{cell}") else []
                reads += [r for s in self.facts.shots(cell) if self.facts.present(r := f"pilot_clips/{s}")]
                content = [cell, [self.takes[s] for s in self.facts.shots(cell)]]
                for shot in self.facts.shots(cell):
                    if self.takes[shot]:
                        self.inspected[shot] = set(range(1, self.takes[shot] + 1))
            case "critic_verdicts":
                reads = [f"scenes/{tier}", f"qa_scores/{tier}.s02", f"qa_scores/{tier}.s03"]
                rating = self.ratings[tier]
                share = 100 if rating >= 80 else 50 if rating >= 60 else 0
                decision = "continue" if share else "cancel"
                content = self.verdicts[tier] = Verdict(
                    tier=tier, rating=rating, decision=decision, share_pct=share, gap="", reasons=("measured",)
                )
            case "edls":
                alive = continuing(self.verdicts, self.shares)
                reads = [ref for ref in self.headers if "/" in ref and ref.split("/")[1].split(".")[0] in alive]
                reads = [ref for ref in reads if self.facts.present(ref)]
                parts = {"recommended": digest_of([self.facts.digest(ref) for ref in reads])}
                content = parts
            case "final_cut":
                reads = ["edls#recommended", "order#choice"]
                content = [self.facts.digest(ref) for ref in reads]
                best = max(continuing(self.verdicts, self.shares), key=lambda tier: self.ratings[tier])
                parts = {best: "used"}
        inputs = {ref: self.facts.digest(ref) or "" for ref in reads}
        if absent is not None:
            content = absent
        self.headers[ref_of(asset, cell)] = Header(digest_of(content), inputs, parts, absent, "1")
        self.made.append(ref_of(asset, cell))
