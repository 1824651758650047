"""One seed from beginning to end: eight processes that buy and are killed, then calm, then a person, then calm.

What lives here: who is started when, and the looks that are taken meanwhile. What does not: what a seed means
(``weather.py``), what a process does (``buyers.py``), and what must be true afterwards (``audit.py``).
"""

from __future__ import annotations

import functools
import multiprocessing
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from unittest import mock

from studio_pipeline.budget.purchase import Entry
from studio_pipeline.fake_vendor.faults import Faults
from studio_pipeline_tests.backlot.money.buyers import Shop, live
from studio_pipeline_tests.backlot.money.till import Till
from studio_pipeline_tests.backlot.money.weather import (
    PROCESSES,
    SLATE,
    TOWNS,
    WISHES,
    Fate,
    Kind,
    Weather,
    Wish,
    prompt,
)

PATIENCE_S = 90
_STEP_S = 0.01
_LOOK_S = 0.1
_FORK = multiprocessing.get_context("fork")


class Stuck(Exception):
    """Processes that do not end."""


@dataclass
class Storm:
    """What happened."""

    weather: Weather
    shop: Shop
    till: Till
    start: int
    """Where in the vendors' books it begins."""
    caps: dict[str, Decimal] = field(default_factory=dict)
    orders: int = 0
    """How many orders reached the vendors while faults were on."""
    overdrawn: dict[str, Decimal] = field(default_factory=dict)
    """The most that any look at the ledger saw an envelope above its cap."""
    looks: int = 0
    said: dict[str, str] = field(default_factory=dict)
    """What the person said: entries, and the jobs that they are; an empty one is no job."""
    troubles: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def look(self) -> None:
        """Is any envelope overdrawn now?"""
        self.looks += 1
        for production in {wish.production for wish in WISHES}:
            for name, balance in self.shop.ledger.statement(production).envelopes.items():
                over = balance.settled_usd + balance.reserved_usd - balance.cap_usd
                self.overdrawn[name] = max(self.overdrawn.get(name, over), over)
        meter = self.till.meter_usd() - self.caps[SLATE]
        self.overdrawn["meter"] = max(self.overdrawn.get("meter", meter), meter)

    def entries(self) -> list[Entry]:
        names = sorted({wish.production for wish in WISHES})
        return [entry for name in names for entry in self.shop.ledger.entries(name) if entry.state != "avoided"]


@contextmanager
def one_tls_context() -> Iterator[None]:
    """Reading the machine's certificates takes longer than a whole purchase here, and nobody speaks TLS."""
    with mock.patch.object(ssl, "create_default_context", functools.lru_cache(ssl.create_default_context)):
        yield


def run(seed: int, folder: Path, url: str, till: Till) -> Storm:
    """Let the weather of ``seed`` pass over an empty folder and an empty ledger at ``url``."""
    began = time.monotonic()
    weather = Weather.of(seed)
    with one_tls_context():
        start = till.begin(weather.faults)
        storm = Storm(weather, Shop.opened(folder, url, weather, till.environ), till, start)
        storm.caps = weather.caps(storm.shop.prices())
        storm.shop.ledger.set_caps(storm.caps)
        for production in {wish.production for wish in WISHES}:
            storm.shop.ledger.enrol(production, SLATE)
        for vendor in storm.shop.vendors.values():
            vendor.validate_credentials()  # imports what it needs, and has a line open
        if not weather.warm:  # nobody who is forked inherits anything that is open
            storm.shop = Shop.opened(folder, url, weather, till.environ)
        _rage(storm)
        till.quiet()
        storm.orders = till.orders()
        _calm(storm)
        while not storm.troubles and (held := [entry for entry in storm.entries() if entry.state == "ambiguous"]):
            _ask_a_person(storm, held)
            _calm(storm)
    storm.seconds = time.monotonic() - began
    return storm


def _rage(storm: Storm) -> None:
    """All processes at once, each started anew when it was killed."""
    lives = dict.fromkeys(range(PROCESSES), 0)
    alive: dict[int, tuple[BaseProcess, float]] = {}
    give_up, next_look = time.monotonic() + PATIENCE_S, 0.0
    try:
        for slot in lives:
            alive[slot] = _started(storm, slot, 0)
        while alive:
            for slot, (process, dies_at) in list(alive.items()):
                if time.monotonic() > dies_at and process.is_alive():
                    storm.shop.note("killed from outside")
                    process.kill()
                    process.join()
                if process.is_alive():
                    continue
                process.join()
                del alive[slot]
                if process.exitcode and process.exitcode < 0:
                    lives[slot] += 1
                    alive[slot] = _started(storm, slot, lives[slot])
            if time.monotonic() > next_look:
                storm.look()
                next_look = time.monotonic() + _LOOK_S
            if time.monotonic() > give_up:
                raise Stuck(f"seed {storm.weather.seed}: {len(alive)} processes neither end nor die")
            time.sleep(_STEP_S)
    finally:
        for process, _ in alive.values():
            process.kill()
            process.join()
    _collect(storm)


def _started(storm: Storm, slot: int, life: int) -> tuple[BaseProcess, float]:
    fate = storm.weather.fate(slot, life)
    process = _forked(storm, storm.weather.wishes(slot, life), fate)
    return process, time.monotonic() + fate.delay_s if fate.delay_s is not None else float("inf")


def _forked(storm: Storm, wishes: list[Wish], fate: Fate) -> BaseProcess:
    process = _FORK.Process(target=live, args=(storm.shop, wishes, fate))
    process.start()
    return process


def _calm(storm: Storm) -> None:
    """Without faults, one process wants everything: it finishes what is open."""
    storm.till.quiet()
    storm.till.ask("PUT", "/faults", _faultless(storm.weather.faults))
    process = _forked(storm, list(WISHES), Fate())
    process.join(PATIENCE_S)
    if process.is_alive():
        process.kill()
        process.join()
        raise Stuck(f"seed {storm.weather.seed}: the process in the calm does not end")
    storm.look()
    _collect(storm)


def _faultless(faults: Faults) -> dict[str, Any]:
    none = Faults()
    rates = {name: getattr(none, name) for name in none.__dataclass_fields__ if name not in ("latency_s", "seed")}
    return {**rates, "drift_pct": faults.drift_pct}


def _ask_a_person(storm: Storm, held: list[Entry]) -> None:
    """Somebody looks at the vendor's own pages: which job each purchase is, or at least whether it was charged."""
    unknown = _not_in_the_ledger(storm)
    for entry in held:
        its = next((job for job in unknown if may_be(job, entry)), None)
        if its is not None:
            unknown.remove(its)
            if entry.vendor == "runway":  # its jobs have pages of their own there, and can be fetched by their names
                storm.shop.ledger.name_job(entry.id, its["id"])
                continue
        billed = Decimal(its["billed_usd"]) if its else Decimal(0)
        storm.shop.ledger.resolve(entry.id, billed > 0, "the producer", amount_usd=billed if billed else None)
        storm.said[entry.id] = job_key(its["id"]) if its else ""


def _not_in_the_ledger(storm: Storm) -> list[dict[str, Any]]:
    """Jobs that the vendors know and the ledger does not, the charged ones first."""
    entries = storm.entries()
    known = {job_key(entry.job_id) for entry in entries if entry.job_id} | set(storm.said.values())
    jobs = sorted(storm.till.jobs(), key=lambda job: Decimal(job["billed_usd"]) == 0)
    unknown = [job for job in jobs if job_key(job["id"]) not in known]
    for entry in entries:
        if named_here(entry):
            unknown.remove(next(job for job in unknown if may_be(job, entry)))
    return unknown


def named_here(entry: Entry) -> bool:
    """Whether its job has a name of ours, because the vendor's answer was the file: both sides know only its words."""
    return (entry.job_id or "").startswith("inbox:")


def kind_of(entry: Entry) -> Kind:
    return "video" if entry.model in {town.models["video"] for town in TOWNS} else "image"


def may_be(job: dict[str, Any], entry: Entry) -> bool:
    """Whether a job is of the same vendor, kind, words and length as an entry."""
    town, kind = next(town for town in TOWNS if entry.model in town.models.values()), kind_of(entry)
    asked = (entry.vendor, kind, prompt(entry.production, entry.place), town.seconds(kind, entry.take))
    return (job["vendor"], job["kind"], job["prompt"], job["seconds"]) == asked


def job_key(job_id: str) -> str:
    """A job by a name that the vendors' books and the ledger share: without paths, prefixes and hyphens."""
    return job_id.rpartition("/")[2].removeprefix("video_").replace("-", "")


def _collect(storm: Storm) -> None:
    for file in sorted(storm.shop.folder.glob("trouble-*.txt")):
        storm.troubles.append(file.read_text())
        file.unlink()
