"""What the fake vendors would bill, in all and by vendor, and one line a movement of money in the books.

An order is charged when it is accepted, as vendors with prepaid credits do, and refunded when it ends unbilled. So the
meter is never too low, whatever nobody asks about any more.
"""

from __future__ import annotations

import json
import os
import threading
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from studio_pipeline.fake_vendor.faults import FaultName
from studio_pipeline.fake_vendor.orders import Job, Order


class Meter:
    """Safe for several threads."""

    def __init__(self, books: Path | None = None) -> None:
        self._books = books
        self._lock = threading.Lock()
        self._billed: dict[str, Decimal] = defaultdict(Decimal)
        self._accepted: dict[str, int] = defaultdict(int)
        self._refused: dict[str, int] = defaultdict(int)

    @property
    def total_usd(self) -> Decimal:
        with self._lock:
            return sum(self._billed.values(), Decimal(0))

    def billed_usd(self, vendor: str) -> Decimal:
        with self._lock:
            return self._billed.get(vendor, Decimal(0))

    def accepted(self, vendor: str) -> int:
        """How many jobs a vendor took."""
        with self._lock:
            return self._accepted.get(vendor, 0)

    def summary(self) -> dict[str, Any]:
        """Money as decimal strings."""
        with self._lock:
            names = sorted({*self._billed, *self._accepted, *self._refused})
            return {
                "billed_usd": str(sum(self._billed.values(), Decimal(0))),
                "vendors": {
                    name: {
                        "billed_usd": str(self._billed.get(name, Decimal(0))),
                        "accepted": self._accepted.get(name, 0),
                        "refused": self._refused.get(name, 0),
                    }
                    for name in names
                },
            }

    def charge(self, job: Job) -> None:
        """A job was accepted."""
        with self._lock:
            self._accepted[job.order.vendor] += 1
            self._billed[job.order.vendor] += job.billed_usd
            self._write("charged", job.order, job.billed_usd, job.created_s, job=job.id)

    def refund(self, job: Job, usd: Decimal, at_s: float) -> None:
        """A job ended without being billed."""
        with self._lock:
            self._billed[job.order.vendor] -= usd
            self._write("refunded", job.order, -usd, at_s, job=job.id, why=job.state)

    def refuse(self, order: Order, why: FaultName, at_s: float) -> None:
        """An order was not accepted."""
        with self._lock:
            self._refused[order.vendor] += 1
            self._write("refused", order, Decimal(0), at_s, why=why)

    def _write(
        self, event: Literal["charged", "refunded", "refused"], order: Order, usd: Decimal, at_s: float, **more: str
    ) -> None:
        if self._books is None:
            return
        line = {"event": event, "vendor": order.vendor, "model": order.model, "kind": order.kind, "usd": str(usd)}
        with self._books.open("a", encoding="utf-8") as file:
            file.write(json.dumps({**line, "tag": order.tag, "at_s": round(at_s, 3), **more}) + "\n")
            file.flush()
            os.fsync(file.fileno())
