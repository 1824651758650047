"""The call sheet: facts of a production in; wanted work, skips and reasons out. Pure, and without Dagster.

This is the only place that knows what comes next. Both sensors, the command line and ``studio status`` read the
same sheet. An artifact is *fresh* when every input it was made from still has the digest it had then, and nothing
it should have been made from is missing in that list (``freshness.py``). Work goes wave by wave from the brief down,
and a cell is only asked for when everything above it is fresh, so a change that leads to the same outcome stops there.

Work that fails too often is *blocked* (``work_orders.py``), and the rest goes on without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from studio_pipeline.budget.allocation import final_shares
from studio_pipeline.budget.halving import Decision, RatedShot, best_take, next_takes
from studio_pipeline.budget.refinement import to_refine
from studio_pipeline.film.ratings import Verdict
from studio_pipeline.orchestration.artifacts import ref_of
from studio_pipeline.orchestration.facts import Facts
from studio_pipeline.orchestration.work_orders import By, Work, WorkOrders

State = Literal["working", "awaiting_choice", "delivered", "partial", "failed"]
Stage = Literal["waiting", "scripting", "test shoot", "verdict", "shooting", "finished", "cancelled", "blocked"]


@dataclass(frozen=True)
class Skip:
    """Cells that will not be made, and why."""

    tier: str
    scenes: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class PilotStatus:
    """Where one pilot stands; ``done`` of ``total`` scene and shot cells are fresh."""

    stage: Stage
    done: int
    total: int


@dataclass(frozen=True)
class CallSheet:
    """What to do now for one production."""

    production: str
    state: State
    work: tuple[Work, ...] = ()
    skips: tuple[Skip, ...] = ()
    blocked: tuple[str, ...] = ()
    """Refs of cells that failed too often."""
    unaffordable: tuple[str, ...] = ()
    """Refs of shots there was no money for."""
    flagged: tuple[str, ...] = ()
    """Refs of shots that no vendor made; a person may order another take of them."""
    move_money: bool = False
    """All verdicts are in and the pilots' money is to be moved now."""
    pilots: Mapping[str, PilotStatus] = field(default_factory=dict)
    outdated: Mapping[str, str] = field(default_factory=dict)
    """Stored artifacts that have to be made again, as far as the sheet has looked, with the reason in words."""


def call_sheet(facts: Facts) -> CallSheet:
    """Decide what comes next for one production."""
    return _Sheet(facts).fill()


def continuing(verdicts: Mapping[str, Verdict], decided: Mapping[str, int] | None) -> dict[str, int]:
    """Pilots that are shot to the end, with the share of their money they keep; all verdicts seen together.

    Args:
        decided: the shares when the money was moved (``Facts.shares``). They stand, whatever the ratings are today;
            a pilot that was judged after that has its own verdict's.
    """
    own = {tier: verdict.share_pct for tier, verdict in verdicts.items()}
    if decided is None:
        shares = final_shares(own, {tier: verdict.rating for tier, verdict in verdicts.items()})
    else:
        shares = {tier: decided.get(tier, share) for tier, share in own.items()}
    return {tier: share for tier, share in shares.items() if share > 0}


class _Sheet:
    """The sheet while it is being filled in."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.orders = WorkOrders(facts)
        self.skips: list[Skip] = []
        self.unaffordable: list[str] = []
        self.flagged: list[str] = []
        self.pilots: dict[str, PilotStatus] = {}
        self.move_money = False

    def fill(self) -> CallSheet:
        state = self._advance()
        return CallSheet(
            production=self.facts.production,
            state=state,
            work=tuple(work for work in self.orders.wanted if work.id not in self.facts.in_flight),
            skips=tuple(self.skips),
            blocked=tuple(self.orders.blocked),
            unaffordable=tuple(self.unaffordable),
            flagged=tuple(self.flagged),
            move_money=self.move_money,
            pilots=self.pilots,
            outdated=self.orders.outdated,
        )

    def _advance(self) -> State:
        facts = self.facts
        ordered = {"brief": ["order#brief"]}
        # A changed brief is read alone first: for one more dub its story need not be read again.
        if "brief" in facts.headers and not self.orders.settled("revise", [""], "the brief changed", expect=ordered):
            return self._working_or("failed")
        if not self.orders.settled("develop", [""], "a brief was handed in", expect=ordered):
            return self._working_or("failed")
        tiers = [pilot.tier for pilot in facts.strategies.pilots] if facts.strategies else []
        cancelled = self._cancelled(tiers)
        tested = {tier: self._test(tier) for tier in tiers if tier not in cancelled}
        if not all(tested.values()):
            return self._working_or("failed")
        judged = [tier for tier in tested if tier in facts.verdicts and self.pilots[tier].stage != "blocked"]
        if not judged:
            return "failed"
        if facts.shares is None:
            self.move_money = True
            return "working"
        shares = continuing({tier: facts.verdicts[tier] for tier in judged}, facts.shares)
        finished = [self._rest(tier, shares.get(tier, 0)) for tier in (*judged, *cancelled)]
        if not all(finished):
            return "working"
        if facts.policy == "halving" and not self._halve(list(shares)):
            return "working"
        if facts.refines:
            refined = [self._refine(tier) for tier in shares]
            if not all(refined):
                return "working"
        return self._cut(list(shares))

    def _working_or(self, otherwise: State) -> State:
        return "working" if self.orders.wanted else otherwise

    def _cancelled(self, tiers: Sequence[str]) -> list[str]:
        """Pilots whose money has gone to others: whatever changes above them, they are not tested again."""
        gone = [tier for tier, share in (self.facts.shares or {}).items() if share == 0]
        return [tier for tier in tiers if tier in gone and tier in self.facts.verdicts and tier in self.facts.scripts]

    # A pilot up to its verdict. True once nothing more is to be done before the money is moved.

    def _test(self, tier: str) -> bool:
        self._stand(tier, "scripting", [])
        if not self.orders.settled("script", [tier], f"{tier} has no script of this brief"):
            return self._out(tier, [ref_of("scenes", tier), ref_of("music", tier)])
        script = self.facts.scripts[tier]
        test = [f"{tier}.s{number:02d}" for number in script.test_scenes]
        self._stand(tier, "test shoot", test)
        if not self._shoot(tier, test, "test scene", by="call_sheet", whole=True):
            return self._out(tier, self._refs(test))
        self._stand(tier, "verdict", test)
        expected = {"critic_verdicts": [ref_of("qa_scores", scene) for scene in test]}
        judged = self.orders.settled("judge", [tier], "its test scenes are rated", expect=expected, by="critic")
        return judged or self._out(tier, [ref_of("critic_verdicts", tier)])

    def _out(self, tier: str, needed: Iterable[str]) -> bool:
        """Whether the pilot is out because one of the ``needed`` refs is blocked and nothing of it is wanted."""
        if set(needed) & {*self.orders.blocked, *self.flagged} and not self.orders.wants(tier):
            self._stand(tier, "blocked", [])
            return True
        return False

    # A pilot from its verdict to its last scene. True once nothing more is to be done.

    def _rest(self, tier: str, share_pct: int) -> bool:
        script, verdict = self.facts.scripts[tier], self.facts.verdicts[tier]
        rest = [f"{tier}.s{s.number:02d}" for s in script.scenes if s.number not in script.test_scenes]
        if share_pct == 0:
            self._stand(tier, "cancelled", [])
            why = self.facts.why_moved.get(tier, f"{tier} was cancelled.")
            self.skips.append(Skip(tier, tuple(rest), " ".join((why, *verdict.reasons))))
            return True
        everything = [f"{tier}.s{scene.number:02d}" for scene in script.scenes]
        self._stand(tier, "shooting", everything)
        why = f"the critic continues {tier} with {share_pct} %"
        if not self._shoot(tier, rest, why, by="critic") and self.orders.wants(tier):
            return False
        self._stand(tier, "finished", everything)
        return True

    def _halve(self, tiers: Sequence[str]) -> bool:
        """By the policy ``halving``: the better half of the pilots gets what is left, and spends it on more takes."""
        rated = [tier for tier in tiers if any(shot.ratings for shot in self.facts.rated.get(tier, ()))]
        if len(rated) > 1 and self.facts.halved is None:
            self.move_money = True
            return False
        shares = self.facts.halved or dict.fromkeys(rated, 100)
        polished = [self._polish(tier) for tier in rated if shares.get(tier, 0) > 0]
        return all(polished)

    def _polish(self, tier: str) -> bool:
        """By the policy ``halving``: more takes where there is the most to gain."""
        facts = self.facts
        return self._more_takes(
            tier,
            lambda shots: (
                next_takes(
                    shots, facts.left_usd[tier], good_enough=facts.good_enough, noise_points=facts.noise_points
                ).decisions
            ),
        )

    def _refine(self, tier: str) -> bool:
        """Have the shots under the bar made again, told what was wrong with them."""
        facts = self.facts
        return self._more_takes(
            tier, lambda shots: to_refine(shots, facts.left_usd[tier], gates=facts.gates, good=facts.good_enough)
        )

    def _more_takes(self, tier: str, decide: Callable[[Sequence[RatedShot]], Sequence[Decision]]) -> bool:
        """Circle the best takes, then ask for another take of each shot for which that is decided."""
        shots, open_work = self.facts.rated.get(tier, ()), False
        if self._circles(shots):
            return False
        for decision in decide(shots):
            if decision.another:
                open_work |= self.orders.polish(decision.shot, decision.why)
        return not open_work

    def _circles(self, shots: Sequence[RatedShot]) -> bool:
        """Whether a better take than the circled one has to be circled first; asks for it."""
        asked = False
        for shot in shots:
            if not shot.ratings:
                continue
            best = best_take(shot.ratings, noise_points=self.facts.noise_points)
            if best.take != self.facts.circled[shot.name]:
                asked |= self.orders.polish(shot.name, best.why, circle=best.take)
        return asked

    def _shoot(
        self,
        tier: str,
        scenes: Sequence[str],
        why: str,
        *,
        by: By,
        whole: bool = False,
    ) -> bool:
        """Plan, shoot and inspect ``scenes``. True once all are inspected.

        A scene that cannot be planned or narrated stops the others only when they are wanted as a ``whole``. When
        every single shot failed there is nothing to inspect: that says something about the vendor or the machine,
        and nothing about the pilot, which is not judged by it.
        """
        if not self._planned(scenes, why, by):
            if whole or self.orders.wants(tier):
                return False
            scenes = [scene for scene in scenes if self.orders.fresh(ref_of("shot_plans", scene))]
        shots = self._settled_shots(tier, scenes, why, by)
        every = {ref_of("pilot_clips", shot) for scene in scenes for shot in self.facts.shots(scene)}
        if not shots or (every and every <= {*self.orders.blocked, *self.flagged}):
            return False
        expected = {
            ref_of("qa_scores", scene): [
                ref for shot in self.facts.shots(scene) if self.facts.present(ref := ref_of("pilot_clips", shot))
            ]
            for scene in scenes
        }
        return self.orders.settled("inspect", scenes, "its takes are in", expect=expected)

    def _planned(self, scenes: Sequence[str], why: str, by: By) -> bool:
        """Plan ``scenes`` and have them narrated. Where only the words are out of date, as after one more dub was
        ordered, nothing is planned again: another plan would be another picture."""
        planned = [scene for scene in scenes if self.orders.fresh(ref_of("shot_plans", scene))]
        narrated = self.orders.settled("narrate", planned, "it is planned; its words are to be spoken", by=by)
        others = [scene for scene in scenes if scene not in planned]
        return self.orders.settled("plan", others, why, by=by) and narrated

    def _settled_shots(self, tier: str, scenes: Sequence[str], why: str, by: By) -> bool:
        every_scene = [f"{tier}.s{scene.number:02d}" for scene in self.facts.scripts[tier].scenes]
        order = [shot for scene in every_scene for shot in (self.facts.shots(scene) or [""])]
        wanted = []
        for shot in (shot for scene in scenes for shot in self.facts.shots(scene)):
            ref, (scene, _, number) = ref_of("pilot_clips", shot), shot.rpartition(".")
            if not self.orders.fresh(ref, [f"{ref_of('shot_plans', scene)}#{number}"]):
                wanted.append(shot)
                continue
            absent = self.facts.headers[ref].absent
            if absent and absent.kind == "unaffordable":
                if absent.needed_usd is not None and self.facts.left_usd[tier] >= absent.needed_usd:
                    wanted.append(shot)
                else:
                    self.unaffordable.append(ref)
            elif absent and absent.kind == "flagged":
                self.flagged.append(ref)
        return self.orders.ask("shoot", wanted, order, why, by)

    # The cuts and the film.

    def _cut(self, survivors: Sequence[str]) -> State:
        facts = self.facts
        expected = [ref for tier in survivors for ref in self._footage(tier)]
        expected += [ref for ref in facts.orders if ref.startswith("order#recut")]
        if not self.orders.settled("edit", [""], "all surviving pilots are shot", expect={"edls": expected}):
            return self._working_or("failed")
        if "order#choice" not in facts.orders:
            return "awaiting_choice"
        if not self.orders.settled("finish", [""], "a cut was chosen", expect={"final_cut": ["order#choice"]}):
            return self._working_or("failed")
        # Which pilots the film is cut from; shots that another pilot lacks do not make this film a partial one.
        used = facts.headers["final_cut"].parts
        self.flagged += facts.flagged("narration", "music")
        missing = (*self.unaffordable, *self.flagged, *self.orders.blocked)
        lacking = {ref.partition("/")[2].partition(".")[0] for ref in missing}
        return "partial" if lacking & used.keys() else "delivered"

    def _footage(self, tier: str) -> list[str]:
        """Refs of everything a cut of the pilot may be made from and that is there."""
        scenes = [f"{tier}.s{scene.number:02d}" for scene in self.facts.scripts[tier].scenes]
        refs = [ref_of(asset, tier) for asset in ("scenes", "music", "critic_verdicts")]
        refs += [ref_of(asset, scene) for scene in scenes for asset in ("shot_plans", "narration", "qa_scores")]
        refs += [ref_of("pilot_clips", shot) for scene in scenes for shot in self.facts.shots(scene)]
        return [ref for ref in refs if self.facts.present(ref)]

    # Where a pilot stands.

    def _stand(self, tier: str, stage: Stage, scenes: Sequence[str]) -> None:
        refs = self._refs(scenes)
        unplanned = sum(2 for scene in scenes if not self.facts.shots(scene))
        self.pilots[tier] = PilotStatus(stage, sum(self.orders.fresh(ref) for ref in refs), len(refs) + unplanned)

    def _refs(self, scenes: Sequence[str]) -> list[str]:
        """Everything that is made for ``scenes``, as far as they are planned."""
        refs = [ref_of(asset, scene) for scene in scenes for asset in ("shot_plans", "narration", "qa_scores")]
        return refs + [ref_of("pilot_clips", shot) for scene in scenes for shot in self.facts.shots(scene)]
