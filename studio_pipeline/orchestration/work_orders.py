"""Work orders: what is asked for of a production, in as few runs as can be, and what was given up. Pure.

Work that fails is asked for again: a range cell by cell first, a cell once more; after that it is *blocked*. Which
work is wanted when is the call sheet's decision (``call_sheet.py``); how it becomes a Dagster run, that of ``jobs.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from studio_pipeline.film.frozen import digest_of
from studio_pipeline.orchestration.artifacts import ref_of
from studio_pipeline.orchestration.facts import Facts
from studio_pipeline.orchestration.freshness import why_stale

MOST_TRIES = 2
"""How often one cell is tried before it is blocked."""

JOB_ASSETS: Mapping[str, tuple[str, ...]] = {
    "revise": ("brief",),
    "develop": ("brief", "story", "pilot_strategies"),
    "script": ("scenes", "music"),
    "plan": ("shot_plans", "narration"),
    "narrate": ("narration",),
    "shoot": ("pilot_clips",),
    "inspect": ("qa_scores",),
    "judge": ("critic_verdicts",),
    "edit": ("edls",),
    "finish": ("final_cut",),
    "polish": ("pilot_clips",),
}
"""The jobs the sensors launch, and the assets each makes for the same cells."""

By: TypeAlias = Literal["call_sheet", "critic"]
"""Which sensor launches it."""


@dataclass(frozen=True)
class Work:
    """One run to launch: ``job`` over the cells ``first`` to ``last`` (places; empty for the production itself)."""

    job: str
    first: str
    last: str
    reason: str
    by: By
    fingerprint: str
    """Digest of what the cells would be made from: other inputs make it other work."""
    circle: int | None = None
    """For the job ``polish``: the take to circle; ``None`` asks for another one."""

    @property
    def id(self) -> str:
        return f"{self.job}:{self.first}:{self.last}:{self.fingerprint}"


class WorkOrders:
    """The work asked for so far; every question whether something is fresh may lead to more of it."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.wanted: list[Work] = []
        self.blocked: list[str] = []
        """Refs of cells that failed too often."""
        self.outdated: dict[str, str] = {}
        """Stored artifacts that have to be made again, as far as anybody asked, with the reason in words."""

    def wants(self, tier: str) -> bool:
        """Whether work of the pilot is wanted."""
        return any(work.first.partition(".")[0] == tier for work in self.wanted)

    def fresh(self, ref: str, expected: Iterable[str] = ()) -> bool:
        """Whether ``ref`` is there and follows from its inputs, the ``expected`` ones among them."""
        why = why_stale(self.facts, ref, expected)
        if why is not None and ref in self.facts.headers:
            self.outdated[ref] = why
        return why is None

    def settled(
        self,
        job: str,
        places: Sequence[str],
        reason: str,
        *,
        expect: Mapping[str, Iterable[str]] | None = None,
        by: By = "call_sheet",
    ) -> bool:
        """Whether all assets of ``job`` are fresh at ``places``; asks for the ones that are not.

        ``expect`` lists refs that must be among the inputs, by asset or by the ref of one artifact.
        """
        expect = expect or {}
        assets = JOB_ASSETS[job]

        def fresh(place: str) -> bool:
            refs = [(asset, ref_of(asset, place)) for asset in assets]
            return all(self.fresh(ref, expect.get(ref, expect.get(asset, ()))) for asset, ref in refs)

        return self.ask(job, [place for place in places if not fresh(place)], self._order(places), reason, by)

    def _order(self, places: Sequence[str]) -> Sequence[str]:
        """The grid's order around ``places``: for scenes all scenes of the pilot, so that no range runs over others."""
        tier, dot, _ = places[0].partition(".") if places else ("", "", "")
        return [f"{tier}.s{scene.number:02d}" for scene in self.facts.scripts[tier].scenes] if dot else places

    def ask(
        self,
        job: str,
        wanted: Sequence[str],
        order: Sequence[str],
        reason: str,
        by: By,
    ) -> bool:
        """Ask for ``wanted`` in as few runs as neighbours in ``order`` allow. True when nothing is open.

        Shots that are blocked are no reason to wait; any other blocked cell is.
        """
        open_work = False
        blocked = False
        for cells in _neighbours(wanted, order):
            whole = self._work(job, cells, reason, by)
            if len(cells) > 1 and not self.facts.failures.get(whole.id):
                self.wanted.append(whole)
                open_work = True
                continue
            for cell in cells:
                single = self._work(job, [cell], reason, by)
                if self.facts.failures.get(single.id, 0) < MOST_TRIES:
                    self.wanted.append(single)
                    open_work = True
                else:
                    refs = [ref_of(asset, cell) for asset in JOB_ASSETS[job]]
                    self.blocked.extend([ref for ref in refs if not self.fresh(ref)] or refs)
                    blocked = True
        return not open_work and (not blocked or job == "shoot")

    def polish(self, shot: str, reason: str, *, circle: int | None = None) -> bool:
        """Ask for another take of a shot, or for another circle; ``False`` when that has failed too often."""
        work = Work("polish", shot, shot, reason, "critic", self._fingerprint("polish", [shot]), circle)
        if self.facts.failures.get(work.id, 0) >= MOST_TRIES:
            return False
        self.wanted.append(work)
        return True

    def _work(self, job: str, cells: Sequence[str], reason: str, by: By) -> Work:
        return Work(job, cells[0], cells[-1], reason, by, self._fingerprint(job, cells))

    def _fingerprint(self, job: str, cells: Sequence[str]) -> str:
        """Digest of everything directly above ``cells`` that is there now."""
        tier, _, _ = cells[0].partition(".")
        above = {
            "revise": ["order#brief"],
            "develop": ["order#brief"],
            "script": ["brief#film", "story", f"pilot_strategies#{tier}"],
            "plan": [f"scenes/{tier}#{cell.partition('.')[2]}" for cell in cells],
            "narrate": ["brief#dubs", *(f"scenes/{tier}#{cell.partition('.')[2]}" for cell in cells)],
            "shoot": [f"shot_plans/{cell.rpartition('.')[0]}#{cell.rpartition('.')[2]}" for cell in cells],
            "inspect": [ref_of(a, c) for c in cells for a in ("shot_plans", "narration")]
            + [ref_of("pilot_clips", shot) for cell in cells for shot in self.facts.shots(cell)],
            "judge": [ref for ref in self.facts.headers if ref.startswith((f"qa_scores/{tier}.", f"scenes/{tier}"))],
            "edit": [ref for ref in self.facts.headers if "/" in ref]
            + [ref for ref in self.facts.orders if ref.startswith("order#recut")],
            "finish": ["edls", "order#choice"],
            "polish": [ref for c in cells for ref in (f"pilot_clips/{c}", f"qa_scores/{c.rpartition('.')[0]}")],
        }[job]
        money = str(self.facts.left_usd.get(tier)) if job == "shoot" and self._was_unaffordable(cells) else ""
        return digest_of([money, *((ref, self.facts.digest(ref)) for ref in above)])[:12]

    def _was_unaffordable(self, shots: Sequence[str]) -> bool:
        headers = (self.facts.headers.get(ref_of("pilot_clips", shot)) for shot in shots)
        return any(header is not None and header.absent is not None for header in headers)


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
