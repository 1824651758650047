"""The call sheet: facts of a production in; wanted work, skips and reasons out. Pure, and without Dagster.

This is the only place that knows what comes next. Both sensors, the command line and ``studio status`` read the
same sheet. An artifact is *fresh* when every input it was made from still has the digest it had then, and nothing
it should have been made from is missing in that list. Work goes wave by wave from the brief down, and a cell is
only asked for when everything above it is fresh, so a change that leads to the same outcome stops there.

Work that fails is asked for again: a range cell by cell first, a cell once more; after that it is *blocked*, and
the rest goes on without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from studio_pipeline.budget.allocation import final_shares
from studio_pipeline.film.frozen import digest_of
from studio_pipeline.film.ratings import Verdict
from studio_pipeline.orchestration.artifacts import ref_of
from studio_pipeline.orchestration.facts import Facts

MOST_TRIES = 2
"""How often one cell is tried before it is blocked."""

JOB_ASSETS: Mapping[str, tuple[str, ...]] = {
    "develop": ("brief", "story", "pilot_strategies"),
    "script": ("scenes", "music"),
    "plan": ("shot_plans", "narration"),
    "shoot": ("pilot_clips",),
    "inspect": ("qa_scores",),
    "judge": ("critic_verdicts",),
    "edit": ("edls",),
    "finish": ("final_cut",),
}
"""The jobs the sensors launch, and the assets each makes for the same cells."""

State = Literal["working", "awaiting_choice", "delivered", "partial", "failed"]
Stage = Literal["waiting", "scripting", "test shoot", "verdict", "shooting", "finished", "cancelled", "blocked"]


@dataclass(frozen=True)
class Work:
    """One run to launch: ``job`` over the cells ``first`` to ``last`` (places; empty for the production itself)."""

    job: str
    first: str
    last: str
    reason: str
    by: Literal["call_sheet", "critic"]
    fingerprint: str
    """Digest of what the cells would be made from: other inputs make it other work."""

    @property
    def id(self) -> str:
        return f"{self.job}:{self.first}:{self.last}:{self.fingerprint}"


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
    move_money: bool = False
    """All verdicts are in and the pilots' money is to be moved now."""
    pilots: Mapping[str, PilotStatus] = field(default_factory=dict)


def call_sheet(facts: Facts) -> CallSheet:
    """Decide what comes next for one production."""
    return _Sheet(facts).fill()


def stale_refs(facts: Facts) -> dict[str, str]:
    """Every stored artifact that no longer follows from its inputs, with the reason in words.

    Staleness reaches as far as the last artifact below: what is made from something stale is named too.
    """
    stale: dict[str, str] = {}
    for ref, header in facts.headers.items():  # in pipeline order, so that causes come before effects
        changed = [name for name, digest in header.inputs.items() if facts.digest(name) != digest]
        above = [name for name in header.inputs if name.partition("#")[0] in stale]
        if changed:
            stale[ref] = f"{', '.join(changed[:3])} changed" + (f" and {len(changed) - 3} more" if changed[3:] else "")
        elif above:
            stale[ref] = f"follows {above[0].partition('#')[0]}"
    return stale


def continuing(verdicts: Mapping[str, Verdict]) -> dict[str, int]:
    """Pilots that are shot to the end, with the share of their money they keep; all verdicts seen together."""
    shares = final_shares(
        {tier: verdict.share_pct for tier, verdict in verdicts.items()},
        {tier: verdict.rating for tier, verdict in verdicts.items()},
    )
    return {tier: share for tier, share in shares.items() if share > 0}


class _Sheet:
    """The sheet while it is being filled in."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.work: list[Work] = []
        self.skips: list[Skip] = []
        self.blocked: list[str] = []
        self.unaffordable: list[str] = []
        self.pilots: dict[str, PilotStatus] = {}
        self.move_money = False

    def fill(self) -> CallSheet:
        state = self._advance()
        return CallSheet(
            production=self.facts.production,
            state=state,
            work=tuple(work for work in self.work if work.id not in self.facts.in_flight),
            skips=tuple(self.skips),
            blocked=tuple(self.blocked),
            unaffordable=tuple(self.unaffordable),
            move_money=self.move_money,
            pilots=self.pilots,
        )

    def _advance(self) -> State:
        facts = self.facts
        if not self._settled("develop", [""], "a brief was handed in", expect={"brief": ["order#brief"]}):
            return self._working_or("failed")
        tiers = [pilot.tier for pilot in facts.strategies.pilots] if facts.strategies else []
        cancelled = self._cancelled(tiers)
        tested = {tier: self._test(tier) for tier in tiers if tier not in cancelled}
        if not all(tested.values()):
            return self._working_or("failed")
        judged = [tier for tier in tested if tier in facts.verdicts and self.pilots[tier].stage != "blocked"]
        if not judged:
            return "failed"
        if not facts.money_moved:
            self.move_money = True
            return "working"
        shares = continuing({tier: facts.verdicts[tier] for tier in judged})
        finished = [self._rest(tier, shares.get(tier, 0)) for tier in (*judged, *cancelled)]
        if not all(finished):
            return "working"
        return self._cut(list(shares))

    def _working_or(self, otherwise: State) -> State:
        return "working" if self.work else otherwise

    def _cancelled(self, tiers: Sequence[str]) -> list[str]:
        """Pilots whose money has gone to others: whatever changes above them, they are not tested again."""
        if not self.facts.money_moved:
            return []
        verdicts = {tier: self.facts.verdicts[tier] for tier in tiers if tier in self.facts.verdicts}
        shares = continuing(verdicts)
        return [tier for tier in verdicts if tier not in shares]

    # A pilot up to its verdict. True once nothing more is to be done before the money is moved.

    def _test(self, tier: str) -> bool:
        self._stand(tier, "scripting", [])
        if not self._settled("script", [tier], f"{tier} has no script of this brief"):
            return self._out(tier, [ref_of("scenes", tier), ref_of("music", tier)])
        script = self.facts.scripts[tier]
        test = [f"{tier}.s{number:02d}" for number in script.test_scenes]
        self._stand(tier, "test shoot", test)
        if not self._shoot(tier, test, "test scene", by="call_sheet"):
            return self._out(tier, self._refs(test))
        self._stand(tier, "verdict", test)
        expected = {"critic_verdicts": [ref_of("qa_scores", scene) for scene in test]}
        judged = self._settled("judge", [tier], "its test scenes are rated", expect=expected, by="critic")
        return judged or self._out(tier, [ref_of("critic_verdicts", tier)])

    def _out(self, tier: str, needed: Iterable[str]) -> bool:
        """Whether the pilot is out because one of the ``needed`` refs is blocked and nothing of it is wanted."""
        wanted = any(work.first.partition(".")[0] == tier for work in self.work)
        if set(needed) & set(self.blocked) and not wanted:
            self._stand(tier, "blocked", [])
            return True
        return False

    # A pilot from its verdict to its last scene. True once nothing more is to be done.

    def _rest(self, tier: str, share_pct: int) -> bool:
        script, verdict = self.facts.scripts[tier], self.facts.verdicts[tier]
        rest = [f"{tier}.s{s.number:02d}" for s in script.scenes if s.number not in script.test_scenes]
        if share_pct == 0:
            self._stand(tier, "cancelled", [])
            self.skips.append(Skip(tier, tuple(rest), f"{tier} was cancelled. {' '.join(verdict.reasons)}"))
            return True
        everything = [f"{tier}.s{scene.number:02d}" for scene in script.scenes]
        self._stand(tier, "shooting", everything)
        why = f"the critic continues {tier} with {share_pct} %"
        if not self._shoot(tier, rest, why, by="critic") and any(w.first.startswith(f"{tier}.") for w in self.work):
            return False
        self._stand(tier, "finished", everything)
        return True

    def _shoot(self, tier: str, scenes: Sequence[str], why: str, *, by: Literal["call_sheet", "critic"]) -> bool:
        """Plan, shoot and inspect ``scenes``. True once all are inspected.

        When every single shot failed there is nothing to inspect: that says something about the vendor or the
        machine, and nothing about the pilot, which is not judged by it.
        """
        if not self._settled("plan", scenes, why, by=by):
            return False
        shots = self._settled_shots(tier, scenes, why, by)
        every = {ref_of("pilot_clips", shot) for scene in scenes for shot in self.facts.shots(scene)}
        if not shots or (every and every <= set(self.blocked)):
            return False
        expected = {
            ref_of("qa_scores", scene): [
                ref for shot in self.facts.shots(scene) if self.facts.present(ref := ref_of("pilot_clips", shot))
            ]
            for scene in scenes
        }
        return self._settled("inspect", scenes, "its takes are in", expect=expected)

    def _settled_shots(self, tier: str, scenes: Sequence[str], why: str, by: Literal["call_sheet", "critic"]) -> bool:
        every_scene = [f"{tier}.s{scene.number:02d}" for scene in self.facts.scripts[tier].scenes]
        order = [shot for scene in every_scene for shot in (self.facts.shots(scene) or [""])]
        wanted = []
        for shot in (shot for scene in scenes for shot in self.facts.shots(scene)):
            ref = ref_of("pilot_clips", shot)
            if not self._fresh(ref, [f"{ref_of('shot_plans', shot.rpartition('.')[0])}#{shot.rpartition('.')[2]}"]):
                wanted.append(shot)
            elif (absent := self.facts.headers[ref].absent) and absent.kind == "unaffordable":
                if absent.needed_usd is not None and self.facts.left_usd[tier] >= absent.needed_usd:
                    wanted.append(shot)
                else:
                    self.unaffordable.append(ref)
        return self._ask("shoot", wanted, order, why, by)

    # The cuts and the film.

    def _cut(self, survivors: Sequence[str]) -> State:
        facts = self.facts
        expected = [ref for tier in survivors for ref in self._footage(tier)]
        if not self._settled("edit", [""], "all surviving pilots are shot", expect={"edls": expected}):
            return self._working_or("failed")
        if "order#choice" not in facts.orders:
            return "awaiting_choice"
        if not self._settled("finish", [""], "a cut was chosen", expect={"final_cut": ["order#choice"]}):
            return self._working_or("failed")
        # Which pilots the film is cut from; shots that another pilot lacks do not make this film a partial one.
        used = facts.headers["final_cut"].parts
        lacking = {ref.partition("/")[2].partition(".")[0] for ref in (*self.unaffordable, *self.blocked)}
        return "partial" if lacking & used.keys() else "delivered"

    def _footage(self, tier: str) -> list[str]:
        """Refs of everything a cut of the pilot may be made from and that is there."""
        scenes = [f"{tier}.s{scene.number:02d}" for scene in self.facts.scripts[tier].scenes]
        refs = [ref_of(asset, tier) for asset in ("scenes", "music", "critic_verdicts")]
        refs += [ref_of(asset, scene) for scene in scenes for asset in ("shot_plans", "narration", "qa_scores")]
        refs += [ref_of("pilot_clips", shot) for scene in scenes for shot in self.facts.shots(scene)]
        return [ref for ref in refs if self.facts.present(ref)]

    # Asking for work.

    def _settled(
        self,
        job: str,
        places: Sequence[str],
        reason: str,
        *,
        expect: Mapping[str, Iterable[str]] | None = None,
        by: Literal["call_sheet", "critic"] = "call_sheet",
    ) -> bool:
        """Whether all assets of ``job`` are fresh at ``places``; asks for the ones that are not.

        ``expect`` lists refs that must be among the inputs, by asset or by the ref of one artifact.
        """
        expect = expect or {}
        assets = JOB_ASSETS[job]

        def fresh(place: str) -> bool:
            refs = [(asset, ref_of(asset, place)) for asset in assets]
            return all(self._fresh(ref, expect.get(ref, expect.get(asset, ()))) for asset, ref in refs)

        return self._ask(job, [place for place in places if not fresh(place)], self._order(places), reason, by)

    def _order(self, places: Sequence[str]) -> Sequence[str]:
        """The grid's order around ``places``: for scenes all scenes of the pilot, so that no range runs over others."""
        tier, dot, _ = places[0].partition(".") if places else ("", "", "")
        return [f"{tier}.s{scene.number:02d}" for scene in self.facts.scripts[tier].scenes] if dot else places

    def _fresh(self, ref: str, expected: Iterable[str] = ()) -> bool:
        header = self.facts.headers.get(ref)
        return (
            header is not None
            and set(expected) <= header.inputs.keys()
            and all(self.facts.digest(name) == digest for name, digest in header.inputs.items())
        )

    def _ask(
        self,
        job: str,
        wanted: Sequence[str],
        order: Sequence[str],
        reason: str,
        by: Literal["call_sheet", "critic"],
    ) -> bool:
        """Ask for ``wanted`` in as few runs as neighbours in ``order`` allow. True when nothing is open.

        Shots that are blocked are no reason to wait; any other blocked cell is.
        """
        open_work = False
        blocked = False
        for cells in _neighbours(wanted, order):
            whole = self._work(job, cells, reason, by)
            if len(cells) > 1 and not self.facts.failures.get(whole.id):
                self.work.append(whole)
                open_work = True
                continue
            for cell in cells:
                single = self._work(job, [cell], reason, by)
                if self.facts.failures.get(single.id, 0) < MOST_TRIES:
                    self.work.append(single)
                    open_work = True
                else:
                    self.blocked.extend(ref_of(asset, cell) for asset in JOB_ASSETS[job])
                    blocked = True
        return not open_work and (not blocked or job == "shoot")

    def _work(self, job: str, cells: Sequence[str], reason: str, by: Literal["call_sheet", "critic"]) -> Work:
        return Work(job, cells[0], cells[-1], reason, by, self._fingerprint(job, cells))

    def _fingerprint(self, job: str, cells: Sequence[str]) -> str:
        """Digest of everything directly above ``cells`` that is there now."""
        tier, _, _ = cells[0].partition(".")
        above = {
            "develop": ["order#brief"],
            "script": ["brief#film", "story", f"pilot_strategies#{tier}"],
            "plan": [f"scenes/{tier}#{cell.partition('.')[2]}" for cell in cells],
            "shoot": [f"shot_plans/{cell.rpartition('.')[0]}#{cell.rpartition('.')[2]}" for cell in cells],
            "inspect": [ref_of(a, c) for c in cells for a in ("shot_plans", "narration")]
            + [ref_of("pilot_clips", shot) for cell in cells for shot in self.facts.shots(cell)],
            "judge": [ref for ref in self.facts.headers if ref.startswith((f"qa_scores/{tier}.", f"scenes/{tier}"))],
            "edit": [ref for ref in self.facts.headers if "/" in ref],
            "finish": ["edls", "order#choice"],
        }[job]
        money = str(self.facts.left_usd.get(tier)) if job == "shoot" and self._was_unaffordable(cells) else ""
        return digest_of([money, *((ref, self.facts.digest(ref)) for ref in above)])[:12]

    def _was_unaffordable(self, shots: Sequence[str]) -> bool:
        headers = (self.facts.headers.get(ref_of("pilot_clips", shot)) for shot in shots)
        return any(header is not None and header.absent is not None for header in headers)

    # Where a pilot stands.

    def _stand(self, tier: str, stage: Stage, scenes: Sequence[str]) -> None:
        refs = self._refs(scenes)
        unplanned = sum(2 for scene in scenes if not self.facts.shots(scene))
        self.pilots[tier] = PilotStatus(stage, sum(self._fresh(ref) for ref in refs), len(refs) + unplanned)

    def _refs(self, scenes: Sequence[str]) -> list[str]:
        """Everything that is made for ``scenes``, as far as they are planned."""
        refs = [ref_of(asset, scene) for scene in scenes for asset in ("shot_plans", "narration", "qa_scores")]
        return refs + [ref_of("pilot_clips", shot) for scene in scenes for shot in self.facts.shots(scene)]


def _neighbours(wanted: Sequence[str], order: Sequence[str]) -> list[list[str]]:
    """Split ``wanted`` into runs of cells that follow each other in ``order``."""
    position = {place: index for index, place in enumerate(order)}
    groups: list[list[str]] = []
    for place in sorted(wanted, key=position.__getitem__):
        if groups and position[place] == position[groups[-1][-1]] + 1:
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups
