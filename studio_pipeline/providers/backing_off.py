"""Asking a vendor again that is overloaded or out of reach for a moment: the one place that does.

Only ``VendorAway`` with ``retry_after_s`` is asked again, which says that the vendor certainly did not take the job:
so nothing can be bought twice here. What may have been taken (``NoAnswer``) and what only a person can end goes
straight out.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from studio_pipeline.errors import VendorAway
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.providers.vendor import Fetched, JobState, Vendor
from studio_pipeline.providers.wrapping import Wrapping

LONGEST_PAUSE_S = 60.0
"""Of those that the vendor did not ask for."""
PATIENCE_S = 600.0
"""Longest that one call is kept waiting. A process that is silent for ``SILENT_S`` (``budget/purchases.py``) counts as
dead on other machines, so this is less."""
JITTER = 0.25
"""Pauses are up to this much longer, so that jobs which were turned away together do not come back together."""

RequestT = TypeVar("RequestT", bound=Frozen)
ResultT = TypeVar("ResultT")


class BackingOff(Wrapping[RequestT]):
    """``vendor``, asked up to ``tries`` times with growing pauses, never sooner than it says itself.

    Args:
        seed: equal seeds give equal pauses for the same job.
    """

    def __init__(
        self,
        vendor: Vendor[RequestT],
        *,
        tries: int = 5,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        seed: int = 0,
    ) -> None:
        super().__init__(vendor)
        self._tries = tries
        self._sleep = sleep
        self._clock = clock
        self._seed = seed

    def submit(self, request: RequestT, *, client_tag: str) -> str:
        return self._asked(client_tag, lambda: self._vendor.submit(request, client_tag=client_tag))

    def poll(self, job_id: str, request: RequestT) -> JobState:
        return self._asked(job_id, lambda: self._vendor.poll(job_id, request))

    def fetch(self, job_id: str, request: RequestT, into: Path) -> Fetched:
        return self._asked(job_id, lambda: self._vendor.fetch(job_id, request, into))

    def validate_credentials(self) -> str:
        return self._asked("credentials", self._vendor.validate_credentials)

    def _asked(self, job: str, ask: Callable[[], ResultT]) -> ResultT:
        started = self._clock()
        turned_away = 0
        while True:
            try:
                return ask()
            except VendorAway as away:
                turned_away += 1
                if away.retry_after_s is None or turned_away >= self._tries:
                    raise
                pause_s = self._pause_s(job, turned_away, away.retry_after_s)
                if self._clock() - started + pause_s > PATIENCE_S:
                    raise
            self._sleep(pause_s)

    def _pause_s(self, job: str, turned_away: int, asked_for_s: float) -> float:
        pause_s = max(asked_for_s, min(2.0 ** (turned_away - 1), LONGEST_PAUSE_S))
        digest = hashlib.sha256(f"{self._seed}:{job}:{turned_away}".encode()).digest()
        return pause_s * (1 + JITTER * int.from_bytes(digest[:4], "big") / 2**32)
