"""The one thing behind every shape: it accepts orders, lets them ripen, and hands out what came of them.

Shapes translate; everything that costs or fails is decided here, so that every shape fails alike.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal

from studio_pipeline.fake_vendor import media
from studio_pipeline.fake_vendor.faults import Fault, FaultName, Faults
from studio_pipeline.fake_vendor.meter import Meter
from studio_pipeline.fake_vendor.orders import Damage, Job, Order, State

__all__ = ["Engine", "Job", "Order"]

_QUEUED_SHARE = 0.3
"""How much of its latency a job spends waiting."""
_STEP_S = 0.02


@dataclass(frozen=True)
class _Accepted:
    job: Job
    latency_s: float
    fate: FaultName | None


class Engine:
    """Jobs of all vendors. Safe for several threads."""

    def __init__(self, faults: Faults, meter: Meter, *, clock: Callable[[], float] = time.time) -> None:
        self.meter = meter
        self.uploads: dict[str, bytes] = {}
        """Files handed in ahead of an order, by the name a shape gave them."""
        self.remembered: set[str] = set()
        """What a shape wants to know again when it is asked the next time."""
        self._faults = faults
        self._clock = clock
        self._lock = threading.RLock()
        self._jobs: dict[str, _Accepted] = {}
        self._planned: deque[FaultName | None] = deque()
        self._turn = 0

    @property
    def faults(self) -> Faults:
        return self._faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        with self._lock:
            self._faults = faults

    def plan(self, *faults: FaultName | None) -> None:
        """What befalls the next orders, one each; ``None`` is nothing. The knobs decide again after that."""
        with self._lock:
            self._planned.extend(faults)

    def accept(self, order: Order) -> Job:
        """Take an order and charge it.

        Raises:
            Fault: ``overloaded``, ``unavailable`` and ``moderated`` were not accepted and cost nothing;
                ``error_after_accepting`` and ``dropped`` were, and do.
        """
        with self._lock:
            now = self._clock()
            self._turn += 1
            fault = self._planned.popleft() if self._planned else self._faults.drawn(self._turn)
            if fault in ("overloaded", "unavailable", "moderated"):
                self.meter.refuse(order, fault, now)
                raise Fault(fault, self._faults.retry_after_s if fault != "moderated" else None)
            price = order.price_usd * (1 + Decimal(str(self._faults.drift_pct)) / 100)
            billed = (price / order.step_usd).to_integral_value(ROUND_CEILING) * order.step_usd
            job = Job(
                id=_name(self._faults.seed, self._turn),
                order=order,
                state="queued",
                billed_usd=billed,
                created_s=now,
                damaged=self._damage() if fault == "damaged" else None,
            )
            self._jobs[job.id] = _Accepted(job, self._faults.latency_s, fault)
            self.meter.charge(job)
            if fault in ("error_after_accepting", "dropped"):
                raise Fault(fault)
            return self._ripened(job.id)

    def job(self, job_id: str) -> Job | None:
        """How a job stands now."""
        with self._lock:
            return self._ripened(job_id) if job_id in self._jobs else None

    def jobs(self, vendor: str | None = None) -> list[Job]:
        """All jobs, or those of a vendor, oldest first."""
        with self._lock:
            found = [self._ripened(job_id) for job_id in self._jobs]
            return [job for job in found if vendor in (None, job.order.vendor)]

    def finished(self, job: Job) -> Job:
        """Wait until it has ended: for vendors whose answer is the file."""
        while not job.ended:
            time.sleep(_STEP_S)
            job = self.job(job.id) or job
        return job

    def cancel(self, job_id: str) -> Job | None:
        """Stop a job: refunded while it is queued, billed when it runs, unchanged when it has ended."""
        with self._lock:
            job = self.job(job_id)
            if job is None or job.ended:
                return job
            return self._end(job, "cancelled", billed=job.state == "running", message="Cancelled.")

    def content(self, job: Job) -> tuple[bytes, str]:
        """The file of a job that succeeded, and its content type."""
        made, kind = media.made_for(job.order)
        return media.damaged(job.damaged, made, kind) if job.damaged else (made, kind)

    def reset(self) -> None:
        """Forget every job, plan and turn; the meter is the server's to renew."""
        with self._lock:
            self._jobs.clear()
            self.uploads.clear()
            self.remembered.clear()
            self._planned.clear()
            self._turn = 0

    def _damage(self) -> Damage:
        """Each kind in its turn."""
        before = sum(accepted.job.damaged is not None for accepted in self._jobs.values())
        return "cut" if before % 2 else "page"

    def _ripened(self, job_id: str) -> Job:
        accepted = self._jobs[job_id]
        job, age_s = accepted.job, self._clock() - accepted.job.created_s
        if job.ended:
            return job
        if age_s < accepted.latency_s:
            running = age_s >= accepted.latency_s * _QUEUED_SHARE
            return replace(job, state="running") if running else job
        match accepted.fate:
            case "failed_billed":
                return self._end(job, "failed", billed=True, message="The model failed.")
            case "failed_unbilled":
                return self._end(job, "failed", billed=False, message="The model failed; this is not charged.")
            case "moderated_late":
                return self._end(job, "moderated", billed=False, message="Moderation does not want this.")
            case _:
                return self._end(job, "succeeded", billed=True, message="")

    def _end(self, job: Job, state: State, *, billed: bool, message: str) -> Job:
        accepted = self._jobs[job.id]
        now = self._clock()
        kept = job.billed_usd if billed else Decimal(0)
        ended = replace(job, state=state, billed_usd=kept, ended_s=now, message=message)
        self._jobs[job.id] = replace(accepted, job=ended)
        if not billed:
            self.meter.refund(ended, job.billed_usd, now)
        return ended


def _name(seed: int, turn: int) -> str:
    """A job's id: like a UUID, and the same for the same seed and turn."""
    digest = hashlib.sha256(f"job:{seed}:{turn}".encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"
