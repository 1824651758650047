"""The way of one purchase from its reservation to its settlement, so that no crash at any moment loses money or a file.

Wait for room → commit *submitting* → submit → commit the job id → poll → fetch beside the store → check → store →
settle. A purchase that a dead process left open is taken over where it stood: a job that the vendor has is polled and
fetched, never handed in again. One that died between *submitting* and the job id may or may not have reached the
vendor: when its price is only simulated nobody can have charged it and it is handed in again; when the price is real it
becomes *ambiguous*, its money stays set aside, and nobody tries again. It is looked for in the vendor's own list of
jobs where there is one, each time it is wanted: found, it goes on as that job. Not being in the list proves nothing,
so then a person decides (``studio ledger resolve``). Where the vendor's answer is the file itself, and it was put away
before the process died, that answer is the job, and nothing is in doubt. As long as a vendor has a job, trouble with
asking for it is never a reason to buy another one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from studio_pipeline.budget.amounts import rounded_up
from studio_pipeline.budget.ledger import Ledger
from studio_pipeline.budget.purchase import Entry
from studio_pipeline.errors import (
    BadInput,
    HomeDamaged,
    HomeLocked,
    JobFailed,
    MediaDamaged,
    OutOfBudget,
    PromptRefused,
    ProviderFailed,
    VendorAway,
)
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.media.store import MediaStore
from studio_pipeline.providers.undelivered import unanswered, undelivered
from studio_pipeline.providers.vendor import Fetched, JobState, Keeps, Lists, TakesTime, TakesTurns, Vendor

JOB_LIMIT_S = 3600
"""How long a vendor's job is waited for, where the vendor has no limit of its own (``TakesTime``). It stays submitted
after that: the next run goes on waiting."""
FETCHES = 3
"""How often a finished file is fetched that comes down damaged, before it counts as not delivered."""
CLOCKS_DIFFER_S = 120
"""How much the vendor's clock may be behind ours when a job is looked for by its time."""
TOUCH_S = 60
"""How often a waiting process signs its entry anew, for processes on other machines."""

Check = Callable[[Path], None]
"""Looks at a finished file; raises ``MediaDamaged`` when it is not what was asked for."""


@dataclass(frozen=True)
class Means:
    """What errands are run with."""

    ledger: Ledger
    store: MediaStore
    poll_interval_s: float
    sleep: Callable[[float], None]
    clock: Callable[[], float]


class TakenOver(Exception):
    """Another process has found the job of an ambiguous entry first, and is at work on it."""


class Errand:
    """One open entry on its way to settlement."""

    def __init__(self, means: Means, vendor: Vendor[Any], request: Any, entry: Entry, check: Check | None) -> None:
        self._means = means
        self._ledger = means.ledger
        self._vendor = vendor
        self._request = request
        self._entry = entry
        self._check = check
        self._signed = means.clock()

    def run(self) -> Entry:
        """Do what is left to be done; returns the settled entry.

        Raises:
            ProviderFailed: when the vendor did not deliver; says whether it was charged.
            TakenOver: when another process has gone on with it.
        """
        try:
            with self._turn():
                self._submit()
                job = self._wait()
            return self._settle(job)
        finally:
            self._leave()

    def _turn(self) -> AbstractContextManager[None]:
        """Room at a vendor that has room for so many, before anything is handed in: dying in the queue costs nothing.

        A job that the vendor has, or may have, is under way without.
        """
        if self._entry.state == "reserved" and isinstance(self._vendor, TakesTurns):
            return self._vendor.turn(self._sign)
        return nullcontext()

    def _submit(self) -> None:
        """Hand the job in, unless the vendor has it already."""
        if self._entry.state == "submitting" and not self._entry.simulated:
            if (job_id := self._kept()) is not None:
                self._entry = self._ledger.submitted(self._entry, job_id)
                return
            self._unanswered("the process died after it began to hand the job in and before the vendor's answer")
        if self._entry.state == "ambiguous":
            self._look_for_it()
        if self._entry.state == "submitted":
            return
        if self._entry.state == "reserved":
            self._entry = self._ledger.submitting(self._entry)
        try:
            job_id = self._vendor.submit(self._request, client_tag=self._tag)
        except (ProviderFailed, OutOfBudget, BadInput) as error:  # certainly not taken
            verdict = (
                "refused" if isinstance(error, PromptRefused) else "failed" if isinstance(error, JobFailed) else None
            )
            self._entry = self._ledger.release(self._entry, str(error), verdict=verdict)
            raise
        except Exception as error:
            if self._entry.simulated:
                self._entry = self._ledger.release(self._entry, repr(error))
                raise
            self._unanswered(f"no answer to the handing in: {error!r}")
            self._look_for_it(cause=error)
            return
        self._entry = self._ledger.submitted(self._entry, job_id)

    def _kept(self) -> str | None:
        return self._vendor.kept(self._tag) if isinstance(self._vendor, Keeps) else None

    def _unanswered(self, why: str) -> None:
        self._entry = self._ledger.ambiguous(self._entry, why)

    def _look_for_it(self, cause: Exception | None = None) -> None:
        """Find the job of an ambiguous entry: its answer that was put away here, or, in the vendor's own list, one
        that no entry has."""
        if (kept := self._kept()) is not None:
            self._go_on_with(kept)
            return
        if isinstance(self._vendor, Lists):
            since_s = datetime.fromisoformat(self._entry.opened_at).timestamp() - CLOCKS_DIFFER_S
            try:
                listed = self._vendor.jobs_like(self._request, client_tag=self._tag, since_s=since_s)
            except Exception as error:  # a list that cannot be had or read proves nothing
                raise unanswered(self._entry, before=cause is None) from error
            known = self._ledger.job_ids(self._vendor.name)
            for job_id in listed:
                if job_id in known:
                    continue
                with suppress(ProviderFailed):  # another process was faster and has given this job to another entry
                    self._go_on_with(job_id)
                    return
        raise unanswered(self._entry, before=cause is None) from cause

    def _go_on_with(self, job_id: str) -> None:
        try:
            self._entry = self._ledger.found(self._entry, job_id)
        except HomeLocked as error:
            raise TakenOver from error

    def _wait(self) -> JobState:
        """Poll until the job is done."""
        started = self._means.clock()
        limit_s = self._vendor.job_limit_s(self._request) if isinstance(self._vendor, TakesTime) else JOB_LIMIT_S
        while (job := self._poll()).state not in ("done", "failed"):
            if self._means.clock() - started > limit_s:
                raise ProviderFailed(
                    f"{self._vendor.name} has not finished job {self._job_id} in {limit_s / 60:.0f} minutes",
                    where=self._entry.place,
                    todo="The job stays handed in; give the same command again to go on waiting.",
                )
            self._sign()
            self._means.sleep(self._means.poll_interval_s)
        if job.state == "failed":
            self._fail(job)
        return job

    def _poll(self) -> JobState:
        with self._under_way():
            return self._vendor.poll(self._job_id, self._request)

    @contextmanager
    def _under_way(self) -> Iterator[None]:
        """The vendor has the job: whatever it says now is no reason to buy the same from another, or another take."""
        try:
            yield
        except (VendorAway, PromptRefused, JobFailed) as trouble:
            raise ProviderFailed(
                f"{trouble.what}; job {self._job_id} stays handed in",
                where=trouble.where or self._entry.place,
                todo="Put that right or wait, then give the same command again: it goes on with that job.",
            ) from trouble

    def _sign(self) -> None:
        """Say now and then that this process is still at it."""
        now = self._means.clock()
        if now - self._signed > TOUCH_S:
            self._signed, self._entry = now, self._ledger.touch(self._entry)

    def _fail(self, job: JobState) -> None:
        price = self._price(job)
        words, verdict = job.message or "no reason given", "refused" if job.refused else "failed"
        if job.billed and not self._entry.simulated:
            self._entry = self._ledger.lose(self._entry, price, words, verdict=verdict)
        else:
            self._entry = self._ledger.release(self._entry, words, verdict=verdict)
        raise undelivered(self._entry)

    def _settle(self, job: JobState) -> Entry:
        price = self._price(job)
        try:
            media, fetched = self._fetch_whole()
        except MediaDamaged as error:
            if self._entry.simulated:
                self._entry = self._ledger.release(self._entry, str(error))
                raise
            self._entry = self._ledger.lose(self._entry, price, f"{error.what}, {FETCHES} times over")
            raise undelivered(self._entry) from error
        except ProviderFailed as error:
            # A real job is charged by now: it stays submitted, so that the next run fetches it again for nothing.
            if self._entry.simulated:
                self._entry = self._ledger.release(self._entry, str(error))
            raise
        self._entry = self._ledger.settle(self._entry, price, media, details=fetched.details, events=fetched.events)
        return self._entry

    def _price(self, job: JobState) -> Decimal:
        """What the vendor charged, as exact as the ledger keeps it; as quoted when it does not say."""
        return rounded_up(job.price_usd) if job.price_usd is not None else self._entry.expected_usd

    def _fetch_whole(self) -> tuple[MediaRef, Fetched]:
        """Fetch; what came down damaged is fetched again, because a line may break and a job is paid once."""
        for _ in range(1 if self._entry.simulated else FETCHES - 1):
            try:
                return self.bring()
            except MediaDamaged:
                if self._entry.simulated:
                    raise
                self._means.sleep(self._means.poll_interval_s)
        return self.bring()

    def bring(self) -> tuple[MediaRef, Fetched]:
        """Bring the finished file down, check it, and store it."""
        with self._means.store.workdir() as work:
            raw = work / "fetched"
            with self._under_way():
                fetched = self._vendor.fetch(self._job_id, self._request, raw)
            if not raw.is_file() or raw.stat().st_size == 0:
                raise MediaDamaged(
                    f"{self._vendor.name} says job {self._job_id} is done, and delivered an empty file",
                    where=self._entry.place,
                    todo="Give the same command again to fetch it once more.",
                )
            made = raw
            if fetched.suffix.isascii() and fetched.suffix[1:].isalnum():
                made = raw.rename(work / f"fetched{fetched.suffix}")
            if self._check is not None:
                self._check(made)
            return self._means.store.put_file(made, fetched.suffix), fetched

    def _leave(self) -> None:
        """Give an entry that is still open to whoever comes next; one that was never sent goes back at once."""
        if self._entry.state == "reserved":
            self._ledger.release(self._entry, "given up before it was handed in")
        elif self._entry.state in ("submitting", "submitted"):
            self._ledger.let_go(self._entry)

    @property
    def _tag(self) -> str:
        return self._entry.identity[:32]

    @property
    def _job_id(self) -> str:
        if self._entry.job_id is None:
            raise HomeDamaged(
                f"Ledger entry {self._entry.id} is {self._entry.state} but names no job",
                where=self._entry.place,
                todo="Make a new take of it, and check the ledger's file.",
            )
        return self._entry.job_id
