"""What must be true after a storm, and the words and numbers when it is looked back on.

The vendors' own books say what was charged, movement by movement; the ledger says what it knows. Each job of the one is
held against its entry in the other, and every moment of the books against every envelope.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from studio_pipeline.budget.purchase import PAID, Entry
from studio_pipeline.errors import HomeDamaged
from studio_pipeline_tests.backlot.money.storm import Storm, job_key, kind_of, may_be, named_here
from studio_pipeline_tests.backlot.money.weather import SLATE, WISHES

_TELL_THEIR_PRICE = ("runway",)
"""Vendors that say what a job cost; what others charge above their price list no ledger can know."""
_LIST_THEIR_JOBS = ("fal", "openai-videos")


@dataclass
class Audit:
    """A storm looked back on."""

    storm: Storm

    @cached_property
    def entries(self) -> list[Entry]:
        return self.storm.entries()

    @cached_property
    def jobs(self) -> dict[str, dict[str, Any]]:
        return {job_key(job["id"]): job for job in self.storm.till.jobs()}

    @cached_property
    def notes(self) -> list[tuple[str, str]]:
        file = self.storm.shop.folder / "notes.jsonl"
        return [(what, words) for what, words in map(json.loads, file.read_text(encoding="utf-8").splitlines())]

    @cached_property
    def entry_of(self) -> dict[str, Entry]:
        """The entry of each job: by its id, as the person said, or by its words where the answer was the file."""
        by_id = {entry.id: entry for entry in self.entries}
        found = {job: by_id[entry] for entry, job in self.storm.said.items() if job}
        found |= {job_key(e.job_id): e for e in self.entries if e.job_id and not named_here(e)}
        for entry in filter(named_here, self.entries):
            its = (key for key, job in self.jobs.items() if key not in found and may_be(job, entry))
            if (key := next(its, None)) is not None:
                found[key] = entry
        return found

    @property
    def ledger_usd(self) -> Decimal:
        return sum((entry.settled_usd or Decimal(0) for entry in self.entries if entry.state in PAID), Decimal(0))

    @property
    def meter_usd(self) -> Decimal:
        return self.storm.till.meter_usd()

    @property
    def cap_usd(self) -> Decimal:
        return self.storm.caps[SLATE]

    @property
    def excess_usd(self) -> Decimal:
        """What the vendors took above the most that they had said."""
        return sum((self._above(key) for key in self.jobs), Decimal(0))

    @property
    def untold_usd(self) -> Decimal:
        """What they charged otherwise than quoted, without telling anybody."""
        total = Decimal(0)
        for key, job in self.jobs.items():
            entry = self.entry_of.get(key)
            if entry and entry.state in PAID and not self._told(key):
                total += Decimal(job["billed_usd"]) - entry.expected_usd
        return total

    def _told(self, key: str) -> bool:
        return self.jobs[key]["vendor"] in _TELL_THEIR_PRICE or key in self.storm.said.values()

    def _above(self, key: str) -> Decimal:
        entry = self.entry_of.get(key)
        return max(Decimal(self.jobs[key]["billed_usd"]) - entry.max_usd, Decimal(0)) if entry else Decimal(0)

    @property
    def lost_files(self) -> list[str]:
        """Jobs that were paid and succeeded, and whose file the studio has not."""
        return [
            key
            for key, job in self.jobs.items()
            if job["state"] == "succeeded"
            and Decimal(job["billed_usd"])
            and (key not in self.entry_of or key in self.storm.said.values())
        ]

    def above_caps(self) -> dict[str, Decimal]:
        """The most that vendors had charged above the cap of each envelope, at any moment; below it, when negative.

        Without what they took above the most that they had said. Money that no entry knows counts in the slate.
        """
        places = {(wish.production, wish.place): wish.envelopes() for wish in WISHES}
        spent: defaultdict[str, Decimal] = defaultdict(Decimal)
        worst = {name: -cap for name, cap in self.storm.caps.items()}
        for line in self.storm.till.lines(self.storm.start):
            entry, usd = self.entry_of.get(job_key(line.get("job", ""))), Decimal(line["usd"])
            said = usd if entry is None else max(-entry.max_usd, min(entry.max_usd, usd))
            for name in places[entry.production, entry.place] if entry else (SLATE,):
                spent[name] += said
                worst[name] = max(worst[name], spent[name] - self.storm.caps[name])
        return worst

    def faults(self) -> Counter[str]:
        """What befell the orders of the storm, as the vendors drew it for each turn."""
        drawn = map(self.storm.weather.faults.drawn, range(1, self.storm.orders + 1))
        return Counter(fault for fault in drawn if fault)

    def bought_twice(self) -> int:
        """How many identities were paid for, or billed, more than once."""
        return sum(" times" in problem for problem in self._of_identities())

    def is_listed(self, key: str) -> bool:
        """Whether a job can be found again: the vendor lists it, or its answer lies here."""
        entry = self.entry_of.get(key)
        return self.jobs[key]["vendor"] in _LIST_THEIR_JOBS or bool(entry and self.storm.shop.kept(entry))

    def problems(self) -> list[str]:
        """Everything that is not as it was promised; empty when all is well."""
        if self.storm.troubles:
            return [f"a process met what it should not:\n{text}" for text in self.storm.troubles]
        return [*self._of_money(), *self._of_identities(), *self._of_envelopes(), *self._of_files()]

    def _of_money(self) -> list[str]:
        found = []
        if (off := self.ledger_usd + self.untold_usd - self.meter_usd) != 0:
            found.append(f"ledger - meter is ${off}")
        for key, job in self.jobs.items():
            billed, entry = Decimal(job["billed_usd"]), self.entry_of.get(key)
            if entry and not may_be(job, entry):
                found.append(f"job {job['id']} is that of entry {entry.id}, which is of another wish")
            if entry is None:
                if billed:
                    found.append(f"job {job['id']} was billed ${billed} and the ledger does not know it")
            elif (paid := entry.settled_usd or Decimal(0)) != (
                billed if self._told(key) or not billed else entry.expected_usd
            ):
                found.append(f"job {job['id']} was billed ${billed}, entry {entry.id} says ${paid}")
        of_jobs = {entry.id for key, entry in self.entry_of.items() if key in self.jobs}
        found += [f"entry {e.id} is paid for no job" for e in self.entries if e.state in PAID and e.id not in of_jobs]
        return found

    def _of_identities(self) -> list[str]:
        bought = Counter(entry.identity for entry in self.entries if entry.state in PAID)
        billed = Counter(
            self.entry_of[key].identity
            for key, job in self.jobs.items()
            if key in self.entry_of and Decimal(job["billed_usd"])
        )
        jobs = Counter(entry.id for entry in self.entry_of.values())
        return [
            *(f"identity {name[:8]} was bought {times} times" for name, times in bought.items() if times > 1),
            *(f"identity {name[:8]} was billed {times} times" for name, times in billed.items() if times > 1),
            *(f"entry {name} has {times} jobs" for name, times in jobs.items() if times > 1),
        ]

    def _of_envelopes(self) -> list[str]:
        ended = (*PAID, "released")
        found = [f"entry {entry.id} is still {entry.state}" for entry in self.entries if entry.state not in ended]
        excess = self.excess_usd
        for name, over in self.storm.overdrawn.items():
            if over > excess:
                found.append(f"{name} was seen ${over} above its cap, and vendors took ${excess} above their word")
        worst = self.above_caps()
        found += [
            f"vendors had charged ${over} more than the cap of {name}" for name, over in worst.items() if over > 0
        ]
        return found

    def _of_files(self) -> list[str]:
        found, shown = [], {}
        for entry in self.entries:
            if entry.state != "settled" or entry.media is None:
                continue
            try:
                self.storm.shop.store.verify(entry.media)
            except HomeDamaged as damage:
                found.append(f"entry {entry.id} is settled: {damage}")
            seconds = self.storm.weather.town.seconds(kind_of(entry), entry.take)
            wish = (entry.model, entry.production, entry.place, seconds)
            if shown.setdefault(wish, entry.media.sha256) != entry.media.sha256:
                found.append(f"entry {entry.id} holds another file than others of its wish")
        if len(set(shown.values())) != len(shown):
            found.append("two wishes hold the same file")
        for key in filter(self.is_listed, self.lost_files):
            found.append(f"job {key} is done and paid for, can be found again, and its file is not here")
        for key, job in self.jobs.items():
            entry = self.entry_of.get(key)
            if job["state"] == "succeeded" and entry and entry.state == "released":
                found.append(f"job {key} succeeded, and entry {entry.id} is released: {entry.why}")
        return found

    def told(self) -> str:
        """The ledger beside the meter, for whoever has to find out why."""
        weather = self.storm.weather
        lines = [
            f"seed {weather.seed}, {weather.town.name}, {weather.faults}",
            f"ledger ${self.ledger_usd}, meter ${self.meter_usd}, slate ${self.cap_usd}, in {self.storm.seconds:.1f} s",
            f"caps { ({name: str(cap) for name, cap in self.storm.caps.items()}) }",
        ]
        of_entry: dict[str, list[str]] = {}
        for key, entry in self.entry_of.items():
            if key in self.jobs:
                job = self.jobs[key]
                of_entry.setdefault(entry.id, []).append(f"{key[:8]} {job['state']} ${job['billed_usd']}")
        lines += [
            f"{e.id:>4} {e.production} {e.place} {e.model.partition('/')[2]} take {e.take} {e.state:9} "
            f"${e.settled_usd or 0} | {', '.join(of_entry.get(e.id, [])) or '-'} | {e.why[:90]}"
            for e in self.entries
        ]
        alone = [job for key, job in self.jobs.items() if key not in self.entry_of]
        lines += [f"   - no entry | {job['id']} {job['kind']} {job['state']} ${job['billed_usd']}" for job in alone]
        return "\n".join([*lines, f"what befell the processes: {dict(Counter(what for what, _ in self.notes))}"])
